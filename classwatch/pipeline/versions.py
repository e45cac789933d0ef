"""Versions of the programs that have a part in a result."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from classwatch import __version__

_PARTS = ("av", "ctranslate2", "faster-whisper", "numpy", "onnxruntime", "openvino")


def versions() -> dict[str, str]:
    """Name to version, classwatch first; what is not installed is left out."""
    found = {"classwatch": __version__}
    for name in _PARTS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
