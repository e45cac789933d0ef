"""Questions by surface form: how many, how often, of which form."""

from __future__ import annotations

from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.questions import Question, QuestionKind
from classwatch.core.reasons import Reason
from classwatch.core.speech import STUDENT_ROLES, SpeakerRole
from classwatch.core.time import Interval
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import (
    Sheet,
    with_count_interval,
    with_rate_interval,
    with_share_interval,
)
from classwatch.metrics.definition import measure

_LANGUAGES = ("zh", "en")


def asked(basis: Basis, *roles: SpeakerRole) -> tuple[Question, ...]:
    """Questions inside the span whose role is one of ``roles``, in order of time."""
    span = basis.facts.span
    found = basis.facts.questions or ()
    inside = [q for q in found if q.role in roles and span.start_s <= q.end_s <= span.end_s]
    return tuple(sorted(inside, key=lambda q: (q.start_s, q.end_s, q.text)))


def words_why(basis: Basis) -> Why | None:
    """Why questions cannot be counted: no words, no roles, or a language without rules."""
    transcript = basis.facts.transcript
    if basis.facts.questions is None or transcript is None:
        return basis.facts.missing.get("words", Why(Reason.NO_WORDS))
    languages = {transcript.language, *(s.language for s in transcript.segments)} - {""}
    if languages and not any(name.split("-")[0] in _LANGUAGES for name in languages):
        return Why(Reason.LANGUAGE, {"language": transcript.language})
    return basis.roles_why


@measure("question.count")
def count(basis: Basis) -> tuple[Measure, ...]:
    """Number of questions.

    name-zh: 提问数
    name-en: Questions
    unit: count
    formula: number of clauses with a question form, by role
    source: own surface rules; words in configs/lexicons/questions.yaml
    sampling-zh: 逐分句判断；可疑文字不计
    sampling-en: clause by clause; suspect text is not counted
    gates: voiced snr roles voices
    zh: 按句子形式数出的问句：语气词、附加问、正反问、选择问、疑问词，或只有问号。含反问与自问自答。
    en: Clauses that are questions by their form (particle, tag, verb-not-verb, choice, question
        word, inversion, or only a question mark), rhetorical ones included.
    reading-zh: “对吧”“是不是”一类口头语也是问句形式，请看形式构成；识别错字会漏数或多数。
    reading-en: Habitual tags (right?) count too, so look at the mix of forms; recognition errors
        add and lose some.
    """
    sheet = _sheet(basis, "question.count", Unit.COUNT)
    why = words_why(basis)
    if why:
        return sheet.all_absent(why, ("teacher", "students"))
    parts = {"teacher": (SpeakerRole.TEACHER,), "students": STUDENT_ROLES}
    return tuple(
        with_count_interval(
            sheet.give(len(own), part=part, evidence=_moments(own)), _starts(own), basis.facts.span
        )
        for part, roles in parts.items()
        for own in [asked(basis, *roles)]
    )


@measure("question.per_minute")
def per_minute(basis: Basis) -> tuple[Measure, ...]:
    """Questions of the teacher per minute of the lesson.

    name-zh: 教师每分钟提问数
    name-en: Teacher's questions per minute
    unit: 1/min
    formula: teacher questions / lesson minutes
    source: Rowe 1974 (rate of questions); own surface rules
    sampling-zh: 逐分句判断；可疑文字不计
    sampling-en: clause by clause; suspect text is not counted
    gates: voiced snr roles voices
    zh: 教师问句数除以全课分钟数。
    en: Questions of the teacher over the minutes of the lesson.
    reading-zh: 问得多不等于问得好；问得很密时，等待时间通常很短。
    reading-en: Many questions are not better questions; where they come fast, wait time is
        usually short.
    """
    sheet = _sheet(basis, "question.per_minute", Unit.PER_MINUTE)
    why = words_why(basis)
    if why:
        return (sheet.absent(why),)
    own = asked(basis, SpeakerRole.TEACHER)
    cell = sheet.ratio(len(own), basis.lesson_s / 60.0)
    return (with_rate_interval(cell, _starts(own), basis.facts.span),)


@measure("question.form_share")
def form_share(basis: Basis) -> tuple[Measure, ...]:
    """Forms of the teacher's questions.

    name-zh: 教师问句形式构成
    name-en: Forms of the teacher's questions
    unit: share
    formula: share(f) = teacher questions of form f / teacher questions
    source: own surface rules; forms as in Chinese and English grammar
    sampling-zh: 每个问句只归入一种形式
    sampling-en: each question has one form
    gates: voiced snr roles voices
    zh: 教师问句中各种形式所占的比例，相加为 1。mark 表示只有问号能看出是问句。
    en: The share of each form among the teacher's questions; they add up to 1. The form mark
        means that only the question mark shows it.
    reading-zh: 附加问和语气词问多为确认，疑问词问多要求内容；形式不等于认知水平。
    reading-en: Tags and particles mostly check, question words mostly ask for content; a form is
        no cognitive level.
    """
    sheet = _sheet(basis, "question.form_share", Unit.SHARE)
    why = words_why(basis)
    if why:
        return sheet.all_absent(why, QuestionKind)
    teacher = asked(basis, SpeakerRole.TEACHER)
    cells = []
    for kind in QuestionKind:
        own = tuple(q for q in teacher if q.form.kind is kind)
        cell = sheet.ratio(len(own), len(teacher), part=kind, evidence=_moments(own))
        cells.append(with_share_interval(cell, _starts(own), _starts(teacher), basis.facts.span))
    return tuple(cells)


MEASURES = (count, per_minute, form_share)


def _sheet(basis: Basis, measure_id: str, unit: Unit) -> Sheet:
    return Sheet(
        measure_id,
        unit,
        f"{measure_id}/1",
        "every clause of the transcript; suspect text left out",
        basis.role_gates,
        basis.coverage,
    )


def _starts(questions: tuple[Question, ...]) -> list[float]:
    return [q.start_s for q in questions]


def _moments(questions: tuple[Question, ...], limit: int = 200) -> tuple[Interval, ...]:
    return tuple(Interval(q.start_s, max(q.start_s, q.end_s)) for q in questions[:limit])
