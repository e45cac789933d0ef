"""Examples of acts for the networks: simulated lessons, seen by several cameras each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classwatch.simulate.figures.variety import varied
from classwatch.simulate.film.stage import library_from
from classwatch.train.acts.fit import Examples
from classwatch.train.acts.lessons import make_lesson
from classwatch.train.acts.simulated import Detector, Watched, simulate_people, students_of
from classwatch.vision.acts_features import features
from classwatch.vision.teacher_features import teacher_features

_DURATIONS_S = (60.0, 120.0, 180.0)
_DURATION_WEIGHTS = (0.3, 0.4, 0.3)


@dataclass(frozen=True, slots=True)
class Lessons:
    """``count`` random lessons of ``seed`` with the characters of a folder (None: schematic
    ones), of whose student moments ``share`` are used; ``longest_s`` cuts them short. Where they
    are ``varied``, each lesson has characters of its own, made from those."""

    seed: int
    count: int
    figures: Path | None
    share: float = 1.0
    longest_s: float = 180.0
    varied: bool = False

    def watched(self, detector: Detector) -> Iterator[tuple[int, Watched]]:
        """What each camera shows, with a number of its own."""
        library = library_from(self.figures)
        for number in range(self.count):
            rng = np.random.default_rng([self.seed, number, 7])
            duration_s = float(rng.choice(_DURATIONS_S, p=_DURATION_WEIGHTS))
            timeline = make_lesson(self.seed, number, duration_s=min(duration_s, self.longest_s))
            chosen = varied(library, rng) if self.varied else library
            cameras = simulate_people(timeline, chosen, detector, number)
            for camera, watched in enumerate(cameras):
                yield 10 * number + camera, watched


def examples(lessons: Lessons, detector: Detector) -> tuple[Examples, Examples]:
    """Moments of students and of teachers in the lessons."""
    students: list[Examples] = []
    teachers: list[Examples] = []
    for camera, watched in lessons.watched(detector):
        if not watched.teacher.all():
            rng = np.random.default_rng([lessons.seed, camera, 8])
            students.append(_thinned(_students(watched, camera), rng, lessons.share))
        if watched.teacher.any():
            teachers.append(_teacher(watched, camera))
    return joined(students), joined(teachers)


def _students(watched: Watched, camera: int) -> Examples:
    told = students_of(watched)
    table = features(told.seen).astype(np.float16)
    return Examples(table, told.label, np.full(len(table), camera))


def _teacher(watched: Watched, camera: int) -> Examples:
    rows = np.flatnonzero(watched.teacher)
    scale = np.full(len(rows), watched.scale, np.float32)
    table = teacher_features(watched.series, watched.scene(), rows, scale).astype(np.float16)
    return Examples(table, watched.label[rows], np.full(len(rows), camera))


def _thinned(given: Examples, rng: np.random.Generator, share: float) -> Examples:
    kept = rng.random(len(given.label)) < share
    return Examples(given.table[kept], given.label[kept], given.group[kept])


def joined(parts: Sequence[Examples]) -> Examples:
    """All examples of several parts."""
    return Examples(
        np.concatenate([p.table for p in parts]),
        np.concatenate([p.label for p in parts]),
        np.concatenate([p.group for p in parts]),
    )
