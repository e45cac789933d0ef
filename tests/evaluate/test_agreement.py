"""Agreement of codings against published examples, other libraries and counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.errors import InputError
from classwatch.core.time import Interval
from classwatch.evaluate.agreement import AgreeOptions, agree
from classwatch.evaluate.agreement_events import event_counts, f1
from classwatch.evaluate.agreement_raters import Rater, rater_of
from classwatch.evaluate.agreement_tables import (
    alpha,
    code_kappa,
    code_numbers,
    coincidences,
    kappa,
    pair_tables,
    percentiles,
    share_agreed,
    tolerant,
)
from classwatch.evaluate.scores.events import Events
from classwatch.evaluate.scores.spans import OnsetRule, Span
from classwatch.exchange.code_sequence import runs
from classwatch.exchange.eaf import Annotation, Tier
from classwatch.exchange.tiers import Coding


def alpha_of(*rows: str) -> float | None:
    """Alpha of raters' values, ``.`` where a value is missing."""
    values = [row.split() for row in rows]
    labels = sorted({v for row in values for v in row if v != "."})
    ratings = np.array([[labels.index(v) if v != "." else -1 for v in row] for row in values])
    block = np.zeros(ratings.shape[1], np.int64)
    return alpha(coincidences(ratings, block, len(labels))[0])


def test_alpha_of_krippendorffs_four_observers_with_missing_data() -> None:
    # Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: 0.743 (nominal).
    found = alpha_of(
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    assert found == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_krippendorffs_two_observers() -> None:
    # The same paper, section B: 12 units, nominal data, 0.692; section A: binary data, 0.095.
    nominal = alpha_of("a a b b d c c c e d d a", "b a b b b c c c e d d d")
    binary = alpha_of("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
    assert nominal == pytest.approx(0.692, abs=5e-4)
    assert binary == pytest.approx(0.095, abs=5e-4)


def test_alpha_is_absent_without_variation_or_pairs() -> None:
    assert alpha_of("a a", "a a") is None
    assert alpha_of("a .", ". b") is None


def test_kappa_of_cohens_own_table() -> None:
    # Cohen 1960, Educ. Psychol. Meas. 20(1): 200 cases in three categories; p_o .70, p_c .41,
    # kappa .492.
    table = np.array([[88.0, 14.0, 18.0], [10.0, 40.0, 10.0], [2.0, 6.0, 12.0]])
    assert share_agreed(table) == pytest.approx(0.70)
    assert kappa(table) == pytest.approx(0.492, abs=5e-4)


def test_kappa_of_the_textbook_tables() -> None:
    # The three tables by which the encyclopaedias explain kappa: 50 and 100 grant proposals.
    assert kappa(np.array([[20.0, 5.0], [10.0, 15.0]])) == pytest.approx(0.4)
    assert kappa(np.array([[45.0, 15.0], [25.0, 15.0]])) == pytest.approx(0.1304, abs=5e-5)
    assert kappa(np.array([[25.0, 35.0], [5.0, 35.0]])) == pytest.approx(0.2593, abs=5e-5)


labels = st.sampled_from(["4", "5", "8", "9"])


@settings(max_examples=50)
@given(st.lists(st.tuples(labels, labels), min_size=2, max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    names = sorted({*left, *right})
    numbers = [code_numbers(side, names) for side in (left, right)]
    (table,) = pair_tables(*numbers, np.zeros(len(pairs), np.int64), len(names))
    ours = kappa(table)
    if ours is None:
        assert len(set(left)) == len(set(right)) == 1
        return
    assert ours == pytest.approx(metrics.cohen_kappa_score(left, right))
    for at, name in enumerate(names):
        one = code_kappa(table, at)
        if one is not None:
            theirs = metrics.cohen_kappa_score(
                [c == name for c in left], [c == name for c in right]
            )
            assert one == pytest.approx(theirs)


def test_tolerance_takes_the_same_code_nearby() -> None:
    left = np.array([0, 0, 0, 1, 1, 1])
    right = np.array([0, 0, 0, 0, 1, 1])
    as_right, as_left = tolerant(left, right, 1)
    assert as_right.tolist() == left.tolist()
    assert as_left.tolist() == right.tolist()
    exact, _ = tolerant(left, right, 0)
    assert exact.tolist() == right.tolist()


def test_the_interval_of_equal_minutes_has_no_width() -> None:
    tables = np.repeat(np.array([[[20.0, 5.0], [10.0, 15.0]]]), 12, axis=0)
    assert percentiles(tables, kappa) == pytest.approx((0.4, 0.4))
    assert percentiles(tables[:9], kappa) is None


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    inside = 0
    for _ in range(60):
        # 40 minutes; each step agrees with probability 0.8 on one of two even codes: kappa 0.6.
        left = rng.integers(0, 2, 40 * 20)
        right = np.where(rng.random(800) < 0.8, left, 1 - left)
        found = percentiles(pair_tables(left, right, np.arange(800) // 20, 2), kappa)
        assert found is not None
        inside += found[0] <= 0.6 <= found[1]
    assert 50 <= inside <= 60


# ---------------------------------------------------------------- codings


def coded(name: str, sequence: str, *, machine: bool = False, tier: str = "codes") -> Rater:
    codes = ["" if c == "-" else c for c in sequence.split()]
    coding = Coding((Tier(tier, runs(codes, 3.0)),), end_s=3.0 * len(codes))
    return rater_of(name, coding, machine=machine)


STEP = AgreeOptions(step_s=3.0, tolerance_s=3.0)


def test_a_pair_is_counted_step_by_step() -> None:
    result = agree([coded("a", "4 4 8 8 5 -"), coded("b", "4 8 8 8 5 5")], STEP)
    (pair,) = result.pairs
    assert pair.table.labels == ("(none)", "4", "5", "8")
    assert pair.table.weight.tolist() == [[0, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 2]]
    assert pair.figure("agreement@3s").value == pytest.approx(4 / 6)
    # Chance: (1*0 + 2*1 + 1*2 + 2*3) / 36.
    assert pair.figure("kappa@3s").value == pytest.approx((4 / 6 - 10 / 36) / (26 / 36))
    # One step off in either direction is forgiven; the last step has no code on one side only.
    assert pair.figure("kappa@3s±3s").value is not None
    assert pair.figure("kappa@3s±3s").value > pair.figure("kappa@3s").value  # type: ignore[operator]
    # 8 begins one step earlier, which is within the tolerance: all three runs are found.
    assert pair.figure("event_f1@onset=3s").value == 1.0
    assert pair.figures[0].low is None
    assert "minutes" in pair.figures[0].why


def test_events_are_counted_in_their_minutes() -> None:
    # 12 minutes; in each the first coder has two events, the second the first of them and, in
    # half of the minutes, another thing: 12 of 24 and 18, in minutes of 2/4 and 2/3.
    ones, others = [], []
    for minute in range(12):
        start = 60.0 * minute
        ones += [Span(start, start + 2, "4"), Span(start + 30, start + 32, "4")]
        others.append(Span(start + 1, start + 3, "4"))
        others += [Span(start + 45, start + 46, "4")] * (minute % 2 == 0)
    counts = event_counts(ones, others, OnsetRule(1.0), Interval(0.0, 720.0))["4"]
    assert counts.sum(axis=0).tolist() == [12, 24, 18]
    assert f1(counts.sum(axis=0)) == pytest.approx(24 / 42)
    found = percentiles(counts, f1)
    assert found is not None
    assert 0.5 <= found[0] < 24 / 42 < found[1] <= 2 / 3
    # It is the F1 of the events as the scores have them.
    scorer = Events(rule=OnsetRule(1.0))
    theirs = {f.metric: f.value for f in scorer.figures(scorer.count(ones, others))}
    assert theirs["events.f1@onset=1s"] == pytest.approx(24 / 42)


def test_people_and_machine_stand_side_by_side() -> None:
    raters = [
        coded("one", "4 4 8 8"),
        coded("two", "4 4 8 5"),
        coded("program", "5 5 8 8", machine=True),
    ]
    result = agree(raters, STEP)
    assert [p.kind for p in result.pairs] == ["human-human", "machine-human", "machine-human"]
    assert [(a.kind, len(a.raters)) for a in result.alphas] == [
        ("machine-human", 3),
        ("human-human", 2),
    ]


def test_agreement_does_not_depend_on_who_comes_first() -> None:
    a, b = coded("a", "4 4 8 8 5 9 9 4"), coded("b", "4 8 8 8 5 5 9 9")
    (one,), (other,) = agree([a, b], STEP).pairs, agree([b, a], STEP).pairs
    for figure in one.figures:
        assert figure.value == pytest.approx(other.figure(figure.metric, figure.code).value)
    assert np.array_equal(one.table.weight, other.table.weight.T)


def test_time_that_only_one_coded_is_missing_not_wrong() -> None:
    result = agree([coded("a", "4 4 8 8"), coded("b", "4 4 8 8 5 5 5 5")], STEP)
    assert result.pairs[0].span == Interval(0.0, 12.0)
    assert result.pairs[0].figure("kappa@3s").value == 1.0
    assert result.alphas[0].figure.value == 1.0


def test_only_the_given_time_is_compared() -> None:
    options = AgreeOptions(3.0, 0.0, Interval(0.0, 6.0))
    result = agree([coded("a", "4 8 8 8"), coded("b", "4 8 5 5")], options)
    assert result.pairs[0].figure("agreement@3s").value == 1.0


def test_tiers_of_other_names_are_compared_where_each_has_one() -> None:
    result = agree([coded("a", "4 8", tier="Zhang"), coded("b", "4 8", tier="Li")], STEP)
    assert result.pairs[0].stream == "codes"


def test_nothing_in_common_is_an_error_that_lists_what_there_is() -> None:
    two = Coding((Tier("x", ()), Tier("y", ())), 1.0)
    with pytest.raises(InputError, match="FILE#TIER"):
        agree([rater_of("a", two), coded("b", "4 8")], STEP)


def turns(name: str, *rows: tuple[str, float, float]) -> Rater:
    tiers: dict[str, list[Annotation]] = {}
    for who, start_s, end_s in rows:
        role = "teacher" if who == "T" else "student"
        tiers.setdefault(f"turns/{who}", []).append(Annotation(start_s, end_s, role))
    found = tuple(Tier(key, tuple(items)) for key, items in tiers.items())
    return rater_of(name, Coding(found, 100.0))


def test_turns_get_an_error_rate_of_who_spoke_when() -> None:
    pytest.importorskip("pyannote.metrics")
    left = turns("a", ("T", 0.0, 40.0), ("S1", 50.0, 60.0))
    right = turns("b", ("T", 0.0, 40.0), ("S1", 50.0, 55.0))
    (pair,) = agree([left, right]).pairs
    assert pair.stream == "turns"
    # 5 s missed; 0.25 s on each side of four edges is not judged: 39.5 + 9.5 s are.
    assert pair.figure("der@collar=0.25,overlap").value == pytest.approx(4.75 / 49, abs=1e-3)
