"""Questions as values: what in the wording makes it a question, and when it was asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from classwatch.core.speech import SpeakerRole


class QuestionKind(StrEnum):
    """The surface form that makes a clause a question."""

    PARTICLE = "particle"
    """A final question particle: 吗, 呢 after a topic."""
    TAG = "tag"
    """A statement with a tag: 对不对, 是吧; isn't it."""
    A_NOT_A = "a_not_a"
    """Verb, negation, verb: 是不是, 能不能, 有没有."""
    ALTERNATIVE = "alternative"
    """A choice: 是 A 还是 B; A or B."""
    WH = "wh"
    """A question word: 什么, 为什么, 多少; what, why, how."""
    INVERSION = "inversion"
    """An auxiliary before its subject (English yes-no questions)."""
    MARK = "mark"
    """Only the question mark; the wording alone does not show it."""


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """Why a clause counts as a question: ``rule`` names the rule, ``matched`` the words."""

    kind: QuestionKind
    rule: str
    matched: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question on the lesson clock.

    ``end_measured`` tells whether ``end_s`` comes from a word time or the end of a segment; else
    both ends are shared out by the length of the text and must not be used to time a pause.
    """

    start_s: float
    end_s: float
    role: SpeakerRole
    text: str
    language: str
    form: QuestionForm
    end_measured: bool
