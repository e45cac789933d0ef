"""Word and character errors, by hand and against a plain edit distance."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.speech import Segment
from classwatch.evaluate.scores.words import Words, tokens_en, tokens_zh
from classwatch.evaluate.tally import pool
from tests.evaluate.scores.builders import S, T, U, said, value

SCORER = Words()
WER, CER = "speech.wer@en-lower", "speech.cer@zh-nfkc"


def test_english_by_hand() -> None:
    # what is the sum of two and four / what was the sum two and for five
    # is->was substituted, of deleted, four->for substituted, five inserted: 4 of 8.
    truth = [said(0, "What is the sum of two and four?")]
    found = [said(0, "what was the sum, two and for five")]
    figures = SCORER.figures(SCORER.count(truth, found, "en"))
    assert value(figures, WER) == pytest.approx(4 / 8)
    assert value(figures, "speech.wer.substituted@en-lower") == pytest.approx(2 / 8)
    assert value(figures, "speech.wer.deleted@en-lower") == pytest.approx(1 / 8)
    assert value(figures, "speech.wer.inserted@en-lower") == pytest.approx(1 / 8)


def test_chinese_by_hand() -> None:
    # 同学们好 / 同学门好啊: 们->门, 啊 inserted: 2 of 4 characters.
    figures = SCORER.figures(SCORER.count([said(0, "同学们，好！")], [said(0, "同学门好啊")], "zh"))
    assert value(figures, CER) == pytest.approx(2 / 4)


def test_by_role_of_the_true_word() -> None:
    # Teacher says 3 words, all right and one more; the student's 2 words: one wrong.
    truth = [said(0, "who can answer", T), said(2, "ten apples", S)]
    found = [said(0, "who can answer that", U), said(2, "two apples", U)]
    figures = SCORER.figures(SCORER.count(truth, found, "en"))
    assert value(figures, WER, "role teacher") == pytest.approx(1 / 3)
    assert value(figures, WER, "role student") == pytest.approx(1 / 2)
    assert value(figures, WER) == pytest.approx(2 / 5)


def test_segments_are_ordered_by_time_and_may_be_cut_differently() -> None:
    truth = [said(5, "then this"), said(0, "first that")]
    found = [said(0, "first that then"), said(6, "this")]
    assert value(SCORER.figures(SCORER.count(truth, found, "en")), WER) == 0


def test_suspect_segments_do_not_count() -> None:
    found = [said(0, "hello"), said(3, "thanks for watching", suspect="in silence")]
    assert value(SCORER.figures(SCORER.count([said(0, "Hello")], found, "en")), WER) == 0


def test_empty_sides() -> None:
    nothing_heard = SCORER.figures(SCORER.count([said(0, "one two")], [], "en"))
    assert value(nothing_heard, WER) == 1
    nothing_said = SCORER.figures(SCORER.count([said(0, "...")], [said(0, "one")], "en"))
    assert value(nothing_said, WER) is None
    assert SCORER.figures(SCORER.count([], [], "en"))[0].value is None


def test_invented_words_count_once_pooled_with_words() -> None:
    # 1 word invented where nothing was said, 4 right words elsewhere: 1 of 4.
    pooled = pool(
        [
            SCORER.count([], [said(0, "hm")], "en"),
            SCORER.count([said(0, "a b c d")], [said(0, "a b c d")], "en"),
        ]
    )
    assert value(SCORER.figures(pooled), WER) == pytest.approx(1 / 4)


def test_languages_are_kept_apart() -> None:
    pooled = pool(
        [
            SCORER.count([said(0, "好")], [said(0, "好")], "zh"),
            SCORER.count([said(0, "good")], [said(0, "god")], "en"),
        ]
    )
    figures = SCORER.figures(pooled)
    assert (value(figures, CER), value(figures, WER)) == (0, 1)


def test_other_languages_are_refused() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        SCORER.count([], [], "fr")


def test_normalisers() -> None:
    assert tokens_en("It\u2019s 'well-known', isn't it? 3.5%") == (
        *("it's", "well", "known", "isn't", "it", "3", "5"),
    )
    assert tokens_zh("ＡＢ１２，繁體 字。ok!") == ("a", "b", "1", "2", "繁", "體", "字", "o", "k")


def _distance(left: list[str], right: list[str]) -> int:
    """Levenshtein's distance by the book."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


sentences = st.lists(st.lists(st.sampled_from("abcd"), max_size=5), max_size=4)


@settings(max_examples=100)
@given(sentences, sentences)
def test_agrees_with_a_plain_edit_distance(truth: list[list[str]], found: list[list[str]]) -> None:
    def segments(rows: list[list[str]]) -> list[Segment]:
        return [said(n, " ".join(row), (T, S)[n % 2]) for n, row in enumerate(rows)]

    counts = SCORER.count(segments(truth), segments(found), "en").counts
    wrong = sum(n for name, n in counts.items() if not name.startswith("said"))
    flat_truth, flat_found = [*chain(*truth)], [*chain(*found)]
    assert wrong == _distance(flat_truth, flat_found)
