"""The teacher's way, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from classwatch.core.events import Event, EventKind
from classwatch.core.measures import Measure
from classwatch.core.media import StreamRole
from classwatch.core.people import FloorSource
from classwatch.core.reasons import Reason
from classwatch.metrics.facts import TeacherTrace
from tests.metrics.builders import cells, lesson, picture


def way(zones: list[tuple[str, int]], x: list[float] | None = None, **rest: object) -> TeacherTrace:
    """One sighting a second; each zone for so many seconds."""
    names = tuple(zone for zone, count in zones for _ in range(count))
    n = len(names)
    across = np.array(x) if x is not None else np.full(n, 0.5)
    level = np.full(n, 0.5)
    setup = rest.pop("setup", np.zeros(n, int))
    return TeacherTrace(np.arange(n, dtype=float), across, level, level, 2.0, setup, names, **rest)  # type: ignore[arg-type]


def measured(trace: TeacherTrace, length_s: float = 100.0) -> dict[tuple[str, str], Measure]:
    shown = picture(
        {"students_seen": [20] * len(trace.times_s)}, role=StreamRole.TEACHER_CAM, teacher=trace
    )
    return cells(lesson(length_s, pictures=(shown,)))


def test_zone_shares_and_entropy() -> None:
    found = measured(way([("front_left", 60), ("front_middle", 20)]))
    assert found["movement.zone_share", "front_left"].value == pytest.approx(0.75)
    assert found["movement.zone_share", "front_middle"].value == pytest.approx(0.25)
    assert found["movement.zone_share", "desks_left"].value == 0.0
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25)) / math.log(6)
    assert found["movement.entropy", ""].value == pytest.approx(entropy)
    assert found["movement.entropy", ""].coverage == pytest.approx(0.8)
    assert found["movement.dispersion", ""].why is not None


def test_patrols_need_time_and_two_zones() -> None:
    zones = [("front_middle", 30)]
    zones += [("desks_left", 5), ("desks_middle", 5), ("front_middle", 10)]  # a patrol
    zones += [("desks_left", 10), ("front_middle", 10)]  # one zone only
    zones += [("desks_left", 2), ("desks_middle", 2), ("front_middle", 10)]  # too short
    found = measured(way(zones))
    patrols = found["movement.patrols@8s", ""]
    assert patrols.value == 1
    assert (patrols.evidence[0].start_s, patrols.evidence[0].end_s) == (30.0, 40.0)
    assert found["movement.visits@3s", "desks_left"].value == 2
    assert found["movement.visits@3s", "desks_middle"].value == 1
    assert found["movement.visits@3s", "desks_right"].value == 0


def test_gini_over_the_desks() -> None:
    found = measured(way([("desks_left", 60), ("desks_middle", 30)]))
    # |60-30| + |60-0| + |30-0|, each twice, over 2 * 3 * 90.
    assert found["movement.dispersion", ""].value == pytest.approx(240 / 540)


def test_stops_in_own_heights() -> None:
    # Height 0.5, aspect 2: 0.125 of the width is half a height. Twice 10 s still, a step between.
    x = [0.2] * 10 + [0.2 + 0.15 * k for k in range(1, 5)] + [0.8] * 10 + [0.5] * 60
    found = measured(way([("front_middle", len(x))], x))
    assert found["movement.stops@5s", ""].numerator == 3


def test_metres_on_the_floor() -> None:
    # A metre every second for 70 s, straight on.
    floor = np.column_stack([np.arange(70.0), np.zeros(70)])
    found = measured(way([("front_middle", 70)], floor_m=floor, floor_error=0.1))
    assert found["movement.distance", ""].value == pytest.approx(60.0)
    # Another camera's places are not compared with these.
    setup = np.repeat([0, 1], 35)
    cut = measured(way([("front_middle", 70)], floor_m=floor, floor_error=0.1, setup=setup))
    assert cut["movement.distance", ""].numerator == pytest.approx(68.0)


def test_where_the_metres_come_from_is_said() -> None:
    floor = np.column_stack([np.arange(70.0), np.zeros(70)])
    for source, words in ((FloorSource.POINTS, "marked points"), (FloorSource.SEATS, "shoulders")):
        zones = [("front_middle", 70)]
        good = measured(way(zones, floor_m=floor, floor_error=0.1, floor_source=source))
        assert words in good["movement.distance", ""].sampling
        rough = measured(way(zones, floor_m=floor, floor_error=0.6, floor_source=source))
        why = rough["movement.distance", ""].why
        assert why is not None
        assert why.detail["source"] == source


def test_what_is_not_known_is_not_given() -> None:
    rough = measured(way([("front_middle", 70)], floor_error=0.6))["movement.distance", ""]
    assert rough.why is not None
    assert rough.why.code == Reason.FLOOR_ROUGH
    brief = measured(way([("front_middle", 30)]))["movement.patrols@8s", ""]
    assert brief.why is not None
    assert brief.why.code == Reason.TEACHER_BRIEF
    unzoned = measured(way([("", 70)]))["movement.entropy", ""]
    assert unzoned.why is not None
    assert unzoned.why.code == Reason.NO_ZONES
    assert cells(lesson(100.0))["movement.entropy", ""].why is not None


def test_a_stream_fills_in_where_no_better_one_sees_the_teacher() -> None:
    def event(kind: EventKind, start_s: float, end_s: float, stream: str) -> Event:
        return Event(kind, start_s, end_s, stream, -1, 0.9)

    events = (
        event(EventKind.TEACHER_FRONT, 0, 40, "rear"),
        event(EventKind.TEACHER_NOT_VISIBLE, 40, 100, "rear"),
        event(EventKind.TEACHER_AMONG_DESKS, 30, 70, "front"),
        event(EventKind.TEACHER_NOT_VISIBLE, 0, 30, "front"),
    )
    shown = (
        picture({"students_seen": [20] * 100}, stream="rear", role=StreamRole.TEACHER_CAM),
        picture({"students_seen": [20] * 100}, stream="front", role=StreamRole.STUDENT_CAM),
    )
    table = [m for m in _compute(events, shown) if m.id.startswith("place.")]
    share = {m.part: m.value for m in table if m.id == "place.share"}
    # 40 s at the front, then 30 s among the desks that only the other camera sees.
    assert share == {
        "front": pytest.approx(40 / 70),
        "among_desks": pytest.approx(30 / 70),
        "at_board": 0.0,
    }
    gone = next(m for m in table if m.id == "place.not_visible")
    assert gone.value == pytest.approx(0.3)


def _compute(events: tuple[Event, ...], shown: tuple) -> tuple[Measure, ...]:
    from classwatch.metrics.compute import compute
    from tests.metrics.builders import EASY

    return compute(lesson(100.0, events=events, pictures=shown), EASY)
