"""Truth files, read back by the readers of other parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.media import StreamRole
from classwatch.exchange.eaf import Annotation, read_eaf
from classwatch.exchange.manifest import find_lessons
from classwatch.exchange.rttm import read_rttm, read_uem
from classwatch.exchange.transcripts import read_transcript
from classwatch.simulate.read import parse_script
from classwatch.simulate.script import Camera, Script
from classwatch.simulate.timeline import Timeline, resolve
from classwatch.simulate.truth.annotations import lanes
from classwatch.simulate.truth.files import manifest_text, measure_files, speech_files
from classwatch.simulate.truth.measures import speech_truth, true_measures
from classwatch.simulate.truth.streams import media_streams
from classwatch.store.artifacts import load_document, load_turns
from classwatch.store.documents import MEASURES, TRANSCRIPT
from tests.simulate.small import TEXT, spoken_of


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    script = parse_script(TEXT, "small")
    return resolve(script, spoken_of(script))


@pytest.fixture(scope="module")
def folder(timeline: Timeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("truth")
    speech = speech_truth(timeline)
    media = media_streams(timeline.script, picture=False)
    for name, content in speech_files(timeline, speech, media).items():
        (out / name).write_bytes(content)
    for name, content in measure_files(timeline, speech, ()).items():
        (out / name).write_bytes(content)
    return out


def test_turns_and_words_are_read_as_those_of_an_analysis(folder: Path) -> None:
    turns = load_turns(folder)
    assert [(t.start_s, t.end_s, t.role.value, t.speaker) for t in turns] == [
        (2.03, 12.03, "teacher", "T"),
        (13.03, 15.03, "teacher", "T"),
        (18.03, 19.03, "teacher", "T"),
        (20.53, 24.53, "student", "S1"),
        (25.03, 26.03, "teacher", "T"),
        (28.03, 40.03, "teacher", "T"),
        (39.03, 42.03, "choral", ""),
    ]
    transcript = load_document(folder, TRANSCRIPT)
    assert [s.text for s in transcript.segments][3] == "In the mountains."
    # Subtitles are the transcript that a user would give.
    supplied = read_transcript(folder / "transcript.vtt")
    assert [s.text for s in supplied.segments] == [s.text for s in transcript.segments]


def test_measures_are_those_computed(folder: Path, timeline: Timeline) -> None:
    expected = true_measures(timeline, speech_truth(timeline), ())
    assert load_document(folder, MEASURES) == expected


def test_rttm_and_uem_say_the_same_as_the_turns(folder: Path) -> None:
    lines = read_rttm(folder / "turns.rttm")["small"]
    found = [(t.start_s, t.end_s) for t in lines]
    assert found == [(t.start_s, t.end_s) for t in load_turns(folder)]
    assert [t.speaker for t in lines if t.speaker.startswith("S")] == ["S1"]
    assert read_uem(folder / "lesson.uem")["small"].tolist() == [[0.0, 60.0]]


def test_elan_sees_speech_phases_acts_and_codes(folder: Path) -> None:
    media = read_eaf(folder / "lesson.eaf")
    tiers = {t.name: [(a.start_s, a.end_s, a.text) for a in t.annotations] for t in media.tiers}
    assert tiers["student"] == [(20.53, 24.53, "In the mountains.")]
    assert tiers["choral"] == [(39.03, 42.03, "It rains.")]
    assert tiers["phases"] == [(0.0, 13.03, "lecture"), (13.03, 60.0, "dialogue")]
    assert tiers["class raise_hand"] == [(15.53, 19.03, "raise_hand")]
    assert tiers["teacher acts"] == [(3.03, 12.03, "point")]
    assert tiers["question"] == [(13.03, 15.03, "closed")]
    assert tiers["sounds"][0] == (35.0, 38.0, "murmur")
    assert media.media == ("./../room.wav",)


def test_no_tier_and_no_interval_names_a_student(folder: Path) -> None:
    for name in ("lesson.eaf", "intervals.csv", "measures.csv", "turns.rttm"):
        assert "S01" not in (folder / name).read_text(encoding="utf-8")


def test_intervals_hold_phases_codes_sounds_and_overlap(folder: Path) -> None:
    lines = (folder / "intervals.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "tier,start_s,end_s,label"
    assert "phase,13.03,60,dialogue" in [line.replace(".0,", ",") for line in lines]
    assert "overlap,39.03,40.03,overlap" in lines
    assert "question,13.03,15.03,closed" in lines


def test_lanes_keep_annotations_of_a_tier_apart() -> None:
    items = [
        Annotation(0, 4, "a"),
        Annotation(1, 2, "b"),
        Annotation(2, 3, "c"),
        Annotation(4, 5, "d"),
    ]
    found = {t.name: [a.text for a in t.annotations] for t in lanes("x", items)}
    assert found == {"x": ["a", "d"], "x 2": ["b", "c"]}


def with_cameras(*kinds: str) -> Script:
    cameras = tuple(
        Camera(name=f"c{i}", kind=kind, cuts=())
        for i, kind in enumerate(kinds)  # type: ignore[arg-type]
    )
    return parse_script(TEXT, "small").model_copy(update={"cameras": cameras})


def test_streams_are_named_as_the_manifest_reader_names_them(tmp_path: Path) -> None:
    script = with_cameras("front", "rear", "tracking", "side", "screen")
    media = media_streams(script, picture=True)
    for stream in media:
        (tmp_path / stream.file).write_bytes(b"x")
    manifest = tmp_path / "lesson.yaml"
    manifest.write_text(manifest_text(script, media), encoding="utf-8")
    (lesson,) = find_lessons([manifest])
    spec = lesson.require()
    assert spec.id == "small"
    assert [(s.path.name, s.name, s.role) for s in spec.streams] == [
        (m.file, m.name, m.role) for m in media
    ]
    assert [m.name for m in media][1:3] == ["teacher_cam", "teacher_cam_2"]
    assert not lesson.refused


def test_without_pictures_each_microphone_is_a_stream() -> None:
    media = media_streams(with_cameras("front"), picture=False)
    assert [(m.file, m.role) for m in media] == [("room.wav", StreamRole.AUDIO)]
