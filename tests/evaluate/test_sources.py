"""From suite entries to recordings that the pipeline analyses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.core.media import StreamRole
from classwatch.evaluate.sources import absent, batches
from classwatch.evaluate.suite import SuiteFile, read_suite
from classwatch.exchange.transcripts import find_sidecar
from classwatch.media.plan import plan_decoding
from classwatch.media.probe import probe
from classwatch.media.video import sample_frames


def suite(folder: Path, media: str, more: str = "") -> SuiteFile:
    path = folder / "suite.yaml"
    path.write_text(
        "name: made\nscores: [speech.words]\nset: [vad.threshold=0.4]\n"
        f"lessons:\n  - {{id: a, {media}, truth: [{{kind: text, text: hi}}]}}\n{more}",
        encoding="utf-8",
    )
    return read_suite(path)


def test_a_transcript_beside_the_recording_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    (tmp_path / "a.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nhi\n", encoding="utf-8")
    file = suite(tmp_path, "media: [{path: a.wav}]")
    assert find_sidecar(tmp_path / "a.wav") is not None
    (batch,) = batches(file, file.suite.lessons, tmp_path / "runs")
    (stream,) = batch.sources[0].require().streams
    assert find_sidecar(stream.path) is None
    assert stream.path.read_bytes() == b"RIFF"
    assert stream.path.name == "a.wav"
    assert (stream.role, stream.name) == (StreamRole.AUDIO, "audio")
    assert batch.sets == ("vad.threshold=0.4",)


def test_streams_get_their_role_name_and_offset(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.mp4").write_bytes(b"x")
    media = (
        "media: [{path: a.mp4, role: student_cam}, {path: b.mp4, role: student_cam}, "
        "{path: c.mp4, role: teacher_cam, name: rear, offset_s: 1.5}]"
    )
    file = suite(tmp_path, media)
    streams = batches(file, file.suite.lessons, tmp_path / "runs")[0].sources[0].require().streams
    assert [(s.name, s.offset_s) for s in streams] == [
        ("student_cam", 0.0),
        ("student_cam_2", 0.0),
        ("rear", 1.5),
    ]


def test_lessons_with_other_settings_are_a_batch_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"x")
    more = (
        "  - {id: b, media: [{path: a.wav}], set: [vad.threshold=0.6], "
        "truth: [{kind: text, text: hi}]}\n"
        "  - {id: c, media: [{path: a.wav}], truth: [{kind: text, text: hi}]}\n"
    )
    file = suite(tmp_path, "media: [{path: a.wav}]", more)
    found = batches(file, file.suite.lessons, tmp_path / "runs")
    assert [[s.lesson_id for s in batch.sources] for batch in found] == [["a", "c"], ["b"]]
    assert found[1].sets == ("vad.threshold=0.4", "vad.threshold=0.6")


def test_absence_names_the_first_file_and_counts_the_others(tmp_path: Path) -> None:
    file = suite(tmp_path, "media: [{path: a.mp4}, {path: b.mp4}]")
    assert absent(file, file.suite.lessons[0], with_media=False) == ""
    reason = absent(file, file.suite.lessons[0], with_media=True)
    assert "a.mp4" in reason
    assert "1 more" in reason


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_still_keeps_its_very_pixels(tmp_path: Path, suffix: str) -> None:
    cv2 = pytest.importorskip("cv2")
    rng = np.random.default_rng(7)
    picture = rng.integers(0, 256, (48, 64, 3)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / f"p{suffix}"), picture)
    file = suite(tmp_path, f"still: p{suffix}")
    (stream,) = batches(file, file.suite.lessons, tmp_path / "runs")[0].sources[0].require().streams
    info = probe(stream.path)
    plan = plan_decoding(stream.path, info, every_s=1.0, chunk_s=60.0)
    frames = list(sample_frames(stream.path, plan, plan.chunks[0], fit_px=64))
    assert info.duration_s == 1.0
    assert [f.time_s for f in frames] == [0.0]
    if suffix == ".png":
        assert np.array_equal(frames[0].rgb[:, :, ::-1], picture)
    else:
        again = cv2.imread(str(tmp_path / f"p{suffix}"))
        # Two JPEG decoders differ in how they enlarge the colours.
        apart = np.abs(frames[0].rgb[:, :, ::-1].mean((0, 1)) - again.mean((0, 1)))
        assert apart.max() < 2.0


def test_a_still_that_is_none_is_an_error_of_its_lesson(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(b"not a picture")
    file = suite(tmp_path, "still: p.png")
    source = batches(file, file.suite.lessons, tmp_path / "runs")[0].sources[0]
    assert source.error is not None
    assert "p.png" in str(source.error)
