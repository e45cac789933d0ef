"""A network for voices through the whole program: named, keyed, used, and kept nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from classwatch.config.load import load_config
from classwatch.core.errors import ModelError
from classwatch.exchange.manifest import find_lessons
from classwatch.models.adopt import Vouch, import_models
from classwatch.pipeline.graph import build_graph
from classwatch.pipeline.options import RunOptions
from classwatch.pipeline.prepare import Prepared, check_named_models, prepare
from classwatch.store.cache import Cache
from tests.pipeline.runs import NO_MODELS, call
from tests.speech.sounds import recording
from tests.speech.tiny_embedder import constant_network, variance_network


def _keys(tmp_path: Path, *sets: str) -> dict[str, str]:
    sound = tmp_path / "a.wav"
    if not sound.exists():
        soundfile.write(sound, np.zeros(16_000, np.float32), 16_000)
    (source,) = find_lessons([sound], have_consent=True)
    config = load_config(None, (*NO_MODELS, *sets))
    prepared = prepare(source, config, RunOptions(), Cache(tmp_path / "cache"), tmp_path)
    assert isinstance(prepared, Prepared)
    return {stage.name: stage.key for stage in build_graph(prepared)}


def test_the_network_is_in_the_key_of_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLASSWATCH_HOME", str(tmp_path / "home"))
    without = _keys(tmp_path, "speakers.model=auto")
    network = variance_network(tmp_path / "one.onnx")
    import_models(network, Vouch(name="tiny-voices", task="speaker"))
    with_one = _keys(tmp_path, "speakers.model=auto")
    changed = {name for name in without if without[name] != with_one[name]}
    assert "turns" in changed
    assert not changed & {"sound", "vad", "transcribe"}
    assert _keys(tmp_path, "speakers.model=none")["turns"] != with_one["turns"]


def test_a_named_network_that_is_not_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSWATCH_HOME", str(tmp_path / "home"))
    config = load_config(None, ("speakers.model=campplus-zh-en",))
    with pytest.raises(ModelError, match="campplus-zh-en") as caught:
        check_named_models(config)
    assert "classwatch models pull campplus-zh-en" in caught.value.remedy
    check_named_models(load_config(None, ("speakers.model=none",)))


@pytest.mark.slow
def test_voices_by_a_network_through_the_whole_program(tmp_path: Path, shared: Path) -> None:
    """A network to which everything sounds the same makes one voice of two people."""
    home, out, lesson = tmp_path / "home", tmp_path / "out", tmp_path / "lesson.wav"
    answer = (0.123456, 0.654321, 0.5)
    network = constant_network(tmp_path / "one.onnx", answer)
    done = call("models", "import", network, "--name", "deaf", "--task", "speaker", home=home)
    assert done.returncode == 0, done.stderr
    folder = shared / "data/speech/speechbrain/ASR"
    parts = [recording(folder / f"spk{k}_snt{n}.wav").samples for n in (1, 2) for k in (1, 2)]
    soundfile.write(lesson, np.concatenate(parts), 16_000)
    sets = [part for one in (*NO_MODELS, "speakers.model=deaf") for part in ("--set", one)]
    done = call("analyze", lesson, "--out", out, "--i-have-consent", *sets, home=home)
    assert done.returncode == 0, done.stderr
    voices = json.loads((out / "lesson" / "roles.json").read_text(encoding="utf-8"))["data"]
    assert len(voices) == 1
    record = json.loads((out / "lesson" / "lesson.json").read_text(encoding="utf-8"))["data"]
    assert [(m["name"], m["task"]) for m in record["models"]] == [("deaf", "speaker")]
    # Its vectors are written nowhere, in the results or the cache.
    unit = np.array(answer, np.float32) / np.linalg.norm(answer)
    written = [path.read_bytes() for path in out.rglob("*") if path.is_file()]
    for number in unit.tolist():
        assert not any(f"{number:.4f}".encode() in raw for raw in written)
        assert not any(np.float32(number).tobytes() in raw for raw in written)
        assert not any(np.float64(number).tobytes() in raw for raw in written)
