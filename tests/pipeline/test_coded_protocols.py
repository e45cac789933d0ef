"""A person's own series gives the ratios of its protocol, counted by hand here."""

import pytest

from classwatch.config.schema import MetricsConfig
from classwatch.core.time import Interval
from classwatch.metrics.facts import LessonFacts
from classwatch.pipeline.coded import CodedLesson, CodedSeries, measure_coded

SERIES = ("5",) * 50 + ("4",) * 20 + ("8",) * 20 + ("10",) * 10


def values(codes: tuple[str, ...]) -> dict[str, float | None]:
    tier = CodedSeries("codes/fias", "fias", 3.0, codes)
    lesson = CodedLesson(LessonFacts(Interval(0.0, 3.0 * len(codes))), (tier,), ())
    ((_, measures),) = measure_coded(lesson, MetricsConfig()).by_tier
    return {m.id: m.value for m in measures if not m.part}


def test_ratios_of_a_series_of_flanders_codes() -> None:
    found = values(SERIES)
    assert found["fias.tt@3s-coded"] == pytest.approx(0.70)
    assert found["fias.pt@3s-coded"] == pytest.approx(0.20)
    assert found["fias.sc@3s-coded"] == pytest.approx(0.10)
    assert found["fias.tqr@3s-coded"] == pytest.approx(20 / 70)
    assert found["st.coded_rt@3s-coded"] == pytest.approx(0.70)


def test_a_step_without_a_code_is_left_out_of_the_ratios() -> None:
    found = values((*SERIES[:50], "", *SERIES[50:]))
    assert found["fias.tt@3s-coded"] == pytest.approx(70 / 100)
    assert found["st.coded_rt@3s-coded"] == pytest.approx(70 / 100)
