"""From a script to a folder: media files, and the whole truth about them.

The folder is complete whenever ``truth.json`` is there: it is removed first and written last, and
names every file with its digest. A second run with the same script and figures does nothing; an
interrupted one goes on with the pieces of film that are there.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from classwatch import __version__
from classwatch.core.errors import InputError
from classwatch.core.progress import Progress, silent
from classwatch.simulate.film.schedule import in_room
from classwatch.simulate.read import check_script, script_yaml
from classwatch.simulate.room.plan import plan_room
from classwatch.simulate.scene import Floorplan
from classwatch.simulate.script import Script
from classwatch.simulate.sound.mix import Mix, mix
from classwatch.simulate.sound.places import places_of
from classwatch.simulate.sound.speak import Speaker, SpokenSound
from classwatch.simulate.timeline import Timeline, resolve
from classwatch.simulate.truth.files import (
    Files,
    input_record,
    lesson_file,
    manifest_text,
    measure_files,
    speech_files,
)
from classwatch.simulate.truth.measures import PictureTruth, SpeechTruth, speech_truth
from classwatch.simulate.truth.pictures import CameraTruth, publish_pictures, read_pictures
from classwatch.simulate.truth.streams import MediaStream, media_streams
from classwatch.simulate.wav import write_wav
from classwatch.store.documents import DocumentSchema, document_bytes, read_document
from classwatch.store.files import disk_errors, replace_bytes, sha256_of
from classwatch.store.jsonio import canonical_json
from classwatch.store.lesson_folder import STATE_FOLDER
from classwatch.store.locks import held

TRUTH_FILE = "truth.json"
TRUTH_FOLDER = "truth"
SCRIPT_FILE = "script.yaml"
MANIFEST_FILE = "lesson.yaml"
WORK_FOLDER = ".work"
_FORMAT = 3
"""Counts up whenever the same script gives other truth."""
_SPOKEN, _MIXED, _FILMED = 0.1, 0.2, 0.97
"""Rough shares of the work when there is a film, for the estimate only."""


@dataclass(frozen=True, slots=True)
class ProduceOptions:
    """How to make a lesson. Media and truth do not depend on ``jobs``.

    ``picture`` without ``figures`` (a folder of characters) takes schematic figures; without
    ``picture`` only sound is made. ``recordings`` is where relative paths of voices start.
    """

    picture: bool = True
    figures: Path | None = None
    jobs: int = 2
    recordings: Path = Path()


@dataclass(frozen=True, slots=True)
class TruthRecord:
    """What a made lesson's folder holds: every file by its path inside and its SHA-256.

    ``made_from`` is the digest of the script, the figures and the format of the truth.
    """

    lesson_id: str
    seed: int
    profile: str
    language: str
    duration_s: float
    streams: tuple[str, ...]
    made_from: str
    version: str
    files: Mapping[str, str] = field(default_factory=dict)


TRUTH: DocumentSchema[TruthRecord] = DocumentSchema(
    "truth", 1, TruthRecord, "What a made lesson's folder holds."
)


@dataclass(frozen=True, slots=True)
class Produced:
    """A finished folder; ``reused`` where everything was there already."""

    folder: Path
    record: TruthRecord
    reused: bool


def produce(
    script: Script, out: Path, options: ProduceOptions, progress: Progress = silent
) -> Produced:
    """Make the lesson of ``script`` in the folder ``out``.

    Leaves ``<camera>.mp4`` or, without pictures, ``<microphone>.wav``; ``lesson.yaml`` for
    ``classwatch analyze``; ``script.yaml``; ``truth/`` in the layout of an analysed lesson's
    folder with RTTM, UEM, EAF, COCO and interval files beside; ``truth.json`` last. Raises
    InputError for a script or figures that cannot be used, ModelError where an engine is not
    installed, ResourceError where the disk does not allow it.
    """
    check_script(script)
    made_from = _made_from(script, options)
    with held(out / STATE_FOLDER / "simulate.lock"):
        there = complete(out, made_from)
        if there is not None:
            return Produced(out, there, reused=True)
        work = out / WORK_FOLDER / made_from[:16]
        _make_room(out, work)
        record = _Job(script, out, work, options, made_from).run(progress)
        with disk_errors(out):
            shutil.rmtree(out / WORK_FOLDER)
    progress(1.0)
    return Produced(out, record, reused=False)


def complete(out: Path, made_from: str) -> TruthRecord | None:
    """The record of ``out`` where it holds all of the lesson with this digest, unchanged."""
    try:
        record = read_document(out / TRUTH_FILE, TRUTH)
    except InputError:
        return None
    if record.made_from != made_from or record.version != __version__:
        return None
    whole = all(_is(out / name, digest) for name, digest in record.files.items())
    return record if whole else None


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and sha256_of(path) == digest


def _made_from(script: Script, options: ProduceOptions) -> str:
    figures = None
    if options.picture and options.figures is not None:
        figures = {p.name: sha256_of(p) for p in sorted(options.figures.glob("*.npz"))}
    parts = {
        "format": _FORMAT,
        "script": script_yaml(script),
        "picture": options.picture and bool(script.cameras),
        "figures": figures,
    }
    return hashlib.sha256(canonical_json(parts)).hexdigest()


def _make_room(out: Path, work: Path) -> None:
    """Remove what belongs to another lesson or to an unfinished one; keep pieces of this one."""
    with disk_errors(out):
        work.mkdir(parents=True, exist_ok=True)
        for other in (out / WORK_FOLDER).iterdir():
            if other != work:
                shutil.rmtree(other)
        _remove_earlier(out)


def _remove_earlier(out: Path) -> None:
    """Files of an earlier lesson in this folder, by its own list; nothing that others put there."""
    earlier: Mapping[str, str] = {}
    with suppress(InputError):
        earlier = read_document(out / TRUTH_FILE, TRUTH).files
    (out / TRUTH_FILE).unlink(missing_ok=True)
    for name, digest in earlier.items():
        parts = Path(name).parts
        inside = len(parts) <= 2 and ".." not in parts and not Path(name).is_absolute()
        if inside and _is(out / name, digest):
            (out / name).unlink()


@dataclass(frozen=True, slots=True)
class _Job:
    script: Script
    out: Path
    work: Path
    options: ProduceOptions
    made_from: str

    def run(self, progress: Progress) -> TruthRecord:
        media = media_streams(self.script, picture=self.options.picture)
        filmed = self.options.picture and bool(self.script.cameras)
        end = _MIXED if filmed else 1.0
        speaker = Speaker(self.script, self.options.recordings)
        spoken = self._speak(speaker, lambda share: progress(share * end / 2))
        timeline = resolve(self.script, {name: s.spoken for name, s in spoken.items()})
        sound = mix(timeline, spoken, places_of(timeline, _plans(timeline)), speaker)
        progress(end * 0.95)
        speech = speech_truth(timeline, sound.played)
        if filmed:
            cameras = self._film(timeline, sound, media, progress)
        else:
            cameras = ()
            for stream in media:
                write_wav(self.work / stream.file, sound.track(stream.source).samples)
        return self._publish(timeline, speech, media, cameras)

    def _speak(self, speaker: Speaker, progress: Progress) -> dict[str, SpokenSound]:
        spoken: dict[str, SpokenSound] = {}
        count = len(self.script.utterances)
        for done, utterance in enumerate(self.script.utterances, start=1):
            spoken[utterance.id] = speaker.utterance(utterance)
            progress(done / count)
        return spoken

    def _film(
        self, timeline: Timeline, sound: Mix, media: Sequence[MediaStream], progress: Progress
    ) -> tuple[CameraTruth, ...]:
        from classwatch.simulate.film.shoot import FilmOptions
        from classwatch.simulate.filming import film

        def part(share: float, /) -> None:
            progress(_MIXED + (_FILMED - _MIXED) * share)

        how = FilmOptions(figures=self.options.figures, workers=self.options.jobs)
        folders = film(timeline, sound, self.work, how, part)
        return tuple(CameraTruth(stream, folders[stream.source]) for stream in media)

    def _publish(
        self,
        timeline: Timeline,
        speech: SpeechTruth,
        media: Sequence[MediaStream],
        cameras: Sequence[CameraTruth],
    ) -> TruthRecord:
        """Put all files in place, ``truth.json`` last."""
        truth = self.work / TRUTH_FOLDER
        with disk_errors(truth):
            shutil.rmtree(truth, ignore_errors=True)
            truth.mkdir(parents=True)
        pictures: tuple[PictureTruth, ...] = read_pictures(timeline, cameras)
        files: Files = speech_files(timeline, speech, media)
        files |= measure_files(timeline, speech, pictures)
        _write(truth, files)
        if cameras:
            publish_pictures(cameras, pictures, self.script.lesson_id, truth)
        for camera in cameras:
            with disk_errors(truth):
                shutil.copyfile(
                    camera.folder / "coco.json", truth / f"{camera.stream.name}.coco.json"
                )
        digests = {path.name: sha256_of(path) for path in sorted(truth.iterdir())}
        media_digests = {s.file: sha256_of(self.work / s.file) for s in media}
        inputs = [input_record(s, self.work / s.file, media_digests[s.file]) for s in media]
        _write(truth, lesson_file(timeline, inputs, digests))
        top: Files = {
            SCRIPT_FILE: script_yaml(self.script).encode(),
            MANIFEST_FILE: manifest_text(self.script, media).encode(),
        }
        _write(self.work, top)
        return self._place(timeline, media, [*top, *(s.file for s in media)])

    def _place(
        self, timeline: Timeline, media: Sequence[MediaStream], top: Sequence[str]
    ) -> TruthRecord:
        truth = sorted(p.name for p in (self.work / TRUTH_FOLDER).iterdir())
        names = sorted([*top, *(f"{TRUTH_FOLDER}/{name}" for name in truth)])
        files = {name: sha256_of(self.work / name) for name in names}
        with disk_errors(self.out):
            (self.out / TRUTH_FOLDER).mkdir(exist_ok=True)
            for name in names:
                (self.work / name).replace(self.out / name)
        record = TruthRecord(
            lesson_id=self.script.lesson_id,
            seed=self.script.seed,
            profile=self.script.profile,
            language=self.script.language,
            duration_s=timeline.duration_s,
            streams=tuple(s.name for s in media),
            made_from=self.made_from,
            version=__version__,
            files=files,
        )
        replace_bytes(self.out / TRUTH_FILE, document_bytes(TRUTH, record))
        return record


def _plans(timeline: Timeline) -> tuple[Floorplan, ...]:
    """Floor plans of the lesson's rooms, the same that its pictures are drawn in."""
    count = 1 if timeline.script.far_room is None else 2
    scripts = [in_room(timeline, number).script for number in range(count)]
    return tuple(plan_room(script.room, script.seed) for script in scripts)


def _write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        replace_bytes(folder / name, content, durable=False)
