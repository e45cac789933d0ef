"""Voices told apart by a network that was trained to: its embeddings, grouped by likeness.

Average-linkage clustering of embeddings on cosine similarity, with a threshold and a cap, as
3D-Speaker and VBx do (github.com/modelscope/3D-Speaker, speakerlab/process/cluster.py). Vectors
live only inside ``ByEmbedding.tell``: what leaves it is a number per cell, as from
``clustering.cluster_cells``, from which nobody can be recognised in another lesson.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import SpeakersConfig
from classwatch.core.progress import Progress
from classwatch.speech.clustering import SAME_PERSON, Clustering, by_appearance, nobody
from classwatch.speech.sound import Sound
from classwatch.speech.voiceprint import Cells

_MOST_UNITS = 3000
"""Vectors that are clustered (36 MB of distances); of more, an even sample over time is."""
_BATCH = 32
_RANGE = 0.1
"""Similarity by which the threshold is moved both ways for the range of the count."""
_SAME_CENTRE = 0.8
"""Cosine of two groups' centres from which they are one voice whatever single vectors say: these
scatter, and stragglers of a voice form groups of their own (``merge_by_cos`` of 3D-Speaker)."""
Vectors = NDArray[np.float64]
Labels = NDArray[np.int32]


class SpeakerEmbedder(Protocol):
    """A network that hears who speaks, not what is said."""

    def embed(self, pieces: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Unit vectors (n, d) of n pieces of mono sound at 16 kHz; the more alike two voices, the
        nearer to 1 their product. Zeros where the network answers zeros.

        Raises ``ModelError`` when the network does not take the pieces.
        """
        ...


@dataclass(frozen=True, slots=True)
class ByEmbedding:
    """Tells voices apart by what a network hears."""

    embedder: SpeakerEmbedder

    def tell(
        self, audio: Sound, cells: Cells, cfg: SpeakersConfig, progress: Progress
    ) -> Clustering:
        """Voices of the cells, each heard within a window of ``cfg.window_s`` around it.

        A window never reaches over a pause or past cells that are missing from ``cells``.
        """
        if len(cells) == 0:
            return nobody()
        width = max(1, round(cfg.window_s / cfg.hop_s))
        vectors = _listen(audio, cells, self.embedder, width, progress)
        return cluster_vectors(vectors, width, cfg.min_similarity, cfg.max_speakers)


def cluster_vectors(vectors: Vectors, least: int, similarity: float, most: int) -> Clustering:
    """At most ``most`` voices of n > 0 unit vectors (n, d) in order of time.

    Two groups are one voice while the mean similarity between their members is at least
    ``similarity``, or their centres nearly coincide. Groups of fewer than ``least`` vectors are no
    voice of their own, since that many windows in a row can straddle one change of speaker; they go
    to the nearest voice, as does every vector that was left out of the sample.
    """
    step = -(-len(vectors) // _MOST_UNITS)
    sample, smallest = vectors[::step], -(-least // step)
    tree = _tree(sample)
    centres, sizes = _voices(sample, _cut(tree, similarity), smallest)
    if len(centres) > most:
        centres, _ = _means(centres, _at_most(_tree(centres), most), sizes)
    fit = vectors @ _unit(centres).T
    heard = np.bincount(fit.argmax(axis=1), minlength=len(centres))
    fit = fit[:, heard >= min(least, int(heard.max()))]
    voice = fit.argmax(axis=1).astype(np.int32)
    second = np.full(len(voice), -1, np.int32)
    certainty = np.ones(len(voice))
    if fit.shape[1] > 1:
        second = np.argsort(-fit, axis=1, kind="stable")[:, 1].astype(np.int32)
        next_best, best = np.sort(fit, axis=1)[:, -2:].T
        certainty = 0.5 + 0.5 * np.clip((best - next_best) / (1.0 - similarity), 0.0, 1.0)
    voice, second = by_appearance(voice, second)
    counts = [
        min(most, len(_voices(sample, _cut(tree, at), smallest)[0]))
        for at in (similarity - _RANGE, similarity + _RANGE)
    ]
    found = int(voice.max()) + 1
    bounds = (min(*counts, found), max(*counts, found))
    return Clustering(voice, certainty, second, _distance(vectors, voice, similarity), bounds)


def _listen(
    audio: Sound, cells: Cells, embedder: SpeakerEmbedder, width: int, progress: Progress
) -> Vectors:
    """Vector (n, d) of every cell; cells with the same window share one."""
    windows, window_of = np.unique(_windows(cells, width), axis=0, return_inverse=True)
    parts = []
    for first in range(0, len(windows), _BATCH):
        batch = windows[first : first + _BATCH].tolist()
        pieces = [audio.read(cells.span[a, 0], cells.span[b, 1]) for a, b in batch]
        parts.append(embedder.embed(pieces))
        progress(min(1.0, (first + _BATCH) / len(windows)))
    vectors: Vectors = np.concatenate(parts).astype(np.float64)[window_of.reshape(-1)]
    return vectors


def _windows(cells: Cells, width: int) -> NDArray[np.intp]:
    """First and last cell (n, 2) of the window around each: ``width`` of them where possible."""
    n = np.arange(len(cells))
    apart = (np.diff(cells.run) != 0) | (cells.span[1:, 0] - cells.span[:-1, 1] > 1e-6)
    edges = np.concatenate([[0], np.flatnonzero(apart) + 1, [len(n)]])
    block = np.searchsorted(edges, n, side="right") - 1
    start, end = edges[block], edges[block + 1] - 1
    first = np.clip(n - (width - 1) // 2, start, np.maximum(start, end - width + 1))
    return np.stack([first, np.minimum(first + width - 1, end)], axis=1)


def _tree(vectors: Vectors) -> Vectors:
    """Average-linkage merges of (n, d) vectors by 1 - similarity, as scipy gives them."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    if len(vectors) < 2:
        return np.zeros((0, 4))
    apart = np.maximum(1.0 - vectors @ vectors.T, 0.0)
    merges: Vectors = linkage(squareform(apart, checks=False), method="average")
    return merges


def _cut(tree: Vectors, similarity: float) -> Labels:
    return _groups(tree, 1.0 - similarity, "distance")


def _at_most(tree: Vectors, most: int) -> Labels:
    return _groups(tree, most, "maxclust")


def _groups(tree: Vectors, limit: float, criterion: str) -> Labels:
    from scipy.cluster.hierarchy import fcluster

    if len(tree) == 0:
        return np.ones(1, np.int32)
    labels: Labels = fcluster(tree, limit, criterion=criterion)
    return labels


def _voices(vectors: Vectors, labels: Labels, least: int) -> tuple[Vectors, Vectors]:
    """Centres (k, d) of the groups with ``least`` members, or of the largest where none has as
    many, and their sizes (k,); groups whose centres point the same way are one."""
    centres, sizes = _means(vectors, labels, np.ones(len(vectors)))
    kept = sizes >= min(least, sizes.max())
    centres, sizes = centres[kept], sizes[kept]
    return _means(centres, _cut(_tree(_unit(centres)), _SAME_CENTRE), sizes)


def _means(vectors: Vectors, labels: Labels, weights: Vectors) -> tuple[Vectors, Vectors]:
    """Weighted mean (k, d) of the vectors under each label, and its weight (k,)."""
    total = (labels[:, None] == np.unique(labels)).astype(np.float64) * weights[:, None]
    sizes = total.sum(axis=0)
    return (total.T @ vectors) / sizes[:, None], sizes


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit


def _distance(vectors: Vectors, voice: Labels, similarity: float) -> Vectors:
    """Distances (k, k) on the scale of ``Clustering``: what the threshold keeps apart lies above
    ``SAME_PERSON``, so that nothing later joins it again."""
    means, _ = _means(vectors, voice, np.ones(len(vectors)))
    distance: Vectors = SAME_PERSON * np.maximum(1.0 - means @ means.T, 0.0) / (1.0 - similarity)
    np.fill_diagonal(distance, 0.0)
    return distance
