"""SenseVoice and Paraformer of a few hundred KB whose output is known beforehand.

Networks in ONNX, written byte by byte (protocol buffers need no library to be written), that name
the tone they hear: one token for each pitch, nothing for silence. Loading, features, stacking,
normalisation, padding, decoding and times are those of the real models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FLOAT, INT32, INT64 = 1, 6, 7
_CENTRE = 3 * 80
"""Of seven stacked frames of 80 bands, the middle one."""


def tone(hz: float, length_s: float) -> NDArray[np.float32]:
    """A sine at a third of full scale."""
    at = np.arange(round(length_s * 16_000)) / 16_000
    return (0.3 * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def silence(length_s: float) -> NDArray[np.float32]:
    """Digital silence."""
    return np.zeros(round(length_s * 16_000), np.float32)


def band(hz: float) -> int:
    """Kaldi's band (of 80 from 20 to 8,000 Hz) whose centre is nearest, by its mel formula."""

    def mel(f: float) -> float:
        return 1127.0 * float(np.log(1 + f / 700.0))

    width = (mel(8000.0) - mel(20.0)) / 81
    return round((mel(hz) - mel(20.0)) / width) - 1


@dataclass(frozen=True)
class Tiny:
    """Token for each pitch in Hz. ``english`` is what is said at a pitch where English is asked.

    ``english_hz``: a pitch that makes the language English when none is asked.
    """

    said: Mapping[float, str]
    english: Mapping[float, str]
    english_hz: float = 6000.0


_TAGS = ("<|zh|>", "<|en|>", "<|yue|>", "<|ja|>", "<|ko|>", "<|nospeech|>")


def sense_voice(folder: Path, tiny: Tiny, *, mvn: bool = False) -> Path:
    """A SenseVoice folder; ``mvn`` keeps shift and scale in ``am.mvn`` and tokens in JSON."""
    words = [*tiny.said.values(), *tiny.english.values()]
    tokens = ["<blank>", *_TAGS, "<|NEUTRAL|>", "<|Speech|>", "<|woitn|>", *dict.fromkeys(words)]
    count = len(tokens)
    heard = np.zeros((560, count), np.float32)
    for hz, word in tiny.said.items():
        heard[_CENTRE + band(hz), tokens.index(word)] = 1.0
    for hz, word in tiny.english.items():
        heard[_CENTRE + band(hz), tokens.index(word)] = 1.0
    by_language = np.zeros((16, count), np.float32)
    # Asked for English its own words are likelier; asked for anything else they are not.
    for word in tiny.english.values():
        by_language[:, tokens.index(word)] = -2.0
        by_language[4, tokens.index(word)] = 2.0
    first = np.zeros((16, count), np.float32)
    first[0, tokens.index("<|zh|>")] = 1.0
    first[3, tokens.index("<|zh|>")] = first[4, tokens.index("<|en|>")] = 9.0
    english = np.zeros((560, count), np.float32)
    english[_CENTRE + band(tiny.english_hz), tokens.index("<|en|>")] = 4.0
    tags = np.zeros((3, 1, count), np.float32)
    for i, tag in enumerate(("<|NEUTRAL|>", "<|Speech|>", "<|woitn|>")):
        tags[i, 0, tokens.index(tag)] = 9.0
    nodes = [
        node("MatMul", ["speech", "heard"], "sounds"),
        node("Gather", ["by_language", "language"], "biased"),
        node("Unsqueeze", ["biased", "one"], "bias"),
        node("Add", ["sounds", "bias"], "body"),
        node("Gather", ["first", "language"], "firsts"),
        node("Unsqueeze", ["firsts", "one"], "first_frame"),
        node("ReduceMax", ["speech"], "loudest", axes=[1]),
        node("Relu", ["loudest"], "loud"),
        node("MatMul", ["loud", "english"], "language_heard"),
        node("Add", ["first_frame", "language_heard"], "asked"),
        *[node("Mul", ["first_frame", "zero"], "nothing")],
        *[node("Add", ["nothing", f"tag{i}"], f"tagged{i}") for i in range(3)],
        node("Concat", ["asked", "tagged0", "tagged1", "tagged2", "body"], "logits", axis=1),
    ]
    constants = {
        "heard": heard,
        "by_language": by_language,
        "first": first,
        "english": english,
        "zero": np.zeros(1, np.float32),
        "one": np.array([1], np.int64),
        **{f"tag{i}": tags[i] for i in range(3)},
    }
    inputs = [
        ("speech", FLOAT, ["N", "T", 560]),
        *((name, INT32, ["N"]) for name in ("speech_lengths", "language", "textnorm")),
    ]
    outputs = [("logits", FLOAT, ["N", "U", count])]
    _write(folder, model(nodes, constants, inputs, outputs, {} if mvn else _NOTES), tokens, mvn)
    return folder


def paraformer(folder: Path, said: Mapping[float, str], *, times: bool = True) -> Path:
    """A Paraformer folder that fires every 60 ms; without ``times`` it does not say when."""
    tokens = ["<blank>", "<s>", "</s>", *dict.fromkeys(said.values())]
    heard = np.zeros((560, len(tokens)), np.float32)
    for hz, word in said.items():
        heard[_CENTRE + band(hz), tokens.index(word)] = 1.0
    bias = np.zeros(len(tokens), np.float32)
    bias[2] = 1.0
    nodes = [
        node("MatMul", ["speech", "heard"], "sounds"),
        node("Add", ["sounds", "bias"], "logits"),
        node("Identity", ["speech_lengths"], "token_num"),
        node("ReduceMax", ["speech"], "some", axes=[2]),
        node("Mul", ["some", "zero"], "none"),
        node("Add", ["none", "fires"], "grid"),
        node("Reshape", ["grid", "flat"], "us_cif_peak"),
    ]
    constants = {
        "heard": heard,
        "bias": bias,
        "zero": np.zeros(1, np.float32),
        "fires": np.array([[[1.0, 0.0, 0.0]]], np.float32),
        "flat": np.array([0, -1], np.int64),
    }
    outputs = [("logits", FLOAT, ["N", "L", len(tokens)]), ("token_num", INT32, ["N"])]
    if times:
        outputs.append(("us_cif_peak", FLOAT, ["N", "P"]))
    else:
        nodes = nodes[:3]
    inputs = [("speech", FLOAT, ["N", "T", 560]), ("speech_lengths", INT32, ["N"])]
    _write(folder, model(nodes, constants, inputs, outputs, _NOTES), tokens, False)
    return folder


# Silence lies at about -16 and a tone at about 20: with -15 a tone is 5 and all else negative.
_SHIFT, _SCALE = -15.0, 1.0
_NOTES = {
    "neg_mean": ",".join([str(_SHIFT)] * 560),
    "inv_stddev": ",".join([str(_SCALE)] * 560),
    "normalize_samples": "0",
}


def _write(folder: Path, raw: bytes, tokens: Sequence[str], mvn: bool) -> None:
    import json

    folder.mkdir(parents=True, exist_ok=True)
    if not mvn:
        (folder / "model.int8.onnx").write_bytes(raw)
        lines = [f"{token} {i}\n" for i, token in enumerate(tokens)]
        (folder / "tokens.txt").write_text("".join(lines), encoding="utf-8")
        return
    (folder / "model_quant.onnx").write_bytes(raw)
    (folder / "tokens.json").write_text(json.dumps(list(tokens)), encoding="utf-8")
    shift, scale = (" ".join([str(v)] * 560) for v in (_SHIFT, _SCALE))
    (folder / "am.mvn").write_text(
        "<Nnet>\n<Splice> 560 560\n[ 0 ]\n<AddShift> 560 560\n"
        f"<LearnRateCoef> 0 [ {shift} ]\n<Rescale> 560 560\n"
        f"<LearnRateCoef> 0 [ {scale} ]\n</Nnet>\n",
        encoding="utf-8",
    )


# ---------------------------------------------------------------- ONNX, by its onnx.proto


def model(
    nodes: Sequence[bytes],
    constants: Mapping[str, NDArray[np.float32] | NDArray[np.int64]],
    inputs: Sequence[tuple[str, int, Sequence[int | str]]],
    outputs: Sequence[tuple[str, int, Sequence[int | str]]],
    notes: Mapping[str, str],
) -> bytes:
    """A ModelProto: IR version 8, operator set 13."""
    graph = b"".join(_part(1, n) for n in nodes) + _part(2, b"tiny")
    graph += b"".join(_part(5, _tensor(name, value)) for name, value in constants.items())
    graph += b"".join(_part(11, _value(*one)) for one in inputs)
    graph += b"".join(_part(12, _value(*one)) for one in outputs)
    described = b"".join(
        _part(14, _part(1, key.encode()) + _part(2, value.encode())) for key, value in notes.items()
    )
    return _number(1, 8) + _part(7, graph) + _part(8, _number(2, 13)) + described


def node(
    kind: str,
    inputs: Sequence[str],
    output: str,
    *,
    axis: int | None = None,
    axes: Sequence[int] = (),
) -> bytes:
    """A NodeProto with at most one attribute."""
    raw = b"".join(_part(1, name.encode()) for name in inputs)
    raw += _part(2, output.encode()) + _part(4, kind.encode())
    if axis is not None:
        raw += _part(5, _part(1, b"axis") + _number(3, axis) + _number(20, 2))
    if axes:
        numbers = b"".join(_number(8, one) for one in axes)
        raw += _part(5, _part(1, b"axes") + numbers + _number(20, 7))
    return raw


def _tensor(name: str, value: NDArray[np.float32] | NDArray[np.int64]) -> bytes:
    kind = FLOAT if value.dtype == np.float32 else INT64
    dims = b"".join(_number(1, size) for size in value.shape)
    return dims + _number(2, kind) + _part(8, name.encode()) + _part(9, value.tobytes())


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(
        _part(1, _number(1, size) if isinstance(size, int) else _part(2, size.encode()))
        for size in shape
    )
    tensor = _number(1, kind) + _part(2, dims)
    return _part(1, name.encode()) + _part(2, _part(1, tensor))


def _part(field: int, raw: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
