"""A whole lesson of sound: made, made again, interrupted, and analysed by its own manifest."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from classwatch.exchange.manifest import find_lessons
from classwatch.simulate.produce import TRUTH, ProduceOptions, produce
from classwatch.simulate.read import parse_script, read_script
from classwatch.simulate.script import Script
from classwatch.store.artifacts import load_turns
from classwatch.store.documents import read_document
from classwatch.store.files import sha256_of
from classwatch.store.lesson_folder import LESSON_FILE
from classwatch.store.records import LESSON

TEXT = """
lesson_id: tiny
language: en
seed: 3
room: {rows: 1, columns: 2}
people:
- {id: T, kind: teacher}
- {id: S01, kind: student, seat: r1c1}
- {id: S02, kind: student, seat: r1c2}
phases: [{kind: dialogue, start: 0}]
utterances:
- {id: u1, speaker: T, text: "What is two and two?", start: 0.5, labels: {question: closed}}
- {id: u2, speaker: S01, text: It is four., gap_s: 1.0}
- {id: u3, speaker: T, text: Very good., gap_s: 0.4}
noises:
- {kind: chair, start: u1.end+0.2}
"""
SOUND = ProduceOptions(picture=False)

pytestmark = pytest.mark.usefixtures("_engines")


@pytest.fixture(scope="module")
def _engines() -> None:
    pytest.importorskip("espeakng_loader")
    pytest.importorskip("pyroomacoustics")


@pytest.fixture(scope="module")
def script() -> Script:
    return parse_script(TEXT, "tiny")


@pytest.fixture(scope="module")
def made(script: Script, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made")
    assert not produce(script, out, SOUND).reused
    return out


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".classwatch" not in path.parts
    }


def test_the_folder_holds_what_its_record_says_and_nothing_else(made: Path) -> None:
    record = read_document(made / "truth.json", TRUTH)
    found = contents(made)
    assert found.pop("truth.json")
    assert found == dict(record.files)
    lesson = read_document(made / "truth" / LESSON_FILE, LESSON)
    beside = {n.removeprefix("truth/"): d for n, d in found.items() if n.startswith("truth/")}
    assert dict(lesson.files) == {n: d for n, d in beside.items() if n != LESSON_FILE}


def test_the_sound_is_as_long_as_the_lesson_and_loud_where_somebody_talks(made: Path) -> None:
    with wave.open(str(made / "room.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        samples = np.frombuffer(sound.readframes(10**7), "<i2").astype(float)
    record = read_document(made / "truth.json", TRUTH)
    assert len(samples) == round(record.duration_s * 16_000)
    first = load_turns(made / "truth")[0]
    talk = samples[int(first.start_s * 16_000) : int(first.end_s * 16_000)]
    before = samples[: int((first.start_s - 0.1) * 16_000)]
    assert np.std(talk) > 5 * np.std(before)


def test_the_same_script_gives_the_same_bytes(made: Path, script: Script, tmp_path: Path) -> None:
    produce(script, tmp_path / "again", SOUND)
    assert contents(tmp_path / "again") == contents(made)


def test_a_second_run_does_nothing_and_a_damaged_file_is_made_again(
    made: Path, script: Script
) -> None:
    before = contents(made)
    assert produce(script, made, SOUND).reused
    (made / "truth" / "turns.rttm").write_text("gone")
    assert not produce(script, made, SOUND).reused
    assert contents(made) == before


def test_another_script_in_the_same_folder_leaves_nothing_of_the_first(
    script: Script, tmp_path: Path
) -> None:
    produce(script, tmp_path, SOUND)
    (tmp_path / "notes.txt").write_text("mine")
    microphone = script.sound.microphones[0].model_copy(update={"name": "desk"})
    sound = script.sound.model_copy(update={"microphones": (microphone,)})
    produce(script.model_copy(update={"sound": sound, "seed": 4}), tmp_path, SOUND)
    assert not (tmp_path / "room.wav").exists()
    assert (tmp_path / "desk.wav").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_unfinished_folder_is_finished_to_the_same_bytes(
    made: Path, script: Script, tmp_path: Path
) -> None:
    # What a kill leaves: some files in place, others in the work folder, no truth.json.
    work = tmp_path / ".work" / "0123456789abcdef"
    work.mkdir(parents=True)
    (work / "room.wav").write_bytes(b"half")
    (tmp_path / "room.wav").write_bytes(b"older")
    produce(script, tmp_path, SOUND)
    assert contents(tmp_path) == contents(made)


def test_the_script_and_the_manifest_are_read_back(made: Path, script: Script) -> None:
    assert read_script(made / "script.yaml") == script
    (lesson,) = find_lessons([made / "lesson.yaml"])
    assert [s.path.name for s in lesson.require().streams] == ["room.wav"]


def test_progress_ascends_to_one(script: Script, tmp_path: Path) -> None:
    told: list[float] = []
    produce(script, tmp_path, SOUND, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
