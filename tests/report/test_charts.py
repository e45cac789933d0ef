from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from classwatch.core.events import Event, EventKind
from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.media import StreamRole
from classwatch.core.people import ClassPictures
from classwatch.core.speech import SpeakerRole, SpeechActivity, Turn
from classwatch.core.time import Interval, intervals
from classwatch.report.model import ReportInput, StGrid, StreamItem
from classwatch.report.strips import Strip, strips
from classwatch.report.timeline import FINE_BINS, MAX_TICKS, bin_edges, bin_index, ticks
from classwatch.report.triangle import triangle
from classwatch.report.views import student_events
from classwatch.report.words import words

EN = words("en")
BOX = re.compile(r"M(-?[\d.]+) (-?[\d.]+)H(-?[\d.]+)v(-?[\d.]+)H")
BAR = re.compile(r"M(-?[\d.]+) (-?[\d.]+)V(-?[\d.]+)H(-?[\d.]+)V")


def by_id(report: ReportInput) -> dict[str, Strip]:
    return {s.id: s for s in strips(report, EN)}


def path(drawing: str, css: str) -> str:
    found = re.search(rf'<path class="{css}"[^>]* d="([^"]*)"', drawing)
    assert found, drawing
    return found.group(1)


def turn(start_s: float, end_s: float, role: SpeakerRole) -> Turn:
    return Turn(start_s, end_s, role, "", 1.0)


def counts(students: list[int], hands: list[int], up: list[int], down: list[int]) -> ClassPictures:
    n = len(students)
    rows = [np.array(x, np.int64) for x in (students, hands, students, up, down)]
    rest = rows[0] - rows[3] - rows[4]
    return ClassPictures(
        "cam", StreamRole.STUDENT_CAM, np.arange(n, dtype=np.float64), 1.0, *rows, rest
    )


def lesson(length_s: float = 100.0, **fields: object) -> ReportInput:
    return replace(ReportInput("x", Interval(10.0, 10.0 + length_s)), **fields)  # type: ignore[arg-type]


def test_talk_is_drawn_where_it_happens_once_per_role() -> None:
    report = lesson(
        turns=(
            turn(10, 30, SpeakerRole.TEACHER),
            turn(25, 35, SpeakerRole.TEACHER),
            turn(30, 32.5, SpeakerRole.STUDENT),
            turn(5, 12, SpeakerRole.STUDENTS),
        )
    )
    talk = by_id(report)["talk"]
    assert [r.label for r in talk.rows] == ["Teacher", "Student", "Several students"]
    drawn = [[(float(a), float(b)) for a, _, b, _ in BOX.findall(row.drawing)] for row in talk.rows]
    assert drawn == [[(0.0, 25.0)], [(20.0, 22.5)], [(0.0, 2.0)]]
    assert (31.0, "Student") in [(31.0, r[2]) for r in talk.probes[0].runs if r[0] <= 31 < r[1]]


def test_all_strips_share_one_axis() -> None:
    report = lesson(
        turns=(turn(10, 30, SpeakerRole.TEACHER),),
        st_grid=StGrid(30.0, (True, False, True)),
        events=(Event(EventKind.TEACHER_FRONT, 10, 50, "cam", 0, 1.0),),
        pictures=(counts([9] * 100, [2] * 100, [5] * 100, [3] * 100),),
        activity=SpeechActivity(
            intervals([(10, 30)]), np.full(1100, -30, np.float32), 0.1, -50, -30, 0
        ),
    )
    found = by_id(report)
    assert list(found) == ["talk", "st", "place", "hands:cam", "heads:cam", "loudness"]
    for strip in found.values():
        for row in strip.rows:
            assert 'viewBox="0 0 100 ' in row.drawing
            assert 'preserveAspectRatio="none"' in row.drawing
            assert 'role="img"' in row.drawing
            assert "aria-label=" in row.drawing


def test_what_the_pose_model_cannot_show_is_not_drawn_either() -> None:
    def figure(name: str, *, fit: bool) -> Measure:
        gate = Gate("points", float(fit), 1.0, fit, "points exact enough")
        why = None if fit else Why("points_coarse")
        value = 1.0 if fit else None
        return Measure(name, Unit.COUNT, f"{name}/1", "", value, why=why, gates=(gate,))

    seen = (counts([9] * 100, [2] * 100, [5] * 100, [3] * 100),)
    figures = (figure("hands.episodes@gap2s", fit=False), figure("heads.up", fit=True))
    assert list(by_id(lesson(pictures=seen, measures=figures))) == ["heads:cam"]


def test_st_codes_alternate_between_the_two_rows_and_undecided_is_in_neither() -> None:
    strip = by_id(lesson(st_grid=StGrid(30.0, (True, False, None))))["st"]
    drawn = [[(float(a), float(b)) for a, _, b, _ in BOX.findall(r.drawing)] for r in strip.rows]
    assert drawn == [[(0.0, 30.0)], [(30.0, 60.0)]]
    assert strip.probes[0].values == ("T", "S", None)
    assert strip.probes[0].edges_s == (10.0, 40.0, 70.0, 100.0)


def test_hands_show_the_most_at_once_in_each_bin() -> None:
    hands = [0] * 100
    hands[20], hands[21], hands[50] = 3, 8, 4
    strip = by_id(lesson(90.0, pictures=(counts([20] * 100, hands, [0] * 100, [0] * 100),)))[
        "hands:cam"
    ]
    bars = [(float(a), float(v), float(b)) for a, _, v, b in BAR.findall(strip.rows[0].drawing)]
    # Lesson time 20 and 21 s are 10 and 11 s after its start; two bins of 2 s hold them.
    assert bars == [(10.0, 0.0, 12.0), (40.0, 20.0, 42.0)]
    assert strip.rows[0].scale == "8"


def test_class_figures_are_hidden_below_five_students() -> None:
    few = [4] * 50 + [5] * 50
    strip = by_id(lesson(90.0, pictures=(counts(few, few, few, [0] * 100),)))["hands:cam"]
    starts = [float(a) for a, _, _, _ in BAR.findall(strip.rows[0].drawing)]
    assert min(starts) == 40.0
    assert path(strip.rows[0].drawing, "gap") == "M0 20H40"
    probe = strip.probes[0]
    assert probe.values[0] is None
    assert probe.values[-1] == "5"
    everywhere = counts([4] * 100, [1] * 100, [2] * 100, [2] * 100)
    assert by_id(lesson(90.0, pictures=(everywhere,))) == {}


def test_heads_share_of_the_seen_not_of_the_decided() -> None:
    strip = by_id(lesson(90.0, pictures=(counts([10] * 100, [0] * 100, [5] * 100, [2] * 100),)))[
        "heads:cam"
    ]
    drawing = strip.rows[0].drawing
    up = BAR.findall(path(drawing, "heads-up"))
    down = BOX.findall(path(drawing, "heads-down"))
    assert {float(v) for _, _, v, _ in up} == {20.0}
    assert {(float(y), float(h)) for _, y, _, h in down} == {(0.0, 8.0)}
    assert strip.probes[0].values[0] == "50 % up, 20 % down"


def test_loudness_reads_the_mean_power() -> None:
    level = np.full(1100, -60, np.float32)
    level[100:150] = -20
    activity = SpeechActivity(intervals([]), level, 0.1, -60.0, float("nan"), 0)
    probe = by_id(lesson(100.0, activity=activity))["loudness"].probes[0]
    assert probe.values[0] == "-20 dBFS"
    assert probe.values[-1] == "-60 dBFS"
    silent = SpeechActivity(
        intervals([]), np.full(1100, -np.inf, np.float32), 0.1, float("nan"), float("nan"), 0
    )
    assert "nan" not in by_id(lesson(100.0, activity=silent))["loudness"].rows[0].drawing


def camera(name: str, role: StreamRole) -> StreamItem:
    return StreamItem(name, role)


def test_one_camera_tells_the_teachers_place() -> None:
    events = (
        Event(EventKind.TEACHER_NOT_VISIBLE, 10, 110, "a", 0, 1.0),
        Event(EventKind.TEACHER_AT_BOARD, 20, 40, "b", 0, 1.0),
        Event(EventKind.TEACHER_FRONT, 30, 60, "b", 7, 1.0),
    )
    media = (camera("a", StreamRole.STUDENT_CAM), camera("b", StreamRole.TEACHER_CAM))
    place = by_id(lesson(events=events, media=media))["place"]
    assert place.probes[0].runs == (
        (20.0, 40.0, "Facing the board"),
        (40.0, 60.0, "At the front"),
    )


def test_student_cameras_speak_for_the_class_before_mixed_ones() -> None:
    nine = counts([9] * 100, [2] * 100, [5] * 100, [3] * 100)
    mixed = replace(nine, stream="room", role=StreamRole.MIXED)
    behind = replace(nine, stream="rear", role=StreamRole.TEACHER_CAM)
    assert list(by_id(lesson(pictures=(behind, mixed, nine)))) == ["hands:cam", "heads:cam"]
    assert list(by_id(lesson(pictures=(behind, mixed)))) == ["hands:room", "heads:room"]
    assert by_id(lesson(pictures=(behind,))) == {}


def test_student_events_need_a_group_in_the_picture() -> None:
    few = counts([4] * 50 + [6] * 50, [1] * 100, [0] * 100, [0] * 100)
    up = Event(EventKind.HAND_RAISED, 40, 60, "cam", 3, 1.0)
    other = Event(EventKind.HAND_RAISED, 70, 80, "rear", 3, 1.0)
    report = lesson(pictures=(few,), events=(up, other))
    assert student_events(report, EventKind.HAND_RAISED).tolist() == [[50.0, 60.0]]
    assert student_events(lesson(events=(up,)), EventKind.HAND_RAISED).tolist() == []


@pytest.mark.parametrize("length_s", [0.5, 20, 200, 301, 2700, 5400, 14400])
def test_ticks_are_few_round_and_in_place(length_s: float) -> None:
    found = ticks(Interval(0.0, length_s))
    assert 1 <= len(found) <= MAX_TICKS + 1
    assert all(0 <= t.at < 1 for t in found)
    assert len({t.label for t in found}) == len(found)


def test_ticks_of_a_lesson_say_minutes() -> None:
    found = ticks(Interval(0.0, 2700.0))
    assert [t.label for t in found] == ["0", "5", "10", "15", "20", "25", "30", "35", "40"]
    assert found[4].at == pytest.approx(1200 / 2700)


def test_bins_cover_the_span_and_count_every_time_once() -> None:
    edges = bin_edges(Interval(3.0, 2701.3), 0.1, FINE_BINS)
    assert edges[0] == 3.0
    assert edges[-1] == 2701.3
    assert len(edges) <= FINE_BINS + 1
    index = bin_index(np.array([2.9, 3.0, 2701.2, 2701.3]), edges)
    assert index.tolist() == [-1, 0, len(edges) - 2, -1]


def measured(measure_id: str, value: float) -> Measure:
    return Measure(measure_id, Unit.RATIO, "f/1", "centre of each 30s window", value=value)


def test_the_point_lies_where_rt_and_ch_say() -> None:
    report = lesson(
        measures=(
            measured("st.rt@30s-point", 0.5),
            measured("st.rt@exact", 0.625),
            measured("st.ch@30s-point", 0.25),
        )
    )
    drawn = triangle(report, EN)
    corners = [
        [float(v) for v in pair.split(",")]
        for pair in re.search(r'class="edge" points="([^"]*)"', drawn.drawing).group(1).split()  # type: ignore[union-attr]
    ]
    (x0, y0), (xa, ya), (x1, y1) = corners
    point = re.search(r'class="point" cx="([\d.]+)" cy="([\d.]+)"', drawn.drawing)
    assert point is not None
    assert float(point.group(1)) == pytest.approx((x0 + x1) / 2)
    assert float(point.group(2)) == pytest.approx(y0 + 0.25 * (ya - y0))
    assert y0 == y1
    assert xa == pytest.approx((x0 + x1) / 2)
    assert (drawn.rt, drawn.ch, drawn.exact) == ("0.50", "0.25", "0.62")
    assert drawn.sampling == "centre of each 30s window"


def test_no_grid_sampled_pair_no_triangle() -> None:
    assert triangle(lesson(measures=(measured("st.rt@exact", 0.6),)), EN).drawing == ""
    assert triangle(lesson(), EN).missing == "There is no S-T result."
