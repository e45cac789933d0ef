"""Words through the whole program: doubted text is nowhere counted, a subject changes the key."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from classwatch.config import Config
from classwatch.config.load import load_config
from classwatch.exchange.manifest import find_lessons
from classwatch.pipeline.graph import build_graph
from classwatch.pipeline.options import RunOptions
from classwatch.pipeline.prepare import Prepared, prepare
from classwatch.store.cache import Cache
from tests.pipeline.runs import call
from tests.speech import tiny_whisper
from tests.speech.tiny_onnx import Tiny, sense_voice

CREDITS = ("字", "幕", "由", "某", "某", "提", "供", "。")


def _imported(home: Path, folder: Path, name: str) -> None:
    done = call("models", "import", folder, "--name", name, "--task", "asr", home=home)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def lesson(tmp_path: Path, shared: Path) -> Path:
    """Real speech, 11 s."""
    source = shared / "data/speech/openai_jfk_faster_whisper/jfk.flac"
    return Path(shutil.copy(source, tmp_path / "lesson.flac"))


@pytest.mark.slow
def test_credits_are_struck_through_and_counted_nowhere(tmp_path: Path, lesson: Path) -> None:
    home = tmp_path / "home"
    _imported(home, tiny_whisper.build(tmp_path / "tiny", CREDITS), "tiny-credits")
    out = tmp_path / "out"
    done = call("analyze", lesson, "--out", out, "--i-have-consent", "--quiet", home=home)
    assert done.returncode == 0, done.stderr
    folder = out / "lesson"
    transcript = json.loads((folder / "transcript.json").read_text(encoding="utf-8"))["data"]
    assert transcript["segments"]
    assert {s["suspect"] for s in transcript["segments"]} == {"credits"}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count('<s class="txt">') == len(transcript["segments"])
    assert "某" not in (folder / "transcript.vtt").read_text(encoding="utf-8")
    measures = json.loads((folder / "measures.json").read_text(encoding="utf-8"))["data"]
    rates = [m for m in measures if m["id"].startswith(("rate.", "question."))]
    assert rates
    assert not any(m["value"] for m in rates)


@pytest.mark.slow
def test_sensevoice_through_the_whole_program(tmp_path: Path, lesson: Path) -> None:
    home = tmp_path / "home"
    # The recording holds energy at these pitches now and then: what is written does not matter,
    # only that nothing between angle brackets is.
    said = {300.0: "好", 700.0: "▁yes", 1500.0: "<|HAPPY|>", 2500.0: "<|BGM|>"}
    _imported(home, sense_voice(tmp_path / "tiny", Tiny(said, {})), "tiny-sense")
    out = tmp_path / "out"
    done = call("analyze", lesson, "--out", out, "--i-have-consent", "--quiet", home=home)
    assert done.returncode == 0, done.stderr
    raw = (out / "lesson" / "transcript.json").read_text(encoding="utf-8")
    transcript = json.loads(raw)["data"]
    assert transcript["model"] == "tiny-sense"
    assert transcript["segments"]
    assert all(s["punctuation_restored"] for s in transcript["segments"])
    stored = "".join(p.read_text(encoding="utf-8") for p in out.rglob("*.json"))
    assert "HAPPY" not in stored
    assert "BGM" not in stored


def _prepared(tmp_path: Path, config: Config, subject: str) -> Prepared:
    sound = tmp_path / "a.wav"
    if not sound.exists():
        soundfile.write(sound, np.zeros(16_000, np.float32), 16_000)
    (source,) = find_lessons([sound], have_consent=True)
    spec = replace(source.require(), metadata={"subject": subject})
    prepared = prepare(
        replace(source, spec=spec), config, RunOptions(), Cache(tmp_path / "cache"), tmp_path
    )
    assert isinstance(prepared, Prepared)
    return prepared


def test_subject_is_in_the_key_of_the_words_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLASSWATCH_HOME", str(tmp_path / "home"))
    _imported(tmp_path / "home", sense_voice(tmp_path / "m", Tiny({300.0: "好"}, {})), "tiny")
    keys = {}
    for subject in ("数学", "Maths", "英语", ""):
        graph = build_graph(_prepared(tmp_path, load_config(), subject))
        keys[subject] = {s.name: s.key for s in graph}
    assert keys["数学"]["transcribe"] == keys["Maths"]["transcribe"]
    assert len({keys[s]["transcribe"] for s in ("数学", "英语", "")}) == 3
    assert len({keys[s]["vad"] for s in keys}) == 1
    named = load_config(None, ("transcribe.subject=maths",))
    graph = build_graph(_prepared(tmp_path, named, "英语"))
    settings = next(s.settings for s in graph if s.name == "transcribe")
    assert "分母" in json.dumps(settings, ensure_ascii=False)
