"""Events, questions, codes and activities, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.events import Event, EventKind
from classwatch.core.questions import Question, QuestionForm, QuestionKind
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Interval
from classwatch.evaluate.scores.activities import Activities, Doing, doing_of
from classwatch.evaluate.scores.codes import Codes, sampled
from classwatch.evaluate.scores.confusion import confusion_of
from classwatch.evaluate.scores.events import Events, average_precision
from classwatch.evaluate.scores.pictures import true_people
from classwatch.evaluate.scores.questions import Questions
from classwatch.evaluate.scores.spans import (
    CoverRule,
    OnsetRule,
    OverlapRule,
    Span,
    spans_of_events,
    spans_of_questions,
)
from classwatch.evaluate.tally import pool
from tests.evaluate.scores.builders import Box, figure, series, tracks, value

OVERLAP = Events()
HAND = "hand_raised"


def hand(start_s: float, end_s: float, confidence: float = 1.0, stream: str = "") -> Span:
    return Span(start_s, end_s, HAND, confidence, stream)


def test_events_by_hand() -> None:
    # True 0-10, 20-30, 40-50. Found 2-10 (IoU 8/10), 26-36 (4/16), 40-45 (5/10), 70-80.
    # Two hits of three true and four found.
    truth = [hand(0, 10), hand(20, 30), hand(40, 50)]
    found = [hand(2, 10), hand(26, 36), hand(40, 45), hand(70, 80)]
    figures = OVERLAP.figures(OVERLAP.count(truth, found))
    group = f"kind {HAND}"
    assert value(figures, "events.recall@iou=0.5", group) == pytest.approx(2 / 3)
    assert value(figures, "events.precision@iou=0.5", group) == pytest.approx(2 / 4)
    assert value(figures, "events.f1@iou=0.5", group) == pytest.approx(4 / 7)
    assert value(figures, "events.f1@iou=0.5") == pytest.approx(4 / 7)
    # Starts of the two: +2 s and 0.
    assert value(figures, "events.start.mae@iou=0.5", group) == pytest.approx(1)


def test_onset_rule_by_hand() -> None:
    # Starts within 1 s: 0 and 1 are, 20 and 21.5 are not.
    scorer = Events(OnsetRule(1.0))
    figures = scorer.figures(scorer.count([hand(0, 9), hand(20, 30)], [hand(1, 2), hand(21.5, 30)]))
    assert value(figures, "events.f1@onset=1s") == pytest.approx(1 / 2)


def test_two_hands_at_a_time_need_two_findings() -> None:
    truth = [hand(0, 10), hand(1, 10)]
    figures = OVERLAP.figures(OVERLAP.count(truth, [hand(0, 10)]))
    assert value(figures, "events.recall@iou=0.5") == pytest.approx(1 / 2)


def test_kinds_and_streams_are_never_mixed() -> None:
    truth = [Span(0, 10, HAND, 1, "front")]
    found = [Span(0, 10, "standing", 1, "front"), Span(0, 10, HAND, 1, "rear")]
    figures = OVERLAP.figures(OVERLAP.count(truth, found))
    assert value(figures, "events.f1@iou=0.5") == 0
    assert value(figures, "events.recall@iou=0.5", "kind standing") is None
    assert value(figures, "events.precision@iou=0.5", "kind standing") == 0
    # The mean over kinds takes standing in too: it was found where it should not be.
    assert figure(figures, "events.macro_f1@iou=0.5").value == 0


def test_kinds_are_told_by_camera_where_there_are_several() -> None:
    # In front two of two true ones, one found too many; behind one of two; a kind of one camera.
    truth = [*(hand(t, t + 10, stream=s) for s in ("front", "rear") for t in (0, 20))]
    found = [
        hand(0, 10, stream="front"),
        hand(20, 30, stream="front"),
        hand(70, 80, stream="front"),
    ]
    found += [hand(0, 10, stream="rear"), Span(0, 5, "lying", 1, "rear")]
    figures = OVERLAP.figures(OVERLAP.count(truth, found))
    group = f"kind {HAND}, camera {{}}"
    assert value(figures, "events.precision@iou=0.5", group.format("front")) == pytest.approx(2 / 3)
    assert value(figures, "events.recall@iou=0.5", group.format("front")) == 1
    assert value(figures, "events.f1@iou=0.5", group.format("rear")) == pytest.approx(2 / 3)
    assert value(figures, "events.f1@iou=0.5", f"kind {HAND}") == pytest.approx(3 / 4)
    named = {f.group for f in figures if ", camera " in f.group}
    assert named == {group.format("front"), group.format("rear"), "kind lying, camera rear"}
    one = OVERLAP.figures(OVERLAP.count([hand(0, 9, stream="rear")], [hand(0, 9, stream="rear")]))
    assert not [f for f in one if "camera" in f.group]


def test_average_precision_by_hand() -> None:
    # By confidence: hit .9, extra .8, hit .7; 4 true. 1/4 * 1 + 1/4 * 2/3 = 5/12.
    truth = [hand(0, 10), hand(20, 30), hand(40, 50), hand(60, 70)]
    found = [hand(0, 10, 0.9), hand(100, 110, 0.8), hand(20, 30, 0.7)]
    figures = OVERLAP.figures(OVERLAP.count(truth, found))
    assert value(figures, "events.ap@iou=0.5", f"kind {HAND}") == pytest.approx(5 / 12)
    assert value(figures, "events.map@iou=0.5") == pytest.approx(5 / 12)


def test_a_true_event_is_found_once_in_average_precision() -> None:
    # Found twice: a hit with 0.9, then an extra with 0.8, then the other true one with 0.7.
    # 1/2 * 1 + 1/2 * 2/3 = 5/6.
    found = [hand(0, 10, 0.9), hand(0, 9, 0.8), hand(20, 30, 0.7)]
    figures = OVERLAP.figures(OVERLAP.count([hand(0, 10), hand(20, 30)], found))
    assert value(figures, "events.ap@iou=0.5", f"kind {HAND}") == pytest.approx(5 / 6)


def test_average_precision_ranks_over_all_lessons() -> None:
    # Lesson 1: hit with 0.2. Lesson 2: extra with 0.8. Pooled: precision 1/2 at recall 1.
    one = OVERLAP.count([hand(0, 10)], [hand(0, 10, 0.2)])
    two = OVERLAP.count([], [hand(0, 10, 0.8)])
    figures = OVERLAP.figures(pool([one, two]))
    assert value(figures, "events.ap@iou=0.5", f"kind {HAND}") == pytest.approx(1 / 2)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=20).filter(
        lambda rows: any(hit for _, hit in rows)
    ),
    st.integers(0, 5),
)
def test_average_precision_agrees_with_scikit_learn(
    rows: list[tuple[int, bool]], missed: int
) -> None:
    """scikit-learn knows nothing of what was never found: its recall is of the found ones."""
    from sklearn.metrics import average_precision_score

    hits = [hit for _, hit in rows]
    theirs = average_precision_score(hits, [score for score, _ in rows])
    truths = sum(hits) + missed
    ours = average_precision(np.asarray(rows, np.float64), truths)
    assert ours == pytest.approx(theirs * sum(hits) / truths)


def test_nothing_happens() -> None:
    figures = OVERLAP.figures(OVERLAP.count([], []))
    assert all(f.value is None and f.why for f in figures)


def test_spans_of_events() -> None:
    event = Event(EventKind.HAND_RAISED, 1, 2, "front", 3, 0.5)
    assert spans_of_events([event]) == (Span(1, 2, HAND, 0.5, "front"),)
    assert spans_of_events([event], by_stream=False) == (Span(1, 2, HAND, 0.5, ""),)


def test_questions_by_hand() -> None:
    # The found question 4-6 lies within the true sentence 0-6 (covered whole); 20-22 meets 21-25
    # by half of its length; 40-41 is none.
    truth = [Span(0, 6, "wh"), Span(21, 25, "tag"), Span(60, 62, "wh")]
    found = [Span(4, 6, "wh"), Span(20, 22, "particle"), Span(40, 41, "wh")]
    scorer = Questions()
    figures = scorer.figures(scorer.count(truth, found))
    assert value(figures, "questions.f1@cover=0.5") == pytest.approx(4 / 6)
    assert value(figures, "questions.kind_accuracy@cover=0.5") == pytest.approx(1 / 2)


def test_questions_without_kinds_in_truth_have_no_kind_scores() -> None:
    scorer = Questions()
    figures = scorer.figures(scorer.count([Span(0, 2)], [Span(0, 2, "wh")]))
    assert value(figures, "questions.f1@cover=0.5") == 1
    assert value(figures, "questions.kind_accuracy@cover=0.5") is None


def test_spans_of_questions() -> None:
    form = QuestionForm(QuestionKind.WH, "rule", "what")
    question = Question(1, 2, SpeakerRole.TEACHER, "what?", "en", form, True)
    assert spans_of_questions([question]) == (Span(1, 2, "wh"),)


@pytest.mark.parametrize("rule", [OverlapRule(), CoverRule(), OnsetRule()])
def test_rules_take_nothing(rule: OverlapRule | CoverRule | OnsetRule) -> None:
    scorer = Questions(rule)
    assert scorer.count([], [Span(0, 1)]).counts == {"truth": 0, "found": 1, "hit": 0}


def test_codes_by_hand() -> None:
    # 10 steps. Agreement on 7. True: 6 a, 4 b. Found: 5 a, 4 b, 1 none.
    # Kappa: p_o 0.7, p_e (6*5 + 4*4) / 100 = 0.46: 0.24 / 0.54.
    truth = ["a"] * 6 + ["b"] * 4
    found = ["a", "a", "a", "a", "b", "", "b", "b", "b", "a"]
    scorer = Codes()
    figures = scorer.figures(scorer.count(truth, found))
    assert value(figures, "codes.accuracy") == pytest.approx(0.7)
    assert value(figures, "codes.kappa") == pytest.approx(0.24 / 0.54)
    assert value(figures, "codes.f1", "code a") == pytest.approx(2 * 4 / (6 + 5))
    assert value(figures, "codes.f1", "code b") == pytest.approx(2 * 3 / (4 + 4))
    assert value(figures, "codes.coverage") == pytest.approx(9 / 10)


def test_codes_of_one_kind_have_no_kappa() -> None:
    scorer = Codes()
    figures = scorer.figures(scorer.count(["a", "a"], ["a", "a"]))
    assert value(figures, "codes.accuracy") == 1
    assert value(figures, "codes.kappa") is None
    assert value(scorer.figures(scorer.count([], [])), "codes.kappa") is None


def test_codes_need_the_same_steps() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        Codes().count(["a", "b"], ["a"])


code_lists = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2)


@settings(max_examples=60)
@given(code_lists, code_lists)
def test_codes_agree_with_scikit_learn(
    one: list[tuple[str, str]], two: list[tuple[str, str]]
) -> None:
    from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix, f1_score

    scorer = Codes()
    pooled = pool(scorer.count(*zip(*rows, strict=True)) for rows in (one, two))
    figures = scorer.figures(pooled)
    truth, found = zip(*one, *two, strict=True)
    table = confusion_of(pooled.counts)
    assert value(figures, "codes.accuracy") == pytest.approx(accuracy_score(truth, found))
    assert value(figures, "codes.macro_f1") == pytest.approx(
        f1_score(truth, found, average="macro")
    )
    if len(table.labels) > 1:
        theirs = confusion_matrix(truth, found, labels=table.labels)
        assert table.weight.tolist() == theirs.tolist()
        assert value(figures, "codes.kappa") == pytest.approx(cohen_kappa_score(truth, found))


def test_confusion_merges() -> None:
    table = confusion_of(Codes().count(list("aabbc"), list("abbcc")).counts)
    merged = table.merged({"c": "b"})
    assert merged.labels == ("a", "b")
    # a-a 1, a-b 1; b-b, b-c and c-c together 3.
    assert merged.weight.tolist() == [[1, 1], [0, 3]]


def test_sampled_steps() -> None:
    # Steps of 3 s from 0: middles 1.5, 4.5, 7.5; the last 2 s are no whole step.
    spans = [Span(0, 5, "a"), Span(4, 6, "b")]
    assert sampled(spans, Interval(0, 11), 3.0) == ("a", "b", "")


SEATED: Box = (0, 0, 100, 200)
OTHER: Box = (300, 0, 400, 200)


def test_activities_by_hand() -> None:
    # Two pictures, two pupils. True: pupil 0 has a hand up in both, pupil 1 stands in the first.
    # Found: pupil 0 (track 8) in both, hand up in the first only; pupil 1 not found in the first,
    # in the second found with a hand up (an error); an extra body stands in the second picture.
    # Hands: true 2, found 2, right 1. Standing: true 1, found 1, right 0.
    kinds = (EventKind.HAND_RAISED, EventKind.STANDING)
    pictures = series([[SEATED, OTHER], [SEATED, OTHER]])
    found = series([[SEATED], [SEATED, OTHER, (600, 0, 700, 200)]])
    numbers = tracks([8, 8, 9, 7])
    up, standing = EventKind.HAND_RAISED, EventKind.STANDING
    true_events = [Event(up, 0, 2, "f", 0, 1), Event(standing, 0, 1, "f", 1, 1)]
    events = [
        Event(up, 0, 1, "f", 8, 1),
        Event(up, 1, 2, "f", 9, 1),
        Event(standing, 1, 2, "f", 7, 1),
        Event(EventKind.TEACHER_FRONT, 0, 2, "f", 8, 1),
        Event(up, 0, 2, "f", -1, 1),
    ]
    scorer = Activities(kinds)
    figures = scorer.figures(
        scorer.count(
            true_people("f", pictures),
            doing_of(pictures, tracks([0, 1, 0, 1]), true_events, kinds),
            found,
            doing_of(found, numbers, events, kinds),
        )
    )
    assert value(figures, "activity.f1", "kind hand_raised") == pytest.approx(2 * 1 / 4)
    assert value(figures, "activity.f1", "kind standing") == 0
    assert value(figures, "activity.recall", "kind standing") == 0
    assert figure(figures, "activity.precision", "kind standing").denominator == 1
    assert value(figures, "activity.macro_f1") == pytest.approx(1 / 4)


def test_activities_agree_with_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(4)
    scorer = Activities()
    blocks = [Doing(*(rng.random((2, 30, len(scorer.kinds))) < 0.4)) for _ in range(3)]
    figures = scorer.figures(scorer.count_sightings(blocks))
    truth = np.concatenate([block.truth for block in blocks])
    found = np.concatenate([block.found for block in blocks])
    expected = f1_score(truth, found, average="macro")
    assert value(figures, "activity.macro_f1") == pytest.approx(expected)
