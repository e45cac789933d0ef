"""Speech told from silence, by hand and against pyannote's own detection metrics."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.time import Intervals, intervals
from classwatch.evaluate.scores.voice_activity import VoiceActivity
from tests.evaluate.scores.builders import figure, value, whole

SCORER = VoiceActivity()
NOTHING = intervals()


def test_by_hand() -> None:
    # True speech 0-4 and 6-8 (6 s), heard 1-5 and 6-8 (6 s), in 0-10. Missed 0-1, false 4-5.
    # Error 2/10; missed 1/6; false 1 of 4 s silence; precision 5/6; F1 2*5/12.
    truth, found = intervals([(0, 4), (6, 8)]), intervals([(1, 5), (6, 8)])
    figures = SCORER.figures(SCORER.count(truth, found, whole(10)))
    assert value(figures, "speech.vad.error@collar=0") == pytest.approx(2 / 10)
    assert value(figures, "speech.vad.missed@collar=0") == pytest.approx(1 / 6)
    assert value(figures, "speech.vad.false_alarm@collar=0") == pytest.approx(1 / 4)
    assert value(figures, "speech.vad.precision@collar=0") == pytest.approx(5 / 6)
    assert value(figures, "speech.vad.f1@collar=0") == pytest.approx(10 / 12)


def test_collar() -> None:
    # True speech 2-4; heard 1.8-4; 0.25 on each side of 2 and 4 leaves 0-1.75, 2.25-3.75, 4.25-10.
    scorer = VoiceActivity(collar_s=0.25)
    tally = scorer.count(intervals([(2, 4)]), intervals([(1.8, 4)]), whole(10))
    assert tally.counts["scored"] == pytest.approx(9)
    assert value(scorer.figures(tally), "speech.vad.error@collar=0.25") == 0


def test_collar_reaches_over_the_edge_of_the_scored_time() -> None:
    # True speech ends at 5, where scoring begins: 5-5.25 is left out although 5 is not inside.
    scorer = VoiceActivity(collar_s=0.25)
    tally = scorer.count(intervals([(2, 5)]), NOTHING, intervals([(5, 6)]))
    assert tally.counts["scored"] == pytest.approx(0.75)


def test_empty_sides() -> None:
    silent = SCORER.figures(SCORER.count(NOTHING, intervals([(0, 2)]), whole(10)))
    assert value(silent, "speech.vad.error@collar=0") == pytest.approx(0.2)
    assert value(silent, "speech.vad.missed@collar=0") is None
    assert figure(silent, "speech.vad.missed@collar=0").why
    deaf = SCORER.figures(SCORER.count(intervals([(0, 2)]), NOTHING, whole(10)))
    assert value(deaf, "speech.vad.missed@collar=0") == 1
    assert value(deaf, "speech.vad.precision@collar=0") is None


quarters = st.integers(0, 80).map(lambda n: n / 4)
sets = st.lists(
    st.tuples(quarters, quarters).filter(lambda t: t[0] < t[1]), min_size=1, max_size=6
).map(intervals)


@settings(max_examples=40)
@given(sets, sets, st.sampled_from([0.0, 0.25, 0.6]))
def test_agrees_with_pyannote(truth: Intervals, found: Intervals, collar_s: float) -> None:
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.detection import DetectionErrorRate

    def speech(rows: Intervals) -> Annotation:
        return Timeline([Segment(*row) for row in rows]).support().to_annotation()

    detail = DetectionErrorRate(collar=2 * collar_s)(
        speech(truth), speech(found), uem=Timeline([Segment(0, 20)]), detailed=True
    )
    counts = VoiceActivity(collar_s).count(truth, found, whole(20)).counts
    assert counts["speech"] == pytest.approx(detail["total"], abs=1e-6)
    assert counts["speech"] - counts["right"] == pytest.approx(detail["miss"], abs=1e-6)
    assert counts["heard"] - counts["right"] == pytest.approx(detail["false alarm"], abs=1e-6)
