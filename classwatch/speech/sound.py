"""The sound a speech function works on: a port, so that no file format is known here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ


class Sound(Protocol):
    """Mono sound at ``SAMPLE_RATE_HZ`` on the lesson clock; ``store.audio.AudioFile`` is one."""

    @property
    def duration_s(self) -> float:
        """Length in seconds; the sound starts at 0."""
        ...

    def read(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        """Samples of ``[start_s, end_s)`` in [-1, 1], shorter where the sound ends earlier."""
        ...


def sample_count(sound: Sound) -> int:
    """Number of samples of the whole sound."""
    return round(sound.duration_s * SAMPLE_RATE_HZ)


def stretches(sound: Sound, length_s: float) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """``(start_s, samples)`` of consecutive stretches of ``length_s``, the last one shorter.

    Every stretch holds exactly the samples of its place in the sound, whatever ``read`` rounds
    to, so that sample ``i`` of the stretch is sample ``start_s * SAMPLE_RATE_HZ + i`` of the sound.
    """
    step = round(length_s * SAMPLE_RATE_HZ)
    total = sample_count(sound)
    for first in range(0, total, step):
        last = min(first + step, total)
        samples = sound.read(first / SAMPLE_RATE_HZ, last / SAMPLE_RATE_HZ)[: last - first]
        if len(samples) < last - first:
            samples = np.pad(samples, (0, last - first - len(samples)))
        yield first / SAMPLE_RATE_HZ, samples
