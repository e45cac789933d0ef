"""Board and screen, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.events import Event, EventKind
from classwatch.core.media import StreamRole
from classwatch.core.reasons import Reason
from classwatch.metrics.facts import FrontFacts
from tests.metrics.builders import cells, lesson, picture

REAR = FrontFacts("rear", StreamRole.TEACHER_CAM, np.arange(60.0), 1.0)
"""Sees the front in the first minute of two."""
SCREEN = FrontFacts("screen", StreamRole.SCREEN, np.arange(30.0, 120.0), 1.0)


def event(kind: EventKind, start_s: float, end_s: float, stream: str = "rear") -> Event:
    return Event(kind, start_s, end_s, stream, -1, 0.9)


def measured(fronts: tuple[FrontFacts, ...], *events: Event):
    return cells(lesson(120.0, fronts=fronts, events=events))


def test_writing_of_two_cameras_is_added_up_and_not_counted_twice() -> None:
    other = FrontFacts("side", StreamRole.MIXED, np.arange(60.0, 90.0), 1.0)
    found = measured(
        (REAR, other),
        event(EventKind.BOARD_WRITING, 10, 30),
        event(EventKind.BOARD_WRITING, 25, 40, "side"),
        event(EventKind.BOARD_WRITING, 70, 75, "side"),
        event(EventKind.BOARD_WRITING, 0, 120, "towards the class"),
    )["board.writing", ""]
    assert found.value == pytest.approx(35.0)
    assert found.coverage == pytest.approx(90 / 120)


def test_a_board_in_view_without_writing_is_0_and_no_board_in_view_is_absent() -> None:
    assert measured((REAR,))["board.writing", ""].value == 0.0
    blind = measured((SCREEN,))["board.writing", ""]
    assert blind.why is not None
    assert blind.why.code == Reason.NO_PICTURE
    shown = picture({"students_seen": [20] * 60})
    towards = cells(lesson(60.0, pictures=(shown,)))["board.writing", ""]
    assert towards.why is not None
    assert towards.why.code == Reason.NO_FRONT_PICTURE


def test_the_screens_own_stream_decides_where_there_is_one() -> None:
    found = measured(
        (REAR, SCREEN),
        event(EventKind.SLIDE_CHANGE, 10, 11),
        event(EventKind.SLIDE_CHANGE, 40, 41),  # the same change, seen by the camera a bit late
        event(EventKind.SLIDE_CHANGE, 39, 40, "screen"),
        event(EventKind.SLIDE_CHANGE, 100, 101, "screen"),
        event(EventKind.SCREEN_ON, 5, 60),
        event(EventKind.SCREEN_ON, 30, 50, "screen"),
    )
    changes = found["board.slide_changes", ""]
    assert changes.value == 3
    assert changes.coverage == 1.0
    assert [moment.start_s for moment in changes.evidence] == [10, 39, 100]
    # The camera for 5 to 30 s, then the screen's own stream.
    assert found["board.screen_on", ""].value == pytest.approx(45.0)


def test_no_screen_is_not_a_screen_that_is_off() -> None:
    found = measured((REAR,), event(EventKind.BOARD_WRITING, 10, 30))
    for name in ("board.slide_changes", "board.screen_on"):
        why = found[name, ""].why
        assert why is not None
        assert why.code == Reason.NO_SCREEN
    still = measured((SCREEN,), event(EventKind.SCREEN_ON, 30, 120, "screen"))
    assert still["board.slide_changes", ""].value == 0
