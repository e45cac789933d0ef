from __future__ import annotations

import random
import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classwatch.core.errors import DataError, UsageError
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.time import Interval
from classwatch.metrics.norm_sets import (
    NORM_SET,
    LessonValues,
    MeasuredValue,
    build_norms,
    compare,
    read_values,
    stratum_text,
)
from classwatch.store.convert import measures_table
from classwatch.store.documents import document_bytes, parse_document
from classwatch.store.parquet import table_bytes

MATHS = {"stage": "primary", "subject": "maths", "lesson_type": "new"}
MUSIC = {**MATHS, "subject": "music"}


def share(value: float | None, name: str = "fias.tt@3s-change", stream: str = "") -> MeasuredValue:
    return MeasuredValue(name, "", Unit.SHARE, value, stream)


def lesson(name: str, value: float | None, metadata: dict = MATHS, **rest) -> LessonValues:
    return LessonValues(name, {**metadata, **rest}, (share(value),))


def ten(metadata: dict = MATHS, prefix: str = "l") -> list[LessonValues]:
    return [lesson(f"{prefix}{i}", i / 10, metadata) for i in range(10)]


def test_a_reference_by_hand() -> None:
    found = build_norms(ten())
    (stratum,) = found.strata
    (cell,) = stratum.cells
    assert (stratum.lessons, stratum.teachers, cell.n) == (10, None, 10)
    assert cell.mean == pytest.approx(0.45)
    assert cell.sd == pytest.approx(0.30277, abs=1e-5)
    # Linear interpolation: a quarter of nine steps from 0.0.
    assert (cell.q1, cell.median, cell.q3) == pytest.approx((0.225, 0.45, 0.675))
    ((measure, place),) = compare(found, lesson("new", 0.9))
    assert measure.id == "fias.tt@3s-change"
    assert place.z == pytest.approx(0.45 / 0.30277, abs=1e-4)
    assert place.quarter == 4
    assert compare(found, lesson("new", 0.225))[0][1].quarter == 1


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_standard_scores_of_a_set_have_mean_0_and_spread_1(values: list[float]) -> None:
    lessons = [lesson(f"{i:02d}", value) for i, value in enumerate(values)]
    found = build_norms(lessons, min_n=2)
    scores = [compare(found, one)[0][1].z for one in lessons]
    if None in scores:
        assert max(values) - min(values) < 1e-12
    else:
        assert statistics.fmean(scores) == pytest.approx(0, abs=1e-6)
        if max(values) - min(values) > 1e-6:
            assert statistics.stdev(scores) == pytest.approx(1, abs=1e-6)


def test_the_order_of_lessons_changes_no_byte() -> None:
    lessons = ten() + ten(MUSIC, "m")
    shuffled = list(lessons)
    random.Random(4).shuffle(shuffled)
    first = document_bytes(NORM_SET, build_norms(lessons))
    assert first == document_bytes(NORM_SET, build_norms(shuffled))
    assert parse_document(NORM_SET, first, subject="x") == build_norms(lessons)


def test_lessons_of_another_kind_are_refused_unless_named() -> None:
    found = build_norms(ten())
    with pytest.raises(UsageError, match="subject=music") as caught:
        compare(found, lesson("new", 0.9, MUSIC))
    assert "subject=maths" in str(caught.value)
    kind = found.strata[0].stratum
    assert len(compare(found, lesson("new", 0.9, MUSIC), kind)) == 1


def test_few_lessons_make_no_reference() -> None:
    found = build_norms(ten() + ten(MUSIC, "m")[:9])
    assert [s.lessons for s in found.strata] == [10]
    assert [count for _, count in found.small] == [9]
    with pytest.raises(UsageError, match="--min-n"):
        build_norms(ten(), min_n=1)


def test_what_was_not_measured_is_no_zero() -> None:
    lessons = [*ten(), lesson("none", None)]
    (stratum,) = build_norms(lessons).strata
    assert stratum.lessons == 11
    assert stratum.cells[0].n == 10
    # Nine measured of eleven: too few for this cell.
    assert build_norms(lessons[1:]).strata[0].cells == ()


def test_values_by_another_rule_never_meet_the_reference() -> None:
    found = build_norms(ten())
    other = LessonValues("x", MATHS, (share(0.5, "fias.tt@3s-coded"),))
    assert compare(found, other) == ()


def test_a_cell_in_two_streams_is_left_out() -> None:
    found = build_norms(ten())
    twice = LessonValues("x", MATHS, (share(0.5, stream="a"), share(0.7, stream="b")))
    assert compare(found, twice) == ()


def test_equal_values_have_no_standard_score() -> None:
    found = build_norms([lesson(str(i), 0.1) for i in range(10)])
    place = compare(found, lesson("new", 0.3))[0][1]
    assert place.z is None
    assert place.quarter == 4


def test_teachers_are_counted_where_all_are_known() -> None:
    lessons = [lesson(str(i), i / 10, teacher=f"t{i % 3}") for i in range(10)]
    assert build_norms(lessons).strata[0].teachers == 3


def test_a_lesson_given_twice_is_refused() -> None:
    with pytest.raises(DataError, match="twice"):
        build_norms([*ten(), lesson("l3", 0.1)])


def test_only_values_are_read_of_a_lessons_table(tmp_path: Path) -> None:
    measures = (
        Measure("talk.silence", Unit.SHARE, "", "", value=0.25, evidence=(Interval(0.0, 1.0),)),
        Measure("fias.share@3s-change", Unit.SHARE, "", "", part="5", why=Why("no_codes")),
        Measure("heads.up_in_teacher_talk", Unit.SHARE, "", "", value=0.5, stream="rear"),
    )
    path = tmp_path / "measures.parquet"
    path.write_bytes(table_bytes(measures_table(measures), "l1"))
    assert set(read_values(path)) == {
        MeasuredValue("talk.silence", "", Unit.SHARE, 0.25),
        MeasuredValue("fias.share@3s-change", "5", Unit.SHARE, None),
        MeasuredValue("heads.up_in_teacher_talk", "", Unit.SHARE, 0.5, "rear"),
    }
    path.write_bytes(b"PAR1 cut")
    with pytest.raises(DataError, match=r"measures\.parquet"):
        read_values(path)


def test_strata_in_words() -> None:
    assert stratum_text((("stage", "primary"), ("subject", ""))) == (
        "stage=primary, subject=(not given)"
    )
    assert stratum_text(()) == "all lessons"
