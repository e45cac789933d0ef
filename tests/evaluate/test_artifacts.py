"""Reading results back: what was published, and where speech was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classwatch.core.errors import DataError, InputError
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.core.speech import Origin, SpeechActivity, Turn
from classwatch.core.time import intervals, normalise, total_s
from classwatch.evaluate.artifacts import read_found, read_truth_folder, speech_of_levels
from classwatch.store import convert
from tests.evaluate.made import T, boxes, turn, write_results


@given(st.lists(st.tuples(st.integers(25, 400), st.integers(25, 400)), min_size=0, max_size=12))
def test_speech_comes_back_from_its_share_in_each_step(gaps: list[tuple[int, int]]) -> None:
    # Speech and pauses of 0.25 s and more, on a grid of 10 ms, in steps of 0.1 s.
    at, rows = 0, []
    for pause, length in gaps:
        rows.append(((at + pause) / 100, (at + pause + length) / 100))
        at += pause + length
    speech = normalise(intervals(rows))
    steps = int(np.ceil((at + 50) / 10))
    activity = SpeechActivity(speech, np.zeros(steps, np.float32), 0.1, -60.0, -20.0, 0.0)
    table = convert.levels_table(activity)
    found = speech_of_levels(table.array("time_s"), table.array("speech").astype(float))
    assert found.shape == speech.shape
    assert np.allclose(found, speech, atol=1e-4)


def test_a_step_between_two_silent_ones_keeps_its_length() -> None:
    found = speech_of_levels(np.array([0.0, 0.1, 0.2]), np.array([0.0, 0.5, 0.0]))
    assert total_s(found) == pytest.approx(0.05)
    assert np.allclose(found, [[0.125, 0.175]])


def test_streams_come_back_with_their_boxes_tracks_and_camera(tmp_path: Path) -> None:
    series = boxes([(0, 0, 50, 100), (100, 0, 150, 100)], [], [(0, 0, 50, 100)], step_s=0.5)
    tracks = Tracks(np.array([0, -1, 0], np.int32), (TrackRole(0, PersonRole.TEACHER, 0.9, ()),))
    folder = write_results(tmp_path, "a", series=series, tracks=tracks, turns=[turn(0, 1, T)])
    seen = read_found(folder).people["cam"]
    assert np.array_equal(seen.series.frame_times_s, [0.0, 0.5, 1.0])
    assert np.array_equal(seen.series.people.boxes_px, series.people.boxes_px)
    assert seen.camera == "student_cam"
    assert seen.tracks is not None
    assert np.array_equal(seen.tracks.track_id, [0, -1, 0])
    assert [r.role for r in seen.tracks.roles] == [PersonRole.TEACHER]
    assert seen.visible is None


def test_what_people_corrected_is_not_scored_as_found(tmp_path: Path) -> None:
    folder = write_results(tmp_path, "a", turns=[turn(0, 5, T)])
    predicted = write_results(tmp_path, "b", turns=[turn(0, 1, T)])
    (folder / "predicted-turns.parquet").write_bytes((predicted / "turns.parquet").read_bytes())
    found = read_found(folder).turns
    assert found is not None
    assert [(t.start_s, t.end_s) for t in found] == [(0.0, 1.0)]


def test_turns_from_a_given_transcript_were_not_found(tmp_path: Path) -> None:
    given_turn = Turn(0, 1, T, "T", 1.0, Origin.SUPPLIED)
    found = read_found(write_results(tmp_path, "a", turns=[given_turn]))
    assert found.turns is None
    assert "given to the analysis" in found.why["turns"]


def test_truth_without_a_file_is_unknown_and_not_empty(tmp_path: Path) -> None:
    known = read_truth_folder(write_results(tmp_path, "a", turns=[turn(0, 1, T)]))
    assert known.turns is not None
    assert len(known.turns) == 1
    assert known.transcript is None
    assert known.events is None
    assert known.people == {}


def test_codings_of_a_truth_folder_come_by_tier(tmp_path: Path) -> None:
    folder = write_results(tmp_path, "a", turns=[])
    (folder / "intervals.csv").write_text(
        "tier,start_s,end_s,label\nfias,0,3,4\nquestion,1,2,open\nfias,3,6,8\n", "utf-8-sig"
    )
    codes = read_truth_folder(folder).codes
    assert [c.label for c in codes["fias"]] == ["4", "8"]
    assert [(c.start_s, c.label) for c in codes["question"]] == [(1.0, "open")]


def test_true_people_hardly_in_sight_count_for_nothing(tmp_path: Path) -> None:
    series = boxes([(0, 0, 50, 100), (100, 0, 150, 100)])
    series.people.keypoints[1, 2:, 2] = 0.5
    seen = read_truth_folder(write_results(tmp_path, "a", series=series)).people["cam"]
    assert seen.visible is None
    assert seen.ignored is not None
    assert seen.ignored.tolist() == [False, True]
    series.people.scores[:] = [0.9, 0.1]
    known = read_truth_folder(write_results(tmp_path, "b", series=series)).people["cam"]
    assert known.ignored is None
    assert known.visible is not None
    assert np.allclose(known.visible, [0.9, 0.1])


def test_damaged_results_are_named(tmp_path: Path) -> None:
    folder = write_results(tmp_path, "a", turns=[])
    (folder / "turns.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"turns\.parquet"):
        read_found(folder)
    with pytest.raises(InputError):
        read_found(tmp_path / "nothing")
