"""Who talks, for how long, and in how many turns."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.core.time import Intervals, complement, total_s
from classwatch.metrics.basis import KNOWN_ROLES, LESSON_ROLES, Basis, of_turns
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import (
    Sheet,
    with_count_interval,
    with_interval,
    with_length_interval,
    with_rate_interval,
)
from classwatch.metrics.definition import measure
from classwatch.metrics.timeline import blocks, common, covered_within, longest_first

ROLES = tuple(SpeakerRole)
_EXACT = "exact time of turns; overlapping talk counts for every role in it"


def _told(basis: Basis, sheet: Sheet, cells: Iterable[Measure]) -> tuple[Measure, ...]:
    """The cells of the roles that can be told: sound alone never tells another adult."""
    if any(turn.origin is not Origin.PREDICTED for turn in basis.facts.turns):
        return tuple(cells)
    why = Why(Reason.CANNOT_TELL)
    return tuple(
        sheet.absent(why, part=cell.part) if cell.part == SpeakerRole.ADULT else cell
        for cell in cells
    )


@measure("talk.seconds")
def seconds(basis: Basis) -> tuple[Measure, ...]:
    """Seconds of talk per role.

    name-zh: 各角色话语时长
    name-en: Talk time by role
    unit: s
    formula: seconds(r) = length of the union of all turns of role r
    source: Flanders 1970 (teacher talk, pupil talk); exact time instead of 3 s codes
    sampling-zh: 按轮次的准确起止时间；重叠说话计入每个角色
    sampling-en: exact time of turns; overlapping talk counts for every role in it
    gates: voiced snr roles voices
    zh: 教师、单个学生、学生齐答、多名学生各说各的、其他成人、播放的音视频、无法判断，
        各有多少秒。轮次内的短暂停顿计入时长。
    en: How many seconds the teacher, one student, students in chorus, several students at once,
        another adult, a recording that is played, and voices that could not be told talk. Short
        pauses inside a turn belong to it.
    reading-zh: 麦克风离学生远时，学生话语会被低估；“无法判断”多时先核对说话人。
    reading-en: A microphone far from the students makes their talk too short; with much unknown
        talk, check the speakers first.
    """
    sheet = _sheet(basis, "talk.seconds", Unit.SECONDS, basis.role_gates)
    if basis.roles_why:
        return sheet.all_absent(basis.roles_why, ROLES)
    pieces = blocks(basis.facts.span, BLOCK_S)
    return _told(
        basis,
        sheet,
        (
            with_length_interval(
                sheet.give(total_s(own), part=role, evidence=longest_first(own, 20)),
                covered_within(own, pieces),
                basis.facts.span,
            )
            for role, own in basis.talk.items()
        ),
    )


@measure("talk.share_lesson")
def share_lesson(basis: Basis) -> tuple[Measure, ...]:
    """Talk of each role as a share of the lesson.

    name-zh: 各角色话语占全课比例
    name-en: Talk as a share of the lesson
    unit: share
    formula: share(r) = seconds(r) / lesson seconds
    source: Flanders 1970 (TT, PT); exact time instead of 3 s codes
    sampling-zh: 按轮次的准确起止时间；重叠说话计入每个角色
    sampling-en: exact time of turns; overlapping talk counts for every role in it
    gates: voiced snr roles voices
    zh: 每类话语时长除以全课时长。各类之和加上安静比例，减去重叠部分，等于 1。
    en: Seconds of each role over the seconds of the lesson. All shares and the silence add up
        to 1 plus the talk that overlaps.
    reading-zh: 讲授课与练习课的比例本来就不同，只宜与同类课比较；比例高低本身不说明好坏。
    reading-en: A lecture and a practice lesson differ by design, so compare lessons of one type; a
        high or a low share is neither good nor bad in itself.
    """
    sheet = _sheet(basis, "talk.share_lesson", Unit.SHARE, basis.role_gates)
    if basis.roles_why:
        return sheet.all_absent(basis.roles_why, ROLES)
    pieces = blocks(basis.facts.span, BLOCK_S)
    lengths = pieces[:, 1] - pieces[:, 0]
    return _told(
        basis,
        sheet,
        (
            with_interval(
                sheet.ratio(
                    total_s(own), basis.lesson_s, part=role, evidence=longest_first(own, 20)
                ),
                covered_within(own, pieces),
                lengths,
            )
            for role, own in basis.talk.items()
        ),
    )


@measure("talk.share_talk")
def share_talk(basis: Basis) -> tuple[Measure, ...]:
    """Talk of each role as a share of all talk.

    name-zh: 各角色话语占全部话语比例
    name-en: Talk as a share of all talk
    unit: share
    formula: share(r) = seconds(r) / sum over roles of seconds
    source: after Flanders 1970; own normalisation so that the shares add up to 1
    sampling-zh: 按轮次的准确起止时间；重叠说话计入每个角色
    sampling-en: exact time of turns; overlapping talk counts for every role in it
    gates: voiced snr roles voices
    zh: 每类话语时长除以各类时长之和，各类相加为 1。
    en: Seconds of each role over the sum of all, so that they add up to 1.
    reading-zh: 不受安静时间多少影响，适合比较“谁在说”；不说明说了什么。
    reading-en: Silence does not change it, so it suits the question who talks; it does not say
        what about.
    """
    sheet = _sheet(basis, "talk.share_talk", Unit.SHARE, basis.role_gates)
    if basis.roles_why:
        return sheet.all_absent(basis.roles_why, ROLES)
    pieces = blocks(basis.facts.span, BLOCK_S)
    per_block = {role: covered_within(own, pieces) for role, own in basis.talk.items()}
    below = np.sum(list(per_block.values()), axis=0)
    whole = sum(total_s(own) for own in basis.talk.values())
    return _told(
        basis,
        sheet,
        (
            with_interval(sheet.ratio(total_s(own), whole, part=role), per_block[role], below)
            for role, own in basis.talk.items()
        ),
    )


@measure("talk.silence")
def silence(basis: Basis) -> tuple[Measure, ...]:
    """Share of the lesson without any talk.

    name-zh: 安静时间比例
    name-en: Time without talk
    unit: share
    formula: silence = (lesson seconds - seconds with any talk) / lesson seconds
    source: Flanders 1970 (category 10, its silence part only)
    sampling-zh: 准确时间；轮次与语音检测都没有声音的时间
    sampling-en: exact time outside every turn and all detected speech
    gates: voiced snr
    zh: 没有任何人说话的时间占全课的比例。不区分思考、书写、练习和看媒体。
    en: The share of the lesson in which nobody talks. Thinking, writing, practice and watching
        are not told apart.
    reading-zh: 安静常常是有用的（思考、练习）；麦克风收不到的小声讨论也会算成安静。
    reading-en: Silence is often useful (thinking, practice); quiet discussion that the microphone
        misses counts as silence too.
    """
    sheet = _sheet(basis, "talk.silence", Unit.SHARE, basis.sound_gates, coverage=1.0)
    if basis.sound_why:
        return (sheet.absent(basis.sound_why),)
    quiet = complement(basis.speech, basis.facts.span)
    pieces = blocks(basis.facts.span, BLOCK_S)
    cell = sheet.ratio(total_s(quiet), basis.lesson_s, evidence=longest_first(quiet, 50))
    return (with_interval(cell, covered_within(quiet, pieces), pieces[:, 1] - pieces[:, 0]),)


@measure("talk.overlap")
def overlap(basis: Basis) -> tuple[Measure, ...]:
    """Seconds in which teacher and students talk at once.

    name-zh: 师生同时说话时长
    name-en: Teacher and students at once
    unit: s
    formula: overlap = length of (teacher talk and student talk)
    source: own
    sampling-zh: 按轮次的准确起止时间
    sampling-en: exact time of turns
    gates: voiced snr roles voices
    zh: 教师的轮次与学生的轮次在时间上重叠的秒数。
    en: Seconds in which a turn of the teacher and one of students overlap.
    reading-zh: 包括附和与齐答；只录到一路声音时，重叠往往被漏掉。
    reading-en: Includes backing and choral answers; with a single microphone much overlap is
        missed.
    """
    sheet = _sheet(basis, "talk.overlap", Unit.SECONDS, basis.role_gates)
    if basis.roles_why:
        return (sheet.absent(basis.roles_why),)
    both = common(basis.talk[SpeakerRole.TEACHER], basis.students)
    cell = sheet.give(total_s(both), evidence=longest_first(both, 50))
    inside = covered_within(both, blocks(basis.facts.span, BLOCK_S))
    return (with_length_interval(cell, inside, basis.facts.span),)


@measure("talk.turns")
def turns(basis: Basis) -> tuple[Measure, ...]:
    """Number of turns per role.

    name-zh: 各角色话轮数
    name-en: Turns by role
    unit: count
    formula: turns(r) = number of turns of role r after joining pauses
    source: own; after Sacks, Schegloff and Jefferson 1974
    sampling-zh: 同一声音之间不超过编号中 gap 秒、且无他人说话的停顿不断开话轮
    sampling-en: a pause of up to the gap in the id, in which nobody else talks, does not end a turn
    gates: voiced snr roles voices
    zh: 每类角色说了多少轮。分不开的学生声音按一个声音计，所以学生话轮数是下限。
    en: How many turns each role takes. Student voices that cannot be told apart count as one, so
        the number for students is a lower bound.
    reading-zh: 话轮多不等于参与的学生多。
    reading-en: Many turns do not mean that many students took part.
    """
    gap = basis.cfg.monologue_gap_s
    sheet = _sheet(basis, f"talk.turns@gap{gap:g}s", Unit.COUNT, basis.role_gates)
    if basis.roles_why:
        return sheet.all_absent(basis.roles_why, KNOWN_ROLES)
    return _told(
        basis,
        sheet,
        (
            with_count_interval(
                sheet.give(len(own), part=role, evidence=longest_first(own, 20)),
                own[:, 0],
                basis.facts.span,
            )
            for role in KNOWN_ROLES
            for own in [of_turns(basis.turns, role)]
        ),
    )


@measure("talk.turns_per_minute")
def turns_per_minute(basis: Basis) -> tuple[Measure, ...]:
    """Turns of teacher and students per minute.

    name-zh: 每分钟话轮数
    name-en: Turns per minute
    unit: 1/min
    formula: rate = turns of teacher and students / lesson minutes
    source: own; after Sacks, Schegloff and Jefferson 1974
    sampling-zh: 话轮定义同“各角色话轮数”
    sampling-en: turns as in the number of turns
    gates: voiced snr roles voices
    zh: 教师与学生话轮总数除以全课分钟数。
    en: All turns of teacher and students over the minutes of the lesson.
    reading-zh: 反映交替的快慢，与 Ch 互为参照；不说明对话的质量。
    reading-en: Shows how quickly speakers change, beside Ch; it does not say how good the talk is.
    """
    gap = basis.cfg.monologue_gap_s
    sheet = _sheet(basis, f"talk.turns_per_minute@gap{gap:g}s", Unit.PER_MINUTE, basis.role_gates)
    if basis.roles_why:
        return (sheet.absent(basis.roles_why),)
    own = of_turns(basis.turns, *LESSON_ROLES)
    cell = sheet.ratio(len(own), basis.lesson_s / 60.0)
    return (with_rate_interval(cell, own[:, 0], basis.facts.span),)


@measure("talk.monologue_median")
def monologue_median(basis: Basis) -> tuple[Measure, ...]:
    """Median length of the teacher's turns.

    name-zh: 教师连续讲话时长（中位数）
    name-en: Teacher's stretches of talk, median
    unit: s
    formula: median length of teacher turns after joining pauses
    source: own
    sampling-zh: 停顿不超过编号中 gap 秒、其间无他人说话，视为同一段
    sampling-en: pauses of up to the gap in the id, in which nobody else talks, are closed
    gates: voiced snr roles voices
    zh: 教师每一段连续讲话的长度的中位数，段内短停顿计入。
    en: The median length of the teacher's stretches of talk, short pauses included.
    reading-zh: 一半的讲话段比它短；少数很长的段不会影响它，请同时看最长一段。
    reading-en: Half of the stretches are shorter; a few long ones do not move it, so look at the
        longest too.
    """
    gap = basis.cfg.monologue_gap_s
    return _length(basis, f"talk.monologue_median@gap{gap:g}s", SpeakerRole.TEACHER, median=True)


@measure("talk.monologue_longest")
def monologue_longest(basis: Basis) -> tuple[Measure, ...]:
    """Longest turn of the teacher.

    name-zh: 教师最长一段连续讲话
    name-en: Teacher's longest stretch of talk
    unit: s
    formula: greatest length of a teacher turn after joining pauses
    source: own
    sampling-zh: 停顿不超过编号中 gap 秒、其间无他人说话，视为同一段
    sampling-en: pauses of up to the gap in the id, in which nobody else talks, are closed
    gates: voiced snr roles voices
    zh: 教师最长的一段没有他人插话的讲话。
    en: The teacher's longest stretch of talk into which nobody else speaks.
    reading-zh: 麦克风没有收到学生的短答时，这个数会偏大。
    reading-en: Too long where the microphone misses short answers of students.
    """
    gap = basis.cfg.monologue_gap_s
    return _length(basis, f"talk.monologue_longest@gap{gap:g}s", SpeakerRole.TEACHER)


@measure("talk.student_longest")
def student_longest(basis: Basis) -> tuple[Measure, ...]:
    """Longest turn of one student.

    name-zh: 单个学生最长发言
    name-en: Longest turn of one student
    unit: s
    formula: greatest length of a turn with the role student
    source: own
    sampling-zh: 停顿不超过编号中 gap 秒、其间无他人说话，视为同一段
    sampling-en: pauses of up to the gap in the id, in which nobody else talks, are closed
    gates: voiced snr roles voices
    zh: 单个学生声音的最长一轮；分不开的声音相接时可能偏长。不指明是谁。
    en: The longest turn of a single student voice; voices that cannot be told apart may join into
        one. It does not say who.
    reading-zh: 说明课堂上是否有学生完整地说一段话的机会。
    reading-en: Shows whether there was room for a student to speak at length.
    """
    gap = basis.cfg.monologue_gap_s
    return _length(basis, f"talk.student_longest@gap{gap:g}s", SpeakerRole.STUDENT)


MEASURES = (
    seconds,
    share_lesson,
    share_talk,
    silence,
    overlap,
    turns,
    turns_per_minute,
    monologue_median,
    monologue_longest,
    student_longest,
)


def _sheet(
    basis: Basis,
    measure_id: str,
    unit: Unit,
    gates: tuple[Gate, ...],
    *,
    coverage: float | None = None,
) -> Sheet:
    formula = measure_id.partition("@")[0] + "/1"
    known = basis.coverage if coverage is None else coverage
    return Sheet(measure_id, unit, formula, _EXACT, gates, known)


def _length(
    basis: Basis, measure_id: str, role: SpeakerRole, *, median: bool = False
) -> tuple[Measure, ...]:
    sheet = _sheet(basis, measure_id, Unit.SECONDS, basis.role_gates)
    if basis.roles_why:
        return (sheet.absent(basis.roles_why),)
    own: Intervals = of_turns(basis.turns, role)
    if len(own) == 0:
        return (sheet.absent(Why("none_found", {"what": role})),)
    lengths = own[:, 1] - own[:, 0]
    value = float(np.median(lengths) if median else lengths.max())
    return (sheet.give(value, evidence=longest_first(own, 20)),)
