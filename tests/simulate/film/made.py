"""Sightings and timelines worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from classwatch.core.speech import Word
from classwatch.simulate.film.sightings import Sightings
from classwatch.simulate.script import Script
from classwatch.simulate.timeline import Spoken, Timeline, resolve

SPEECH_S = 2.0


def timeline(**parts: Any) -> Timeline:
    """A lesson of one teacher and four students; every utterance takes ``SPEECH_S`` seconds."""
    given: dict[str, Any] = {
        "lesson_id": "made",
        "seed": 5,
        "room": {"rows": 2, "columns": 2},
        "people": [
            {"id": "t", "kind": "teacher"},
            *({"id": f"s{i}", "kind": "student", "seat": seat} for i, seat in enumerate(SEATS)),
        ],
        "phases": [{"kind": "lecture", "start": 0}],
        "end": 12.0,
    }
    script = Script.model_validate(given | parts)
    spoken = {
        u.id: Spoken(SPEECH_S, ((0.0, SPEECH_S),), (Word(0.0, SPEECH_S, u.text, 1.0),))
        for u in script.utterances
    }
    return resolve(script, spoken)


SEATS = ("r1c1", "r1c2", "r2c1", "r2c2")


def sightings(
    seen: Sequence[Sequence[int]],
    *,
    place_m: Sequence[tuple[float, float]] | None = None,
    facing: float = 1.0,
    shot: Sequence[int] | None = None,
) -> Sightings:
    """Person p of picture f is seen where ``seen[f][p]``, with a box of 20 by 50 px."""
    mask = np.asarray(seen, bool)
    f, p = mask.shape
    made = Sightings.blank(f, p)
    for row, person in zip(*np.nonzero(mask), strict=True):
        made.box_px[row, person] = (100 * person, 10, 100 * person + 20, 60)
        made.keypoints[row, person] = (100 * person + 10, 30, 2)
        made.keypoints[row, person, 13:15, 2] = 1
        made.keypoints[row, person, 15:] = (7, 7, 0)
    made.share[mask] = 0.5
    made.area_px[mask] = 800
    made.place_m[:] = (0.0, 3.0) if place_m is None else np.asarray(place_m)[:, None]
    made.facing[:] = facing
    if shot is not None:
        made.shot[:] = shot
    return made
