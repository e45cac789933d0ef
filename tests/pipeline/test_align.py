"""Lessons of several files whose manifest does not say how they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.issues import Issue
from classwatch.store.documents import read_document
from classwatch.store.lesson_folder import LESSON_FILE
from classwatch.store.records import LESSON, LessonRecord
from tests.pipeline.runs import DEMO, NO_MODELS, analyze

CLIP = DEMO.parents[1] / "directed"


def cut(source: Path, target: Path, start_s: float) -> None:
    """A copy that starts later, by the keyframe-free way of its sound alone."""
    import soundfile

    from classwatch.media.audio import write_audio

    write_audio(source, target)
    samples, rate = soundfile.read(target, dtype="int16")
    soundfile.write(target, samples[round(start_s * rate) :], rate, "PCM_16")


def analysed(tmp_path: Path, offsets: tuple[str, str], *sets: str) -> LessonRecord:
    cut(CLIP / "front.mp4", tmp_path / "mic.flac", 4.25)
    (tmp_path / "lesson.yaml").write_text(
        "- lesson_id: two\n  files:\n"
        f"  - {{path: {CLIP / 'rear.mp4'}, role: teacher_cam{offsets[0]}}}\n"
        f"  - {{path: mic.flac, role: audio{offsets[1]}}}\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    result = analyze(tmp_path / "lesson.yaml", out=out, sets=(*NO_MODELS, *sets))
    assert result.exit_code == 0
    return read_document(out / "two" / LESSON_FILE, LESSON)


def offsets_of(record: LessonRecord) -> dict[str, float]:
    return {item.stream: item.offset_s for item in record.inputs}


def issue(record: LessonRecord, code: str) -> Issue | None:
    return next((i for i in record.issues if i.code == code), None)


def test_streams_without_offsets_are_placed_by_their_sound(tmp_path: Path) -> None:
    record = analysed(tmp_path, ("", ""))
    # The microphone is what the lesson's sound comes from; it started 4.25 s later.
    assert offsets_of(record)["audio"] - offsets_of(record)["teacher_cam"] == pytest.approx(
        4.25, abs=0.01
    )
    assert min(offsets_of(record).values()) == 0.0
    told = issue(record, "align.found")
    assert told is not None
    assert told.detail["stream"] == "teacher_cam"


def test_an_offset_that_is_given_stands(tmp_path: Path) -> None:
    record = analysed(tmp_path, (", offset_s: 0", ", offset_s: 1.5"))
    assert offsets_of(record) == {"teacher_cam": 0.0, "audio": 1.5}
    assert not any(stage.stage == "align" for stage in record.stages)


def test_the_stream_without_one_is_placed_by_the_one_with(tmp_path: Path) -> None:
    record = analysed(tmp_path, (", offset_s: 2", ""))
    assert offsets_of(record)["teacher_cam"] == pytest.approx(2.0, abs=1e-6)
    assert offsets_of(record)["audio"] == pytest.approx(6.25, abs=0.01)


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    record = analysed(tmp_path, ("", ""), "media.align=off")
    assert offsets_of(record) == {"teacher_cam": 0.0, "audio": 0.0}
