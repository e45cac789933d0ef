"""A transcript cut into units: one sentence, or one question, of one voice, with times."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cache

from classwatch.config.data import read_table
from classwatch.core.questions import QuestionForm
from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript, Word
from classwatch.core.text import script_of
from classwatch.discourse.clauses import Clause, clauses
from classwatch.discourse.lexicon import patterns
from classwatch.discourse.questions import clause_question, clause_times

PAUSE_S = 1.0
"""A pause of this length between words ends a unit, with or without punctuation."""
_ALONE = frozenset({"praises", "corrects", "accepts_feeling", "nominates"})


@dataclass(frozen=True, slots=True)
class Unit:
    """What one voice says in one go. ``form`` is set when its wording is a question's.

    ``marked`` says that a question mark closes it; ``key`` is the entry of ``lexicons/acts.yaml``
    that a teacher's words match, "" for none and for students.
    """

    start_s: float
    end_s: float
    role: SpeakerRole
    text: str
    language: str
    origin: Origin
    form: QuestionForm | None = None
    marked: bool = False
    key: str = ""


def units(transcript: Transcript) -> tuple[Unit, ...]:
    """Units in order of time; suspect segments and segments without words are passed over."""
    found = [
        unit
        for segment in transcript.segments
        if not segment.suspect
        for piece in _pieces(segment)
        for unit in _cut(piece, transcript)
    ]
    return tuple(sorted(found, key=lambda u: (u.start_s, u.end_s, u.text)))


def _pieces(segment: Segment) -> list[Segment]:
    """The segment cut where its words leave a long pause; as it is when they do not spell it."""
    breaks = [
        at
        for at in range(1, len(segment.words))
        if segment.words[at].start_s - segment.words[at - 1].end_s >= PAUSE_S
    ]
    spelled = _spelling("".join(w.text for w in segment.words))
    if not breaks or spelled != _spelling(segment.text):
        return [segment]
    edges = [0, *breaks, len(segment.words)]
    return [_of_words(segment, segment.words[a:b]) for a, b in itertools.pairwise(edges)]


def _spelling(text: str) -> str:
    return "".join(text.split())


def _of_words(segment: Segment, words: tuple[Word, ...]) -> Segment:
    text = "".join(word.text for word in words)
    if (script_of(text) or segment.language) != "zh":
        text = " ".join(word.text.strip() for word in words)
    return replace(
        segment,
        start_s=words[0].start_s,
        end_s=words[-1].end_s,
        text=text.strip(),
        words=words,
    )


@dataclass(slots=True)
class _Run:
    """Clauses that become one unit; ``key`` is the lexicon entry that the first of them names."""

    clauses: list[Clause]
    form: QuestionForm | None
    key: str
    filler: bool


def _cut(segment: Segment, transcript: Transcript) -> list[Unit]:
    language = segment.language or transcript.language
    teacher = segment.role is SpeakerRole.TEACHER
    runs: list[_Run] = []
    for clause in clauses(segment.text):
        form = clause_question(clause, language)
        key = _key(clause, language) if teacher else ""
        filler = teacher and form is None and not key and _is_filler(clause.text)
        new = _Run([clause], form, key, filler)
        last = runs[-1] if runs else None
        if last is None or last.clauses[-1].sentence != clause.sentence:
            runs.append(new)
        elif _joins(last, new) if teacher else True:
            last.clauses.append(clause)
            last.form, last.key = last.form or form, last.key or key
            last.filler = last.filler and filler
        else:
            runs.append(new)
    return [_unit(segment, run, (language, transcript.origin)) for run in runs]


@cache
def _fillers() -> frozenset[str]:
    table = read_table("lexicons", "empty_words.yaml")
    return frozenset(str(word) for word in table["fillers"])


def _is_filler(text: str) -> bool:
    return text.strip(" ").lower() in _fillers()


def _key(clause: Clause, language: str) -> str:
    language = script_of(clause.text) or language
    return patterns("acts", language).first(clause.text.lower()) or ""


def _joins(last: _Run, new: _Run) -> bool:
    """Whether a clause of the teacher goes on with what the clauses before it do.

    A plain clause goes on with an order or an account, but "很好" and a question stand by
    themselves; "好" and "so" belong to what follows.
    """
    if last.filler:
        return True
    if last.form is not None or new.form is not None:
        return False
    return new.key == last.key or (not new.key and last.key not in _ALONE)


def _unit(segment: Segment, run: _Run, source: tuple[str, Origin]) -> Unit:
    first, last = run.clauses[0], run.clauses[-1]
    start_s, end_s, _ = clause_times(segment, replace(last, start=first.start))
    text = segment.text[first.start : last.end].strip()
    return Unit(
        start_s=start_s,
        end_s=max(start_s, end_s),
        role=segment.role,
        text=text,
        language=script_of(text) or source[0],
        origin=source[1],
        form=run.form,
        marked=last.marked,
        key=run.key,
    )
