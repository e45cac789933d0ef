"""Simulated teachers: labels from what is done and where, and features that a mirror turns."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.media import StreamRole
from classwatch.core.pose import GLANCES
from classwatch.simulate.film.stage import Stage, library_from
from classwatch.train.acts.errors import Errors, Mistaken
from classwatch.train.acts.lessons import make_lesson
from classwatch.train.acts.simulated import Detector, Watched, simulate_people
from classwatch.train.pose.pictures import UNTOLD
from classwatch.vision.teacher_acts import TEACHER_CLASSES
from classwatch.vision.teacher_features import WIDTH, mirrored, teacher_features

REAR = {"name": "rear", "kind": "rear", "width_px": 1280, "height_px": 720, "fps": 1.0}


@pytest.fixture(scope="module")
def watched() -> Watched:
    rng = np.random.default_rng(0)
    flawless = Errors(
        rng.normal(size=(20, 23)).astype(np.float32),
        np.zeros((20, 17, 2), np.float32),
        np.full((20, 17), 0.8, np.float32),
        np.tile(np.asarray([-0.7, -0.9, 0.7, 2.5], np.float32), (20, 1)),
        np.zeros((20, len(GLANCES)), np.float32),
        np.full(20, UNTOLD),
        np.ones(20, np.bool_),
    )
    timeline = make_lesson(4, 1, duration_s=40.0, cameras=[REAR])
    (seen,) = simulate_people(timeline, library_from(None), Detector((Mistaken(flawless),), 1.0), 0)
    return seen


def test_what_a_teacher_does_among_the_desks_is_named_by_the_place(watched: Watched) -> None:
    timeline = make_lesson(4, 1, duration_s=40.0, cameras=[REAR])
    stage = Stage(timeline, library_from(None))
    teacher = next(i for i, who in enumerate(stage.people) if who.kind == "teacher")
    rows = np.flatnonzero(watched.teacher)
    assert watched.role is StreamRole.TEACHER_CAM
    assert len(rows) >= 20
    for row in rows:
        if watched.label[row] == UNTOLD:
            continue
        name = TEACHER_CLASSES[watched.label[row]]
        time_s = float(watched.series.times_s[row])
        among = stage.motion.place_at("t", time_s).z_m > stage.front_z_m
        shown = stage.motion.acts_at(time_s)[teacher]
        if name in ("front", "among_desks"):
            assert among == (name == "among_desks")
        else:
            assert not shown.walking
            assert (name == "writing") == (shown.kind == "board")


def test_the_mirror_of_a_picture_is_the_mirror_of_its_features(watched: Watched) -> None:
    rows = np.flatnonzero(watched.teacher)
    scale = np.ones(len(rows), np.float32)
    table = teacher_features(watched.series, watched.scene(), rows, scale)
    assert table.shape == (len(rows), WIDTH)
    np.testing.assert_allclose(mirrored(mirrored(table)), table)

    width_px = watched.series.size_px[0]
    people = watched.series.people
    swapped = np.asarray([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15])
    keypoints = people.keypoints[:, swapped].copy()
    keypoints[..., 0] = width_px - keypoints[..., 0]
    boxes = people.boxes_px.copy()
    boxes[:, [0, 2]] = width_px - people.boxes_px[:, [2, 0]]
    people.keypoints[:], people.boxes_px[:] = keypoints, boxes
    turned = teacher_features(watched.series, watched.scene(), rows, scale)
    np.testing.assert_allclose(turned, mirrored(table), atol=2e-3)
