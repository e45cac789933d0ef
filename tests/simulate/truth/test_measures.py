"""Measures from the truth, against sums worked out by hand from the small lesson.

Speech there (s): teacher 2.03-12.03, 13.03-15.03 (a question), 18.03-19.03, 25.03-26.03,
28.03-40.03; one student 20.53-24.53; the class 39.03-42.03, a second of it over the teacher.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from classwatch.core.events import Event, EventKind
from classwatch.core.measures import Measure
from classwatch.core.media import StreamRole
from classwatch.core.people import ClassPictures, PersonRole, TeacherPath
from classwatch.core.speech import Origin
from classwatch.simulate.read import parse_script
from classwatch.simulate.room.board import slide_at
from classwatch.simulate.script import Script
from classwatch.simulate.timeline import Spoken, Timeline, resolve
from classwatch.simulate.truth.fronts import front_events
from classwatch.simulate.truth.measures import PictureTruth, speech_truth, true_measures
from classwatch.simulate.truth.questions import true_questions
from tests.simulate.small import TEXT, spoken_of


def small() -> Script:
    return parse_script(TEXT, "small")


def measured(timeline: Timeline, *pictures: PictureTruth) -> dict[tuple[str, str], Measure]:
    found = true_measures(timeline, speech_truth(timeline), pictures)
    return {(m.id, m.part): m for m in found}


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], Measure]:
    script = small()
    return measured(resolve(script, spoken_of(script)))


@pytest.mark.parametrize(
    ("measure", "part", "expected"),
    [
        ("talk.seconds", "teacher", 10 + 2 + 1 + 1 + 12),
        ("talk.seconds", "student", 4),
        ("talk.seconds", "choral", 3),
        ("talk.share_lesson", "teacher", 26 / 60),
        ("talk.share_talk", "teacher", 26 / 33),
        ("talk.share_talk", "student", 4 / 33),
        # Voices overlap for one second: 32 of 60 s hold speech.
        ("talk.silence", "", 28 / 60),
        ("talk.overlap", "", 1.0),
        ("st.rt@exact", "", 26 / 60),
        # After the only question nobody speaks for 3 s, then the teacher does.
        ("wait.one_count", "", 1),
        ("wait.one_median", "teacher", 3.0),
        ("wait.one_share3", "", 1.0),
        # After the only answer that is followed by the teacher.
        ("wait.two_count", "", 1),
        ("wait.two_median", "", 0.5),
        ("question.count", "teacher", 1),
        ("question.form_share", "wh", 1.0),
    ],
)
def test_measures_of_the_truth(
    found: dict[tuple[str, str], Measure], measure: str, part: str, expected: float
) -> None:
    assert found[measure, part].value == pytest.approx(expected)


def test_what_nothing_is_known_of_abstains(found: dict[tuple[str, str], Measure]) -> None:
    hands = found["hands.episodes@gap2s", ""]
    assert hands.value is None
    assert hands.why is not None
    assert hands.why.code == "no_picture"
    assert found["st.ch@30s-point", ""].value is None  # two windows of 30 s are too few


def test_s_t_codes_of_a_lesson_of_five_minutes() -> None:
    # With u6 lasting 200 s the teacher talks in 13.03-15.03 and 28.03-228.03. Windows are read at
    # 15, 45, ..., 285: T at the first eight, S at 255 and 285. Nt = 8, N = 10, two runs: Ch = 1/10.
    script = small().model_copy(update={"end": 300.0})
    spoken = spoken_of(script)
    spoken["u6"] = Spoken(200.0, ((0.0, 200.0),))
    cells = measured(resolve(script, spoken))
    assert cells["st.rt@30s-point", ""].value == pytest.approx(0.8)
    assert cells["st.ch@30s-point", ""].value == pytest.approx(0.1)


def test_pauses_inside_an_utterance_are_silence_but_not_another_turn() -> None:
    script = small()
    spoken = spoken_of(script)
    spoken["u1"] = Spoken(10.0, ((0.0, 4.0), (5.0, 10.0)))
    cells = measured(resolve(script, spoken))
    assert cells["talk.silence", ""].value == pytest.approx(29 / 60)
    assert cells["talk.turns@gap2s", "teacher"].value == 3


def test_labels_decide_what_is_a_question() -> None:
    script = small()
    timeline = resolve(script, spoken_of(script))
    speech = speech_truth(timeline)
    asked = true_questions(timeline, speech.transcript)
    # u6 has the form of a question too, but no label.
    assert [(q.start_s, q.end_s, q.role.value) for q in asked] == [(13.03, 15.03, "teacher")]
    assert asked[0].end_measured


def test_without_labels_the_wording_decides() -> None:
    script = small()
    bare = tuple(u.model_copy(update={"labels": {}}) for u in script.utterances)
    script = script.model_copy(update={"utterances": bare})
    timeline = resolve(script, spoken_of(script))
    asked = true_questions(timeline, speech_truth(timeline).transcript)
    assert [q.text for q in asked] == ["Where does a river begin", "Why is that so"]


def test_pictures_come_from_what_really_happens() -> None:
    # One picture a second; two hands up in 15.53-19.03: one episode, at most 2 of 8 arms.
    times_s = np.arange(60.0)
    up = ((times_s >= 16) & (times_s < 19)).astype(np.int64) * 2
    eight = np.full(60, 8, np.int64)
    counts = ClassPictures(
        "student_cam", StreamRole.STUDENT_CAM, times_s, 1.0, eight, up, eight, eight,
        np.zeros(60, np.int64), np.zeros(60, np.int64),
    )  # fmt: skip
    events = (
        Event(EventKind.HAND_RAISED, 15.53, 18.53, "student_cam", 0, 1.0, origin=Origin.ANNOTATED),
        Event(EventKind.HAND_RAISED, 16.03, 19.03, "student_cam", 1, 1.0, origin=Origin.ANNOTATED),
        Event(EventKind.STANDING, 19.03, 25.03, "student_cam", 0, 1.0, origin=Origin.ANNOTATED),
    )
    nowhere = TeacherPath(
        *(np.zeros(0, t) for t in ("f8", "f4", "f4", "f4")), (), np.zeros(0, "i4"), np.zeros((0, 2))
    )
    picture = PictureTruth(counts, events, nowhere, 16 / 9, (PersonRole.STUDENT,) * 2)
    script = small()
    cells = measured(resolve(script, spoken_of(script)), picture)
    assert cells["hands.episodes@gap2s", ""].value == 1
    assert cells["hands.median_s@gap2s", ""].value == pytest.approx(3.5)
    assert cells["hands.largest_share", ""].value == pytest.approx(0.25)
    assert cells["hands.standing_answers", ""].value == 1  # u4 is spoken by somebody who stands
    why = cells["board.writing", ""].why
    assert why is not None
    assert why.code == "no_front_picture"


def test_the_board_is_written_on_while_the_teacher_writes_and_slides_come_with_phases() -> None:
    script = small()
    timeline = resolve(script, spoken_of(script))
    times_s, none = np.arange(60.0), np.zeros(60, np.int64)
    nowhere = TeacherPath(
        *(np.zeros(0, t) for t in ("f8", "f4", "f4", "f4")), (), np.zeros(0, "i4"), np.zeros((0, 2))
    )
    wrote = Event(
        EventKind.TEACHER_WRITING, 5.0, 17.5, "teacher_cam", 0, 1.0, origin=Origin.ANNOTATED
    )
    pictures = []
    for role, events in ((StreamRole.TEACHER_CAM, (wrote,)), (StreamRole.SCREEN, ())):
        shown = ClassPictures(role.value, role, times_s, 1.0, *(none for _ in range(6)))
        seen = (*events, *front_events(timeline, shown, events))
        pictures.append(PictureTruth(shown, seen, nowhere, 16 / 9, (PersonRole.TEACHER,)))
    cells = measured(timeline, *pictures)
    assert cells["board.writing", ""].value == pytest.approx(12.5)
    # What the screen's picture shows after a change is not what it showed before.
    shown = [slide_at(timeline, t) for t in np.arange(0.0, 60.0, 0.25)]
    changed = sum(one != other for one, other in pairwise(shown))
    assert changed > 0
    assert cells["board.slide_changes", ""].value == changed
    assert cells["board.screen_on", ""].value == pytest.approx(60.0)
