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
from classwatch.speech.recognisers.port import Decoding, Hint
from classwatch.speech.recognisers.whisper import WhisperRecogniser
from classwatch.speech.subjects import lesson_subject
from classwatch.speech.transcribe import Run, expectations, transcribe
from classwatch.speech.vad import detect_speech
from tests.speech import tiny_whisper
from tests.speech.sounds import Samples, sound_of_video
from tests.speech.tiny_onnx import tone

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


class Spoken:
    """Faint hiss, with a tone after the words of the clips that are in English."""

    def __init__(self, duration_s: float, english: list[tuple[float, float]]) -> None:
        rng = np.random.default_rng(3)
        self.samples = (0.01 * rng.standard_normal(round(duration_s * 16_000))).astype(np.float32)
        for _, end_s in english:
            last = round(end_s * 16_000)
            self.samples[last - 64_000 : last] += tone(3000.0, 4.0)
        self.duration_s = duration_s

    def read(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        return self.samples[round(start_s * 16_000) : round(end_s * 16_000)]


@pytest.fixture(scope="module")
def two_languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny-two"
    return tiny_whisper.build(folder, WORDS, other=("en", 3000.0))


PAIRS = [(20.0 * k + 5.0, 20.0 * k + 17.0) for k in range(6)]
ENGLISH = [PAIRS[1], PAIRS[2], PAIRS[4]]


@pytest.mark.parametrize("batch_size", [1, 4])
def test_each_clip_has_its_own_language(two_languages: Path, batch_size: int) -> None:
    cfg = TranscribeConfig(beam_size=1, batch_size=batch_size)
    audio = Spoken(130.0, ENGLISH)
    found = transcribe(audio, heard(PAIRS), two_languages, cfg, Run(device="cpu"))
    by_clip = [next(s for s in found.segments if a - 0.3 <= s.start_s <= b) for a, b in PAIRS]
    assert [s.language for s in by_clip] == ["zh", "en", "en", "zh", "en", "zh"]
    # A batch of two languages is taken apart and put together in order, with its times. (English
    # words end at spaces: there the whole sentence is one word.)
    hellos = [s for s in found.segments if s.text == "同学们好。"]
    chinese_s = [a - 0.2 for a, b in PAIRS if (a, b) not in ENGLISH]
    assert [s.start_s for s in hellos] == pytest.approx(chinese_s, abs=0.1)
    assert {s.text for s in found.segments if s.language == "en"} == {"同学们好。请坐！"}


def test_batches_do_not_change_the_words(two_languages: Path) -> None:
    audio, activity = Spoken(130.0, ENGLISH), heard(PAIRS)
    results = [
        transcribe(
            audio,
            activity,
            two_languages,
            TranscribeConfig(beam_size=2, batch_size=size),
            Run(device="cpu"),
        )
        for size in (1, 6)
    ]
    assert results[0] == results[1]


def test_configured_language_is_kept_everywhere(two_languages: Path) -> None:
    cfg = TranscribeConfig(beam_size=1, language="zh")
    found = transcribe(Spoken(130.0, ENGLISH), heard(PAIRS), two_languages, cfg, Run(device="cpu"))
    assert {s.language for s in found.segments} == {"zh"}


def test_hints_are_given_to_the_model_in_the_language_of_the_clip(two_languages: Path) -> None:
    hints = {"zh": Hint("数学课。", "分数 小数"), "en": Hint("A lesson.", "fraction")}
    recogniser = WhisperRecogniser(two_languages, "cpu", Decoding(1, 2, hints))
    from faster_whisper.tokenizer import Tokenizer

    prompts = {}
    for language in ("zh", "en"):
        tokenizer = Tokenizer(recogniser.model.hf_tokenizer, True, "transcribe", language)
        ids = recogniser._prompt(tokenizer, hints[language])
        prompts[language] = tokenizer.decode([i for i in ids if i < tokenizer.eot])
    assert prompts["zh"].split() == ["分数", "小数数学课。"]
    assert prompts["en"].split() == ["fractionA", "lesson."]


def test_many_hot_words_leave_room_for_what_is_said(two_languages: Path) -> None:
    hint = Hint("数学课。", " ".join(["分母"] * 200))
    recogniser = WhisperRecogniser(two_languages, "cpu", Decoding(1, 2, {"zh": hint}))
    from faster_whisper.tokenizer import Tokenizer

    tokenizer = Tokenizer(recogniser.model.hf_tokenizer, True, "transcribe", "zh")
    assert 150 < len(recogniser._prompt(tokenizer, hint)) < 200
    # Words are dropped from the end, whole.
    (said,) = recogniser.hear([np.zeros(160_000, np.float32)]).said(["zh"])
    assert said.text == "同学们好。请坐！"


def test_traditional_characters_become_simplified(tmp_path: Path) -> None:
    words = ("請", "大家", "打開", "課", "本", "。")
    folder = tiny_whisper.build(tmp_path / "m", words)
    audio, activity = Long(30.0), heard([(5.0, 15.0)])
    texts = [
        transcribe(audio, activity, folder, cfg, Run(device="cpu")).segments[0].text
        for cfg in (TranscribeConfig(beam_size=1), TranscribeConfig(beam_size=1, simplified=False))
    ]
    assert texts == ["请大家打开课本。", "請大家打開課本。"]


def test_marks_that_were_put_there_are_known(model: Path, tmp_path: Path) -> None:
    bare = tiny_whisper.build(tmp_path / "m", ("你", "们", "听", "懂", "了", "吗"))
    audio, activity = Long(30.0), heard([(5.0, 15.0)])
    (asked,) = transcribe(audio, activity, bare, CFG, Run(device="cpu")).segments
    assert (asked.text, asked.punctuation_restored) == ("你们听懂了吗？", True)
    assert "".join(w.text for w in asked.words) == asked.text
    own = transcribe(audio, activity, model, CFG, Run(device="cpu")).segments
    assert not any(s.punctuation_restored for s in own)


def test_subject_changes_what_is_expected() -> None:
    cfg = TranscribeConfig(hotwords="小明")
    plain, maths = expectations(cfg, None), expectations(cfg, lesson_subject(cfg, "小学数学"))
    assert dict(plain.hints)["zh"] == Hint(cfg.prompt_zh, "小明")
    hint = dict(maths.hints)["zh"]
    assert hint.prompt.startswith(cfg.prompt_zh)
    assert hint.hotwords.startswith("小明 ")
    assert "分母" in hint.hotwords
    assert maths.longest_clip_s == 28.0
    assert expectations(cfg, lesson_subject(cfg, "英语")).longest_clip_s == 12.0
