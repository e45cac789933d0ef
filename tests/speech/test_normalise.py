"""Traditional characters to simplified ones, known pairs and real texts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from classwatch.core.speech import Word
from classwatch.speech.normalise import simplified_words, to_simplified


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("請同學們打開課本，翻到第二頁。", "请同学们打开课本，翻到第二页。"),
        ("頭髮和發現", "头发和发现"),
        ("皇后在後面", "皇后在后面"),
        ("乾坤與乾燥", "乾坤与干燥"),
        ("一目瞭然", "一目了然"),
        ("三分之一加 2/3 等於 1，x² + 3.5 = y", "三分之一加 2/3 等于 1，x² + 3.5 = y"),
        ("Good morning!", "Good morning!"),
    ],
)
def test_known_sentences(traditional: str, simplified: str) -> None:
    assert to_simplified(traditional) == simplified
    assert to_simplified(simplified) == simplified


def test_words_keep_their_times_and_phrases_reach_across_them() -> None:
    words = tuple(Word(k, k + 1.0, text) for k, text in enumerate(["乾", "坤", "後", "面"]))
    converted = simplified_words(words)
    assert [w.text for w in converted] == ["乾", "坤", "后", "面"]
    assert [w.start_s for w in converted] == [0, 1, 2, 3]


def test_simplified_text_stays_as_it_is(shared: Path) -> None:
    texts = []
    for path in sorted((shared / "data/transcripts/dialogid_zh").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [max(row, key=len) for row in csv.reader(file) if row]
    assert len(texts) > 5_000
    changed = [t for t in texts if to_simplified(t) != t]
    assert len(changed) <= 0.002 * len(texts), changed[:5]
