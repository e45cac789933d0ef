from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.figures.bones import BONES
from classwatch.simulate.figures.load import load_character, load_figures
from classwatch.simulate.figures.schematic import schematic_library
from tests.simulate.figures.made import export

CHARACTER = schematic_library().characters[0]


def test_a_file_gives_back_the_character_whatever_the_order_of_its_bones(tmp_path: Path) -> None:
    loaded = load_character(export(tmp_path / "a.npz", CHARACTER))
    shape = CHARACTER.shape
    assert (loaded.id, loaded.teacher) == (CHARACTER.id, CHARACTER.teacher)
    np.testing.assert_array_equal(loaded.shape.vertices_m, shape.vertices_m)
    np.testing.assert_allclose(loaded.shape.bone_heads_m, shape.bone_heads_m, atol=1e-6)
    np.testing.assert_array_equal(loaded.shape.bone_index[:, 0], shape.bone_index[:, 0])
    np.testing.assert_array_equal(loaded.shape.keypoint_bones, shape.keypoint_bones)
    np.testing.assert_array_equal(loaded.fine.corners, CHARACTER.fine.corners)
    assert loaded.textures["cloth"].shape == (8, 8, 3)
    assert int(loaded.textures["cloth"][0, 0, 0]) == 128


def test_weights_are_sorted_heaviest_first_and_sum_to_one(tmp_path: Path) -> None:
    weight = np.tile(np.array([0, 55, 0, 200], np.uint8), (len(CHARACTER.shape.vertices_m), 1))
    index = np.tile(np.array([0, 1, 2, 3], np.uint8), (len(weight), 1))
    path = export(tmp_path / "a.npz", CHARACTER, bone_weight=weight, bone_index=index)
    shape = load_character(path).shape
    np.testing.assert_allclose(shape.bone_weight[0], [200 / 255, 55 / 255, 0, 0], atol=1e-6)
    np.testing.assert_allclose(shape.bone_weight.sum(1), 1, atol=1e-6)


def _huge(name: str) -> Any:
    shape = {"faces": (2, 3), "bone_index": (len(CHARACTER.shape.vertices_m), 4)}[name]
    return np.full(shape, 250 if name == "bone_index" else 65_000, np.uint16)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"vertices": None}, "has no array 'vertices'"),
        ({"vertices": np.zeros((5, 2), np.float32)}, r"vertices: expected .*\(any, 3\)"),
        ({"uv": np.zeros((3, 2), np.float32)}, "uv: expected"),
        ({"vertices": np.full_like(CHARACTER.shape.vertices_m, np.nan)}, "not finite"),
        ({"vertex_ao": np.zeros(len(CHARACTER.shape.vertices_m), np.float32)}, "unsigned"),
        ({"faces": _huge("faces"), "face_slot": np.zeros(2, np.uint8)}, "faces: holds 65000"),
        ({"bone_index": _huge("bone_index")}, "bone_index: holds 250"),
        ({"bone_weight": np.zeros((len(CHARACTER.shape.vertices_m), 4), np.uint8)}, "no bone"),
        ({"bone_parent": np.full(len(BONES), -1, np.int8)}, "hangs on"),
        ({"face_slot": np.full(len(CHARACTER.fine.surface), 99, np.uint8)}, "face_slot: holds 99"),
        ({"meta": {"age_years": "old"}}, "meta.age_years"),
        ({"meta": {"bones": ["root"]}}, "meta.bones"),
        ({"meta": {"materials": {}}}, "nothing about the slot"),
        ({"meta": {"keypoints": ["nose"]}}, "meta.keypoints"),
        ({"texture_cloth": np.zeros(20, np.uint8)}, "texture_cloth"),
        ({"texture_cloth": None}, "has no array 'texture_cloth'"),
    ],
)
def test_what_is_wrong_is_named_with_the_file(
    tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    path = export(tmp_path / "odd.npz", CHARACTER, **changed)
    with pytest.raises(InputError, match=says) as caught:
        load_character(path)
    assert caught.value.subject == str(path)
    assert "figure-folders.md" in caught.value.remedy


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "pickled.npz"
    np.savez(path, meta=np.array([{"a": 1}], object))
    with pytest.raises(InputError, match="cannot be read"):
        load_character(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x00" * 64])
def test_broken_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        load_figures(tmp_path)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = export(tmp_path / "cut.npz", CHARACTER)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match="cannot be read"):
        load_figures(tmp_path)


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = export(tmp_path / "bits.npz", CHARACTER)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(bytes(data))
    with pytest.raises(InputError) as caught:
        load_figures(tmp_path)
    assert caught.value.subject == str(path)


def test_an_empty_or_missing_folder_says_what_it_must_hold(tmp_path: Path) -> None:
    for folder, what in ((tmp_path, "holds no figures"), (tmp_path / "none", "no such folder")):
        with pytest.raises(InputError, match=what) as caught:
            load_figures(folder)
        assert "figure-folders.md" in str(caught.value)


def test_one_id_twice_is_refused(tmp_path: Path) -> None:
    export(tmp_path / "a.npz", CHARACTER)
    export(tmp_path / "b.npz", CHARACTER)
    with pytest.raises(InputError, match=r"also that of a\.npz"):
        load_figures(tmp_path)


@pytest.mark.shared
def test_every_real_export_loads(shared: Path) -> None:
    library = load_figures(shared / "humans")
    assert len(library.characters) == 24
    assert len(library.teachers()) == 6
    for character in library.characters:
        shape = character.shape
        stature_m = float(shape.vertices_m[:, 1].max())
        assert 1.1 < stature_m < 1.95, character.id
        assert abs(float(shape.vertices_m[:, 1].min())) < 0.02, character.id
        # COCO's left shoulder, hip and ankle are on the figure's own left, at +x.
        assert (shape.keypoints_m[[5, 11, 15], 0] > 0).all(), character.id
        assert len(character.coarse.corners) < 0.7 * len(character.fine.corners)


def test_students_are_found_by_age_or_the_nearest() -> None:
    library = schematic_library()
    assert {c.id for c in library.students(6, 11.5)} == {"primary1", "primary2"}
    assert {c.id for c in library.students(19.0, 19.5)} == {"upper1", "upper2"}
    with pytest.raises(InputError, match="no character 'zz'"):
        library.character("zz")
