"""Recognition with a real, tiny checkpoint whose words and word times are known beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.config.schema import TranscribeConfig, VadConfig
from classwatch.core.errors import ModelError
from classwatch.core.speech import Origin, SpeechActivity
from classwatch.core.time import intervals
from classwatch.speech.clips import plan_clips
from classwatch.speech.languages import elect_language, language_clips
from classwatch.speech.transcribe import Run, transcribe
from classwatch.speech.vad import detect_speech
from tests.speech import tiny_whisper
from tests.speech.sounds import Samples, sound_of_video

WORDS = ("同", "学", "们", "好", "。", "请", "坐", "！")
CFG = TranscribeConfig(beam_size=2, batch_size=4)


class Long:
    """Noise of any length that is made when read, so that long lessons cost no memory."""

    def __init__(self, duration_s: float) -> None:
        self.duration_s = duration_s
        self.longest_read_s = 0.0

    def read(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        self.longest_read_s = max(self.longest_read_s, end_s - start_s)
        count = round(end_s * 16_000) - round(start_s * 16_000)
        return (0.01 * np.random.default_rng(0).standard_normal(count)).astype(np.float32)


def heard(pairs: list[tuple[float, float]]) -> SpeechActivity:
    level = np.full(40_000, -40.0, np.float32)
    return SpeechActivity(intervals(pairs), level, 0.1, -60.0, -40.0, 0.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_whisper.build(tmp_path_factory.mktemp("models") / "tiny-zh", WORDS)


def test_words_lie_where_they_were_said(model: Path) -> None:
    # Two clips ten minutes apart are read separately; the i-th token is said in second i.
    activity = heard([(10.0, 19.0), (1_500.0, 1_509.0)])
    audio = Long(1_800.0)
    transcript = transcribe(audio, activity, model, CFG, Run(device="cpu"))
    assert [s.text for s in transcript.segments] == ["同学们好。", "请坐！"] * 2
    for first_s, (hello, sit) in zip(
        (9.8, 1_499.8), (transcript.segments[:2], transcript.segments[2:]), strict=True
    ):
        starts = [w.start_s - first_s for w in (*hello.words, *sit.words)]
        assert starts == pytest.approx([0, 1, 2, 3, 5, 6], abs=0.1)
        assert hello.start_s == pytest.approx(first_s, abs=0.1)
        assert sit.end_s == pytest.approx(first_s + 7.0, abs=0.1)
    assert transcript.origin is Origin.PREDICTED
    assert transcript.model == "tiny-zh"
    assert audio.longest_read_s <= 600.0


def test_detected_language_and_no_doubt(model: Path) -> None:
    transcript = transcribe(Long(60.0), heard([(5.0, 15.0)]), model, CFG, Run(device="cpu"))
    assert transcript.language == "zh"
    assert {s.language for s in transcript.segments} == {"zh"}
    assert {s.suspect for s in transcript.segments} == {""}
    assert all(0.9 <= w.probability <= 1.0 for s in transcript.segments for w in s.words)


def test_many_clips_in_batches(model: Path) -> None:
    pairs = [(20.0 * k, 20.0 * k + 9.0) for k in range(1, 12)]
    seen: list[float] = []
    transcript = transcribe(
        Long(240.0), heard(pairs), model, CFG, Run(device="cpu", progress=seen.append)
    )
    firsts = [s.start_s for s in transcript.segments if s.text == "同学们好。"]
    assert firsts == pytest.approx([a - 0.2 for a, _ in pairs], abs=0.1)
    assert seen == sorted(seen)
    assert 0 < seen[-1] <= 1


def test_same_bytes_twice(model: Path) -> None:
    activity = heard([(5.0, 15.0)])
    first, second = (
        transcribe(Long(60.0), activity, model, CFG, Run(device="cpu")) for _ in range(2)
    )
    assert first == second


def test_configured_language_is_not_detected(model: Path) -> None:
    cfg = TranscribeConfig(beam_size=1, language="en", hotwords="分数")
    transcript = transcribe(Long(30.0), heard([(5.0, 15.0)]), model, cfg, Run(device="cpu"))
    assert transcript.language == "en"
    assert transcript.segments


def test_no_speech_evidence_marks_the_text(tmp_path: Path) -> None:
    folder = tiny_whisper.build(tmp_path / "m", WORDS, no_speech=True)
    cfg = TranscribeConfig(beam_size=1, language="zh")
    transcript = transcribe(Long(30.0), heard([(5.0, 15.0)]), folder, cfg, Run(device="cpu"))
    assert {s.suspect for s in transcript.segments} == {"no_speech"}


def test_a_loop_is_marked_although_its_sentences_look_innocent(tmp_path: Path) -> None:
    # Each sentence alone is fine; all together they are what a stuck decoder writes.
    words = ("请坐好。" * 6, "请坐好。" * 7)
    folder = tiny_whisper.build(tmp_path / "m", words)
    cfg = TranscribeConfig(beam_size=1, language="zh")
    transcript = transcribe(Long(60.0), heard([(5.0, 25.0)]), folder, cfg, Run(device="cpu"))
    assert transcript.segments
    assert {s.suspect for s in transcript.segments} <= {"compression", "repetition"}


def test_words_of_a_real_lesson_stay_in_its_speech(model: Path, shared: Path) -> None:
    audio = sound_of_video(shared / "samples/lesson60/front.mp4")
    activity = detect_speech(audio, VadConfig())
    transcript = transcribe(audio, activity, model, CFG, Run(device="cpu"))
    clips = plan_clips(activity, audio.duration_s)
    assert len([s for s in transcript.segments if s.text.startswith("同")]) == len(clips)
    for segment in transcript.segments:
        assert any(c.start_s <= segment.start_s <= segment.end_s <= c.end_s for c in clips)


def test_silence_needs_no_model_and_yields_no_text(tmp_path: Path) -> None:
    audio = Samples(np.zeros(16_000 * 5))
    activity = detect_speech(audio, VadConfig())
    transcript = transcribe(audio, activity, tmp_path / "nowhere", CFG)
    assert transcript.segments == ()
    assert transcript.language == ""


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json"])
def test_missing_file_is_named(model: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    for file in model.iterdir():
        if file.name != name:
            (folder / file.name).symlink_to(file)
    with pytest.raises(ModelError, match=name) as caught:
        transcribe(Long(30.0), heard([(5.0, 15.0)]), folder, CFG, Run(device="cpu"))
    assert str(folder) in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "config.json"])
def test_damaged_file_is_a_model_error(model: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    for file in model.iterdir():
        (folder / file.name).write_bytes(b"\x07rubbish" if file.name == name else file.read_bytes())
    with pytest.raises(ModelError):
        transcribe(Long(30.0), heard([(5.0, 15.0)]), folder, CFG, Run(device="cpu"))


def test_gpu_that_is_not_there(model: Path) -> None:
    import ctranslate2

    if ctranslate2.get_cuda_device_count():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ModelError) as caught:
        transcribe(Long(30.0), heard([(5.0, 15.0)]), model, CFG, Run(device="cuda"))
    assert "processor" in caught.value.remedy


def test_wrong_number_of_mel_bands_is_explained(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    for file in model.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "preprocessor_config.json").write_text('{"feature_size": 128}')
    with pytest.raises(ModelError, match="80 mel bands"):
        transcribe(Long(30.0), heard([(5.0, 15.0)]), folder, CFG, Run(device="cpu"))


def test_language_is_elected_by_all_clips() -> None:
    clear = {"zh": 0.9, "en": 0.1}
    english = {"en": 0.95, "zh": 0.05}
    assert elect_language([clear, english, clear]) == "zh"
    assert elect_language([english, english, clear]) == "en"
    assert elect_language([{"en": 0.5, "zh": 0.5}]) == "en"


def test_language_is_listened_for_all_over_the_lesson() -> None:
    activity = heard([(20.0 * k, 20.0 * k + 5.0 + k % 3) for k in range(100)])
    clips = language_clips(plan_clips(activity, 2_100.0))
    assert len(clips) == 8
    assert clips[0].start_s < 300.0
    assert clips[-1].start_s > 1_700.0
    assert all(c.duration_s == pytest.approx(7.4, abs=0.21) for c in clips)
