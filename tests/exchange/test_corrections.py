"""Corrections in the place of predictions, item by item."""

from __future__ import annotations

from classwatch.core.events import Event, EventKind
from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript, Turn, Word
from classwatch.core.time import Interval
from classwatch.exchange.correcting import LessonState, changes, corrected, only_changed
from classwatch.exchange.corrections import CORRECTIONS, Correction, Corrections, read_corrections
from classwatch.exchange.eaf import Annotation, Tier
from classwatch.exchange.lesson_coding import event_tiers, turn_tiers, word_tiers
from classwatch.exchange.tiers import Coding
from classwatch.store.documents import document_bytes, parse_document

T, S = SpeakerRole.TEACHER, SpeakerRole.STUDENT
HAND = EventKind.HAND_RAISED
PREDICTED = LessonState(
    turns=(
        Turn(0.0004, 10.0, T, "T", 0.9),
        Turn(10.0, 14.0, S, "S1", 0.6),
        Turn(14.0, 30.0, T, "T", 0.9),
    ),
    transcript=Transcript(
        (
            Segment(0.0, 10.0, "好", (Word(0.0, 1.0, "好"),), "zh", T),
            Segment(10.0, 14.0, "假的", language="zh", role=S, suspect="repeated"),
        ),
        "zh",
        Origin.PREDICTED,
    ),
    events=(
        Event(HAND, 3.0, 5.0, "rear", 4, 0.8, "front left"),
        Event(EventKind.STANDING, 3.0, 5.0, "rear", 4, 0.8),
        Event(HAND, 3.5, 6.0, "rear", 5, 0.7, "front left"),
    ),
)


def exported(state: LessonState = PREDICTED) -> Coding:
    segments = () if state.transcript is None else state.transcript.segments
    tiers = (*turn_tiers(state.turns), *word_tiers(segments), *event_tiers(state.events))
    return Coding(tuple(tiers), 30.0)


def correction(coding: Coding, within: Interval | None = None) -> Correction:
    read = read_corrections(coding)
    return Correction("a", "", within, read.turns, read.segments, read.events, read.codes)


def test_what_comes_back_unchanged_is_no_change_and_stays_predicted() -> None:
    reading = read_corrections(exported())
    assert changes(reading, PREDICTED, None) == ()
    assert only_changed(reading, ()).turns is None
    back = corrected(PREDICTED, [correction(exported())])
    assert back == PREDICTED


def test_a_person_wins_and_untouched_items_keep_what_is_known_of_them() -> None:
    coding = Coding((Tier("turns/T", (Annotation(0.0, 10.0, "teacher"),)),), 30.0)
    assert {c.kind: (c.added, c.removed) for c in changes(read_corrections(coding), PREDICTED, None)
            } == {"turns": (0, 2)}  # fmt: skip
    found = corrected(PREDICTED, [correction(coding)])
    assert found.turns == PREDICTED.turns[:1]
    assert found.events == PREDICTED.events
    assert found.transcript == PREDICTED.transcript


def test_only_the_named_time_changes_and_turns_are_cut_at_its_edges() -> None:
    coding = Coding((Tier("turns/S2", (Annotation(5.0, 20.0, "student"),)),), 30.0)
    found = corrected(PREDICTED, [correction(coding, Interval(5.0, 20.0))])
    assert [(t.start_s, t.end_s, t.speaker, t.origin) for t in found.turns] == [
        (0.0004, 5.0, "T", Origin.PREDICTED),
        (5.0, 20.0, "S2", Origin.ANNOTATED),
        (20.0, 30.0, "T", Origin.PREDICTED),
    ]


def test_the_later_file_wins() -> None:
    first = Coding((Tier("turns/T", (Annotation(0.0, 30.0, "teacher"),)),), 30.0)
    second = Coding((Tier("turns/T", (Annotation(0.0, 29.0, "teacher"),)),), 30.0)
    found = corrected(PREDICTED, [correction(first), correction(second)])
    assert [t.end_s for t in found.turns] == [29.0]
    # And a file that says what was predicted takes everything back.
    assert corrected(PREDICTED, [correction(first), correction(exported())]) == PREDICTED


def test_a_role_that_a_person_wrote_wins_over_the_name_of_the_tier() -> None:
    coding = Coding((Tier("turns/S1", (Annotation(10.0, 14.0, "teacher"),)),), 30.0)
    (found,) = corrected(PREDICTED, [correction(coding)]).turns
    assert (found.role, found.speaker, found.origin) == (T, "S1", Origin.ANNOTATED)


def test_events_are_replaced_by_stream_and_kind() -> None:
    coding = Coding((Tier("events/rear/hand_raised", (Annotation(3.5, 6.0, "x"),)),), 30.0)
    found = corrected(PREDICTED, [correction(coding)])
    assert set(found.events) == {PREDICTED.events[1], PREDICTED.events[2]}


def test_doubtful_words_stay_beside_those_of_a_person() -> None:
    coding = Coding((Tier("words/teacher", (Annotation(0.0, 9.0, "好！"),)),), 30.0)
    transcript = corrected(PREDICTED, [correction(coding)]).transcript
    assert transcript is not None
    assert transcript.origin is Origin.ANNOTATED
    assert [(s.text, s.suspect, s.language) for s in transcript.segments] == [
        ("好！", "", "zh"),
        ("假的", "repeated", "zh"),
    ]


def test_tiers_of_people_are_understood_by_name_or_by_being_told() -> None:
    coding = Coding(
        (
            Tier("老师", (Annotation(0.0, 1.0, ""),)),
            Tier("S3", (Annotation(1.0, 2.0, ""),)),
            Tier("Zhang", (Annotation(2.0, 3.0, ""),)),
            Tier("remarks", (Annotation(2.0, 3.0, "!"),)),
        ),
        3.0,
    )
    found = read_corrections(coding, {"Zhang": "turns/teacher"})
    assert found.turns is not None
    assert [(t.role, t.speaker) for t in found.turns] == [(T, "老师"), (S, "S3"), (T, "")]
    assert found.left_out == ("remarks",)


def test_corrections_are_kept_as_they_are() -> None:
    value = Corrections((correction(exported(), Interval(0.0, 5.0)),))
    raw = document_bytes(CORRECTIONS, value)
    assert parse_document(CORRECTIONS, raw, subject="x") == value
