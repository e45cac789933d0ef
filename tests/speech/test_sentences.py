"""Cutting recognised text into sentences."""

from __future__ import annotations

from classwatch.core.speech import Segment, Word
from classwatch.speech.sentences import split_sentences


def segment(words: list[str], gap_after: dict[int, float] | None = None) -> Segment:
    """One second per word, with extra pauses after the words named in ``gap_after``."""
    at_s, made = 0.0, []
    for i, text in enumerate(words):
        made.append(Word(at_s, at_s + 1.0, text))
        at_s += 1.0 + (gap_after or {}).get(i, 0.0)
    return Segment(0.0, made[-1].end_s, "".join(words), words=tuple(made), language="en")


def texts(words: list[str], gap_after: dict[int, float] | None = None) -> list[str]:
    return [s.text for s in split_sentences(segment(words, gap_after))]


def test_chinese_marks_end_sentences() -> None:
    assert texts(["同学们好，", "请坐。", "谁来回答？", "好"]) == [
        "同学们好，请坐。",
        "谁来回答？",
        "好",
    ]


def test_times_follow_the_words() -> None:
    pieces = split_sentences(segment(["好。", "谁", "来？"]))
    assert [(p.start_s, p.end_s) for p in pieces] == [(0.0, 1.0), (1.0, 3.0)]
    assert [len(p.words) for p in pieces] == [1, 2]


def test_numbers_abbreviations_and_ellipses() -> None:
    assert texts([" Pi", " is", " 3.", "14", " or", " so."]) == ["Pi is 3.14 or so."]
    assert texts([" The", " U.S.", " flag."]) == ["The U.S. flag."]
    assert texts([" Good.", " And", " you?"]) == ["Good.", "And you?"]
    assert texts(["这个…", "那个"]) == ["这个…", "那个"]


def test_closing_quotes_belong_to_the_sentence() -> None:
    assert texts(["他说：“好。”", "我们走"]) == ["他说：“好。”", "我们走"]


def test_long_pause_ends_a_sentence() -> None:
    assert texts(["我们", "来看", "黑板"], {1: 1.5}) == ["我们来看", "黑板"]
    assert texts(["我们", "来看", "黑板"], {1: 0.9}) == ["我们来看黑板"]


def test_without_words_it_stays_whole() -> None:
    whole = Segment(0.0, 5.0, "好。请坐。")
    assert split_sentences(whole) == [whole]
