from __future__ import annotations

import hashlib
import subprocess
import sys
import time

import numpy as np
import pytest

from classwatch.core.errors import ModelError
from classwatch.simulate.sound.engine import Voicing
from classwatch.simulate.sound.espeak import EspeakEngine

ZH = Voicing("zh", "f3", 50, 175)
EN = Voicing("en", "m2", 50, 160)


@pytest.fixture(scope="module")
def engine() -> EspeakEngine:
    return EspeakEngine()


def test_each_chinese_character_is_a_word(engine: EspeakEngine) -> None:
    raw = engine.speak("同学们好，小鸟在树上唱歌。", ZH)
    assert "".join(w.text for w in raw.words) == "同学们好小鸟在树上唱歌"
    assert all(len(w.text) == 1 for w in raw.words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don't know; it's 3 o'clock.", ["I", "don't", "know", "it's", "3", "o'clock"]),
        ("Well-known, e.g. 12.5 metres!", ["Well-known", "e.g", "12.5", "metres"]),
        (
            "One of the best in a lot of ways",
            ["One", "of", "the", "best", "in", "a", "lot", "of", "ways"],
        ),
    ],
)
def test_english_words_are_those_of_the_text(
    engine: EspeakEngine, text: str, words: list[str]
) -> None:
    assert [w.text for w in engine.speak(text, EN).words] == words


def test_latin_words_and_numbers_inside_chinese(engine: EspeakEngine) -> None:
    raw = engine.speak("请读 apple 这个词，第12页。", ZH)
    assert "".join(w.text for w in raw.words) == "请读apple这个词第12页"
    assert "apple" in [w.text for w in raw.words]


def test_words_ascend_and_stay_inside_the_sound(engine: EspeakEngine) -> None:
    for text, voicing in (("今天我们学习分数的加法，好吗？", ZH), ("Good morning, everyone.", EN)):
        raw = engine.speak(text, voicing)
        edges = [t for w in raw.words for t in (w.start_s, w.end_s)]
        assert edges == sorted(edges)
        assert edges[0] >= 0
        assert edges[-1] <= len(raw.samples) / raw.rate_hz
        assert all(w.end_s > w.start_s for w in raw.words)


def test_the_word_after_a_pause_begins_where_sound_begins(engine: EspeakEngine) -> None:
    raw = engine.speak("你好。大家请坐。", ZH)
    frame = raw.rate_hz // 100
    energy = np.square(raw.samples[: len(raw.samples) // frame * frame]).reshape(-1, frame).mean(1)
    quiet = energy < 1e-5
    runs = np.flatnonzero(np.diff(np.concatenate([[0], quiet, [0]]).astype(int))).reshape(-1, 2)
    inner = [(a, b) for a, b in runs if a > 5 and b < len(quiet) - 5 and b - a > 15]
    assert len(inner) == 1
    assert next(w for w in raw.words if w.text == "大").start_s == pytest.approx(
        inner[0][1] / 100, abs=0.05
    )


def test_order_and_time_of_day_do_not_matter(engine: EspeakEngine) -> None:
    first = engine.speak("我们开始上课。", ZH).samples
    engine.speak("Something else entirely.", EN)
    time.sleep(1.1)
    again = engine.speak("我们开始上课。", ZH).samples
    assert len(first) > 10000
    assert first.tobytes() == again.tobytes()


def test_another_process_speaks_the_same() -> None:
    code = (
        "import ctypes, hashlib, os; ctypes.CDLL(None).srand(os.getpid())\n"
        "from classwatch.simulate.sound.espeak import EspeakEngine\n"
        "from classwatch.simulate.sound.engine import Voicing\n"
        "raw = EspeakEngine().speak('请看黑板。', Voicing('zh', 'f2', 60, 170))\n"
        "print(hashlib.sha256(raw.samples.tobytes()).hexdigest())\n"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    own = EspeakEngine().speak("请看黑板。", Voicing("zh", "f2", 60, 170)).samples
    assert other.stdout.strip() == hashlib.sha256(own.tobytes()).hexdigest()


@pytest.mark.parametrize("text", ["……", "（）", " "])
def test_marks_alone_have_no_words(engine: EspeakEngine, text: str) -> None:
    raw = engine.speak(text, ZH)
    assert raw.words == ()
    assert float(np.abs(raw.samples).max(initial=0.0)) < 1e-3


def test_markup_is_text(engine: EspeakEngine) -> None:
    # Phoneme input and SSML are off: a script's text can't switch the voice.
    plain = engine.speak("one two", EN).samples
    assert len(engine.speak('one <break time="5s"/> two', EN).samples) != len(plain)
    assert len(engine.speak("one [[wVn]] two", EN).samples) > len(plain)


def test_an_unknown_variant_is_named(engine: EspeakEngine) -> None:
    with pytest.raises(ModelError, match="nobody9"):
        engine.speak("hello", Voicing("en", "nobody9", 50, 160))


def test_a_missing_engine_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(ModelError, match=r"classwatch\[sim\]") as caught:
        EspeakEngine()
    assert caught.value.exit_code == 4
