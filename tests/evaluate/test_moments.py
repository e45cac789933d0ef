"""The worst moments, found by hand."""

from __future__ import annotations

import numpy as np

from classwatch.core.events import Event, EventKind
from classwatch.core.time import Interval, intervals
from classwatch.evaluate.material import Material, PeopleSeen
from classwatch.evaluate.output.moments import BoxKind, MomentKind, worst_moments
from tests.evaluate.made import SS, S, T, U, boxes, turn


def material(**known: object) -> Material:
    return Material(span=Interval(0.0, 30.0), **known)  # type: ignore[arg-type]


def test_voices_are_ordered_by_the_length_of_the_disagreement() -> None:
    truth = material(turns=(turn(0, 10, T), turn(12, 15, S), turn(20, 29, T)))
    found = material(turns=(turn(0, 8, T), turn(8, 10, S), turn(12, 15, SS), turn(20, 25, T)))
    moments = worst_moments("a", truth, found)
    assert [(m.start_s, m.end_s, m.truth, m.found) for m in moments] == [
        (25.0, 29.0, "teacher", ""),
        (8.0, 10.0, "teacher", "student"),
    ]


def test_what_was_not_annotated_is_no_disagreement() -> None:
    truth = material(turns=(turn(0, 10, T),), scored=intervals([(0.0, 12.0)]))
    found = material(turns=(turn(0, 10, T), turn(11, 20, S)))
    (moment,) = worst_moments("a", truth, found)
    assert (moment.start_s, moment.end_s, moment.found) == (11.0, 12.0, "student")


def test_truth_without_roles_asks_only_whether_somebody_speaks() -> None:
    truth = material(turns=(turn(0, 10, U, "A"),))
    found = material(turns=(turn(0, 4, T), turn(4, 9, S)))
    (moment,) = worst_moments("a", truth, found)
    assert (moment.start_s, moment.end_s, moment.truth, moment.found) == (9.0, 10.0, "speech", "")


def test_pictures_are_ordered_by_missed_and_false_people() -> None:
    one, two, three = (0, 0, 50, 100), (100, 0, 150, 100), (300, 0, 350, 100)
    truth = material(people={"": PeopleSeen(boxes([one, two], [one], [one, two], step_s=3.0))})
    found = material(people={"cam": PeopleSeen(boxes([one], [one], [three], step_s=3.0))})
    moments = [m for m in worst_moments("a", truth, found) if m.kind is MomentKind.PEOPLE]
    assert [(m.start_s, m.weight) for m in moments] == [(6.0, 3.0), (0.0, 1.0)]
    kinds = [box.kind for box in moments[0].boxes]
    assert sorted(kinds) == [BoxKind.FALSE, BoxKind.MISSED, BoxKind.MISSED]
    assert moments[1].boxes[-1].kind is BoxKind.MISSED
    assert moments[1].boxes[-1].x0 == 100.0


def test_pictures_of_nearly_the_same_moment_are_shown_once() -> None:
    one = (0, 0, 50, 100)
    truth = material(people={"": PeopleSeen(boxes([one], [one], [one], step_s=1.0))})
    found = material(people={"cam": PeopleSeen(boxes([], [], [], step_s=1.0))})
    moments = worst_moments("a", truth, found)
    assert [m.start_s for m in moments] == [0.0, 2.0]


def test_events_without_a_partner_are_shown() -> None:
    def hand(start_s: float, end_s: float) -> Event:
        return Event(EventKind.HAND_RAISED, start_s, end_s, "cam", 0, 1.0)

    truth = material(events=(hand(0, 2), hand(10, 14)))
    found = material(events=(hand(0, 2), hand(20, 21)))
    moments = worst_moments("a", truth, found)
    assert [(m.start_s, m.truth, m.found) for m in moments] == [
        (10.0, "hand_raised", ""),
        (20.0, "", "hand_raised"),
    ]
    assert np.isclose(moments[0].weight, 4.0)
