"""Writing media files with exact times: H.264 in pieces, joined without decoding, AAC beside it.

Pieces are written one by one, by whoever comes first, and joined later by copying packets, so that
the bytes of the whole depend on how time was cut and on nothing else. Encoders run on one thread
and name no date and no machine.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError, ResourceError
from classwatch.media.container import opened, picture_stream

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_PRESET = "veryfast"
_B_PICTURES = 2
_KEYFRAMES_S = 10
_HD_LINES = 720
_BT709, _BT601 = 1, 6
"""FFmpeg's numbers for matrix, primaries and transfer of high and standard definition."""
_LIMITED = 1
_SOUND_BLOCK = 1024
_AAC_BITS_PER_SAMPLE = 3.0


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """Size (even), exact rate in pictures a second, and quality (crf) of H.264."""

    width_px: int
    height_px: int
    fps: Fraction
    crf: int


@dataclass(frozen=True, slots=True, eq=False)
class SoundTrack:
    """Mono samples (n,) float32 in [-1, 1] from time 0, at ``rate_hz``."""

    samples: NDArray[np.float32]
    rate_hz: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 1:
            raise ValueError(f"samples: expected shape (n,), got {self.samples.shape}")


def exact_rate(fps: float) -> Fraction:
    """The rate that ``fps`` stands for: 29.97 is 2997/100, 5.0 is 5."""
    return Fraction(fps).limit_denominator(1001)


class PieceWriter:
    """Encodes successive pictures of one stream into a file of its own; a context manager.

    The first picture of a piece is a keyframe and the last refers to none after it, so pieces of
    equal format can follow each other. Raises ``ResourceError`` where the disk or the encoder
    does not allow it.
    """

    def __init__(self, path: Path, picture: PictureFormat) -> None:
        from av.video.reformatter import VideoReformatter

        if picture.width_px % 2 or picture.height_px % 2:
            raise ValueError(f"H.264 needs even sizes, got {picture.width_px}x{picture.height_px}")
        self._path = path
        self._picture = picture
        self._scaler = VideoReformatter()
        self._count = 0
        with _write_errors(path):
            self._out = _new_file(path)
            self._stream = _picture_track(self._out, picture)

    def __enter__(self) -> PieceWriter:
        return self

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """Append one picture (h, w, 3) RGB."""
        from av.video.frame import VideoFrame
        from av.video.reformatter import Interpolation

        expected = (self._picture.height_px, self._picture.width_px, 3)
        if rgb.shape != expected:
            raise ValueError(f"expected a picture of shape {expected}, got {rgb.shape}")
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        matrix = _matrix(self._picture)
        stored = self._scaler.reformat(
            frame,
            format="yuv420p",
            dst_colorspace=matrix,
            interpolation=(
                Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
            ),
        )
        stored.pts = self._count * self._picture.fps.denominator
        stored.time_base = Fraction(1, self._picture.fps.numerator)
        self._count += 1
        with _write_errors(self._path):
            self._out.mux(self._stream.encode(stored))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with _write_errors(self._path):
            if kind is None:
                self._out.mux(self._stream.encode(None))
            self._out.close()


@dataclass(frozen=True, slots=True)
class Piece:
    """An encoded piece and the number of its first picture within the stream."""

    path: Path
    first: int


def join(
    path: Path, pieces: Sequence[Piece], fps: Fraction, sound: SoundTrack | None = None
) -> None:
    """Write an MP4 file of the pieces, in order, with the sound beside them.

    Picture n is shown at exactly n / ``fps``, the first sample is heard at 0. Raises ``InputError``
    where a piece cannot be read or is of another format, ``ResourceError`` where the disk does not
    allow it.
    """
    if not pieces:
        raise ValueError("there are no pieces to join")
    with _write_errors(path), _new_file(path) as out:
        with opened(pieces[0].path) as first:
            shown = cast("VideoStream", picture_stream(first))
            header = bytes(shown.codec_context.extradata or b"")
            track = out.add_stream_from_template(shown)
        track.time_base = Fraction(1, fps.numerator)
        tracks = [_copied(pieces, track, fps, header)]
        if sound is not None:
            tracks.append(_encoded_sound(_sound_track(out, sound), sound))
        for packet in heapq.merge(*tracks, key=_decoding_time):
            out.mux(packet)


def _new_file(path: Path) -> OutputContainer:
    import av

    path.touch()  # The library opens it only when the first packet comes.
    return av.open(
        f"file:{path}",
        "w",
        format="mp4",
        options={"fflags": "+bitexact", "movflags": "+faststart"},
    )


def _matrix(picture: PictureFormat) -> int:
    return _BT709 if picture.height_px >= _HD_LINES else _BT601


def _picture_track(out: OutputContainer, picture: PictureFormat) -> VideoStream:
    keyframes = max(10, round(_KEYFRAMES_S * picture.fps))
    options = {
        "crf": str(picture.crf),
        "preset": _PRESET,
        "bf": str(_B_PICTURES),
        "g": str(keyframes),
        "flags": "+bitexact+cgop",
        # Without the last, fast paths of x264 read memory that nobody has written, and the bytes
        # depend on what was there.
        "x264-params": "threads=1:lookahead-threads=1:cpu-independent=1",
    }
    stream = out.add_stream("libx264", rate=picture.fps, options=options)
    stream.width, stream.height = picture.width_px, picture.height_px
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = Fraction(1, picture.fps.numerator)
    context.thread_count = 1
    matrix = _matrix(picture)
    context.color_range, context.colorspace = _LIMITED, matrix
    context.color_primaries, context.color_trc = matrix, matrix
    return stream


def _sound_track(out: OutputContainer, sound: SoundTrack) -> AudioStream:
    stream = out.add_stream("aac", rate=sound.rate_hz, layout="mono")
    stream.codec_context.bit_rate = int(_AAC_BITS_PER_SAMPLE * sound.rate_hz)
    stream.codec_context.options = {"flags": "+bitexact"}
    return stream


def _encoded_sound(stream: AudioStream, sound: SoundTrack) -> Iterator[Packet[Any]]:
    from av.audio.frame import AudioFrame

    for start in range(0, len(sound.samples), _SOUND_BLOCK):
        block = sound.samples[start : start + _SOUND_BLOCK]
        clipped = np.clip(block, -1.0, 1.0).astype(np.float32)
        frame = AudioFrame.from_ndarray(clipped[None], format="fltp", layout="mono")
        frame.sample_rate = sound.rate_hz
        frame.time_base = Fraction(1, sound.rate_hz)
        frame.pts = start
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _copied(
    pieces: Sequence[Piece], track: VideoStream, fps: Fraction, header: bytes
) -> Iterator[Packet[Any]]:
    unit = Fraction(1, fps.numerator)
    for piece in pieces:
        with opened(piece.path) as container:
            stream = cast("VideoStream", picture_stream(container))
            if bytes(stream.codec_context.extradata or b"") != header:
                raise InputError(
                    "this piece was encoded in another way than the first",
                    subject=str(piece.path),
                    remedy="remove the working folder and run again",
                )
            for packet in container.demux(stream):
                if packet.size == 0 or packet.pts is None or packet.dts is None:
                    continue
                scale = Fraction(packet.time_base) / unit
                shift = piece.first * fps.denominator
                packet.pts = round(packet.pts * scale) + shift
                packet.dts = round(packet.dts * scale) + shift
                packet.duration = fps.denominator
                packet.time_base = unit
                packet.stream = track
                yield packet


def _decoding_time(packet: Packet[Any]) -> Fraction:
    return (packet.dts or 0) * Fraction(packet.time_base)


@contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    import av

    try:
        yield
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ResourceError(
            f"cannot write the media file: {reason}",
            subject=str(path),
            remedy="free some space, or choose another folder",
        ) from error
