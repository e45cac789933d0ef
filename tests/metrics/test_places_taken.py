"""Students at the board and empty seats, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.events import Event, EventKind
from classwatch.core.media import StreamRole
from classwatch.core.reasons import Reason
from classwatch.metrics.facts import FrontFacts
from tests.metrics.builders import cells, lesson, picture

REAR = FrontFacts("back", StreamRole.TEACHER_CAM, np.arange(90.0), 1.0)
"""Sees the front in the first 90 s of two minutes."""
SCREEN = FrontFacts("screen", StreamRole.SCREEN, np.arange(120.0), 1.0)


def event(kind: EventKind, start_s: float, end_s: float, stream: str) -> Event:
    return Event(kind, start_s, end_s, stream, -1, 0.7)


def of_class(seen: int, frames: int = 120) -> dict[str, list[int]]:
    return {"students_seen": [seen] * frames, "heads_up": [seen] * frames}


def test_students_at_the_board() -> None:
    visits = [(10, 19), (22, 30), (60, 70)]  # 3 s of pause: the same visit
    events = tuple(event(EventKind.STUDENT_AT_BOARD, a, b, "back") for a, b in visits)
    elsewhere = event(EventKind.STUDENT_AT_BOARD, 80, 89, "rear")  # does not show the front
    facts = lesson(
        120.0, events=(*events, elsewhere), pictures=(picture(of_class(12)),), fronts=(REAR, SCREEN)
    )
    table = cells(facts)
    share = table["class.at_board_share", ""]
    assert (share.numerator, share.denominator) == (pytest.approx(30.0), pytest.approx(90.0))
    assert share.coverage == pytest.approx(0.75)
    assert table["class.board_visits", ""].value == 2


def test_where_no_camera_shows_the_front_or_the_class_is_small_nothing_is_told() -> None:
    names = ("class.at_board_share", "class.board_visits")
    blind = cells(lesson(120.0, pictures=(picture(of_class(12)),), fronts=(SCREEN,)))
    small = cells(lesson(120.0, pictures=(picture(of_class(4)),), fronts=(REAR,)))
    for name in names:
        for table, reason in ((blind, Reason.NO_FRONT_PICTURE), (small, Reason.CLASS_SMALL)):
            why = table[name, ""].why
            assert why is not None
            assert why.code == reason


def test_empty_seats_are_counted_over_the_pictures_that_show_a_class() -> None:
    # One seat is empty for 80 of 120 s, another for the last 40 of these.
    left = [(20, 100), (60, 100)]
    events = tuple(event(EventKind.SEAT_EMPTY, a, b, "rear") for a, b in left)
    table = cells(lesson(120.0, events=events, pictures=(picture(of_class(9)),)))
    share = table["class.empty_seat_share", ""]
    assert (share.numerator, share.denominator) == (120.0, 9 * 120 + 120.0)
    assert table["class.empty_seats", ""].value == 1.0
    none = cells(lesson(120.0, pictures=(picture(of_class(9)),)))
    assert none["class.empty_seat_share", ""].value == 0.0
    few = cells(lesson(120.0, events=events, pictures=(picture(of_class(4)),)))
    why = few["class.empty_seats", ""].why
    assert why is not None
    assert why.code == Reason.TOO_FEW_SEEN
