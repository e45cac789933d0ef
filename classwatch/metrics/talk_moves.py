"""Talk moves: the part of the accountable-talk list that coded acts can show."""

from __future__ import annotations

from classwatch.core.codes import ActCode, CodedAct, CodeStream, QuestionPurpose, Sihe
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.metrics.acts import acts_sheet, moments
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import with_count_interval
from classwatch.metrics.definition import measure

UNTOLD = (
    "teacher.keeping_together",
    "teacher.relating",
    "student.relating",
    "student.evidence",
)
"""Moves that need the meaning of what several people said; never guessed."""
TOLD = (
    "teacher.restating",
    "teacher.revoicing",
    "teacher.accuracy",
    "teacher.reasoning",
    "student.claim",
    "student.asking",
)
MOVES = (*TOLD, *UNTOLD)
_CLAIMS = (ActCode.RESPONDS, ActCode.VOLUNTEERS, ActCode.INITIATES)


def moves(stream: CodeStream, move: str) -> tuple[CodedAct, ...]:
    """The acts that are ``move``, one of ``TOLD``; ``KeyError`` for another."""
    match move:
        case "teacher.restating":
            return stream.of(ActCode.REPEATS)
        case "teacher.revoicing":
            return stream.of(ActCode.USES_IDEA)
        case "teacher.reasoning":
            return tuple(a for a in stream.of(ActCode.ASKS) if _presses(a))
        case "teacher.accuracy":
            asked = (QuestionPurpose.RECALL, QuestionPurpose.UNDERSTANDING)
            acts = stream.of(ActCode.ASKS)
            return tuple(a for a in acts if a.purpose in asked and not _presses(a))
        case "student.claim":
            return stream.of(*_CLAIMS)
        case "student.asking":
            return stream.of(ActCode.STUDENT_ASKS)
    raise KeyError(move)


def _presses(act: CodedAct) -> bool:
    if act.purpose in (QuestionPurpose.MANAGEMENT, QuestionPurpose.RHETORICAL):
        return False
    return act.purpose is QuestionPurpose.PROBING or act.sihe is Sihe.WHY


@measure("moves.count")
def count(basis: Basis) -> tuple[Measure, ...]:
    """Number of talk moves.

    name-zh: 对话策略（talk moves）次数
    name-en: Talk moves
    unit: count
    formula: number of acts of each move
    source: accountable talk (O'Connor, Michaels); list as in TalkMoves (arXiv 2105.07949); own
        rules
    sampling-zh: 逐个编码
    sampling-en: each coded act
    gates: voiced snr roles voices coded
    zh: 教师重述（restating）、转述（revoicing）、求准确（accuracy：回忆或理解性提问）、
        求理由（reasoning：
        追问或“为什么”），学生表达观点（claim）与提问（asking）的次数。其余四种策略无法由编码判断，
        不给数。
    en: Restating, revoicing, pressing for accuracy (recall and understanding questions) and for
        reasoning (follow-up and why-questions) by the teacher; claims and questions by students.
        The other four moves of the list cannot be told from the codes and get no number.
    reading-zh: 是原清单的一部分，规则也比原清单粗，不能与人工编码的研究直接比较。
    reading-en: A part of the list, by coarser rules, so not comparable with hand-coded studies.
    """
    sheet, stream = acts_sheet(basis, "moves.count", Unit.COUNT, "each coded act")
    if isinstance(stream, Why):
        return sheet.all_absent(stream, MOVES)
    told = tuple(
        with_count_interval(
            sheet.give(len(own), part=move, evidence=moments(own, 50)),
            [act.start_s for act in own],
            stream.span,
        )
        for move in TOLD
        for own in [moves(stream, move)]
    )
    return (*told, *sheet.all_absent(Why(Reason.CANNOT_TELL), UNTOLD))


MEASURES = (count,)
