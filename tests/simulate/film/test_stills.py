from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from classwatch.core.errors import DataError, UsageError
from classwatch.core.pose import GLANCES
from classwatch.simulate.film.shoot import FilmOptions
from classwatch.simulate.film.stage import Stage, library_from
from classwatch.simulate.film.still_scenes import CAMERAS, MOMENTS, PER_SCENE, SLOT_S, make_scene
from classwatch.simulate.film.stills import acts_file, jpeg, stills
from classwatch.simulate.script import ActKind, CameraKind, PersonKind
from classwatch.train.pose.pictures import UNTOLD, read_stills


def test_scenes_follow_from_seed_and_number() -> None:
    first, again, other = make_scene(4, 0), make_scene(4, 0), make_scene(4, 1)
    assert first.timeline == again.timeline
    assert first.timeline.script.room != other.timeline.script.room
    assert len(first.stills) == PER_SCENE == MOMENTS * CAMERAS


def test_many_scenes_show_every_act_camera_layout_and_light() -> None:
    scripts = [make_scene(1, k).timeline.script for k in range(40)]
    acts = {act.kind for script in scripts for act in script.acts}
    assert acts >= set(ActKind) - {ActKind.SIT}
    kinds = {camera.kind for script in scripts for camera in script.cameras}
    assert kinds == {CameraKind.FRONT, CameraKind.REAR, CameraKind.SIDE, CameraKind.TRACKING}
    assert {script.room.layout for script in scripts} == {"rows", "pairs", "groups"}
    assert len({script.room.light for script in scripts}) == 5
    assert len({script.seed for script in scripts}) == 40
    sizes = [len(script.people) for script in scripts]
    assert min(sizes) <= 8
    assert max(sizes) >= 30


def test_a_still_is_taken_while_the_acts_of_its_slot_last() -> None:
    scene = make_scene(2, 3)
    for still in scene.stills:
        slot = int(still.time_s // SLOT_S)
        running = [a for a in scene.timeline.acts if a.start_s <= still.time_s < a.end_s]
        assert len(running) == len(scene.timeline.script.people)
        assert all(int(a.start_s // SLOT_S) == slot for a in running)


def test_jpeg_keeps_red_red() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 200
    shown = cv2.imdecode(np.frombuffer(jpeg(red, 90), np.uint8), cv2.IMREAD_COLOR)
    assert shown[16, 16, 2] > 180
    assert shown[16, 16, 0] < 20


def test_fewer_than_one_still_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="0 stills"):
        stills(0, 1, tmp_path)


@pytest.mark.slow
def test_stills_come_with_their_labels_and_are_not_drawn_twice(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    options = FilmOptions(workers=1, samples=1)
    drawn = stills(3, 9, tmp_path, options)
    coco = json.loads(drawn.coco.read_text())
    assert [image["id"] for image in coco["images"]] == [1, 2, 3]
    for image in coco["images"]:
        picture = cv2.imread(str(drawn.images / image["file_name"]))
        assert picture.shape == (image["height"], image["width"], 3)
    sizes = {image["id"]: (image["width"], image["height"]) for image in coco["images"]}
    counted = [a for a in coco["annotations"] if not a["iscrowd"]]
    assert drawn.people == len(counted) > 3
    inside, joints = 0, 0
    for note in counted:
        width, height = sizes[note["image_id"]]
        x, y, w, h = note["bbox"]
        assert x >= 0
        assert y >= 0
        assert x + w <= width + 0.1
        assert y + h <= height + 0.1
        assert 0 < note["area"] <= w * h * 1.05 + 4
        placed = np.array(note["keypoints"]).reshape(17, 3)
        seen = placed[placed[:, 2] == 2]
        away = np.abs(seen[:, :2] - [x + w / 2, y + h / 2]) - [w / 2 + 3, h / 2 + 3]
        inside += int((away <= 0).all(axis=1).sum())
        joints += len(seen)
    # A box is that of the largest piece: feet below a desk lie outside, most joints do not.
    assert inside >= 0.8 * joints > 0
    before = drawn.coco.read_bytes()
    again = stills(3, 9, tmp_path, options)
    assert again.per_hour is None
    assert again.coco.read_bytes() == before


@pytest.mark.slow
def test_varied_figures_are_others_in_the_same_rooms(tmp_path: Path) -> None:
    """The same people at the same seats, of other shapes; the same again from the same seed."""
    options = FilmOptions(workers=1, samples=1)
    plain = stills(1, 9, tmp_path / "plain", options)
    one, again = (
        stills(1, 9, tmp_path / name, options, varied_figures=True) for name in ("one", "again")
    )
    name = "000000-0.jpg"
    assert (one.images / name).read_bytes() == (again.images / name).read_bytes()
    pictures = [cv2.imread(str(made.images / name)).astype(float) for made in (plain, one)]
    changed = np.abs(pictures[0] - pictures[1]).max(axis=2) > 40
    assert 0.001 < changed.mean() < 0.5  # the room is the same
    shown = [json.loads(made.coco.read_text())["annotations"] for made in (plain, one)]
    assert len(shown[0]) == pytest.approx(len(shown[1]), abs=2)
    assert [a["keypoints"] for a in shown[0]] != [a["keypoints"] for a in shown[1]]


@pytest.mark.slow
def test_what_everybody_does_stands_beside_the_labels(tmp_path: Path) -> None:
    """What the students on the stage really show at the moment of each still, as training reads
    it."""
    drawn = stills(5, 11, tmp_path, FilmOptions(workers=1, samples=1))
    scene = make_scene(11, 0)
    stage = Stage(scene.timeline, library_from(None))
    for still in scene.stills:
        shown = stage.motion.acts_at(still.time_s)
        told = scene.acts(still)
        students = [n for n, who in enumerate(stage.people) if who.kind is PersonKind.STUDENT]
        assert [told[n] for n in students] == [shown[n].kind for n in students]
    assert len(set(map(scene.acts, scene.stills))) > 1
    read = read_stills(drawn.images.parent, {})
    assert len(read) == 5
    done = {kind for still in scene.stills[:5] for kind in scene.acts(still)}
    done = {"turn" if kind.startswith("turn") else kind for kind in done}
    named = {GLANCES[act] for still in read for act in still.truth.act if act != UNTOLD}
    assert len(named) > 2
    assert named <= done
    (labels,) = sorted((drawn.images.parent / "labels").glob("*.npz"))
    acts_file(labels).write_text("[[]]", "utf-8")
    with pytest.raises(DataError, match="acts"):
        read_stills(drawn.images.parent, {})
