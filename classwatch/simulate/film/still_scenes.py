"""Random rooms, casts, acts and cameras for labelled stills, each scene from seed and number.

Variety is the aim, not likelihood: every kind of room, light, act and camera comes often enough to
be learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classwatch.simulate.script import ActKind, CameraKind, Script
from classwatch.simulate.timeline import Timeline, resolve

MOMENTS = 4
CAMERAS = 2
PER_SCENE = MOMENTS * CAMERAS
"""Stills of one scene: building a room takes about as long as drawing them."""
SLOT_S = 24.0
"""Everybody does something else in each slot; long enough for the teacher to walk there."""
_STILL_AT = 0.8
"""Share of its slot after which a still is taken."""
_MOST_STUDENTS = 48

STUDENT_ACTS = (
    ActKind.LISTEN, ActKind.WRITE, ActKind.READ, ActKind.RAISE_HAND, ActKind.STAND,
    ActKind.TURN_LEFT, ActKind.TURN_RIGHT, ActKind.TURN_BACK, ActKind.SLEEP, ActKind.DEVICE,
    ActKind.CHIN,
)  # fmt: skip
"""What seated students do, in the order of patterns of weights."""
_PATTERNS = (
    (50, 12, 10, 12, 2, 2, 2, 1, 3, 3, 6),
    (6, 60, 15, 3, 2, 2, 2, 1, 3, 3, 5),
    (10, 8, 6, 6, 3, 25, 25, 8, 2, 4, 5),
    (18, 14, 12, 14, 8, 7, 7, 5, 5, 6, 6),
)
"""Weights of the acts while listening, practising, discussing, and mixed."""
_ADULT_ACTS = (
    ActKind.FACE, ActKind.GESTURE, ActKind.BOARD, ActKind.POINT, ActKind.PODIUM, ActKind.LEAN,
    ActKind.OUT,
)  # fmt: skip
_ADULT_WEIGHTS = (22, 24, 16, 12, 10, 14, 2)
_SIZES = ((640, 360), (960, 540), (1280, 720), (1920, 1080))
_SIZE_WEIGHTS = (20, 20, 45, 15)
_KINDS = (CameraKind.FRONT, CameraKind.REAR, CameraKind.SIDE, CameraKind.TRACKING)
_KIND_WEIGHTS = (45, 25, 20, 10)
_OTHER_LENS = 0.3
"""Share of cameras whose lens was not chosen to hold the whole class."""


@dataclass(frozen=True, slots=True)
class Still:
    """One still: its number within the scene, time, and the camera's number in the script."""

    number: int
    time_s: float
    camera: int


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One room with its people on a timeline, and the stills taken of it."""

    number: int
    timeline: Timeline
    stills: tuple[Still, ...]

    def acts(self, still: Still) -> tuple[str, ...]:
        """What everybody does in a still, in the order of the script's people."""
        found = {
            who: timed.act.kind.value
            for timed in self.timeline.acts
            if timed.start_s <= still.time_s < timed.end_s
            for who in timed.actors
        }
        return tuple(found[person.id] for person in self.timeline.script.people)


def make_scene(seed: int, number: int) -> Scene:
    """Scene ``number`` of a set of stills; the same for the same seed and number."""
    rng = np.random.default_rng([seed, number])
    room, seats = _room(rng)
    people = [{"id": "t", "kind": "teacher"}]
    if rng.random() < 0.1:
        people.append({"id": "guest", "kind": "adult"})
    people += [{"id": f"s{i:02d}", "kind": "student", "seat": seat} for i, seat in enumerate(seats)]
    script = Script.model_validate(
        {
            "lesson_id": f"stills-{seed}-{number}",
            "seed": int(rng.integers(2**32)),
            "language": "zh" if rng.random() < 0.7 else "en",
            "room": room,
            "people": people,
            "phases": [{"kind": "lecture", "start": 0}],
            "acts": [act for slot in range(MOMENTS) for act in _acts(rng, people, slot)],
            "cameras": [_camera(rng, i) for i in range(PER_SCENE)],
            "end": MOMENTS * SLOT_S,
        }
    )
    stills = tuple(
        Still(i, round((i // CAMERAS + _STILL_AT) * SLOT_S, 3), i) for i in range(PER_SCENE)
    )
    return Scene(number, resolve(script, {}), stills)


def _room(rng: np.random.Generator) -> tuple[dict[str, Any], list[str]]:
    layout = _pick(rng, ("rows", "pairs", "groups"), (30, 45, 25))
    rows, columns = int(rng.integers(2, 8)), int(rng.integers(2, 9))
    room = {
        "layout": layout,
        "rows": rows,
        "columns": columns,
        "age": _pick(rng, ("primary", "lower", "upper"), (1, 1, 1)),
        "light": _pick(rng, ("day", "lamps", "mixed", "dim", "projector"), (35, 20, 25, 10, 10)),
    }
    every = [f"r{r + 1}c{c + 1}" for r in range(rows) for c in range(columns)]
    taken = rng.random(len(every)) < rng.uniform(0.5, 1.0)
    seats = [seat for seat, used in zip(every, taken, strict=True) if used]
    return room, (seats or every[:1])[:_MOST_STUDENTS]


def _acts(
    rng: np.random.Generator, people: Sequence[dict[str, str]], slot: int
) -> list[dict[str, Any]]:
    pattern = _PATTERNS[int(rng.integers(len(_PATTERNS)))]
    seats = [p["seat"] for p in people if "seat" in p]
    acts: list[dict[str, Any]] = []
    for person in people:
        adult = person["kind"] != "student"
        kinds, weights = (_ADULT_ACTS, _ADULT_WEIGHTS) if adult else (STUDENT_ACTS, pattern)
        kind = kinds[int(rng.choice(len(kinds), p=np.array(weights) / sum(weights)))]
        act: dict[str, Any] = {
            "who": person["id"],
            "kind": kind.value,
            "start": round(slot * SLOT_S + 0.3 * SLOT_S, 3),
            "end": (slot + 1) * SLOT_S,
            "side": "right" if rng.random() < 0.8 else "left",
        }
        if kind is ActKind.LEAN or (adult and kind is ActKind.FACE and rng.random() < 0.5):
            act["place"] = f"beside:{seats[int(rng.integers(len(seats)))]}"
        acts.append(act)
    return acts


def _camera(rng: np.random.Generator, number: int) -> dict[str, Any]:
    width, height = _SIZES[_index(rng, _SIZE_WEIGHTS)]
    camera: dict[str, Any] = {
        "name": f"c{number}",
        "kind": _KINDS[_index(rng, _KIND_WEIGHTS)].value,
        "width_px": width,
        "height_px": height,
    }
    if rng.random() < _OTHER_LENS:
        camera["hfov_deg"] = round(float(rng.uniform(35, 110)), 1)
    return camera


def _index(rng: np.random.Generator, weights: Sequence[float]) -> int:
    return int(rng.choice(len(weights), p=np.array(weights) / sum(weights)))


def _pick(rng: np.random.Generator, choices: Sequence[str], weights: Sequence[float]) -> str:
    return choices[_index(rng, weights)]
