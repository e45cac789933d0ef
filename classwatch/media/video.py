"""Pictures at a chosen step, with their true times, decoding no more than needed.

``sample_frames`` carries out one chunk of a plan (``media/plan.py``).
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from classwatch.core.errors import InputError, ResourceError
from classwatch.core.media import Frame
from classwatch.media.container import (
    CONVERT,
    only,
    opened,
    packets,
    picture_stream,
    time_base,
    zero_s,
)
from classwatch.media.groups import Awaited, UntrueKeyframeError, without_ends
from classwatch.media.picture import Shrinker
from classwatch.media.plan import Chunk, DecodePlan, Skip

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_STEP_BACK_S = (0.0, 2.0, 10.0, 60.0)
_ROUNDING_S = 1e-6
_DECODER_SKIP: dict[Skip, Literal["DEFAULT", "NONREF", "NONKEY"]] = {
    Skip.NONE: "DEFAULT",
    Skip.NONREF: "NONREF",
    Skip.KEYFRAMES: "NONKEY",
}


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
    found = False
    awaited = Awaited(plan.start_s + max(chunk.first - 1, 0) * plan.every_s, plan.every_s)
    covering = _covering(_Source(path, plan.skip, hardware, awaited), plan, chunk)
    for picture in _scaled(_pick(covering, plan, chunk, awaited), plan, fit_px):
        found = True
        yield picture
    # The picture whose side data was read refers to itself, and with it to the decoder's whole
    # pool of pictures: without this, 10 MB stay behind for each chunk of 1080p.
    gc.collect()
    if not found and len(plan.chunks) == 1:
        raise InputError(
            "not one picture of the video track can be decoded", subject=str(path), remedy=CONVERT
        )


def _scaled(
    frames: Iterator[tuple[float, VideoFrame]], plan: DecodePlan, fit_px: int
) -> Iterator[Frame]:
    scale = min(1.0, fit_px / max(plan.size_px))
    width_px, height_px = (max(1, round(side * scale)) for side in plan.size_px)
    shrinker = Shrinker((width_px, height_px))
    for time_s, frame in frames:
        yield Frame(time_s, shrinker.rgb(frame), scale)


def _pick(
    frames: Iterator[tuple[float, VideoFrame]], plan: DecodePlan, chunk: Chunk, awaited: Awaited
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
        awaited.time_s = plan.start_s + wanted * plan.every_s


@dataclass(frozen=True, slots=True)
class _Source:
    """What is decoded, how, and what for."""

    path: Path
    skip: Skip
    hardware: str
    awaited: Awaited | None
    """What is wanted, so that the rest need not be decoded; None decodes everything."""


def _covering(
    source: _Source, plan: DecodePlan, chunk: Chunk
) -> Iterator[tuple[float, VideoFrame]]:
    """Decoded pictures with times, from at or before the grid time before the chunk.

    Seeking is checked, not trusted: a landing after that time, by keyframe or by first picture,
    is tried again from further back, in the end from the start of the file.
    """
    if chunk.seek_s is not None:
        needed_s = plan.start_s + (chunk.first - 1) * plan.every_s
        for back_s in _STEP_BACK_S:
            landing = _Landing(chunk.seek_s - back_s, needed_s)
            frames = _trusting(source, landing)
            first = next(frames, None)
            if first is not None and first[0] <= needed_s + _ROUNDING_S:
                yield from chain((first,), frames)
                return
    yield from _trusting(source, None)


def _trusting(source: _Source, landing: _Landing | None) -> Iterator[tuple[float, VideoFrame]]:
    """Decoded pictures, ends of groups left out; everything once the file's keyframes prove to be
    none. Pictures then come twice, which whoever picks them passes over."""
    try:
        yield from _decoded(source, landing)
    except UntrueKeyframeError:
        yield from _decoded(replace(source, awaited=None), landing)


@dataclass(frozen=True, slots=True)
class _Landing:
    """Where to seek to, and the time by which the keyframe found there must lie."""

    seek_s: float
    latest_s: float


def _decoded(source: _Source, landing: _Landing | None) -> Iterator[tuple[float, VideoFrame]]:
    """Undamaged pictures with times on the file's clock; none where the landing is too late."""
    with opened(source.path, source.hardware) as container:
        picture = picture_stream(container)
        if picture is None:
            return
        only(container, picture)
        picture.codec_context.thread_count = 1
        picture.codec_context.skip_frame = _DECODER_SKIP[source.skip]
        seconds = _clock(time_base(picture), zero_s(container))
        walk = packets(container, picture)
        if landing is not None:
            walk = _landed(container, picture, walk, landing)
        if source.skip is Skip.KEYFRAMES:
            walk = (packet for packet in walk if packet.is_keyframe or packet.size == 0)
        elif source.awaited is not None:
            begin_anew = picture.codec_context.flush_buffers
            walk = without_ends(walk, source.awaited, seconds, begin_anew)
        for packet in walk:
            for frame in _frames(source.path, packet):
                if frame.pts is not None and not frame.is_corrupt:
                    time_s = seconds(frame.pts)
                    if source.awaited is not None:
                        source.awaited.check(frame, time_s)
                    yield time_s, frame


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
