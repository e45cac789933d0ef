"""Doubtful text is marked for the right reason, and real classroom talk is left alone."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import TranscribeConfig
from classwatch.core.speech import Origin, Segment, SpeechActivity, Transcript, Word
from classwatch.core.time import intervals
from classwatch.speech.recognisers.port import Hint
from classwatch.speech.suspect import compression_ratio, longest_repeat, mark_suspects, spoken_units

CFG = TranscribeConfig()


def heard(pairs: list[tuple[float, float]]) -> SpeechActivity:
    level = np.full(1000, -30.0, np.float32)
    return SpeechActivity(intervals(pairs), level, 0.1, -60.0, -30.0, 0.0)


def reasons(segments: list[Segment], pairs: list[tuple[float, float]]) -> list[str]:
    transcript = Transcript(tuple(segments), "zh", Origin.PREDICTED)
    marked = mark_suspects(transcript, heard(pairs), CFG)
    assert [s.text for s in marked.segments] == [s.text for s in segments]
    return [s.suspect for s in marked.segments]


def reason(text: str, start_s: float = 0.0, end_s: float = 10.0) -> str:
    return reasons([Segment(start_s, end_s, text)], [(0.0, 100.0)])[0]


@pytest.mark.parametrize(
    "text",
    [
        "字幕志愿者 李宗盛",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "由 Amara.org 社群提供的字幕",
        "中文字幕志愿者 杨茜茜",
        "优优独播剧场——YoYo Television Series Exclusive",
        "謝謝觀看",
        "Thanks for watching!",
        "Subtitles by the Amara.org community",
        "Please subscribe.",
        "字幕由 某某 提供",
        "本字幕由志愿者翻译",
        "Thanks for watching, see you next time!",
        "Don't forget to like and subscribe.",
        "www.zoomu.co",
    ],
)
def test_known_credits(text: str) -> None:
    assert reason(text) == "credits"


@pytest.mark.parametrize(
    "text",
    [
        "谢谢你，请坐。",
        "我们来看字幕，这部电影讲了什么？",
        "对对对，就是这样。",
        "一二三四五六七八，二二三四五六七八。",
        "apple apple apple, read after me",
        "Thank you. Who can tell me the answer?",
        "The music in this poem is in its rhythm.",
        "哈哈哈哈",
    ],
)
def test_classroom_talk_is_not_doubted(text: str) -> None:
    assert reason(text) == ""


def test_repetition_inside_a_segment() -> None:
    assert reason("我们来看我们来看我们来看我们来看") == "repetition"
    assert reason("no no no no no no no no no") == "repetition"


def test_text_that_compresses_too_well() -> None:
    assert reason("这是一个非常重要的问题，" * 12, end_s=60.0) == "compression"


def test_echo_of_the_prompt() -> None:
    assert reason("以下是普通话课堂的录音。") == "prompt"
    assert reason("请坐。") == ""


def test_impossible_rate() -> None:
    assert reason("今天我们学习分数的加法和减法", 0.0, 0.5) == "rate"
    assert reason("今天我们学习分数的加法和减法", 0.0, 2.0) == ""
    assert reason("one two three four five six seven", 0.0, 0.3) == "rate"
    # 4 characters at 14/s and 4 words at 9/s need 0.73 s.
    assert reason("这是什么 one two three four", 0.0, 0.70) == "rate"
    assert reason("这是什么 one two three four", 0.0, 0.76) == ""


def test_outside_speech_by_words_and_by_segment() -> None:
    speech = [(10.0, 12.0)]
    far = Segment(20.0, 22.0, "春天来了")
    near = Segment(9.0, 12.0, "春天来了")
    words = (Word(30.0, 30.5, "春"), Word(10.5, 11.5, "天"))
    mixed = Segment(10.5, 30.5, "春天", words=words)
    assert reasons([far, near, mixed], speech) == ["outside_speech", "", ""]
    # Recognisers are off by a quarter of a second.
    assert reasons([Segment(12.0, 12.5, "好")], speech) == [""]


def test_without_any_speech_everything_is_outside() -> None:
    assert reasons([Segment(1.0, 2.0, "好")], []) == ["outside_speech"]


def test_no_louder_than_where_nobody_speaks() -> None:
    level = np.full(1000, -38.5, np.float32)
    level[200:230] = -30.0
    activity = SpeechActivity(intervals([(0.0, 100.0)]), level, 0.1, -40.0, -35.0, 0.0)
    said = (Segment(5.0, 8.0, "春天来了"), Segment(20.0, 23.0, "春天来了"))
    marked = mark_suspects(Transcript(said, "zh", Origin.PREDICTED), activity, CFG)
    assert [s.suspect for s in marked.segments] == ["no_speech", ""]


def test_echo_of_favoured_words_but_not_a_few_of_them() -> None:
    hint = Hint(
        "这是一节数学课，我们来看这道题。", "加法 减法 乘法 除法 分数 小数 分子 分母 通分 约分"
    )
    texts = ("这是一节数学课", "加法、减法、乘法、除法。", "加法减法乘法除法分数小数分子分母")
    segments = tuple(Segment(10.0 * k, 10.0 * k + 8.0, text) for k, text in enumerate(texts))
    transcript = Transcript(segments, "zh", Origin.PREDICTED)
    marked = mark_suspects(transcript, heard([(0.0, 100.0)]), CFG, (hint,))
    assert [s.suspect for s in marked.segments] == ["", "", "prompt"]
    again = Transcript((Segment(0.0, 8.0, "这是一节数学课，我们来看"),), "zh", Origin.PREDICTED)
    marked = mark_suspects(again, heard([(0.0, 100.0)]), CFG, (hint,))
    assert marked.segments[0].suspect == "prompt"


def test_same_sentence_again_and_again() -> None:
    loop = [Segment(k * 3.0, k * 3.0 + 2.0, "我们一起来看一看。") for k in range(5)]
    assert reasons(loop, [(0.0, 100.0)]) == ["repetition"] * 5
    assert reasons(loop[:4], [(0.0, 100.0)]) == [""] * 4
    short = [Segment(k * 3.0, k * 3.0 + 2.0, "请坐。") for k in range(8)]
    assert reasons(short, [(0.0, 100.0)]) == [""] * 8


def test_reason_that_is_there_stays() -> None:
    assert reasons([Segment(1.0, 2.0, "谢谢观看", suspect="no_speech")], []) == ["no_speech"]


def test_supplied_text_is_only_checked_for_credits() -> None:
    segments = (Segment(0.0, 0.1, "我们来看我们来看我们来看我们来看"), Segment(5.0, 6.0, "字幕组"))
    marked = mark_suspects(Transcript(segments, "zh", Origin.SUPPLIED), heard([]), CFG)
    assert [s.suspect for s in marked.segments] == ["", "credits"]


def test_units_and_repeats_by_hand() -> None:
    assert spoken_units("Ｇood，同学 3.14！") == ["good", "同", "学", "3", "14"]
    assert longest_repeat(list("abab"), 2) == 2
    assert longest_repeat(list("xababab"), 2) == 3
    assert longest_repeat(list("aaaa"), 1) == 4
    assert longest_repeat(list("abcdef"), 1) == 1
    assert longest_repeat([], 1) == 1


def test_compression_is_whispers_own(shared: Path) -> None:
    from faster_whisper.transcribe import get_compression_ratio
    from faster_whisper.utils import get_logger  # noqa: F401 - the package must be importable

    for text in ("同学们好，请坐。", "a" * 200, "And so my fellow Americans"):
        assert compression_ratio(text) == pytest.approx(get_compression_ratio(text))


def test_real_teacher_talk_is_hardly_ever_doubted(shared: Path) -> None:
    rows: list[str] = []
    for path in sorted((shared / "data/transcripts/dialogid_zh").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [max(row, key=len) for row in csv.reader(file) if row]
    texts = [t for t in rows if len(t) > 4][:2000]
    assert len(texts) > 500
    doubted = [t for t in texts if reason(t, 0.0, len(t) / 4.0) not in ("", "outside_speech")]
    assert len(doubted) <= 0.01 * len(texts), doubted[:10]
