"""A recording's sound as mono 16 kHz FLAC on the file's clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError, ResourceError
from classwatch.core.issues import Issue, Severity
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.progress import Progress, silent
from classwatch.core.time import Intervals, intervals
from classwatch.media.container import (
    CONVERT,
    only,
    opened,
    packets,
    sound_streams,
    time_base,
    zero_s,
)
from classwatch.media.sound import (
    Piece,
    Samples,
    Timeline,
    batched,
    channels,
    loudest_if_cancelling,
    steady,
)

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

SILENCE_PEAK = 0.001
"""A track that never exceeds this (-60 dB of full scale) counts as silent."""

_PEEKS = 6
_PEEK_S = 4.0
_STAGE = "audio"
_ROOM_BYTES = 1 << 20
_MAKE_ROOM = "free some space or check the permissions of the folder, then run again"


@dataclass(frozen=True, slots=True, eq=False)
class AudioFacts:
    """What was found while a recording's sound was written.

    ``gaps`` (n, 2): stretches without recorded sound that silence fills, a late start included.
    ``peak``: largest magnitude, full scale 1. ``channel``: the one used alone because the
    channels cancel out, else ``None`` for the mean of all.
    """

    duration_s: float
    track: int
    tracks: int
    channel: int | None
    gaps: Intervals
    skipped_packets: int
    peak: float
    silent: bool
    issues: tuple[Issue, ...]


@dataclass(slots=True)
class _Decoder:
    """Decodes one track and counts the packets that could not be."""

    container: InputContainer
    stream: AudioStream
    skipped: int = 0

    def frames(self) -> Iterator[AudioFrame]:
        for packet in packets(self.container, self.stream):
            yield from self._decode(packet)

    def _decode(self, packet: Packet[AudioStream]) -> list[AudioFrame]:
        import av

        try:
            return packet.decode()
        except MemoryError as error:
            raise ResourceError("not enough memory to decode sound") from error
        except av.FFmpegError:
            self.skipped += 1
            return []


@dataclass(frozen=True, slots=True)
class _Choice:
    """A track by its position, how many there are, and a channel to use alone."""

    track: int
    tracks: int
    channel: int | None


def write_audio(
    path: Path, out: Path, *, track: int | None = None, progress: Progress = silent
) -> AudioFacts:
    """Write the sound of ``path`` to ``out`` as FLAC, 16 bit, mono, 16 kHz.

    Sample k lies at k/16000 s on the file's clock: a late start and gaps are filled with silence,
    overlaps cut, jitter below ``JITTER_S`` absorbed. ``track`` counts sound tracks from 0;
    ``None`` takes the first that is not silent at a few places. Channels are averaged. Packets
    that cannot be decoded are skipped and counted. Memory does not depend on the length.

    Raises ``InputError`` where there is no such track or nothing of it can be decoded,
    ``ResourceError`` where ``out`` cannot be written (a part of it is removed).
    """
    choice = _choose(path, track)
    with opened(path) as container:
        stream = sound_streams(container)[choice.track]
        only(container, stream)
        decoder = _Decoder(container, stream)
        timeline = Timeline()
        pieces = batched(decoder.frames(), time_base(stream), zero_s(container), choice.channel)
        length_s = float(container.duration or 0) / 1e6
        peak = _write(out, _blocks(timeline, pieces), _Share(length_s, progress))
    if timeline.position == 0:
        out.unlink(missing_ok=True)
        raise InputError(
            f"sound track {choice.track} holds nothing that can be decoded",
            subject=str(path),
            remedy=CONVERT,
        )
    _check_length(out, timeline.position)
    progress(1.0)
    return AudioFacts(
        duration_s=timeline.position / SAMPLE_RATE_HZ,
        track=choice.track,
        tracks=choice.tracks,
        channel=choice.channel,
        gaps=intervals(timeline.gaps),
        skipped_packets=decoder.skipped,
        peak=peak,
        silent=peak < SILENCE_PEAK,
        issues=tuple(_issues(choice, decoder.skipped, timeline, peak)),
    )


def _choose(path: Path, track: int | None) -> _Choice:
    with opened(path) as container:
        streams = sound_streams(container)
        if not streams:
            raise InputError(
                "the file has no sound", subject=str(path), remedy="use it as a picture stream"
            )
        if track is not None and track >= len(streams):
            raise InputError(
                f"the file has {len(streams)} sound tracks, counted from 0; there is no {track}",
                subject=str(path),
                remedy="set media.audio_track to one of them, or leave it empty",
            )
        wanted = range(len(streams)) if track is None else (track,)
        peeks = {position: _peek(container, streams[position]) for position in wanted}
    loud = [p for p, sound in peeks.items() if np.abs(sound).max(initial=0.0) >= SILENCE_PEAK]
    chosen = loud[0] if loud else wanted[0]
    return _Choice(chosen, len(streams), loudest_if_cancelling(peeks[chosen]))


def _peek(container: InputContainer, stream: AudioStream) -> Samples:
    """A few seconds (channels, n) from a few places; everything where the track is short."""
    import av

    # PyAV leaves the context out where no decoder is known, which its annotations do not say.
    context: AudioCodecContext | None = stream.codec_context
    if context is None:
        return np.zeros((0, 0), np.float32)
    only(container, stream)
    length_s = Fraction(container.duration or 0, 1_000_000)
    start_s = Fraction(container.start_time or 0, 1_000_000)
    short = length_s <= Fraction(2 * _PEEKS * _PEEK_S)
    frames: list[AudioFrame] = []
    for place in range(1 if short else _PEEKS):
        at_s = start_s + length_s * place / _PEEKS
        try:
            container.seek(int(at_s / time_base(stream)), stream=stream)
        except av.FFmpegError:
            if place:
                break
        budget_s = float(length_s) if short and length_s else _PEEK_S
        for frame in _Decoder(container, stream).frames():
            frames.append(frame)
            budget_s -= frame.samples / max(frame.sample_rate, 1)
            if budget_s <= 0:
                break
    return channels(frames) if frames else np.zeros((0, 0), np.float32)


def _blocks(timeline: Timeline, pieces: Iterator[Piece]) -> Iterator[Samples]:
    for piece in steady(pieces):
        yield from timeline.place(piece)
    yield from timeline.finish()


@dataclass(slots=True)
class _Share:
    """Turns samples written into a share of the expected length, told at most 200 times."""

    length_s: float
    progress: Progress
    told: float = 0.0
    written: int = 0

    def add(self, samples: int) -> None:
        self.written += samples
        if self.length_s <= 0:
            return
        share = min(1.0, self.written / SAMPLE_RATE_HZ / self.length_s)
        if share - self.told >= 0.005:
            self.told = share
            self.progress(share)


def _write(out: Path, blocks: Iterator[Samples], share: _Share) -> float:
    """Write the blocks and return the peak; a part of a file is not left behind."""
    import soundfile

    peak = 0.0
    try:
        with soundfile.SoundFile(
            str(out), "w", SAMPLE_RATE_HZ, channels=1, format="FLAC", subtype="PCM_16"
        ) as file:
            for block in blocks:
                peak = max(peak, float(np.abs(block).max(initial=0.0)))
                file.write(_pcm16(block))
                share.add(len(block))
    except (soundfile.SoundFileError, AssertionError, OSError) as error:
        # libsndfile only says "system error"; a disk without room explains it.
        full = shutil.disk_usage(out.parent).free < _ROOM_BYTES
        out.unlink(missing_ok=True)
        raise ResourceError(
            f"the sound cannot be written: {'the disk is full' if full else error}",
            subject=str(out),
            remedy=_MAKE_ROOM,
        ) from error
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return peak


def _pcm16(samples: Samples) -> NDArray[np.int16]:
    """Nearest 16-bit values; sound that already had 16 bits at 16 kHz passes unchanged."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def _check_length(out: Path, samples: int) -> None:
    """A full disk can go unnoticed until the file is closed; then its header is not true."""
    import soundfile

    try:
        written = soundfile.info(str(out)).frames
    except soundfile.SoundFileError:
        written = 0
    if written != samples:
        out.unlink(missing_ok=True)
        raise ResourceError(
            f"only {written} of {samples} samples were written",
            subject=str(out),
            remedy=_MAKE_ROOM,
        )


def _issues(choice: _Choice, skipped: int, timeline: Timeline, peak: float) -> Iterator[Issue]:
    if peak < SILENCE_PEAK:
        yield Issue(
            "sound.silent",
            Severity.WARNING,
            _STAGE,
            "the sound is silent throughout",
            "check the microphone; give the sound as a stream of its own",
        )
    if choice.tracks > 1:
        yield Issue(
            "sound.tracks",
            Severity.INFO,
            _STAGE,
            f"sound track {choice.track} of {choice.tracks} (counted from 0) is used",
            "set media.audio_track to use another one",
            {"track": choice.track, "tracks": choice.tracks},
        )
    if choice.channel is not None:
        yield Issue(
            "sound.channels_cancel",
            Severity.WARNING,
            _STAGE,
            f"the channels cancel each other out; channel {choice.channel} is used alone",
            "check the microphone cable: a balanced signal went into a stereo input",
            {"channel": choice.channel},
        )
    if timeline.gaps:
        gap_s = round(sum(end - start for start, end in timeline.gaps), 3)
        yield Issue(
            "sound.gaps",
            Severity.WARNING,
            _STAGE,
            f"{gap_s} s without recorded sound in {len(timeline.gaps)} places, filled with silence",
            detail={"seconds": gap_s, "places": len(timeline.gaps)},
        )
    if timeline.overlap_s > 0:
        overlap_s = round(timeline.overlap_s, 3)
        yield Issue(
            "sound.overlap",
            Severity.WARNING,
            _STAGE,
            f"{overlap_s} s of sound claimed times that were already filled and were dropped",
            detail={"seconds": overlap_s},
        )
    if skipped:
        yield Issue(
            "sound.damaged",
            Severity.WARNING,
            _STAGE,
            f"{skipped} damaged packets of sound were skipped",
            detail={"packets": skipped},
        )
