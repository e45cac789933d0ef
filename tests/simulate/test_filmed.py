"""A lesson with pictures of schematic figures, from the script to the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.exchange.manifest import find_lessons
from classwatch.media.probe import probe
from classwatch.simulate.produce import ProduceOptions, produce
from classwatch.simulate.read import parse_script
from classwatch.store import schemas
from classwatch.store.artifacts import load_document, load_events, table_path
from classwatch.store.documents import MEASURES
from classwatch.store.parquet import read_table
from tests.simulate.test_produce import TEXT, contents

pytest.importorskip("espeakng_loader")
pytest.importorskip("pyroomacoustics")
pytest.importorskip("numba")

CAMERAS = """
cameras:
- {name: front, kind: front, width_px: 320, height_px: 180, fps: 2}
- {name: rear, kind: rear, width_px: 320, height_px: 180, fps: 1}
acts:
- {who: S02, kind: raise_hand, start: 1.0, end: 4.0}
"""


@pytest.mark.slow
def test_a_lesson_with_pictures(tmp_path: Path) -> None:
    script = parse_script(TEXT + CAMERAS, "tiny")
    made = produce(script, tmp_path / "a", ProduceOptions(jobs=1))
    assert not (tmp_path / "a" / ".work").exists()
    length_s = made.record.duration_s
    for name in ("front", "rear"):
        info = probe(tmp_path / "a" / f"{name}.mp4")
        assert info.video is not None
        assert len(info.audio) == 1
        assert abs(info.duration_s - length_s) < 1.1
    (lesson,) = find_lessons([tmp_path / "a" / "lesson.yaml"])
    assert [s.name for s in lesson.require().streams] == ["student_cam", "teacher_cam"]
    truth = tmp_path / "a" / "truth"
    frames = read_table(table_path(truth, schemas.FRAMES), schemas.FRAMES)
    streams = frames.cells("stream")
    assert abs(streams.count("student_cam") - 2 * length_s) <= 1
    assert abs(streams.count("teacher_cam") - length_s) <= 1
    hands = [e for e in load_events(truth) if e.kind == "hand_raised" and e.stream == "student_cam"]
    assert len(hands) == 1
    assert hands[0].start_s == pytest.approx(1.0, abs=0.6)
    assert hands[0].end_s == pytest.approx(4.0, abs=0.6)
    raised = zip(streams, frames.array("time_s"), frames.cells("hands_raised"), strict=True)
    up_s = [time_s for stream, time_s, up in raised if stream == "student_cam" and up]
    assert min(up_s) == pytest.approx(1.0, abs=1.1)
    assert max(up_s) == pytest.approx(4.0, abs=0.6)
    # The teacher stands in front all the time, and two students are too few for shares of a class.
    given = {(m.id, m.part): m.value for m in load_document(truth, MEASURES)}
    assert given["place.share", "front"] == 1.0
    assert given["hands.episodes@gap2s", ""] is None
    # Another number of processes, the same bytes.
    produce(script, tmp_path / "b", ProduceOptions(jobs=2))
    assert contents(tmp_path / "b") == contents(tmp_path / "a")
