"""Versions of the programs that have a part in a result."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from classwatch import __version__

_PARTS = ("av", "ctranslate2", "faster-whisper", "numpy", "onnxruntime", "openvino")


def versions() -> dict[str, str]:
    """Name to version, classwatch first; what is not installed is left out."""
    found = {name: installed(name) for name in _PARTS}
    return {"classwatch": __version__, **{name: own for name, own in found.items() if own}}


def installed(name: str) -> str:
    """The version of a package, "" where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
