"""Drawing one piece of time for all cameras of a room: films of the piece, and what they show.

The room is posed once for each moment, whatever the number of cameras. A piece is complete when
its files are there; each appears whole or not at all, so interrupted work goes on where it ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from classwatch.media.write import PictureFormat, PieceWriter
from classwatch.simulate.film.camera import Studio, Taken
from classwatch.simulate.film.schedule import StreamPlan, in_room, piece_count, plan_streams
from classwatch.simulate.film.sightings import Sightings, concatenated, save_sightings
from classwatch.simulate.film.stage import Stage, library_from
from classwatch.simulate.timeline import Timeline
from classwatch.store.files import disk_errors, sha256_of, temporary_beside

FILM_VERSION = 3
"""Counts up when the same script gives other pictures or another truth."""


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """What is to be filmed; equal films have equal ``key``.

    ``figures`` is the folder of characters (None: schematic ones), ``samples`` the samples a side
    in each pixel, ``folder`` where pieces go.
    """

    timeline: Timeline
    figures: Path | None
    samples: int
    folder: Path
    key: str

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Film) and other.key == self.key


@dataclass(frozen=True, slots=True)
class PieceTask:
    """One piece of a film: a room and the number of the stretch of time."""

    film: Film
    room: int
    piece: int


def film_key(timeline: Timeline, figures: Path | None, samples: int) -> str:
    """Digest of everything that the pictures depend on, but for the program itself."""
    digest = hashlib.sha256(f"{FILM_VERSION} {samples} {timeline!r}".encode())
    for path in sorted(figures.glob("*.npz")) if figures is not None else ():
        digest.update(f"{path.name} {sha256_of(path)}".encode())
    return digest.hexdigest()


def piece_paths(folder: Path, stream: StreamPlan, piece: int) -> tuple[Path, Path]:
    """Film and sightings of one piece of a stream."""
    base = folder / stream.camera.name
    return base / f"{piece:05d}.mp4", base / f"{piece:05d}.npz"


def missing(film: Film) -> tuple[PieceTask, ...]:
    """Pieces that are still to be drawn, in order of time."""
    streams = plan_streams(film.timeline)
    rooms = sorted({s.camera.room for s in streams})
    tasks = []
    for piece in range(piece_count(film.timeline)):
        for room in rooms:
            here = [s for s in streams if s.camera.room == room and s.pictures_in(piece)]
            paths = [path for s in here for path in piece_paths(film.folder, s, piece)]
            if not all(path.is_file() for path in paths):
                tasks.append(PieceTask(film, room, piece))
    return tuple(tasks)


@lru_cache(maxsize=2)
def studio_of(film: Film, room: int) -> Studio:
    """The room with its cameras; kept between the pieces that one process draws."""
    timeline = in_room(film.timeline, room)
    stage = Stage(timeline, library_from(film.figures), room=room, samples=film.samples)
    return Studio(stage, plan_streams(film.timeline))


def draw_piece(task: PieceTask) -> None:
    """Draw and store one piece of every stream of a room.

    Raises InputError for a script or figures that cannot be shown, ResourceError where the disk
    does not allow it.
    """
    _single_threaded()
    studio = studio_of(task.film, task.room)
    streams = [
        s for s in studio.streams if s.camera.room == task.room and s.pictures_in(task.piece)
    ]
    with ExitStack() as stack:
        sinks = {
            s.number: stack.enter_context(_Sink(task.film.folder, s, task.piece)) for s in streams
        }
        for time, due in _moments(streams, task.piece):
            for number, taken in studio.expose(float(time), due):
                sinks[number].add(taken)


def _moments(streams: list[StreamPlan], piece: int) -> Iterator[tuple[Fraction, list[StreamPlan]]]:
    """Times at which something is taken, ascending, with the streams that take a picture."""
    due: dict[Fraction, list[StreamPlan]] = {}
    for stream in streams:
        for picture in stream.pictures_in(piece):
            due.setdefault(Fraction(picture) / stream.fps, []).append(stream)
    yield from sorted(due.items(), key=lambda item: item[0])


class _Sink:
    """Where one stream's pictures of one piece go; files appear when the piece is complete."""

    def __init__(self, folder: Path, stream: StreamPlan, piece: int) -> None:
        self._film, self._shown = piece_paths(folder, stream, piece)
        with disk_errors(self._film):
            self._film.parent.mkdir(parents=True, exist_ok=True)
        self._temporary = temporary_beside(self._film)
        camera = stream.camera
        picture = PictureFormat(camera.width_px, camera.height_px, stream.fps, camera.crf)
        self._writer = PieceWriter(self._temporary, picture)
        self._rows: list[Sightings] = []

    def __enter__(self) -> _Sink:
        return self

    def add(self, taken: Taken) -> None:
        self._writer.add(taken.rgb)
        self._rows.append(taken.sightings)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._writer.__exit__(kind, None, None)
        if kind is not None:
            self._temporary.unlink(missing_ok=True)
            return
        save_sightings(self._shown, concatenated(self._rows))
        with disk_errors(self._film):
            self._temporary.replace(self._film)


def _single_threaded() -> None:
    """Several of these processes run side by side: threads of libraries would be in the way."""
    import cv2

    cv2.setNumThreads(1)
