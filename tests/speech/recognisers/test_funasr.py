"""SenseVoice and Paraformer with real, tiny networks that name the tone they hear."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.config.schema import TranscribeConfig
from classwatch.core.errors import ModelError
from classwatch.core.speech import SpeechActivity
from classwatch.core.time import intervals
from classwatch.speech.recognisers.choose import load_recogniser
from classwatch.speech.recognisers.funasr import Paraformer, SenseVoice
from classwatch.speech.recognisers.port import Decoding, Recogniser
from classwatch.speech.transcribe import Run, transcribe
from tests.speech.sounds import Samples
from tests.speech.tiny_onnx import Tiny, paraformer, sense_voice, silence, tone

TINY = Tiny(
    said={
        400.0: "你",
        800.0: "好",
        1200.0: "▁good",
        1800.0: "▁mor",
        2400.0: "ning",
        3200.0: "<|HAPPY|>",
        4200.0: "<|BGM|>",
    },
    english={800.0: "▁hey"},
)


def sound(*parts: tuple[float, float]) -> NDArray[np.float32]:
    """Tones of (Hz, seconds), 0 Hz being silence."""
    return np.concatenate([tone(hz, s) if hz else silence(s) for hz, s in parts])


HELLO = sound((0, 0.5), (400, 0.3), (0, 0.6), (800, 0.3), (0, 0.3))
MORNING = sound((1200, 0.3), (0, 0.2), (1800, 0.2), (2400, 0.2), (0, 0.3))


def load(folder: Path, batch_size: int = 4) -> Recogniser:
    return load_recogniser(folder, "cpu", Decoding(batch_size=batch_size))


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Recogniser:
    return load(sense_voice(tmp_path_factory.mktemp("m") / "sense", TINY))


def test_words_and_their_times(voice: Recogniser) -> None:
    assert isinstance(voice, SenseVoice)
    (said,) = voice.hear([HELLO]).said(["zh"])
    assert said.text == "你好"
    assert [w.start_s for w in said.words] == pytest.approx([0.5, 1.4], abs=0.07)
    assert all(0.85 < (w.probability or 0) <= 1 for w in said.words)
    assert all(w.end_s <= len(HELLO) / 16_000 for w in said.words)


def test_pieces_of_english_words_are_joined(voice: Recogniser) -> None:
    (said,) = voice.hear([MORNING]).said(["zh"])
    assert said.text == "good morning"
    assert [w.text for w in said.words] == ["good", " morning"]


def test_moods_and_sounds_never_become_text(voice: Recogniser) -> None:
    noisy = sound((400, 0.3), (3200, 0.3), (4200, 0.3), (800, 0.3), (3200, 0.3))
    (said,) = voice.hear([noisy]).said(["zh"])
    assert said.text == "你好"
    assert len(said.words) == 2
    (only,) = voice.hear([sound((3200, 0.5), (4200, 0.5))]).said(["zh"])
    assert (only.text, only.words) == ("", ())


def test_language_is_heard_and_can_be_asked_for(voice: Recogniser) -> None:
    english = sound((800, 0.3), (0, 0.3), (6000, 0.3), (0, 0.3))
    hearing = voice.hear([HELLO, english])
    chinese, other = hearing.scores()
    assert max(chinese, key=lambda k: chinese[k]) == "zh"
    assert max(other, key=lambda k: other[k]) == "en"
    assert sum(other.values()) == pytest.approx(1.0)
    # What was heard with the language open stands where it was the language asked for.
    assert [s.text for s in hearing.said(["zh", "en"])] == ["你好", "好"]
    assert [s.text for s in hearing.said(["en", "zh"])] == ["你hey", "好"]
    assert [s.text for s in voice.hear([english]).said(["en"])] == ["hey"]
    assert [s.text for s in voice.hear([HELLO, english]).said(["zh", "zh"])] == ["你好", "好"]


def test_batches_change_nothing(tmp_path: Path) -> None:
    folder = sense_voice(tmp_path / "m", TINY)
    pieces = [HELLO, MORNING, silence(0.01), HELLO[:12_000], silence(2.0)]
    results = [load(folder, size).hear(pieces).said(["zh"] * 5) for size in (1, 2, 5)]
    assert results[0] == results[1] == results[2]
    assert [s.text for s in results[0]] == ["你好", "good morning", "", "你", ""]


def test_both_folder_layouts_say_the_same(tmp_path: Path) -> None:
    notes = load(sense_voice(tmp_path / "a", TINY)).hear([HELLO]).said(["zh"])
    mvn = load(sense_voice(tmp_path / "b", TINY, mvn=True)).hear([HELLO]).said(["zh"])
    assert notes == mvn
    assert notes[0].text == "你好"


def test_paraformer_times_come_from_its_peaks(tmp_path: Path) -> None:
    said = {400.0: "你", 1200.0: "good", 1800.0: "mor@@", 2400.0: "ning"}
    recogniser = load(paraformer(tmp_path / "p", said))
    assert isinstance(recogniser, Paraformer)
    assert recogniser.languages == {"zh"}
    short = sound((0, 0.6), (400, 0.12), (0, 0.6))
    result, morning = recogniser.hear([short, MORNING]).said(["zh", "zh"])
    assert set(result.text) == {"你"}
    assert result.words[0].start_s == pytest.approx(0.6 - 0.03, abs=0.07)
    # Fired once every 60 ms: BPE joins a piece to the next one, words stay apart.
    assert "mor" in morning.text
    assert any(w.text == " good" for w in morning.words)


def test_paraformer_without_times_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no times of words") as caught:
        load(paraformer(tmp_path / "p", {400.0: "你"}, times=False))
    assert "paraformer-zh" in caught.value.remedy


def test_a_language_that_the_model_does_not_know_is_refused(tmp_path: Path) -> None:
    folder = paraformer(tmp_path / "p", {400.0: "你"})
    level = np.full(1000, -30.0, np.float32)
    activity = SpeechActivity(intervals([(0.5, 2.0)]), level, 0.1, -60.0, -30.0, 0.0)
    cfg = TranscribeConfig(language="en")
    with pytest.raises(ModelError, match="does not know en, only zh"):
        transcribe(Samples(HELLO), activity, folder, cfg, Run(device="cpu"))


@pytest.mark.parametrize("name", ["model.int8.onnx", "tokens.txt"])
def test_damaged_or_missing_files_are_named(tmp_path: Path, name: str) -> None:
    folder = sense_voice(tmp_path / "m", TINY)
    (folder / name).write_bytes(b"\xff\x07rubbish")
    with pytest.raises(ModelError) as caught:
        load(folder)
    assert str(folder) in str(caught.value)
    assert caught.value.remedy
    (folder / name).unlink()
    with pytest.raises(ModelError):
        load(folder)


def test_shift_and_scale_that_are_nowhere(tmp_path: Path) -> None:
    folder = sense_voice(tmp_path / "m", TINY, mvn=True)
    (folder / "am.mvn").unlink()
    with pytest.raises(ModelError, match=r"am\.mvn is missing"):
        load(folder)
    (folder / "am.mvn").write_text("<AddShift> 3\nnothing", encoding="utf-8")
    with pytest.raises(ModelError, match="no shift and scale"):
        load(folder)
