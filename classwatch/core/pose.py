"""Body keypoints as struct-of-arrays, in the COCO-17 order."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

KEYPOINTS: tuple[str, ...] = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
"""COCO keypoint names; ``left`` is the person's own left."""

GLANCES: tuple[str, ...] = (
    "listen",
    "chin",
    "raise_hand",
    "stand",
    "write",
    "read",
    "sleep",
    "device",
    "turn",
)
"""What a body may seem to do in a single picture; ``chin``: listens, head on the hand."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """People found in one picture, n of them, in pixels of the upright full-size picture.

    ``boxes_px`` (n, 4) float32 as x0, y0, x1, y1; ``scores`` (n,) float32 in [0, 1];
    ``keypoints`` (n, 17, 3) float32 as x, y in pixels and a confidence in [0, 1]; ``glance``
    (n, 9) float32, the probability of each of ``GLANCES``, all 0 where nobody looked, as of
    everybody where none is given; ``clothes`` (n, 3) float32, the colour worn on the chest in CIE
    Lab, NaN where it is not known, as of everybody where none is given. Neither is ever published.
    """

    boxes_px: NDArray[np.float32]
    scores: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    glance: NDArray[np.float32] = field(
        default_factory=lambda: np.zeros((0, len(GLANCES)), np.float32)
    )
    clothes: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 3), np.float32))

    def __post_init__(self) -> None:
        n = len(self.scores)
        _expect("boxes_px", self.boxes_px.shape, (n, 4))
        _expect("scores", self.scores.shape, (n,))
        _expect("keypoints", self.keypoints.shape, (n, len(KEYPOINTS), 3))
        if len(self.glance) == 0:
            object.__setattr__(self, "glance", np.zeros((n, len(GLANCES)), np.float32))
        _expect("glance", self.glance.shape, (n, len(GLANCES)))
        if len(self.clothes) == 0:
            object.__setattr__(self, "clothes", np.full((n, 3), np.nan, np.float32))
        _expect("clothes", self.clothes.shape, (n, 3))

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: NDArray[np.intp] | list[int]) -> Detections:
        """The detections ``rows`` in this order."""
        return Detections(*(getattr(self, part.name)[rows] for part in fields(self)))

    def sure(self, min_score: float) -> Detections:
        """The detections of at least this score."""
        return self.take(np.flatnonzero(self.scores >= min_score))

    @staticmethod
    def empty() -> Detections:
        return Detections(
            np.zeros((0, 4), np.float32),
            np.zeros(0, np.float32),
            np.zeros((0, len(KEYPOINTS), 3), np.float32),
        )


@dataclass(frozen=True, slots=True, eq=False)
class PoseSeries:
    """All people found in the sampled pictures of one stream.

    ``frame_times_s`` (f,) float64, ascending: every sampled picture, also those without people;
    ``frame`` (n,) int32 indexes it, non-decreasing; ``people`` holds the n detections.
    ``size_px`` is (width, height) of the upright full-size picture; ``every_s`` the sampling step.
    """

    frame_times_s: NDArray[np.float64]
    frame: NDArray[np.int32]
    people: Detections
    size_px: tuple[int, int]
    every_s: float

    def __post_init__(self) -> None:
        _expect("frame", self.frame.shape, (len(self.people),))
        if np.any(np.diff(self.frame_times_s) <= 0):
            raise ValueError("frame_times_s must ascend")
        if np.any(np.diff(self.frame) < 0):
            raise ValueError("frame must not descend")
        if len(self.frame) and not 0 <= self.frame.min() <= self.frame.max() < len(self):
            raise ValueError(f"frame must index the {len(self)} sampled pictures")

    def __len__(self) -> int:
        return len(self.frame_times_s)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Time of each detection (n,)."""
        return self.frame_times_s[self.frame]

    def pictures_of(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which pictures (f,) the detections ``rows`` are in."""
        shown = np.zeros(len(self), np.bool_)
        shown[self.frame[rows]] = True
        return shown

    def only(self, rows: NDArray[np.intp]) -> PoseSeries:
        """The same pictures with the detections ``rows``, ascending, alone."""
        return replace(self, frame=self.frame[rows], people=self.people.take(rows))


def _expect(name: str, actual: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if actual != expected:
        raise ValueError(f"{name}: expected shape {expected}, got {actual}")
