"""How fast the teacher speaks, by two definitions that differ by 15 to 30 %."""

from __future__ import annotations

from dataclasses import dataclass

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import Segment, SpeakerRole
from classwatch.core.text import count_units, script_of
from classwatch.core.time import Intervals, intervals, normalise, total_s
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.cells import Sheet
from classwatch.metrics.definition import measure
from classwatch.metrics.timeline import clip, common, joined, longest_first

LANGUAGES = ("zh", "en")
MIN_TEXT_SHARE = 0.5
JOIN_S = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class TeacherText:
    """What the teacher says in one language: units (characters or words) and when (n, 2).

    ``spans`` are the segments themselves, ``stretches`` the same with short pauses closed where
    nothing in another language lies in them.
    """

    units: int
    spans: Intervals
    stretches: Intervals


def teacher_text(basis: Basis, language: str) -> TeacherText:
    """The teacher's segments in one language inside the span; suspects are left out."""
    transcript = basis.facts.transcript
    segments = transcript.segments if transcript is not None else ()
    counted = [s for s in segments if _counts(s, basis)]
    own = [s for s in counted if script_of(s.text) == language]
    rest = [s for s in counted if script_of(s.text) != language]
    spans = normalise(clip(intervals((s.start_s, s.end_s) for s in own), basis.facts.span))
    others = intervals((s.start_s, s.end_s) for s in rest)
    units = sum(count_units(s.text, language) for s in own)
    return TeacherText(units, spans, joined(spans, others, JOIN_S))


@measure("rate.teacher")
def teacher(basis: Basis) -> tuple[Measure, ...]:
    """Speech rate of the teacher.

    name-zh: 教师语速
    name-en: Teacher's speech rate
    unit: 1/min
    formula: characters (zh) or words (en) / minutes; @voiced: voiced time, @turn: turn time
    source: articulation and speaking rate as usual in phonetics; reference 200-250 characters/min
    sampling-zh: @voiced 只算有声时间；@turn 算整个话轮，含短停顿
    sampling-en: @voiced divides by voiced time only, @turn by turns with their short pauses
    gates: voiced snr roles voices text
    zh: 中文按字（数字每位一字，外语词一词算一字），英文按词；分语种计算。
    en: Chinese by character (a digit each, a foreign word as one), English by word; each language
        by itself.
    reading-zh: 两种算法相差 15% 至 30%，比较时须用同一种；识别漏字会使语速偏低。
    reading-en: The two differ by 15 to 30 %, so compare like with like; words lost in recognition
        make it too low.
    """
    return (*_rates(basis, "rate.teacher@voiced"), *_rates(basis, "rate.teacher@turn"))


MEASURES = (teacher,)


def _rates(basis: Basis, measure_id: str) -> tuple[Measure, ...]:
    gate = _text_gate(basis)
    sheet = Sheet(
        measure_id,
        Unit.PER_MINUTE,
        f"{measure_id}/1",
        "teacher's segments that are not suspect",
        (*basis.role_gates, gate),
        basis.coverage,
    )
    why = _why(basis, gate)
    if measure_id.endswith("@voiced") and basis.voiced is None:
        why = why or Why(Reason.PAUSES_UNTIMED)
    if why:
        return (sheet.absent(why),)
    texts = {name: teacher_text(basis, name) for name in LANGUAGES}
    return tuple(_cell(basis, sheet, name, text) for name, text in texts.items() if text.units)


def _why(basis: Basis, gate: Gate) -> Why | None:
    transcript = basis.facts.transcript
    if transcript is None:
        return basis.facts.missing.get("words", Why(Reason.NO_WORDS))
    if basis.roles_why:
        return basis.roles_why
    if not any(_counts(s, basis) and script_of(s.text) for s in transcript.segments):
        return Why(Reason.NONE_FOUND, {"what": "words"})
    return failed((gate,))


def _cell(basis: Basis, sheet: Sheet, language: str, text: TeacherText) -> Measure:
    if sheet.id.endswith("@voiced") and basis.voiced is not None:
        time = common(basis.voiced, common(text.spans, basis.talk[SpeakerRole.TEACHER]))
    else:
        turns = normalise(basis.talk[SpeakerRole.TEACHER], join_gap_s=JOIN_S)
        time = common(turns, text.stretches)
    seconds, least = total_s(time), basis.cfg.min_voiced_s
    if seconds < least:
        detail = {"value": round(seconds, 3), "limit": least}
        return sheet.absent(Why(Reason.TOO_LITTLE_SPEECH, detail), part=language)
    evidence = longest_first(time, 20)
    return sheet.ratio(text.units, seconds / 60.0, part=language, evidence=evidence)


def _text_gate(basis: Basis) -> Gate:
    """Share of the teacher's talk under text that counts."""
    transcript = basis.facts.transcript
    segments = transcript.segments if transcript is not None else ()
    own = intervals((s.start_s, s.end_s) for s in segments if _counts(s, basis))
    talk = basis.talk[SpeakerRole.TEACHER]
    covered = total_s(common(normalise(own, join_gap_s=JOIN_S), talk))
    share = covered / total_s(talk) if len(talk) else None
    passed = share is not None and share >= MIN_TEXT_SHARE
    return Gate("text", share, MIN_TEXT_SHARE, passed, "words for half of the teacher's talk")


def _counts(segment: Segment, basis: Basis) -> bool:
    span = basis.facts.span
    inside = span.start_s <= segment.start_s and segment.end_s <= span.end_s
    return inside and segment.role is SpeakerRole.TEACHER and not segment.suspect
