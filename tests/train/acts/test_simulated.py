"""Simulated students: without mistakes they are where the camera projects them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classwatch.core.pose import GLANCES
from classwatch.simulate.film.camera import Studio
from classwatch.simulate.film.schedule import plan_streams
from classwatch.simulate.film.stage import Stage, library_from
from classwatch.simulate.render.view import project
from classwatch.train.acts.errors import NOBODY, Errors, Mistaken, People, body_size, keys_of
from classwatch.train.acts.lessons import make_lesson
from classwatch.train.acts.simulated import Detector, simulate_people, students_of
from classwatch.train.pose.pictures import UNTOLD
from classwatch.vision.acts import STUDENT_CLASSES

CAMERA = {"name": "front", "kind": "front", "width_px": 1280, "height_px": 720, "fps": 1.0}


def _flawless(rows: int = 40) -> Errors:
    rng = np.random.default_rng(0)
    return Errors(
        rng.normal(size=(rows, 23)).astype(np.float32),
        np.zeros((rows, 17, 2), np.float32),
        np.full((rows, 17), 0.8, np.float32),
        np.tile(np.asarray([-0.7, -0.9, 0.7, 1.0], np.float32), (rows, 1)),
        np.zeros((rows, len(GLANCES)), np.float32),
        np.full(rows, UNTOLD),
        np.ones(rows, np.bool_),
    )


def test_a_lesson_is_the_same_every_time_and_another_one_differs() -> None:
    one, again, other = (make_lesson(1, n, duration_s=30.0) for n in (0, 0, 1))
    assert one.script == again.script
    assert one.script != other.script


def test_without_mistakes_points_are_projections_and_labels_are_what_is_done() -> None:
    timeline = make_lesson(3, 0, duration_s=12.0, cameras=[CAMERA])
    (watched,) = simulate_people(
        timeline, library_from(None), Detector((Mistaken(_flawless()),), 1.0), 0
    )
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
    glance, does = np.zeros((24, len(GLANCES)), np.float32), np.full(24, UNTOLD)
    sure = np.ones((24, 17), np.float32)
    errors = Errors(keys_of(twice, 1.0), shift, sure, box, glance, does, found)
    luck = np.array([0.3, 0.9])
    archive, first = Mistaken(errors), np.full(2, NOBODY)
    chosen = archive.choose(People(poses[:2], does[:2]), 1.0, luck, first)
    people, seen = archive.apply(poses[:2], chosen, luck)
    assert seen.tolist() == [True, False]
    moved = people.keypoints[0, :, :2] - poses[0]
    size = body_size(poses[:1])[0]
    np.testing.assert_allclose(moved[9], (0.5 * size, 0), rtol=1e-3, atol=1e-3)
    middle = poses[0, :11].mean(axis=0)
    edges = (*(middle - np.array([1.0, 1.5]) * size), *(middle + np.array([1.0, 2.0]) * size))
    np.testing.assert_allclose(people.boxes_px[0], edges, rtol=1e-5)
    np.testing.assert_allclose(np.delete(moved, 9, axis=0), 0, atol=1e-3)


def test_mistakes_come_from_those_who_do_the_same() -> None:
    """Twenty writers whom the glance knows, twenty readers in the same pose whom it takes for
    writers, and one listener, of whom there are too few: anybody stands for that one."""
    write, read, listen = (GLANCES.index(name) for name in ("write", "read", "listen"))
    pose = np.random.default_rng(2).normal(size=(1, 17, 2)) * 40 + 300
    act = np.array([write] * 20 + [read] * 20 + [listen])
    glance = np.zeros((41, len(GLANCES)), np.float32)
    glance[:20, write], glance[20:40, write], glance[20:40, read] = 1.0, 0.7, 0.3
    errors = replace(
        _flawless(41), key=np.repeat(keys_of(pose, 1.0), 41, axis=0), glance=glance, act=act
    )
    rows = [0, 20, 40]
    people = People(np.repeat(pose, 3, axis=0), act[rows])
    archive, luck = Mistaken(errors), np.full(3, 0.4)
    chosen = archive.choose(people, 1.0, luck, np.full(3, NOBODY))
    seen, _ = archive.apply(people.points_px, chosen, luck)
    np.testing.assert_allclose(seen.glance[0], glance[0])
    np.testing.assert_allclose(seen.glance[1], glance[20])
    assert seen.glance[2, write] >= 0.7


def test_a_mistake_goes_on_while_somebody_keeps_still_and_does_the_same() -> None:
    """Fifteen writers in one pose, fifteen in another, and fifteen readers in the first."""
    rng = np.random.default_rng(4)
    one, two = (rng.normal(size=(1, 17, 2)) * 40 + 300 for _ in range(2))
    poses = np.repeat(np.concatenate([one, two, one]), 15, axis=0)
    poses = poses + rng.normal(size=poses.shape)
    write, read = GLANCES.index("write"), GLANCES.index("read")
    act = np.repeat([write, write, read], 15)
    archive = Mistaken(replace(_flawless(45), key=keys_of(poses, 1.0), act=act))

    def chosen(pose: np.ndarray, does: int, luck: float, before: int) -> int:
        people = People(pose, np.array([does]))
        return int(archive.choose(people, 1.0, np.array([luck]), np.array([before]))[0])

    first = chosen(one, write, 0.1, NOBODY)
    assert first < 15
    assert chosen(one, write, 0.95, first) == first
    assert chosen(one, write, 0.95, NOBODY) not in (first, NOBODY)
    assert 15 <= chosen(two, write, 0.1, first) < 30
    assert chosen(one, read, 0.1, first) >= 30
