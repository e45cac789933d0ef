"""Voices in the sound, and who they are once sound, words and pictures are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from classwatch.core.events import Event
from classwatch.core.measures import Gate
from classwatch.core.speech import RoleEvidence, Turn
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.media import SOUND_FILE
from classwatch.pipeline.stages.speech import (
    SOUNDS,
    WORDS,
    Words,
    read_optional_activity,
    read_words,
)
from classwatch.speech.embedders.choose import load_teller
from classwatch.speech.gates import gate_issues, sound_gates, turn_gate
from classwatch.speech.labels import assign_transcript_roles
from classwatch.speech.loudness import loudness_issues
from classwatch.speech.role_network import shipped_network
from classwatch.speech.roles import RoleInput, assign_roles
from classwatch.speech.speakers import VoiceTurns, find_voices
from classwatch.store.arrays import save_arrays, stored_arrays
from classwatch.store.artifacts import load_document, load_events, save_document, save_turns
from classwatch.store.audio import AudioFile
from classwatch.store.documents import ROLE_EVIDENCE, SOUND_CHECKS
from classwatch.store.motion import load_motion

VOICES_FILE = "voices.npz"
_ARRAYS = ("span", "run", "voice", "certainty", "many", "pitch_hz", "level_db", "distance")
_PARTS = ("part", "part_distance")
_OVERLAP = ("overlap", "second")


def run_voices(context: StageContext) -> None:
    """Which stretches of speech share a voice, and whether the recording can carry conclusions."""
    activity = read_optional_activity(context.inputs["vad"])
    if activity is None:
        return
    model = context.models.get("speaker")
    teller = load_teller(model.path, context.device) if model else None
    with AudioFile(context.inputs["sound"] / SOUND_FILE) as audio:
        cfg = context.config.speakers
        voices = find_voices(audio, activity, cfg, context.progress, teller)
        gates = sound_gates(audio, activity)
    context.report(*gate_issues(gates))
    save_document(context.out, SOUND_CHECKS, gates)
    save_voices(context.out, voices)


def save_voices(folder: Path, voices: VoiceTurns) -> None:
    """Store ``voices.npz`` between stages: numbers of voices, never what they sound like."""
    arrays = {name: getattr(voices, name) for name in (*_ARRAYS, *_PARTS, *_OVERLAP)}
    save_arrays(folder / VOICES_FILE, {"count_range": np.array(voices.count_range), **arrays})


def load_voices(folder: Path) -> VoiceTurns:
    """The voices of ``save_voices``; ``DataError`` naming the file where it is damaged."""
    with stored_arrays(folder / VOICES_FILE, "the voices of a lesson") as arrays:
        least, most = arrays["count_range"].tolist()
        own = {name: arrays[name] for name in (*_ARRAYS, *_PARTS, *_OVERLAP)}
        return VoiceTurns(**own, count_range=(least, most))


def run_turns(context: StageContext) -> None:
    """Who speaks when, with the evidence; the words get their roles from it.

    Pictures count where any were measured: a lesson of sound alone, or without a pose model, has no
    evidence from them.
    """
    activity = read_optional_activity(context.inputs["vad"])
    transcript = read_words(context.inputs["transcribe"])
    turns: tuple[Turn, ...] = ()
    evidence: tuple[RoleEvidence, ...] = ()
    checks: tuple[Gate, ...] = ()
    if activity is not None:
        cfg = context.config.speakers
        heard = RoleInput(
            load_voices(context.inputs["voices"]),
            load_document(context.inputs["vad"], SOUNDS),
            transcript,
            _seen(context),
            tuple(load_motion(f) for f in context.stream_inputs("people").values()),
        )
        network = shipped_network() if cfg.roles == "network" else None
        result = assign_roles(heard, cfg, network)
        turns, evidence = result.turns, result.evidence
        found = loudness_issues(activity, turns) if turns else ()
        gate = turn_gate(activity, turns)
        context.report(*result.issues, *gate_issues((gate,)), *found)
        checks = (*load_document(context.inputs["voices"], SOUND_CHECKS), gate)
    if transcript is not None:
        transcript = assign_transcript_roles(transcript, turns)
    save_turns(context.out, turns)
    save_document(context.out, ROLE_EVIDENCE, evidence)
    save_document(context.out, SOUND_CHECKS, checks)
    save_document(context.out, WORDS, Words(transcript))


def _seen(context: StageContext) -> tuple[Event, ...] | None:
    """What happens in the pictures of all streams; None where nothing was seen in any."""
    folders = context.stream_inputs("people").values()
    events = tuple(event for folder in folders for event in load_events(folder))
    return events or None
