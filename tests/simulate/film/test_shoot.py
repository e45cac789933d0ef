from __future__ import annotations

import multiprocessing
import os
import signal
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from classwatch.core.errors import UsageError
from classwatch.core.events import EventKind
from classwatch.core.people import PersonRole
from classwatch.media.audio import write_audio
from classwatch.media.write import SoundTrack
from classwatch.simulate.film.shoot import WORK_FOLDER, FilmOptions, FilmResult, shoot
from classwatch.simulate.timeline import Timeline
from classwatch.store import schemas
from classwatch.store.artifacts import load_events, load_poses, load_tracks, table_path
from classwatch.store.parquet import read_table
from tests.made_media import beeps, onsets_s
from tests.simulate.film.made import timeline

pytest.importorskip("numba")
pytestmark = pytest.mark.slow

SIZE = {"width_px": 320, "height_px": 180}
CUT_S = 5.5
CAMERAS: list[dict[str, Any]] = [
    {"name": "front", "kind": "front", "fps": 2, **SIZE},
    {"name": "rear", "kind": "rear", "fps": 2, **SIZE},
    {"name": "track", "kind": "tracking", "fps": 0.5, **SIZE},
    {"name": "screen", "kind": "screen", "fps": 0.5, **SIZE},
    {
        "name": "mix",
        "kind": "mix",
        "fps": 2,
        **SIZE,
        "cuts": [{"start": 0, "camera": "front"}, {"start": CUT_S, "camera": "rear"}],
    },
]
ACTS = [
    {"who": "s0", "kind": "raise_hand", "start": 3, "end": 7},
    {"who": "s1", "kind": "stand", "start": 4, "end": 9},
    {"who": "s2", "kind": "write", "start": 0, "end": 12},
    {"who": "t", "kind": "board", "start": 5, "end": 10},
]


def lesson(end_s: float = 12.0, cameras: list[dict[str, Any]] | None = None) -> Timeline:
    return timeline(end=end_s, acts=ACTS, cameras=CAMERAS if cameras is None else cameras)


def sound(duration_s: float, at_s: float) -> dict[str, SoundTrack]:
    return {"room": SoundTrack(beeps(duration_s, [at_s], rate_hz=16_000), 16_000)}


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("film")


@pytest.fixture(scope="module")
def film(out: Path) -> FilmResult:
    return shoot(lesson(), sound(12.0, CUT_S), out, FilmOptions(workers=2, samples=1))


def test_every_stream_has_its_pictures_at_exact_times(film: FilmResult) -> None:
    fps = [Fraction(2), Fraction(2), Fraction(1, 2), Fraction(1, 2), Fraction(2)]
    for stream, rate in zip(film.streams, fps, strict=True):
        with av.open(str(stream.media)) as container:
            track = container.streams.video[0]
            times = [f.pts * track.time_base for f in container.decode(track)]
            assert (track.width, track.height) == (320, 180)
        assert times == [n / rate for n in range(int(12 * rate))]
        assert load_poses(stream.truth).frame_times_s.tolist() == [float(t) for t in times]


def test_the_work_folder_is_gone_when_the_film_is_there(film: FilmResult, out: Path) -> None:
    assert not (out / WORK_FOLDER).exists()
    assert sorted(path.name for path in out.iterdir()) == sorted(
        ["truth", *(stream.media.name for stream in film.streams)]
    )


def _film_alone(out: str) -> None:
    shoot(lesson(), sound(12.0, CUT_S), Path(out), FilmOptions(workers=1, samples=1))


def test_killed_work_goes_on_and_one_worker_gives_the_same_bytes_as_two(
    film: FilmResult, out: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    process = multiprocessing.get_context("spawn").Process(target=_film_alone, args=(str(again),))
    process.start()
    waited_until = time.monotonic() + 240
    while not list(again.glob(f"{WORK_FOLDER}/*/front/00000.mp4")):
        assert process.is_alive(), "ended before the first piece was there"
        assert time.monotonic() < waited_until
        time.sleep(0.02)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    time.sleep(1.0)  # The worker notices and ends.
    assert not (again / "truth").exists()
    result = shoot(lesson(), sound(12.0, CUT_S), again, FilmOptions(workers=1, samples=1))
    assert (film.drawn, result.drawn) == (2, 1)
    assert everything(again) == everything(out)


def test_flash_and_click_come_together(film: FilmResult, tmp_path: Path) -> None:
    mix = film.streams[4]
    with av.open(str(mix.media)) as container:
        track = container.streams.video[0]
        shown = [
            (float(f.pts * track.time_base), f.to_ndarray(format="rgb24").astype(int))
            for f in container.decode(track)
        ]
    change = [np.abs(b - a).mean() for (_, a), (_, b) in pairwise(shown)]
    flash_s = shown[int(np.argmax(change)) + 1][0]
    write_audio(mix.media, tmp_path / "sound.flac")
    import soundfile

    samples, rate = soundfile.read(tmp_path / "sound.flac", dtype="float32")
    assert flash_s == CUT_S
    assert onsets_s(samples, rate_hz=rate) == pytest.approx([CUT_S], abs=0.02)


def test_truth_follows_the_cut(film: FilmResult) -> None:
    front, rear, mix = (load_poses(film.streams[k].truth) for k in (0, 1, 4))
    cut = int(CUT_S * 2)
    before, after = front.frame < cut, rear.frame >= cut
    assert before.sum() > after.sum() > 0  # the front camera sees the whole class
    frames = np.concatenate([front.frame[before], rear.frame[after]])
    points = np.concatenate([front.people.keypoints[before], rear.people.keypoints[after]])
    assert np.array_equal(mix.frame, frames)
    assert np.array_equal(mix.people.keypoints, points)
    seats = read_table(table_path(film.streams[4].truth, schemas.SEATS), schemas.SEATS)
    assert set(zip(seats.cells("start_s"), seats.cells("end_s"), strict=True)) == {
        (0.0, CUT_S),
        (CUT_S, 12.0),
    }


def test_the_front_camera_sees_the_class_and_what_it_does(film: FilmResult) -> None:
    folder = film.streams[0].truth
    series, tracks = load_poses(folder), load_tracks(folder)
    students = tracks.of_role(PersonRole.STUDENT)
    assert np.bincount(series.frame[students], minlength=24).tolist() == [4] * 24
    boxes = series.people.boxes_px
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2] <= 320).all()
    assert (boxes[:, 3] <= 180).all()
    events = load_events(folder)
    (hand,) = [e for e in events if e.kind is EventKind.HAND_RAISED]
    assert 3.0 <= hand.start_s < 4.5
    assert 6.5 < hand.end_s <= 8.5
    right_wrist = series.people.keypoints[tracks.track_id == hand.track_id, 10, 1]
    assert right_wrist[10] < right_wrist[2] - 8  # higher than on the desk
    (standing,) = [e for e in events if e.kind is EventKind.STANDING]
    up = boxes[(tracks.track_id == standing.track_id) & (series.frame == 14)][0]
    down = boxes[(tracks.track_id == standing.track_id) & (series.frame == 2)][0]
    assert up[1] < down[1] - 5
    frames = read_table(table_path(folder, schemas.FRAMES), schemas.FRAMES)
    assert frames.cells("hands_raised")[10] == 1
    assert frames.cells("heads_down")[10] == 1


def test_seats_lie_where_students_are_seen(film: FilmResult) -> None:
    folder = film.streams[0].truth
    seats = read_table(table_path(folder, schemas.SEATS), schemas.SEATS)
    assert seats.cells("visible") == [True] * 4
    series = load_poses(folder)
    first = series.people.boxes_px[series.frame == 0]
    for x, y in zip(seats.cells("x_px"), seats.cells("y_px"), strict=True):
        inside = (first[:, :2] <= (x, y)).all(axis=1) & (first[:, 2:] >= (x, y)).all(axis=1)
        assert inside.any(), (x, y)


def test_the_teacher_is_at_the_board_while_writing(film: FilmResult) -> None:
    for stream in (film.streams[1], film.streams[2]):
        events = [e for e in load_events(stream.truth) if e.kind is EventKind.TEACHER_AT_BOARD]
        assert len(events) == 1, stream.name
        assert 3.0 <= events[0].start_s <= 6.0
        assert 9.5 <= events[0].end_s <= 12.0


def test_the_screen_shows_nobody(film: FilmResult) -> None:
    assert len(load_poses(film.streams[3].truth).people) == 0


def test_coco_counts_what_the_poses_hold(film: FilmResult) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    for stream in film.streams:
        loaded = coco.COCO(str(stream.truth / "coco.json"))
        counted = loaded.getAnnIds(iscrowd=0)
        assert len(counted) == len(load_poses(stream.truth).people)
        assert len(loaded.getImgIds()) == stream.pictures


def test_a_camera_needs_its_microphone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="front takes its sound from 'room'"):
        shoot(lesson(), {"other": SoundTrack(np.zeros(10, np.float32), 16_000)}, tmp_path)


def test_no_cameras_no_film(tmp_path: Path) -> None:
    assert shoot(lesson(cameras=[]), {}, tmp_path) == FilmResult((), 0)
