"""The network as an ONNX file that ``speakers.model`` reads through the port for 3D-Speaker."""

from __future__ import annotations

from pathlib import Path

import torch

from classwatch.speech.recognisers.fbank import BANDS
from classwatch.train.onnx_file import Face, write_onnx
from classwatch.train.voices.network import VoiceNetwork

_FACE = Face(
    "feature",
    ("embedding",),
    {"feature": {0: "n", 1: "frames"}, "embedding": {0: "n"}},
    {"framework": "3d-speaker", "author": "classwatch"},
)
"""It hears what 3D-Speaker's networks hear, and so says that it is one of them."""


def export(network: VoiceNetwork, out: Path) -> None:
    """Write ``network`` to ``out``; ModelError where ``onnx`` is not installed."""
    write_onnx(network, torch.zeros(1, 200, BANDS), _FACE, out)
