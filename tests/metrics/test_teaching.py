"""What the teacher does: shares of visible time, counted out by hand."""

from __future__ import annotations

import pytest

from classwatch.core.events import Event, EventKind
from classwatch.core.reasons import Reason
from tests.metrics.builders import cells, lesson, picture, value

PICTURES = (picture({"students_seen": [20] * 100}),)


def _event(kind: EventKind, start_s: float, end_s: float) -> Event:
    return Event(kind, start_s, end_s, "rear", -1, 0.9)


PLACES = (
    _event(EventKind.TEACHER_FRONT, 0.0, 60.0),
    _event(EventKind.TEACHER_AMONG_DESKS, 60.0, 80.0),
)


def test_shares_are_of_visible_time_and_add_up() -> None:
    events = (
        *PLACES,
        _event(EventKind.TEACHER_WRITING, 10.0, 30.0),
        _event(EventKind.POINTING, 25.0, 40.0),  # writing goes first where both are given
        _event(EventKind.TEACHER_BENDING, 70.0, 90.0),  # seen until 80 s only
    )
    facts = lesson(100.0, events=events, pictures=PICTURES)
    expected = {"writing": 20, "pointing": 10, "bending": 10, "desk": 0, "sitting": 0, "other": 40}
    for part, seconds in expected.items():
        assert value(facts, "place.acts", part) == pytest.approx(seconds / 80)
    assert cells(facts)["place.acts", "writing"].coverage == pytest.approx(0.8)


def test_without_any_act_nothing_is_known_rather_than_nothing_done() -> None:
    why = cells(lesson(100.0, events=PLACES, pictures=PICTURES))["place.acts", "writing"].why
    assert why is not None
    assert why.code == Reason.CANNOT_TELL
