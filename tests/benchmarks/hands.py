"""Raised hands as events, from simulated people with a pose model's mistakes.

``python -m tests.benchmarks.hands ERRORS.npz --humans FOLDER`` with mistakes of
``python -m classwatch.train.acts errors``: precision, recall and F1 of the events that the shipped
network and the courses of an analysis tell (overlap of half or more, tracks given), by camera;
and how many moments with a hand up are told against how many there are. ``--exact`` takes the
mistakes of place away, ``--varied`` makes new characters for each lesson.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.evaluate.scores.matching import match
from classwatch.evaluate.scores.spans import OverlapRule
from classwatch.models.shipped import STUDENT_ACTS, shipped
from classwatch.train.acts.errors import Errors, Mistaken
from classwatch.train.acts.examples import Lessons
from classwatch.train.acts.simulated import Detector, Watched, students_of
from classwatch.vision import acts_features
from classwatch.vision.acts import STUDENT_CLASSES, course_of
from classwatch.vision.acts_model import ActsModel, load_acts_model

HAND = STUDENT_CLASSES.index("hand_raised")
Span = tuple[float, float]


@dataclass(slots=True)
class Count:
    """Events and moments: true, told, and events that are both."""

    true: int = 0
    told: int = 0
    right: int = 0
    moments: int = 0
    moments_told: int = 0

    def add(self, other: Count) -> None:
        """Count these and those together."""
        self.true += other.true
        self.told += other.told
        self.right += other.right
        self.moments += other.moments
        self.moments_told += other.moments_told

    def line(self) -> str:
        """Figures of these counts."""
        precision, recall = self.right / max(self.told, 1), self.right / max(self.true, 1)
        f1 = 2 * self.right / max(self.told + self.true, 1)
        more = self.moments_told / max(self.moments, 1) - 1
        return (
            f"{self.true} events, F1 {f1:.3f}, precision {precision:.3f}, recall {recall:.3f}, "
            f"moments {more:+.1%}"
        )


def spans(times_s: NDArray[np.float64], shown: NDArray[np.bool_]) -> list[Span]:
    """Stretches in which something is shown, of pictures a second apart."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], shown, [False]]).astype(int)))
    return [(float(times_s[a]), float(times_s[b - 1]) + 1.0) for a, b in edges.reshape(-1, 2)]


def matched(true: list[Span], told: list[Span]) -> int:
    """How many true stretches have a told one of their own that overlaps by half."""
    if not true or not told:
        return 0
    return len(match(OverlapRule().affinity(np.asarray(true), np.asarray(told))))


def counted(watched: Watched, model: ActsModel) -> Count:
    """What one camera shows."""
    students = np.flatnonzero(~watched.teacher)
    table = acts_features.features(students_of(watched).seen)
    probability = np.zeros((len(watched.person), len(STUDENT_CLASSES)), np.float32)
    probability[students] = model.probabilities(table)
    people, number = np.unique(watched.person, return_inverse=True)
    roles = tuple(TrackRole(i, PersonRole.STUDENT, 1.0, ()) for i in range(len(people)))
    tracks = Tracks(number.astype(np.int32), roles)
    raised = course_of(watched.series, tracks, ~watched.teacher, probability).postures.raised
    times_s, found = watched.series.times_s, Count()
    for own in _bodies(watched, students):
        label = watched.label[own]
        true = spans(times_s[own], label == HAND)
        told = spans(times_s[own], raised[own])
        found.true += len(true)
        found.told += len(told)
        found.right += matched(true, told)
        found.moments += int((label == HAND).sum())
        found.moments_told += int(raised[own][label >= 0].sum())
    return found


def _bodies(watched: Watched, rows: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    for person in np.unique(watched.person[rows]):
        own = rows[watched.person[rows] == person]
        yield own[np.argsort(watched.series.times_s[own], kind="stable")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("errors", type=Path)
    parser.add_argument("--humans", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=902)
    parser.add_argument("--lessons", type=int, default=5)
    parser.add_argument("--exact", action="store_true")
    parser.add_argument("--varied", action="store_true")
    asked = parser.parse_args()
    model = load_acts_model(shipped(STUDENT_ACTS).path, acts_features.WIDTH)
    lessons = Lessons(asked.seed, asked.lessons, asked.humans, longest_s=120.0, varied=asked.varied)
    detector = Detector((Mistaken(Errors.load(asked.errors)),), 0.0 if asked.exact else 1.0)
    counts: defaultdict[str, Count] = defaultdict(Count)
    for _, watched in lessons.watched(detector):
        if not watched.teacher.all():
            shown = counted(watched, model)
            counts[watched.role.value].add(shown)
            counts["all"].add(shown)
    for name, one in sorted(counts.items()):
        print(f"{name}: {one.line()}")


if __name__ == "__main__":
    main()
