"""What of a recording's pictures is decoded: decided once, from the file alone.

``plan_decoding`` says what the decoder may leave out and how the recording is cut into chunks.
Chunks are independent, so any number of processes may share them, and together they give exactly
the pictures that one pass over the file would give.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError
from classwatch.core.media import MediaInfo, VideoInfo
from classwatch.media.container import (
    only,
    opened,
    packets,
    picture_stream,
    time_base,
    zero_s,
)

if TYPE_CHECKING:
    from av.container import InputContainer
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
_RUN = 2
"""Where some pictures are left out the next one that is not comes after so many, as encoders do."""
_LATE = 0.25
"""Share of the step that a picture may be late because those before it were left out. With fewer
pictures a second grid times would go without one."""
_INDEXED = frozenset({"mov", "matroska"})
_SEARCHED = frozenset({"mpegts"})
_SNAP_SHARE = 0.25
_FEWEST_TO_TAPER = 4


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
    if video.codec not in _NONREF_CODECS:
        return Skip.NONE, f"{video.codec} does not tell what can be left out"
    if _RUN / video.nominal_fps > _LATE * every_s:
        return Skip.NONE, f"{video.nominal_fps:g} pictures a second are too few to leave any out"
    return Skip.NONREF, f"{video.codec} tells which pictures no other one refers to"


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
    borders: list[int] = [0]
    seeks: list[float | None] = [None]
    for regular, slack in _regular_borders(count, per_chunk):
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


def _regular_borders(count: int, per_chunk: int) -> list[tuple[int, int]]:
    """Grid indices to cut near, each with how far from it a cut may lie.

    The last two chunks are cut finer, so that workers side by side end at about the same time.
    """
    slack = int(per_chunk * _SNAP_SHARE)
    borders = dict.fromkeys(range(per_chunk, count, per_chunk), slack)
    quarter = per_chunk // 4
    if len(borders) >= _FEWEST_TO_TAPER and quarter >= 1:
        last = max(borders)
        fine = (last - 2 * quarter, last, *range(last + quarter, count, quarter))
        borders |= dict.fromkeys(fine, quarter // 2)
    return sorted(borders.items())


def _regular_chunks(
    video: VideoInfo, every_s: float, count: int, per_chunk: int, gap_s: float
) -> tuple[Chunk, ...]:
    """Chunks of equal length that start reading one keyframe interval early."""
    chunks = [Chunk(0, min(per_chunk, count), None)]
    for first in range(per_chunk, count, per_chunk):
        needed_s = video.span.start_s + (first - 1) * every_s
        chunks.append(Chunk(first, min(first + per_chunk, count), max(0.0, needed_s - gap_s)))
    return tuple(chunks)
