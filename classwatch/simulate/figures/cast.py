"""Who is in a room, with a body of their own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError
from classwatch.simulate.figures import held
from classwatch.simulate.figures.body import Body
from classwatch.simulate.figures.character import Character, FigureLibrary
from classwatch.simulate.figures.fitting import Fitted, fit
from classwatch.simulate.figures.looks import draw_look
from classwatch.simulate.figures.outfits import Wardrobe
from classwatch.simulate.figures.skinning import Skin
from classwatch.simulate.scene import LOOSE, Floorplan, Materials, Mesh, Seat
from classwatch.simulate.script import Person, PersonKind, Room, Script

FAR = "far-"
"""Ids of those in the second room of a lesson begin with this."""
_AGES: dict[str, tuple[float, float]] = {
    "primary": (6.0, 11.5),
    "lower": (12.0, 15.0),
    "upper": (16.0, 19.0),
}
_UNIFORM_SHARE = 0.6
"""Share of schools with a uniform, where the script leaves it open."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """Somebody in the room.

    ``mesh`` is the body at rest, its triangles owned by ``number``; those of things held, which are
    no part of a body, by ``LOOSE``.
    """

    number: int
    person_id: str
    kind: PersonKind
    seat: Seat | None
    character: str
    lod: int
    mesh: Mesh
    skin: Skin
    body: Body


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Everybody in one room of a lesson, in the order of the script's people."""

    members: tuple[Member, ...]
    seed: int

    @staticmethod
    def build(
        script: Script,
        plan: Floorplan,
        library: FigureLibrary,
        materials: Materials,
        room: int = 0,
    ) -> Cast:
        """Draw a character and a look for everybody in ``room`` (1: the far end of the lesson).

        Adds what they wear to ``materials``. Raises InputError where a seat or a character that the
        script names does not exist.
        """
        people = [p for p in script.people if p.id.startswith(FAR) == (room == 1)]
        described = script.far_room if room and script.far_room is not None else script.room
        rng = np.random.default_rng([script.seed, _code("cast"), room])
        wears_uniform = bool(rng.random() < _UNIFORM_SHARE)
        if described.uniform is not None:
            wears_uniform = described.uniform
        chosen = _characters(people, described, library, rng)
        wardrobe = Wardrobe(materials, script.seed + room)
        members = []
        for number, (person, character) in enumerate(zip(people, chosen, strict=True)):
            student = person.kind is PersonKind.STUDENT
            own = np.random.default_rng([script.seed, _code(person.id)])
            look = draw_look(character, own, uniform=student and wears_uniform)
            lod = 1 if student else 0
            fitted = fit(character, look, lod, own)
            worn = wardrobe.dress(character, look, fitted)
            members.append(
                Member(
                    number=number,
                    person_id=person.id,
                    kind=person.kind,
                    seat=_seat(script, plan, person),
                    character=character.id,
                    lod=lod,
                    mesh=_mesh(fitted, worn.uv, worn.material, worn.tint, number),
                    skin=fitted.skin,
                    body=Body(fitted.skin.bone_heads_m),
                )
            )
        return Cast(tuple(members), script.seed)


def _code(name: str) -> int:
    return zlib.crc32(name.encode("utf-8"))


def _characters(
    people: list[Person], room: Room, library: FigureLibrary, rng: np.random.Generator
) -> list[Character]:
    """One character each: named ones as named, the others dealt so that few meet twice."""
    pools = {
        PersonKind.STUDENT: library.students(*_AGES[room.age]),
        PersonKind.TEACHER: library.teachers(),
        PersonKind.ADULT: library.teachers(),
    }
    decks: dict[tuple[str, ...], list[Character]] = {}
    chosen = []
    for person in people:
        if person.character:
            chosen.append(library.character(person.character))
            continue
        pool = pools[person.kind]
        deck = decks.setdefault(tuple(c.id for c in pool), [])
        if not deck:
            deck.extend(pool[int(k)] for k in rng.permutation(len(pool)))
        chosen.append(deck.pop())
    return chosen


def _seat(script: Script, plan: Floorplan, person: Person) -> Seat | None:
    if not person.seat:
        if person.kind is PersonKind.STUDENT:
            raise InputError(
                f"student {person.id!r} has no seat",
                subject=script.lesson_id,
                remedy="give every student a seat such as r2c3",
            )
        return None
    try:
        return plan.seat(person.seat)
    except KeyError:
        raise InputError(
            f"the room has no seat {person.seat!r} for {person.id!r}",
            subject=script.lesson_id,
            remedy=f"the room has {len(plan.seats)} seats, from r1c1 on; add rows or columns",
        ) from None


def _mesh(
    fitted: Fitted,
    uv: NDArray[np.float32],
    material: NDArray[np.int16],
    tint: NDArray[np.float32],
    number: int,
) -> Mesh:
    skin = fitted.skin
    normals = np.zeros_like(skin.vertices_m)
    corners = skin.vertices_m[skin.welded]
    # By plain numpy: a cast can be built without the compiled part.
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    for k in range(3):
        np.add.at(normals, skin.welded[:, k], face)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-20
    vertices = skin.vertices_m.copy()
    vertices[-held.VERTICES :] = skin.bone_heads_m[0]  # put away, as while nothing is held
    return Mesh(
        vertices_m=vertices,
        normals=normals[skin.twin],
        uv=uv,
        openness=fitted.openness,
        faces=fitted.corners,
        material=material,
        tint=tint,
        owner=_owner(fitted, number),
    )


def _owner(fitted: Fitted, number: int) -> NDArray[np.int16]:
    owner = np.full(len(fitted.corners), number, np.int16)
    # The mouth, which comes last, is part of the body.
    owner[-len(held.corners()) : -held.TRIANGLES_EACH] = LOOSE
    return owner
