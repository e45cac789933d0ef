"""The main job on real material: four seated people, and a real meeting as their sound."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import pandas as pd
import pytest

from classwatch.store.documents import MEASURES, read_document
from tests.pipeline.runs import call

pytestmark = [pytest.mark.slow, pytest.mark.shared]
LENGTH_S = 60


@pytest.fixture(scope="module")
def lesson(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``classroom.gif`` repeated at its own pace for 60 s, with two 30 s pieces of AMI meetings."""
    path = tmp_path_factory.mktemp("clip") / "classroom.mp4"
    pictures = shared / "data/images_classroom/intel_sample_videos/classroom.gif"
    meetings = [shared / "data/speech/ami_pyannote" / name for name in ("dev00.wav", "trñ00.wav")]
    with av.open(str(pictures)) as source:
        stills = [frame.to_image() for frame in source.decode(video=0)]
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=Fraction(100, 7), options={"crf": "20"})
        video.width, video.height, video.pix_fmt = 480, 270, "yuv420p"
        sound = out.add_stream("aac", rate=16_000)
        for i in range(LENGTH_S * 100 // 7):
            out.mux(video.encode(av.VideoFrame.from_image(stills[i % len(stills)])))
        out.mux(video.encode())
        for meeting in meetings:
            with av.open(str(meeting)) as source:
                for frame in source.decode(audio=0):
                    frame.pts = None
                    out.mux(sound.encode(frame))
        out.mux(sound.encode())
    return path


@pytest.fixture(scope="module")
def folder(shared: Path, lesson: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip analysed with the shared pose model and no words."""
    out = tmp_path_factory.mktemp("out")
    done = call("analyze", lesson, "--out", out, home=out / "home", models=shared / "models")
    assert done.returncode == 0, done.stderr
    return out / "classroom"


def test_four_people_are_found_in_at_least_95_percent_of_the_pictures(folder: Path) -> None:
    frames = pd.read_parquet(folder / "frames.parquet")
    assert len(frames) == LENGTH_S
    assert (frames["people"] == 4).mean() >= 0.95


def test_they_stay_four_bodies_and_nobody_is_made_the_teacher(folder: Path) -> None:
    tracks = pd.read_parquet(folder / "tracks.parquet")
    longest = tracks[tracks.track_id >= 0].track_id.value_counts().head(4)
    assert (longest >= 0.9 * LENGTH_S).all()
    assert set(tracks.role) <= {"student", "unknown"}


def test_talk_and_turns_are_present(folder: Path) -> None:
    turns = pd.read_parquet(folder / "turns.parquet")
    assert len(turns) >= 3
    assert (turns.end_s > turns.start_s).all()
    assert turns.end_s.max() <= LENGTH_S + 0.1
    measures = {(m.id, m.part): m for m in read_document(folder / "measures.json", MEASURES)}
    silence = measures["talk.silence", ""]
    assert silence.value is not None
    assert 0 < silence.value < 1


def test_figures_about_a_class_abstain_for_four_people(folder: Path) -> None:
    measures = {(m.id, m.part): m for m in read_document(folder / "measures.json", MEASURES)}
    hands = measures["hands.per_minute@gap2s", ""]
    assert hands.why is not None
    assert hands.why.code == "too_few_seen"


def test_the_report_names_no_folder_of_this_machine(folder: Path) -> None:
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert os.fspath(folder.parent) not in html
    assert "/shared/" not in html
