"""From the internal acts to each protocol's codes, and what each protocol cannot express."""

from __future__ import annotations

from dataclasses import dataclass

from classwatch.core.codes import ActCode, CodedAct, Openness, QuestionPurpose
from classwatch.metrics.scheme import Scheme

UNDECIDED = 0

_ROWS: dict[ActCode, tuple[str, str, str]] = {
    # act: FIAS, iFIAS, ITIAS
    ActCode.ACCEPTS_FEELING: ("1", "1", "1"),
    ActCode.PRAISES: ("2", "2", "2"),
    ActCode.REPEATS: ("3", "3", "3"),
    ActCode.USES_IDEA: ("3", "3", "3"),
    ActCode.CORRECTS: ("5", "5", "6"),
    ActCode.LECTURES: ("5", "5", "6"),
    ActCode.DIRECTS: ("6", "6", "7"),
    ActCode.MANAGES: ("6", "6", "7"),
    ActCode.CRITICISES: ("7", "7", "8"),
    ActCode.WRITES: ("10", "12", "15"),
    ActCode.RESPONDS: ("8", "8", "9"),
    ActCode.CHORAL: ("8", "8", "9"),
    ActCode.VOLUNTEERS: ("9", "9.1", "10"),
    ActCode.STUDENT_ASKS: ("9", "9.2", "11"),
    ActCode.INITIATES: ("9", "9", "10"),
    ActCode.PEER_TALK: ("10", "10", "12"),
    ActCode.THINKING: ("10", "12", "14"),
    ActCode.PRACTICE: ("10", "12", "15"),
    ActCode.CONFUSION: ("10", "11", "13"),
    ActCode.SILENCE: ("10", "12", "14"),
    ActCode.TEACHER_TECH: ("10", "13", "16"),
    ActCode.STUDENT_TECH: ("10", "14", "17"),
    ActCode.MEDIA: ("10", "13", "18"),
}
_COLUMNS = ("fias", "ifias", "itias")
_ASKS = {
    Openness.OPEN: ("4", "4.1", "4"),
    Openness.CLOSED: ("4", "4.2", "5"),
    None: ("4", "4", "5"),
}
_RHETORICAL = ("5", "5", "6")


@dataclass(frozen=True, slots=True)
class Loss:
    """What a protocol cannot say: these acts all become ``label``."""

    scheme: str
    label: str
    acts: tuple[ActCode, ...]
    text_zh: str
    text_en: str


LOSSES: tuple[Loss, ...] = (
    Loss(
        "fias",
        "10",
        (
            ActCode.THINKING,
            ActCode.PRACTICE,
            ActCode.WRITES,
            ActCode.SILENCE,
            ActCode.CONFUSION,
            ActCode.PEER_TALK,
            ActCode.TEACHER_TECH,
            ActCode.STUDENT_TECH,
            ActCode.MEDIA,
        ),
        "FIAS 把思考、练习、板书、讨论、技术与混乱都记为 10，分不清有益与无益的安静。",
        "FIAS writes thinking, practice, board work, discussion, technology and confusion all as "
        "10: useful and useless silence cannot be told apart.",
    ),
    Loss(
        "fias",
        "3",
        (ActCode.REPEATS, ActCode.USES_IDEA),
        "重复学生的话与采纳学生的观点同为 3。",
        "Repeating an answer and building on it are both 3.",
    ),
    Loss(
        "fias",
        "5",
        (ActCode.LECTURES, ActCode.CORRECTS, ActCode.ASKS),
        "纠正答案（不带责备）与反问都归入讲授 5。",
        "Putting an answer right without blame, and rhetorical questions, count as lecturing, 5.",
    ),
    Loss(
        "fias",
        "6",
        (ActCode.DIRECTS, ActCode.MANAGES),
        "学习指令与课堂管理同为 6。",
        "Directions for learning and management are both 6.",
    ),
    Loss(
        "fias",
        "8",
        (ActCode.RESPONDS, ActCode.CHORAL),
        "个别应答与齐答同为 8。",
        "One student's answer and a choral one are both 8.",
    ),
    Loss(
        "fias",
        "9",
        (ActCode.VOLUNTEERS, ActCode.STUDENT_ASKS, ActCode.INITIATES),
        "主动应答、提问与其他主动发言同为 9；主动应答介于 8 与 9 时取 9（离 5 最远）。",
        "Volunteered answers, questions and other initiated talk are all 9; between 8 and 9 the "
        "rule takes 9, which is farther from 5.",
    ),
    Loss(
        "ifias",
        "12",
        (ActCode.THINKING, ActCode.PRACTICE, ActCode.WRITES, ActCode.SILENCE),
        "iFIAS 把思考、练习、板书与其他安静都记为 12；不知种类的安静按有益计。",
        "iFIAS writes thinking, practice, board work and other silence as 12; silence of no known "
        "kind is taken to help.",
    ),
    Loss(
        "ifias",
        "13",
        (ActCode.TEACHER_TECH, ActCode.MEDIA),
        "iFIAS 没有“播放媒体”一类，记为教师操纵技术 13。",
        "iFIAS has no code for media that play; they count as the teacher's technology, 13.",
    ),
    Loss(
        "itias",
        "5",
        (ActCode.ASKS,),
        "ITIAS 的提问非开放即封闭；判断不出的记为封闭 5。",
        "In ITIAS a question is open or closed; one that could not be told counts as closed, 5.",
    ),
    Loss(
        "itias",
        "15",
        (ActCode.PRACTICE, ActCode.WRITES),
        "ITIAS 没有教师不出声板书的编码；学生多在抄写，记为 15。",
        "ITIAS has no code for silent board writing; students mostly copy, so it counts as 15.",
    ),
    Loss(
        "itias",
        "14",
        (ActCode.THINKING, ActCode.SILENCE),
        "不知种类的安静在 ITIAS 中记为思考 14。",
        "Silence of no known kind counts as thinking, 14, in ITIAS.",
    ),
    Loss(
        "itias",
        "10",
        (ActCode.VOLUNTEERS, ActCode.INITIATES),
        "学生既非应答也非提问的主动发言，ITIAS 记为主动应答 10。",
        "Talk of a student that is neither answer nor question counts as a volunteered answer, 10.",
    ),
)
"""Stated in every export; the choices the literature leaves open are the project's own."""


def label_of(act: CodedAct, scheme: Scheme) -> str:
    """The protocol's label for an act, "" for ``UNKNOWN``.

    Rhetorical questions are lecturing (Flanders 1970, category 5). Errors: ``KeyError`` for a
    scheme without a crosswalk.
    """
    if scheme.id not in _COLUMNS:
        raise KeyError(scheme.id)
    column = _COLUMNS.index(scheme.id)
    if act.act is ActCode.UNKNOWN:
        return ""
    if act.act is not ActCode.ASKS:
        return _ROWS[act.act][column]
    if act.purpose is QuestionPurpose.RHETORICAL:
        return _RHETORICAL[column]
    return _ASKS[act.openness][column]


def code_of(act: CodedAct, scheme: Scheme) -> int:
    """As ``label_of``, as the scheme's code; 0 where undecided."""
    label = label_of(act, scheme)
    return scheme.code(label) if label else UNDECIDED
