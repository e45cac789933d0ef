"""A made 45-minute lesson with 2,000 turns, words, events and 2,700 pictures."""

from __future__ import annotations

import random
from dataclasses import replace

from classwatch.core.codes import ActCode, CodeStream
from classwatch.core.events import Event, EventKind
from classwatch.core.questions import Question, QuestionForm, QuestionKind
from classwatch.core.speech import Segment, SpeakerRole
from classwatch.metrics.facts import LessonFacts
from tests.metrics.builders import ROLES, lesson, picture, voiced, words
from tests.metrics.coded import in_a_row


def long_codes() -> CodeStream:
    """1,000 acts of every kind in 45 minutes."""
    rng = random.Random(6)
    return in_a_row(2.7, [rng.choice(tuple(ActCode)) for _ in range(1000)])


def coded_long_lesson() -> LessonFacts:
    """The long lesson with its acts: every protocol has what it needs."""
    return replace(long_lesson(), codes=long_codes())


def long_lesson() -> LessonFacts:
    rng = random.Random(5)
    talk, at = [], 0.0
    for _ in range(2000):
        voice = rng.choice(["T", "T", "S1", "S2", "A"])
        talk.append((at, at + 1.0 + rng.random() / 5, voice))
        at += 1.35
    segments = [Segment(a, b, "这是为什么呢？", role=ROLES[v[0]]) for a, b, v in talk]
    form = QuestionForm(QuestionKind.WH, "zh.wh", "为什么")
    questions = [
        Question(a, b, SpeakerRole.TEACHER, "为什么", "zh", form, True)
        for a, b, v in talk
        if v == "T"
    ]
    events = [
        Event(kind, float(s), s + 4.0, "rear", s % 40, 0.9)
        for s in range(0, 2700, 5)
        for kind in (EventKind.HAND_RAISED, EventKind.STANDING, EventKind.TEACHER_FRONT)
    ]
    counts = {"students_seen": [40] * 2700, "heads_up": [30] * 2700, "heads_down": [5] * 2700}
    return lesson(
        2700.0,
        talk,
        transcript=words(segments),
        questions=tuple(questions),
        activity=voiced([(a, b) for a, b, _ in talk]),
        events=tuple(events),
        pictures=(picture(counts),),
    )
