"""Exchanges: question, answer and what the teacher does with it, and chains of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from classwatch.core.codes import ANSWER_ACTS, ActCode, CodedAct, QuestionPurpose
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.time import Interval, intervals, normalise, total_s
from classwatch.metrics.acts import acts_sheet, coded_time
from classwatch.metrics.basis import Basis
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import with_count_interval, with_interval, with_share_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.timeline import blocks, common, covered_within

BREAK_S = 30.0
"""Own rule: an exchange does not go on across a longer silence."""
_EVALUATES = frozenset({ActCode.PRAISES, ActCode.REPEATS, ActCode.CORRECTS, ActCode.CRITICISES})
_FOLLOWS = frozenset({ActCode.USES_IDEA, ActCode.ACCEPTS_FEELING})
_PASSED_OVER = frozenset({ActCode.SILENCE, ActCode.THINKING, ActCode.WRITES})
_TALK = frozenset(code for code in ActCode if code.startswith(("t_", "s_"))) - {ActCode.WRITES}
# One question however often it is put again, discussion or none, answers; follow-up questions
# straight after an answer; then what the teacher makes of it.
_GRAMMAR = re.compile(r"(?:I+D*R+)+[EF]*")
_ROUND = re.compile(r"I+D*R+")


class ExchangeKind(StrEnum):
    """The pattern of an exchange."""

    IR = "ir"
    """Question and answer without a word on the answer."""
    IRE = "ire"
    """Question, answer, evaluation (Sinclair and Coulthard)."""
    IRF = "irf"
    """Question, answer, and a third move that goes on with the answer."""
    IDRE = "idre"
    """With discussion between question and answer."""
    IRIRE = "irire"
    """With follow-up questions before the third move."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange ``[start_s, end_s)``; ``rounds`` counts its question-answer pairs."""

    start_s: float
    end_s: float
    kind: ExchangeKind
    rounds: int


def exchanges(acts: Sequence[CodedAct]) -> tuple[Exchange, ...]:
    """The exchanges in acts that are in order of time.

    I is a content question (one that is put again goes on with it), D talk of peers after it, R an
    answer, E an evaluation (praise, repetition, correction, criticism), F a third move that uses
    the idea or accepts a feeling. IDRE needs a D, IRIRE a second question straight after an answer
    before any E or F, and either needs an E or F at the end. Short silence is passed over; any
    other act ends an exchange, and so do silences over ``BREAK_S`` seconds. An answer that nobody
    asked for starts none.
    """
    letters: list[str] = []
    kept: list[CodedAct] = []
    for act in acts:
        letter = _letter(act)
        if letter:
            letters.append(letter)
            kept.append(act)
    text = "".join(letters)
    found = []
    for match in _GRAMMAR.finditer(text):
        own = kept[match.start() : match.end()]
        end_s = max(act.end_s for act in own)
        kind, rounds = _kind(match.group())
        found.append(Exchange(own[0].start_s, end_s, kind, rounds))
    return tuple(found)


def _letter(act: CodedAct) -> str:
    if act.act in _PASSED_OVER:
        return "x" if act.duration_s > BREAK_S else ""
    if act.act is ActCode.ASKS:
        asks = act.purpose not in (QuestionPurpose.MANAGEMENT, QuestionPurpose.RHETORICAL)
        return "I" if asks else "x"
    if act.act in ANSWER_ACTS:
        return "R"
    if act.act in _EVALUATES:
        return "E"
    if act.act in _FOLLOWS:
        return "F"
    return "D" if act.act is ActCode.PEER_TALK else "x"


def _kind(text: str) -> tuple[ExchangeKind, int]:
    rounds = len(_ROUND.findall(text))
    if text[-1] not in "EF":
        return ExchangeKind.IR, rounds
    if "D" in text:
        return ExchangeKind.IDRE, rounds
    if rounds > 1:
        return ExchangeKind.IRIRE, rounds
    return (ExchangeKind.IRF if "F" in text else ExchangeKind.IRE), rounds


@measure("chain.count")
def count(basis: Basis) -> tuple[Measure, ...]:
    """Number of exchanges of each pattern.

    name-zh: 问答结构（IRE、IRF、IDRE、IRIRE）
    name-en: Exchanges (IRE, IRF, IDRE, IRIRE)
    unit: count
    formula: number of exchanges of each pattern
    source: Sinclair and Coulthard 1975 (IRE/IRF); IDRE and IRIRE as in CSMS; the rules are own
    sampling-zh: 按编码的先后；不超过 30 秒的安静不打断
    sampling-en: order of the coded acts; silence of up to 30 s does not interrupt
    gates: voiced snr roles voices coded
    zh: I 为内容性提问，R 为学生回答，E 为评价（表扬、重复、纠正、批评），F 为采纳或接受情感的接续，
        D 为同伴讨论。ir 没有第三步；idre 提问后先讨论；irire 在评价前继续追问。每个回合只归一类。
    en: I is a content question, R an answer, E an evaluation (praise, repetition, correction,
        criticism), F a third move that uses the idea or accepts a feeling, D talk of peers. The
        pattern ir has no third move, idre has discussion first, irire further questions before
        the third move. Each exchange has one pattern.
    reading-zh: 没有第三步的回合多，可能是教师点头示意，录音听不到。
    reading-en: Many exchanges without a third move may hide nods, which sound does not show.
    """
    sheet, stream = acts_sheet(basis, "chain.count", Unit.COUNT, "order of coded acts")
    if isinstance(stream, Why):
        return sheet.all_absent(stream, ExchangeKind)
    found = exchanges(stream.acts)
    cells = []
    for kind in ExchangeKind:
        own = [e for e in found if e.kind is kind]
        spans = tuple(Interval(e.start_s, e.end_s) for e in own[:200])
        cell = sheet.give(len(own), len(own), len(found), part=kind, evidence=spans)
        cells.append(with_count_interval(cell, [e.start_s for e in own], stream.span))
    return tuple(cells)


@measure("chain.closed_share")
def closed_share(basis: Basis) -> tuple[Measure, ...]:
    """Share of exchanges with a third move.

    name-zh: 有反馈的问答比例
    name-en: Exchanges with a third move
    unit: share
    formula: (all - ir) / all exchanges
    source: own, on the exchanges of chain.count
    sampling-zh: 按编码的先后；不超过 30 秒的安静不打断
    sampling-en: order of the coded acts; silence of up to 30 s does not interrupt
    gates: voiced snr roles voices coded
    zh: 学生回答之后教师有话语反馈的问答回合占全部回合的比例。
    en: Exchanges in which the teacher says something on the answer, over all exchanges.
    reading-zh: 只看有没有，不看反馈的质量。
    reading-en: Whether there is one, not how good it is.
    """
    sheet, stream = acts_sheet(basis, "chain.closed_share", Unit.SHARE, "order of coded acts")
    if isinstance(stream, Why):
        return (sheet.absent(stream),)
    found = exchanges(stream.acts)
    closed = [e for e in found if e.kind is not ExchangeKind.IR]
    cell = sheet.ratio(len(closed), len(found))
    own_s, all_s = ([e.start_s for e in own] for own in (closed, found))
    return (with_share_interval(cell, own_s, all_s, stream.span),)


@measure("chain.talk_share")
def talk_share(basis: Basis) -> tuple[Measure, ...]:
    """Share of talk that lies in exchanges with a third move.

    name-zh: 三步问答占言语的比例
    name-en: Talk within three-part exchanges
    unit: share
    formula: seconds of talk inside exchanges other than ir / seconds of coded talk
    source: own, on the exchanges of chain.count
    sampling-zh: 编码的准确时间
    sampling-en: exact time of coded acts
    gates: voiced snr roles voices coded
    zh: 有第三步的问答回合中的说话时间占全部有编码的说话时间的比例。
    en: Coded talk that lies in exchanges with a third move, over all coded talk.
    reading-zh: 高低取决于课型，本身不说明好坏。
    reading-en: Depends on the type of lesson; neither good nor bad in itself.
    """
    sheet, stream = acts_sheet(basis, "chain.talk_share", Unit.SHARE)
    if isinstance(stream, Why):
        return (sheet.absent(stream),)
    closed = [e for e in exchanges(stream.acts) if e.kind is not ExchangeKind.IR]
    talk = coded_time(stream, _TALK)
    inside = normalise(intervals((e.start_s, e.end_s) for e in closed))
    pieces = blocks(stream.span, BLOCK_S)
    both = common(talk, inside)
    cell = sheet.ratio(total_s(both), total_s(talk))
    return (with_interval(cell, covered_within(both, pieces), covered_within(talk, pieces)),)


@measure("chain.rounds_longest")
def rounds_longest(basis: Basis) -> tuple[Measure, ...]:
    """Most question-answer pairs in one exchange.

    name-zh: 最长追问链（问答对数）
    name-en: Longest chain of follow-up questions
    unit: count
    formula: greatest number of question-answer pairs in one exchange
    source: own; IRIRE as in CSMS
    sampling-zh: 按编码的先后
    sampling-en: order of the coded acts
    gates: voiced snr roles voices coded
    zh: 在教师给出评价或另起话题之前，连续的“问—答”最多有几对。
    en: The most pairs of question and answer in a row before the teacher evaluates or moves on.
    reading-zh: 追问可以由不同学生回答；不指明是谁。
    reading-en: Different students may answer; it does not say who.
    """
    sheet, stream = acts_sheet(basis, "chain.rounds_longest", Unit.COUNT, "order of coded acts")
    if isinstance(stream, Why):
        return (sheet.absent(stream),)
    found = sorted(exchanges(stream.acts), key=lambda e: (-e.rounds, e.start_s))
    if not found:
        return (sheet.give(0),)
    spans = tuple(Interval(e.start_s, e.end_s) for e in found[:20])
    return (sheet.give(found[0].rounds, evidence=spans),)


MEASURES = (count, closed_share, talk_share, rounds_longest)
