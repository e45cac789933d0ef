"""What tells voices apart: a network that makes vectors, or a pipeline that decides itself."""

from __future__ import annotations

from pathlib import Path

from classwatch.speech.embedders.onnx import load_embedder
from classwatch.speech.embedders.pyannote import load_pyannote
from classwatch.speech.embedding import ByEmbedding
from classwatch.speech.speakers import VoiceTeller


def load_teller(path: Path, device: str) -> VoiceTeller:
    """A pyannote pipeline where ``path`` is a folder, a network where it is an ONNX file.

    ``device`` is ``auto``, ``cpu`` or ``cuda``. Raises ``ModelError`` where it is neither, or
    cannot be used.
    """
    if path.is_dir():
        return load_pyannote(path, device)
    return ByEmbedding(load_embedder(path, device))
