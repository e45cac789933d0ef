"""Mouths against drawn faces whose lips are known to move or to rest."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.core.pose import KEYPOINTS, Detections
from classwatch.vision.mouths import LEAST_EYES_PX, MouthWatch

SIZE_PX = (400, 300)


def picture(
    rng: np.random.Generator, *, at: tuple[float, float], eyes_px: float, open_share: float
) -> NDArray[np.uint8]:
    """A grey room with one face: brows, eyes, nose and a dark mouth ``open_share`` open."""
    import cv2

    rgb = np.full((SIZE_PX[1], SIZE_PX[0], 3), 110, np.uint8)

    def spot(aside: float, down: float, wide: float, tall: float, grey: int) -> None:
        # Drawn with 4 more bits of place, so that small faces move by less than a pixel.
        middle = (round((at[0] + aside * eyes_px) * 16), round((at[1] + down * eyes_px) * 16))
        axes = (round(wide * eyes_px * 16), round(tall * eyes_px * 16))
        cv2.ellipse(rgb, middle, axes, 0, 0, 360, (grey,) * 3, -1, cv2.LINE_AA, 4)

    spot(0.0, 0.5, 1.1, 1.5, 190)
    for side in (-0.5, 0.5):
        spot(side, -0.3, 0.3, 0.06, 70)
        spot(side, 0.0, 0.18, 0.10, 50)
    spot(0.0, 0.6, 0.12, 0.08, 130)
    spot(0.0, 1.1, 0.35, 0.05 + 0.2 * open_share, 60)
    noise = rng.normal(0, 2, rgb.shape[:2])[..., None]
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)


def face(at: tuple[float, float], eyes_px: float, sure: float = 0.9) -> Detections:
    points = np.zeros((1, len(KEYPOINTS), 3), np.float32)
    for number, (aside, down) in enumerate(((0.0, 0.6), (0.5, 0.0), (-0.5, 0.0))):
        points[0, number] = (at[0] + aside * eyes_px, at[1] + down * eyes_px, sure)
    box = np.array([[at[0] - eyes_px, at[1] - eyes_px, at[0] + eyes_px, SIZE_PX[1]]], np.float32)
    return Detections(box, np.ones(1, np.float32), points)


def watched(eyes_px: float, opened: list[float], *, jitter_px: float = 0.5) -> NDArray[np.float32]:
    """What is told of a head that sways, one value a picture after the first."""
    rng = np.random.default_rng(3)
    watch, found = MouthWatch(), []
    for open_share in opened:
        at = (200 + float(rng.uniform(-4, 4)), 120 + float(rng.uniform(-4, 4)))
        seen = (at[0] + float(rng.normal(0, jitter_px)), at[1] + float(rng.normal(0, jitter_px)))
        rgb = picture(rng, at=at, eyes_px=eyes_px, open_share=open_share)
        found.append(watch.look(rgb, face(seen, eyes_px)))
    return np.concatenate(found)[1:]


@pytest.mark.parametrize("eyes_px", [12.0, 25.0])
def test_a_mouth_that_opens_is_told_from_a_head_that_sways(eyes_px: float) -> None:
    rests = watched(eyes_px, [0.0] * 12)
    talks = watched(eyes_px, [0.0, 1.0] * 6)
    assert np.isfinite(rests).all()
    assert ((talks >= 0) & (talks <= 1)).all()
    # Every pair of pictures, not only the mean.
    assert talks.min() > rests.max()


def test_small_unsure_and_turned_faces_are_left_out() -> None:
    assert np.isnan(watched(LEAST_EYES_PX - 1, [0.0, 1.0, 0.0])).all()
    rng = np.random.default_rng(4)
    rgb = picture(rng, at=(200, 120), eyes_px=20, open_share=0.0)
    unsure, aside = face((200, 120), 20, sure=0.3), face((200, 120), 20)
    aside.keypoints[0, 0, 0] += 12
    for people in (unsure, aside):
        watch = MouthWatch()
        watch.look(rgb, people)
        assert np.isnan(watch.look(rgb, people)).all()


def test_somebody_else_is_not_compared() -> None:
    rng = np.random.default_rng(5)
    watch = MouthWatch()
    first = watch.look(picture(rng, at=(90, 120), eyes_px=20, open_share=0), face((90, 120), 20))
    far = watch.look(picture(rng, at=(300, 120), eyes_px=20, open_share=0), face((300, 120), 20))
    assert np.isnan(first).all()
    assert np.isnan(far).all()


def test_a_picture_without_faces_ends_the_comparison() -> None:
    rng = np.random.default_rng(6)
    watch, rgb = MouthWatch(), picture(rng, at=(200, 120), eyes_px=20, open_share=0.0)
    watch.look(rgb, face((200, 120), 20))
    assert watch.look(rgb, Detections.empty()).shape == (0,)
    assert np.isnan(watch.look(rgb, face((200, 120), 20))).all()


def test_faces_at_and_beyond_the_edge_of_a_picture_do_no_harm() -> None:
    rng = np.random.default_rng(7)
    rgb = picture(rng, at=(200, 120), eyes_px=20, open_share=0.0)
    for at in ((3.0, 2.0), (398.0, 298.0), (-15.0, 50.0), (420.0, 50.0), (50.0, -90.0)):
        watch = MouthWatch()
        watch.look(rgb, face(at, 20))
        inside = 0 <= at[0] < SIZE_PX[0] and 0 <= at[1] < SIZE_PX[1]
        assert np.isfinite(watch.look(rgb, face(at, 20)))[0] == inside
