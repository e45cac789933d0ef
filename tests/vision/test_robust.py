"""What must hold for any poses at all, however wild, and for the import of the package."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.config.schema import EventsConfig, TrackConfig
from classwatch.core.events import EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole
from classwatch.core.pose import Detections, PoseSeries
from classwatch.vision.events import detect_events
from classwatch.vision.heads import count_class
from classwatch.vision.people import assign_roles
from classwatch.vision.place import teacher_path
from classwatch.vision.scene import read_scene
from classwatch.vision.track import track


def _wild(seed: int, pictures: int, most: int, every_s: float) -> PoseSeries:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, most + 1, pictures)
    n = int(counts.sum())
    corners = np.sort(rng.uniform(0, 720, (n, 2, 2)).astype(np.float32), axis=1)
    points = np.concatenate(
        [rng.uniform(0, 720, (n, 17, 2)), rng.random((n, 17, 1))], axis=2
    ).astype(np.float32)
    if n:
        corners[0] = 5.0  # an empty box
        points[0, :, :2] = 7.0  # all points in one
    times = np.cumsum(rng.uniform(0.1, 2.5, pictures) * every_s)
    return PoseSeries(
        times,
        np.repeat(np.arange(pictures), counts).astype(np.int32),
        Detections(corners.reshape(n, 4), rng.random(n).astype(np.float32), points),
        (1280, 720),
        every_s,
    )


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**31),
    pictures=st.integers(0, 25),
    most=st.integers(0, 8),
    every_s=st.sampled_from([0.04, 0.5, 1.0, 10.0]),
    role=st.sampled_from(list(StreamRole)),
)
def test_wild_poses(seed: int, pictures: int, most: int, every_s: float, role: StreamRole) -> None:
    poses = _wild(seed, pictures, most, every_s)
    numbers = track(poses, TrackConfig())
    # Each picture gives a number once, and new numbers come in order of appearance.
    assert len({*zip(poses.frame.tolist(), numbers.tolist(), strict=True)}) == len(numbers)
    _, first = np.unique(numbers, return_index=True)
    assert (np.diff(first) > 0).all()
    tracks = assign_roles(poses, numbers, role)
    assert [r.track_id for r in tracks.roles] == list(range(int(numbers.max(initial=-1)) + 1))
    assert all(0 <= r.confidence <= 1 for r in tracks.roles)
    assert all(np.isfinite(value) for r in tracks.roles for _, value in r.evidence)
    assert np.bincount(poses.frame[tracks.of_role(PersonRole.TEACHER)], minlength=1).max() <= 1

    scene = read_scene(poses, tracks, role, EventsConfig().min_keypoint)
    events = detect_events(poses, tracks, scene, stream="x", cfg=EventsConfig())
    for event in events:
        assert poses.frame_times_s[0] <= event.start_s < event.end_s
        assert event.end_s <= poses.frame_times_s[-1] + every_s + 1e-9
        assert 0 <= event.confidence <= 1
    teacher = [e for e in events if e.kind.startswith("teacher")]
    for left, right in pairwise(teacher):
        assert left.end_s <= right.start_s + 1e-9
    if not tracks.of_role(PersonRole.TEACHER).any():
        assert EventKind.TEACHER_NOT_VISIBLE not in {e.kind for e in events}

    counts = count_class(poses, scene, "cam", role, EventsConfig())
    assert counts.students_seen.sum() == tracks.of_role(PersonRole.STUDENT).sum()
    assert (counts.hands_raised <= counts.hands_judged).all()
    assert (counts.hands_judged <= counts.students_seen).all()
    path = teacher_path(poses, tracks, role)
    assert (np.diff(path.times_s) > 0).all()


def test_the_same_poses_give_the_same_answer() -> None:
    poses = _wild(7, 60, 8, 1.0)

    def answer() -> object:
        tracks = assign_roles(poses, track(poses, TrackConfig()), StreamRole.MIXED)
        scene = read_scene(poses, tracks, StreamRole.MIXED, EventsConfig().min_keypoint)
        return tracks.roles, detect_events(poses, tracks, scene, stream="x", cfg=EventsConfig())

    assert answer() == answer()


@pytest.mark.parametrize("module", ["engine", "events", "people", "track", "heads", "place"])
def test_imports_are_light(module: str) -> None:
    heavy = "{'torch', 'cv2', 'scipy', 'openvino', 'onnxruntime', 'ultralytics', 'sklearn'}"
    code = f"import sys, classwatch.vision.{module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
