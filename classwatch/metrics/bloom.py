"""Questions by what they ask for: Bloom level, 四何, openness, purpose, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum

from classwatch.core.codes import (
    FEEDBACK_ACTS,
    HIGH_BLOOM,
    QUIET_ACTS,
    TEACHER_ACTS,
    ActCode,
    Bloom,
    CodedAct,
    Openness,
    QuestionPurpose,
    Sihe,
)
from classwatch.core.measures import Measure, Unit, Why
from classwatch.metrics.acts import act_shares, acts_sheet, content_questions, moments, per_minute
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import with_interval
from classwatch.metrics.definition import measure

ANSWERERS = ("called", "volunteer", "choral", "discussion", "asked_again", "teacher")
_BY = {
    ActCode.RESPONDS: "called",
    ActCode.VOLUNTEERS: "volunteer",
    ActCode.INITIATES: "volunteer",
    ActCode.CHORAL: "choral",
    ActCode.PEER_TALK: "discussion",
    ActCode.ASKS: "asked_again",
}


def answered_by(acts: Sequence[CodedAct], at: int) -> str | None:
    """Who speaks after the question ``acts[at]``, one of ``ANSWERERS``; None where unclear.

    Silence is passed over. ``asked_again`` is another question of the teacher, ``teacher`` any
    other talk of the teacher. Unknown voices and the end of the lesson are unclear.
    """
    for act in acts[at + 1 :]:
        if act.act in QUIET_ACTS:
            continue
        if act.act in _BY:
            return _BY[act.act]
        return "teacher" if act.act in TEACHER_ACTS | FEEDBACK_ACTS else None
    return None


@measure("question.level_share")
def level_share(basis: Basis) -> tuple[Measure, ...]:
    """Bloom levels of the teacher's content questions.

    name-zh: 教师提问的认知层次（布鲁姆）
    name-en: Levels of the teacher's questions (Bloom)
    unit: share
    formula: share(l) = questions of level l / questions whose level was told
    source: Anderson and Krathwohl 2001 (revised taxonomy)
    sampling-zh: 逐个提问；管理性提问与反问不计
    sampling-en: each question; questions of management and rhetorical ones left out
    gates: voiced snr roles voices coded
    zh: 教师内容性提问中六个认知层次所占的比例，相加为 1；分母是能判断层次的提问数。
    en: The share of each of six levels among the teacher's content questions; they add up to 1.
        The denominator is the questions whose level could be told.
    reading-zh: 按措辞判断，同一句话在复习课与新课的要求可能不同；层次高低没有公认的常模。
    reading-en: Judged by wording, and the same words may ask for less in a review; there is no
        accepted norm for the mix.
    """
    sheet, stream = acts_sheet(basis, "question.level_share", Unit.SHARE)
    if isinstance(stream, Why):
        return sheet.all_absent(stream, Bloom)
    questions = content_questions(stream)
    return act_shares(sheet, stream.span, questions, Bloom, lambda act: act.bloom)


@measure("question.high_share")
def high_share(basis: Basis) -> tuple[Measure, ...]:
    """Share of questions on the three upper levels.

    name-zh: 高阶提问比例
    name-en: Share of higher-level questions
    unit: share
    formula: (analyse + evaluate + create) / questions whose level was told
    source: Anderson and Krathwohl 2001 (revised taxonomy); split low/high as usual
    sampling-zh: 逐个提问；管理性提问与反问不计
    sampling-en: each question; questions of management and rhetorical ones left out
    gates: voiced snr roles voices coded
    zh: 分析、评价、创造三个层次的提问占能判断层次的内容性提问的比例。
    en: Questions that ask to analyse, evaluate or create, over the content questions whose level
        could be told.
    reading-zh: 低阶提问也有用处；流传的 50/30/10% 等级没有研究依据。
    reading-en: Lower levels have their use; grades such as 50/30/10 % have no research behind them.
    """
    return _share(basis, "question.high_share", lambda a: a.bloom, HIGH_BLOOM)


@measure("question.sihe_share")
def sihe_share(basis: Basis) -> tuple[Measure, ...]:
    """四何 of the teacher's content questions.

    name-zh: 四何问题构成
    name-en: What, why, how, what-if questions
    unit: share
    formula: share(h) = questions of kind h / questions whose kind was told
    source: 四何问题（4MAT, McCarthy）
    sampling-zh: 逐个提问；管理性提问与反问不计
    sampling-en: each question; questions of management and rhetorical ones left out
    gates: voiced snr roles voices coded
    zh: 是何、为何、如何、若何四类提问所占的比例，相加为 1。只统计提问，不统计讲授内容。
    en: The share of what, why, how and what-if among the teacher's content questions; they add up
        to 1. Questions only, not what is told.
    reading-zh: 是何多为封闭问题，其余多为开放问题；按措辞判断。
    reading-en: What-questions are mostly closed, the rest mostly open; judged by wording.
    """
    sheet, stream = acts_sheet(basis, "question.sihe_share", Unit.SHARE)
    if isinstance(stream, Why):
        return sheet.all_absent(stream, Sihe)
    return act_shares(sheet, stream.span, content_questions(stream), Sihe, lambda act: act.sihe)


@measure("question.open_share")
def open_share(basis: Basis) -> tuple[Measure, ...]:
    """Share of open questions.

    name-zh: 开放性提问比例
    name-en: Share of open questions
    unit: share
    formula: open / (open + closed), of questions
    source: ITIAS 4/5, iFIAS 4.1/4.2; of questions, not of 3 s codes
    sampling-zh: 逐个提问；管理性提问与反问不计
    sampling-en: each question; questions of management and rhetorical ones left out
    gates: voiced snr roles voices coded
    zh: 没有唯一答案的提问占能判断开放或封闭的内容性提问的比例。
    en: Questions without one right answer, over the content questions that could be told open or
        closed.
    reading-zh: 与 iFIAS、ITIAS 中按时间计的比例不同，这里按问题个数。
    reading-en: Of questions; iFIAS and ITIAS give a share of time instead.
    """
    return _share(basis, "question.open_share", lambda a: a.openness, {Openness.OPEN})


@measure("question.purpose_share")
def purpose_share(basis: Basis) -> tuple[Measure, ...]:
    """What the teacher's questions are for.

    name-zh: 教师提问的用途
    name-en: Purposes of the teacher's questions
    unit: share
    formula: share(p) = questions with purpose p / questions whose purpose was told
    source: own; after COP (记忆、推理、管理 等)
    sampling-zh: 逐个提问，含管理性提问与反问
    sampling-en: each question, management and rhetorical ones included
    gates: voiced snr roles voices coded
    zh: 管理、回忆、理解、追问、反问五类所占的比例，相加为 1。
    en: The share of management, recall, understanding, follow-up and rhetorical questions; they
        add up to 1.
    reading-zh: “对吧”“是不是”一类口头语多归入管理或反问。
    reading-en: Habitual tags (right?) mostly fall under management or rhetorical.
    """
    sheet, stream = acts_sheet(basis, "question.purpose_share", Unit.SHARE)
    if isinstance(stream, Why):
        return sheet.all_absent(stream, QuestionPurpose)
    questions = stream.of(ActCode.ASKS)
    return act_shares(sheet, stream.span, questions, QuestionPurpose, lambda act: act.purpose)


@measure("question.answered_by")
def who_answers(basis: Basis) -> tuple[Measure, ...]:
    """Who speaks after a content question.

    name-zh: 提问之后谁说话
    name-en: Who speaks after a question
    unit: share
    formula: share(w) = content questions followed by w / content questions with a known next voice
    source: own; after Ingram and Elliott 2015 and the habit of noting choral and single answers
    sampling-zh: 提问之后第一个有人说话的编码；其间的安静略过
    sampling-en: the first act with a voice after the question; silence between is passed over
    gates: voiced snr roles voices coded
    zh: 内容性提问之后是点名回答、主动回答、齐答、讨论、教师再问，还是教师自己说下去，各占的比例，
        相加为 1。
    en: After content questions, the share followed by a called student, a volunteer, a choral
        answer, discussion, another question, or the teacher's own talk; they add up to 1.
    reading-zh: 教师自己说下去，可能是自问自答，也可能是反问没有判断出来。
    reading-en: Where the teacher talks on, the question may have been rhetorical without showing.
    """
    sheet, stream = acts_sheet(basis, "question.answered_by", Unit.SHARE)
    if isinstance(stream, Why):
        return sheet.all_absent(stream, ANSWERERS)
    wanted = {id(act) for act in content_questions(stream)}
    after = {
        id(act): answered_by(stream.acts, at)
        for at, act in enumerate(stream.acts)
        if id(act) in wanted
    }
    questions = content_questions(stream)
    return act_shares(sheet, stream.span, questions, ANSWERERS, lambda act: after[id(act)])


MEASURES = (level_share, high_share, sihe_share, open_share, purpose_share, who_answers)


def _share(
    basis: Basis,
    name: str,
    kind: Callable[[CodedAct], StrEnum | None],
    wanted: Collection[StrEnum],
) -> tuple[Measure, ...]:
    """Share of the ``wanted`` kinds among the content questions whose kind could be told."""
    sheet, stream = acts_sheet(basis, name, Unit.SHARE)
    if isinstance(stream, Why):
        return (sheet.absent(stream),)
    known = [act for act in content_questions(stream) if kind(act) is not None]
    own = [act for act in known if kind(act) in wanted]
    cell = sheet.ratio(len(own), len(known), evidence=moments(own))
    return (with_interval(cell, per_minute(own, stream.span), per_minute(known, stream.span)),)
