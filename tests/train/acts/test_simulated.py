"""Simulated students: without mistakes they are where the camera projects them."""

from __future__ import annotations

import numpy as np

from classwatch.simulate.film.camera import Studio
from classwatch.simulate.film.schedule import plan_streams
from classwatch.simulate.film.stage import Stage, library_from
from classwatch.simulate.render.view import project
from classwatch.train.acts.errors import Errors, Mistaken, body_size, keys_of
from classwatch.train.acts.lessons import make_lesson
from classwatch.train.acts.simulated import UNTOLD, Detector, simulate_people, students_of
from classwatch.vision.acts import STUDENT_CLASSES

CAMERA = {"name": "front", "kind": "front", "width_px": 1280, "height_px": 720, "fps": 1.0}


def _flawless(rows: int = 40) -> Errors:
    rng = np.random.default_rng(0)
    return Errors(
        rng.normal(size=(rows, 23)).astype(np.float32),
        np.zeros((rows, 17, 2), np.float32),
        np.full((rows, 17), 0.8, np.float32),
        np.tile(np.asarray([-0.7, -0.9, 0.7, 1.0], np.float32), (rows, 1)),
        np.ones(rows, np.bool_),
    )


def test_a_lesson_is_the_same_every_time_and_another_one_differs() -> None:
    one, again, other = (make_lesson(1, n, duration_s=30.0) for n in (0, 0, 1))
    assert one.script == again.script
    assert one.script != other.script


def test_without_mistakes_points_are_projections_and_labels_are_what_is_done() -> None:
    timeline = make_lesson(3, 0, duration_s=12.0, cameras=[CAMERA])
    (watched,) = simulate_people(timeline, None, Detector((Mistaken(_flawless()),), 1.0), 0)
    told = students_of(watched)
    stage = Stage(timeline, library_from(None))
    view = Studio(stage, plan_streams(timeline)).view(timeline.script.cameras[0], 0.0)
    students = [i for i, who in enumerate(stage.people) if who.kind == "student"]
    raised = STUDENT_CLASSES.index("hand_raised")
    for time_s in (2.0, 9.0):
        rows = np.flatnonzero(told.seen.times_s == time_s)
        joints_m = stage.motion.keypoints_at(time_s)
        acts = stage.motion.acts_at(time_s)
        assert len(rows) >= 0.8 * len(students)
        for row in rows:
            person = told.seen.seat[row]
            expected, _ = project(view, joints_m[person])
            np.testing.assert_allclose(told.seen.keypoints[row, :, :2], expected, atol=0.01)
            if told.label[row] != UNTOLD:
                is_up = acts[person].kind == "raise_hand"
                assert (told.label[row] == raised) == is_up


def test_mistakes_grow_with_the_body_and_come_from_the_most_similar_people() -> None:
    rng = np.random.default_rng(1)
    poses = rng.normal(size=(24, 17, 2)) * 40 + 300
    shift = np.zeros((24, 17, 2), np.float32)
    shift[:12, 9, 0] = 0.5
    found = np.array([True] * 12 + [False] * 12)
    # Twelve copies of one body that was found with a shifted wrist, twelve of one that was missed.
    twice = np.repeat(poses[:2], 12, axis=0)
    box = np.tile(np.asarray([-1.0, -1.5, 1.0, 2.0], np.float32), (24, 1))
    errors = Errors(keys_of(twice, 1.0), shift, np.ones((24, 17), np.float32), box, found)
    people, seen = Mistaken(errors).apply(poses[:2], 1.0, np.array([0.3, 0.9]))
    assert seen.tolist() == [True, False]
    moved = people.keypoints[0, :, :2] - poses[0]
    size = body_size(poses[:1])[0]
    np.testing.assert_allclose(moved[9], (0.5 * size, 0), rtol=1e-3, atol=1e-3)
    middle = poses[0, :11].mean(axis=0)
    edges = (*(middle - np.array([1.0, 1.5]) * size), *(middle + np.array([1.0, 2.0]) * size))
    np.testing.assert_allclose(people.boxes_px[0], edges, rtol=1e-5)
    np.testing.assert_allclose(np.delete(moved, 9, axis=0), 0, atol=1e-3)
