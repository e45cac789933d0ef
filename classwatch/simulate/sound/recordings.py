"""Own recordings as voices: one file per utterance, ``<utterance id>.wav``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from classwatch.core.errors import InputError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.simulate.sound.signal import Samples, resample


def recorded(folder: Path, utterance_id: str, text: str) -> Samples:
    """Mono samples at 16 kHz of the recording of an utterance.

    Beside it may lie ``<utterance id>.txt`` with what was really said: where it differs from
    ``text`` the truth would be false. Raises InputError for that, and for a missing, unreadable or
    empty file.
    """
    path = folder / f"{utterance_id}.wav"
    said = path.with_suffix(".txt")
    if said.is_file() and _plain(said.read_text("utf-8")) != _plain(text):
        raise InputError(
            f"the text differs from utterance {utterance_id} of the script",
            subject=str(said),
            remedy="correct the script's text, so that the truth is true",
        )
    return read_sound(path)


def read_sound(path: Path) -> Samples:
    """Mono samples (n,) at 16 kHz of a sound file, channels averaged; InputError if it has none."""
    import soundfile

    remedy = "give a mono or stereo WAV or FLAC file"
    if not path.is_file():
        raise InputError("there is no such file", subject=str(path), remedy=remedy)
    try:
        data, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise InputError(f"cannot be read: {error}", subject=str(path), remedy=remedy) from error
    mono = np.ascontiguousarray(data.mean(axis=1), dtype=np.float32)
    if len(mono) == 0 or not np.isfinite(mono).all():
        raise InputError("holds no usable samples", subject=str(path), remedy=remedy)
    return resample(mono, SAMPLE_RATE_HZ / rate_hz)


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
