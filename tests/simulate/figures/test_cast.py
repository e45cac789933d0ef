from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.figures import held
from classwatch.simulate.figures.cast import Cast
from classwatch.simulate.figures.load import load_figures
from classwatch.simulate.figures.schematic import schematic_library
from classwatch.simulate.scene import LOOSE, Materials, Mesh
from classwatch.simulate.script import Person, PersonKind, Room, Script
from tests.simulate.figures.made import floorplan, script


def build(made: Script, room: int = 0) -> tuple[Cast, Materials]:
    materials = Materials()
    return Cast.build(made, floorplan(), schematic_library(), materials, room), materials


def arrays(mesh: Mesh) -> list[bytes]:
    return [getattr(mesh, name).tobytes() for name in Mesh.__dataclass_fields__]


def test_members_follow_the_script_with_their_seats_and_own_triangles() -> None:
    cast, materials = build(script())
    assert [m.person_id for m in cast.members] == ["t", "s1", "s2", "s3", "s4"]
    assert [m.seat.id if m.seat else "" for m in cast.members] == [
        "",
        "r1c1",
        "r1c2",
        "r1c3",
        "r1c4",
    ]
    for number, member in enumerate(cast.members):
        mesh = member.mesh
        assert member.number == number
        # What can be held belongs to nobody: it is no part of a body.
        assert set(mesh.owner.tolist()) == {number, LOOSE}
        assert (mesh.owner == LOOSE).sum() == (len(held.THINGS) - 1) * held.TRIANGLES_EACH
        assert mesh.faces.max() == len(mesh.vertices_m) - 1
        assert 0 <= mesh.material.min() <= mesh.material.max() < len(materials.items)
        assert len(mesh.tint) == len(mesh.faces) == len(mesh.material)
        assert len(mesh.uv) == len(mesh.openness) == len(mesh.normals) == len(mesh.vertices_m)
        lengths = np.linalg.norm(mesh.normals, axis=1)
        np.testing.assert_allclose(lengths[: -held.VERTICES], 1, atol=1e-3)


def test_one_seed_gives_the_same_bytes_and_another_seed_other_people() -> None:
    first, again = build(script())[0], build(script())[0]
    for a, b in zip(first.members, again.members, strict=True):
        assert arrays(a.mesh) == arrays(b.mesh)
    other = build(script(seed=6))[0]
    same = [
        arrays(a.mesh) == arrays(b.mesh) for a, b in zip(first.members, other.members, strict=True)
    ]
    assert not any(same)


def test_two_students_with_one_character_differ() -> None:
    people = tuple(
        Person(id=f"s{k}", kind=PersonKind.STUDENT, seat=f"r1c{k}", character="primary1")
        for k in (1, 2)
    )
    first, second = build(script(people=people))[0].members
    assert first.character == second.character == "primary1"
    statures = [float(m.mesh.vertices_m[:, 1].max()) for m in (first, second)]
    assert abs(statures[0] - statures[1]) > 1e-3
    assert not np.array_equal(first.mesh.tint, second.mesh.tint)


def test_the_uniform_is_one_material_worn_by_students_only() -> None:
    made = script(room=Room(uniform=True))
    cast, materials = build(made)
    uniform = [k for k, m in enumerate(materials.items) if m.name == "uniform"]
    assert len(uniform) == 1
    wears = [bool((m.mesh.material == uniform[0]).any()) for m in cast.members]
    assert wears == [False, True, True, True, True]
    _, without = build(script(room=Room(uniform=False)))
    assert all(m.name != "uniform" for m in without.items)


def test_textures_have_sides_that_are_powers_of_two() -> None:
    _, materials = build(script(room=Room(uniform=True)))
    textures = [m.texture for m in materials.items if m.texture is not None]
    assert textures
    for texture in textures:
        assert texture.dtype == np.uint8
        assert all(side & (side - 1) == 0 for side in texture.shape[:2])


def test_ages_follow_the_room() -> None:
    for age, prefix in (("primary", "primary"), ("lower", "lower"), ("upper", "upper")):
        members = build(script(room=Room(age=age)))[0].members  # type: ignore[arg-type]
        assert {m.character[:-1] for m in members[1:]} == {prefix}
        assert members[0].character.startswith("adult")


def test_the_far_room_has_its_own_people() -> None:
    people = (
        Person(id="t", kind=PersonKind.TEACHER),
        Person(id="s1", kind=PersonKind.STUDENT, seat="r1c1"),
        Person(id="far-s1", kind=PersonKind.STUDENT, seat="r2c2"),
    )
    made = script(people=people, far_room=Room())
    assert [m.person_id for m in build(made)[0].members] == ["t", "s1"]
    assert [m.person_id for m in build(made, room=1)[0].members] == ["far-s1"]


@pytest.mark.parametrize(
    ("person", "says"),
    [
        (Person(id="x", kind=PersonKind.STUDENT, seat="r9c9"), "no seat 'r9c9'"),
        (Person(id="x", kind=PersonKind.STUDENT), "has no seat"),
        (Person(id="x", kind=PersonKind.TEACHER, character="nobody"), "no character 'nobody'"),
    ],
)
def test_what_the_room_does_not_have_is_refused(person: Person, says: str) -> None:
    with pytest.raises(InputError, match=says):
        build(script(people=(person,)))


@pytest.mark.shared
def test_a_class_of_real_figures_wears_many_clothes(shared) -> None:
    materials = Materials()
    library = load_figures(shared / "humans")
    cast = Cast.build(script(students=8), floorplan(), library, materials)
    students = cast.members[1:]
    assert len({m.character for m in students}) == 6  # six characters of that age, all dealt
    assert all(m.lod == 1 for m in students)
    assert cast.members[0].lod == 0
    # Coarse bodies leave out the vertices that only fine ones use.
    assert max(len(m.mesh.vertices_m) for m in students) < 11_000
    assert len({m.mesh.tint.tobytes() for m in students}) == 8
