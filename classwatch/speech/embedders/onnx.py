"""CAM++ and ERes2Net of 3D-Speaker, and WeSpeaker's networks, as ONNX files.

Read with onnxruntime through our own Kaldi filter banks (80 bands, their mean over the piece taken
off), as both projects do before their networks: 3D-Speaker with Kaldi's own window and samples in
[-1, 1] (speakerlab/process/processor.py), WeSpeaker with a Hamming window and samples as 16-bit
numbers (wespeaker/bin/infer_onnx.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.speech.onnx_session import open_session
from classwatch.speech.recognisers.fbank import BANDS, HAMMING, POVEY, filter_banks

_LEAST = round(0.5 * SAMPLE_RATE_HZ)
"""A shorter piece is repeated up to this: the networks pool over time and want some of it."""
_REMEDY = "`classwatch models list` shows the models that are known; fetch or import the file again"


@dataclass(frozen=True, slots=True, eq=False)
class _FrontEnd:
    """What a network's makers did to the sound: window (400,) and full scale of the samples."""

    window: NDArray[np.float64]
    full_scale: float


_FRONT_ENDS = {"3d-speaker": _FrontEnd(POVEY, 1.0), "wespeaker": _FrontEnd(HAMMING, 32768.0)}
_BY_INPUT = {"feature": "3d-speaker", "feats": "wespeaker"}
"""Name of the input in the makers' own exports, which say nothing else about themselves."""


class OnnxEmbedder:
    """A loaded network."""

    def __init__(self, session: Any, subject: str) -> None:
        self._session = session
        self._subject = subject
        self._front_end = _FRONT_ENDS[_framework(session, subject)]

    def embed(self, pieces: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Unit vectors (n, d) of n > 0 pieces, each heard by itself."""
        return np.stack([self._one(piece) for piece in pieces])

    def _one(self, piece: NDArray[np.float32]) -> NDArray[np.float32]:
        if len(piece) < _LEAST:
            piece = np.resize(piece, _LEAST)
        banks = filter_banks(piece, self._front_end.full_scale, self._front_end.window)
        level = banks.mean(axis=0, dtype=np.float64)
        feed = {self._session.get_inputs()[0].name: (banks - level).astype(np.float32)[None]}
        try:
            raw = self._session.run(None, feed)[0]
        except Exception as error:
            raise _unusable("does not take sound", error, self._subject) from error
        vector = np.asarray(raw, np.float32).reshape(-1)
        if not np.isfinite(vector).all():
            raise ModelError(
                "answers with something that is no number", subject=self._subject, remedy=_REMEDY
            )
        unit: NDArray[np.float32] = vector / max(float(np.linalg.norm(vector)), 1e-12)
        return unit


def load_embedder(path: Path, device: str) -> OnnxEmbedder:
    """The network in the ONNX file at ``path``; ``device`` is ``auto``, ``cpu`` or ``cuda``.

    Raises ``ModelError`` where the file is damaged or holds another kind of network.
    """
    try:
        session = open_session(path, device).session
    except Exception as error:
        raise _unusable("onnxruntime cannot read this as a model", error, str(path)) from error
    return OnnxEmbedder(session, str(path))


def _framework(session: Any, subject: str) -> str:
    """Which project's network this is, by its own notes or the name of its input."""
    inputs = session.get_inputs()
    takes_banks = len(inputs) == 1 and len(inputs[0].shape) == 3 and inputs[0].shape[2] == BANDS
    notes = session.get_modelmeta().custom_metadata_map
    framework = notes.get("framework", _BY_INPUT.get(inputs[0].name, "unknown"))
    if not takes_banks or framework not in _FRONT_ENDS:
        shapes = ", ".join(f"{one.name} {one.shape}" for one in inputs)
        raise ModelError(
            f"no speaker network of a kind that is read here (framework {framework}: {shapes})",
            subject=subject,
            remedy="use an ONNX export of 3D-Speaker or WeSpeaker that takes 80 filter banks",
        )
    return str(framework)


def _unusable(what: str, error: Exception, subject: str) -> ModelError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[-1]
    return ModelError(f"{what}: {reason}", subject=subject, remedy=_REMEDY)
