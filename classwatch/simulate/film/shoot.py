"""A lesson's timeline to media files with sound and with exact truth, by several processes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from classwatch.core.errors import InputError, ResourceError, UsageError
from classwatch.core.progress import Progress, silent
from classwatch.core.time import Intervals, intervals, normalise
from classwatch.media.write import Piece, SoundTrack, join
from classwatch.pipeline.fanout import fan_out
from classwatch.simulate.film.camera import Studio, sized
from classwatch.simulate.film.coco import Picture, Pictures, write_coco
from classwatch.simulate.film.events import Doing, Happening, shots
from classwatch.simulate.film.pieces import (
    Film,
    PieceTask,
    draw_piece,
    film_key,
    missing,
    piece_paths,
    studio_of,
)
from classwatch.simulate.film.schedule import STREAM_ROLES, StreamPlan, piece_count, plan_streams
from classwatch.simulate.film.seats import SeatPlace, seat_places
from classwatch.simulate.film.sightings import Sightings, concatenated, load_sightings
from classwatch.simulate.film.stage import Stage
from classwatch.simulate.film.truth import StreamFacts, save_truth, stream_truth
from classwatch.simulate.script import CameraKind
from classwatch.simulate.timeline import Timeline
from classwatch.store.files import disk_errors

WORK_FOLDER = ".film"
"""Hidden folder in the output for pieces; gone when the film is complete."""
TRUTH_FOLDER = "truth"
COCO_FILE = "coco.json"
_DRAWN_SHARE = 0.95
_STANDING = frozenset({CameraKind.FRONT, CameraKind.REAR, CameraKind.SIDE})


@dataclass(frozen=True, slots=True)
class FilmOptions:
    """How to film. ``figures`` is the folder of characters; None takes schematic figures.

    Pictures and truth do not depend on ``workers``. ``samples`` a side are taken in each pixel.
    """

    figures: Path | None = None
    workers: int = 2
    samples: int = 2


@dataclass(frozen=True, slots=True)
class StreamFilm:
    """One finished stream: its media file, and the folder of its truth."""

    name: str
    kind: CameraKind
    media: Path
    truth: Path
    pictures: int


@dataclass(frozen=True, slots=True)
class FilmResult:
    """All finished streams in the script's order; ``drawn`` pieces were not there before."""

    streams: tuple[StreamFilm, ...]
    drawn: int


def shoot(
    timeline: Timeline,
    sound: Mapping[str, SoundTrack],
    out: Path,
    options: FilmOptions | None = None,
    progress: Progress = silent,
) -> FilmResult:
    """Film every camera of the script into ``out``: ``<camera>.mp4`` and ``truth/<camera>/``.

    ``sound`` holds one track for each microphone by name; a camera without one stays silent only
    where ``sound`` is empty. The truth folder of a stream holds what ``truth.save_truth`` and
    ``coco.write_coco`` write. Interrupted work goes on where it ended when it is started again
    with the same script, figures and samples; the bytes are the same as in one go, for any number
    of workers. Raises InputError for a script or figures that cannot be filmed, UsageError for
    a microphone without sound, ResourceError where the disk does not allow it.
    """
    options = options or FilmOptions()
    streams = plan_streams(timeline)
    tracks = [_track(timeline, stream, sound) for stream in streams]
    if not streams:
        return FilmResult((), 0)
    film = _film(timeline, out, options)
    tasks = missing(film)
    _draw(tasks, timeline.script.lesson_id, options.workers, progress)
    finished = []
    for done, (stream, track) in enumerate(zip(streams, tracks, strict=True), start=1):
        finished.append(_finish(film, stream, track, out))
        progress(_DRAWN_SHARE + (1 - _DRAWN_SHARE) * done / len(streams))
    with disk_errors(film.folder):
        shutil.rmtree(film.folder.parent)
    return FilmResult(tuple(finished), len(tasks))


def _draw(tasks: Sequence[PieceTask], subject: str, workers: int, progress: Progress) -> None:
    try:
        for done, _ in enumerate(fan_out(draw_piece, tasks, workers=workers, subject=subject), 1):
            progress(_DRAWN_SHARE * done / len(tasks))
    except InputError as error:
        if not isinstance(error.__cause__, BrokenProcessPool):
            raise
        raise ResourceError(
            "a process that draws pictures was ended, often for want of memory",
            subject=subject,
            remedy="free some memory or use fewer workers, and run it again to go on",
        ) from error


def _film(timeline: Timeline, out: Path, options: FilmOptions) -> Film:
    """The film with its folder; pieces of other films in the same place are removed."""
    key = film_key(timeline, options.figures, options.samples)
    work = out / WORK_FOLDER
    folder = work / key[:16]
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for other in work.iterdir():
            if other != folder:
                shutil.rmtree(other)
    return Film(timeline, options.figures, options.samples, folder, key)


def _track(
    timeline: Timeline, stream: StreamPlan, sound: Mapping[str, SoundTrack]
) -> SoundTrack | None:
    if not sound:
        return None
    microphones = timeline.script.sound.microphones
    name = stream.camera.microphone or microphones[0].name
    if name not in sound:
        raise UsageError(
            f"camera {stream.camera.name} takes its sound from {name!r}, which has none",
            subject=timeline.script.lesson_id,
            remedy="name one of the script's microphones",
        )
    return sound[name]


def _finish(film: Film, stream: StreamPlan, sound: SoundTrack | None, out: Path) -> StreamFilm:
    """Join a stream's pieces, work out its truth, and put both in place by renames."""
    numbers = [k for k in range(piece_count(film.timeline)) if stream.pictures_in(k)]
    paths = [piece_paths(film.folder, stream, k) for k in numbers]
    name = stream.camera.name
    media = film.folder / f"{name}.mp4"
    pieces = [
        Piece(path, stream.pictures_in(k).start)
        for k, (path, _) in zip(numbers, paths, strict=True)
    ]
    join(media, pieces, stream.fps, sound)
    truth = film.folder / TRUTH_FOLDER / name
    with disk_errors(truth):
        truth.mkdir(parents=True, exist_ok=True)
    _write_truth(film, stream, concatenated([load_sightings(path) for _, path in paths]), truth)
    target = out / TRUTH_FOLDER / name
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        truth.replace(target)
        media.replace(out / media.name)
    return StreamFilm(name, stream.camera.kind, out / media.name, target, stream.pictures)


def _write_truth(film: Film, stream: StreamPlan, sightings: Sightings, folder: Path) -> None:
    studio = studio_of(film, stream.camera.room)
    camera = stream.camera
    size_px = (camera.width_px, camera.height_px)
    facts = StreamFacts(camera.name, STREAM_ROLES[camera.kind], size_px, float(stream.fps))
    times_s = stream.times_s()
    truth = stream_truth(
        facts,
        times_s,
        studio.stage.people,
        sightings,
        happening(studio.stage),
        _seats(studio, stream, sightings),
    )
    save_truth(folder, truth)
    pictures = [
        Picture(n + 1, f"{camera.name}-{n:06d}.jpg", *size_px, float(time_s))
        for n, time_s in enumerate(times_s)
    ]
    lesson = film.timeline.script.lesson_id
    write_coco(folder / COCO_FILE, f"{lesson}, {camera.name}", [Pictures(pictures, sightings)])


def happening(stage: Stage) -> Happening:
    """What happens on a stage: acts as they are really shown, and who is heard when."""
    doings = tuple(
        Doing(span.person_id, span.kind, span.start_s, span.end_s)
        for span in stage.motion.intervals()
    )
    return Happening(doings, spoken_times(stage.timeline), stage.front_z_m)


def spoken_times(timeline: Timeline) -> dict[str, Intervals]:
    """When each person is heard, by id, on the lesson clock; a chorus is everybody's."""
    times: dict[str, list[tuple[float, float]]] = {}
    for said in timeline.utterances:
        spans = [(said.start_s + a, said.start_s + b) for a, b in said.spoken.voiced]
        for speaker in said.speakers:
            times.setdefault(speaker, []).extend(spans)
    return {speaker: normalise(intervals(spans)) for speaker, spans in times.items()}


def _seats(studio: Studio, stream: StreamPlan, sightings: Sightings) -> tuple[SeatPlace, ...]:
    """The seats in each shot of a camera that stands still."""
    found: list[SeatPlace] = []
    duration_s = studio.stage.timeline.duration_s
    for first, last in shots(sightings.shot):
        camera = studio.streams[int(sightings.shot[first])].camera
        if camera.kind not in _STANDING:
            continue
        start_s = stream.time_s(first)
        end_s = stream.time_s(last) if last < len(sightings) else duration_s
        size_px = (stream.camera.width_px, stream.camera.height_px)
        view = studio.view(sized(camera, size_px), start_s)
        found += seat_places(studio.stage.plan, view, start_s, end_s)
    return tuple(found)
