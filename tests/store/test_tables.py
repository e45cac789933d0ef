from __future__ import annotations

import hashlib
import math
import random
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.errors import DataError, InputError
from classwatch.core.events import Event
from classwatch.core.measures import Measure
from classwatch.core.media import StreamRole
from classwatch.core.people import ClassPictures, PersonRole, TrackRole, Tracks
from classwatch.core.pose import KEYPOINTS, Detections, PoseSeries
from classwatch.core.speech import SpeechActivity, Turn
from classwatch.store import artifacts, convert, schemas
from classwatch.store.parquet import (
    publish_tables,
    read_table,
    table_bytes,
    write_pieces,
    write_table,
)
from classwatch.store.tables import Table, concatenated, make_table
from tests.store import made

ROOT = Path(__file__).parents[2]


def _stored(tmp_path: Path, table: Table) -> Table:
    path = tmp_path / "t.parquet"
    write_table(path, table, "lesson")
    return read_table(path, table.schema)


def _turn_key(turn: Turn) -> tuple[Any, ...]:
    return (turn.start_s, turn.end_s, turn.role, turn.speaker)


@given(st.lists(made.turns, max_size=6))
@settings(max_examples=40)
def test_turns_come_back_sorted(
    tmp_path_factory: pytest.TempPathFactory, turns: list[Turn]
) -> None:
    table = convert.turns_table(turns)
    again = convert.turns_from(_stored(tmp_path_factory.mktemp("t"), table))
    assert again == tuple(sorted(turns, key=_turn_key))


@given(st.lists(made.events, max_size=6))
@settings(max_examples=40)
def test_events_come_back(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> None:
    again = convert.events_from(_stored(tmp_path_factory.mktemp("t"), convert.events_table(events)))
    assert sorted(map(repr, again)) == sorted(map(repr, events))
    assert [(e.stream, e.start_s) for e in again] == sorted((e.stream, e.start_s) for e in events)


@given(st.lists(made.measures, max_size=4))
@settings(max_examples=40)
def test_measures_come_back(
    tmp_path_factory: pytest.TempPathFactory, measures: list[Measure]
) -> None:
    again = convert.measures_from(
        _stored(tmp_path_factory.mktemp("t"), convert.measures_table(measures))
    )
    assert again == tuple(sorted(measures, key=lambda m: (m.id, m.stream, m.part)))


@given(st.integers(0, 1000), st.integers(0, 5), st.integers(0, 4))
@settings(max_examples=20)
def test_poses_come_back_rounded(
    tmp_path_factory: pytest.TempPathFactory, seed: int, frames: int, most: int
) -> None:
    series = made.random_poses(seed, frames, most)
    folder = tmp_path_factory.mktemp("t")
    artifacts.save_poses(folder, "front", series)
    again = artifacts.load_poses(folder)
    assert again.size_px == (1920, 1080)
    assert again.every_s == 1.0
    assert np.array_equal(again.frame, series.frame)
    assert np.abs(again.frame_times_s - series.frame_times_s).max(initial=0) <= 0.51e-6
    assert np.abs(again.people.boxes_px - series.people.boxes_px).max(initial=0) < 0.0502
    assert np.abs(again.people.scores - series.people.scores).max(initial=0) < 0.000502
    apart = np.abs(again.people.keypoints - series.people.keypoints)
    assert apart[:, :, :2].max(initial=0) < 0.0502
    assert apart[:, :, 2].max(initial=0) < 0.000502
    names = sorted(path.name for path in folder.iterdir())
    before = {name: (folder / name).read_bytes() for name in names}
    artifacts.save_poses(folder, "front", again)  # rounding again changes nothing
    assert {name: (folder / name).read_bytes() for name in names} == before


def _one_person() -> PoseSeries:
    keypoints = np.zeros((1, 17, 3), np.float32)
    keypoints[0, KEYPOINTS.index("left_wrist")] = (123.44, 55.06, 0.87654)
    boxes = np.array([[1.04, 2.0, 30.96, 400.0]], np.float32)
    people = Detections(boxes, np.array([0.91], np.float32), keypoints)
    frame = np.array([1], np.int32)
    return PoseSeries(np.array([0.04, 1.04, 2.04]), frame, people, (640, 360), 1.0)


def test_columns_hold_what_their_names_say(tmp_path: Path) -> None:
    artifacts.save_poses(tmp_path, "rear", _one_person())
    poses = pd.read_parquet(tmp_path / "poses.parquet")
    assert list(poses.columns[:9]) == [
        *("stream", "time_s", "frame", "det", "x0", "y0", "x1", "y1", "score")
    ]
    assert len(poses.columns) == 9 + 51
    row = poses.iloc[0]
    assert (row.stream, row.time_s, row.frame, row.det) == ("rear", 1.04, 1, 0)
    found = (row.left_wrist_x, row.left_wrist_y, row.left_wrist_conf)
    assert found == pytest.approx((123.4, 55.1, 0.877), abs=1e-5)
    frames = pd.read_parquet(tmp_path / "frames.parquet")
    assert frames.people.tolist() == [0, 1, 0]
    assert frames.students_seen.isna().all()
    assert set(frames.width_px) == {640}


def test_counts_are_stored_with_their_pictures(tmp_path: Path) -> None:
    series = _one_person()
    rows = (np.array([n, 0, 7]) for n in range(6))
    counts = ClassPictures("rear", StreamRole.STUDENT_CAM, series.frame_times_s, 1.0, *rows)
    table = _stored(tmp_path, convert.frames_table("rear", series, counts))
    again = convert.counts_from(table, StreamRole.STUDENT_CAM)
    assert again is not None
    assert again.stream == "rear"
    assert again.frame_times_s.tolist() == series.frame_times_s.tolist()
    assert again.heads_undecided.tolist() == [5, 0, 7]
    assert again.hands_judged.tolist() == [2, 0, 7]
    uncounted = convert.frames_table("rear", series)
    assert convert.counts_from(uncounted, StreamRole.STUDENT_CAM) is None


def test_tracks_come_back_and_number_detections_within_a_picture(tmp_path: Path) -> None:
    series = made.random_poses(3, 6, 4)
    n = len(series.people)
    roles = (
        TrackRole(0, PersonRole.TEACHER, 0.9, (("walks", 0.5),)),
        TrackRole(1, PersonRole.STUDENT, 0.8, ()),
    )
    tracks = Tracks((np.arange(n) % 3 - 1).astype(np.int32), roles)
    artifacts.save_tracks(tmp_path, "front", series, tracks)
    again = artifacts.load_tracks(tmp_path)
    assert np.array_equal(again.track_id, tracks.track_id)
    assert again.roles == roles
    rows = pd.read_parquet(tmp_path / "tracks.parquet")
    assert rows.groupby("frame").det.apply(list).map(lambda d: d == list(range(len(d)))).all()
    assert dict(zip(rows.track_id, rows.role, strict=True)) == {
        -1: "unknown",
        0: "teacher",
        1: "student",
    }
    (tmp_path / "track_roles.json").write_text('{"schema": "classwatch.track_roles/1", "data": []}')
    with pytest.raises(DataError, match="track 0 has no role"):
        artifacts.load_tracks(tmp_path)


def test_activity_comes_back_and_shows_the_share_of_speech(tmp_path: Path) -> None:
    activity = SpeechActivity(
        speech=np.array([[0.05, 0.2], [0.32, 0.33]]),
        level_db=np.array([-30.127, -31.0, -60.0, -20.0], np.float32),
        level_step_s=0.1,
        noise_db=math.nan,
        speech_db=-30.5,
        clipped_share=0.0,
    )
    artifacts.save_activity(tmp_path, activity)
    levels = pd.read_parquet(tmp_path / "levels.parquet")
    assert levels.speech.tolist() == pytest.approx([0.5, 1.0, 0.0, 0.1])
    assert levels.time_s.tolist() == pytest.approx([0.0, 0.1, 0.2, 0.3])
    again = artifacts.load_activity(tmp_path)
    assert np.array_equal(again.speech, activity.speech)
    assert again.level_db.tolist() == pytest.approx([-30.13, -31.0, -60.0, -20.0])
    assert math.isnan(again.noise_db)
    assert (again.speech_db, again.clipped_share) == (-30.5, 0.0)


@given(st.lists(made.turns, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_given_does_not_change_the_bytes(turns: list[Turn], rng: random.Random) -> None:
    unique = list({_turn_key(turn): turn for turn in turns}.values())
    shuffled = rng.sample(unique, len(unique))
    assert table_bytes(convert.turns_table(unique)) == table_bytes(convert.turns_table(shuffled))


def test_another_process_writes_the_same_bytes() -> None:
    code = """
        import hashlib
        from classwatch.store import convert, parquet, sheets
        from tests.store import made
        (table,) = convert.poses_pieces("front", made.random_poses(5, 40, 30))
        small = convert.measures_table([made.measure(x, 0.5) for x in {"a", "b", "c"}])
        parts = [parquet.table_bytes(table, "x"), sheets.xlsx_bytes(small), sheets.csv_bytes(small)]
        print(hashlib.sha256(b"".join(parts)).hexdigest())
    """
    digests = set()
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": f"UTC-{seed}"}
        command = [sys.executable, "-c", textwrap.dedent(code)]
        run = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, cwd=ROOT
        )
        digests.add(run.stdout)
    assert len(digests) == 1
    assert len(digests.pop().strip()) == len(hashlib.sha256().hexdigest())


def test_pandas_and_duckdb_read_a_term_with_one_glob(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for number, lesson in enumerate(["课例 1", "b", "c"]):
        folder = out / lesson
        folder.mkdir(parents=True)
        turn = Turn(0.0, 1.5 + number, made.SpeakerRole.TEACHER, "T", 0.5)
        write_table(folder / "turns.parquet", convert.turns_table([turn]), lesson)
        sources = []
        for stream in ("a", "b"):
            cached = tmp_path / f"{number}-{stream}"
            cached.mkdir()
            artifacts.save_poses(cached, stream, made.random_poses(number, 3, 2))
            sources.append(cached / "poses.parquet")
        publish_tables(folder / "poses.parquet", schemas.POSES, sources, lesson)
        empty = convert.measures_table([made.measure("st.rt", None)][: number % 2])
        write_table(folder / "measures.parquet", empty, lesson)

    talk = duckdb.sql(
        f"SELECT lesson_id, sum(end_s - start_s) FROM '{out}/*/turns.parquet' "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert talk == [("b", 2.5), ("c", 3.5), ("课例 1", 1.5)]
    absent = duckdb.sql(f"SELECT lesson_id, value, why FROM '{out}/*/measures.parquet'")
    assert absent.fetchall() == [("b", None, "no_camera")]

    files = [out / lesson / "poses.parquet" for lesson in ("b", "c", "课例 1")]
    poses = pd.concat(map(pd.read_parquet, files))
    assert list(poses.columns[:2]) == ["lesson_id", "stream"]
    assert poses.left_wrist_conf.between(0, 1).all()
    whole = pd.read_parquet(files)
    assert set(whole.lesson_id) == {"课例 1", "b", "c"}
    assert poses[["lesson_id", "stream", "frame"]].apply(tuple, axis=1).is_monotonic_increasing
    counted = duckdb.sql(f"SELECT count(*) FROM '{out}/*/poses.parquet'")
    assert counted.fetchall() == [(len(poses),)]


def test_the_file_names_its_schema_and_compresses(tmp_path: Path) -> None:
    write_table(tmp_path / "t.parquet", convert.turns_table([]), "x")
    file = pq.ParquetFile(tmp_path / "t.parquet")
    assert file.schema_arrow.metadata[b"classwatch.schema"] == b"turns/1"
    artifacts.save_poses(tmp_path, "a", made.random_poses(1, 9, 9))
    group = pq.ParquetFile(tmp_path / "poses.parquet").metadata.row_group(0)
    assert {group.column(i).compression for i in range(group.num_columns)} == {"ZSTD"}


def test_another_table_or_version_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_table(path, convert.events_table([]))
    with pytest.raises(DataError, match=r"t\.parquet: expected table turns/1, found events/1"):
        read_table(path, schemas.TURNS)
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({b"classwatch.schema": b"events/2"}), path)
    with pytest.raises(DataError, match=r"expected table events/1, found events/2"):
        read_table(path, schemas.EVENTS)
    pq.write_table(table.replace_schema_metadata(None), path)
    with pytest.raises(DataError, match=r"found a table without classwatch\.schema"):
        read_table(path, schemas.EVENTS)


def test_columns_that_are_not_as_promised_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    turn = Turn(0.0, 1.0, made.SpeakerRole.TEACHER, "T", 0.5)
    write_table(path, convert.turns_table([turn]))
    good = pq.read_table(path)
    pq.write_table(good.drop_columns(["role"]), path)
    with pytest.raises(DataError, match="column role is missing"):
        read_table(path, schemas.TURNS)
    at = good.column_names.index("end_s")
    pq.write_table(good.set_column(at, "end_s", pa.array(["1.0"])), path)
    with pytest.raises(DataError, match="column end_s: expected double, found string"):
        read_table(path, schemas.TURNS)
    pq.write_table(good.set_column(at, "end_s", pa.array([None], pa.float64())), path)
    with pytest.raises(DataError, match="column end_s has empty cells"):
        read_table(path, schemas.TURNS)
    at = good.column_names.index("role")
    pq.write_table(good.set_column(at, "role", pa.array(["headmaster"])), path)
    with pytest.raises(DataError, match="headmaster"):
        convert.turns_from(read_table(path, schemas.TURNS))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"hello, world" * 100])
def test_what_is_no_parquet_is_a_data_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"t\.parquet: not a whole Parquet file"):
        read_table(path, schemas.TURNS)


def test_a_truncated_table_is_a_data_error_wherever_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    (table,) = convert.poses_pieces("a", made.random_poses(1, 9, 9))
    whole = table_bytes(table)
    for share in (0.1, 0.5, 0.9, 0.999):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(DataError):
            read_table(path, schemas.POSES)
    with pytest.raises(InputError, match=r"gone\.parquet"):
        read_table(tmp_path / "gone.parquet", schemas.POSES)


def test_mistakes_of_the_program_are_not_written() -> None:
    turn = Turn(0.0, math.nan, made.SpeakerRole.TEACHER, "T", 0.5)
    with pytest.raises(ValueError, match=r"turns\.end_s: holds NaN"):
        convert.turns_table([turn])
    one = {"time_s": [0.0], "level_db": [0.0]}
    with pytest.raises(ValueError, match="expected columns"):
        make_table(schemas.LEVELS, one)
    with pytest.raises(ValueError, match="differ in length"):
        make_table(schemas.LEVELS, {**one, "speech": [0.0, 1.0]})
    with pytest.raises(ValueError, match="shape"):
        make_table(schemas.LEVELS, {**one, "speech": [[0.0]]})


def test_pieces_make_the_same_table_as_the_whole(tmp_path: Path) -> None:
    series = made.random_poses(4, 50, 6)
    pieces = list(convert.poses_pieces("a", series, rows=7))
    assert len(pieces) == -(-len(series.people) // 7)
    (whole,) = convert.poses_pieces("a", series)
    joined = concatenated(pieces)
    assert all(joined.cells(c.name) == whole.cells(c.name) for c in schemas.POSES.columns)
    write_pieces(tmp_path / "p.parquet", schemas.POSES, pieces)
    assert pq.ParquetFile(tmp_path / "p.parquet").num_row_groups == len(pieces)
    read = read_table(tmp_path / "p.parquet", schemas.POSES)
    assert all(read.cells(c.name) == whole.cells(c.name) for c in schemas.POSES.columns)
    publish_tables(tmp_path / "none.parquet", schemas.POSES, [], "x")
    assert len(pd.read_parquet(tmp_path / "none.parquet")) == 0


def test_a_lesson_of_forty_five_minutes_is_stored_quickly_and_small(tmp_path: Path) -> None:
    series = made.random_poses(1, 2700, 30)
    artifacts.save_poses(tmp_path, "front", series)
    assert (tmp_path / "poses.parquet").stat().st_size < len(series.people) * 60 * 4
    assert np.array_equal(artifacts.load_poses(tmp_path).frame, series.frame)
