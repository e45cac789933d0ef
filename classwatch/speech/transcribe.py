"""Speech recognition with faster-whisper, on clips that our own voice detection chose.

The only module that knows faster-whisper's recogniser. Samples are handed over, never a file: its
own decoder drops timestamps. Nothing is ever fetched: a model is a folder that is already there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from classwatch.config.schema import TranscribeConfig
from classwatch.core.errors import ClasswatchError, ModelError, ResourceError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.progress import Progress, silent
from classwatch.core.speech import Origin, Segment, SpeechActivity, Transcript, Word
from classwatch.core.time import Interval
from classwatch.speech.clips import ClipGroup, group_clips, plan_clips
from classwatch.speech.sentences import split_sentences
from classwatch.speech.sound import Sound
from classwatch.speech.suspect import NO_SPEECH, loop_in, mark_suspects

_NEEDED_FILES = ("model.bin", "config.json", "tokenizer.json")
_LANGUAGE_CLIPS = 8
_FORMAT = "a folder in CTranslate2 format: model.bin, config.json, tokenizer.json, vocabulary.json"


def transcribe(
    audio: Sound,
    activity: SpeechActivity,
    model_dir: Path,
    cfg: TranscribeConfig,
    *,
    device: str = "auto",
    progress: Progress = silent,
) -> Transcript:
    """Words of the lesson with times on its clock; doubtful text is marked, not deleted.

    ``model_dir`` is a CTranslate2 Whisper folder; ``device`` is ``auto``, ``cpu`` or ``cuda``
    (int8 on a processor, float16 on a GPU). At most 10 minutes of sound are in memory at a time.
    Raises ``ModelError`` when the folder cannot be used and ``ResourceError`` when memory runs
    out. Without any speech no model is loaded and the transcript is empty.
    """
    clips = plan_clips(activity, audio.duration_s)
    if not clips:
        unheard = "" if cfg.language == "auto" else cfg.language
        return Transcript((), unheard, Origin.PREDICTED, model_dir.name)
    model = load_model(model_dir, device)
    language = spoken_language(model, audio, clips, cfg)
    segments: list[Segment] = []
    for group in group_clips(clips):
        segments.extend(_recognise(model, audio, group, language, cfg))
        progress(min(1.0, group.span.end_s / audio.duration_s))
    segments.sort(key=lambda s: (s.start_s, s.end_s))
    transcript = Transcript(tuple(segments), language, Origin.PREDICTED, model_dir.name)
    return mark_suspects(transcript, activity, cfg)


def load_model(model_dir: Path, device: str) -> Any:
    """The recogniser in ``model_dir``; ``ModelError`` says which file is missing or wrong."""
    for name in _NEEDED_FILES:
        # Without tokenizer.json faster-whisper would go to the network for another model's.
        if not (model_dir / name).is_file():
            raise ModelError(
                f"{name} is missing", subject=str(model_dir), remedy=f"import {_FORMAT}"
            )
    from ctranslate2 import get_cuda_device_count
    from faster_whisper import WhisperModel

    if device == "auto":
        device = "cuda" if get_cuda_device_count() else "cpu"
    compute = "float16" if device == "cuda" else "int8"
    try:
        model = WhisperModel(str(model_dir), device=device, compute_type=compute)
    except Exception as error:
        raise _translated(error, model_dir) from error
    mels = int(model.model.n_mels)
    if model.feature_extractor.mel_filters.shape[0] != mels:
        raise ModelError(
            f"the model wants {mels} mel bands, which preprocessor_config.json does not say",
            subject=str(model_dir),
            remedy="copy preprocessor_config.json of the model into the folder",
        )
    return model


def spoken_language(
    model: Any, audio: Sound, clips: tuple[Interval, ...], cfg: TranscribeConfig
) -> str:
    """Language code: as configured, else the one most probable over several clips together."""
    if not model.model.is_multilingual:
        return "en"
    if cfg.language != "auto":
        return cfg.language
    votes = []
    for clip in language_clips(clips):
        samples = audio.read(clip.start_s, clip.end_s)
        _, _, probabilities = model.detect_language(audio=samples)
        votes.append(probabilities)
    return elect_language(votes)


def language_clips(clips: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Up to eight clips spread over the lesson, the longest of each part of it."""
    parts = min(_LANGUAGE_CLIPS, len(clips))
    chosen = []
    for i in range(parts):
        part = clips[i * len(clips) // parts : (i + 1) * len(clips) // parts]
        chosen.append(max(part, key=lambda c: c.duration_s))
    return tuple(chosen)


def elect_language(votes: Iterable[Iterable[tuple[str, float]]]) -> str:
    """Language with the highest summed probability; one clip in another language is outvoted."""
    totals: dict[str, float] = defaultdict(float)
    for vote in votes:
        for language, probability in vote:
            totals[language] += probability
    return max(sorted(totals), key=lambda language: totals[language])


def _recognise(
    model: Any, audio: Sound, group: ClipGroup, language: str, cfg: TranscribeConfig
) -> list[Segment]:
    from faster_whisper import BatchedInferencePipeline

    # Times of the clips count from the first sample read, not from where reading was asked for.
    origin_s = round(group.span.start_s * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    samples = audio.read(group.span.start_s, group.span.end_s)
    stamps = [{"start": c.start_s - origin_s, "end": c.end_s - origin_s} for c in group.clips]
    stamps[0]["start"] = 0.0
    try:
        found, _ = BatchedInferencePipeline(model).transcribe(
            samples,
            language=language,
            beam_size=cfg.beam_size,
            batch_size=cfg.batch_size,
            clip_timestamps=stamps,
            word_timestamps=True,
            initial_prompt=cfg.prompt_zh if language == "zh" and cfg.prompt_zh else None,
            hotwords=cfg.hotwords or None,
            vad_filter=False,
        )
        raw = list(found)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise _translated(error, Path("faster-whisper")) from error
    segments: list[Segment] = []
    for one in raw:
        # ``seek`` is where the clip begins, in frames of 10 ms from the first sample.
        began_s = origin_s + one.seek / 100.0
        clip = min(group.clips, key=lambda c: abs(c.start_s - began_s))
        segments.extend(_segments(one, origin_s, clip, language, cfg))
    return segments


def _segments(
    raw: Any, origin_s: float, clip: Interval, language: str, cfg: TranscribeConfig
) -> list[Segment]:
    """Sentences of one recognised clip, times mapped to the lesson clock, in order, inside it."""
    text = raw.text.strip()
    if not text:
        return []
    words, reached_s = [], clip.start_s
    for word in raw.words or ():
        start_s = min(max(float(word.start) + origin_s, reached_s), clip.end_s)
        reached_s = min(max(float(word.end) + origin_s, start_s), clip.end_s)
        words.append(Word(start_s, reached_s, word.word, round(float(word.probability), 4)))
    segment = Segment(
        start_s=words[0].start_s if words else clip.start_s,
        end_s=words[-1].end_s if words else clip.end_s,
        text=text,
        words=tuple(words),
        language=language,
        suspect=NO_SPEECH if raw.no_speech_prob > cfg.max_no_speech else loop_in(text, cfg),
    )
    return split_sentences(segment)


def _translated(error: BaseException, subject: Path) -> ClasswatchError:
    text = str(error).strip() or type(error).__name__
    if isinstance(error, MemoryError) or "out of memory" in text.lower():
        return ResourceError(
            f"memory ran out: {text}",
            subject=str(subject),
            remedy="lower transcribe.batch_size or use a smaller model",
        )
    no_gpu = "cuda" in text.lower() or "cudnn" in text.lower()
    return ModelError(
        f"the recogniser cannot be used: {text}",
        subject=str(subject),
        remedy="run it on the processor" if no_gpu else f"import {_FORMAT}",
    )
