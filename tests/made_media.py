"""Odd media files made on demand, with the truth drawn into the pictures and the sound.

Every picture carries its own presentation time in milliseconds as a pattern of bright and dark
tiles that survives compression, so that a reader can be checked against the pixels alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

TILES = (6, 4)
"""Columns and rows of the pattern: 24 bits, enough for four and a half hours."""
DARK, BRIGHT = 40, 210


def stamp(value: int, size_px: tuple[int, int] = (192, 128)) -> np.ndarray:
    """Picture (h, w, 3) whose tiles hold ``value`` in binary, first tile the lowest bit."""
    bits = (value >> np.arange(TILES[0] * TILES[1])) & 1
    tiles = np.where(bits, BRIGHT, DARK).astype(np.uint8).reshape(TILES[1], TILES[0])
    width, height = size_px
    rows = np.arange(height) * TILES[1] // height
    columns = np.arange(width) * TILES[0] // width
    return np.repeat(tiles[rows][:, columns, None], 3, axis=2)


def read_stamp(rgb: np.ndarray) -> int:
    """The value drawn by ``stamp`` into an upright picture of any size."""
    height, width = rgb.shape[:2]
    rows = ((np.arange(TILES[1]) + 0.5) * height / TILES[1]).astype(int)
    columns = ((np.arange(TILES[0]) + 0.5) * width / TILES[0]).astype(int)
    bits = rgb[rows][:, columns].mean(axis=2).ravel() > (DARK + BRIGHT) / 2
    return int((bits.astype(np.int64) << np.arange(bits.size)).sum())


@dataclass(frozen=True)
class Picture:
    """A picture track: presentation times in seconds, as exact fractions."""

    times: Sequence[Fraction]
    codec: str = "libx264"
    size_px: tuple[int, int] = (192, 128)
    time_base: Fraction = Fraction(1, 90_000)
    pix_fmt: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=dict)
    rotation_deg: int = 0
    """Clockwise turn that a player is asked to apply; the pattern is drawn so as to come out
    upright."""
    mirrored: bool = False
    """Whether a player is asked to mirror left and right after turning; not undone in drawing."""
    draw: Callable[[Fraction], VideoFrame] | None = None
    """Stored picture at a time; by default the time in ms as a pattern."""
    colour: tuple[int, int] | None = None
    """Range and matrix written into the stream, by FFmpeg's numbers."""

    def stored(self, time: Fraction) -> VideoFrame:
        if self.draw is not None:
            return self.draw(time)
        width, height = self.size_px
        turned = self.rotation_deg % 180 == 90
        upright = stamp(round(time * 1000), (height, width) if turned else (width, height))
        turned_back = np.ascontiguousarray(np.rot90(upright, k=self.rotation_deg // 90))
        return VideoFrame.from_ndarray(turned_back, format="rgb24")


def flat(y: int, u: int, v: int, size_px: tuple[int, int], *, bits: int = 8) -> VideoFrame:
    """One colour, given by its stored 4:2:0 values."""
    width, height = size_px
    planes = [np.full(width * height, y), np.full(width * height // 4, u)]
    planes.append(np.full(width * height // 4, v))
    rows = np.concatenate(planes).reshape(height * 3 // 2, width)
    if bits == 8:
        return VideoFrame.from_ndarray(rows.astype(np.uint8), format="yuv420p")
    return VideoFrame.from_ndarray(rows.astype(np.uint16), format="yuv420p10le")


@dataclass(frozen=True)
class Sound:
    """A sound track: pieces of samples (n,) or (n, channels) in [-1, 1] with their start times."""

    pieces: Sequence[tuple[Fraction, np.ndarray]]
    rate_hz: int = 48_000
    codec: str = "aac"
    jitter_s: Sequence[float] = (0.0,)
    """Added to the timestamps of successive frames, in turn (uncompressed codecs only)."""


def evenly(fps: Fraction | int, duration_s: float, start: Fraction | int = 0) -> list[Fraction]:
    """Times of a constant frame rate."""
    return [start + k / Fraction(fps) for k in range(round(duration_s * fps))]


def beeps(
    duration_s: float, at_s: Sequence[float], *, rate_hz: int = 48_000, pitch_hz: float = 1000
) -> np.ndarray:
    """Silence (n,) with a tone of 0.1 s and amplitude 0.5 at each time."""
    sound = np.zeros(round(duration_s * rate_hz), np.float32)
    tone = 0.5 * np.sin(2 * np.pi * pitch_hz * np.arange(round(0.1 * rate_hz)) / rate_hz)
    for start_s in at_s:
        first = round(start_s * rate_hz)
        sound[first : first + len(tone)] = tone[: len(sound) - first]
    return sound


def onsets_s(samples: np.ndarray, *, rate_hz: int = 16_000, level: float = 0.1) -> np.ndarray:
    """Times at which a silence of at least 50 ms ends."""
    loud = np.flatnonzero(np.abs(samples) > level)
    if len(loud) == 0:
        return np.zeros(0)
    new = np.concatenate([[True], np.diff(loud) > 0.05 * rate_hz])
    return loud[new] / rate_hz


def make(
    path: Path,
    picture: Picture | None = None,
    sounds: Sequence[Sound] = (),
    container_options: Mapping[str, str] | None = None,
) -> Path:
    """Write a media file with the given tracks, interleaved by time."""
    with av.open(str(path), "w", container_options=dict(container_options or {})) as out:
        writers = [_picture_writer(out, picture)] if picture else []
        writers += [_sound_writer(out, sound) for sound in sounds]
        packets = sorted((p for packets in writers for p in packets), key=_decoding_time)
        for packet in packets:
            out.mux(packet)
    return path


def _decoding_time(packet: av.Packet) -> Fraction:
    return (packet.dts or 0) * packet.time_base


def _picture_writer(out: av.container.OutputContainer, picture: Picture) -> list[av.Packet]:
    stream = out.add_stream(picture.codec, rate=25, options=dict(picture.options))
    stream.width, stream.height = picture.size_px
    stream.pix_fmt = picture.pix_fmt
    stream.codec_context.time_base = picture.time_base
    if picture.colour:
        stream.codec_context.color_range, stream.codec_context.colorspace = picture.colour
    if picture.rotation_deg or picture.mirrored:
        # FFmpeg counts display rotation anticlockwise.
        stream.set_display_rotation(-picture.rotation_deg, hflip=picture.mirrored)
    packets = []
    for time in picture.times:
        frame = picture.stored(time)
        frame.pts = round(time / picture.time_base)
        frame.time_base = picture.time_base
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def _sound_writer(out: av.container.OutputContainer, sound: Sound) -> list[av.Packet]:
    first = sound.pieces[0][1]
    layout = "mono" if first.ndim == 1 else {2: "stereo", 6: "5.1"}[first.shape[1]]
    stream = out.add_stream(sound.codec, rate=sound.rate_hz, layout=layout)
    format_ = stream.codec_context.format.name
    resampler = av.AudioResampler(format=format_, layout=layout, rate=sound.rate_hz)
    base = Fraction(1, sound.rate_hz)
    packets = []
    step, count = 1024, 0
    for start, samples in sound.pieces:
        samples = samples.reshape(len(samples), -1)
        for first_row in range(0, len(samples), step):
            rows = np.ascontiguousarray(samples[first_row : first_row + step].T, np.float32)
            frame = AudioFrame.from_ndarray(rows, format="fltp", layout=layout)
            frame.sample_rate = sound.rate_hz
            frame.time_base = base
            frame.pts = None
            pts = round(start * sound.rate_hz) + first_row
            pts += round(sound.jitter_s[count % len(sound.jitter_s)] * sound.rate_hz)
            count += 1
            for part in resampler.resample(frame):
                part.pts, part.time_base = pts, base
                packets += stream.encode(part)
    return packets + stream.encode(None)
