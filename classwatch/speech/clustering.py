"""How many voices there are, and which cell of speech belongs to which.

Agglomerative clustering of full-covariance Gaussians with the Bayesian information criterion
(Chen and Gopalakrishnan 1998), a Viterbi pass that moves boundaries to where they belong, and a
second merging by distance per frame. Departures from the textbook, all measured: clusters never
weigh more than ``_WEIGHT_CAP`` frames, since the plain criterion splits one voice into ever more
as a lesson gets longer; covariances lean on the pooled within-cell covariance, so that a
one-second answer has one; and what the criterion leaves apart is joined where the distance is
one that parts of a single voice have among themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.speech.paths import likeliest_path
from classwatch.speech.voiceprint import CEPSTRA, Cells

SAME_PERSON = 2.2
"""Distance between two voices up to which they may well be one person's."""
_MOST_UNITS = 600
_PENALTY = 0.95
"""Times the textbook penalty; chosen on made lessons, meetings and recordings of a single voice."""
_WEIGHT_CAP = 1500.0
_SAME_VOICE = 1.4
"""Distance per frame below which two clusters are one voice: the lowest at which six recordings of
one person each stay one voice."""
_SAME_VOICE_RANGE = (1.85, 1.2)
_SAME_PART = 1.0
"""The same for parts of voices: two people who sound alike should rather be two parts of a voice
than one part."""
_SAME_VOICE_CAP = 400.0
_FRAME_WEIGHT = 0.3
"""Neighbouring frames tell the same story: a frame counts as this much of an observation."""
_PRIOR_FRAMES = 100.0
_PRIOR_PITCHES = 20.0
_SWITCH_COST = 10.0
_PASSES = 3
_PIECE_ROWS = 1024
Array = NDArray[np.float64]
Labels = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """``part`` (n,) int32 per cell, by first appearance, -1 for none; ``distance`` (p, p)."""

    part: Labels
    distance: Array


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """``voice`` (n,) int32 per cell, numbered by first appearance; ``certainty`` (n,) in [0, 1];
    ``second`` (n,) int32 the next best voice, -1 where there is one voice only.
    ``distance`` (k, k) between voices, loss of log likelihood per frame by taking them as one.
    ``count_range`` is the number of voices by a rule that joins more readily and by one that joins
    less: the count is as uncertain as these are apart. ``parts`` are where voices are cut finer,
    None where nothing did.
    """

    voice: Labels
    certainty: Array
    second: Labels
    distance: Array
    count_range: tuple[int, int]
    parts: Parts | None = None


def nobody() -> Clustering:
    """No cell and no voice."""
    none = np.zeros(0, np.int32)
    return Clustering(none, np.zeros(0), none, np.zeros((0, 0)), (0, 0))


def cluster_cells(cells: Cells, window_cells: int, most: int) -> Clustering:
    """Voices of n cells: units of ``window_cells`` are clustered into at most ``most`` voices.

    Lessons with more than 600 units are clustered on an even sample over time; the likelihood of
    every cell under the voices found then assigns the rest.
    """
    if len(cells) == 0:
        return nobody()
    prior = _prior(cells)
    units = _units(cells.run, window_cells)
    sample = units[:: max(1, -(-len(units) // _MOST_UNITS))]
    groups = _agglomerate([_pooled(cells, rows) for rows in sample], prior, 2 * most)
    models = [_pooled(cells, np.concatenate([sample[u] for u in group])) for group in groups]
    voice, _ = _assign(cells, models, prior)
    heard = [_pooled(cells, np.flatnonzero(voice == k)) for k in np.unique(voice)]
    few, many = (len(_fuse(heard, most, prior, same)) for same in _SAME_VOICE_RANGE)
    models = _fuse(heard, most, prior, _SAME_VOICE)
    voice, fit = _assign(cells, models, prior)
    certainty = _certainty(fit, voice, cells.run)
    voice, second = by_appearance(voice, _next_best(fit, voice))
    distance = _distances(cells, voice, prior)
    part, _ = _assign(cells, _fuse(heard, 2 * most, prior, _SAME_PART), prior)
    part, _ = by_appearance(part, part)
    parts = Parts(part, _distances(cells, part, prior))
    found = len(distance)
    bounds = (min(few, found), max(many, found))
    return Clustering(voice, certainty, second, distance, bounds, parts)


@dataclass(frozen=True, slots=True, eq=False)
class _Gaussian:
    """Sufficient statistics of a set of cells."""

    count: float
    total: Array
    product: Array
    pitch: Array

    def plus(self, other: _Gaussian) -> _Gaussian:
        return _Gaussian(
            self.count + other.count,
            self.total + other.total,
            self.product + other.product,
            self.pitch + other.pitch,
        )

    def capped(self, frames: float) -> _Gaussian:
        share = min(1.0, frames / max(self.count, 1.0))
        return _Gaussian(
            self.count * share, self.total * share, self.product * share, self.pitch * share
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Prior:
    """Pooled within-cell covariance (d, d) and the same of log pitch."""

    covariance: Array
    pitch_variance: float


def _prior(cells: Cells) -> _Prior:
    count = np.maximum(cells.count, 1.0)
    between = np.einsum("ni,nj,n->ij", cells.total, cells.total, 1.0 / count)
    covariance = (cells.product.sum(axis=0) - between) / count.sum()
    voiced = np.maximum(cells.pitch[:, 0], 1.0)
    scatter = float((cells.pitch[:, 2] - np.square(cells.pitch[:, 1]) / voiced).sum())
    floor = 1e-6 * np.eye(CEPSTRA)
    return _Prior(covariance + floor, max(scatter / float(voiced.sum()), 1e-3))


def _units(run: NDArray[np.int32], window_cells: int) -> list[NDArray[np.intp]]:
    units: list[NDArray[np.intp]] = []
    for one in np.split(np.arange(len(run)), np.flatnonzero(np.diff(run)) + 1):
        units.extend(np.array_split(one, max(1, round(len(one) / window_cells))))
    return units


def _pooled(cells: Cells, rows: NDArray[np.intp]) -> _Gaussian:
    # Piece by piece: the rows of one voice may be most of the lesson, and taking them copies them.
    pieces = range(_PIECE_ROWS, len(rows), _PIECE_ROWS)
    product = sum(
        (cells.product[part].sum(axis=0) for part in np.split(rows, pieces)),
        np.zeros((CEPSTRA, CEPSTRA)),
    )
    return _Gaussian(
        float(cells.count[rows].sum()),
        cells.total[rows].sum(axis=0),
        product,
        cells.pitch[rows].sum(axis=0),
    )


def _stacked(gaussians: list[_Gaussian]) -> tuple[Array, Array, Array, Array]:
    return (
        np.array([g.count for g in gaussians]),
        np.stack([g.total for g in gaussians]),
        np.stack([g.product for g in gaussians]),
        np.stack([g.pitch for g in gaussians]),
    )


def _cost(stack: tuple[Array, Array, Array, Array], prior: _Prior) -> Array:
    """Half of n log|covariance|, per Gaussian of the stack, cepstra and pitch together."""
    count, total, product, pitch = stack
    n = np.maximum(count, 1.0)[:, None, None]
    scatter = product - total[:, :, None] * total[:, None, :] / n
    covariance = (scatter + _PRIOR_FRAMES * prior.covariance) / (n + _PRIOR_FRAMES)
    voiced = np.maximum(pitch[:, 0], 1.0)
    spread = pitch[:, 2] - np.square(pitch[:, 1]) / voiced + _PRIOR_PITCHES * prior.pitch_variance
    variance = np.maximum(spread / (pitch[:, 0] + _PRIOR_PITCHES), 1e-9)
    halves: Array = 0.5 * (
        count * np.linalg.slogdet(covariance)[1] + pitch[:, 0] * np.log(variance)
    )
    return halves


_Stack = tuple[Array, Array, Array, Array]


def _agglomerate(units: list[_Gaussian], prior: _Prior, most: int) -> list[list[int]]:
    """Groups of unit numbers; merging stops where the criterion says they are two voices."""
    capped = _stacked([u.capped(_WEIGHT_CAP) for u in units])
    own = _cost(capped, prior)
    n = len(units)
    gain = np.full((n, n), np.inf)
    for i in range(n - 1):
        later = np.arange(i + 1, n)
        gain[i, later] = _criterion(capped, own, i, later, prior)
    whole, groups = list(units), [[i] for i in range(n)]
    alive = np.ones(n, dtype=np.bool_)
    while alive.sum() > 1:
        first, second = (int(v) for v in np.unravel_index(int(gain.argmin()), gain.shape))
        if gain[first, second] > 0 and alive.sum() <= most:
            break
        whole[first] = whole[first].plus(whole[second])
        groups[first] += groups[second]
        alive[second] = False
        merged = _stacked([whole[first].capped(_WEIGHT_CAP)])
        for target, source in zip(capped, merged, strict=True):
            target[first] = source[0]
        own[first] = _cost(merged, prior)[0]
        for gone in (first, second):
            gain[gone, :] = gain[:, gone] = np.inf
        others = np.flatnonzero(alive & (np.arange(n) != first))
        values = _criterion(capped, own, first, others, prior)
        gain[np.minimum(others, first), np.maximum(others, first)] = values
    return [groups[k] for k in np.flatnonzero(alive)]


def _criterion(
    stack: _Stack, own: Array, one: int, others: NDArray[np.intp], prior: _Prior
) -> Array:
    """Positive where two Gaussians explain both better than a common one, penalty paid."""
    if len(others) == 0:
        return np.zeros(0)
    count, total, product, pitch = (part[others] + part[one] for part in stack)
    loss = _cost((count, total, product, pitch), prior) - own[others] - own[one]
    parameters = CEPSTRA + CEPSTRA * (CEPSTRA + 1) / 2
    penalty = 0.25 * (
        parameters * np.log(np.maximum(count, 2.0)) + 2.0 * np.log(np.maximum(pitch[:, 0], 2.0))
    )
    value: Array = _FRAME_WEIGHT * loss - _PENALTY * penalty
    return value


def _fuse(models: list[_Gaussian], most: int, prior: _Prior, same_voice: float) -> list[_Gaussian]:
    """Joins the nearest two while they sound like one voice, or while there are too many."""
    models = list(models)
    while len(models) > 1:
        pairs = [(i, j) for i in range(len(models)) for j in range(i + 1, len(models))]
        distances = [_distance(models[i], models[j], prior) for i, j in pairs]
        nearest = int(np.argmin(distances))
        if distances[nearest] >= same_voice and len(models) <= most:
            break
        first, second = pairs[nearest]
        models[first] = models[first].plus(models.pop(second))
    return models


def _distance(left: _Gaussian, right: _Gaussian, prior: _Prior) -> float:
    """Loss of likelihood by one common Gaussian, per frame of the smaller one."""
    pair = _stacked([left.capped(_SAME_VOICE_CAP), right.capped(_SAME_VOICE_CAP)])
    apart = float(_cost(pair, prior).sum())
    count, total, product, pitch = (part.sum(axis=0, keepdims=True) for part in pair)
    together = float(_cost((count, total, product, pitch), prior)[0])
    return (together - apart) / max(float(pair[0].min()), 1.0)


def _distances(cells: Cells, voice: Labels, prior: _Prior) -> Array:
    """Distance (k, k) between the voices that cells were given."""
    models = [_pooled(cells, np.flatnonzero(voice == k)) for k in range(int(voice.max()) + 1)]
    return np.array([[_distance(a, b, prior) for b in models] for a in models])


def _assign(cells: Cells, models: list[_Gaussian], prior: _Prior) -> tuple[Labels, Array]:
    """Voice (n,) of every cell and its fit (n, k), after a few rounds of re-estimation."""
    for _ in range(_PASSES - 1):
        fit = np.stack([_log_likelihood(cells, model, prior) for model in models], axis=1)
        voice = _best_path(fit, cells)
        models = [_pooled(cells, np.flatnonzero(voice == k)) for k in np.unique(voice)]
    fit = np.stack([_log_likelihood(cells, model, prior) for model in models], axis=1)
    return _best_path(fit, cells), fit


def _log_likelihood(cells: Cells, model: _Gaussian, prior: _Prior) -> Array:
    """Weighted log likelihood (n,) of every cell under one voice, constants left out."""
    n = max(model.count, 1.0)
    mean = model.total / n
    scatter = model.product - n * np.outer(mean, mean)
    covariance = (scatter + _PRIOR_FRAMES * prior.covariance) / (n + _PRIOR_FRAMES)
    inverse, log_det = np.linalg.inv(covariance), float(np.linalg.slogdet(covariance)[1])
    distance = (
        np.einsum("nij,ij->n", cells.product, inverse)
        - 2.0 * cells.total @ inverse @ mean
        + cells.count * float(mean @ inverse @ mean)
    )
    voiced, pitch_sum, pitch_square = cells.pitch.T
    m = float(model.pitch[1]) / max(float(model.pitch[0]), 1.0)
    spread = float(model.pitch[2]) - float(model.pitch[0]) * m * m
    variance = max(
        (spread + _PRIOR_PITCHES * prior.pitch_variance) / (float(model.pitch[0]) + _PRIOR_PITCHES),
        1e-4,
    )
    pitch_distance = (pitch_square - 2.0 * m * pitch_sum + voiced * m * m) / variance
    value: Array = (-0.5 * _FRAME_WEIGHT) * (
        cells.count * log_det + distance + voiced * np.log(variance) + pitch_distance
    )
    return value


def _best_path(fit: Array, cells: Cells) -> Labels:
    """Most likely voice (n,) of every cell; a change of voice costs less across a pause."""
    cost = np.where(np.diff(cells.run, prepend=-1) == 0, _SWITCH_COST, _SWITCH_COST / 2)
    return likeliest_path(fit, cost).astype(np.int32)


def _certainty(fit: Array, voice: Labels, run: NDArray[np.int32]) -> Array:
    """Posterior (n,) of the voice chosen, each cell looked at with its neighbours in the run."""
    wide = fit.copy()
    joined = np.diff(run) == 0
    wide[1:][joined] += fit[:-1][joined]
    wide[:-1][joined] += fit[1:][joined]
    relative = np.exp(np.clip(wide - wide.max(axis=1, keepdims=True), -60.0, 0.0))
    posterior: Array = (relative / relative.sum(axis=1, keepdims=True))[np.arange(len(fit)), voice]
    return posterior


def _next_best(fit: Array, voice: Labels) -> Labels:
    """The likeliest other voice (n,) of every cell, -1 where there is no other."""
    if fit.shape[1] < 2:
        return np.full(len(voice), -1, np.int32)
    others = fit.copy()
    others[np.arange(len(voice)), voice] = -np.inf
    second: Labels = others.argmax(axis=1).astype(np.int32)
    return second


def by_appearance(voice: Labels, second: Labels) -> tuple[Labels, Labels]:
    """Both (n,) numbered by when a voice first comes; -1 for a second that is never the first."""
    names, first, inverse = np.unique(voice, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    renamed = np.full(int(max(voice.max(), second.max())) + 2, -1, np.int32)
    renamed[names] = rank
    return rank[inverse].astype(np.int32), renamed[second]
