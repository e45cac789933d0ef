"""What a media file holds, as values; no decoder is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from classwatch.core.time import Interval

SAMPLE_RATE_HZ = 16_000
"""Every sound inside classwatch is mono at this rate."""


class StreamRole(StrEnum):
    """What one recorded stream of a lesson shows."""

    MIXED = "mixed"
    TEACHER_CAM = "teacher_cam"
    STUDENT_CAM = "student_cam"
    SCREEN = "screen"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """The picture track: size after rotation, rate and the interval its timestamps cover."""

    codec: str
    width_px: int
    height_px: int
    rotation_deg: int
    """Clockwise turn (0, 90, 180, 270) that a player applies; sizes above are after it."""
    nominal_fps: float
    variable_rate: bool
    span: Interval
    frame_count: int | None
    keyframe_interval_s: float | None
    """Longest distance between keyframes, ``None`` where it was not measured."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """One sound track and the interval its timestamps cover."""

    index: int
    """Position among the file's sound tracks, from 0."""
    codec: str
    channels: int
    sample_rate_hz: int
    span: Interval
    language: str = ""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A probed file. Times are seconds on the file's clock, where 0 is its earliest timestamp."""

    container: str
    duration_s: float
    video: VideoInfo | None
    audio: tuple[AudioInfo, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One sampled picture: ``rgb`` uint8 (h, w, 3), upright, at ``time_s`` on the stream's clock.

    ``scale`` maps full-resolution upright pixels to ``rgb`` pixels (``x_rgb = x_full * scale``).
    """

    time_s: float
    rgb: NDArray[np.uint8]
    scale: float
