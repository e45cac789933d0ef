"""Countable things that happen in the picture, with times; never addressed to one pupil."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from classwatch.core.speech import Origin


class EventKind(StrEnum):
    """What is counted; half-open intervals on the lesson clock.

    ``SPEAKING`` is known of lessons with truth; nothing detects it in pictures.
    """

    HAND_RAISED = "hand_raised"
    STANDING = "standing"
    HEAD_DOWN = "head_down"
    HEAD_UP = "head_up"
    TEACHER_AT_BOARD = "teacher_at_board"
    """At the front with the back turned to the class."""
    TEACHER_FRONT = "teacher_front"
    """In the front zone, facing the class or side-on."""
    TEACHER_AMONG_DESKS = "teacher_among_desks"
    TEACHER_NOT_VISIBLE = "teacher_not_visible"
    OTHER_ADULT = "other_adult"
    """An adult who is not the teacher is in the picture."""
    WRITING = "writing"
    READING = "reading"
    TURNED = "turned"
    """A student turned to a neighbour or to the row behind."""
    LYING = "lying"
    """Head on the desk."""
    DEVICE = "device"
    """Hands and eyes on a telephone or tablet."""
    SPEAKING = "speaking"
    POINTING = "pointing"
    """The teacher points at the board, at the screen or at somebody."""
    PODIUM = "podium"
    """The teacher stands at the podium or the computer on it."""
    TEACHER_WRITING = "teacher_writing"
    """The teacher writes on the board, or holds a hand as if."""
    TEACHER_BENDING = "teacher_bending"
    """The teacher bends over a student's desk."""
    TEACHER_SITTING = "teacher_sitting"
    STUDENT_AT_BOARD = "student_at_board"
    """Somebody of the class stands before it; who it is is not told."""
    SEAT_EMPTY = "seat_empty"
    """Of the seats that are usually taken at least one is empty while others sit; which one is not
    told."""
    BOARD_WRITING = "board_writing"
    """Ink comes to be where somebody stands with the back to the class, or a hand is up there."""
    SLIDE_CHANGE = "slide_change"
    SCREEN_ON = "screen_on"
    SCREEN_FILM = "screen_film"
    """The screen changes all the time."""


OF_TEACHER = frozenset(
    {
        EventKind.TEACHER_AT_BOARD,
        EventKind.TEACHER_FRONT,
        EventKind.TEACHER_AMONG_DESKS,
        EventKind.TEACHER_NOT_VISIBLE,
        EventKind.TEACHER_WRITING,
        EventKind.TEACHER_BENDING,
        EventKind.TEACHER_SITTING,
        EventKind.POINTING,
        EventKind.PODIUM,
    }
)
"""What is told of the teacher alone."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``track_id`` is the anonymous number within ``stream`` (-1: nobody in particular).

    ``zone`` is an image or floor zone id ("" where it does not apply).
    """

    kind: EventKind
    start_s: float
    end_s: float
    stream: str
    track_id: int
    confidence: float
    zone: str = ""
    origin: Origin = Origin.PREDICTED
