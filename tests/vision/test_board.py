"""Writing and slides, on made looks by hand, rendered lessons and a real recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import EventsConfig, PoseConfig, TrackConfig
from classwatch.core.events import EventKind
from classwatch.core.media import StreamRole
from classwatch.core.pose import Detections, PoseSeries
from classwatch.core.shots import Looks
from classwatch.media.looks import look
from classwatch.vision.board import (
    Writer,
    cell_changes,
    find_screen,
    settled_view,
    writing_pictures,
)
from classwatch.vision.engine import open_engine, resolve
from classwatch.vision.whole import Camera, Limits, watch

PICTURES = 40


def still(seed: int = 0) -> Looks:
    """A room without people whose camera adds a little noise."""
    rng = np.random.default_rng(seed)
    light = np.clip(120 + rng.normal(0, 1, (PICTURES, 27, 48)), 0, 255).astype(np.uint8)
    ink = np.clip(12 + rng.normal(0, 1, (PICTURES, 27, 48)), 0, 255).astype(np.uint8)
    return Looks(np.arange(PICTURES, dtype=float), light, ink)


def nobody() -> np.ndarray:
    return np.zeros((PICTURES, 27, 48), np.bool_)


def test_nothing_happens_in_a_still_room() -> None:
    changes = cell_changes(still(), nobody())
    assert len(changes) == 0
    assert find_screen(still(), changes) is None


def test_slides_are_counted_and_placed() -> None:
    looks = still()
    for first, shade in ((10, 200), (25, 60)):
        looks.light[first:, 5:12, 20:32] = shade
    changes = settled_view(cell_changes(looks, nobody()))
    screen = find_screen(looks, changes)
    assert screen is not None
    assert screen.slides.tolist() == [10, 25]
    rows, columns = np.nonzero(screen.cells)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 11, 20, 31)


def test_a_lamp_is_no_slide() -> None:
    looks = still()
    looks.light[15:] = np.clip(looks.light[15:].astype(int) + 60, 0, 255).astype(np.uint8)
    assert find_screen(looks, settled_view(cell_changes(looks, nobody()))) is None


def test_a_film_is_no_series_of_slides() -> None:
    looks = still()
    for picture in range(6, PICTURES):
        looks.light[picture:, 5:12, 20:32] = 40 + 50 * ((picture // 3) % 4)
    screen = find_screen(looks, settled_view(cell_changes(looks, nobody())))
    assert screen is not None
    assert len(screen.slides) == 0
    assert screen.moving[12:30].all()


@pytest.mark.parametrize("turned", [True, False])
def test_ink_behind_a_turned_back_is_writing(turned: bool) -> None:
    looks = still()
    hidden = nobody()
    hidden[10:20, 4:20, 14:20] = True
    boxes = np.full((PICTURES, 4), np.nan)
    boxes[10:20] = (14, 4, 20, 20)
    back = np.zeros(PICTURES, np.bool_)
    back[10:20] = turned
    looks.light[10:20, 4:20, 14:20] = 30
    looks.ink[15:, 7, 15:18] = 70
    changes = settled_view(cell_changes(looks, hidden))
    active = writing_pictures(changes, np.ones((27, 48), np.bool_), Writer(boxes, back))
    assert np.flatnonzero(active).tolist() == (list(range(10, 20)) if turned else [])


@pytest.mark.slow
def test_writing_on_a_real_board(shared: Path) -> None:
    from PIL import Image

    weights = shared / "models" / "yolov8n-pose.onnx"
    engine = open_engine(weights, resolve(PoseConfig(), weights, "cpu"), threads=1, device="cpu")
    film = Image.open(
        shared / "data" / "images_classroom" / "openvino_omz" / "whiteboard_inpainting.gif"
    )
    times, looks, people = [], [], []
    for number in range(0, 140, 4):
        film.seek(number)
        # The upper half is the recording, the lower one somebody's result.
        rgb = np.ascontiguousarray(np.asarray(film.convert("RGB"))[:337])
        times.append(number * 0.06)
        looks.append(look(rgb))
        people.append(engine.detect([rgb])[0])
    frame = np.repeat(np.arange(len(people)), [len(p) for p in people]).astype(np.int32)
    stacked = Detections(
        *(np.concatenate([getattr(p, n) for p in people]) for n in Detections.__slots__)
    )
    poses = PoseSeries(np.asarray(times), frame, stacked, (600, 337), 0.24)
    seen = watch(
        poses,
        Looks.of(poses.frame_times_s, looks),
        (),
        Camera("cam", StreamRole.TEACHER_CAM),
        Limits(TrackConfig(), EventsConfig()),
        np.ones(len(stacked), np.float32),
    )
    writing = [e for e in seen.events if e.kind is EventKind.BOARD_WRITING]
    # He turns to the board again at 5.8 s and writes until the end; at 4.3 to 5.6 s he faces us.
    assert len(writing) == 1
    assert 5.6 <= writing[0].start_s <= 7.0
    assert writing[0].end_s >= 7.5
