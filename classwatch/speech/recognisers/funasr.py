"""SenseVoice and Paraformer, FunASR's models for Mandarin, as ONNX files.

Read with onnxruntime, which is here anyway, through our own features (``fbank``): the libraries
that wrap these models either pin an old numpy (funasr-onnx) or bring a second onnxruntime of
40 MB and end the process on a bad file (sherpa-onnx). Both of their folder layouts are read:
``am.mvn`` beside the model, or shift and scale among the model's own notes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.speech.onnx_session import open_session
from classwatch.speech.recognisers.fbank import STEP_S, filter_banks, read_cmvn, stack
from classwatch.speech.recognisers.memory import batch_size, free_mb
from classwatch.speech.recognisers.port import NOTHING, Decoding, Said, Samples, translated
from classwatch.speech.recognisers.tokens import Piece, is_special, join, read_tokens

MODEL_FILES = ("model.int8.onnx", "model_quant.onnx", "model.onnx")
"""Names of the network in a folder; the quantised editions go first."""
_REMEDY = "import the model's folder again: model, tokens.txt, am.mvn where it has one"
_BLANK = 0
_ASKED = 4
"""Frames before the sound's own in what SenseVoice answers: language, mood, sound, form."""
_NO_SPEECH = "nospeech"
_LANGUAGES = {"auto": 0, "zh": 3, "en": 4, "yue": 7, "ja": 11, "ko": 12}
_NUMBERS = {"with_itn": 14, "without_itn": 15}
"""SenseVoice's numbers for what it is asked; a model's own notes win."""
_TOKEN_S = 0.24
"""Length of a token of which only the beginning is known: at most this."""
_PEAK = 1.0 - 1e-4
_PEAK_OFFSET = -1.5
_PEAK_STEP_S = STEP_S / 3
"""Paraformer fires where a character begins, on a grid three times as fine, 1.5 steps late."""


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """A loaded file: its session, tokens, shift and scale (560,), and the notes inside it."""

    session: Any
    tokens: tuple[str, ...]
    shift: NDArray[np.float32]
    scale: NDArray[np.float32]
    notes: Mapping[str, str]
    subject: str
    batch_size: int

    def features(self, piece: Samples) -> NDArray[np.float32]:
        """(frames, 560) of one piece; no frame for less than 25 ms."""
        full_scale = 1.0 if self.notes.get("normalize_samples") == "1" else 32768.0
        return (stack(filter_banks(piece, full_scale)) + self.shift) * self.scale

    def run(self, features: Sequence[NDArray[np.float32]], *more: Sequence[int]) -> Any:
        """Outputs of one batch by name; ``more`` are whole numbers for each piece."""
        longest = max(len(f) for f in features)
        padded = np.stack([np.pad(f, ((0, longest - len(f)), (0, 0))) for f in features])
        given = [padded, [len(f) for f in features], *more]
        feed = {}
        for wanted, value in zip(self.session.get_inputs(), given, strict=True):
            kind = np.int64 if "int64" in wanted.type else np.int32
            feed[wanted.name] = padded if value is padded else np.array(value, kind)
        names = [output.name for output in self.session.get_outputs()]
        try:
            return dict(zip(names, self.session.run(None, feed), strict=True))
        except Exception as error:
            raise translated(error, self.subject, _REMEDY) from error


class SenseVoice:
    """SenseVoice: five languages, greedy CTC. Moods and sounds are not read at all."""

    def __init__(self, network: _Network, decoding: Decoding) -> None:
        self._network = network
        self._written = decoding.written_numbers

    @property
    def languages(self) -> frozenset[str]:
        """Mandarin, English, Cantonese, Japanese and Korean."""
        return frozenset(_LANGUAGES) - {"auto"}

    def hear(self, pieces: Sequence[Samples]) -> _SenseVoiceHeard:
        """Listen to pieces."""
        return _SenseVoiceHeard(self, pieces)

    def answers(
        self, pieces: Sequence[Samples], languages: Sequence[str]
    ) -> list[tuple[Mapping[str, float], Said]]:
        """Language scores and text of each piece, the language being given or ``auto``."""
        found: list[tuple[Mapping[str, float], Said]] = [({}, NOTHING)] * len(pieces)
        heard = [(i, f) for i, p in enumerate(pieces) if len(f := self._network.features(p))]
        size = self._network.batch_size
        for k in range(0, len(heard), size):
            batch = heard[k : k + size]
            asked = [self._language_number(languages[i]) for i, _ in batch]
            form = "with_itn" if self._written else "without_itn"
            forms = [int(self._network.notes.get(form, _NUMBERS[form]))] * len(batch)
            outputs = self._network.run([f for _, f in batch], asked, forms)
            logits = next(iter(outputs.values()))
            for (i, features), row in zip(batch, logits, strict=True):
                length_s = len(pieces[i]) / SAMPLE_RATE_HZ
                found[i] = self._read(row[: _ASKED + len(features)], length_s)
        return found

    def _language_number(self, language: str) -> int:
        return int(self._network.notes.get(f"lang_{language}", _LANGUAGES[language]))

    def _read(
        self, logits: NDArray[np.float32], length_s: float
    ) -> tuple[Mapping[str, float], Said]:
        scores, no_speech = self._language(logits[0])
        words = join(_ctc(logits[_ASKED:], self._network.tokens, length_s))
        return scores, Said("".join(w.text for w in words).strip(), words, no_speech)

    def _language(self, logits: NDArray[np.float32]) -> tuple[Mapping[str, float], float]:
        """Probability of each language, and that nobody speaks, from the first frame."""
        names = {f"<|{name}|>": name for name in (*self.languages, _NO_SPEECH)}
        at = {names[t]: i for i, t in enumerate(self._network.tokens) if t in names}
        if not at:
            return {}, 0.0
        raw = np.exp(logits[list(at.values())] - logits[list(at.values())].max())
        shares = dict(zip(at, (raw / raw.sum()).tolist(), strict=True))
        no_speech = shares.pop(_NO_SPEECH, 0.0)
        spoken = sum(shares.values()) or 1.0
        return {name: share / spoken for name, share in shares.items()}, no_speech


class _SenseVoiceHeard:
    """What was heard with the language left open is kept for pieces in that language."""

    def __init__(self, recogniser: SenseVoice, pieces: Sequence[Samples]) -> None:
        self._recogniser = recogniser
        self._pieces = pieces
        self._open: list[tuple[Mapping[str, float], Said]] | None = None

    def scores(self) -> tuple[Mapping[str, float], ...]:
        self._open = self._recogniser.answers(self._pieces, ["auto"] * len(self._pieces))
        return tuple(scores for scores, _ in self._open)

    def said(self, languages: Sequence[str]) -> tuple[Said, ...]:
        found = [NOTHING] * len(self._pieces)
        again = []
        for i, language in enumerate(languages):
            scores, said = self._open[i] if self._open else ({}, NOTHING)
            if scores and max(sorted(scores), key=lambda name: scores[name]) == language:
                found[i] = said
            else:
                again.append(i)
        answers = self._recogniser.answers(
            [self._pieces[i] for i in again], [languages[i] for i in again]
        )
        for i, (_, said) in zip(again, answers, strict=True):
            found[i] = said
        return tuple(found)


class Paraformer:
    """Paraformer: Mandarin, with English words among it."""

    def __init__(self, network: _Network) -> None:
        self._network = network

    @property
    def languages(self) -> frozenset[str]:
        """Mandarin only."""
        return frozenset({"zh"})

    def hear(self, pieces: Sequence[Samples]) -> _ParaformerHeard:
        """Listen to pieces."""
        return _ParaformerHeard(self, pieces)

    def answers(self, pieces: Sequence[Samples]) -> tuple[Said, ...]:
        """What was said in each piece."""
        found = [NOTHING] * len(pieces)
        heard = [(i, f) for i, p in enumerate(pieces) if len(f := self._network.features(p))]
        size = self._network.batch_size
        for k in range(0, len(heard), size):
            batch = heard[k : k + size]
            outputs = self._network.run([f for _, f in batch])
            logits, counts = list(outputs.values())[:2]
            peaks = next(value for name, value in outputs.items() if "peak" in name)
            for row, (i, _) in enumerate(batch):
                length_s = len(pieces[i]) / SAMPLE_RATE_HZ
                spoken = logits[row, : max(0, int(counts[row]))]
                pieces_of = _fired(spoken, peaks[row], self._network.tokens, length_s)
                words = join(pieces_of)
                found[i] = Said("".join(w.text for w in words).strip(), words, 0.0)
        return tuple(found)


class _ParaformerHeard:
    def __init__(self, recogniser: Paraformer, pieces: Sequence[Samples]) -> None:
        self._recogniser = recogniser
        self._pieces = pieces

    def scores(self) -> tuple[Mapping[str, float], ...]:
        return ({"zh": 1.0},) * len(self._pieces)

    def said(self, languages: Sequence[str]) -> tuple[Said, ...]:
        return self._recogniser.answers(self._pieces)


def load(model_dir: Path, device: str, decoding: Decoding) -> SenseVoice | Paraformer:
    """The recogniser in a folder, told by the number of inputs of its network.

    Raises ``ModelError`` where a file is missing, damaged or of another kind.
    """
    network = _load_network(model_dir, device, decoding)
    inputs = len(network.session.get_inputs())
    outputs = [output.name for output in network.session.get_outputs()]
    if inputs == 4:
        return SenseVoice(network, decoding)
    if inputs == 2 and len(outputs) >= 2:
        if not any("peak" in name for name in outputs):
            raise ModelError(
                "this Paraformer gives no times of words",
                subject=network.subject,
                remedy="use an export with timestamps, such as paraformer-zh of the registry",
            )
        return Paraformer(network)
    raise ModelError(
        f"neither SenseVoice nor Paraformer: the network has {inputs} inputs",
        subject=network.subject,
        remedy="`classwatch models list` shows the recognisers that are known",
    )


def _load_network(model_dir: Path, device: str, decoding: Decoding) -> _Network:
    path = next(model_dir / name for name in MODEL_FILES if (model_dir / name).is_file())
    tokens = read_tokens(model_dir)
    try:
        opened = open_session(path, device)
    except Exception as error:
        raise translated(error, str(path), _REMEDY) from error
    notes = opened.session.get_modelmeta().custom_metadata_map
    shift, scale = _cmvn(model_dir, notes, path)
    size = decoding.batch_size or batch_size(
        path.stat().st_size / 1e6, free_mb("cuda" if opened.on_gpu else "cpu"), on_gpu=opened.on_gpu
    )
    return _Network(opened.session, tokens, shift, scale, notes, str(path), size)


def _cmvn(
    model_dir: Path, notes: Mapping[str, str], path: Path
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if (model_dir / "am.mvn").is_file():
        return read_cmvn(model_dir / "am.mvn")
    try:
        shift, scale = (
            np.array([float(v) for v in notes[name].split(",")], np.float32)
            for name in ("neg_mean", "inv_stddev")
        )
    except (KeyError, ValueError) as error:
        raise ModelError(
            "am.mvn is missing, and the model itself does not hold what is in it",
            subject=str(path),
            remedy=_REMEDY,
        ) from error
    return shift, scale


def _ctc(logits: NDArray[np.float32], tokens: Sequence[str], length_s: float) -> list[Piece]:
    """Greedy CTC: runs of one token, blanks between. Logits (frames, tokens)."""
    best = logits.argmax(axis=1)
    share = 1.0 / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1)
    begins = np.flatnonzero(np.diff(best, prepend=-1) != 0).tolist()
    pieces: list[Piece] = []
    for begin, end in zip(begins, [*begins[1:], len(best)], strict=True):
        token = int(best[begin])
        if token != _BLANK and token < len(tokens) and not is_special(tokens[token]):
            start_s = min(begin * STEP_S, length_s)
            surest = float(share[begin:end].max())
            pieces.append(Piece(tokens[token], start_s, length_s, surest))
    return _ended(pieces)


def _fired(
    logits: NDArray[np.float32],
    peaks: NDArray[np.float32],
    tokens: Sequence[str],
    length_s: float,
) -> list[Piece]:
    """Paraformer's tokens, each from its own peak to the next."""
    best = logits.argmax(axis=1).tolist()
    share = 1.0 / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1)
    fires = (np.flatnonzero(peaks.reshape(-1) > _PEAK) + _PEAK_OFFSET) * _PEAK_STEP_S
    fires_s = np.clip(fires, 0.0, length_s).tolist()
    pieces = [
        Piece(tokens[token], fires_s[i], fires_s[i + 1] if i + 1 < len(fires_s) else length_s, p)
        for i, (token, p) in enumerate(zip(best, share.tolist(), strict=True))
        if i < len(fires_s) and token < len(tokens) and not is_special(tokens[token])
    ]
    return _ended(pieces)


def _ended(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, none longer than a syllable nor reaching into the next one."""
    ended = []
    for i, piece in enumerate(pieces):
        next_s = pieces[i + 1].start_s if i + 1 < len(pieces) else piece.end_s
        end_s = max(piece.start_s, min(piece.end_s, next_s, piece.start_s + _TOKEN_S))
        ended.append(Piece(piece.token, piece.start_s, end_s, piece.probability))
    return ended
