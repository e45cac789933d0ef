"""Voice activity, words, and turns with roles, all on the lesson clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.core.issues import Issue, Severity
from classwatch.core.speech import RoleEvidence, SoundSpan, SpeechActivity, Transcript, Turn
from classwatch.exchange.transcripts import read_transcript
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.media import SOUND_FILE
from classwatch.speech.embedders.choose import load_teller
from classwatch.speech.gates import gate_issues, sound_gates
from classwatch.speech.labels import assign_transcript_roles
from classwatch.speech.loudness import loudness_issues
from classwatch.speech.roles import assign_roles
from classwatch.speech.sound_classes import classify_sounds, speech_by_sound
from classwatch.speech.speakers import find_voices
from classwatch.speech.suspect import mark_suspects
from classwatch.speech.transcribe import Expectations, Run, transcribe
from classwatch.speech.vad import detect_speech
from classwatch.store.artifacts import (
    load_activity,
    load_document,
    save_activity,
    save_document,
    save_turns,
)
from classwatch.store.audio import AudioFile
from classwatch.store.codec import decode
from classwatch.store.documents import ROLE_EVIDENCE, DocumentSchema


@dataclass(frozen=True, slots=True)
class Words:
    """The lesson's words, or None when there is neither a recogniser nor a transcript."""

    transcript: Transcript | None


WORDS: DocumentSchema[Words] = DocumentSchema(
    "words", 1, Words, "The lesson's words before roles, if any."
)


@dataclass(frozen=True, slots=True)
class Heard:
    """Whether the lesson has sound at all."""

    sound: bool


HEARD: DocumentSchema[Heard] = DocumentSchema(
    "heard", 1, Heard, "Whether the lesson has sound (cache only)."
)


SOUNDS: DocumentSchema[tuple[SoundSpan, ...]] = DocumentSchema(
    "sounds", 1, tuple[SoundSpan, ...], "What kind of sound is heard when (cache only)."
)


def read_optional_activity(folder: Path) -> SpeechActivity | None:
    """What was heard, or None for a lesson without sound."""
    return load_activity(folder) if load_document(folder, HEARD).sound else None


def read_words(folder: Path) -> Transcript | None:
    """The transcript in a stage's folder, or None when the lesson has no words."""
    return load_document(folder, WORDS).transcript


def run_vad(context: StageContext) -> None:
    """Where anybody speaks, and how loud it is."""
    sound = context.inputs["sound"] / SOUND_FILE
    save_document(context.out, HEARD, Heard(sound.is_file()))
    if not sound.is_file():
        return
    with AudioFile(sound) as audio:
        activity = detect_speech(audio, context.config.vad, context.progress)
        sounds = classify_sounds(audio, activity)
    save_document(context.out, SOUNDS, sounds)
    save_activity(context.out, speech_by_sound(activity, sounds))


def run_transcribe(context: StageContext) -> None:
    """The user's transcript, or recognition, or neither with the reason."""
    activity = read_optional_activity(context.inputs["vad"])
    transcript = _supplied(context)
    if transcript is not None and activity is not None:
        transcript = mark_suspects(transcript, activity, context.config.transcribe)
    if transcript is None and activity is not None:
        transcript = _recognised(context, activity)
    save_document(context.out, WORDS, Words(transcript))


def _supplied(context: StageContext) -> Transcript | None:
    if context.lesson.transcript is None:
        return None
    transcript = read_transcript(context.lesson.transcript)
    if not transcript.segments:
        raise InputError(
            "the transcript holds no text",
            subject=str(context.lesson.transcript),
            remedy="remove the file, or give another with --transcript",
        )
    return transcript


def _recognised(context: StageContext, activity: SpeechActivity) -> Transcript | None:
    model = context.models.get("asr")
    if model is None:
        context.report(
            Issue(
                "words.no_model",
                Severity.ABSTAINED,
                "transcribe",
                "no speech recognition model is installed and no transcript was given; "
                "everything that needs words is left out",
                remedy="put a transcript beside the recording (.vtt, .srt, .json, .TextGrid), or "
                "run `classwatch models pull faster-whisper-small`, or carry a model over and "
                "run `classwatch models import FOLDER`",
            )
        )
        return None
    with AudioFile(context.inputs["sound"] / SOUND_FILE) as audio:
        return transcribe(
            audio,
            activity,
            model.path,
            context.config.transcribe,
            Run(
                decode(context.settings["expected"], Expectations),
                context.device,
                context.progress,
            ),
        )


def run_turns(context: StageContext) -> None:
    """Who speaks when, with the evidence; the words get their roles from it."""
    activity = read_optional_activity(context.inputs["vad"])
    transcript = read_words(context.inputs["transcribe"])
    turns: tuple[Turn, ...] = ()
    evidence: tuple[RoleEvidence, ...] = ()
    if activity is not None:
        model = context.models.get("speaker")
        teller = load_teller(model.path, context.device) if model else None
        cfg = context.config.speakers
        with AudioFile(context.inputs["sound"] / SOUND_FILE) as audio:
            voices = find_voices(audio, activity, cfg, context.progress, teller)
            sounds = load_document(context.inputs["vad"], SOUNDS)
            result = assign_roles(voices, transcript, cfg, sounds)
            gates = sound_gates(audio, activity, result.turns)
        turns, evidence = result.turns, result.evidence
        found = loudness_issues(activity, turns) if turns else ()
        context.report(*result.issues, *gate_issues(gates), *found)
    if transcript is not None:
        transcript = assign_transcript_roles(transcript, turns)
    save_turns(context.out, turns)
    save_document(context.out, ROLE_EVIDENCE, evidence)
    save_document(context.out, WORDS, Words(transcript))
