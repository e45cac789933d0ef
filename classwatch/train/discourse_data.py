"""Reading the labelled talk that the text models are fitted on.

Every reader takes the folder of one data set as its authors publish it.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from classwatch.core.errors import InputError

DIALOGID_LABELS = (
    "commending",
    "guidance",
    "summarization",
    "greeting",
    "note-taking",
    "repeating",
    "reviewing",
    "example-giving",
    "others",
)
BLOOM_LABELS = ("remember", "understand", "apply", "analyse", "create", "evaluate")
"""Levels of the data set in its order: BT1 to BT6 of the old taxonomy (5 synthesis)."""
_ZH_SENTENCE = re.compile(r"[^。？]+[。？]")
_EN_SENTENCE = re.compile(r"[^.?!–—]+([.?!–—]|$)")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts and one label each; ``groups`` names what must stay on one side of a split."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    groups: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)

    def __add__(self, other: Labelled) -> Labelled:
        return Labelled(
            self.texts + other.texts, self.labels + other.labels, self.groups + other.groups
        )


def read_dialogid(folder: Path, split: str) -> Labelled:
    """DialogID (Mandarin, MIT): utterances of online teachers in nine classes of instruction."""
    rows = _rows(folder / f"{split}.csv", "utf-8-sig")
    labels = tuple(DIALOGID_LABELS[int(row["label"])] for row in rows)
    return Labelled(tuple(row["text"] for row in rows), labels)


def read_dialogid_questions(folder: Path, split: str) -> Labelled:
    """Sentences of DialogID without their mark; ``question`` where the mark was ``？``."""
    found = [
        sentence.group()
        for row in _rows(folder / f"{split}.csv", "utf-8-sig")
        for sentence in _ZH_SENTENCE.finditer(row["text"])
        if re.search(r"\w", sentence.group())
    ]
    labels = tuple(_asks(sentence.endswith("？")) for sentence in found)
    return Labelled(tuple(sentence[:-1] for sentence in found), labels)


def read_bloom(folder: Path) -> Labelled:
    """600 questions and tasks (English, MIT) in the six levels of Bloom's taxonomy."""
    rows = _rows(next(iter(sorted(folder.glob("*.csv"))), folder / "missing.csv"), "cp1252")
    labels = tuple(BLOOM_LABELS[int(row["Category"].strip()[2]) - 1] for row in rows)
    return Labelled(tuple(" ".join(row["Questions"].split()) for row in rows), labels)


def read_uptake_questions(folder: Path) -> Labelled:
    """Sentences of the same teachers without their mark; ``groups`` is the lesson."""
    found = [
        (" ".join(sentence.group().split()), row["obs_id"])
        for row in _rows(folder / "uptake_data.csv", "utf-8-sig")
        for sentence in _EN_SENTENCE.finditer(row["teacher_text"])
        if re.search(r"\w", sentence.group())
    ]
    labels = tuple(_asks(sentence.endswith("?")) for sentence, _ in found)
    texts = tuple(sentence.rstrip(".?!–— ") for sentence, _ in found)
    return Labelled(texts, labels, tuple(group for _, group in found))


def read_mrda(folder: Path) -> Labelled:
    """Utterances of meetings (MRDA, English, GPL-3.0); ``groups`` is the meeting."""
    texts: list[str] = []
    labels: list[str] = []
    groups: list[str] = []
    for path in sorted(folder.glob("B*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            parts = line.split("|")
            if len(parts) == 5:
                texts.append(parts[1])
                labels.append(_asks(parts[2] == "Q"))
                groups.append(path.stem)
    return Labelled(tuple(texts), tuple(labels), tuple(groups))


def _asks(asked: bool) -> str:
    return "question" if asked else "other"


def _rows(path: Path, encoding: str) -> list[dict[str, str]]:
    try:
        with path.open(encoding=encoding, newline="") as lines:
            return list(csv.DictReader(lines))
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}",
            subject=str(path),
            remedy="give the folder that holds dialogid_zh, bloom_en, uptake_en and mrda_en",
        ) from error
