from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classwatch.core.codes import ActCode, CodeStream
from classwatch.core.errors import DataError
from classwatch.core.time import Interval
from classwatch.metrics.scheme import FIAS, IFIAS, ITIAS, SCHEMES
from classwatch.metrics.sequence import (
    CodeSequence,
    by_hand_over,
    coded_by_hand,
    moments_of,
    sequence_of,
    tally,
    tally_blocks,
)
from tests.metrics.coded import act, in_a_row, stream

A = ActCode


def hand(text: str, scheme=FIAS) -> CodeSequence:
    return coded_by_hand(scheme, text.split())


def made(codes: list[int], scheme=FIAS) -> CodeSequence:
    array = np.array(codes, dtype=np.int64)
    return CodeSequence(scheme, array, 3.0 * np.arange(len(codes), dtype=float))


def test_a_person_wins_where_something_was_written() -> None:
    # Five windows of 3 s; the machine has 5 5 10 4 4, and the person saw two of them.
    machine = in_a_row(3.0, [A.LECTURES, A.LECTURES, A.PEER_TALK, A.ASKS, A.ASKS])
    both = by_hand_over(machine, machine.span, FIAS, ["", "7", "", "8", "", "9"])
    assert both.codes.tolist() == [5, 7, 10, 8, 4]
    assert both.starts_s.tolist() == [0.0, 3.0, 6.0, 9.0, 12.0]
    assert both.sampling == "3s-coded"
    alone = by_hand_over(None, Interval(1.0, 7.0), FIAS, ["4", ""])
    assert (alone.codes.tolist(), alone.starts_s.tolist()) == ([4, 0], [1.0, 4.0])


def test_the_textbook_series_gives_the_textbook_pairs() -> None:
    # The worked example of the textbooks on Flanders: 6 10 5 1 4 8 8 2 3 6 4 8 9 7, 10 before and
    # after, read as pairs (10,6) (6,10) (10,5) (5,1) (1,4) (4,8) (8,8) (8,2) (2,3) (3,6) (6,4)
    # (4,8) (8,9) (9,7) (7,10).
    pairs = tally(hand("6 10 5 1 4 8 8 2 3 6 4 8 9 7")).pairs
    once = [(10, 6), (6, 10), (10, 5), (5, 1), (1, 4), (8, 8), (8, 2), (2, 3), (3, 6), (6, 4)]
    once += [(8, 9), (9, 7), (7, 10)]
    expected = np.zeros((11, 11), dtype=int)
    for pair in once:
        expected[pair] = 1
    expected[4, 8] = 2
    assert (pairs == expected).all()
    assert pairs.sum() == 15


@given(st.lists(st.integers(1, 10), min_size=1, max_size=120))
def test_sums_of_rows_and_columns_and_the_number_of_pairs(codes: list[int]) -> None:
    found = tally(made(codes))
    assert (found.pairs.sum(axis=0) == found.pairs.sum(axis=1)).all()
    bordered = len(codes) + (codes[0] != 10) + (codes[-1] != 10)
    assert found.pairs.sum() == max(bordered, 1) - 1
    # Every category but the border is followed as often as it is written.
    assert found.pairs.sum(axis=1)[1:10].tolist() == found.codes[1:10].tolist()
    assert found.codes.sum() == len(codes)


@given(
    st.sampled_from(SCHEMES),
    st.lists(st.lists(st.integers(1, 10), min_size=1, max_size=40), min_size=1, max_size=4),
)
def test_pooled_is_concatenated(scheme, lessons: list[list[int]]) -> None:
    alone = [tally(made(codes, scheme)) for codes in lessons]
    joined: list[int] = []
    for codes in lessons:
        joined += [*codes, 0]
    whole = tally(made(joined, scheme))
    assert (whole.pairs == sum(t.pairs for t in alone)).all()
    assert (whole.codes == sum(t.codes for t in alone)).all()
    assert (whole.labels == sum(t.labels for t in alone)).all()


@given(st.lists(st.integers(0, 10), min_size=20, max_size=200))
def test_minutes_add_up_to_the_lesson(codes: list[int]) -> None:
    whole_minutes = codes[: len(codes) // 20 * 20]
    sequence = made(whole_minutes)
    by_minute, whole = tally_blocks(sequence, 60.0), tally(sequence)
    assert len(by_minute.codes) == len(whole_minutes) // 20
    assert (by_minute.codes.sum(axis=0) == whole.codes).all()
    assert (by_minute.pairs.sum(axis=0) == whole.pairs).all()


def test_undecided_codes_break_the_chain() -> None:
    pairs = tally(hand("5 ? 8")).pairs
    assert pairs[5, 8] == 0
    assert pairs[5, 10] == pairs[10, 8] == 1


def test_subcodes_count_in_their_category() -> None:
    found = tally(hand("4.1 4.2 4 8 9.1", IFIAS))
    assert found.codes[4] == 3
    assert found.labels[IFIAS.code("4.1")] == 1
    assert found.pairs[4, 4] == 2
    assert found.pairs.shape == (15, 15)


def test_a_code_of_another_scheme_is_named_with_its_place() -> None:
    with pytest.raises(DataError, match=r"code 3 is '11'.*FIAS"):
        hand("5 5 11")


def test_codes_repeat_every_three_seconds() -> None:
    # Hand count: 9 s of lecture, 6 s of answer.
    found = sequence_of(stream(15.0, [act(0, 9, A.LECTURES), act(9, 15, A.RESPONDS)]), FIAS)
    assert found.codes.tolist() == [5, 5, 5, 8, 8]
    assert found.starts_s.tolist() == [0, 3, 6, 9, 12]


def test_each_change_within_three_seconds_is_written() -> None:
    acts = [act(0, 1.2, A.ASKS), act(1.2, 2.2, A.RESPONDS), act(2.2, 6, A.PRAISES)]
    assert sequence_of(stream(6.0, acts), FIAS).codes.tolist() == [4, 8, 2, 2]


def test_a_short_pause_is_no_silence_and_a_long_one_is() -> None:
    short = [act(0, 2, A.LECTURES), act(2, 4, A.SILENCE), act(4, 6, A.LECTURES)]
    assert sequence_of(stream(6.0, short), FIAS).codes.tolist() == [5, 5]
    long = [act(0, 3, A.ASKS), act(3, 9, A.THINKING), act(9, 12, A.RESPONDS)]
    assert sequence_of(stream(12.0, long), FIAS).codes.tolist() == [4, 10, 10, 8]
    assert sequence_of(stream(12.0, long), ITIAS).codes.tolist() == [5, 14, 14, 9]


def test_what_nobody_coded_is_undecided_and_not_silence() -> None:
    rows = [act(0, 3, A.LECTURES), act(3, 6, A.UNKNOWN), act(12, 15, A.LECTURES)]
    found = sequence_of(stream(15.0, rows), FIAS)
    assert found.codes.tolist() == [5, 0, 0, 0, 5]
    assert found.decided == pytest.approx(0.4)


def test_of_overlapping_acts_the_later_counts_and_the_earlier_goes_on() -> None:
    both = CodeStream(
        Interval(0.0, 9.0), (act(0, 9, A.LECTURES), act(3, 6, A.RESPONDS)), overlapping=True
    )
    assert sequence_of(both, FIAS).codes.tolist() == [5, 8, 5]


MAPPED = st.sampled_from([code for code in A if code is not A.UNKNOWN])


@given(st.lists(MAPPED, min_size=2, max_size=60), st.integers(1, 59))
def test_splitting_a_recording_changes_no_code(codes: list[ActCode], cut: int) -> None:
    # Acts of 3 s, so that no pause is shorter than a window.
    cut = min(cut, len(codes) - 1)
    for scheme in SCHEMES:
        whole = sequence_of(in_a_row(3.0, codes), scheme).codes.tolist()
        left = sequence_of(in_a_row(3.0, codes[:cut]), scheme).codes.tolist()
        right = sequence_of(in_a_row(3.0, codes[cut:]), scheme).codes.tolist()
        assert whole == left + right


@given(st.lists(MAPPED, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_cutting_acts_in_two_changes_no_code(codes: list[ActCode], rng) -> None:
    rows = []
    for at, code in enumerate(codes):
        middle = 3.0 * at + rng.choice([0.75, 1.5, 2.0])
        rows += [act(3.0 * at, middle, code), act(middle, 3.0 * at + 3.0, code)]
    whole = sequence_of(in_a_row(3.0, codes), FIAS).codes.tolist()
    assert sequence_of(stream(3.0 * len(codes), rows), FIAS).codes.tolist() == whole


def test_moments_join_neighbouring_windows() -> None:
    assert moments_of(hand("5 8 8 5 8 2"), "8").tolist() == [[3, 9], [12, 15]]
    assert len(moments_of(hand("5"), "8")) == 0
