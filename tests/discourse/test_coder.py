"""Whole small lessons, coded by hand before the coder was run on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classwatch.core.codes import (
    ActCode,
    Bloom,
    CodedAct,
    CodeStream,
    Openness,
    QuestionPurpose,
    Sihe,
)
from classwatch.core.events import Event, EventKind
from classwatch.core.speech import (
    Origin,
    Segment,
    SpeakerRole,
    SpeechActivity,
    Transcript,
    Turn,
    Word,
)
from classwatch.core.time import Interval, complement, intervals
from classwatch.discourse.coder import Heard, code_lesson

T, S, SS, U = (
    SpeakerRole.TEACHER,
    SpeakerRole.STUDENT,
    SpeakerRole.STUDENTS,
    SpeakerRole.UNKNOWN,
)
Line = tuple[float, float, SpeakerRole, str]


def transcript(*lines: Line, language: str = "zh") -> Transcript:
    found = tuple(Segment(a, b, text, role=role, language=language) for a, b, role, text in lines)
    return Transcript(found, language, Origin.SUPPLIED)


def coded(end_s: float, *lines: Line, language: str = "zh", **rest: object) -> CodeStream:
    words = transcript(*lines, language=language)
    return code_lesson(Heard(Interval(0.0, end_s), words, **rest))  # type: ignore[arg-type]


def codes(stream: CodeStream) -> list[ActCode]:
    return [act.act for act in stream.acts]


def at(stream: CodeStream, time_s: float) -> CodedAct:
    return next(a for a in stream.acts if a.start_s <= time_s < a.end_s)


def test_an_exchange_with_a_pause_an_answer_and_feedback() -> None:
    stream = coded(
        20.0,
        (0.0, 3.0, T, "什么是分数单位？"),
        (6.0, 9.0, S, "把单位一平均分"),
        (9.2, 10.0, T, "很好。"),
        (10.0, 13.0, T, "把单位一平均分。"),
        (13.0, 15.0, T, "为什么要平均分呢？"),
        (18.0, 20.0, S, "不然就不一样大"),
    )
    assert codes(stream) == [
        ActCode.ASKS,
        ActCode.THINKING,
        ActCode.RESPONDS,
        ActCode.PRAISES,
        ActCode.REPEATS,
        ActCode.ASKS,
        ActCode.THINKING,
        ActCode.RESPONDS,
    ]
    first, second = stream.of(ActCode.ASKS)
    assert (first.purpose, first.openness) == (QuestionPurpose.RECALL, Openness.CLOSED)
    assert (first.bloom, first.sihe) == (Bloom.REMEMBER, Sihe.WHAT)
    assert (second.purpose, second.openness) == (QuestionPurpose.PROBING, Openness.OPEN)
    assert (second.bloom, second.sihe) == (Bloom.ANALYSE, Sihe.WHY)
    assert not stream.overlapping


@pytest.mark.parametrize(
    ("text", "language", "act"),
    [
        ("今天我们学习分数的初步认识。", "zh", ActCode.LECTURES),
        ("请同学们打开课本第二十页。", "zh", ActCode.DIRECTS),
        ("大家自己做练习第三题。", "zh", ActCode.DIRECTS),
        ("不许说话！", "zh", ActCode.CRITICISES),
        ("别着急，没关系。", "zh", ActCode.ACCEPTS_FEELING),
        ("说得真好！", "zh", ActCode.PRAISES),
        ("上课，同学们好。", "zh", ActCode.MANAGES),
        ("水在一百度沸腾。", "zh", ActCode.LECTURES),
        ("为什么水会沸腾", "zh", ActCode.ASKS),
        ("A triangle has three sides.", "en", ActCode.LECTURES),
        ("Open your books to page nine.", "en", ActCode.DIRECTS),
        ("Stop talking.", "en", ActCode.CRITICISES),
        ("Good job!", "en", ActCode.PRAISES),
        ("Good morning class.", "en", ActCode.MANAGES),
        ("Don't worry about it.", "en", ActCode.ACCEPTS_FEELING),
        ("How many sides does it have?", "en", ActCode.ASKS),
    ],
)
def test_what_one_sentence_of_the_teacher_does(text: str, language: str, act: ActCode) -> None:
    stream = coded(3.0, (0.0, 3.0, T, text), language=language)
    assert set(codes(stream)) == {act}


def test_only_what_follows_an_answer_corrects() -> None:
    alone = coded(3.0, (0.0, 3.0, T, "不对。"))
    assert codes(alone) == [ActCode.LECTURES]
    after = coded(
        6.0, (0.0, 2.0, T, "三加五等于几？"), (2.0, 3.0, S, "九"), (3.0, 6.0, T, "不对。")
    )
    assert codes(after) == [ActCode.ASKS, ActCode.RESPONDS, ActCode.CORRECTS]


def test_an_idea_that_is_built_on_is_no_repetition() -> None:
    stream = coded(
        14.0,
        (0.0, 2.0, T, "你发现了什么？"),
        (2.0, 5.0, S, "三角形很稳定"),
        (5.0, 14.0, T, "三角形很稳定所以工人师傅造桥的时候经常用到它来固定桥身"),
    )
    assert codes(stream) == [ActCode.ASKS, ActCode.RESPONDS, ActCode.USES_IDEA]


def test_a_raised_hand_makes_an_answer_voluntary() -> None:
    lines: tuple[Line, ...] = ((0.0, 3.0, T, "什么是分数？"), (6.0, 9.0, S, "平均分"))
    hand = Event(EventKind.HAND_RAISED, 4.0, 5.5, "front", 3, 0.9)
    early = Event(EventKind.HAND_RAISED, 0.5, 1.5, "front", 3, 0.9)
    assert codes(coded(9.0, *lines))[-1] is ActCode.RESPONDS
    assert codes(coded(9.0, *lines, events=(hand,)))[-1] is ActCode.VOLUNTEERS
    assert codes(coded(9.0, *lines, events=(early,)))[-1] is ActCode.RESPONDS


def test_who_speaks_unasked_initiates_or_asks() -> None:
    stream = coded(
        40.0,
        (0.0, 3.0, T, "水在一百度沸腾。"),
        (20.0, 23.0, S, "我家里的水壶会响"),
        (30.0, 34.0, S, "老师，为什么它会响？"),
    )
    assert at(stream, 21.0).act is ActCode.INITIATES
    assert at(stream, 32.0).act is ActCode.STUDENT_ASKS


def test_several_together_are_choral_or_peers() -> None:
    stream = coded(
        70.0,
        (0.0, 3.0, T, "三乘五等于多少？"),
        (3.5, 5.0, SS, "十五"),
        (6.0, 9.0, T, "和同桌讨论一下。"),
        (10.0, 40.0, SS, "我觉得"),
        (41.0, 43.0, U, "这样"),
    )
    assert at(stream, 4.0).act is ActCode.CHORAL
    assert at(stream, 20.0).act is ActCode.PEER_TALK
    assert at(stream, 42.0).act is ActCode.PEER_TALK


def test_kinds_of_silence() -> None:
    board = Event(EventKind.TEACHER_AT_BOARD, 20.0, 30.0, "front", 1, 0.9)
    down = tuple(Event(EventKind.HEAD_DOWN, 60.0, 80.0, "front", track, 0.9) for track in (4, 5, 6))
    stream = coded(
        120.0,
        (0.0, 3.0, T, "为什么要平均分？"),
        (8.0, 20.0, T, "水在一百度沸腾。"),
        (30.0, 60.0, T, "冰在零度融化。"),
        (80.0, 83.0, T, "大家自己做练习第三题。"),
        (100.0, 103.0, T, "冰在零度融化。"),
        events=(board, *down),
    )
    assert at(stream, 5.0).act is ActCode.THINKING
    assert (at(stream, 25.0).act, at(stream, 25.0).role) == (ActCode.WRITES, T)
    assert at(stream, 70.0).act is ActCode.PRACTICE
    assert at(stream, 90.0).act is ActCode.PRACTICE
    assert at(stream, 110.0).act is ActCode.SILENCE
    assert at(stream, 110.0).role is None


def test_a_long_silence_is_split_by_what_the_picture_shows() -> None:
    """Work is set; the teacher writes on the board for a while, and turns to the class again."""
    board = Event(EventKind.TEACHER_AT_BOARD, 20.0, 35.0, "rear", 1, 0.9)
    glance = Event(EventKind.TEACHER_AT_BOARD, 50.0, 51.5, "rear", 1, 0.9)
    stream = coded(
        90.0,
        (0.0, 3.0, T, "大家自己做练习第三题。"),
        (85.0, 90.0, T, "水在一百度沸腾。"),
        events=(board, glance),
    )
    quiet = [(a.start_s, a.end_s, a.act) for a in stream.acts if 3.0 <= a.start_s < 85.0]
    assert quiet == [
        (3.0, 20.0, ActCode.PRACTICE),
        (20.0, 35.0, ActCode.WRITES),
        (35.0, 85.0, ActCode.PRACTICE),
    ]


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("想好的同学请举手。", ActCode.DIRECTS),
        ("注意听第二句。", ActCode.DIRECTS),
        ("第二组来汇报。", ActCode.DIRECTS),
        ("这节课就上到这里。", ActCode.MANAGES),
        ("她注意到水变少了。", ActCode.LECTURES),
        ("Hands up if you agree.", ActCode.DIRECTS),
        ("The back row, please.", ActCode.DIRECTS),
        ("That is it for today.", ActCode.MANAGES),
        ("It started in a small town.", ActCode.LECTURES),
    ],
)
def test_orders_that_are_not_worded_as_orders(text: str, act: ActCode) -> None:
    assert {a.act for a in coded(3.0, (0.0, 3.0, T, text)).acts} == {act}


def test_noise_without_speech_and_voices_without_turns() -> None:
    level = np.full(600, -60.0, dtype=np.float32)
    level[100:200] = -22.0
    activity = SpeechActivity(intervals([(0.0, 3.0), (40.0, 50.0)]), level, 0.1, -60.0, -20.0, 0.0)
    stream = coded(60.0, (0.0, 3.0, T, "水在一百度沸腾。"), activity=activity)
    assert at(stream, 15.0).act is ActCode.SILENCE  # mostly quiet: 3 s to 40 s as a whole
    assert (at(stream, 45.0).act, at(stream, 45.0).role) == (ActCode.UNKNOWN, U)
    loud = SpeechActivity(activity.speech, np.full(600, -22.0, np.float32), 0.1, -60.0, -20.0, 0.0)
    stream = coded(60.0, (0.0, 3.0, T, "水在一百度沸腾。"), activity=loud)
    assert at(stream, 15.0).act is ActCode.CONFUSION


def test_a_question_nobody_may_answer_is_rhetorical() -> None:
    on = coded(9.0, (0.0, 2.0, T, "这是分数，对不对"), (2.1, 9.0, T, "水在一百度沸腾。"))
    asked = on.of(ActCode.ASKS)
    assert [a.purpose for a in asked] == [QuestionPurpose.RHETORICAL]
    waits = coded(9.0, (0.0, 2.0, T, "什么是分数"), (5.0, 9.0, T, "水在一百度沸腾。"))
    assert waits.of(ActCode.ASKS)[0].purpose is QuestionPurpose.RECALL
    answers = coded(9.0, (0.0, 2.0, T, "什么是分数"), (2.0, 9.0, T, "分数是平均分以后的份数。"))
    assert answers.of(ActCode.ASKS)[0].purpose is QuestionPurpose.RHETORICAL


def test_management_questions_have_no_level() -> None:
    asked = coded(3.0, (0.0, 3.0, T, "大家都写完了吗？")).of(ActCode.ASKS)[0]
    assert asked.purpose is QuestionPurpose.MANAGEMENT
    assert (asked.bloom, asked.sihe) == (None, None)


def test_turns_without_words_keep_their_role_and_stay_unknown() -> None:
    turns = (
        Turn(0.0, 5.0, T, "T", 0.9),
        Turn(6.0, 8.0, S, "S1", 0.9),
    )
    stream = code_lesson(Heard(Interval(0.0, 10.0), None, turns))
    spoken = [(a.act, a.role) for a in stream.acts if a.role]
    assert spoken == [(ActCode.UNKNOWN, T), (ActCode.UNKNOWN, S)]
    assert all(a.confidence == 0.0 for a in stream.of(ActCode.UNKNOWN))


def test_suspect_text_is_no_evidence() -> None:
    words = Transcript(
        (Segment(0.0, 3.0, "什么是分数？", role=T, language="zh", suspect="repetition"),),
        "zh",
        Origin.PREDICTED,
    )
    stream = code_lesson(Heard(Interval(0.0, 3.0), words))
    assert stream.of(ActCode.ASKS) == ()
    assert all(not a.text for a in stream.acts)


def test_two_voices_at_once_overlap_and_say_so() -> None:
    stream = coded(6.0, (0.0, 4.0, T, "水在一百度沸腾。"), (3.0, 6.0, S, "我知道"))
    assert stream.overlapping


def test_word_times_place_every_sentence_and_a_long_pause_cuts() -> None:
    words = (
        Word(0.0, 1.0, "水会"),
        Word(1.0, 2.0, "沸腾"),
        Word(8.0, 9.0, "为什么"),
        Word(9.0, 10.0, "呢"),
    )
    segment = Segment(0.0, 10.0, "水会沸腾为什么呢", words, "zh", T)
    stream = code_lesson(Heard(Interval(0.0, 10.0), Transcript((segment,), "zh", Origin.PREDICTED)))
    got = [(a.act, a.start_s, a.end_s) for a in stream.acts]
    assert got == [
        (ActCode.LECTURES, 0.0, 2.0),
        (ActCode.SILENCE, 2.0, 8.0),
        (ActCode.ASKS, 8.0, 10.0),
    ]


TEXTS = [
    "什么是分数？",
    "很好。",
    "因为",
    "好，打开书",
    "why is it so?",
    "和同桌讨论一下",
    "",
    "12",
]
LINES = st.lists(
    st.tuples(
        st.floats(0.0, 90.0), st.floats(0.0, 12.0), st.sampled_from([T, S, SS, U]),
        st.sampled_from(TEXTS),
    ),
    max_size=8,
)  # fmt: skip


@given(LINES)
def test_every_second_is_coded_and_every_quote_is_in_the_transcript(
    lines: list[tuple[float, float, SpeakerRole, str]],
) -> None:
    stream = coded(100.0, *((a, a + d, role, text) for a, d, role, text in lines))
    rows = intervals([(a.start_s, a.end_s) for a in stream.acts])
    assert complement(rows, stream.span).size == 0
    said = "\n".join(text for *_, text in lines)
    assert all(act.text in said for act in stream.acts)
    for act in stream.acts:
        assert (act.purpose is None) == (act.act is not ActCode.ASKS)
        assert act.rule
