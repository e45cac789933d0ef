"""Which recogniser reads a model's folder: told by the files in it."""

from __future__ import annotations

from pathlib import Path

from classwatch.core.errors import ModelError
from classwatch.speech.recognisers import funasr
from classwatch.speech.recognisers.port import Decoding, Recogniser
from classwatch.speech.recognisers.whisper import WhisperRecogniser


def load_recogniser(model_dir: Path, device: str, decoding: Decoding) -> Recogniser:
    """The recogniser in ``model_dir``: Whisper (CTranslate2), or SenseVoice or Paraformer (ONNX).

    ``device`` is ``auto``, ``cpu`` or ``cuda``. Raises ``ModelError`` when the folder holds none
    of them or cannot be used.
    """
    if not model_dir.is_dir():
        raise ModelError(
            "is not a folder: a recogniser has several files",
            subject=str(model_dir),
            remedy="give the folder that holds the model and its tokens",
        )
    if any((model_dir / name).is_file() for name in funasr.MODEL_FILES):
        return funasr.load(model_dir, device, decoding)
    return WhisperRecogniser(model_dir, device, decoding)
