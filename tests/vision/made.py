"""Stick figures with known truth: what each stands for is said by the caller, not by classwatch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import Detections, PoseSeries

SIZE_PX = (1280, 720)


@dataclass(frozen=True)
class Figure:
    """A body whose shoulders are ``unit`` pixels apart, their middle at (x, y).

    ``back``: seen from behind. ``tall``: the box reaches the feet, else a desk hides the legs.
    ``head``: how far the nose is above the shoulders, in units, and below the ears, in ear widths.
    ``arm``: right wrist relative to the right shoulder (x, y up), in units; the elbow hangs under
    it unless ``elbow`` says where.
    """

    x: float
    y: float
    unit: float = 40.0
    back: bool = False
    tall: bool = False
    head: tuple[float, float] = (0.40, 0.10)
    arm: tuple[float, float] | None = None
    elbow: tuple[float, float] | None = None
    seen: float = 0.9

    def at(self, x: float, y: float) -> Figure:
        return replace(self, x=x, y=y)


LOOKING_DOWN = (0.02, 0.42)
HAND_UP = (-0.2, 1.5)


def keypoints(figure: Figure) -> NDArray[np.float32]:
    u = figure.unit
    points = np.zeros((17, 3), np.float32)
    points[:, 2] = figure.seen
    # One's own left is at the picture's right when facing the camera.
    side = -1.0 if figure.back else 1.0

    def put(index: int, dx: float, up: float) -> None:
        points[index, :2] = figure.x + side * dx * u, figure.y - up * u

    nose_up, tilt = figure.head
    ears_up = nose_up + tilt * 0.48
    put(0, 0, nose_up)
    put(1, 0.10, nose_up + 0.08)
    put(2, -0.10, nose_up + 0.08)
    put(3, 0.24, ears_up)
    put(4, -0.24, ears_up)
    put(5, 0.5, 0)
    put(6, -0.5, 0)
    put(7, 0.6, -0.7)
    put(8, -0.6, -0.7)
    put(9, 0.45, -1.2)
    put(10, -0.45, -1.2)
    put(11, 0.35, -1.6)
    put(12, -0.35, -1.6)
    for index in range(13, 17):
        put(index, 0.3 if index % 2 else -0.3, -2.6 if index < 15 else -3.6)
    if figure.arm is not None:
        dx, up = figure.arm
        put(10, -0.5 + dx, up)
        elbow = figure.elbow or (dx * 0.9, up - 0.8)
        put(8, -0.5 + elbow[0], elbow[1])
    if figure.back:
        points[:3, 2] = 0.05
    if not figure.tall:
        points[13:, 2] = 0.05
    return points


def box(figure: Figure) -> NDArray[np.float32]:
    u = figure.unit
    top = figure.y - 0.9 * u
    if figure.arm is not None:
        top = min(top, figure.y - figure.arm[1] * u)
    bottom = figure.y + (3.8 if figure.tall else 1.5) * u
    return np.asarray([figure.x - 0.75 * u, top, figure.x + 0.75 * u, bottom], np.float32)


def detections(figures: Sequence[Figure]) -> Detections:
    if not figures:
        return Detections.empty()
    return Detections(
        np.stack([box(f) for f in figures]),
        np.full(len(figures), 0.9, np.float32),
        np.stack([keypoints(f) for f in figures]),
    )


def series(
    pictures: Sequence[Sequence[Figure]],
    *,
    every_s: float = 1.0,
    times_s: Sequence[float] | None = None,
) -> PoseSeries:
    """One list of figures a sampled picture; detections keep the order of the figures."""
    found = [detections(figures) for figures in pictures]
    times = np.arange(len(pictures)) * every_s if times_s is None else np.asarray(times_s, float)
    return PoseSeries(
        times,
        np.repeat(np.arange(len(pictures)), [len(d) for d in found]).astype(np.int32),
        Detections(
            np.concatenate([d.boxes_px for d in found]),
            np.concatenate([d.scores for d in found]),
            np.concatenate([d.keypoints for d in found]),
        ),
        SIZE_PX,
        every_s,
    )


def desks(*, back: bool = True, columns: int = 5, rows: int = 3) -> list[Figure]:
    """A class seen from a corner high up: far rows are smaller and higher in the picture.

    ``back``: seen from behind, the board at the far end; else from the board.
    """
    found = []
    for row in range(rows):
        unit = 30.0 + 14.0 * row
        for column in range(columns):
            x = 640 + (column - (columns - 1) / 2) * unit * 3.2
            found.append(Figure(x, 300.0 + 130.0 * row, unit, back=back))
    return found
