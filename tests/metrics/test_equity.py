from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classwatch.core.events import Event, EventKind
from classwatch.core.reasons import Reason
from classwatch.metrics.equity import ZONES, gini
from tests.metrics.builders import cells, lesson, picture


def test_gini_by_hand() -> None:
    assert gini(np.array([3, 3, 3])) == 0
    assert gini(np.array([9, 0, 0])) == pytest.approx(2 / 3)
    # |1-2| |1-3| |2-3|, each twice: 8; 2 * 9 * 2 = 36.
    assert gini(np.array([1, 2, 3])) == pytest.approx(8 / 36)
    for wrong in ([], [0, 0], [-1, 2]):
        with pytest.raises(ValueError, match="Gini"):
            gini(np.array(wrong))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=9).filter(any), st.integers(1, 5))
def test_gini_has_its_bounds_and_no_scale(counts: list[int], times: int) -> None:
    found = gini(np.array(counts))
    assert -1e-12 <= found <= 1 - 1 / len(counts) + 1e-12
    assert gini(np.array(counts) * times) == pytest.approx(found)
    assert gini(np.array(counts[::-1])) == pytest.approx(found)


def class_of(students: int, zones: list[str], told: tuple[str, ...] = ZONES):
    """A turn of ten seconds each half minute, spoken standing in the zone (or sitting, "")."""
    talk = [(0.0, 5.0, "T")]
    events = []
    for at, zone in enumerate(zones):
        start = 30.0 * at + 10
        talk.append((start, start + 10, "S1"))
        if zone:
            kind = EventKind.STANDING
            events.append(Event(kind, start + 1, start + 9, "rear", at, 0.9, zone))
            # Somebody else gets up for a moment at the end.
            events.append(Event(kind, start + 9.2, start + 12, "rear", 99, 0.9, "desks_middle"))
    # Somebody is seen in every zone.
    events += [Event(EventKind.HEAD_UP, 0, 600, "rear", 200, 0.9, z) for z in told]
    shown = picture({"students_seen": [students] * 600})
    return lesson(600.0, talk, events=tuple(events), pictures=(shown,))


LEFT, MIDDLE, RIGHT = "desks_left", "desks_middle", "desks_right"


def test_turns_by_zone_by_hand() -> None:
    zones = [LEFT, LEFT, LEFT, MIDDLE, LEFT, "", LEFT, MIDDLE]
    table = cells(class_of(30, zones))
    assert table["zone.share", LEFT].value == pytest.approx(5 / 7)
    assert table["zone.share", RIGHT].value == 0
    assert table["zone.silent_share", ""].value == pytest.approx(1 / 3)
    # 5, 2, 0: (3 + 5 + 2) * 2 / (2 * 9 * 7/3).
    assert table["zone.gini", ""].value == pytest.approx(20 / 42)
    assert len(table["zone.share", LEFT].evidence) == 5


def test_a_zone_of_few_seats_is_no_silent_zone() -> None:
    table = cells(class_of(30, [LEFT, LEFT, LEFT, MIDDLE, LEFT], told=(LEFT, MIDDLE)))
    assert table["zone.share", LEFT].value == pytest.approx(4 / 5)
    assert table["zone.silent_share", ""].value == 0
    why = table["zone.share", RIGHT].why
    assert why is not None
    assert why.code == Reason.ZONE_SMALL
    one = cells(class_of(30, [MIDDLE] * 8, told=(MIDDLE,)))["zone.gini", ""].why
    assert one is not None
    assert one.code == Reason.ZONE_SMALL


@pytest.mark.parametrize("kind", [EventKind.TEACHER_AMONG_DESKS, EventKind.OTHER_ADULT])
def test_an_adult_in_a_zone_of_few_seats_does_not_open_it(kind: EventKind) -> None:
    hands = [
        Event(EventKind.HAND_RAISED, 10.0 * k, 10.0 * k + 3, "rear", k, 0.9, zone)
        for k, zone in enumerate([LEFT] * 5 + [MIDDLE] * 5)
    ]
    adult = Event(kind, 50.0, 90.0, "rear", 99, 0.9, RIGHT)
    shown = picture({"students_seen": [30] * 200})
    table = cells(lesson(200.0, events=(*hands, adult), pictures=(shown,)))
    assert table["zone.hands", LEFT].value == pytest.approx(0.5)
    why = table["zone.hands", RIGHT].why
    assert why is not None
    assert why.code == Reason.ZONE_SMALL


def test_raised_hands_by_zone() -> None:
    hands = [LEFT] * 3 + [MIDDLE] * 2 + [RIGHT] * 5
    events = tuple(
        Event(EventKind.HAND_RAISED, 10.0 * k, 10.0 * k + 3, "rear", k, 0.9, zone)
        for k, zone in enumerate(hands)
    )
    shown = picture({"students_seen": [30] * 200})
    table = cells(lesson(200.0, events=events, pictures=(shown,)))
    assert [table["zone.hands", zone].value for zone in ZONES] == pytest.approx([0.3, 0.2, 0.5])
    small = picture({"students_seen": [12] * 200})
    few = cells(lesson(200.0, events=events, pictures=(small,)))["zone.hands", LEFT].why
    assert few is not None
    assert few.code == Reason.CLASS_SMALL


@pytest.mark.parametrize(
    ("students", "zones", "code"),
    [
        (19, [LEFT] * 8, Reason.CLASS_SMALL),
        (30, [LEFT] * 4, Reason.TOO_FEW),
        (30, [""] * 8, Reason.TOO_FEW),
    ],
)
def test_small_classes_and_few_turns_abstain(students: int, zones: list, code: str) -> None:
    table = cells(class_of(students, zones))
    for key in (("zone.share", LEFT), ("zone.gini", ""), ("zone.silent_share", "")):
        why = table[key].why
        assert why is not None
        assert why.code == code
