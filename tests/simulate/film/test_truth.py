from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import DataError
from classwatch.core.events import EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole
from classwatch.core.speech import Origin
from classwatch.simulate.film.coco import Picture, Pictures, write_coco
from classwatch.simulate.film.events import Doing, Happening
from classwatch.simulate.film.sightings import (
    Sightings,
    Who,
    concatenated,
    load_sightings,
    save_sightings,
)
from classwatch.simulate.film.truth import StreamFacts, StreamTruth, save_truth, stream_truth
from classwatch.simulate.script import ActKind, PersonKind
from classwatch.store import schemas
from classwatch.store.artifacts import load_events, load_poses, load_tracks, table_path
from classwatch.store.parquet import read_table
from tests.simulate.film.made import sightings

TEACHER = Who("t", PersonKind.TEACHER)
ANNA, BEN = Who("anna", PersonKind.STUDENT), Who("ben", PersonKind.STUDENT)
ADULT = Who("guest", PersonKind.ADULT)
NOTHING = Happening((), {}, front_z_m=2.0)


def truth(people: list[Who], seen: Sightings, happening: Happening = NOTHING) -> StreamTruth:
    facts = StreamFacts("cam", StreamRole.MIXED, (640, 360), 1.0)
    return stream_truth(facts, np.arange(len(seen), dtype=np.float64), people, seen, happening)


def kinds(found: StreamTruth, kind: EventKind) -> list[tuple[float, float, int]]:
    return [(e.start_s, e.end_s, e.track_id) for e in found.events if e.kind is kind]


def test_rows_are_the_people_who_are_seen() -> None:
    found = truth([TEACHER, ANNA, ADULT], sightings([[0, 1, 0], [1, 1, 1], [0, 0, 0]]))
    assert found.series.frame.tolist() == [0, 1, 1, 1]
    assert found.person.tolist() == [1, 0, 1, 2]
    assert found.tracks.track_id.tolist() == [0, 1, 0, 2]  # in order of first appearance
    roles = [role.role for role in found.tracks.roles]
    assert roles == [PersonRole.STUDENT, PersonRole.TEACHER, PersonRole.ADULT]
    first = found.series.people.keypoints[0]
    assert first[0].tolist() == [110, 30, 1.0]
    assert first[13].tolist() == [110, 30, 0.5]  # hidden, in the picture
    assert first[16].tolist() == [0, 0, 0]  # outside


def test_another_adult_is_an_event_while_in_the_picture() -> None:
    found = truth([TEACHER, ADULT], sightings([[1, 0], [1, 1], [1, 1], [1, 0], [1, 0], [1, 0]]))
    assert kinds(found, EventKind.OTHER_ADULT) == [(1.0, 3.0, 1)]


def test_a_few_pixels_of_somebody_are_no_sighting() -> None:
    seen = sightings([[1, 1]])
    seen.area_px[0, 1] = 12
    assert truth([ANNA, BEN], seen).person.tolist() == [0]
    assert seen.barely().tolist() == [[False, True]]


def test_acts_are_events_while_the_person_is_seen() -> None:
    doings = (
        Doing("anna", ActKind.RAISE_HAND, 1.25, 4.5),
        Doing("anna", ActKind.WRITE, 5.0, 20.0),
        Doing("ben", ActKind.STAND, 1.0, 4.0),
    )
    seen = sightings([[1, 0]] * 8)
    found = truth([ANNA, BEN], seen, Happening(doings, {}, 2.0))
    assert kinds(found, EventKind.HAND_RAISED) == [(1.25, 4.5, 0)]
    assert kinds(found, EventKind.WRITING) == [(5.0, 8.0, 0)]
    assert kinds(found, EventKind.HEAD_DOWN) == [(5.0, 8.0, 0)]
    assert kinds(found, EventKind.HEAD_UP) == [(0.0, 5.0, 0)]
    assert kinds(found, EventKind.STANDING) == []
    assert {e.origin for e in found.events} == {Origin.ANNOTATED}


def test_somebody_hidden_for_a_moment_goes_on() -> None:
    seen = sightings([[1], [1], [0], [1], [0], [0], [0], [1]])
    happening = Happening((Doing("anna", ActKind.READ, 0.0, 8.0),), {}, 2.0)
    found = truth([ANNA], seen, happening)
    assert kinds(found, EventKind.READING) == [(0.0, 4.0, 0), (7.0, 8.0, 0)]
    (first, _) = [e for e in found.events if e.kind is EventKind.READING]
    assert first.confidence == 0.75  # seen in three of the four seconds


def test_a_cut_ends_what_the_other_camera_does_not_see() -> None:
    # Seen by camera 0 only; it is cut away for two seconds, which would be closed within a shot.
    seen = sightings([[1], [1], [0], [0], [1]], shot=[0, 0, 1, 1, 0])
    happening = Happening((Doing("anna", ActKind.READ, 0.0, 8.0),), {}, 2.0)
    found = truth([ANNA], seen, happening)
    assert kinds(found, EventKind.READING) == [(0.0, 2.0, 0), (4.0, 5.0, 0)]
    assert len(found.tracks.roles) == 1


def test_speech_is_an_event_of_whoever_is_seen_speaking() -> None:
    speech = {"t": np.array([[0.5, 1.5]]), "anna": np.array([[2.0, 3.0]])}
    found = truth([TEACHER, ANNA], sightings([[1, 0]] * 4), Happening((), speech, 2.0))
    assert kinds(found, EventKind.SPEAKING) == [(0.5, 1.5, 0)]


def test_the_place_of_the_teacher_is_told_in_every_picture() -> None:
    seen = sightings(
        [[1], [1], [1], [0], [1]], place_m=[(0, 1), (0, 1), (0, 3), (0, 3), (0, 3)], facing=-0.9
    )
    seen.facing[0] = 0.4
    found = truth([TEACHER], seen)
    places = [(e.kind, e.start_s, e.end_s, e.track_id) for e in found.events]
    assert places == [
        (EventKind.TEACHER_FRONT, 0.0, 1.0, -1),
        (EventKind.TEACHER_AT_BOARD, 1.0, 2.0, -1),
        (EventKind.TEACHER_AMONG_DESKS, 2.0, 3.0, -1),
        (EventKind.TEACHER_NOT_VISIBLE, 3.0, 4.0, -1),
        (EventKind.TEACHER_AMONG_DESKS, 4.0, 5.0, -1),
    ]


def test_a_stream_without_the_teacher_tells_no_place() -> None:
    assert (
        truth([TEACHER, ANNA], sightings([[0, 1]] * 3)).events
        == truth([ANNA], sightings([[1]] * 3)).events
    )


def test_counts_are_over_the_students_in_the_picture() -> None:
    doings = (
        Doing("anna", ActKind.RAISE_HAND, 0.0, 1.0),
        Doing("anna", ActKind.TURN_LEFT, 1.0, 9.0),
        Doing("ben", ActKind.DEVICE, 0.0, 9.0),
    )
    seen = sightings([[1, 1, 1], [1, 1, 0], [0, 1, 1]])
    seen.keypoints[2, :, 7:11, 2] = 1  # arms hidden
    counts = truth([TEACHER, ANNA, BEN], seen, Happening(doings, {}, 2.0)).counts
    assert counts.students_seen.tolist() == [2, 1, 2]
    assert counts.hands_raised.tolist() == [1, 0, 0]
    assert counts.hands_judged.tolist() == [2, 1, 0]
    assert counts.heads_up.tolist() == [1, 0, 0]
    assert counts.heads_down.tolist() == [1, 0, 1]
    assert counts.heads_undecided.tolist() == [0, 1, 1]


def test_truth_is_read_back_as_what_an_analysis_leaves(tmp_path: Path) -> None:
    doings = (Doing("anna", ActKind.STAND, 0.0, 2.0),)
    found = truth([ANNA, BEN], sightings([[1, 0], [1, 1], [0, 0]]), Happening(doings, {}, 2.0))
    save_truth(tmp_path, found)
    series = load_poses(tmp_path)
    assert series.size_px == (640, 360)
    assert series.frame_times_s.tolist() == [0.0, 1.0, 2.0]
    assert np.array_equal(series.people.keypoints, found.series.people.keypoints)
    assert np.array_equal(load_tracks(tmp_path).track_id, found.tracks.track_id)
    assert load_events(tmp_path) == found.events
    frames = read_table(table_path(tmp_path, schemas.FRAMES), schemas.FRAMES)
    assert frames.cells("students_seen") == [1, 2, 0]
    assert len(read_table(table_path(tmp_path, schemas.SEATS), schemas.SEATS)) == 0


def test_an_empty_stream_has_truth_too(tmp_path: Path) -> None:
    save_truth(tmp_path, truth([], Sightings.blank(3, 0)))
    assert len(load_poses(tmp_path)) == 3
    assert load_events(tmp_path) == ()


def test_pieces_of_sightings_come_back_and_join(tmp_path: Path) -> None:
    whole = sightings([[1, 0], [0, 1], [1, 1]])
    parts = []
    for k, rows in enumerate((slice(0, 2), slice(2, 3))):
        names = ("box_px", "keypoints", "share", "area_px", "place_m", "facing", "shot")
        part = Sightings(*(getattr(whole, name)[rows] for name in names))
        save_sightings(tmp_path / f"{k}.npz", part)
        parts.append(load_sightings(tmp_path / f"{k}.npz"))
    joined = concatenated(parts)
    assert np.array_equal(joined.box_px, whole.box_px)
    assert np.array_equal(joined.seen(), whole.seen())
    (tmp_path / "1.npz").write_bytes((tmp_path / "0.npz").read_bytes()[:200])
    with pytest.raises(DataError, match="not a piece"):
        load_sightings(tmp_path / "1.npz")


def test_coco_files_are_what_pycocotools_reads(tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    seen = sightings([[1, 1], [0, 0], [1, 0]])
    seen.area_px[0, 1] = 12
    path = tmp_path / "coco.json"
    pictures = [Picture(n + 1, f"{n}.jpg", 640, 360, n / 5) for n in range(3)]
    write_coco(path, "made", [Pictures(pictures, seen)])
    loaded = coco.COCO(str(path))
    assert loaded.getImgIds() == [1, 2, 3]
    found = loaded.loadAnns(loaded.getAnnIds())
    order = [(a["id"], a["image_id"], a["iscrowd"]) for a in found]
    assert order == [(1, 1, 0), (2, 1, 1), (3, 3, 0)]
    assert found[0]["bbox"] == [0, 10, 20, 50]
    assert found[0]["area"] == 800
    assert found[0]["num_keypoints"] == 15
    assert found[0]["keypoints"][:3] == [10, 30, 2]
    assert found[0]["keypoints"][-3:] == [0, 0, 0]
    (category,) = loaded.loadCats(loaded.getCatIds())
    assert category["keypoints"][9] == "left_wrist"
    bones = {frozenset(category["keypoints"][i - 1] for i in b) for b in category["skeleton"]}
    assert {"left_elbow", "left_wrist"} in bones
    assert all(len({n.split("_")[0] for n in bone}) == 1 or bone in ACROSS for bone in bones)
    assert json.loads(path.read_text())["images"][1]["time_s"] == 0.2


ACROSS = [
    {"left_shoulder", "right_shoulder"}, {"left_hip", "right_hip"}, {"left_eye", "right_eye"},
    {"nose", "left_eye"}, {"nose", "right_eye"},
]  # fmt: skip
