"""What is known about one lesson, on either side of a comparison: truth, or what was found.

``None`` means that nothing is known; an empty tuple means that there is none. Scores compare only
what both sides know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import UsageError
from classwatch.core.events import Event
from classwatch.core.measures import Measure
from classwatch.core.people import Tracks
from classwatch.core.pose import PoseSeries
from classwatch.core.speech import Transcript, Turn
from classwatch.core.time import Interval, Intervals
from classwatch.exchange.intervals import Labelled
from classwatch.store.records import ModelRecord


@dataclass(frozen=True, slots=True, eq=False)
class PeopleSeen:
    """The people in the pictures of one stream.

    ``visible`` (n,) share of each body that can be seen (None: not known); ``ignored`` (n,) marks
    regions that count for nothing, such as crowds; ``area_px`` (n,) the body's area where it is
    known better than by the box. ``camera`` is the stream's role. ``has_keypoints`` and
    ``has_tracks`` say what was annotated or computed at all.
    """

    series: PoseSeries
    camera: str = ""
    tracks: Tracks | None = None
    visible: NDArray[np.float32] | None = None
    ignored: NDArray[np.bool_] | None = None
    area_px: NDArray[np.float64] | None = None
    has_keypoints: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """One lesson as somebody, or the program, saw it.

    ``scored`` (n, 2) are the annotated parts of the sound (None: the whole); ``speech`` (n, 2)
    where anybody speaks; ``codes`` are codings by name; ``people_counts`` how many people a stream
    shows all the time. ``why`` says, by field, why something is not known.
    """

    span: Interval | None = None
    scored: Intervals | None = None
    turns: tuple[Turn, ...] | None = None
    speech: Intervals | None = None
    transcript: Transcript | None = None
    events: tuple[Event, ...] | None = None
    measures: tuple[Measure, ...] | None = None
    people: Mapping[str, PeopleSeen] = field(default_factory=dict)
    codes: Mapping[str, tuple[Labelled, ...]] = field(default_factory=dict)
    people_counts: Mapping[str, int] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)
    models: tuple[ModelRecord, ...] = ()
    untimed_text: bool = False
    """Whether ``transcript`` has words without times: it stands for the whole recording."""


_JOINED = ("people", "codes", "people_counts", "why")


def merged(parts: Iterable[Material], place: str) -> Material:
    """One material from several that know different things.

    Raises UsageError naming ``place`` where two of them claim to know the same.
    """
    whole = Material()
    for part in parts:
        changes: dict[str, object] = {}
        for name in (f.name for f in fields(Material)):
            mine, new = getattr(whole, name), getattr(part, name)
            if name in _JOINED:
                _refuse_twice(name, set(mine) & set(new), place)
                changes[name] = {**mine, **new}
            elif name == "models":
                changes[name] = mine + new
            elif name == "untimed_text":
                changes[name] = mine or new
            elif new is not None:
                _refuse_twice(name, {name} if mine is not None else set(), place)
                changes[name] = new
        whole = replace(whole, **changes)  # type: ignore[arg-type]
    return whole


def _refuse_twice(name: str, both: set[str], place: str) -> None:
    if both and name not in ("why", "span"):
        what = name if both == {name} else f"{name} {', '.join(sorted(both))}"
        raise UsageError(
            f"two items say what the {what} are", subject=place, remedy="leave one of them out"
        )
