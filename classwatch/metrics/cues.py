"""Wording that marks a step of the lesson, found in the teacher's clauses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from classwatch.config.data import read_table
from classwatch.core.errors import InputError
from classwatch.core.measures import Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeakerRole
from classwatch.core.text import script_of
from classwatch.core.time import Interval
from classwatch.metrics.basis import Basis

_FILE = "lexicons/phases.yaml"
_CLAUSE = re.compile(r"[^。！？!?；;\n.]+[。！？!?]?")


class CueKind(StrEnum):
    """What wording can announce."""

    GREETING = "greeting"
    REVIEW = "review"
    GOAL = "goal"
    PRACTICE = "practice"
    DISCUSSION = "discussion"
    SUMMARY = "summary"
    HOMEWORK = "homework"
    FAREWELL = "farewell"


@dataclass(frozen=True, slots=True)
class Cue:
    """One place in the teacher's words; the time is that of its share of the segment."""

    kind: CueKind
    start_s: float
    end_s: float
    matched: str

    @property
    def moment(self) -> Interval:
        return Interval(self.start_s, self.end_s)


@cache
def patterns(language: str) -> dict[CueKind, re.Pattern[str]]:
    """The wording of each kind in ``zh`` or ``en``.

    Errors: ``InputError`` naming the file where a kind or language is missing or a pattern is none.
    """
    table = read_table("lexicons", "phases.yaml").get(language)
    if not isinstance(table, dict) or set(table) != set(CueKind):
        raise InputError(f"section {language} needs {', '.join(CueKind)}", subject=_FILE)
    found = {}
    for kind in CueKind:
        try:
            whole = "|".join(f"(?:{text})" for text in table[kind])
            found[kind] = re.compile(whole, re.IGNORECASE)
        except (re.error, TypeError) as error:
            raise InputError(f"{language}.{kind}: {error}", subject=_FILE) from error
    return found


@lru_cache(maxsize=1)
def find_cues(basis: Basis) -> tuple[Cue, ...] | Why:
    """Every cue in the words of the teacher or of an unknown voice, in order of time.

    A clause may be several cues. Suspect text is left out. Why not, where there are no words, or
    none of a language with a lexicon. Several measures of one lesson ask, so the last answer is
    kept.
    """
    transcript = basis.facts.transcript
    if transcript is None:
        return basis.facts.missing.get("words") or Why(Reason.NO_WORDS)
    span = basis.facts.span
    roles = (SpeakerRole.TEACHER, SpeakerRole.UNKNOWN)
    found: list[Cue] = []
    understood = False
    for segment in transcript.segments:
        language = script_of(segment.text)
        if language not in ("zh", "en"):
            continue
        understood = True
        outside = segment.start_s < span.start_s or segment.end_s > span.end_s
        if segment.suspect or segment.role not in roles or outside:
            continue
        found += _in_text(segment.text, segment.start_s, segment.end_s, language)
    if not understood and transcript.segments:
        return Why(Reason.LANGUAGE, {"language": transcript.language})
    return tuple(sorted(found, key=lambda cue: (cue.start_s, cue.kind)))


def _in_text(text: str, start_s: float, end_s: float, language: str) -> list[Cue]:
    per = (end_s - start_s) / max(1, len(text))
    found = []
    for clause in _CLAUSE.finditer(text):
        words = clause.group().strip()
        for kind, pattern in patterns(language).items():
            match = pattern.search(words)
            if match:
                begin, stop = start_s + per * clause.start(), start_s + per * clause.end()
                found.append(Cue(kind, begin, min(stop, end_s), match.group()))
    return found
