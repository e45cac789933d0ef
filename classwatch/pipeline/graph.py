"""The stages of one lesson with their keys, in an order that satisfies every dependency."""

from __future__ import annotations

import hashlib
from typing import Any

from classwatch.core.issues import Issue
from classwatch.core.lesson import StreamSpec
from classwatch.core.media import StreamRole
from classwatch.discourse.classifiers import shipped_models
from classwatch.pipeline.prepare import Prepared
from classwatch.pipeline.stage import Stage, StageKind
from classwatch.pipeline.versions import versions
from classwatch.store.codec import encode
from classwatch.store.jsonio import canonical_json
from classwatch.vision.engine import resolve

_STAGES = "classwatch.pipeline.stages"

MEDIA = StageKind("media", 1, f"{_STAGES}.media:run_media")
SOUND = StageKind("sound", 1, f"{_STAGES}.media:run_sound")
VAD = StageKind("vad", 1, f"{_STAGES}.speech:run_vad")
TRANSCRIBE = StageKind("transcribe", 1, f"{_STAGES}.speech:run_transcribe")
TURNS = StageKind("turns", 1, f"{_STAGES}.speech:run_turns")
POSE = StageKind("pose", 2, f"{_STAGES}.pose:run_pose")
PEOPLE = StageKind("people", 1, f"{_STAGES}.people:run_people")
CORRECT = StageKind("correct", 1, f"{_STAGES}.correct:run_correct")
MEASURES = StageKind("measures", 3, f"{_STAGES}.measures:run_measures")
REPORT = StageKind("report", 1, f"{_STAGES}.report:run_report")

_SOUND_ORDER = (
    StreamRole.AUDIO,
    StreamRole.MIXED,
    StreamRole.TEACHER_CAM,
    StreamRole.STUDENT_CAM,
    StreamRole.SCREEN,
)


def sound_order(streams: tuple[StreamSpec, ...]) -> tuple[StreamSpec, ...]:
    """Streams in the order in which they are asked for sound; the first with any is used."""
    return tuple(sorted(streams, key=lambda s: _SOUND_ORDER.index(s.role)))


def build_graph(prepared: Prepared) -> tuple[Stage, ...]:
    """Every stage of the lesson, upstream first."""
    media = {s.name: _media(prepared, s) for s in prepared.lesson.streams}
    speech = _speech(prepared, media)
    picture = [
        stage
        for s in prepared.lesson.video_streams
        for stage in _picture(prepared, s, media[s.name])
    ]
    seen = (*media.values(), *speech, *picture)
    return (*seen, *last_stages(prepared, seen))


def last_stages(prepared: Prepared, seen: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Corrections where there are any, measures and report, after everything ``seen`` and heard."""
    corrections = prepared.digests.get("corrections")
    if corrections is not None:
        turns = tuple(s for s in seen if s.name == "turns" or s.name.startswith("people:"))
        media = tuple(s for s in seen if s.name.startswith("media:"))
        seen = (*seen, CORRECT.bind(after=(*media, *turns), sources=(corrections,)))
    settings = {**_dump(prepared, "metrics"), "text_models": [m.sha256 for m in shipped_models()]}
    measures = MEASURES.bind(after=seen, settings=settings)
    report = REPORT.bind(after=(*seen, measures), settings=_report_settings(prepared))
    return (*(s for s in seen if s.name == "correct"), measures, report)


def _report_settings(prepared: Prepared) -> dict[str, Any]:
    lesson = prepared.lesson
    config = prepared.config.model_dump(mode="json")
    return {
        "language": prepared.config.report.language,
        "config_digest": hashlib.sha256(canonical_json(config)).hexdigest(),
        "lesson": lesson.id,
        "metadata": dict(lesson.metadata),
        "streams": [(s.name, s.role.value, s.offset_s) for s in lesson.streams],
        "digests": sorted((s.name, prepared.digests[s.name]) for s in lesson.streams),
        "models": sorted((m.name, m.task, m.sha256) for m in prepared.models.values()),
        "versions": sorted(versions().items()),
        "issues": [encode(issue, Issue) for issue in prepared.issues],
    }


def _dump(prepared: Prepared, *sections: str) -> dict[str, Any]:
    whole: dict[str, Any] = prepared.config.model_dump(mode="json")
    return {section: whole[section] for section in sections}


def _media(prepared: Prepared, stream: StreamSpec) -> Stage:
    return MEDIA.bind(stream=stream.name, sources=(prepared.digests[stream.name],))


def _speech(prepared: Prepared, media: dict[str, Stage]) -> tuple[Stage, ...]:
    ordered = sound_order(prepared.lesson.streams)
    sound = SOUND.bind(
        after=tuple(media[s.name] for s in ordered),
        settings={
            "audio_track": prepared.config.media.audio_track,
            "streams": [(s.role.value, s.offset_s) for s in ordered],
        },
    )
    vad = VAD.bind(after=(sound,), settings=_dump(prepared, "vad"))
    supplied = prepared.digests.get("transcript")
    asr = prepared.models.get("asr")
    transcribe = TRANSCRIBE.bind(
        after=(sound, vad),
        settings=_dump(prepared, "transcribe"),
        sources=(supplied,) if supplied else (),
        models=(asr,) if asr and not supplied else (),
    )
    turns = TURNS.bind(after=(sound, vad, transcribe), settings=_dump(prepared, "speakers"))
    return (sound, vad, transcribe, turns)


def _picture(prepared: Prepared, stream: StreamSpec, media: Stage) -> tuple[Stage, Stage]:
    model = prepared.models.get("pose")
    every_s = (
        prepared.config.media.teacher_every_s
        if stream.role is StreamRole.TEACHER_CAM
        else prepared.config.media.student_every_s
    )
    settings: dict[str, Any] = {
        "name": stream.name,
        "every_s": every_s,
        "skip": prepared.config.media.skip,
        "chunk_s": prepared.config.media.chunk_s,
        "pose": prepared.config.pose.model_dump(mode="json"),
    }
    if model is not None and stream.role is not StreamRole.SCREEN:
        resolved = resolve(prepared.config.pose, model.path, prepared.device)
        settings["pose"] = resolved.model_dump(mode="json")
    pose = POSE.bind(
        stream=stream.name,
        after=(media,),
        settings=settings,
        sources=(prepared.digests[stream.name],),
        models=(model,) if model and stream.role is not StreamRole.SCREEN else (),
    )
    people = PEOPLE.bind(
        stream=stream.name,
        after=(pose,),
        settings={
            **_dump(prepared, "track", "events"),
            "name": stream.name,
            "role": stream.role.value,
            "offset_s": stream.offset_s,
        },
    )
    return pose, people
