"""Whisper through faster-whisper; the only module that knows it.

Samples are handed over, never a file: the library's own decoder drops timestamps. Its batched
pipeline is not used either: it takes one language for a whole recording, or detects it for each
piece without a look at the neighbours. Here a piece is encoded once, for both questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.speech import Word
from classwatch.speech.recognisers.memory import batch_size, free_mb
from classwatch.speech.recognisers.port import NOTHING, Decoding, Hint, Said, Samples, translated

_NEEDED_FILES = ("model.bin", "config.json", "tokenizer.json")
_FORMAT = "a folder in CTranslate2 format: model.bin, config.json, tokenizer.json, vocabulary.json"
_REMEDY = f"import {_FORMAT}"
_HINT_TOKENS = 180
"""Room for prompt and hot words together: Whisper reads and writes 448 tokens in all, and half a
minute of quick Mandarin takes about 250."""
_APART_S = 1000.0
"""Pieces are aligned as if so far apart, so that none depends on who shares its batch."""
_BEFORE, _AFTER = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


class WhisperRecogniser:
    """A CTranslate2 Whisper model: int8 on a processor, float16 on a GPU."""

    def __init__(self, model_dir: Path, device: str, decoding: Decoding) -> None:
        """Load; ``device`` is ``auto``, ``cpu`` or ``cuda``.

        Raises ``ModelError`` where a file is missing or wrong.
        """
        self.model = load_model(model_dir, device, decoding.precision)
        self.decoding = decoding
        self.subject = str(model_dir)
        weights_mb = (model_dir / "model.bin").stat().st_size / 1e6
        self.batch_size = decoding.batch_size or batch_size(
            weights_mb, free_mb(self.model.model.device), on_gpu=self.model.model.device == "cuda"
        )

    @property
    def languages(self) -> frozenset[str]:
        """All of Whisper's, or English alone for an English-only model."""
        return frozenset(self.model.supported_languages)

    def hear(self, pieces: Sequence[Samples]) -> _Heard:
        """Listen to pieces of at most 30 s."""
        return _Heard(self, pieces)

    # ------------------------------------------------------------ one batch

    def encode(self, pieces: Sequence[Samples]) -> Any:
        """Encoder output of a batch, on the model's device."""
        from faster_whisper.audio import pad_or_trim

        extract = self.model.feature_extractor
        features = np.stack([pad_or_trim(extract(piece)[..., :-1]) for piece in pieces])
        return self.model.encode(features)

    def scores(self, encoded: Any, count: int) -> list[Mapping[str, float]]:
        """Language probabilities of each piece of a batch."""
        if not self.model.model.is_multilingual:
            return [{"en": 1.0}] * count
        found = self.model.model.detect_language(encoded)
        return [{token[2:-2]: float(p) for token, p in one} for one in found]

    def decode(self, encoded: Any, durations_s: Sequence[float], language: str) -> list[Said]:
        """What was said in a batch of one language."""
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        inner = self.model.model
        tokenizer = Tokenizer(
            self.model.hf_tokenizer, inner.is_multilingual, task="transcribe", language=language
        )
        prompt = self._prompt(tokenizer, self.decoding.hints.get(language, Hint()))
        results = inner.generate(
            encoded,
            [list(prompt) for _ in durations_s],
            beam_size=self.decoding.beam_size,
            max_length=self.model.max_length,
            suppress_blank=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            return_no_speech_prob=True,
        )
        tokens = [result.sequences_ids[0] for result in results]
        words = self._words(encoded, tokenizer, tokens, durations_s)
        return [
            Said(tokenizer.decode(ids).strip(), spoken, float(result.no_speech_prob))
            for ids, spoken, result in zip(tokens, words, results, strict=True)
        ]

    def _prompt(self, tokenizer: Any, hint: Hint) -> list[int]:
        before = tokenizer.encode(hint.prompt) if hint.prompt else []
        hotwords = hint.hotwords
        # Whole words are left out from the end until the rest fits.
        while hotwords and len(before) + len(tokenizer.encode(" " + hotwords)) > _HINT_TOKENS:
            hotwords = hotwords.rpartition(" ")[0]
        prompt: list[int] = self.model.get_prompt(
            tokenizer,
            before[-_HINT_TOKENS:],
            without_timestamps=True,
            hotwords=hotwords or None,
        )
        return prompt

    def _words(
        self,
        encoded: Any,
        tokenizer: Any,
        tokens: Sequence[list[int]],
        durations_s: Sequence[float],
    ) -> list[tuple[Word, ...]]:
        """Words with times by cross-attention, for every piece."""
        rate = self.model.frames_per_second
        segments: list[list[dict[str, Any]]] = [
            [
                {
                    "tokens": ids,
                    "seek": int(i * _APART_S * rate),
                    "start": i * _APART_S,
                    "end": i * _APART_S + length_s,
                }
            ]
            for i, (ids, length_s) in enumerate(zip(tokens, durations_s, strict=True))
        ]
        frames = [ceil(length_s) * rate for length_s in durations_s]
        self.model.add_word_timestamps(
            segments, tokenizer, encoded, frames, _BEFORE, _AFTER, -_APART_S
        )
        return [
            tuple(_word(raw, i * _APART_S) for raw in piece[0]["words"])
            for i, piece in enumerate(segments)
        ]


def _word(raw: Mapping[str, Any], origin_s: float) -> Word:
    return Word(
        round(float(raw["start"]) - origin_s, 3),
        round(float(raw["end"]) - origin_s, 3),
        str(raw["word"]),
        round(float(raw["probability"]), 4),
    )


class _Heard:
    """Pieces in batches; what was encoded for the languages is kept for the words."""

    def __init__(self, recogniser: WhisperRecogniser, pieces: Sequence[Samples]) -> None:
        self._recogniser = recogniser
        size = recogniser.batch_size
        self._batches = [pieces[i : i + size] for i in range(0, len(pieces), size)]
        self._encoded: dict[int, Any] = {}

    def scores(self) -> tuple[Mapping[str, float], ...]:
        found: list[Mapping[str, float]] = []
        for i, batch in enumerate(self._batches):
            try:
                encoded = self._encoded[i] = self._recogniser.encode(batch)
                found += self._recogniser.scores(encoded, len(batch))
            except (RuntimeError, ValueError, MemoryError) as error:
                raise translated(error, self._recogniser.subject, _REMEDY) from error
        return tuple(found)

    def said(self, languages: Sequence[str]) -> tuple[Said, ...]:
        found: list[Said] = []
        for i, batch in enumerate(self._batches):
            wanted = languages[len(found) : len(found) + len(batch)]
            try:
                found += self._said(i, batch, wanted)
            except (RuntimeError, ValueError, MemoryError) as error:
                raise translated(error, self._recogniser.subject, _REMEDY) from error
        return tuple(found)

    def _said(self, i: int, batch: Sequence[Samples], languages: Sequence[str]) -> list[Said]:
        encoded = self._encoded.pop(i, None)
        if encoded is None:
            encoded = self._recogniser.encode(batch)
        durations_s = [len(piece) / SAMPLE_RATE_HZ for piece in batch]
        found = [NOTHING] * len(batch)
        for language in dict.fromkeys(languages):
            rows = [k for k, one in enumerate(languages) if one == language]
            part = encoded if len(rows) == len(batch) else _rows(encoded, rows)
            said = self._recogniser.decode(part, [durations_s[k] for k in rows], language)
            for k, one in zip(rows, said, strict=True):
                found[k] = one
        return found


def _rows(encoded: Any, rows: Sequence[int]) -> Any:
    """Some pieces of an encoded batch."""
    import ctranslate2

    if encoded.device != "cpu":
        encoded = encoded.to_device(ctranslate2.Device.cpu)
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(np.array(encoded)[list(rows)]))


def load_model(model_dir: Path, device: str, precision: str = "auto") -> Any:
    """faster-whisper's model in ``model_dir``; ``ModelError`` says which file is missing or wrong.

    Nothing is ever fetched: a model is a folder that is already there.
    """
    for name in _NEEDED_FILES:
        # Without tokenizer.json faster-whisper would go to the network for another model's.
        if not (model_dir / name).is_file():
            raise ModelError(f"{name} is missing", subject=str(model_dir), remedy=_REMEDY)
    from ctranslate2 import get_cuda_device_count
    from faster_whisper import WhisperModel

    if device == "auto":
        device = "cuda" if get_cuda_device_count() else "cpu"
    compute = precision
    if precision == "auto":
        compute = "float16" if device == "cuda" else "int8"
    try:
        model = WhisperModel(str(model_dir), device=device, compute_type=compute)
    except Exception as error:
        raise translated(error, str(model_dir), _REMEDY) from error
    mels = int(model.model.n_mels)
    if model.feature_extractor.mel_filters.shape[0] != mels:
        raise ModelError(
            f"the model wants {mels} mel bands, which preprocessor_config.json does not say",
            subject=str(model_dir),
            remedy="copy preprocessor_config.json of the model into the folder",
        )
    return model
