"""Whatever the codes are, the protocols answer with a finite number or a reason."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.config.schema import MetricsConfig
from classwatch.core.codes import ActCode, Bloom, CodedAct, CodeStream, Openness, QuestionPurpose
from classwatch.core.measures import Unit
from classwatch.core.speech import Origin
from classwatch.core.time import Interval
from classwatch.metrics.compute import compute, compute_coded
from classwatch.metrics.scheme import SCHEMES, ST
from classwatch.metrics.sequence import CodeSequence, coded_by_hand, tally
from classwatch.store.documents import MEASURES, document_bytes
from tests.metrics.builders import EASY
from tests.metrics.coded import coded_lesson


@st.composite
def streams(draw: st.DrawFn) -> CodeStream:
    """Overlapping acts of any kind and length within up to an hour, on a grid of 0.1 s."""
    length = draw(st.sampled_from([0, 1, 29, 31, 601, 36_000]))
    rows = []
    for _ in range(draw(st.integers(0, 30))):
        start, end = sorted((draw(st.integers(0, length)), draw(st.integers(0, length))))
        act = CodedAct(
            start / 10,
            end / 10,
            draw(st.sampled_from(list(ActCode))),
            None,
            purpose=draw(st.sampled_from([None, *QuestionPurpose])),
            openness=draw(st.sampled_from([None, *Openness])),
            bloom=draw(st.sampled_from([None, *Bloom])),
            origin=Origin.ANNOTATED,
        )
        rows.append(act)
    rows.sort(key=lambda act: (act.start_s, act.end_s))
    return CodeStream(Interval(0.0, length / 10), tuple(rows), overlapping=True)


@settings(max_examples=40)
@given(streams(), st.booleans())
def test_every_answer_is_finite_and_can_be_stored(codes: CodeStream, strict: bool) -> None:
    cfg = MetricsConfig() if strict else EASY
    found = compute(coded_lesson(codes), cfg)
    assert len({(m.id, m.part, m.stream) for m in found}) == len(found)
    for measure in found:
        if measure.value is not None:
            assert math.isfinite(measure.value)
            assert measure.unit is not Unit.SHARE or 0 <= measure.value <= 1 + 1e-9
        assert len(measure.evidence) <= 200
    assert document_bytes(MEASURES, found)


@settings(max_examples=40)
@given(st.sampled_from([*SCHEMES, ST]), st.lists(st.integers(0, 18), max_size=60))
def test_every_series_is_answered(scheme, codes: list[int]) -> None:
    labels = ["?", *scheme.labels]
    series = coded_by_hand(scheme, [labels[c % len(labels)] for c in codes])
    assert isinstance(series, CodeSequence)
    if scheme is not ST:
        assert tally(series).pairs.sum(axis=0).tolist() == tally(series).pairs.sum(axis=1).tolist()
    found = compute_coded(None, (series,), MetricsConfig())
    assert all(m.value is None or math.isfinite(m.value) for m in found)
