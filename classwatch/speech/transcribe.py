"""Words of a lesson: clips that our own voice detection chose, heard by any recogniser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from classwatch.config.schema import TranscribeConfig
from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.progress import Progress, silent
from classwatch.core.speech import Origin, Segment, SpeechActivity, Transcript, Word
from classwatch.core.time import Interval
from classwatch.speech.clips import ClipGroup, group_clips, plan_clips
from classwatch.speech.languages import clip_languages, elect_language, language_clips
from classwatch.speech.normalise import simplified_words, to_simplified
from classwatch.speech.punctuation import has_marks, restore
from classwatch.speech.recognisers.choose import load_recogniser
from classwatch.speech.recognisers.port import Decoding, Hearing, Hint, Recogniser, Said, Samples
from classwatch.speech.sentences import split_sentences
from classwatch.speech.sound import Sound
from classwatch.speech.subjects import Subject
from classwatch.speech.suspect import NO_SPEECH, loop_in, mark_suspects


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is known of the words beforehand; part of what a transcript depends on.

    ``hints`` maps languages to prompt and words to favour. Sound is cut into clips of at most
    ``longest_clip_s``.
    """

    hints: tuple[tuple[str, Hint], ...]
    longest_clip_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """How one transcription is carried out. ``expected`` None: as configured, of no subject.

    ``device`` is ``auto``, ``cpu`` or ``cuda`` and does not change what is recognised.
    """

    expected: Expectations | None = None
    device: str = "auto"
    progress: Progress = silent


def expectations(cfg: TranscribeConfig, subject: Subject | None) -> Expectations:
    """Expectations from the configuration and the lesson's subject, if it has one."""
    hints = []
    for language, general, space in (("zh", cfg.prompt_zh, ""), ("en", cfg.prompt_en, " ")):
        prompt = subject.prompt.get(language, "") if subject else ""
        hotwords = subject.hotwords.get(language, "") if subject else ""
        prompts = space.join(filter(None, (general, prompt)))
        hints.append((language, Hint(prompts, f"{cfg.hotwords} {hotwords}".strip())))
    longest_s = subject.longest_clip_s if subject and subject.longest_clip_s else None
    return Expectations(tuple(hints), min(cfg.longest_clip_s, longest_s or cfg.longest_clip_s))


def transcribe(
    audio: Sound,
    activity: SpeechActivity,
    model_dir: Path,
    cfg: TranscribeConfig,
    run: Run = Run(),
) -> Transcript:
    """Words of the lesson with times on its clock; doubtful text is marked, not deleted.

    ``model_dir`` is the folder of a recogniser (see ``recognisers.choose``). Every segment has
    its own language unless one is configured. At most 10 minutes of sound are in memory at a
    time. Raises ``ModelError`` when the folder cannot be used and ``ResourceError`` when memory
    runs out. Without any speech no model is loaded and the transcript is empty.
    """
    expected = run.expected or expectations(cfg, None)
    clips = plan_clips(activity, audio.duration_s, expected.longest_clip_s)
    if not clips:
        unheard = "" if cfg.language == "auto" else cfg.language
        return Transcript((), unheard, Origin.PREDICTED, model_dir.name)
    decoding = Decoding(
        beam_size=cfg.beam_size,
        batch_size=cfg.batch_size,
        hints=dict(expected.hints),
        precision=cfg.precision,
        written_numbers=cfg.written_numbers,
    )
    recogniser = load_recogniser(model_dir, run.device, decoding)
    lesson = _lesson_language(recogniser, audio, clips, cfg)
    segments: list[Segment] = []
    before = lesson
    for group in group_clips(clips):
        pieces = _pieces(audio, group)
        hearing = recogniser.hear(pieces)
        languages = _languages(hearing, group, recogniser, cfg, (lesson, before))
        for clip, language, said in zip(
            group.clips, languages, hearing.said(languages), strict=True
        ):
            segments.extend(_segments(said, clip, language, cfg))
        before = languages[-1]
        run.progress(min(1.0, group.span.end_s / audio.duration_s))
    segments.sort(key=lambda s: (s.start_s, s.end_s))
    transcript = Transcript(tuple(segments), lesson, Origin.PREDICTED, model_dir.name)
    return mark_suspects(transcript, activity, cfg, tuple(hint for _, hint in expected.hints))


def _pieces(audio: Sound, group: ClipGroup) -> list[Samples]:
    """Samples of every clip, cut from one reading of the group."""
    first = round(group.span.start_s * SAMPLE_RATE_HZ)
    samples = audio.read(group.span.start_s, group.span.end_s)
    return [
        samples[round(c.start_s * SAMPLE_RATE_HZ) - first : round(c.end_s * SAMPLE_RATE_HZ) - first]
        for c in group.clips
    ]


def _lesson_language(
    recogniser: Recogniser, audio: Sound, clips: tuple[Interval, ...], cfg: TranscribeConfig
) -> str:
    """Language of the lesson: as configured, else the one most probable over several clips.

    A recogniser of one language is not asked. Raises ``ModelError`` where it does not know the
    configured language.
    """
    known = recogniser.languages
    if cfg.language not in ("auto", *known):
        raise ModelError(
            f"the recogniser does not know {cfg.language}, only {', '.join(sorted(known))}",
            subject="transcribe.model",
            remedy="choose another with --set transcribe.model=NAME, or give a transcript",
        )
    if len(known) == 1:
        return next(iter(known))
    if cfg.language != "auto":
        return cfg.language
    heard = [audio.read(c.start_s, c.end_s) for c in language_clips(clips)]
    return elect_language(recogniser.hear(heard).scores()) or "zh"


def _languages(
    hearing: Hearing,
    group: ClipGroup,
    recogniser: Recogniser,
    cfg: TranscribeConfig,
    known: tuple[str, str],
) -> tuple[str, ...]:
    """Language of every clip; ``known`` are those of the lesson and of the clip before."""
    lesson, before = known
    if cfg.language != "auto" or len(recogniser.languages) == 1:
        return (lesson,) * len(group.clips)
    durations_s = [clip.duration_s for clip in group.clips]
    return clip_languages(hearing.scores(), durations_s, lesson, before)


def _segments(said: Said, clip: Interval, language: str, cfg: TranscribeConfig) -> list[Segment]:
    """Sentences of one recognised clip, times mapped to the lesson clock, in order, inside it."""
    text, words = said.text, said.words
    if not text:
        return []
    if cfg.simplified and language == "zh":
        text, words = to_simplified(text), simplified_words(words)
    doubt = NO_SPEECH if said.no_speech > cfg.max_no_speech else loop_in(text, cfg)
    restored = bool(words) and not has_marks(text)
    if restored:
        words = restore(words)
        text = "".join(w.text for w in words).strip()
    words = _on_the_clock(words, clip)
    segment = Segment(
        start_s=words[0].start_s if words else clip.start_s,
        end_s=words[-1].end_s if words else clip.end_s,
        text=text,
        words=words,
        language=language,
        suspect=doubt,
        punctuation_restored=restored,
    )
    return split_sentences(segment)


def _on_the_clock(words: tuple[Word, ...], clip: Interval) -> tuple[Word, ...]:
    placed = []
    reached_s = clip.start_s
    for word in words:
        start_s = min(max(word.start_s + clip.start_s, reached_s), clip.end_s)
        reached_s = min(max(word.end_s + clip.start_s, start_s), clip.end_s)
        placed.append(replace(word, start_s=start_s, end_s=reached_s))
    return tuple(placed)
