"""From decoded sound frames to mono 16 kHz samples that lie where their timestamps say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

Samples = NDArray[np.float32]
"""Mono samples (n,), full scale ±1."""

JITTER_S = 0.04
"""Timestamps that differ by less than this from where the samples run are taken for jitter:
about two frames of the usual codings, and a tenth of what a pause between speakers is."""

_BATCH = 32_768
_CANCELLED = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Mono samples (n,) at ``rate_hz`` that start at ``start_s`` on the file's clock.

    ``start_s`` is ``None`` where the file gives no time, which means: right after the last one.
    """

    start_s: Fraction | None
    rate_hz: int
    samples: Samples

    @property
    def duration_s(self) -> Fraction:
        return Fraction(len(self.samples), self.rate_hz)


def channels(frames: Sequence[AudioFrame]) -> Samples:
    """Samples (channels, n) in ±1 of the frames that have the format of the first.

    The frames lose their timestamps.
    """
    first = frames[0]
    data = _joined([f for f in frames if _alike(f, first)]).to_ndarray()
    if not first.format.is_planar:
        data = data.reshape(-1, first.layout.nb_channels).T
    return _as_float(data)


def _joined(frames: Sequence[AudioFrame]) -> AudioFrame:
    """One frame of all; joined by the library, as an array for each of 47 a second costs more
    than decoding them."""
    import av

    if len(frames) == 1:
        return frames[0]
    queue = av.AudioFifo()
    for frame in frames:
        # The queue refuses times that leave the count of samples, which is decided elsewhere.
        frame.pts = None
        queue.write(frame)
    joined = queue.read(0, partial=True)
    assert joined is not None
    return joined


def batched(
    frames: Iterable[AudioFrame], base: Fraction, zero: Fraction, channel: int | None
) -> Iterator[Piece]:
    """Pieces of about a second from frames that follow each other, times on the file's clock.

    ``base`` is the time base of the frames' timestamps, ``zero`` the time of the clock's 0. A
    frame whose time leaves the count of samples by ``JITTER_S`` starts a new piece.
    """
    group: list[AudioFrame] = []
    samples = 0
    for frame in frames:
        if frame.samples == 0 or frame.sample_rate <= 0:
            continue
        if group and (samples >= _BATCH or not _follows(group[0], samples, frame, float(base))):
            yield _piece(group, base, zero, channel)
            group, samples = [], 0
        group.append(frame)
        samples += frame.samples
    if group:
        yield _piece(group, base, zero, channel)


def _alike(frame: AudioFrame, first: AudioFrame) -> bool:
    return (
        frame.sample_rate == first.sample_rate
        and frame.format.name == first.format.name
        and frame.layout.nb_channels == first.layout.nb_channels
    )


def _follows(first: AudioFrame, samples: int, frame: AudioFrame, base_s: float) -> bool:
    if not _alike(frame, first):
        return False
    if first.pts is None or frame.pts is None:
        return frame.pts is None
    return abs((frame.pts - first.pts) * base_s - samples / first.sample_rate) < JITTER_S


def _piece(
    group: Sequence[AudioFrame], base: Fraction, zero: Fraction, channel: int | None
) -> Piece:
    pts, rate_hz = group[0].pts, group[0].sample_rate
    sound = channels(group)
    alone = channel is not None and channel < len(sound)
    samples: Samples = sound[channel] if alone else sound.mean(axis=0, dtype=np.float32)
    return Piece(None if pts is None else pts * base - zero, rate_hz, samples)


def loudest_if_cancelling(sound: Samples) -> int | None:
    """A channel of (channels, n) to use alone where the mean of all cancels out, else ``None``.

    Happens when a balanced microphone is plugged into a stereo input: both channels carry the
    same sound with opposite signs. Two channels of similar loudness must be involved.
    """
    if len(sound) < 2 or sound.shape[1] == 0:
        return None
    power = np.mean(sound.astype(np.float64) ** 2, axis=1)
    mixed = float(np.mean(sound.mean(axis=0, dtype=np.float64) ** 2))
    loudest = float(power.max())
    if loudest == 0 or np.sort(power)[-2] < loudest / 4 or mixed >= _CANCELLED**2 * loudest:
        return None
    return int(np.argmax(power))


def _as_float(data: NDArray[Any]) -> Samples:
    if data.dtype.kind == "f":
        # Floating-point recordings may hold values that are no numbers; a resampler smears them.
        values = data.astype(np.float32)
        if np.isfinite(values).all():
            return values
        return np.nan_to_num(values, posinf=1.0, neginf=-1.0)
    half = np.float32(2 ** (8 * data.dtype.itemsize - 1))
    offset = half if data.dtype.kind == "u" else np.float32(0)
    scaled: Samples = (data.astype(np.float32) - offset) / half
    return scaled


class Resampler:
    """One continuous stretch of sound, brought to 16 kHz; keeps at most a batch in memory."""

    def __init__(self, rate_hz: int) -> None:
        import av

        self.rate_hz = rate_hz
        self._waiting: list[Samples] = []
        self._count = 0
        self._resampler = (
            None
            if rate_hz == SAMPLE_RATE_HZ
            else av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
        )

    def push(self, samples: Samples) -> Iterator[Samples]:
        """Take samples at the input rate; give what is ready at 16 kHz."""
        self._waiting.append(samples)
        self._count += len(samples)
        if self._count >= _BATCH:
            yield from self._run()

    def flush(self) -> Iterator[Samples]:
        """Give the rest; the resampler is used up afterwards."""
        if self._count:
            yield from self._run()
        if self._resampler is not None:
            for frame in self._resampler.resample(None):
                yield frame.to_ndarray()[0]

    def _run(self) -> Iterator[Samples]:
        from av.audio.frame import AudioFrame

        samples = np.concatenate(self._waiting)
        self._waiting, self._count = [], 0
        if self._resampler is None:
            yield samples
            return
        frame = AudioFrame.from_ndarray(samples[None, :], format="flt", layout="mono")
        frame.sample_rate = self.rate_hz
        for done in self._resampler.resample(frame):
            yield done.to_ndarray()[0]


def steady(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces, without single wrong timestamps.

    A time that jumps is believed only if the next piece does not go back to where the sound
    was: one damaged timestamp would otherwise tear the sound or fill hours with silence.
    """
    expected_s = Fraction(0)
    held: Piece | None = None
    for piece in pieces:
        if held is not None:
            resumed_s = expected_s + held.duration_s
            wrong = _jumps(held.start_s, expected_s) and not _jumps(piece.start_s, resumed_s)
            held = replace(held, start_s=None) if wrong else held
            expected_s = (expected_s if held.start_s is None else held.start_s) + held.duration_s
            yield held
        held = piece
    if held is not None:
        yield held


def _jumps(start_s: Fraction | None, expected_s: Fraction) -> bool:
    return start_s is not None and abs(start_s - expected_s) >= JITTER_S


class Timeline:
    """Places pieces on a 16 kHz grid: gaps become silence, overlaps are cut, jitter is ignored.

    Within a stretch without gaps samples are counted, not timed, so rounded timestamps cause no
    drift; as soon as timestamps leave the count by ``JITTER_S`` they are obeyed again.
    """

    def __init__(self) -> None:
        self.position = 0
        """Samples given so far; sample k lies at k/16000 s."""
        self.gaps: list[tuple[float, float]] = []
        self.overlap_s = 0.0
        """Sound thrown away because it claimed a time that was already filled."""
        self._resampler: Resampler | None = None
        self._next_s = Fraction(0)
        self._cut = 0

    def place(self, piece: Piece) -> Iterator[Samples]:
        """Samples that follow those given so far, in blocks; silence for gaps included."""
        start_s = self._next_s if piece.start_s is None else piece.start_s
        resampler = self._resampler
        jumps = _jumps(start_s, self._next_s)
        if resampler is None or resampler.rate_hz != piece.rate_hz or jumps:
            yield from self.finish()
            yield from self._begin(start_s)
            resampler = self._resampler = Resampler(piece.rate_hz)
            self._next_s = start_s
        self._next_s += piece.duration_s
        for block in resampler.push(piece.samples):
            yield from self._give(block)

    def finish(self) -> Iterator[Samples]:
        """The rest of the current stretch."""
        if self._resampler is not None:
            for block in self._resampler.flush():
                yield from self._give(block)
        self._resampler = None

    def _begin(self, start_s: Fraction) -> Iterator[Samples]:
        first = round(start_s * SAMPLE_RATE_HZ)
        self._cut = max(0, self.position - first)
        if self.position:
            self.overlap_s += self._cut / SAMPLE_RATE_HZ
        if first - self.position >= JITTER_S * SAMPLE_RATE_HZ:
            self.gaps.append((self.position / SAMPLE_RATE_HZ, first / SAMPLE_RATE_HZ))
        while self.position < first:
            silence = np.zeros(min(first - self.position, _BATCH), np.float32)
            self.position += len(silence)
            yield silence

    def _give(self, block: Samples) -> Iterator[Samples]:
        cut = min(self._cut, len(block))
        self._cut -= cut
        if cut < len(block):
            self.position += len(block) - cut
            yield block[cut:]
