from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import DataError, InputError
from classwatch.train.pose.crops import arm_up, crops
from classwatch.train.pose.pictures import HIDDEN, OUTSIDE, SEEN, read_stills
from tests.train.pose.made import write_stills


def test_stills_are_read_as_they_were_written_and_the_barely_seen_do_not_count(
    tmp_path: Path,
) -> None:
    (still,) = write_stills(tmp_path)
    assert still.path.name == "000000-0.jpg"
    assert still.truth.counts.tolist() == [True, False]  # nobody at all is not even listed
    assert still.truth.keypoints[0, 0].tolist() == [320, 100, SEEN]


def test_a_folder_that_grows_is_read_on(tmp_path: Path) -> None:
    known: dict[Path, tuple[object, ...]] = {}
    write_stills(tmp_path, 1)
    assert len(read_stills(tmp_path, known)) == 1  # type: ignore[arg-type]
    write_stills(tmp_path, 3)
    assert len(read_stills(tmp_path, known)) == 3  # type: ignore[arg-type]


def test_an_empty_folder_and_a_damaged_file_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no labelled stills"):
        read_stills(tmp_path, {})
    write_stills(tmp_path)
    (tmp_path / "labels" / "000001-1.npz").write_bytes(b"half a file")
    with pytest.raises(DataError) as error:
        read_stills(tmp_path, {})
    assert "000001-1.npz" in str(error.value.subject)


def test_points_lie_on_their_dots_in_every_crop_and_left_is_left_in_mirrors_too(
    tmp_path: Path,
) -> None:
    """Dots are brighter than what is around them, whatever was done to size, place and colours.

    Somebody who faces us has the left hand on our right, in a mirror too; but the bright dots,
    of the right half of the body in the picture, are then of the left half.
    """
    (still,) = write_stills(tmp_path)
    rng = np.random.default_rng(5)
    on_dot, right_is_bright = [], []
    for crop in crops(still, 192, 60, rng):
        grey = crop.rgb.astype(float).mean(2)
        for points, box in zip(crop.keypoints, crop.boxes_px, strict=True):
            assert (points[1::2, 0] > points[2::2, 0]).all()
            inside = points[points[:, 2] >= HIDDEN][:, :2]
            assert (inside >= box[:2] - 6).all()
            assert (inside <= box[2:] + 6).all()
            if box[3] - box[1] < 80:
                continue  # dots of a pixel or two drown in grain
            values = np.full(17, np.nan)
            for k, (x, y, state) in enumerate(points):
                if state == SEEN:
                    values[k] = grey[int(y), int(x)]
            on_dot.append(np.nanmean(values) > np.median(grey))
            pairs = values[2::2] - values[1::2]
            right_is_bright += (pairs[np.isfinite(pairs)] > 0).tolist()
    assert len(on_dot) > 20
    assert np.mean(on_dot) > 0.95
    assert 0.3 < np.mean(right_is_bright) < 0.7  # half of the crops are mirrored


def test_the_same_seed_gives_the_same_crops(tmp_path: Path) -> None:
    (still,) = write_stills(tmp_path)
    first, second = (crops(still, 128, 3, np.random.default_rng(2)) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert (a.rgb == b.rgb).all()
        assert (a.keypoints == b.keypoints).all()
    assert not (first[0].rgb == first[1].rgb).all()


def test_who_is_barely_seen_is_passed_over_and_not_to_be_found(tmp_path: Path) -> None:
    (still,) = write_stills(tmp_path)
    found = crops(still, 256, 40, np.random.default_rng(1))
    assert max(len(c.boxes_px) for c in found) == 1
    assert all((c.boxes_px[:, 2:] <= 256).all() and (c.boxes_px >= 0).all() for c in found)


def test_an_arm_is_up_where_a_known_wrist_is_above_the_nose() -> None:
    people = np.zeros((4, 17, 3), np.float32)
    people[:, 0] = (50, 40, SEEN)
    people[:, 9] = (40, 90, SEEN)
    people[:, 10] = [(60, 30, SEEN), (60, 50, SEEN), (60, 30, OUTSIDE), (60, 30, HIDDEN)]
    assert arm_up(people).tolist() == [True, False, False, True]
    people[0, 0, 2] = OUTSIDE
    assert not arm_up(people)[0]
