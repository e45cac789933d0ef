"""The truth of the board and the screen, in the streams that show the front of the room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from classwatch.core.events import Event, EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import NO_TRACK, ClassPictures
from classwatch.core.speech import Origin
from classwatch.metrics.facts import FrontFacts
from classwatch.simulate.room.board import slide_times
from classwatch.simulate.room.look import Screen, draw_look
from classwatch.simulate.timeline import Timeline

_SHOWS_FRONT = frozenset({StreamRole.TEACHER_CAM, StreamRole.SCREEN})
_MOMENT_S = 1.0
"""Length given to what happens at once."""


def front_of(shown: ClassPictures) -> FrontFacts | None:
    """The pictures of one stream as pictures of the board or the screen (None: shows neither)."""
    if shown.role not in _SHOWS_FRONT:
        return None
    return FrontFacts(shown.stream, shown.role, shown.frame_times_s, shown.every_s)


def front_events(
    timeline: Timeline, shown: ClassPictures, events: tuple[Event, ...]
) -> tuple[Event, ...]:
    """Writing on the board, changes of slide and the screen's time in one stream.

    ``events`` are those of the people in it: the board is written on while the teacher is seen
    writing. A screen in the room is on all the time.
    """
    if front_of(shown) is None:
        return ()
    writing = (
        replace(event, kind=EventKind.BOARD_WRITING, track_id=NO_TRACK)
        for event in events
        if event.kind is EventKind.TEACHER_WRITING
    )
    script = timeline.script
    has_screen = (
        shown.role is StreamRole.SCREEN
        or draw_look(script.room, script.seed).screen is not Screen.NONE
    )
    return (*writing, *(_on_screen(timeline, shown.stream) if has_screen else ()))


def _on_screen(timeline: Timeline, stream: str) -> Iterator[Event]:
    spans = [(EventKind.SCREEN_ON, 0.0, timeline.duration_s)]
    spans += [(EventKind.SLIDE_CHANGE, t, t + _MOMENT_S) for t in slide_times(timeline)]
    spans += [(EventKind.SCREEN_FILM, film.start_s, film.end_s) for film in timeline.playbacks]
    for kind, start_s, end_s in spans:
        yield Event(kind, start_s, end_s, stream, NO_TRACK, 1.0, origin=Origin.ANNOTATED)
