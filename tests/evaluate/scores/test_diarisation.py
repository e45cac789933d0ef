"""Error rates of speakers, worked by hand and against counting by milliseconds."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.speech import Turn
from classwatch.core.time import intervals
from classwatch.evaluate.scores.diarisation import (
    Diarisation,
    Jaccard,
    RoleDiarisation,
    SpeakerCount,
)
from classwatch.evaluate.tally import pool
from tests.evaluate.scores.builders import SS, S, T, U, figure, turn, value, whole

EXACT = Diarisation(collar_s=0)
TAG = "@collar=0,overlap"


def test_error_rate_by_hand() -> None:
    # True: A 0-10, B 10-16. Found: x 1-12 (A's voice), y 12-18.
    # A: 0-1 missed (1). 10-12 is B but x says A: confused (2). 16-18 nobody talks: false (2).
    # Total true talk 16. DER = (1 + 2 + 2) / 16.
    truth = [turn(0, 10, speaker="A"), turn(10, 16, speaker="B")]
    found = [turn(1, 12, speaker="x"), turn(12, 18, speaker="y")]
    figures = EXACT.figures(EXACT.count(truth, found, whole(20)))
    assert value(figures, f"speech.der{TAG}") == pytest.approx(5 / 16)
    assert value(figures, f"speech.der.missed{TAG}") == pytest.approx(1 / 16)
    assert value(figures, f"speech.der.false_alarm{TAG}") == pytest.approx(2 / 16)
    assert value(figures, f"speech.der.confusion{TAG}") == pytest.approx(2 / 16)


def test_collar_is_the_width_on_each_side() -> None:
    # True: A 0-10 in 0-20. Found ends at 10.2. A collar of 0.25 takes away 9.75-10.25 (and 0-0.25),
    # which hides the 0.2 s; one of 0.1 takes away 9.9-10.1 and leaves 10.1-10.2 false: 0.1 of 9.8.
    truth, found = [turn(0, 10, speaker="A")], [turn(0, 10.2, speaker="x")]
    wide, narrow = Diarisation(0.25), Diarisation(0.1)
    assert value(
        wide.figures(wide.count(truth, found, whole(20))), "speech.der@collar=0.25,overlap"
    ) == pytest.approx(0)
    assert value(
        narrow.figures(narrow.count(truth, found, whole(20))), "speech.der@collar=0.1,overlap"
    ) == pytest.approx(0.1 / 9.8)


def test_collar_of_roles() -> None:
    # As above: the teacher's end is 0.2 s late, within a collar of 0.25 on each side.
    truth, found = [turn(0, 10, T)], [turn(0, 10.2, T)]
    scorer = RoleDiarisation(0.25)
    assert value(
        scorer.figures(scorer.count(truth, found, whole(20))), "speech.role_der@collar=0.25,overlap"
    ) == pytest.approx(0)


def test_talk_without_a_speaker_is_told_apart_by_role() -> None:
    # Nobody has a name: teacher 0-6 and class 6-10 against one voice: the class's 4 s are confused.
    truth, found = [turn(0, 6, T), turn(6, 10, SS)], [turn(0, 10, speaker="x")]
    figures = EXACT.figures(EXACT.count(truth, found, whole(10)))
    assert value(figures, f"speech.der.confusion{TAG}") == pytest.approx(4 / 10)


def test_overlapping_talk_counts_twice_unless_left_out() -> None:
    # True: A 0-10 and B 8-12; found: only x 0-12. With overlap: total 14; 8-10 one of two missed
    # (2), 10-12 is B, called x: confused (2): 4 / 14.
    # Without 8-10: total 10, confused 2: 2 / 10.
    truth = [turn(0, 10, speaker="A"), turn(8, 12, speaker="B")]
    found = [turn(0, 12, speaker="x")]
    single = Diarisation(0, overlap=False)
    assert value(EXACT.figures(EXACT.count(truth, found, whole(12))), f"speech.der{TAG}") == (
        pytest.approx(4 / 14)
    )
    assert value(
        single.figures(single.count(truth, found, whole(12))), "speech.der@collar=0,no-overlap"
    ) == pytest.approx(2 / 10)


def test_only_the_scored_time_counts() -> None:
    truth, found = [turn(0, 10, speaker="A")], [turn(5, 20, speaker="x")]
    scored = intervals([(4, 6), (12, 13)])
    # In 4-6: total 2, missed 4-5. In 12-13: false 1. (1 + 1) / 2.
    assert value(EXACT.figures(EXACT.count(truth, found, scored)), f"speech.der{TAG}") == (
        pytest.approx(1.0)
    )


def test_lessons_are_pooled_by_seconds() -> None:
    # 1 of 10 s wrong in one lesson, 9 of 90 s right in the other: 1 / 100, not the mean of rates.
    one = EXACT.count([turn(0, 10, speaker="A")], [turn(0, 9, speaker="x")], whole(10))
    two = EXACT.count([turn(0, 90, speaker="A")], [turn(0, 90, speaker="x")], whole(90))
    assert value(EXACT.figures(pool([one, two])), f"speech.der{TAG}") == pytest.approx(0.01)


def test_without_true_talk_there_is_no_rate() -> None:
    found = figure(
        EXACT.figures(EXACT.count([], [turn(0, 5, speaker="x")], whole(10))), f"speech.der{TAG}"
    )
    assert found.value is None
    assert found.numerator == pytest.approx(5)
    assert found.why


@pytest.mark.parametrize("scorer", [EXACT, RoleDiarisation(), Jaccard(), SpeakerCount()])
def test_where_no_time_is_scored_nothing_counts(scorer: Diarisation) -> None:
    talk = [turn(0, 5, T, "A")]
    counts = scorer.count(talk, [], intervals()).counts
    assert not any(counts[name] for name in counts.keys() - {"lessons", "exact"})


def test_without_findings_everything_is_missed() -> None:
    figures = EXACT.figures(EXACT.count([turn(0, 5, speaker="A")], [], whole(10)))
    assert value(figures, f"speech.der{TAG}") == pytest.approx(1)
    assert value(figures, f"speech.der.missed{TAG}") == pytest.approx(1)


def test_edges_between_turns_of_one_speaker_need_no_collar() -> None:
    # Two turns that touch are one stretch of talk: no collar at 5, so all of 0.25-9.75 is scored.
    scorer = Diarisation(0.25)
    truth = [turn(0, 5, speaker="A"), turn(5, 10, speaker="A")]
    tally = scorer.count(truth, [], whole(10))
    assert tally.counts["total"] == pytest.approx(9.5)


def test_roles_are_compared_as_they_are() -> None:
    # Teacher 0-6, student 6-8, class 8-10. Found: student 0-2, teacher 2-8, students 8-10.
    # Wrong: 0-2 and 6-8: 4 of 10. The class counts as student on both sides. As voices the best
    # match would forgive nothing here either, but swapped labels would be forgiven:
    truth = [turn(0, 6, T, "T"), turn(6, 8, S, "S1"), turn(8, 10, SS)]
    found = [turn(0, 2, S, "a"), turn(2, 8, T, "b"), turn(8, 10, SS, "a")]
    scorer = RoleDiarisation(collar_s=0)
    figures = scorer.figures(scorer.count(truth, found, whole(10)))
    assert value(figures, f"speech.role_der{TAG}") == pytest.approx(4 / 10)
    swapped = [turn(0, 6, S, "a"), turn(6, 10, T, "b")]
    figures = scorer.figures(scorer.count(truth, swapped, whole(10)))
    assert value(figures, f"speech.role_der{TAG}") == pytest.approx(1)


def test_jaccard_by_hand() -> None:
    # A 0-8, B 8-10. x 0-9, y 9-10.
    # A and x: (0 missed + 1 false) / union 9. B and y: 1 missed of union 2. Mean (1/9 + 1/2) / 2.
    truth = [turn(0, 8, speaker="A"), turn(8, 10, speaker="B")]
    found = [turn(0, 9, speaker="x"), turn(9, 10, speaker="y")]
    figures = Jaccard().figures(Jaccard().count(truth, found, whole(10)))
    assert value(figures, "speech.jer") == pytest.approx((1 / 9 + 1 / 2) / 2)


def test_jaccard_of_an_unmatched_speaker_is_one() -> None:
    truth = [turn(0, 8, speaker="A"), turn(8, 10, speaker="B")]
    figures = Jaccard().figures(Jaccard().count(truth, [turn(0, 8, speaker="x")], whole(10)))
    assert value(figures, "speech.jer") == pytest.approx((0 + 1) / 2)
    assert value(Jaccard().figures(Jaccard().count([], [], whole(10))), "speech.jer") is None


def test_speaker_count() -> None:
    # 2 true voices (talk without a speaker is not one), 3 found: error +1; then 2 and 1: -1.
    truth = [turn(0, 3, T, "T"), turn(3, 4, S, "S1"), turn(4, 9, SS)]
    more = [turn(0, 1, speaker="a"), turn(1, 2, speaker="b"), turn(2, 2.4, speaker="c")]
    scorer = SpeakerCount()
    pooled = pool([scorer.count(truth, more, whole(10)), scorer.count(truth, more[:1], whole(10))])
    figures = scorer.figures(pooled)
    assert value(figures, "speech.speakers.mae") == 1
    assert value(figures, "speech.speakers.bias") == 0
    assert value(figures, "speech.speakers.exact") == 0
    long = SpeakerCount(min_talk_s=0.5)
    assert (
        value(long.figures(long.count(truth, more, whole(10))), "speech.speakers.exact@talk=0.5s")
        == 1
    )


moments = st.integers(0, 60).map(lambda n: n / 4)
talk = st.lists(
    st.tuples(moments, moments, st.sampled_from("ABC")).filter(lambda t: t[0] < t[1]), max_size=6
)


def _grid(turns: list[tuple[float, float, str]]) -> np.ndarray:
    """(3, n): who of A, B, C talks in each 1 ms frame of 16 s."""
    on = np.zeros((3, 16_000), bool)
    for start_s, end_s, who in turns:
        on["ABC".index(who), round(start_s * 1000) : round(end_s * 1000)] = True
    return on


def _by_frames(truth: np.ndarray, found: np.ndarray) -> float:
    """NIST's DER numerator in seconds: max(r, f) - correct, for the best of all mappings."""
    spoken, heard = truth.sum(axis=0), found.sum(axis=0)
    right = max((truth[list(order)] & found).sum() for order in permutations(range(3)))
    return float(np.maximum(spoken, heard).sum() - right) / 1000


@settings(max_examples=40)
@given(talk, talk)
def test_seconds_agree_with_counting_milliseconds(
    truth: list[tuple[float, float, str]], found: list[tuple[float, float, str]]
) -> None:
    def turns(rows: list[tuple[float, float, str]]) -> list[Turn]:
        return [turn(start_s, end_s, speaker=who) for start_s, end_s, who in rows]

    counts = EXACT.count(turns(truth), turns(found), whole(16)).counts
    wrong_s = counts["missed"] + counts["false"] + counts["confused"]
    true_grid, found_grid = _grid(truth), _grid(found)
    assert counts["total"] == pytest.approx(true_grid.sum() / 1000, abs=1e-6)
    assert wrong_s == pytest.approx(_by_frames(true_grid, found_grid), abs=1e-6)


def test_a_real_annotation_against_itself_and_against_one_voice(shared: Path) -> None:
    """AMI excerpt: no error against itself; as one voice, all but the longest talker is wrong."""
    folder = shared / "data" / "speech" / "ami_pyannote"
    path = sorted(folder.rglob("*.rttm"))[0]
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    name = rows[0][1]
    truth = [turn(float(r[3]), float(r[3]) + float(r[4]), U, r[7]) for r in rows if r[1] == name]
    end_s = max(t.end_s for t in truth)
    figures = EXACT.figures(EXACT.count(truth, truth, whole(end_s)))
    assert value(figures, f"speech.der{TAG}") == pytest.approx(0)
    same = [turn(t.start_s, t.end_s, speaker="one") for t in truth]
    counts = EXACT.count(truth, same, whole(end_s)).counts
    talk_s: dict[str, float] = {}
    for t in truth:
        talk_s[t.speaker] = talk_s.get(t.speaker, 0.0) + t.end_s - t.start_s
    right_s = counts["total"] - counts["missed"] - counts["confused"]
    assert right_s == pytest.approx(max(talk_s.values()), abs=1e-3)
