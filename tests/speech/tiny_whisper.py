"""A Whisper checkpoint of a few MB whose output is known beforehand, built without any download.

Every attention and feed-forward weight is zero, so the decoder is a table: the embedding of the
last token alone decides the next one. The table is written so that the model says a given text,
and the i-th word attends to the i-th second of the clip, so that its times are known as well.
Loading, quantisation, feature extraction, batching, language detection, prompting, alignment and
the mapping of times are those of a real checkpoint of the same shape. With ``other`` it also
listens: a clip with a tone of that pitch is in the other language.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

VOCABULARY = 51_865
"""Size of the multilingual vocabulary; CTranslate2 knows it by this or by its empty token."""
END, START, FIRST_LANGUAGE = 50_257, 50_258, 50_259
TRANSLATE, TRANSCRIBE, START_OF_LM, PREVIOUS, NO_SPEECH, NO_TIMES = range(50_358, 50_364)
WIDTH = 64
_HEARD = 40
"""Channel of the encoder that holds how loud the tone is; the first 30 hold the second."""


def build(
    folder: Path,
    words: Sequence[str] = ("一", "二", "三", "四"),
    *,
    language: str = "zh",
    no_speech: bool = False,
    other: tuple[str, float] | None = None,
) -> Path:
    """Write a checkpoint that says ``words`` in ``language`` for whatever it hears.

    ``other``: a language and the pitch in Hz at which a clip is in that one; the tone has to lie
    after the last word, since every word looks at its own second.
    """
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    folder.mkdir(parents=True, exist_ok=True)
    codes = list(_LANGUAGE_CODES)[:99]
    tokens = _tokens(words, codes)
    spoken = [tokens.index(_visible(word)) for word in words]
    chain = {NO_TIMES: spoken[0], START: FIRST_LANGUAGE + codes.index(language)}
    chain |= dict(zip(spoken, [*spoken[1:], END], strict=True))
    if no_speech:
        chain[START] = NO_SPEECH
    spec = _spec(chain, [NO_TIMES, *spoken[:-1]], len(codes))
    if other is not None:
        first = spec.decoder.projection.weight[FIRST_LANGUAGE + codes.index(language)]
        first *= 0.25
        _listen(spec, FIRST_LANGUAGE + codes.index(other[0]), other[1])
    _save(folder, spec, tokens)
    _write_tokenizer(folder, tokens)
    return folder


def _visible(text: str) -> str:
    """Byte-level spelling of a token, as GPT-2's vocabulary writes it."""
    from tokenizers.pre_tokenizers import ByteLevel

    return "".join(piece for piece, _ in ByteLevel(add_prefix_space=False).pre_tokenize_str(text))


def _tokens(words: Sequence[str], codes: list[str]) -> list[str]:
    from tokenizers.pre_tokenizers import ByteLevel

    known = sorted(ByteLevel.alphabet()) + [_visible(w) for w in dict.fromkeys(words)]
    known = list(dict.fromkeys(known))
    known += [f"<unused{i}>" for i in range(END - 1 - len(known))] + [""]
    known += ["<|endoftext|>", "<|startoftranscript|>"]
    known += [f"<|{code}|>" for code in codes]
    known += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>"]
    known += ["<|nospeech|>", "<|notimestamps|>"]
    known += [f"<|{i * 0.02:.2f}|>" for i in range(VOCABULARY - len(known))]
    return known


def _write_tokenizer(folder: Path, tokens: list[str]) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in tokens[END : NO_TIMES + 1]])
    tokenizer.save(str(folder / "tokenizer.json"))


def _spec(chain: dict[int, int], said: list[int], languages: int) -> Any:
    from ctranslate2.specs import whisper_spec

    spec: Any = whisper_spec.WhisperSpec(1, 1, 1, 1)
    generator = np.random.default_rng(7)
    embedding = np.zeros((VOCABULARY, WIDTH), np.float32)
    states = sorted({*chain, *said, TRANSCRIBE, END})
    embedding[states] = np.linalg.qr(generator.standard_normal((WIDTH, WIDTH)))[0][: len(states)]
    projection = np.zeros((VOCABULARY, WIDTH), np.float32)
    for last, following in chain.items():
        projection[following] += embedding[last]
        if following != END:
            # Beam search collects early ends among equals; here none may be as good as the rest.
            projection[END] -= embedding[last]
    _fill_encoder(spec.encoder)
    _fill_decoder(spec.decoder, embedding, projection * 4.0)
    _attend(spec, embedding[said])
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.alignment_heads = [(0, 0)]
    spec.config.lang_ids = list(range(FIRST_LANGUAGE, FIRST_LANGUAGE + languages))
    return spec


def _save(folder: Path, spec: Any, tokens: list[str]) -> None:
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.save(str(folder))
    described = {"feature_size": 80, "sampling_rate": 16_000, "hop_length": 160, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(described))


def _attend(spec: Any, embedding: Any) -> None:
    """What comes before word i asks for the key of second i, since that row aligns word i.

    Values stay zero, so the text does not change.
    """
    seconds = np.eye(WIDTH, dtype=np.float32)[np.arange(1500) // 50]
    spec.encoder.position_encodings.encodings = seconds * 10.0
    cross = spec.decoder.layer[0].attention
    query = np.zeros((WIDTH, WIDTH), np.float32)
    for i, row in enumerate(embedding):
        query[i] += row * 8.0
    cross.linear[0].weight = query
    cross.linear[1].weight[:WIDTH] = np.eye(WIDTH, dtype=np.float32)


def _listen(spec: Any, language: int, hz: float) -> None:
    """Let the tone through the encoder, and what comes after START be the language where it is.

    The direction of the last state is free: no token is embedded there, so no word changes.
    """
    from faster_whisper.feature_extractor import FeatureExtractor

    bands = FeatureExtractor().mel_filters
    at = int(bands[:, round(hz / 16_000 * 400)].argmax())
    # A loud tone has about 1.5 on Whisper's scale, hiss below 0.8.
    spec.encoder.conv1.weight[_HEARD, at, 1] = 20.0
    spec.encoder.conv1.bias[_HEARD] = -20.0
    spec.encoder.conv2.weight[_HEARD, _HEARD, 1] = 1.0
    free = np.linalg.qr(np.random.default_rng(7).standard_normal((WIDTH, WIDTH)))[0][-1]
    cross = spec.decoder.layer[0].attention
    cross.linear[1].weight[WIDTH + _HEARD, _HEARD] = 1.0
    cross.linear[2].weight[:, _HEARD] = free * 1.5
    spec.decoder.projection.weight[language] += free * 4.0


def _zeros(*shape: int) -> Any:
    return np.zeros(shape, np.float32)


def _fill_encoder(encoder: Any) -> None:
    encoder.conv1.weight, encoder.conv1.bias = _zeros(WIDTH, 80, 3), _zeros(WIDTH)
    encoder.conv2.weight, encoder.conv2.bias = _zeros(WIDTH, WIDTH, 3), _zeros(WIDTH)
    encoder.position_encodings.encodings = _zeros(1500, WIDTH)
    _fill_norm(encoder.layer_norm)
    for layer in encoder.layer:
        _fill_attention(layer.self_attention, (3, 1))
        _fill_feed_forward(layer.ffn)


def _fill_decoder(decoder: Any, embedding: Any, projection: Any) -> None:
    decoder.embeddings.weight = embedding
    decoder.position_encodings.encodings = _zeros(448, WIDTH)
    _fill_norm(decoder.layer_norm)
    decoder.projection.weight = projection
    for layer in decoder.layer:
        _fill_attention(layer.self_attention, (3, 1))
        _fill_attention(layer.attention, (1, 2, 1))
        _fill_feed_forward(layer.ffn)


def _fill_attention(attention: Any, multiples: tuple[int, ...]) -> None:
    _fill_norm(attention.layer_norm)
    for linear, multiple in zip(attention.linear, multiples, strict=True):
        linear.weight, linear.bias = _zeros(multiple * WIDTH, WIDTH), _zeros(multiple * WIDTH)


def _fill_feed_forward(ffn: Any) -> None:
    _fill_norm(ffn.layer_norm)
    ffn.linear_0.weight, ffn.linear_0.bias = _zeros(WIDTH, WIDTH), _zeros(WIDTH)
    ffn.linear_1.weight, ffn.linear_1.bias = _zeros(WIDTH, WIDTH), _zeros(WIDTH)


def _fill_norm(norm: Any) -> None:
    norm.gamma, norm.beta = np.ones(WIDTH, np.float32), _zeros(WIDTH)
