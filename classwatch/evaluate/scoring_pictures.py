"""What of a lesson goes into the scores of pictures: stream by stream, as pooled counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import Event
from classwatch.core.people import Tracks
from classwatch.core.pose import PoseSeries
from classwatch.evaluate.material import Material, PeopleSeen
from classwatch.evaluate.not_scored import NotScored, unknown
from classwatch.evaluate.scores.activities import Activities, doing_of
from classwatch.evaluate.scores.average_precision import KeypointPrecision
from classwatch.evaluate.scores.head_counts import HeadCounts, paired_counts, people_per_picture
from classwatch.evaluate.scores.keypoints import Keypoints
from classwatch.evaluate.scores.people import People
from classwatch.evaluate.scores.person_roles import PersonRoles
from classwatch.evaluate.scores.pictures import TruePeople, true_people
from classwatch.evaluate.scores.tracks import TrackIdentity
from classwatch.evaluate.tally import Tally, pool

__all__ = [
    "Activities",
    "HeadCounts",
    "KeypointPrecision",
    "Keypoints",
    "People",
    "PersonRoles",
    "TrackIdentity",
]
_TOLERANCE_S = 0.05


def paired(truth: Material, found: Material) -> Iterator[tuple[str, PeopleSeen, PeopleSeen]]:
    """Streams that both sides know, by name. Raises NotScored where there is none."""
    if not truth.people:
        raise unknown("people", truth=True)
    pairs = [
        (name, true, found.people[name])
        for given, true in sorted(truth.people.items())
        if (name := _stream(given, found)) in found.people
    ]
    if not pairs:
        raise unknown("people", truth=False, material=found)
    yield from pairs


def _stream(given: str, found: Material) -> str:
    """The found stream that a stream of the truth is; "" is the only one there is."""
    if given:
        return given
    if len(found.people) > 1:
        raise NotScored(f"the truth does not say which stream it is of: {', '.join(found.people)}")
    return next(iter(found.people), "")


def as_truth(seen: PeopleSeen, camera: str) -> TruePeople:
    """One stream of the truth as the scorers take it."""
    visible = None if seen.visible is None else seen.visible.astype(np.float64)
    return true_people(
        camera, seen.series, visible_share=visible, crowd=seen.ignored, area_px=seen.area_px
    )


def people(scorer: Any, truth: Material, found: Material) -> Tally:
    """Boxes against boxes."""
    return _each(truth, found, lambda t, f: scorer.count(t, f.series))


def keypoints(scorer: Any, truth: Material, found: Material) -> Tally:
    """Keypoints against keypoints, of the streams whose truth has them."""
    if truth.people and not any(p.has_keypoints for p in truth.people.values()):
        raise NotScored("the truth has boxes without keypoints")
    return people(scorer, truth, found)


def _each(
    truth: Material, found: Material, count: Callable[[TruePeople, PeopleSeen], Tally]
) -> Tally:
    return pool(
        count(as_truth(true, other.camera or name), other)
        for name, true, other in paired(truth, found)
    )


def tracked(scorer: Any, truth: Material, found: Material) -> Tally:
    """Tracks and roles against tracks and roles."""
    return pool(
        scorer.count(as_truth(true, other.camera or name), *_both(true, other))
        for name, true, other in paired(truth, found)
    )


def _both(true: PeopleSeen, other: PeopleSeen) -> tuple[Tracks, PoseSeries, Tracks]:
    if true.tracks is None:
        raise NotScored("the truth does not say who is the same person in two pictures")
    if other.tracks is None:
        raise NotScored("the results have no tracks")
    return true.tracks, other.series, other.tracks


def activity(scorer: Activities, truth: Material, found: Material) -> Tally:
    """What everybody does, sighting by sighting."""
    if truth.events is None:
        raise unknown("events", truth=True)
    if found.events is None:
        raise unknown("events", truth=False, material=found)
    tallies = []
    for name, true, other in paired(truth, found):
        true_tracks, series, tracks = _both(true, other)
        true_doing = doing_of(true.series, true_tracks, _of(truth.events, name), scorer.kinds)
        doing = doing_of(series, tracks, _of(found.events, name), scorer.kinds)
        camera = other.camera or name
        tallies.append(scorer.count(as_truth(true, camera), true_doing, series, doing))
    return pool(tallies)


def _of(events: tuple[Event, ...], stream: str) -> list[Event]:
    return [event for event in events if event.stream == stream]


def head_counts(scorer: HeadCounts, truth: Material, found: Material) -> Tally:
    """Number of people in each picture."""
    tallies = [
        scorer.count(*_constant(number, found.people[name].series), found.people[name].camera)
        for given, number in sorted(truth.people_counts.items())
        if (name := _stream(given, found)) in found.people
    ]
    if truth.people_counts and not tallies:
        raise unknown("people", truth=False, material=found)
    if truth.people:
        tallies += [
            scorer.count(*paired_counts(as_truth(true, name), other.series), other.camera or name)
            for name, true, other in paired(truth, found)
        ]
    if not tallies:
        raise NotScored("the truth does not say how many people there are")
    return pool(tallies)


def _constant(number: int, series: PoseSeries) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.full(len(series), number, np.int64), people_per_picture(series)
