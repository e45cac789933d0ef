"""A simulated 40-minute lesson as a ``ReportInput``, and lessons that lack things."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from classwatch.core.events import Event, EventKind
from classwatch.core.issues import Issue, Severity
from classwatch.core.measures import Definition, Gate, Measure, Unit, Why
from classwatch.core.media import AudioInfo, MediaInfo, StreamRole, VideoInfo
from classwatch.core.norms import Norm, NormStatus
from classwatch.core.people import ClassPictures
from classwatch.core.speech import (
    Origin,
    RoleEvidence,
    Segment,
    SpeakerRole,
    SpeechActivity,
    Transcript,
    Turn,
)
from classwatch.core.time import Interval, intervals
from classwatch.report.model import ReportInput, StGrid, StreamItem

LENGTH_S = 2412.0

TEACHER_ZH = (
    "好，同学们请看黑板，今天我们继续学习分数的基本性质。",
    "把一个圆平均分成四份，取其中的三份，用什么分数表示？",
    "谁来说一说你是怎么想的？",
    "很好，请坐。他说分子和分母同时乘以一个数，大小不变。",
    "注意，这里有一个条件：零除外。为什么要把零除外呢？",
    "请大家翻到课本第五十七页，独立完成第二题，做完的同学举手。",
    "我们一起来看这位同学的作业，他先通分，再比较大小，对不对？",
    "下面四人一组讨论：如果分母不同，怎样比较两个分数的大小？",
    "时间到。哪个小组愿意来汇报？",
    "这个结论是从什么地方得出来的？能不能再举一个例子？",
)
STUDENT_ZH = (
    "四分之三。",
    "我觉得分子分母同时乘二，大小没有变。",
    "因为零不能作除数。",
    "我们组是先画图，再通分的。",
    "六分之四等于三分之二。",
    "老师，我还有一种方法。",
)


def sample(*, seed: int = 7, chinese: bool = True, turns: int = 420) -> ReportInput:
    """A whole lesson: three phases, about ``turns`` turns, two cameras, words and abstentions."""
    rng = random.Random(seed)
    talk, words = _talk(rng, turns)
    span = Interval(0.0, LENGTH_S)
    return ReportInput(
        lesson_id="2025-03-12 五(2)班 分数的基本性质",
        span=span,
        metadata={
            "school": "和平路小学",
            "class": "五（2）班",
            "subject": "数学",
            "grade": "五年级",
            "stage": "小学",
            "teacher": "教师 A17",
            "date": "2025-03-12",
            "lesson_type": "新授课",
            "consent": "已告知并同意",
            "room": "录播室 2",
        },
        media=_media(),
        issues=_issues(),
        measures=_measures(talk),
        definitions=_definitions(),
        turns=talk,
        transcript=Transcript(words, "zh", Origin.PREDICTED, "faster-whisper-small"),
        events=_events(rng),
        activity=_activity(rng, talk),
        role_evidence=(
            RoleEvidence(
                "T",
                SpeakerRole.TEACHER,
                0.93,
                (("talk_share", 0.71), ("turns", 180), ("f0_hz", 214.0)),
                "largest share of talk, spread over the whole lesson",
            ),
            RoleEvidence(
                "S1", SpeakerRole.STUDENT, 0.74, (("talk_share", 0.16),), "short turns after T"
            ),
        ),
        sound_checks=(
            Gate("snr", 18.3, 10.0, True, "speech against the noise of the room, dB"),
            Gate("decay", 1.46, 1.2, False, "time to fall by 60 dB, s"),
            Gate("echo", None, 0.15, True, "strength of a copy 30 to 350 ms late"),
        ),
        pictures=(_pictures(rng),),
        st_grid=_grid(talk),
        provenance=(
            ("classwatch", "0.1.0"),
            ("pose_model", "yolov8n-pose.onnx sha256:6f3a0d1b22c4"),
            ("speech_model", "faster-whisper-small sha256:3e305921506d"),
            ("config_digest", "b1946ac92492d234"),
        ),
        reasons=REASONS_ZH if chinese else REASONS_EN,
        norms=(
            Norm(
                "flanders-tt",
                "talk.share_lesson",
                "teacher",
                "share",
                0.68,
                None,
                None,
                "Flanders 1970",
                1970,
                "US",
                "",
                "",
                "3 s codes",
                NormStatus.SECONDARY,
                "",
                "",
            ),
        ),
    )


REASONS_ZH = {
    "pauses_coarse": "说话起止时间只精确到 {value} 秒，等待时间需要精确到 {limit} 秒以内。",
    "no_teacher_seen": "画面中没有可靠地找到教师，教师位置指标未计算。",
    "no_sound": "录像中没有可用的声音，与说话有关的指标未计算。",
}
REASONS_EN = {
    "pauses_coarse": "The edges of speech are only known to {value} s; wait time needs {limit} s.",
    "no_teacher_seen": "The teacher was not reliably found in the picture.",
    "no_sound": "The recording has no usable sound.",
}


def silent_lesson() -> ReportInput:
    """No sound at all: pictures only."""
    whole = sample()
    gone = ("talk.", "st.", "wait.", "question.", "rate.")
    return replace(
        whole,
        turns=(),
        transcript=None,
        activity=None,
        role_evidence=(),
        st_grid=None,
        measures=tuple(
            absent(m, "no_sound") if m.id.startswith(gone) else m for m in whole.measures
        ),
    )


def unseen_lesson() -> ReportInput:
    """Sound only: no picture, no events."""
    whole = sample()
    return replace(
        whole,
        media=(replace(whole.media[0], role=StreamRole.AUDIO, info=_sound_only()),),
        events=(),
        pictures=(),
        measures=tuple(m for m in whole.measures if not m.id.startswith(("hands.", "heads."))),
    )


def wordless_lesson() -> ReportInput:
    """Turns are known, words are not."""
    return replace(sample(), transcript=None)


def empty_lesson() -> ReportInput:
    """Nothing at all but a name."""
    return ReportInput(lesson_id="empty", span=Interval(0.0, 0.0))


def absent(measure: Measure, code: str) -> Measure:
    """The same measure without its value."""
    return Measure(
        measure.id,
        measure.unit,
        measure.formula,
        measure.sampling,
        part=measure.part,
        why=Why(code),
    )


def _talk(rng: random.Random, wanted: int) -> tuple[tuple[Turn, ...], tuple[Segment, ...]]:
    turns: list[Turn] = []
    words: list[Segment] = []
    t = 4.0
    scale = LENGTH_S / wanted / 5.2
    while t < LENGTH_S - 6:
        phase = t / LENGTH_S
        practice = 0.55 < phase < 0.72
        choral = rng.random() < 0.08
        teacher = rng.random() < (0.35 if practice else 0.62)
        mean = (7.0 if teacher else 3.0) * scale
        length = min(LENGTH_S - t, max(0.6, rng.expovariate(1 / mean)))
        role = (
            SpeakerRole.TEACHER
            if teacher
            else SpeakerRole.STUDENTS
            if choral
            else SpeakerRole.UNKNOWN
            if rng.random() < 0.06
            else SpeakerRole.STUDENT
        )
        turns.append(Turn(t, t + length, role, "T" if teacher else "S1", 0.8))
        text = rng.choice(TEACHER_ZH if teacher else STUDENT_ZH)
        suspect = "repeated" if rng.random() < 0.01 else ""
        words.append(Segment(t, t + length, text, language="zh", role=role, suspect=suspect))
        t += length + rng.expovariate(1 / ((9.0 if practice else 0.8) * scale))
    return tuple(turns), tuple(words)


def _grid(turns: tuple[Turn, ...]) -> StGrid:
    centres = np.arange(15.0, LENGTH_S - 15, 30.0)
    spoken = [(t.start_s, t.end_s) for t in turns if t.role is SpeakerRole.TEACHER]
    return StGrid(30.0, tuple(any(a <= c < b for a, b in spoken) for c in centres))


def _activity(rng: random.Random, turns: tuple[Turn, ...]) -> SpeechActivity:
    level = np.array([-52 + rng.gauss(0, 1.5) for _ in range(int(LENGTH_S * 10))], np.float32)
    for t in turns:
        a, b = int(t.start_s * 10), int(t.end_s * 10)
        loud = -22 if t.role is SpeakerRole.TEACHER else -31
        level[a:b] = [loud + rng.gauss(0, 4) for _ in range(b - a)][: len(level[a:b])]
    speech = intervals((t.start_s, t.end_s) for t in turns)
    return SpeechActivity(speech, level, 0.1, -52.0, -24.0, 0.00002)


def _pictures(rng: random.Random) -> ClassPictures:
    times = np.arange(0.0, LENGTH_S, 1.0)
    students = np.array([36 + rng.randint(-3, 2) for _ in times])
    students[1180:1290] = 3
    hands = np.array(
        [max(0, round(rng.gauss(6, 3))) if (int(t) // 70) % 3 == 1 else 0 for t in times]
    )
    practice = (times / LENGTH_S > 0.55) & (times / LENGTH_S < 0.72)
    up = np.array(
        [
            round(n * (rng.uniform(0.1, 0.3) if p else rng.uniform(0.5, 0.75)))
            for n, p in zip(students, practice, strict=True)
        ]
    )
    down = np.minimum(
        np.array(
            [
                round(n * (rng.uniform(0.5, 0.6) if p else rng.uniform(0.1, 0.2)))
                for n, p in zip(students, practice, strict=True)
            ]
        ),
        students - up,
    )
    return ClassPictures(
        "front",
        StreamRole.STUDENT_CAM,
        times,
        1.0,
        students,
        np.minimum(hands, students),
        students,
        up,
        down,
        students - up - down,
    )


def _events(rng: random.Random) -> tuple[Event, ...]:
    found: list[Event] = []
    t = 0.0
    kinds = (
        EventKind.TEACHER_FRONT,
        EventKind.TEACHER_AT_BOARD,
        EventKind.TEACHER_FRONT,
        EventKind.TEACHER_AMONG_DESKS,
        EventKind.TEACHER_NOT_VISIBLE,
    )
    k = 0
    while t < LENGTH_S:
        length = rng.expovariate(1 / 40) + 5
        kind = kinds[k % len(kinds)]
        found.append(Event(kind, t, min(LENGTH_S, t + length), "rear", 0, 0.8))
        t, k = t + length, k + 1
    for n in range(60):
        start = 70.0 + 37 * n % 2300
        found.append(Event(EventKind.HAND_RAISED, start, start + 6, "front", n % 30, 0.7))
    for n in range(22):
        start = 90.0 + 101 * n
        found.append(Event(EventKind.STANDING, start, start + 11, "front", n, 0.7))
    return tuple(found)


def _sound_only() -> MediaInfo:
    span = Interval(0.0, LENGTH_S)
    return MediaInfo("wav", LENGTH_S, None, (AudioInfo(0, "pcm_s16le", 1, 16000, span),))


def _media() -> tuple[StreamItem, ...]:
    span = Interval(0.0, LENGTH_S)
    video = VideoInfo("h264", 1920, 1080, 0, 25.0, False, span, 60300, 2.0)
    sound = (AudioInfo(0, "aac", 2, 44100, span),)
    return (
        StreamItem(
            "front",
            StreamRole.STUDENT_CAM,
            MediaInfo("mp4", LENGTH_S, video, sound),
            0.0,
            "9c1185a5c5e9",
        ),
        StreamItem(
            "rear",
            StreamRole.TEACHER_CAM,
            MediaInfo("mp4", LENGTH_S, video, ()),
            1.24,
            "42af0e1b7c33",
        ),
    )


def _issues() -> tuple[Issue, ...]:
    return (
        Issue(
            "roles.no_clear_teacher",
            Severity.WARNING,
            "speech",
            "Two voices fit the teacher nearly equally well.",
            "Name the speakers in a transcript.",
            {"margin": 0.0512, "min_margin": 0.1},
        ),
        Issue("made.up", Severity.INFO, "media", "The file starts 0.02 s late."),
        Issue(
            "unknown.code",
            Severity.ABSTAINED,
            "vision",
            "The rear camera shows no students.",
            "Point one camera at the students.",
        ),
    )


def _of(turns: tuple[Turn, ...], role: SpeakerRole) -> list[Turn]:
    return [t for t in turns if t.role is role]


def _measures(turns: tuple[Turn, ...]) -> tuple[Measure, ...]:
    found: list[Measure] = []
    for role in SpeakerRole:
        spoken = _of(turns, role)
        total = sum(t.end_s - t.start_s for t in spoken)
        longest = sorted(spoken, key=lambda t: t.start_s - t.end_s)[:20]
        evidence = tuple(Interval(t.start_s, t.end_s) for t in longest)
        found.append(
            Measure(
                "talk.share_lesson",
                Unit.SHARE,
                "talk.share_lesson/1",
                "exact time of turns",
                value=total / LENGTH_S,
                numerator=total,
                denominator=LENGTH_S,
                coverage=0.97,
                ci_low=total / LENGTH_S * 0.92,
                ci_high=total / LENGTH_S * 1.08,
                part=role.value,
                gates=(Gate("voiced", 1402.0, 20.0, True, "enough seconds of speech"),),
                evidence=evidence,
            )
        )
    grid = _grid(turns)
    n, nt = len(grid.codes), sum(bool(c) for c in grid.codes)
    g = sum(a != b for a, b in zip(grid.codes, grid.codes[1:], strict=False))
    longest_teacher = max(_of(turns, SpeakerRole.TEACHER), key=lambda t: t.end_s - t.start_s)
    at = (Interval(longest_teacher.start_s, longest_teacher.end_s),)
    sampling = "centre of each 30s window"
    found += [
        Measure(
            "talk.monologue_longest@gap2s",
            Unit.SECONDS,
            "talk.monologue_longest/1",
            "exact time",
            value=at[0].duration_s,
            coverage=0.97,
            evidence=at,
        ),
        Measure(
            "st.rt@30s-point",
            Unit.SHARE,
            "st.rt/1",
            sampling,
            value=nt / n,
            numerator=nt,
            denominator=n,
            coverage=1.0,
        ),
        Measure(
            "st.rt@exact",
            Unit.SHARE,
            "st.rt@exact/1",
            "exact time of turns",
            value=found[0].value,
            numerator=found[0].numerator,
            denominator=LENGTH_S,
            coverage=0.97,
        ),
        Measure(
            "st.ch@30s-point",
            Unit.RATIO,
            "st.ch/1",
            sampling,
            value=g / n,
            numerator=g,
            denominator=n,
            coverage=1.0,
        ),
        Measure(
            "st.mode@30s-point",
            Unit.CATEGORY,
            "st.mode/1",
            sampling,
            category="dialogue",
            coverage=1.0,
        ),
        Measure(
            "wait.one_median",
            Unit.SECONDS,
            "wait.one_median/1",
            "end of question to next speech",
            why=Why("pauses_coarse", {"value": 0.5, "limit": 0.2}),
            gates=(Gate("boundary", 0.5, 0.2, False, "edges of speech known finely enough (s)"),),
        ),
        Measure(
            "wait.two_median",
            Unit.SECONDS,
            "wait.two_median/1",
            "end of answer to teacher",
            why=Why("pauses_coarse", {"value": 0.5, "limit": 0.2}),
        ),
        Measure(
            "question.per_minute",
            Unit.PER_MINUTE,
            "question.per_minute/1",
            "surface form",
            value=2.114,
            numerator=85,
            denominator=40.2,
            coverage=0.91,
            evidence=tuple(Interval(60.0 + 25 * k, 64.0 + 25 * k) for k in range(85)),
        ),
        Measure(
            "rate.teacher@voiced",
            Unit.PER_MINUTE,
            "rate.voiced/1",
            "characters in voiced time",
            value=221.4,
            numerator=4980,
            denominator=22.49,
            coverage=0.93,
        ),
        Measure(
            "hands.episodes",
            Unit.COUNT,
            "hands.episodes/1",
            "one picture a second",
            value=41,
            coverage=0.95,
            evidence=(Interval(612.0, 640.0), Interval(70.0, 92.0)),
        ),
        Measure(
            "heads.up_in_teacher_talk",
            Unit.SHARE,
            "heads.up_share/1",
            "one picture a second, teacher talk only",
            value=1 / 3,
            numerator=11214,
            denominator=33642,
            coverage=0.82,
            ci_low=0.301,
            ci_high=0.362,
        ),
        Measure(
            "place.share",
            Unit.SHARE,
            "place.share/1",
            "one picture a second",
            part="among_desks",
            stream="rear",
            why=Why("no_teacher_seen"),
        ),
    ]
    return tuple(found)


def _define(measure: str, unit: Unit, zh: str, en: str, formula: str) -> Definition:
    return Definition(
        measure,
        measure.partition(".")[0],
        zh,
        en,
        unit,
        formula,
        "Flanders 1970" if measure.startswith("talk") else "傅德荣、章慧敏《教育信息处理》",
        f"{zh}的定义：按准确的起止时间计算，重叠说话计入每个角色。",
        f"{en}: computed from exact times; overlapping talk counts for every role in it.",
        "只宜与同类课比较；高低本身不说明好坏。",
        "Compare lessons of one type; high or low is neither good nor bad in itself.",
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        _define(
            "talk.share_lesson",
            Unit.SHARE,
            "话语占全课比例",
            "Talk as a share of the lesson",
            "seconds(r) / lesson seconds",
        ),
        _define(
            "talk.monologue_longest",
            Unit.SECONDS,
            "最长教师连续讲话",
            "Longest teacher monologue",
            "max(length)",
        ),
        _define(
            "st.rt",
            Unit.SHARE,
            "教师行为占有率 Rt",
            "Rt, share of teacher behaviour",
            "Rt = Nt / N",
        ),
        _define("st.ch", Unit.RATIO, "师生行为转换率 Ch", "Ch, rate of change", "Ch = (g - 1) / N"),
        _define(
            "st.mode",
            Unit.CATEGORY,
            "教学模式（S-T）",
            "Teaching mode (S-T)",
            "limits on Rt and Ch",
        ),
        _define(
            "wait.one_median",
            Unit.SECONDS,
            "等待时间一（中位数）",
            "Wait time 1, median",
            "median(pause)",
        ),
        _define(
            "wait.two_median",
            Unit.SECONDS,
            "等待时间二（中位数）",
            "Wait time 2, median",
            "median(pause)",
        ),
        _define(
            "question.per_minute",
            Unit.PER_MINUTE,
            "每分钟教师提问",
            "Teacher questions per minute",
            "questions / minutes",
        ),
        _define(
            "rate.teacher",
            Unit.PER_MINUTE,
            "教师语速（净说话时间）",
            "Teacher speech rate, voiced time",
            "characters / voiced minutes",
        ),
        _define("hands.episodes", Unit.COUNT, "举手时段数", "Hand-raise episodes", "count"),
        _define(
            "heads.up_in_teacher_talk",
            Unit.SHARE,
            "教师说话时的抬头比例",
            "Heads up during teacher talk",
            "up / (up + down)",
        ),
        _define(
            "place.share",
            Unit.SHARE,
            "教师在各区域的时间比例",
            "Share of time per zone",
            "seconds in zone / seconds visible",
        ),
    )
