"""The lesson's sound as stored: one mono 16 kHz FLAC whose sample k lies at k/16000 s."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import DataError
from classwatch.core.media import SAMPLE_RATE_HZ

_REMEDY = "run the analysis again with --force to rebuild it"


class AudioFile:
    """Random and sequential reading of a stored sound, a block at a time.

    Holds one open file and no samples, so memory depends on what is asked for and not on the
    length of the lesson. Not safe to share between threads or processes; open one each.
    """

    def __init__(self, path: Path) -> None:
        """Open ``path``; ``DataError`` where it is missing, damaged or not mono 16 kHz."""
        import soundfile

        self.path = path
        try:
            self._file: Any = soundfile.SoundFile(str(path))
        except (soundfile.SoundFileError, OSError) as error:
            raise DataError(
                f"the stored sound cannot be opened: {error}", subject=str(path), remedy=_REMEDY
            ) from error
        rate_hz, channels = int(self._file.samplerate), int(self._file.channels)
        if (rate_hz, channels) != (SAMPLE_RATE_HZ, 1):
            self._file.close()
            raise DataError(
                f"expected mono sound at {SAMPLE_RATE_HZ} Hz, got {channels} channels "
                f"at {rate_hz} Hz",
                subject=str(path),
                remedy=_REMEDY,
            )
        self._samples = int(self._file.frames)

    @property
    def duration_s(self) -> float:
        """Length in seconds, from time 0 to the end of the last sample."""
        return self._samples / SAMPLE_RATE_HZ

    def read(self, start_s: float = 0.0, end_s: float | None = None) -> NDArray[np.float32]:
        """Samples (n,) in [-1, 1] of ``[start_s, end_s)``, rounded to whole samples.

        Times outside the file are cut off, so the result may be shorter than asked for, or
        empty. ``end_s=None`` reads to the end. ``DataError`` where the file is damaged.
        """
        first = self._index(start_s)
        last = self._samples if end_s is None else self._index(end_s)
        return self._read(first, last)

    def blocks(
        self, block_s: float, overlap_s: float = 0.0
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """Start time and samples (n,) of consecutive blocks, ``block_s`` long each.

        A block starts ``block_s - overlap_s`` after the one before; the last one ends with the
        file and may be shorter. Every sample is in at least one block.
        """
        length = round(block_s * SAMPLE_RATE_HZ)
        step = length - round(overlap_s * SAMPLE_RATE_HZ)
        if length <= 0 or not 0 < step <= length:
            raise ValueError(f"blocks of {block_s} s cannot overlap by {overlap_s} s")
        return self._walk(length, step)

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _walk(self, length: int, step: int) -> Iterator[tuple[float, NDArray[np.float32]]]:
        first = 0
        while first < self._samples:
            yield first / SAMPLE_RATE_HZ, self._read(first, min(first + length, self._samples))
            if first + length >= self._samples:
                return
            first += step

    def _index(self, time_s: float) -> int:
        return min(max(round(time_s * SAMPLE_RATE_HZ), 0), self._samples)

    def _read(self, first: int, last: int) -> NDArray[np.float32]:
        import soundfile

        if last <= first:
            return np.zeros(0, np.float32)
        try:
            self._file.seek(first)
            samples: NDArray[np.float32] = self._file.read(last - first, dtype="float32")
        except (soundfile.SoundFileError, OSError) as error:
            raise DataError(
                f"the stored sound is damaged near {first / SAMPLE_RATE_HZ:.1f} s: {error}",
                subject=str(self.path),
                remedy=_REMEDY,
            ) from error
        if len(samples) != last - first:
            raise DataError(
                f"the stored sound ends at {(first + len(samples)) / SAMPLE_RATE_HZ:.1f} s "
                f"instead of {self.duration_s:.1f} s",
                subject=str(self.path),
                remedy=_REMEDY,
            )
        return samples
