"""COCO keypoints and YOLO boxes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.exchange.coco import read_coco
from classwatch.exchange.yolo_boxes import read_yolo_boxes


def coco(folder: Path, **changes: object) -> Path:
    keypoints = [10, 20, 2, 11, 21, 1] + [0, 0, 0] * 15
    document: dict[str, object] = {
        "images": [
            {"id": 1, "file_name": "a.jpg", "width": 640, "height": 480},
            {"id": 2, "file_name": "empty.jpg", "width": 64, "height": 48},
        ],
        "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {
                "image_id": 1,
                "category_id": 1,
                "bbox": [1, 2, 30, 40],
                "area": 600.5,
                "iscrowd": 0,
                "keypoints": keypoints,
            },
            {"image_id": 1, "category_id": 1, "bbox": [5, 6, 7, 8], "iscrowd": 1},
            {"image_id": 1, "category_id": 2, "bbox": [0, 0, 9, 9]},
        ],
    } | changes
    path = folder / "a.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_people_come_by_picture_with_corners_and_visibility(tmp_path: Path) -> None:
    found = read_coco(coco(tmp_path))
    picture = found["a.jpg"]
    assert picture.size_px == (640, 480)
    assert picture.people.boxes_px.tolist() == [[1, 2, 31, 42], [5, 6, 12, 14]]
    assert picture.area_px.tolist() == [600.5, 56.0]
    assert picture.crowd.tolist() == [False, True]
    assert picture.people.keypoints[0, :3].tolist() == [[10, 20, 1], [11, 21, 0.5], [0, 0, 0]]
    assert len(found["empty.jpg"].people) == 0


@pytest.mark.parametrize(
    "changes", [{"images": None}, {"annotations": [{}]}, {"categories": [{"id": 1}]}]
)
def test_what_is_no_coco_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"a\.json"):
        read_coco(coco(tmp_path, **changes))


@pytest.mark.shared
def test_the_real_annotation_is_read_as_pycocotools_reads_it(shared: Path) -> None:
    tools = pytest.importorskip("pycocotools.coco")
    path = shared / "data" / "images_pose" / "mmpose" / "test_coco.json"
    theirs, ours = tools.COCO(str(path)), read_coco(path)
    for image in theirs.loadImgs(theirs.getImgIds()):
        rows = theirs.loadAnns(theirs.getAnnIds(imgIds=[image["id"]]))
        mine = ours[image["file_name"]]
        assert np.allclose(
            np.array([r["bbox"] for r in rows])[:, 2:],
            mine.people.boxes_px[:, 2:] - mine.people.boxes_px[:, :2],
            atol=1e-3,
        )
        assert [r["area"] for r in rows] == mine.area_px.tolist()
        labelled = [r["num_keypoints"] for r in rows]
        assert (mine.people.keypoints[:, :, 2] > 0).sum(axis=1).tolist() == labelled


def test_yolo_boxes_are_shares_of_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("0 0.5 0.5 0.2 0.4\n3 0.1 0.2 0.2 0.4 0.75\n\n", encoding="utf-8")
    people, classes = read_yolo_boxes(path, (100, 50))
    assert np.allclose(people.boxes_px, [[40, 15, 60, 35], [0, 0, 20, 20]], atol=1e-4)
    assert people.scores.tolist() == [1.0, 0.75]
    assert classes == (0, 3)
    assert not people.keypoints.any()
    only, _ = read_yolo_boxes(path, (100, 50), (0,))
    assert len(only) == 1


@pytest.mark.parametrize(
    "line", ["0 0.5 0.5 0.2", "a 0 0 0 0", "0 50 50 20 40", "0 0 0 nan 1", "0 1"]
)
def test_bad_yolo_lines_are_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"0 0.5 0.5 0.1 0.1\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_yolo_boxes(path, (100, 50))
