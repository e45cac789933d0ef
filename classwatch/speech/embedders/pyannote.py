"""pyannote.audio's community pipeline: it says itself who speaks when.

Bredin 2023 (Interspeech) and the pipeline ``speaker-diarization-community-1`` of pyannote.audio 4,
read from a folder on this machine. What it finds is laid over our cells, so that everything after
it is the same whoever told the voices apart. Its vectors are never looked at.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import SpeakersConfig
from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.progress import Progress
from classwatch.speech.clustering import SAME_PERSON, Clustering, by_appearance, nobody
from classwatch.speech.sound import Sound
from classwatch.speech.voiceprint import Cells

CONFIG_FILE = "config.yaml"
_APART = 2.0 * SAME_PERSON
"""Distance between any two of its voices: what it keeps apart is not joined again."""
_REMEDY = "import the pipeline's whole folder again with `classwatch models import FOLDER`"
Array = NDArray[np.float64]


class PyannoteVoices:
    """A loaded pipeline."""

    def __init__(self, pipeline: Any, subject: str) -> None:
        self._pipeline = pipeline
        self._subject = subject

    def tell(
        self, audio: Sound, cells: Cells, cfg: SpeakersConfig, progress: Progress
    ) -> Clustering:
        """Voices of the cells; see ``clustering_of``. The whole sound is held in memory.

        Raises ``ModelError`` where the pipeline fails.
        """
        if len(cells) == 0:
            return nobody()
        import torch

        samples = torch.from_numpy(audio.read(0.0, audio.duration_s)[None].copy())
        heard = {"waveform": samples, "sample_rate": SAMPLE_RATE_HZ}
        try:
            found = self._pipeline(heard, min_speakers=1, max_speakers=cfg.max_speakers)
        except Exception as error:
            raise ModelError(
                f"fails on this sound: {_reason(error)}", subject=self._subject, remedy=_REMEDY
            ) from error
        progress(1.0)
        # Version 4 answers with several annotations, version 3 with the one that is wanted.
        return clustering_of(getattr(found, "speaker_diarization", found), cells)


def load_pyannote(folder: Path, device: str) -> PyannoteVoices:
    """The pipeline in ``folder``; ``device`` is ``auto``, ``cpu`` or ``cuda``.

    Raises ``ModelError`` where pyannote.audio is not installed, or the folder holds no pipeline.
    """
    if not (folder / CONFIG_FILE).is_file():
        raise ModelError(f"holds no {CONFIG_FILE}", subject=str(folder), remedy=_REMEDY)
    # Read when it is imported: it counts uses and asks a server otherwise.
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import torch
        from pyannote.audio import Pipeline
    except ImportError as error:
        raise ModelError(
            f"needs pyannote.audio, which is not installed ({error})",
            subject=str(folder),
            remedy='pip install "classwatch[pyannote]", or choose speakers.model=none',
        ) from error
    try:
        pipeline = Pipeline.from_pretrained(str(folder))
        if device != "cpu" and torch.cuda.is_available():
            pipeline.to(torch.device("cuda"))
    except Exception as error:
        raise ModelError(
            f"pyannote.audio cannot load it: {_reason(error)}",
            subject=str(folder),
            remedy=_REMEDY,
        ) from error
    return PyannoteVoices(pipeline, str(folder))


def clustering_of(annotation: Any, cells: Cells) -> Clustering:
    """An annotation of pyannote.core laid over n > 0 cells.

    A cell has the voice that speaks most of it, and as second the next one. Where the annotation
    has nobody, the voice is that of the nearest cell with one, and the certainty 0; where it has
    nobody anywhere, all cells are one voice.
    """
    labels = sorted(annotation.labels(), key=str)
    if not labels:
        n = len(cells)
        one = np.zeros(n, np.int32)
        return Clustering(one, np.zeros(n), one - 1, np.zeros((1, 1)), (1, 1))
    shared_s = np.stack([_shared_s(annotation, name, cells.span) for name in labels], axis=1)
    heard = shared_s.max(axis=1) > 0
    order = np.argsort(-shared_s, axis=1, kind="stable").astype(np.int32)
    voice = order[_nearest(cells.span.mean(axis=1), heard), 0] if heard.any() else order[:, 0]
    second = np.full(len(cells), -1, np.int32)
    if len(labels) > 1:
        two = np.take_along_axis(shared_s, order[:, 1:2], axis=1)[:, 0] > 0
        second[two] = order[two, 1]
    total_s = shared_s.sum(axis=1)
    certainty = np.where(heard, shared_s.max(axis=1) / np.maximum(total_s, 1e-9), 0.0)
    voice, second = by_appearance(voice, second)
    count = int(voice.max()) + 1
    distance = np.full((count, count), _APART)
    np.fill_diagonal(distance, 0.0)
    return Clustering(voice, certainty, second, distance, (count, count))


def _shared_s(annotation: Any, label: Any, span: Array) -> Array:
    """Seconds (n,) of each cell (n, 2) in which the speaker with this label talks."""
    times = np.array([(s.start, s.end) for s in annotation.label_timeline(label).support()])
    edges = times.ravel()
    # Seconds talked up to each edge; in between they grow or stand still.
    talked_s = np.concatenate(
        [[0.0], np.cumsum(np.diff(edges) * (np.arange(len(edges) - 1) % 2 == 0))]
    )
    upto: Array = np.interp(span, edges, talked_s)
    return upto[:, 1] - upto[:, 0]


def _nearest(middle_s: Array, heard: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For every cell the number (n,) of the nearest one that is heard, itself if it is."""
    known = np.flatnonzero(heard)
    after = np.clip(np.searchsorted(middle_s[known], middle_s), 1, max(1, len(known) - 1))
    before = known[after - 1]
    behind = known[np.minimum(after, len(known) - 1)]
    nearer = np.abs(middle_s - middle_s[before]) <= np.abs(middle_s - middle_s[behind])
    nearest: NDArray[np.intp] = np.where(nearer, before, behind)
    return nearest


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[-1]
