"""Labelled stills made for these tests: one person of bright dots on a dark picture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from classwatch.simulate.film.stills import acts_file
from classwatch.train.pose.pictures import UNTOLD, Still, Truth, read_stills

SIZE_PX = (640, 360)
BOX_PX = (250.0, 80.0, 390.0, 290.0)
ACT = "read"
"""What the body does."""
BRIGHT, DIM = 200, 80
"""Grey of the dots on the right and on the left half of the body."""


def dots() -> np.ndarray:
    """17 points (17, 3), all seen: left keypoints right of the middle, as of somebody facing us."""
    points = np.zeros((17, 3), np.float32)
    points[0] = (320, 100, 2)
    for pair in range(8):
        y = 100 + 22 * (pair + 1)
        points[1 + 2 * pair] = (360, y, 2)
        points[2 + 2 * pair] = (280, y, 2)
    return points


def write_stills(folder: Path, scenes: int = 1) -> tuple[Still, ...]:
    """A folder as `classwatch simulate --images` writes it: one still a scene."""
    import cv2

    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "labels").mkdir(exist_ok=True)
    picture = np.full((SIZE_PX[1], SIZE_PX[0], 3), 20, np.uint8)
    points = dots()
    for number, (x, y, _) in enumerate(points):
        grey = BRIGHT if number % 2 == 0 else DIM
        cv2.circle(picture, (int(x), int(y)), 7, (grey, grey, grey), -1)
    for scene in range(scenes):
        cv2.imwrite(str(folder / "images" / f"{scene:06d}-0.jpg"), picture)
        labels = folder / "labels" / f"{scene:06d}-1.npz"
        acts_file(labels).write_text(json.dumps([[ACT, "face", "turn_left"]]), "utf-8")
        np.savez(
            labels,
            box_px=np.array([[BOX_PX, (0, 0, 0, 0), (10, 10, 14, 14)]], np.float32),
            keypoints=np.stack([points, np.zeros_like(points), np.zeros_like(points)])[None],
            share=np.array([[0.9, 0.0, 0.01]], np.float32),
            area_px=np.array([[12_000, 0, 9]], np.float32),
        )
    return read_stills(folder, {})


def person(box_px: tuple[float, ...], points: np.ndarray, area_px: float = 1e4) -> Truth:
    """One person who is to be found."""
    return Truth(
        np.array([box_px], np.float32),
        points[None].astype(np.float32),
        np.array([area_px], np.float32),
        np.ones(1, np.float32),
        np.ones(1, bool),
        np.full(1, UNTOLD),
    )
