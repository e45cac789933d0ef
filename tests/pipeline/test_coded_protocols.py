"""A person's own series gives the ratios of its protocol, counted by hand here."""

import pytest

from classwatch.config.schema import MetricsConfig
from classwatch.core.time import Interval
from classwatch.metrics.facts import LessonFacts
from classwatch.pipeline.coded import CodedLesson, CodedTier, measure_coded

SERIES = ("5",) * 50 + ("4",) * 20 + ("8",) * 20 + ("10",) * 10


def values(codes: tuple[str, ...]) -> dict[str, float | None]:
    tier = CodedTier("codes/fias", "fias", 3.0, codes)
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


def test_a_series_with_gaps_gives_no_matrix() -> None:
    assert not [name for name in values((*SERIES, "")) if name.startswith("fias.")]
