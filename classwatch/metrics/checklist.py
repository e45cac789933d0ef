"""Norm-conformity checklist (规范性): found, not found or cannot tell, with the times."""

from __future__ import annotations

from collections.abc import Callable

from classwatch.core.codes import ActCode
from classwatch.core.events import EventKind
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import STUDENT_ROLES, SpeakerRole
from classwatch.core.time import Interval
from classwatch.metrics.acts import moments
from classwatch.metrics.basis import Basis, codes_why, of_turns
from classwatch.metrics.cells import Sheet
from classwatch.metrics.cues import CueKind, find_cues
from classwatch.metrics.definition import measure
from classwatch.metrics.pauses import boundary_check
from classwatch.metrics.place import placed_times
from classwatch.metrics.questions import asked, words_why
from classwatch.metrics.timeline import as_values
from classwatch.metrics.wait_time import GOAL_S, after_questions

FOUND, NOT_FOUND = "found", "not_found"
OPENING_S = 600.0
CLOSING_S = 600.0
MIN_EVENT_S = 2.0

Answer = tuple[Interval, ...] | Why
"""The moments of an item (none: not found), or why it cannot be told."""


def cued(basis: Basis, kind: CueKind) -> Answer:
    """Moments at which the teacher's wording announces ``kind``, where it belongs in a lesson.

    Greeting, review and goal belong in the first ten minutes, summary, homework and farewell in
    the last ten.
    """
    found = find_cues(basis)
    if isinstance(found, Why):
        return found
    span = basis.facts.span
    first, last = span.start_s, span.end_s
    if kind in (CueKind.GREETING, CueKind.REVIEW, CueKind.GOAL):
        last = span.start_s + OPENING_S
    elif kind in (CueKind.SUMMARY, CueKind.HOMEWORK, CueKind.FAREWELL):
        first = span.end_s - CLOSING_S
    return tuple(c.moment for c in found if c.kind is kind and first <= c.start_s < last)


def coded(basis: Basis, *acts: ActCode) -> Answer:
    """Moments of coded acts."""
    why = codes_why(basis)
    if why is not None or basis.facts.codes is None:
        return why or Why(Reason.NO_CODES)
    return moments(basis.facts.codes.of(*acts))


def either(*answers: Answer) -> Answer:
    """Found in any of them; not found only where all could be told."""
    told = [a for a in answers if not isinstance(a, Why)]
    spans = tuple(sorted({span for answer in told for span in answer}))
    if spans or len(told) == len(answers):
        return spans
    return next(a for a in answers if isinstance(a, Why))


def placed(basis: Basis, kind: EventKind) -> Answer:
    """Moments of the teacher's place in the picture, of ``MIN_EVENT_S`` and more."""
    spans = placed_times(basis, kind)
    if spans is None:
        missing = basis.facts.missing
        return missing.get("pose") or missing.get("teacher") or Why(Reason.NO_PICTURE)
    return as_values(spans[spans[:, 1] - spans[:, 0] >= MIN_EVENT_S])


def waited(basis: Basis) -> Answer:
    """Pauses of three seconds and more after a question."""
    why = words_why(basis) or boundary_check(basis)[1]
    if why is not None:
        return why
    long = [p for p in after_questions(basis) if p.length_s >= GOAL_S - 1e-9]
    return tuple(Interval(p.start_s, p.end_s) for p in long)


def questioned(basis: Basis) -> Answer:
    """Questions of the teacher."""
    why = words_why(basis)
    if why is not None:
        return why
    found = asked(basis, SpeakerRole.TEACHER)
    return tuple(Interval(q.start_s, max(q.start_s, q.end_s)) for q in found)


def spoken(basis: Basis) -> Answer:
    """Turns of students."""
    if basis.roles_why is not None:
        return basis.roles_why
    return as_values(of_turns(basis.turns, *STUDENT_ROLES))


ITEMS: dict[str, Callable[[Basis], Answer]] = {
    "greeting": lambda b: cued(b, CueKind.GREETING),
    "review": lambda b: cued(b, CueKind.REVIEW),
    "goal": lambda b: cued(b, CueKind.GOAL),
    "questions": questioned,
    "waiting": waited,
    "student_talk": spoken,
    "feedback": lambda b: coded(b, ActCode.PRAISES, ActCode.USES_IDEA, ActCode.CORRECTS),
    "board": lambda b: either(placed(b, EventKind.TEACHER_AT_BOARD), coded(b, ActCode.WRITES)),
    "among_desks": lambda b: placed(b, EventKind.TEACHER_AMONG_DESKS),
    "practice": lambda b: either(cued(b, CueKind.PRACTICE), coded(b, ActCode.PRACTICE)),
    "discussion": lambda b: either(cued(b, CueKind.DISCUSSION), coded(b, ActCode.PEER_TALK)),
    "summary": lambda b: cued(b, CueKind.SUMMARY),
    "homework": lambda b: cued(b, CueKind.HOMEWORK),
    "farewell": lambda b: cued(b, CueKind.FAREWELL),
}


@measure("checklist.item")
def item(basis: Basis) -> tuple[Measure, ...]:
    """Whether each step that lesson norms name was found.

    name-zh: 教学规范性清单
    name-en: Checklist of lesson steps
    unit: category
    formula: found where at least one moment was found; cannot tell where a source is missing
    source: steps as school rules for lessons name them; the rules are own
    sampling-zh: 问候、复习、目标看开头 10 分钟，小结、作业、下课看最后 10 分钟，其余看全课
    sampling-en: greeting, review and goal in the first 10 min, summary, homework and farewell in
        the
        last 10, the rest anywhere
    gates: none
    zh: 每一项给出“找到”“没有找到”，缺少所需的声音、文字、画面或编码时为“不能判断”；找到的附时间。
    en: Each item is found or not found, or cannot be told where sound, words, picture or codes are
        missing; what was found has its times.
    reading-zh: 按用语与事件判断，换一种说法就可能找不到；不计总数，不作评分，缺项不等于课没有上好。
    reading-en: Told by wording and events, and other words are missed. No total and no grade; a
        missing item does not make a lesson bad.
    """
    sheet = Sheet("checklist.item", Unit.CATEGORY, "checklist.item/1", "wording, events and codes")
    return tuple(_cell(sheet, name, answer(basis)) for name, answer in ITEMS.items())


MEASURES = (item,)


def _cell(sheet: Sheet, name: str, answer: Answer) -> Measure:
    if isinstance(answer, Why):
        return sheet.absent(answer, part=name)
    return sheet.named(FOUND if answer else NOT_FOUND, part=name, evidence=answer[:200])
