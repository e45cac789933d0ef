"""Sound of a made lesson as a WAV file."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.store.files import replace_bytes

_FULL_SCALE = 32767.0


def write_wav(path: Path, samples: NDArray[np.float32]) -> None:
    """Write mono samples (n,) in [-1, 1] as 16-bit PCM at 16 kHz, whole or not at all.

    What is louder is clipped; ``ResourceError`` where the disk does not allow it.
    """
    whole = np.round(np.clip(samples.astype(np.float64), -1.0, 1.0) * _FULL_SCALE)
    content = io.BytesIO()
    with wave.open(content, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes(whole.astype("<i2").tobytes())
    replace_bytes(path, content.getvalue(), durable=False)
