"""S-T from people's codes, by hand and against the S-T of the same lesson's turns."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.config.schema import MetricsConfig
from classwatch.core.errors import InputError
from classwatch.core.measures import Measure
from classwatch.core.speech import Origin, SpeakerRole, Turn
from classwatch.core.time import Interval
from classwatch.exchange.code_sequence import runs
from classwatch.metrics.compute import compute
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.st_by_hand import SCHEMES, known_codes, st_of_codes, teacher_codes


def by_id(measures: tuple[Measure, ...]) -> dict[str, Measure]:
    return {m.id: m for m in measures}


def test_codes_are_read_by_the_crosswalk() -> None:
    # The table of the protocols: a teacher's codes are FIAS 1-7, ITIAS 1-8, 16 and 18.
    for scheme, count in (("fias", 7), ("itias", 10)):
        whole = [c for c in sorted(known_codes(scheme)) if "." not in c]
        assert teacher_codes(whole, scheme)[0].sum() == count
    assert teacher_codes(["4.1", "9.1", "13", "14"], "ifias")[0].tolist() == [
        True, False, True, False,
    ]  # fmt: skip


def test_by_hand() -> None:
    # T T S S S T | - | S T T T S: 11 coded, 6 of them T, 4 changes where codes follow each other.
    codes = ["T", "T", "S", "S", "S", "T", "", "S", "T", "T", "T", "S"]
    found = by_id(st_of_codes(codes, "st", 30.0))
    assert found["st.rt@30s-coded"].value == pytest.approx(6 / 11)
    # The step without a code is left out, so that T and S beside it follow each other.
    assert found["st.ch@30s-coded"].value == pytest.approx(5 / 11)
    assert found["st.rt@30s-coded"].coverage == pytest.approx(11 / 12)
    mode = found["st.mode@30s-coded"]
    assert mode.category is None
    assert mode.why is not None


def test_a_code_of_another_protocol_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="17"):
        st_of_codes(["5", "17"], "fias", 3.0)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from("TS"), min_size=300, max_size=500))
def test_the_classical_grid_is_that_of_the_turns(codes: list[str]) -> None:
    found = by_id(st_of_codes(codes, "st", 3.0))
    turns = tuple(
        Turn(
            a.start_s,
            a.end_s,
            SpeakerRole.TEACHER if a.text == "T" else SpeakerRole.STUDENT,
            a.text,
            1.0,
            Origin.ANNOTATED,
        )
        for a in runs(codes, 3.0)
    )
    same = by_id(compute(LessonFacts(Interval(0.0, 3.0 * len(codes)), turns), MetricsConfig()))
    for name in ("st.rt@30s-point", "st.ch@30s-point", "st.run@30s-point", "st.mode@30s-point"):
        if name in same and same[name].why is None:
            assert found[name].value == pytest.approx(same[name].value), name
            assert found[name].category == same[name].category
    rt, ch = found["st.rt@3s-coded"].value, found["st.ch@3s-coded"].value
    assert rt is not None
    assert ch is not None
    assert ch <= 2 * min(rt, 1 - rt) + 1 / len(codes)
    assert "st.mode@3s-coded" not in found


def test_every_protocol_knows_its_teacher() -> None:
    for scheme in SCHEMES:
        teacher, coded = teacher_codes(sorted(known_codes(scheme)), scheme)
        assert coded.all()
        assert 0 < teacher.sum() < len(teacher)
