"""Identity over time: IDF1, HOTA and switches of the tracks of one camera.

IDF1: Ristani et al. 2016 (arXiv 1609.01775). HOTA: Luiten et al. 2021 (arXiv 2009.07736), over
overlaps 0.05, 0.10 ... 0.95. Switches and MOTA: Bernardin and Stiefelhagen 2008, at overlap 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.people import NO_TRACK, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.evaluate.scores.figures import NOTHING, mean
from classwatch.evaluate.scores.keys import key
from classwatch.evaluate.scores.pictures import TruePeople, picture_pairs
from classwatch.evaluate.tally import Figure, Tally, share

ALPHAS = tuple(round(0.05 * step, 2) for step in range(1, 20))
_ALMOST_0 = np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One picture: true ids (t,), found ids (f,) and the overlap of their boxes (t, f)."""

    truth: NDArray[np.int64]
    found: NDArray[np.int64]
    overlap: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrackIdentity:
    """Who keeps their number. Bodies found without a track count as not tracked."""

    min_iou: float = 0.5
    tolerance_s: float = 0.05
    name = "picture.tracks"

    def count(
        self, truth: TruePeople, true_tracks: Tracks, found: PoseSeries, tracks: Tracks
    ) -> Tally:
        """One camera of one lesson. True people without a track are left out."""
        moments = []
        for picture in picture_pairs(
            truth, found, min_iou=self.min_iou, tolerance_s=self.tolerance_s
        ):
            true_ids = true_tracks.track_id[picture.truth].astype(np.int64)
            found_ids = tracks.track_id[picture.found].astype(np.int64)
            rows, columns = true_ids != NO_TRACK, found_ids != NO_TRACK
            overlap = picture.affinity[np.ix_(rows, columns)]
            moments.append(Moment(true_ids[rows], found_ids[columns], overlap))
        return self.count_moments(moments)

    def count_moments(self, moments: list[Moment]) -> Tally:
        """The same from ids and overlaps, whatever they come from."""
        dense = _dense(moments)
        return Tally({**_idf1(dense, self.min_iou), **_clear(dense, self.min_iou), **_hota(dense)})

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """IDF1 with its parts, HOTA with its parts, switches, MOTA."""
        counts = tally.counts
        both, missed, extra = (counts.get(n, 0.0) for n in ("id_both", "id_missed", "id_extra"))
        tag = f"@iou={self.min_iou:g}"
        sightings = counts.get("sightings", 0.0)
        switches = counts.get("switches", 0.0)
        wrong = counts.get("missed", 0.0) + counts.get("extra", 0.0) + switches
        mota = (sightings - wrong) / sightings if sightings else None
        why = "" if sightings else NOTHING
        hota, detection, association = _hota_figures(tally)
        return (
            share(f"{self.name}.idf1{tag}", 2 * both, 2 * both + missed + extra, better="higher"),
            share(f"{self.name}.idp{tag}", both, both + extra, better="higher"),
            share(f"{self.name}.idr{tag}", both, both + missed, better="higher"),
            Figure(f"{self.name}.hota", hota, "share", "higher", why=why if hota is None else ""),
            Figure(f"{self.name}.deta", detection, "share", "higher", why=why),
            Figure(f"{self.name}.assa", association, "share", "higher", why=why),
            mean(
                f"{self.name}.switches{tag}",
                switches * 100,
                sightings,
                unit="per 100 sightings",
                better="lower",
            ),
            Figure(f"{self.name}.mota{tag}", mota, "share", "higher", why=why),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Dense:
    """Moments with ids counted from 0."""

    moments: list[Moment]
    truths: int
    founds: int


def _dense(moments: list[Moment]) -> _Dense:
    nothing = np.zeros(0, np.int64)
    true_ids = np.unique(np.concatenate([nothing, *[m.truth for m in moments]]))
    found_ids = np.unique(np.concatenate([nothing, *[m.found for m in moments]]))
    renumbered = [
        Moment(np.searchsorted(true_ids, m.truth), np.searchsorted(found_ids, m.found), m.overlap)
        for m in moments
    ]
    return _Dense(renumbered, len(true_ids), len(found_ids))


def _sightings(dense: _Dense) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How often each true and each found id is there."""
    truth, found = np.zeros(dense.truths), np.zeros(dense.founds)
    for moment in dense.moments:
        truth[moment.truth] += 1
        found[moment.found] += 1
    return truth, found


def _idf1(dense: _Dense, min_iou: float) -> dict[str, float]:
    """Sightings with the right identity, under the best one-to-one match of whole tracks."""
    from scipy.optimize import linear_sum_assignment

    together = np.zeros((dense.truths, dense.founds))
    for moment in dense.moments:
        rows, columns = np.nonzero(moment.overlap >= min_iou)
        together[moment.truth[rows], moment.found[columns]] += 1
    best = linear_sum_assignment(together, maximize=True)
    both = float(together[best].sum())
    truth, found = _sightings(dense)
    return {
        "id_both": both,
        "id_missed": float(truth.sum()) - both,
        "id_extra": float(found.sum()) - both,
    }


def _clear(dense: _Dense, min_iou: float) -> dict[str, float]:
    """Misses, extras and switches; a match of the picture before is kept where it still holds."""
    from scipy.optimize import linear_sum_assignment

    counts = {"sightings": 0.0, "missed": 0.0, "extra": 0.0, "switches": 0.0}
    last = np.full(dense.truths, -1)
    before = np.full(dense.truths, -1)
    for moment in dense.moments:
        counts["sightings"] += len(moment.truth)
        counts["missed"] += len(moment.truth)
        counts["extra"] += len(moment.found)
        if moment.overlap.size == 0:
            # A picture with nobody on one side does not part the pictures around it.
            continue
        kept = before[moment.truth][:, None] == moment.found[None, :]
        score = np.where(moment.overlap >= min_iou - _ALMOST_0, moment.overlap + 1000.0 * kept, 0)
        rows, columns = linear_sum_assignment(score, maximize=True)
        real = score[rows, columns] > 0
        true_ids, found_ids = moment.truth[rows[real]], moment.found[columns[real]]
        known = last[true_ids]
        counts["switches"] += float(((known >= 0) & (known != found_ids)).sum())
        counts["missed"] -= len(true_ids)
        counts["extra"] -= len(true_ids)
        last[true_ids] = found_ids
        before[:] = -1
        before[true_ids] = found_ids
    return counts


def _hota(dense: _Dense) -> dict[str, float]:
    """For each overlap: hits, and the sum over hits of how well their tracks belong together."""
    from scipy.optimize import linear_sum_assignment

    truth, found = _sightings(dense)
    alignment = _alignment(dense, truth, found)
    hits = np.zeros(len(ALPHAS))
    matched = np.zeros((len(ALPHAS), dense.truths, dense.founds))
    for moment in dense.moments:
        score = alignment[np.ix_(moment.truth, moment.found)] * moment.overlap
        rows, columns = linear_sum_assignment(score, maximize=True)
        overlap = moment.overlap[rows, columns]
        for number, alpha in enumerate(ALPHAS):
            real = overlap >= alpha - _ALMOST_0
            hits[number] += real.sum()
            true_ids, found_ids = moment.truth[rows[real]], moment.found[columns[real]]
            matched[number, true_ids, found_ids] += 1
    either = truth[:, None] + found[None, :] - matched
    belonging = matched * np.divide(matched, either, out=np.zeros_like(matched), where=either > 0)
    counts = {"hota_truth": float(truth.sum()), "hota_found": float(found.sum())}
    for number, alpha in enumerate(ALPHAS):
        counts[key("hota_hit", f"{alpha:g}")] = float(hits[number])
        counts[key("hota_belonging", f"{alpha:g}")] = float(belonging[number].sum())
    return counts


def _alignment(
    dense: _Dense, truth: NDArray[np.float64], found: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(T, F) how much two whole tracks overlap, as HOTA's first step finds it."""
    together = np.zeros((dense.truths, dense.founds))
    for moment in dense.moments:
        both = moment.overlap.sum(axis=0)[None, :] + moment.overlap.sum(axis=1)[:, None]
        both = both - moment.overlap
        ratio = np.divide(moment.overlap, both, out=np.zeros_like(both), where=both > _ALMOST_0)
        together[moment.truth[:, None], moment.found[None, :]] += ratio
    either = truth[:, None] + found[None, :] - together
    aligned: NDArray[np.float64] = np.divide(
        together, either, out=np.zeros_like(together), where=either > 0
    )
    return aligned


def _hota_figures(tally: Tally) -> tuple[float | None, float | None, float | None]:
    """HOTA, detection accuracy, association accuracy; means over the overlaps."""
    truths, founds = (tally.counts.get(n, 0.0) for n in ("hota_truth", "hota_found"))
    if not truths:
        return None, None, None
    detection, association = [], []
    for alpha in ALPHAS:
        hits = tally.counts.get(key("hota_hit", f"{alpha:g}"), 0.0)
        belonging = tally.counts.get(key("hota_belonging", f"{alpha:g}"), 0.0)
        detection.append(hits / (truths + founds - hits))
        association.append(belonging / hits if hits else 0.0)
    hota = np.sqrt(np.asarray(detection) * np.asarray(association))
    return float(hota.mean()), float(np.mean(detection)), float(np.mean(association))
