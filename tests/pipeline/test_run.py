"""Whole runs: what comes out, what a rerun does, and what bad lessons do to good ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import webvtt

from classwatch.core.errors import EXIT_OK, EXIT_SOME_FAILED
from classwatch.core.measures import Measure
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.pipeline.listen import LessonOutcome
from classwatch.store.documents import MEASURES, read_document
from classwatch.store.records import LESSON, RUN, LessonStatus
from tests.discourse.llm.server import good, serving
from tests.made_media import Picture, Sound, beeps, evenly, make
from tests.pipeline.runs import DEMO, NO_MODELS, analyze

FILES = {
    "lesson.json",
    "transcript.json",
    "transcript.vtt",
    "transcript.srt",
    "turns.parquet",
    "codes.parquet",
    "frames.parquet",
    "poses.parquet",
    "tracks.parquet",
    "events.parquet",
    "measures.json",
    "measures.csv",
    "measures.parquet",
    "report.html",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample without any model, analysed once."""
    out = tmp_path_factory.mktemp("demo")
    result = analyze(DEMO, out=out)
    assert result.exit_code == EXIT_OK, result.outcomes[0].error
    return out


def measure(folder: Path, measure_id: str, part: str = "") -> Measure:
    found = [
        m
        for m in read_document(folder / "measures.json", MEASURES)
        if m.id == measure_id and m.part == part
    ]
    assert found, measure_id
    return found[0]


def test_every_promised_file_is_there(demo: Path) -> None:
    assert {p.name for p in (demo / "zh-dialogue").iterdir()} >= FILES
    assert {"run.json", "summary.csv", "summary.parquet", "summary.xlsx"} <= {
        p.name for p in demo.iterdir()
    }


def seconds(stamp: str) -> float:
    """Seconds of ``00:01:02.345``."""
    hours, minutes, rest = stamp.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(rest)


def test_talk_time_is_that_of_the_supplied_transcript(demo: Path) -> None:
    # Read by another library, and added up per speaker.
    cues = webvtt.read(str(DEMO.parent / "front.vtt"))
    lengths_s = {"teacher": 0.0, "student": 0.0}
    for cue in cues:
        if cue.voice in lengths_s:
            lengths_s[cue.voice] += seconds(cue.end) - seconds(cue.start)
    teacher_s, student_s = lengths_s["teacher"], lengths_s["student"]
    assert measure(demo / "zh-dialogue", "talk.seconds", "teacher").value == pytest.approx(
        teacher_s
    )
    assert measure(demo / "zh-dialogue", "talk.seconds", "student").value == pytest.approx(
        student_s
    )


def test_without_a_pose_model_the_picture_abstains_with_reason_and_remedy(demo: Path) -> None:
    heads = measure(demo / "zh-dialogue", "heads.up_in_teacher_talk")
    assert heads.value is None
    assert heads.why is not None
    assert heads.why.code == "no_pose_model"
    issues = read_document(demo / "zh-dialogue" / "lesson.json", LESSON).issues
    told = [i for i in issues if i.code == "pose.no_model"]
    assert {i.detail["stream"] for i in told} == {"student_cam", "teacher_cam"}
    assert "classwatch models" in told[0].remedy


def test_the_summary_has_one_row_with_metadata_and_empty_cells_for_the_absent(demo: Path) -> None:
    table = pd.read_parquet(demo / "summary.parquet")
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["lesson_id"], row["status"], row["school"]) == ("zh-dialogue", "done", "示例学校")
    assert row["talk.silence"] > 0
    assert pd.isna(row["hands.per_minute@gap2s"])
    assert row["not_measured"] > 0


def test_a_second_run_does_nothing(demo: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in demo.rglob("*") if p.is_file()}
    result = analyze(DEMO, out=demo)
    outcome: LessonOutcome = result.outcomes[0]
    assert outcome.ran == 0
    assert outcome.hits > 0
    published = {p: t for p, t in before.items() if ".cache" not in p.parts}
    assert {p: p.stat().st_mtime_ns for p in published} == published


def test_another_report_language_runs_one_stage(demo: Path) -> None:
    sets = ("pose.model=none", "transcribe.model=none", "report.language=en")
    assert analyze(DEMO, out=demo, sets=sets).outcomes[0].ran == 1
    assert 'lang="en"' in (demo / "zh-dialogue" / "report.html").read_text(encoding="utf-8")
    assert analyze(DEMO, out=demo).outcomes[0].ran == 0, "the Chinese one is still in the cache"


def test_a_language_model_of_the_user_codes_the_words(demo: Path) -> None:
    codes = demo / "zh-dialogue" / "codes.parquet"
    embedded = codes.read_bytes()
    with serving(good) as server:
        sets = (
            *NO_MODELS,
            "discourse.backend=llm",
            "discourse.model=qwen2.5",
            f"discourse.base_url={server.url}",
        )
        outcome = analyze(DEMO, out=demo, sets=sets).outcomes[0]
        assert (outcome.error, outcome.ran) == (None, 3), "codes, measures, report"
        asked = len(server.requests)
    table = pd.read_parquet(codes)
    acts = table[table["scheme"] == "acts"]
    told = acts[acts["rule"].str.startswith("llm:qwen2.5")]
    assert set(told["code"]) == {"t_directs", "s_responds"}
    assert all(quote in text for quote, text in zip(told["quote"], told["text"], strict=True))
    assert len(told) >= asked > 1
    record = read_document(demo / "zh-dialogue" / "lesson.json", LESSON)
    finding = next(i for i in record.issues if i.code == "codes.llm")
    assert finding.detail["left"] == 0
    # The server is gone, and another address is configured: nothing is asked again.
    first = codes.read_bytes()
    elsewhere = (*sets[:-1], "discourse.base_url=http://127.0.0.1:9/v1")
    assert analyze(DEMO, out=demo, sets=elsewhere).outcomes[0].ran == 1, "only the report"
    assert codes.read_bytes() == first
    analyze(DEMO, out=demo)
    assert codes.read_bytes() == embedded


def test_a_damaged_file_in_the_lesson_folder_is_put_right(demo: Path) -> None:
    target = demo / "zh-dialogue" / "measures.json"
    whole = target.read_bytes()
    target.write_bytes(whole[: len(whole) // 2])
    analyze(DEMO, out=demo)
    assert target.read_bytes() == whole


def test_sound_only_and_picture_only_lessons_each_give_what_they_can(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    make(recordings / "只有画面.mp4", Picture(evenly(25, 4.0)))
    make(recordings / "only sound.mkv", None, [Sound([(0, beeps(4.0, [1.0]))], codec="pcm_s16le")])
    result = analyze(recordings, out=tmp_path / "out")
    assert result.exit_code == EXIT_OK, [o.error for o in result.outcomes]
    silent = measure(tmp_path / "out" / "只有画面", "talk.silence")
    assert silent.why is not None
    assert silent.why.code == "no_sound"
    blind = measure(tmp_path / "out" / "only sound", "hands.per_minute@gap2s")
    assert blind.why is not None
    assert blind.why.code == "no_picture"


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    recordings = tmp_path / "in"
    recordings.mkdir()
    good = make(recordings / "good.mp4", Picture(evenly(25, 3.0)))
    (recordings / "empty.mp4").touch()
    (recordings / "truncated.mp4").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    (recordings / "text.mp4").write_text("not a film", encoding="utf-8")
    result = analyze(recordings, out=tmp_path / "out")
    assert result.exit_code == EXIT_SOME_FAILED
    ended = {o.lesson_id: o for o in result.outcomes}
    assert ended["good"].status is LessonStatus.DONE
    for name in ("empty", "truncated", "text"):
        error = ended[name].error
        assert error is not None
        assert error.exit_code == 3, name
        assert name in error.subject
        assert error.remedy, name
    run = read_document(tmp_path / "out" / "run.json", RUN)
    assert {x.lesson_id: bool(x.reason) for x in run.lessons} == {
        "good": False,
        "empty": True,
        "truncated": True,
        "text": True,
    }


def test_an_offset_moves_a_stream_on_the_lesson_clock(tmp_path: Path) -> None:
    voice = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE_HZ * 2)
    make(tmp_path / "cam.mp4", Picture(evenly(25, 6.0)))
    sound = Sound([(0, voice.astype(np.float32))], rate_hz=SAMPLE_RATE_HZ, codec="pcm_s16le")
    make(tmp_path / "mic.mkv", None, [sound])
    (tmp_path / "lesson.yaml").write_text(
        "- lesson_id: one\n  files:\n"
        "    - {path: cam.mp4, role: mixed}\n"
        "    - {path: mic.mkv, role: audio, offset_s: 3}\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    assert analyze(tmp_path / "lesson.yaml", out=out).exit_code == EXIT_OK
    levels = pd.read_parquet(out / "one" / "levels.parquet")
    loud = levels[levels.level_db > -40].time_s
    assert loud.min() == pytest.approx(3.0, abs=0.11)
    assert loud.max() == pytest.approx(4.9, abs=0.11)
    record = json.loads((out / "one" / "lesson.json").read_text(encoding="utf-8"))["data"]
    assert record["span"] == {"start_s": 0.0, "end_s": pytest.approx(6.0, abs=0.05)}


@pytest.mark.slow
def test_odd_media_either_work_or_say_why(shared: Path, tmp_path: Path) -> None:
    result = analyze(shared / "data" / "media_odd", out=tmp_path / "out")
    assert len(result.outcomes) > 50
    done = [o for o in result.outcomes if o.status is LessonStatus.DONE]
    assert len(done) > 25
    for outcome in result.outcomes:
        if outcome.error is not None:
            assert outcome.error.exit_code == 3, outcome.error
            assert outcome.error.subject
            assert outcome.error.remedy, outcome.error
