"""The stages of one lesson with their keys, in an order that satisfies every dependency."""

from __future__ import annotations

import hashlib
from typing import Any

from classwatch.core.issues import Issue
from classwatch.core.lesson import StreamSpec
from classwatch.core.media import StreamRole
from classwatch.models.shipped import (
    BODY_JOINTS,
    SPEECH_ROLES,
    SPEECH_SOUNDS,
    STUDENT_ACTS,
    TEACHER_ACTS,
    shipped,
    shipped_text_models,
)
from classwatch.pipeline.prepare import Prepared
from classwatch.pipeline.stage import ModelUse, Stage, StageKind
from classwatch.pipeline.stages.clocks import needs_aligning
from classwatch.pipeline.versions import installed, versions
from classwatch.speech.subjects import lesson_subject
from classwatch.store.codec import encode
from classwatch.store.jsonio import canonical_json
from classwatch.vision.engine import resolve

_STAGES = "classwatch.pipeline.stages"

MEDIA = StageKind("media", 1, f"{_STAGES}.media:run_media")
ALIGN = StageKind("align", 1, f"{_STAGES}.align:run_align")
SOUND = StageKind("sound", 1, f"{_STAGES}.media:run_sound")
VAD = StageKind("vad", 8, f"{_STAGES}.speech:run_vad")
TRANSCRIBE = StageKind("transcribe", 2, f"{_STAGES}.speech:run_transcribe")
VOICES = StageKind("voices", 2, f"{_STAGES}.voices:run_voices")
TURNS = StageKind("turns", 6, f"{_STAGES}.voices:run_turns")
POSE = StageKind("pose", 10, f"{_STAGES}.pose:run_pose")
PEOPLE = StageKind("people", 16, f"{_STAGES}.people:run_people")
_ACTS = (STUDENT_ACTS, TEACHER_ACTS)
SLIDES = StageKind("slides", 1, f"{_STAGES}.slides:run_slides")
CORRECT = StageKind("correct", 1, f"{_STAGES}.correct:run_correct")
CODES = StageKind("codes", 2, f"{_STAGES}.codes:run_codes")
MEASURES = StageKind("measures", 11, f"{_STAGES}.measures:run_measures")
REPORT = StageKind("report", 3, f"{_STAGES}.report:run_report")

_ROLE_SETTINGS = {"roles", "min_teacher_margin"}
"""Of the section on speakers, what voices do not depend on."""
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
    clocks = _align(prepared, media)
    speech = _speech(prepared, media, clocks)
    picture = _pictures(prepared, media, clocks)
    turns = _turns(prepared, speech, picture)
    seen = (*media.values(), *clocks, *speech, *picture, turns)
    return (*seen, *last_stages(prepared, seen))


def last_stages(prepared: Prepared, seen: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Corrections if any, codes, measures and report, after everything ``seen`` and heard."""
    corrections = prepared.digests.get("corrections")
    if corrections is not None:
        turns = tuple(s for s in seen if s.name == "turns" or s.name.startswith("people:"))
        media = tuple(s for s in seen if s.name.startswith("media:") or s.name == "align")
        seen = (*seen, CORRECT.bind(after=(*media, *turns), sources=(corrections,)))
    seen = (*seen, CODES.bind(after=seen, settings=_coding(prepared)))
    measures = MEASURES.bind(after=seen, settings=_dump(prepared, "metrics", "floor"))
    report = REPORT.bind(after=(*seen, measures), settings=_report_settings(prepared))
    return (*(s for s in seen if s.name in ("correct", "codes")), measures, report)


def _coding(prepared: Prepared) -> dict[str, Any]:
    """What codes depend on. Where the language model is does not count, nor how long it took."""
    settings: dict[str, Any] = {"text_models": [m.sha256 for m in shipped_text_models()]}
    if prepared.config.discourse.backend == "llm":
        from classwatch.discourse.llm.prompt import prompt_digest

        place = {"base_url", "timeout_s", "retries"}
        asked = prepared.config.discourse.model_dump(mode="json", exclude=place)
        settings |= {"discourse": asked, "prompt": prompt_digest()}
    return settings


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


def _align(prepared: Prepared, media: dict[str, Stage]) -> tuple[Stage, ...]:
    """The stage that finds the streams' clocks, where it has anything to find."""
    if prepared.config.media.align == "off" or not needs_aligning(prepared.lesson):
        return ()
    ordered = sound_order(prepared.lesson.streams)
    stage = ALIGN.bind(
        after=tuple(media[s.name] for s in ordered),
        settings={
            "audio_track": prepared.config.media.audio_track,
            "streams": [(s.name, s.offset_s, s.offset_given) for s in ordered],
        },
        sources=tuple(prepared.digests[s.name] for s in ordered),
    )
    return (stage,)


def _speech(
    prepared: Prepared, media: dict[str, Stage], clocks: tuple[Stage, ...]
) -> tuple[Stage, ...]:
    ordered = sound_order(prepared.lesson.streams)
    sound = SOUND.bind(
        after=(*(media[s.name] for s in ordered), *clocks),
        settings={
            "audio_track": prepared.config.media.audio_track,
            "streams": [(s.role.value, s.offset_s) for s in ordered],
        },
    )
    vad = VAD.bind(
        after=(sound,),
        settings={**_dump(prepared, "vad"), "sound_model": shipped(SPEECH_SOUNDS).sha256},
    )
    supplied = prepared.digests.get("transcript")
    heard = None if supplied else prepared.models.get("asr")
    transcribe = TRANSCRIBE.bind(
        after=(sound, vad),
        settings=_transcribe_settings(prepared, heard),
        sources=(supplied,) if supplied else (),
        models=(heard,) if heard else (),
    )
    embedder = prepared.models.get("speaker")
    whole = prepared.config.speakers.model_dump(mode="json")
    voices = VOICES.bind(
        after=(sound, vad),
        settings={name: value for name, value in whole.items() if name not in _ROLE_SETTINGS},
        models=(embedder,) if embedder else (),
    )
    return (sound, vad, transcribe, voices)


def _turns(prepared: Prepared, speech: tuple[Stage, ...], picture: list[Stage]) -> Stage:
    """Roles, after all that was heard and, for the network, after what the pictures show."""
    cfg = prepared.config.speakers
    own = cfg.model_dump(mode="json", include=_ROLE_SETTINGS)
    heard = tuple(s for s in speech if s.name != "sound")
    if cfg.roles == "rule":
        return TURNS.bind(after=heard, settings=own)
    people = tuple(s for s in picture if s.name.startswith("people:"))
    return TURNS.bind(
        after=(*heard, *people),
        settings={**own, "roles_model": shipped(SPEECH_ROLES).sha256},
    )


def _transcribe_settings(prepared: Prepared, model: ModelUse | None) -> dict[str, Any]:
    """The section, and with a recogniser what the lesson's subject lets it expect."""
    settings = _dump(prepared, "transcribe")
    if model is not None:
        from classwatch.speech.transcribe import Expectations, expectations

        cfg = prepared.config.transcribe
        subject = lesson_subject(cfg, prepared.lesson.metadata.get("subject", ""))
        settings["expected"] = encode(expectations(cfg, subject), Expectations)
    return settings


def _pictures(
    prepared: Prepared, media: dict[str, Stage], clocks: tuple[Stage, ...]
) -> list[Stage]:
    """All that is seen, in cameras for the teacher first: others know the teacher's clothes from
    there."""
    streams = prepared.lesson.video_streams
    stages: list[Stage] = []
    for first in (True, False):
        elsewhere = tuple(s for s in stages if s.name.startswith(("pose:", "people:")))
        for stream in streams:
            if (stream.role is StreamRole.TEACHER_CAM) is first:
                stages += _picture(prepared, stream, media[stream.name], clocks, elsewhere)
    return stages


def _picture(
    prepared: Prepared,
    stream: StreamSpec,
    media: Stage,
    clocks: tuple[Stage, ...],
    elsewhere: tuple[Stage, ...],
) -> tuple[Stage, ...]:
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
        if resolved.joints == "auto":
            settings["joints_model"] = shipped(BODY_JOINTS).sha256
    pose = POSE.bind(
        stream=stream.name,
        after=(media,),
        settings=settings,
        sources=(prepared.digests[stream.name],),
        models=(model,) if model and stream.role is not StreamRole.SCREEN else (),
    )
    events = prepared.config.events
    people = PEOPLE.bind(
        stream=stream.name,
        after=(pose, *clocks, *elsewhere),
        settings={
            "acts_models": [shipped(n).sha256 for n in _ACTS] if events.acts == "network" else [],
            **_dump(prepared, "track", "events"),
            "name": stream.name,
            "role": stream.role.value,
            "offset_s": stream.offset_s,
        },
    )
    if prepared.config.slides.text == "off" or stream.role is not StreamRole.SCREEN:
        return pose, people
    slides = SLIDES.bind(
        stream=stream.name,
        after=(media, people, *clocks),
        settings={
            "every_s": every_s,
            "skip": prepared.config.media.skip,
            "reader": installed("rapidocr-onnxruntime"),
        },
        sources=(prepared.digests[stream.name],),
    )
    return pose, people, slides
