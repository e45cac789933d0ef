"""Recognised text cut into sentences: one question is one segment, wherever the model stopped."""

from __future__ import annotations

from dataclasses import replace

from classwatch.core.speech import Segment, Word

_ENDS = "。！？!?…."
_CLOSERS = "\"'”’」』）)]"
_PAUSE_S = 1.0


def split_sentences(segment: Segment) -> list[Segment]:
    """Pieces of ``segment`` that end at sentence marks or at pauses of more than a second.

    Without word times the segment stays whole. Texts of the pieces are their words, joined.
    """
    if len(segment.words) < 2:
        return [segment]
    groups: list[list[Word]] = [[]]
    for word in segment.words:
        last = groups[-1][-1] if groups[-1] else None
        if last is not None and (ends_sentence(last, word) or word.start_s - last.end_s > _PAUSE_S):
            groups.append([])
        groups[-1].append(word)
    pieces = []
    for words in groups:
        text = "".join(w.text for w in words).strip()
        if text:
            pieces.append(
                replace(
                    segment,
                    start_s=words[0].start_s,
                    end_s=words[-1].end_s,
                    text=text,
                    words=tuple(words),
                )
            )
    return pieces


def ends_sentence(word: Word, following: Word) -> bool:
    """Whether a sentence ends after ``word``; a point inside 3.14 or U.S. does not end one."""
    text = word.text.rstrip().rstrip(_CLOSERS)
    if not text or text[-1] not in _ENDS:
        return False
    if text[-1] != ".":
        return True
    body = text.rstrip(".").lstrip()
    # An abbreviation is a single letter or has points inside; a number goes on without a space.
    return following.text.startswith(" ") and len(body) > 1 and "." not in body
