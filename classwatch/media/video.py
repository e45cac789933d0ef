"""Pictures at a chosen step, with their true times, decoding no more than needed.

``plan_decoding`` decides once, from the file alone, what the decoder may leave out and how the
recording is cut into chunks; ``sample_frames`` carries out one chunk. Chunks are independent, so
any number of processes may share them, and together they give exactly the pictures that one pass
over the file would give.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError, ResourceError
from classwatch.core.media import Frame, MediaInfo, VideoInfo
from classwatch.media.container import (
    CONVERT,
    only,
    opened,
    packets,
    picture_stream,
    time_base,
    zero_s,
)
from classwatch.media.picture import Shrinker

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

SkipChoice = Literal["auto", "none", "nonref", "keyframes"]
"""What a user may ask for; see ``MediaConfig.skip``."""


class Skip(StrEnum):
    """What the decoder leaves out. Skipping all B-pictures is not offered: it damages others."""

    NONE = "none"
    NONREF = "nonref"
    """Pictures that no other picture refers to; the rest is bit-exact."""
    KEYFRAMES = "keyframes"
    """Everything but keyframes."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Grid indices ``[first, last)``; ``seek_s``: keyframe to start from, ``None`` the start."""

    first: int
    last: int
    seek_s: float | None


@dataclass(frozen=True, slots=True)
class DecodePlan:
    """How one picture track is read.

    Grid time k is ``start_s + k * every_s`` on the file's clock; ``size_px`` is the upright
    (width, height); ``reason`` says in words why ``skip`` and the chunks were chosen.
    """

    skip: Skip
    reason: str
    every_s: float
    start_s: float
    size_px: tuple[int, int]
    chunks: tuple[Chunk, ...]


_NONREF_CODECS = frozenset({"h264", "hevc", "mpeg2video", "mpeg4", "vp8", "vp9", "av1"})
_INDEXED = frozenset({"mov", "matroska"})
_SEARCHED = frozenset({"mpegts"})
_SNAP_SHARE = 0.25
_STEP_BACK_S = (0.0, 2.0, 10.0, 60.0)
_ROUNDING_S = 1e-6
_DECODER_SKIP: dict[Skip, Literal["DEFAULT", "NONREF", "NONKEY"]] = {
    Skip.NONE: "DEFAULT",
    Skip.NONREF: "NONREF",
    Skip.KEYFRAMES: "NONKEY",
}


def plan_decoding(
    path: Path, info: MediaInfo, *, every_s: float, chunk_s: float, skip: SkipChoice = "auto"
) -> DecodePlan:
    """Plan the sampling of a file's pictures every ``every_s`` seconds.

    ``info`` is the result of ``probe`` with ``scan_packets``. Chunks are about ``chunk_s`` long
    and start near keyframes where the file's index tells them; a file without a usable index
    has one chunk. The plan depends on the file and the arguments only.

    Raises ``InputError`` where the file has no picture track, ``ValueError`` for a step or a
    chunk length that is not positive.
    """
    if not (every_s > 0 and chunk_s > 0):
        raise ValueError(f"step and chunk must be positive, got {every_s} s and {chunk_s} s")
    if info.video is None:
        raise InputError(
            "the file has no pictures", subject=str(path), remedy="use it as a sound stream"
        )
    mode, why = _choose_skip(info.video, every_s, skip)
    count = _grid_count(info.video, every_s)
    per_chunk = max(1, round(chunk_s / every_s))
    chunks, how = _cut(path, info, every_s, count, per_chunk)
    return DecodePlan(
        skip=mode,
        reason=f"{why}; {how}",
        every_s=every_s,
        start_s=info.video.span.start_s,
        size_px=(info.video.width_px, info.video.height_px),
        chunks=chunks,
    )


def _choose_skip(video: VideoInfo, every_s: float, choice: SkipChoice) -> tuple[Skip, str]:
    if choice != "auto":
        return Skip(choice), f"{choice} was asked for"
    gap_s = video.keyframe_interval_s
    if gap_s is not None and gap_s <= every_s * (1 + 1e-9):
        return Skip.KEYFRAMES, f"keyframes come every {gap_s:.3g} s, the step is {every_s:g} s"
    if video.codec in _NONREF_CODECS:
        return Skip.NONREF, f"{video.codec} tells which pictures no other one refers to"
    return Skip.NONE, f"{video.codec} does not tell what can be left out"


def _grid_count(video: VideoInfo, every_s: float) -> int:
    """Number of grid times in the track's span, at least one."""
    span_s = Fraction(video.span.duration_s).limit_denominator(1_000_000)
    return max(1, -(-span_s // _exact(every_s)))


def _exact(every_s: float) -> Fraction:
    """The step as the decimal number that was meant: 0.04 s is one twenty-fifth."""
    return Fraction(every_s).limit_denominator(1_000_000)


def _cut(
    path: Path, info: MediaInfo, every_s: float, count: int, per_chunk: int
) -> tuple[tuple[Chunk, ...], str]:
    """Chunks of the grid and the reason for them in words."""
    single = (Chunk(0, count, None),)
    if info.video is None or count <= per_chunk:
        return single, "one chunk"
    kinds = set(info.container.split(","))
    if kinds & _INDEXED:
        keys = _keyframe_times(path, info.video)
        if len(keys):
            chunks = _chunks_at_keyframes(info.video, every_s, count, per_chunk, keys)
            return chunks, f"{len(chunks)} chunks at keyframes"
    gap_s = info.video.keyframe_interval_s
    if kinds & _SEARCHED and gap_s is not None and gap_s <= per_chunk * every_s:
        chunks = _regular_chunks(info.video, every_s, count, per_chunk, gap_s)
        return chunks, f"{len(chunks)} chunks, keyframes come at least every {gap_s:.3g} s"
    return single, "one chunk because the file has no usable index"


def _keyframe_times(path: Path, video: VideoInfo) -> NDArray[np.float64]:
    """Times of the keyframes in the file's index, ascending; empty where it is not usable."""
    with opened(path) as container:
        picture = picture_stream(container)
        if picture is None:
            return np.zeros(0)
        only(container, picture)
        delay = _first_delay(container, picture)
        zero, base = zero_s(container), time_base(picture)
        stamps = [e.timestamp for e in picture.index_entries if e.is_keyframe and not e.is_discard]
        times = np.unique([float((stamp + delay) * base - zero) for stamp in stamps])
    reach_s = video.keyframe_interval_s or 0.0
    whole = len(times) > 1 and times[-1] >= video.span.end_s - 2 * reach_s - 1.0
    return times if whole else np.zeros(0)


def _first_delay(container: InputContainer, picture: VideoStream) -> int:
    """Presentation minus index timestamp of the first picture, in units of the time base.

    An MP4 index holds decoding times, which lie before presentation times by a constant for
    keyframes; a Matroska index (read at the first seek) holds presentation times.
    """
    if "matroska" in container.format.name:
        container.seek(picture.start_time or 0, stream=picture)
        return 0
    for packet in packets(container, picture):
        if packet.pts is not None and packet.dts is not None:
            return int(packet.pts - packet.dts)
    return 0


def _chunks_at_keyframes(
    video: VideoInfo, every_s: float, count: int, per_chunk: int, keys: NDArray[np.float64]
) -> tuple[Chunk, ...]:
    """Cut the grid where little has to be decoded before the first wanted picture.

    Around each regular border the grid index with the least distance from a keyframe to the grid
    time before it is taken; that time is needed to know whether its picture serves both.
    """
    slack = int(per_chunk * _SNAP_SHARE)
    borders: list[int] = [0]
    seeks: list[float | None] = [None]
    for regular in range(per_chunk, count, per_chunk):
        near = np.arange(max(borders[-1] + 1, regular - slack), min(count, regular + slack + 1))
        if len(near) == 0:
            continue
        needed = video.span.start_s + (near - 1) * every_s
        at = np.searchsorted(keys, needed + 1e-6, side="right") - 1
        waste = np.where(at >= 0, needed - keys[np.maximum(at, 0)], np.inf)
        # Of equally good borders the one nearest to the regular one.
        best = np.lexsort((np.abs(near - regular), np.round(waste, 6)))[0]
        borders.append(int(near[best]))
        seeks.append(float(keys[at[best]]) if at[best] >= 0 else None)
    borders.append(count)
    return tuple(
        Chunk(first, last, seek)
        for (first, last), seek in zip(pairwise(borders), seeks, strict=True)
    )


def _regular_chunks(
    video: VideoInfo, every_s: float, count: int, per_chunk: int, gap_s: float
) -> tuple[Chunk, ...]:
    """Chunks of equal length that start reading one keyframe interval early."""
    chunks = [Chunk(0, min(per_chunk, count), None)]
    for first in range(per_chunk, count, per_chunk):
        needed_s = video.span.start_s + (first - 1) * every_s
        chunks.append(Chunk(first, min(first + per_chunk, count), max(0.0, needed_s - gap_s)))
    return tuple(chunks)


def sample_frames(
    path: Path, plan: DecodePlan, chunk: Chunk, *, fit_px: int, hardware: str = ""
) -> Iterator[Frame]:
    """Pictures of one chunk in order of time.

    For each grid time the first picture that the plan decodes at or after it, with its own
    timestamp; a picture that is first for several grid times comes once, in the chunk of the
    earliest. Pictures are upright RGB with square pixels, scaled so that the longer side is at
    most ``fit_px`` (never enlarged). Damaged packets and pictures are passed over. ``hardware``
    is FFmpeg's name of a decoding device to use where there is one.

    Times are the file's presentation times. AVI has none: with B-pictures, which it was not made
    for, its pictures are up to about 0.1 s off.

    Raises ``InputError`` where the plan has one chunk and not one picture came out of it; a chunk
    of several may be empty.
    """
    scale = min(1.0, fit_px / max(plan.size_px))
    width_px, height_px = (max(1, round(side * scale)) for side in plan.size_px)
    shrinker = Shrinker((width_px, height_px))
    found = False
    for time_s, frame in _pick(_covering(path, plan, chunk, hardware), plan, chunk):
        found = True
        yield Frame(time_s, shrinker.rgb(frame), scale)
    if not found and len(plan.chunks) == 1:
        raise InputError(
            "not one picture of the video track can be decoded", subject=str(path), remedy=CONVERT
        )


def _pick(
    frames: Iterator[tuple[float, VideoFrame]], plan: DecodePlan, chunk: Chunk
) -> Iterator[tuple[float, VideoFrame]]:
    """The wanted ones of ascending pictures that cover the chunk and the grid time before it."""
    wanted = max(chunk.first - 1, 0)
    latest_s = -math.inf
    for time_s, frame in frames:
        if time_s <= latest_s:
            continue
        latest_s = time_s
        # The margin is for rounding only; it is a millionth of a step.
        reached = math.floor((time_s - plan.start_s) / plan.every_s + 1e-6)
        if reached < wanted:
            continue
        if wanted >= chunk.first:
            yield time_s, frame
        wanted = reached + 1
        if wanted >= chunk.last:
            return


def _covering(
    path: Path, plan: DecodePlan, chunk: Chunk, hardware: str
) -> Iterator[tuple[float, VideoFrame]]:
    """Decoded pictures with times, from at or before the grid time before the chunk.

    Seeking is checked, not trusted: a landing after that time, by keyframe or by first picture,
    is tried again from further back, in the end from the start of the file.
    """
    if chunk.seek_s is not None:
        needed_s = plan.start_s + (chunk.first - 1) * plan.every_s
        for back_s in _STEP_BACK_S:
            landing = _Landing(chunk.seek_s - back_s, needed_s)
            frames = _decoded(path, plan.skip, landing, hardware)
            first = next(frames, None)
            if first is not None and first[0] <= needed_s + _ROUNDING_S:
                yield from chain((first,), frames)
                return
    yield from _decoded(path, plan.skip, None, hardware)


@dataclass(frozen=True, slots=True)
class _Landing:
    """Where to seek to, and the time by which the keyframe found there must lie."""

    seek_s: float
    latest_s: float


def _decoded(
    path: Path, skip: Skip, landing: _Landing | None, hardware: str
) -> Iterator[tuple[float, VideoFrame]]:
    """Undamaged pictures with times on the file's clock; none where the landing is too late."""
    with opened(path, hardware) as container:
        picture = picture_stream(container)
        if picture is None:
            return
        only(container, picture)
        picture.codec_context.thread_count = 1
        picture.codec_context.skip_frame = _DECODER_SKIP[skip]
        seconds = _clock(time_base(picture), zero_s(container))
        source = packets(container, picture)
        if landing is not None:
            source = _landed(container, picture, source, landing)
        if skip is Skip.KEYFRAMES:
            source = (packet for packet in source if packet.is_keyframe or packet.size == 0)
        for packet in source:
            for frame in _frames(path, packet):
                if frame.pts is not None and not frame.is_corrupt:
                    yield seconds(frame.pts), frame


def _clock(base: Fraction, zero: Fraction) -> Callable[[int], float]:
    """Seconds on the file's clock of a timestamp, correctly rounded.

    The same as ``float(pts * base - zero)`` in whole numbers: it is called for every picture.
    """
    factor = base.numerator * zero.denominator
    shift = zero.numerator * base.denominator
    divisor = base.denominator * zero.denominator
    return lambda pts: (pts * factor - shift) / divisor


def _landed(
    container: InputContainer,
    picture: VideoStream,
    source: Iterator[Packet[VideoStream]],
    landing: _Landing,
) -> Iterator[Packet[VideoStream]]:
    """Packets from the keyframe found by seeking; none where it lies too late."""
    import av

    zero, base = zero_s(container), time_base(picture)
    try:
        container.seek(round((Fraction(landing.seek_s) + zero) / base), stream=picture)
    except av.FFmpegError:
        return
    for packet in source:
        if packet.is_keyframe and packet.pts is not None:
            if float(packet.pts * base - zero) <= landing.latest_s + _ROUNDING_S:
                yield packet
                yield from source
            return


def _frames(path: Path, packet: Packet[VideoStream]) -> list[VideoFrame]:
    import av

    try:
        return packet.decode()
    except MemoryError as error:
        raise ResourceError("not enough memory to decode pictures", subject=str(path)) from error
    except av.FFmpegError:
        return []
