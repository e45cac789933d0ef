"""Truth of the pictures: from folders by camera to the tables of the lesson."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.core.events import Event, EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import NO_TRACK, ClassPictures, PersonRole, TrackRole, Tracks
from classwatch.core.pose import Detections, PoseSeries
from classwatch.simulate.read import parse_script
from classwatch.simulate.room.look import Screen, draw_look
from classwatch.simulate.timeline import Timeline, resolve
from classwatch.simulate.truth.pictures import CameraTruth, publish_pictures, read_pictures
from classwatch.simulate.truth.streams import MediaStream
from classwatch.store import schemas
from classwatch.store.artifacts import save_events, save_poses, save_tracks, table_path
from classwatch.store.convert import frames_table
from classwatch.store.parquet import read_table, write_table
from classwatch.store.tables import make_table
from tests.simulate.small import TEXT, spoken_of
from tests.vision.made import Figure, series


def camera(folder: Path, source: str, name: str, role: StreamRole) -> CameraTruth:
    """Two pictures a second apart: a teacher at x 200 in both, a student in the second."""
    folder.mkdir()
    keypoints = np.zeros((3, 17, 3), np.float32)
    for row, x in enumerate((200, 200, 500)):
        keypoints[row] = np.column_stack([np.full(17, x), np.linspace(100, 300, 17), np.ones(17)])
    boxes = np.array([[150, 90, 250, 310]] * 2 + [[450, 90, 550, 310]], np.float32)
    people = Detections(boxes, np.ones(3, np.float32), keypoints)
    times_s = np.array([0.0, 1.0])
    series = PoseSeries(times_s, np.array([0, 1, 1], np.int32), people, (640, 360), 1.0)
    roles = (
        TrackRole(0, PersonRole.TEACHER, 1.0, ()),
        TrackRole(1, PersonRole.STUDENT, 1.0, ()),
    )
    tracks = Tracks(np.array([0, 0, 1], np.int32), roles)
    none, one = np.zeros(2, np.int64), np.array([0, 1])
    counts = ClassPictures(source, role, times_s, 1.0, one, none, one, one, none, none)
    save_poses(folder, source, series)
    save_tracks(folder, source, series, tracks)
    save_events(folder, [Event(EventKind.HEAD_UP, 1.0, 2.0, source, 1, 1.0)])
    write_table(table_path(folder, schemas.FRAMES), frames_table(source, series, counts))
    seat = {
        "stream": [source], "seat": ["r1c1"], "row": [1], "column": [1], "start_s": [0.0],
        "end_s": [2.0], "x_px": [500.0], "y_px": [200.0], "visible": [True],
    }  # fmt: skip
    write_table(table_path(folder, schemas.SEATS), make_table(schemas.SEATS, seat))
    return CameraTruth(MediaStream(source, name, role), folder)


def lesson(*, screen: bool = True) -> Timeline:
    """The small lesson in a room with a screen, or without one."""
    script = parse_script(TEXT, "small")
    rooms = (script.model_copy(update={"seed": seed}) for seed in range(100))
    one = next(s for s in rooms if (draw_look(s.room, s.seed).screen is not Screen.NONE) == screen)
    return resolve(one, spoken_of(one))


@pytest.fixture
def cameras(tmp_path: Path) -> list[CameraTruth]:
    return [
        camera(tmp_path / "rear", "rear", "teacher_cam", StreamRole.TEACHER_CAM),
        camera(tmp_path / "front", "front", "student_cam", StreamRole.STUDENT_CAM),
    ]


def test_streams_get_the_names_of_an_analysis(cameras: list[CameraTruth], tmp_path: Path) -> None:
    out = tmp_path / "truth"
    out.mkdir()
    publish_pictures(cameras, read_pictures(lesson(), cameras), "lesson", out)
    rows = {
        schemas.FRAMES: 2, schemas.POSES: 3, schemas.TRACKS: 3, schemas.SEATS: 1,
    }  # fmt: skip
    for schema, count in rows.items():
        table = read_table(table_path(out, schema), schema)
        assert table.lesson_id == "lesson"
        streams = ["student_cam"] * count + ["teacher_cam"] * count
        assert table.cells("stream") == streams


def test_events_are_those_of_people_and_of_the_front_of_the_room(
    cameras: list[CameraTruth], tmp_path: Path
) -> None:
    """A screen in the room is on all the time in the stream that shows it, and nowhere else."""
    out = tmp_path / "truth"
    out.mkdir()
    timeline = lesson(screen=True)
    publish_pictures(cameras, read_pictures(timeline, cameras), "lesson", out)
    table = read_table(table_path(out, schemas.EVENTS), schemas.EVENTS)
    assert table.lesson_id == "lesson"
    found = set(zip(*(table.cells(name) for name in ("stream", "kind", "end_s")), strict=True))
    assert ("student_cam", "head_up", 2.0) in found
    assert ("teacher_cam", "head_up", 2.0) in found
    screens = [row for row in found if row[1] == "screen_on"]
    assert screens == [("teacher_cam", "screen_on", timeline.duration_s)]
    rear, _ = read_pictures(lesson(screen=False), cameras)
    assert {event.kind for event in rear.events} == {EventKind.HEAD_UP}


def test_measures_get_counts_events_and_the_way_of_the_teacher(cameras: list[CameraTruth]) -> None:
    rear, front = read_pictures(lesson(screen=False), cameras)
    assert (rear.counts.stream, front.counts.stream) == ("teacher_cam", "student_cam")
    assert front.counts.students_seen.tolist() == [0, 1]
    assert [e.stream for e in rear.events] == ["teacher_cam"]
    assert rear.path.times_s.tolist() == [0.0, 1.0]
    assert rear.path.x == pytest.approx([200 / 640] * 2)
    assert rear.aspect == pytest.approx(16 / 9)


def test_a_missing_table_is_named(cameras: list[CameraTruth]) -> None:
    (cameras[0].folder / "tracks.parquet").unlink()
    with pytest.raises(InputError, match=r"tracks\.parquet"):
        read_pictures(lesson(), cameras)


def crowd(folder: Path, shots: int) -> CameraTruth:
    """Two pictures of fifteen students in three columns of five, the first of each column with a
    hand up, and their seats in so many shots."""
    folder.mkdir()
    places = [(x, 120 + 40 * row) for x in (100, 320, 540) for row in range(5)]
    body = np.column_stack([np.zeros(17), np.linspace(0, 30, 17), np.ones(17)])
    body[5:7, 0] = 8, -8
    keypoints = np.stack([np.add(body, (x, y, 0)) for x, y in places] * 2).astype(np.float32)
    low, high = keypoints[..., :2].min(axis=1) - 3, keypoints[..., :2].max(axis=1) + 3
    people = Detections(np.hstack([low, high]), np.ones(30, np.float32), keypoints)
    times_s = np.array([0.0, 1.0])
    series = PoseSeries(times_s, np.repeat([0, 1], 15).astype(np.int32), people, (640, 360), 1.0)
    roles = tuple(TrackRole(n, PersonRole.STUDENT, 1.0, ()) for n in range(15))
    zero, all_15 = np.zeros(2, np.int64), np.full(2, 15)
    role = StreamRole.STUDENT_CAM
    counts = ClassPictures("front", role, times_s, 1.0, all_15, zero, all_15, all_15, zero, zero)
    save_poses(folder, "front", series)
    save_tracks(folder, "front", series, Tracks(np.tile(np.arange(15, dtype=np.int32), 2), roles))
    raised = [Event(EventKind.HAND_RAISED, 0.0, 2.0, "front", n, 1.0) for n in (0, 5, 10)]
    place = Event(EventKind.TEACHER_FRONT, 0.0, 2.0, "front", NO_TRACK, 1.0)
    save_events(folder, [*raised, place])
    write_table(table_path(folder, schemas.FRAMES), frames_table("front", series, counts))
    seats = {
        "stream": ["front"] * shots, "seat": ["r1c1"] * shots, "row": [1] * shots,
        "column": [1] * shots, "start_s": [float(shot) for shot in range(shots)],
        "end_s": [float(shot + 1) for shot in range(shots)], "x_px": [100.0] * shots,
        "y_px": [120.0] * shots, "visible": [True] * shots,
    }  # fmt: skip
    write_table(table_path(folder, schemas.SEATS), make_table(schemas.SEATS, seats))
    return CameraTruth(MediaStream("front", "student_cam", role), folder)


def test_what_students_do_lies_in_the_zone_of_their_seat(tmp_path: Path) -> None:
    (still,) = read_pictures(lesson(screen=False), [crowd(tmp_path / "still", 1)])
    zones = {event.track_id: event.zone for event in still.events}
    assert zones == {0: "desks_left", 5: "desks_middle", 10: "desks_right", NO_TRACK: ""}


def cut_off(folder: Path) -> CameraTruth:
    """A class seen from behind, its last row cut off below the heads, and a teacher at the board:
    points beyond the picture are 0, 0, 0."""
    folder.mkdir()
    rows = [(300, 24), (420, 34), (560, 46), (730, 60)]
    class_ = [
        Figure(200 + 200 * column, y, unit, back=True) for y, unit in rows for column in range(5)
    ]
    series_ = series([[*class_, Figure(640, 200, 26, tall=True)]] * 4)
    points, boxes = series_.people.keypoints, np.minimum(series_.people.boxes_px, (1280, 720) * 2)
    points[points[..., 1] >= 720] = 0
    series_ = replace(series_, people=replace(series_.people, boxes_px=boxes))
    kinds = [PersonRole.STUDENT] * len(class_) + [PersonRole.TEACHER]
    roles = tuple(TrackRole(n, kind, 1.0, ()) for n, kind in enumerate(kinds))
    tracks = Tracks(np.tile(np.arange(len(kinds), dtype=np.int32), 4), roles)
    zero = np.zeros(4, np.int64)
    role = StreamRole.TEACHER_CAM
    times_s = series_.frame_times_s
    counts = ClassPictures("rear", role, times_s, 1.0, zero, zero, zero, zero, zero, zero)
    save_poses(folder, "rear", series_)
    save_tracks(folder, "rear", series_, tracks)
    save_events(folder, [])
    write_table(table_path(folder, schemas.FRAMES), frames_table("rear", series_, counts))
    columns = ("stream", "seat", "row", "column", "start_s", "end_s", "x_px", "y_px", "visible")
    none: dict[str, list[object]] = {name: [] for name in columns}
    write_table(table_path(folder, schemas.SEATS), make_table(schemas.SEATS, none))
    return CameraTruth(MediaStream("rear", "teacher_cam", role), folder)


def test_a_row_that_the_picture_cuts_off_does_not_move_the_front(tmp_path: Path) -> None:
    (seen,) = read_pictures(lesson(screen=False), [cut_off(tmp_path / "rear")])
    assert seen.path.zone == ("front_middle",) * 4


def test_no_zones_are_told_where_the_stream_cuts(tmp_path: Path) -> None:
    (cut,) = read_pictures(lesson(screen=False), [crowd(tmp_path / "cut", 2)])
    assert {event.zone for event in cut.events} == {""}
