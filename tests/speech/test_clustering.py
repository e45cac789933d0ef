"""Voices and parts of voices from made cepstra whose distance is known by calculation."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.speech.clustering import Clustering, cluster_cells
from classwatch.speech.voiceprint import CEPSTRA, Cells

FRAMES, BLOCK, BLOCKS = 75, 6, 20


def two_people(apart: float) -> Cells:
    """Two people by turns, ``BLOCK`` cells each: cepstra of deviation 1, ``apart`` in one of them.

    Taken as one Gaussian, the variance of that cepstrum grows from 1 to 1 + apart²/4; with 400
    frames each and 100 of the prior, the loss is log(1 + 800/900 * apart²/4) per frame of one.
    """
    rng = np.random.default_rng(3)
    count = BLOCK * BLOCKS
    who = (np.arange(count) // BLOCK) % 2
    frames = rng.normal(size=(count, FRAMES, CEPSTRA))
    frames[..., 0] += apart * who[:, None]
    start_s = 0.75 * np.arange(count)
    return Cells(
        span=np.stack([start_s, start_s + 0.75], axis=1),
        run=(np.arange(count) // BLOCK).astype(np.int32),
        count=np.full(count, float(FRAMES)),
        total=frames.sum(axis=1),
        product=np.einsum("nfi,nfj->nij", frames, frames),
        pitch=np.zeros((count, 3)),
        sound=np.zeros((count, 6)),
    )


def found(apart: float) -> Clustering:
    return cluster_cells(two_people(apart), 3, 8)


@pytest.mark.parametrize(
    ("apart", "voices", "parts"),
    # Losses of 0.64, 1.19 and 1.88: parts are one below 1.0, voices below 1.4.
    [(2.0, 1, 1), (3.2, 1, 2), (5.0, 2, 2)],
)
def test_parts_are_cut_finer_than_voices(apart: float, voices: int, parts: int) -> None:
    clustering = found(apart)
    assert clustering.parts is not None
    assert len(clustering.distance) == voices
    assert len(clustering.parts.distance) == parts
    if parts == 2:
        who = (np.arange(BLOCK * BLOCKS) // BLOCK) % 2
        np.testing.assert_array_equal(clustering.parts.part, who)


def test_the_distance_of_parts_is_the_loss_of_likelihood() -> None:
    clustering = found(3.2)
    assert clustering.parts is not None
    expected = np.log(1.0 + 800.0 / 900.0 * 3.2**2 / 4.0)
    assert clustering.parts.distance[0, 1] == pytest.approx(expected, abs=0.1)
