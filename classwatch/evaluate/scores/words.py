"""Word error rate (English) and character error rate (Chinese), overall and by role."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from classwatch.core.errors import ModelError
from classwatch.core.speech import Segment
from classwatch.evaluate.scores.keys import key, named, parts_of
from classwatch.evaluate.tally import Figure, Tally, share

_APOSTROPHES = re.compile("[\u2018\u2019\u02bc]")
_NOT_IN_WORDS = re.compile(r"[^\w']+|_")
_EDGE_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
_METRICS = {"zh": "speech.cer@zh-nfkc", "en": "speech.wer@en-lower"}
"""Metric by language; after ``@`` stands the normaliser."""


def tokens_zh(text: str) -> tuple[str, ...]:
    """Normaliser ``zh-nfkc``: NFKC, lower case, then letters, digits and characters one each.

    Punctuation, symbols and spaces are removed; simplified and traditional stay as they are.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    return tuple(char for char in folded if unicodedata.category(char)[0] in "LNM")


def tokens_en(text: str) -> tuple[str, ...]:
    """Normaliser ``en-lower``: NFKC, lower case, words; only apostrophes within words are kept.

    Hyphens part words; figures stay figures.
    """
    folded = _APOSTROPHES.sub("'", unicodedata.normalize("NFKC", text).lower())
    return tuple(_EDGE_APOSTROPHE.sub(" ", _NOT_IN_WORDS.sub(" ", folded)).split())


@dataclass(frozen=True, slots=True)
class Words:
    """Substituted, deleted and inserted tokens over true tokens, by jiwer's alignment.

    All text of a lesson is aligned at once, in order of time, so that segments may be cut
    differently. By role: an error belongs to the role of the true token, an insertion to that of
    the true token before it. Found segments that are marked as suspect do not count.
    """

    name = "speech.words"

    def count(self, truth: Sequence[Segment], found: Sequence[Segment], language: str) -> Tally:
        """One lesson; ``language`` is ``zh`` (characters) or ``en`` (words)."""
        split = {"zh": tokens_zh, "en": tokens_en}.get(language)
        if split is None:
            raise ValueError(f"no normaliser for language {language!r}, only zh and en")
        said = [(token, str(s.role)) for s in _ordered(truth) for token in split(s.text)]
        heard = [token for s in _ordered(found) if not s.suspect for token in split(s.text)]
        counts: dict[str, float] = {}
        for kind, role, amount in _edits(said, heard):
            cell = key(kind, language, role)
            counts[cell] = counts.get(cell, 0.0) + amount
        return Tally(counts)

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """For each language that was counted: the rate, its three parts, the rate by role."""
        found: list[Figure] = []
        languages = {parts_of(name)[1] for name in tally.counts}
        for language in sorted(languages, reverse=True):
            found += _figures(tally, language)
        return tuple(found)


def _figures(tally: Tally, language: str) -> list[Figure]:
    metric = _METRICS[language]
    stem, _, normaliser = metric.partition("@")
    cells = {
        kind: {role: n for (lang, role), n in named(tally.counts, kind).items() if lang == language}
        for kind in ("said", "substituted", "deleted", "inserted")
    }
    said = sum(cells["said"].values())
    wrong = {kind: sum(cells[kind].values()) for kind in ("substituted", "deleted", "inserted")}
    found = [share(metric, sum(wrong.values()), said, better="lower")]
    found += [
        share(f"{stem}.{kind}@{normaliser}", amount, said, better="lower")
        for kind, amount in wrong.items()
    ]
    for role in cells["said"]:
        errors = sum(cells[kind].get(role, 0.0) for kind in wrong)
        found.append(
            share(metric, errors, cells["said"][role], better="lower", group=f"role {role}")
        )
    return found


def _ordered(segments: Sequence[Segment]) -> list[Segment]:
    return sorted(segments, key=lambda segment: (segment.start_s, segment.end_s))


def _edits(said: list[tuple[str, str]], heard: list[str]) -> list[tuple[str, str, float]]:
    """Kind of edit, role it belongs to, and how many tokens."""
    edits = [("said", role, 1.0) for _, role in said]
    if not said:
        return [*edits, ("inserted", "", float(len(heard)))]
    for chunk in _alignment([token for token, _ in said], heard):
        if chunk.type == "insert":
            before = said[max(chunk.ref_start_idx - 1, 0)][1]
            edits.append(("inserted", before, float(chunk.hyp_end_idx - chunk.hyp_start_idx)))
        elif chunk.type != "equal":
            kind = "deleted" if chunk.type == "delete" else "substituted"
            edits += [
                (kind, role, 1.0) for _, role in said[chunk.ref_start_idx : chunk.ref_end_idx]
            ]
    return edits


def _alignment(said: list[str], heard: list[str]) -> Any:
    try:
        import jiwer
    except ImportError as error:
        raise ModelError(
            "jiwer is not installed", remedy='pip install "classwatch[eval]"'
        ) from error
    # Tokens are made already: the transform only splits at the spaces put between them here.
    split = jiwer.Compose([jiwer.ReduceToListOfListOfWords()])
    return jiwer.process_words(
        " ".join(said), " ".join(heard), reference_transform=split, hypothesis_transform=split
    ).alignments[0]
