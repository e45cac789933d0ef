"""A small classroom, its script, and an export of a figure as a file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from classwatch.core.pose import KEYPOINTS
from classwatch.simulate.figures.bones import BONES, NUMBER, PARENT_OF
from classwatch.simulate.figures.cast import Cast
from classwatch.simulate.figures.character import Character, FigureLibrary
from classwatch.simulate.figures.motion import Motion
from classwatch.simulate.figures.schematic import schematic_library
from classwatch.simulate.scene import Floorplan, Materials, Seat
from classwatch.simulate.script import (
    Act,
    Person,
    PersonKind,
    Phase,
    PhaseKind,
    Room,
    Script,
    Utterance,
)
from classwatch.simulate.timeline import Spoken, Timeline, resolve


def floorplan(rows: int = 2, columns: int = 4) -> Floorplan:
    """Desks in pairs: x = -1.9, -1.3, 1.3, 1.9; a platform of 15 cm; the podium at x = 2."""
    across = [-1.9, -1.3, 1.3, 1.9]
    seats = tuple(
        Seat(f"r{r + 1}c{c + 1}", r + 1, c + 1, across[c], 3.0 + 1.2 * r, math.pi, 0.38, 0.66, 0.22)
        for r in range(rows)
        for c in range(columns)
    )
    return Floorplan(
        width_m=7.0,
        depth_m=8.0,
        height_m=3.0,
        platform_height_m=0.15,
        platform_depth_m=1.2,
        board_left_m=1.8,
        board_right_m=-1.8,
        board_bottom_m=0.9,
        board_top_m=2.1,
        podium_x_m=2.0,
        podium_z_m=0.9,
        podium_height_m=1.1,
        window_side=1,
        seats=seats,
    )


def script(*acts: Act, students: int = 4, **more: Any) -> Script:
    """A teacher ``t`` and students ``s1``, ``s2`` ... at the seats in order."""
    plan = floorplan()
    people = [Person(id="t", kind=PersonKind.TEACHER)]
    people += [
        Person(id=f"s{k + 1}", kind=PersonKind.STUDENT, seat=plan.seats[k].id)
        for k in range(students)
    ]
    fields: dict[str, Any] = {
        "lesson_id": "made",
        "seed": 5,
        "room": Room(uniform=False),
        "people": tuple(people),
        "phases": (Phase(kind=PhaseKind.LECTURE, start=0),),
        "acts": acts,
        "end": 60.0,
    }
    return Script(**(fields | more))


def timeline(made: Script) -> Timeline:
    """Every utterance lasts 2 s and is voiced from 0.5 to 1.5 s."""
    spoken = {u.id: Spoken(2.0, ((0.5, 1.5),)) for u in made.utterances}
    return resolve(made, spoken)


def motion(
    *acts: Act, library: FigureLibrary | None = None, students: int = 4, **more: Any
) -> Motion:
    """The motion of a lesson with these acts."""
    made = script(*acts, students=students, **more)
    plan = floorplan()
    cast = Cast.build(made, plan, library or schematic_library(), Materials())
    return Motion(cast, timeline(made), plan)


def says(person: str, start: float, name: str = "u1") -> Utterance:
    """An utterance of ``person``."""
    return Utterance(id=name, speaker=person, text="hello", start=start)


def export(path: Path, character: Character, **changed: Any) -> Path:
    """Write ``character`` in the layout of figure folders; ``changed`` replaces arrays or meta.

    An array that is changed to None is left out. Bones are written in another order than the
    program's own, so that a reader which trusts its own order is found out.
    """
    shape = character.shape
    names = sorted(BONES, key=lambda n: (_depth(n), n))
    place = {name: k for k, name in enumerate(names)}
    row = np.array([place[n] for n in BONES])
    order = np.array([NUMBER[n] for n in names])
    meta = {
        "id": character.id,
        "role": "teacher" if character.teacher else "student",
        "age_years": character.age_years,
        "slots": [s.name for s in character.surfaces],
        "materials": {
            s.name: {
                "texture": "cloth" if s.name == "top" else None,
                "color": s.colour,
                "kind": s.kind,
            }
            for s in character.surfaces
        },
        "bones": names,
        "keypoints": list(KEYPOINTS),
    }
    meta |= changed.pop("meta", {})
    picture = cv2.imencode(".png", np.full((8, 8, 3), 128, np.uint8))[1]
    arrays: dict[str, Any] = {
        "meta": np.frombuffer(json.dumps(meta).encode(), np.uint8),
        "vertices": shape.vertices_m,
        "uv": shape.uv,
        "faces": character.fine.corners.astype(np.uint16),
        "face_slot": character.fine.surface,
        "vertex_ao": np.full(len(shape.vertices_m), 255, np.uint8),
        "bone_index": row[shape.bone_index].astype(np.uint8),
        "bone_weight": (shape.bone_weight * 255).astype(np.uint8),
        "bone_parent": np.array([place.get(PARENT_OF[n], -1) for n in names], np.int8),
        "bone_head": shape.bone_heads_m[order].astype(np.float32),
        "keypoint_rest": shape.keypoints_m.astype(np.float32),
        "keypoint_bone": row[shape.keypoint_bones].astype(np.uint8),
        "texture_cloth": picture.reshape(-1),
    }
    arrays |= changed
    np.savez_compressed(path, **{k: v for k, v in arrays.items() if v is not None})
    return path


def _depth(name: str) -> int:
    depth = 0
    while PARENT_OF[name]:
        name = PARENT_OF[name]
        depth += 1
    return depth
