"""Tokens to words, and lists of tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.errors import ModelError
from classwatch.speech.recognisers.tokens import Piece, is_special, join, read_tokens


def text(*tokens: str) -> str:
    pieces = [Piece(t, 0.1 * i, 0.1 * i + 0.05, 0.5) for i, t in enumerate(tokens)]
    return "|".join(w.text for w in join(pieces))


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        (("▁hello", "▁wor", "ld"), "hello| world"),
        (("▁", "hello", "▁", "world"), "hello| world"),
        (("我", "们", "学", "▁A", "PP", "吧"), "我|们|学|APP|吧"),
        (("hel@@", "lo", "world", "好"), "hello| world|好"),
        (("好", "。", "▁ok"), "好|。|ok"),
        (("<|zh|>", "<|HAPPY|>", "好", "<unk>", "</s>"), "好"),
        ((), ""),
    ],
)
def test_words(tokens: tuple[str, ...], words: str) -> None:
    assert text(*tokens) == words


def test_times_and_probability_of_a_joined_word() -> None:
    (word,) = join([Piece("▁mor", 1.0, 1.1, 0.4), Piece("ning", 1.2, 1.4, 0.8)])
    assert (word.start_s, word.end_s) == (1.0, 1.4)
    assert word.probability == pytest.approx(0.6)


def test_tags_are_special_and_signs_are_not() -> None:
    assert all(map(is_special, ("<|zh|>", "<|BGM|>", "<blank>", "</s>", "<unk>")))
    assert not any(map(is_special, ("<", ">", "a<b", "好", "▁<")))


def test_lists_of_all_kinds(tmp_path: Path) -> None:
    for name, content in {
        "numbered/tokens.txt": "<blank> 0\n好 1\n▁a 2\n",
        "bare/tokens.txt": "<blank>\n好\n▁a\n",
        "json/tokens.json": '["<blank>", "好", "▁a"]',
    }.items():
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(content, encoding="utf-8")
        assert read_tokens(path.parent) == ("<blank>", "好", "▁a")
    with pytest.raises(ModelError, match=r"tokens\.txt is missing"):
        read_tokens(tmp_path)
