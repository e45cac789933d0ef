"""What a media file holds, with times from its timestamps."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError
from classwatch.core.media import AudioInfo, MediaInfo, VideoInfo
from classwatch.core.time import Interval
from classwatch.media.container import (
    CONVERT,
    media_streams,
    only,
    opened,
    packets,
    picture_stream,
    sound_streams,
    time_base,
    zero_s,
)
from classwatch.media.picture import orientation, upright_size
from classwatch.media.times import TrackTimes, from_index, scan

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.codec.context import CodecContext
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_FIRST_FRAME_TRIES = 500
_UNEVEN_SHARE = 0.01
_UNEVEN_BY = 0.1


def probe(path: Path, *, scan_packets: bool = True) -> MediaInfo:
    """Describe a media file; ``InputError`` where it cannot be used, with reason and remedy.

    Times are seconds from the file's earliest track start. With ``scan_packets`` spans are those
    of the packets, tracks without a packet are left out, and frame count, keyframe interval and
    variable rate are measured: from the index of an MP4 or MOV file that is all there, else by
    reading (not decoding) every packet. Without, spans are the header's where it has them, and
    those three stay unknown (``None``; ``False`` for the rate).
    """
    with opened(path) as container:
        streams = media_streams(container)
        if not streams:
            raise _no_media(path, "the file holds neither pictures nor sound")
        scan_packets = scan_packets or any(_header_end(container, s) is None for s in streams)
        times: dict[int, TrackTimes] = {}
        if scan_packets:
            times = from_index(path, container, streams) or scan(path, container, streams)
            streams = tuple(s for s in streams if times[s.index].pts)
        if not streams or not (scan_packets or any(p.size for p in packets(container, *streams))):
            raise _no_media(path, "the file has a header but holds no picture and no sound")
        zero = zero_s(container)
        spans = {s.index: _span(container, s, zero, times.get(s.index)) for s in streams}
        picture = picture_stream(container)
        return MediaInfo(
            container=container.format.name,
            duration_s=max(span.end_s for span in spans.values()),
            video=None
            if picture is None or picture.index not in spans
            else _video(path, picture, spans[picture.index], times.get(picture.index)),
            audio=tuple(
                _audio(position, sound, spans[sound.index])
                for position, sound in enumerate(sound_streams(container))
                if sound.index in spans
            ),
        )


def _no_media(path: Path, message: str) -> InputError:
    return InputError(
        message,
        subject=str(path),
        remedy="copy it again from the recorder; a recording in pieces must be joined first",
    )


def _header_end(container: InputContainer, stream: Stream) -> Fraction | None:
    if stream.duration:
        return ((stream.start_time or 0) + stream.duration) * time_base(stream)
    if container.duration:
        return Fraction((container.start_time or 0) + container.duration, 1_000_000)
    return None


def _span(
    container: InputContainer, stream: Stream, zero: Fraction, times: TrackTimes | None
) -> Interval:
    """Interval that a track's timestamps cover, on the file's clock."""
    base = time_base(stream)
    start = (stream.start_time or 0) * base
    end = _header_end(container, stream) or start
    if times is not None and times.end is not None:
        # Sound packets before the track's start are priming, which the decoder drops.
        start = (
            max(start, min(times.pts) * base) if stream.type == "audio" else (min(times.pts) * base)
        )
        end = (times.end + (times.last_duration or _median(times.intervals()))) * base
    start_s = max(0.0, float(start - zero))
    return Interval(start_s, max(start_s, float(end - zero)))


def _median(intervals: NDArray[np.int64]) -> int:
    return int(np.median(intervals)) if len(intervals) else 0


def _video(path: Path, stream: VideoStream, span: Interval, times: TrackTimes | None) -> VideoInfo:
    frame = _first_frame(path)
    if frame is None:
        raise InputError(
            f"no picture of the video track ({_codec(stream)}) can be decoded",
            subject=str(path),
            remedy=CONVERT,
        )
    width_px, height_px = upright_size(stream, frame)
    rate = stream.average_rate or stream.guessed_rate or Fraction(0)
    return VideoInfo(
        codec=_codec(stream),
        width_px=width_px,
        height_px=height_px,
        rotation_deg=orientation(frame).rotation_deg,
        nominal_fps=float(rate),
        variable_rate=times is not None and _is_uneven(times.intervals()),
        span=span,
        frame_count=len(times.pts) if times is not None else (stream.frames or None),
        keyframe_interval_s=None if times is None else _keyframe_interval_s(stream, times),
    )


def _is_uneven(intervals: NDArray[np.int64]) -> bool:
    """Whether more than 1 % of frame intervals differ from the median by more than 10 %.

    One and a half units of the time base are always allowed: containers with millisecond clocks
    round.
    """
    if len(intervals) == 0:
        return False
    usual = float(np.median(intervals))
    uneven = np.abs(intervals - usual) > max(_UNEVEN_BY * usual, 1.5)
    return float(np.mean(uneven)) > _UNEVEN_SHARE


def _keyframe_interval_s(stream: VideoStream, times: TrackTimes) -> float | None:
    if not times.key_pts or times.end is None:
        return None
    edges = np.unique(np.asarray([*times.key_pts, times.end + times.last_duration, min(times.pts)]))
    return float(np.max(np.diff(edges), initial=0) * time_base(stream))


def _audio(position: int, stream: AudioStream, span: Interval) -> AudioInfo:
    known = stream.codec_context is not None
    return AudioInfo(
        index=position,
        codec=_codec(stream),
        channels=stream.channels if known else 0,
        sample_rate_hz=stream.sample_rate if known else 0,
        span=span,
        language=stream.language or "",
    )


def _codec(stream: Stream) -> str:
    """Name of the coding, not of the decoder that happens to be chosen for it."""
    # PyAV leaves the context out where no decoder is known, which its annotations do not say.
    context: CodecContext | None = stream.codec_context
    return "unknown" if context is None else context.codec.canonical_name


def _first_frame(path: Path) -> VideoFrame | None:
    """First picture that decodes: size and rotation are taken from it, not from the header."""
    import av

    with opened(path) as container:
        picture = picture_stream(container)
        if picture is None or picture.codec_context is None:
            return None
        only(container, picture)
        picture.codec_context.thread_count = 1
        for count, packet in enumerate(packets(container, picture)):
            if count >= _FIRST_FRAME_TRIES:
                break
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            if frames:
                return frames[0]
    return None
