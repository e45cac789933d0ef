"""Random lessons without sound in which everybody keeps doing something else.

Variety is the aim, not likelihood: rare acts come often enough to be learnt and to be scored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from classwatch.simulate.film.still_scenes import STUDENT_ACTS
from classwatch.simulate.script import ActKind, Script
from classwatch.simulate.timeline import Timeline, resolve

PHASE_S = 45.0
_MOST_STUDENTS = 40
_PATTERNS = (
    (50, 8, 6, 14, 4, 2, 2, 2, 2, 2, 8),
    (6, 55, 22, 3, 2, 2, 2, 1, 3, 4, 5),
    (10, 8, 6, 6, 4, 24, 24, 8, 3, 4, 5),
    (18, 14, 12, 14, 8, 7, 7, 5, 6, 8, 6),
)
"""Weights of the acts while listening, practising, discussing, and mixed."""
_LASTS_S = {ActKind.RAISE_HAND: (2.5, 12.0), ActKind.STAND: (4.0, 20.0)}
_USUAL_S = (6.0, 35.0)
_ADULT_ACTS = (
    ActKind.FACE, ActKind.GESTURE, ActKind.BOARD, ActKind.POINT, ActKind.PODIUM, ActKind.LEAN,
    ActKind.SIT, ActKind.OUT,
)  # fmt: skip
_ADULT_WEIGHTS = (30, 22, 16, 12, 8, 14, 5, 3)
_ADULT_S = (5.0, 22.0)
_WALKS_S = 4.0
_AMONG_DESKS = 0.4
_SIZES = ((960, 540), (1280, 720), (1920, 1080))
_SIZE_WEIGHTS = (0.2, 0.5, 0.3)
_KINDS = ("front", "front", "rear", "rear", "rear", "side")
_OTHER_LENS = 0.2


def make_lesson(
    seed: int, number: int, *, duration_s: float, cameras: Sequence[dict[str, Any]] | None = None
) -> Timeline:
    """Lesson ``number`` of a set of ``duration_s`` seconds; the same for the same seed and number.

    ``cameras`` are entries of a script; without them six standing ones are drawn.
    """
    rng = np.random.default_rng([seed, number])
    room, seats = _room(rng)
    people = [{"id": "t", "kind": "teacher"}]
    people += [{"id": f"s{i:02d}", "kind": "student", "seat": seat} for i, seat in enumerate(seats)]
    acts = [*_teacher(rng, seats, duration_s), *_class(rng, len(seats), duration_s)]
    script = Script.model_validate(
        {
            "lesson_id": f"acts-{seed}-{number}",
            "seed": int(rng.integers(2**32)),
            "room": room,
            "people": people,
            "phases": [{"kind": "lecture", "start": 0}],
            "acts": acts,
            "cameras": list(cameras or (_camera(rng, kind) for kind in _KINDS)),
            "end": duration_s,
        }
    )
    return resolve(script, {})


def _room(rng: np.random.Generator) -> tuple[dict[str, Any], list[str]]:
    rows, columns = int(rng.integers(3, 8)), int(rng.integers(3, 9))
    room = {
        "layout": str(rng.choice(["rows", "pairs", "groups"], p=[0.35, 0.45, 0.2])),
        "rows": rows,
        "columns": columns,
        "age": str(rng.choice(["primary", "lower", "upper"])),
    }
    every = [f"r{r + 1}c{c + 1}" for r in range(rows) for c in range(columns)]
    taken = rng.random(len(every)) < rng.uniform(0.6, 1.0)
    seats = [seat for seat, used in zip(every, taken, strict=True) if used]
    return room, (seats or every[:1])[:_MOST_STUDENTS]


def _class(rng: np.random.Generator, students: int, duration_s: float) -> Iterator[dict[str, Any]]:
    phases = rng.integers(len(_PATTERNS), size=int(duration_s / PHASE_S) + 1)
    for student in range(students):
        now_s = float(rng.uniform(0, 8))
        while now_s < duration_s:
            weights = np.array(_PATTERNS[int(phases[int(now_s / PHASE_S)])], np.float64)
            kind = STUDENT_ACTS[int(rng.choice(len(weights), p=weights / weights.sum()))]
            end_s = now_s + float(rng.uniform(*_LASTS_S.get(kind, _USUAL_S)))
            yield _act(rng, f"s{student:02d}", kind, (now_s, min(end_s, duration_s)))
            now_s = end_s + float(rng.choice([0.0, rng.uniform(1, 8)]))


def _teacher(
    rng: np.random.Generator, seats: Sequence[str], duration_s: float
) -> Iterator[dict[str, Any]]:
    weights = np.array(_ADULT_WEIGHTS, np.float64)
    now_s = 0.0
    while now_s < duration_s:
        kind = _ADULT_ACTS[int(rng.choice(len(weights), p=weights / weights.sum()))]
        end_s = now_s + _WALKS_S + float(rng.uniform(*_ADULT_S))
        act = _act(rng, "t", kind, (now_s, min(end_s, duration_s)))
        among = kind in (ActKind.FACE, ActKind.GESTURE) and rng.random() < _AMONG_DESKS
        if kind is ActKind.LEAN or among:
            act["place"] = f"beside:{seats[int(rng.integers(len(seats)))]}"
        yield act
        now_s = end_s


def _act(
    rng: np.random.Generator, who: str, kind: ActKind, span_s: tuple[float, float]
) -> dict[str, Any]:
    start_s, end_s = (round(t, 3) for t in span_s)
    side = "right" if rng.random() < 0.75 else "left"
    return {"who": who, "kind": kind.value, "start": start_s, "end": end_s, "side": side}


def _camera(rng: np.random.Generator, kind: str) -> dict[str, Any]:
    width, height = _SIZES[int(rng.choice(len(_SIZES), p=_SIZE_WEIGHTS))]
    camera: dict[str, Any] = {
        "name": f"{kind}{int(rng.integers(1_000_000)):06d}",
        "kind": kind,
        "width_px": width,
        "height_px": height,
        "fps": 1.0,
    }
    if rng.random() < _OTHER_LENS:
        camera["hfov_deg"] = round(float(rng.uniform(45, 100)), 1)
    return camera
