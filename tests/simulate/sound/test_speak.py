from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.sound.speak import SPEECH_RMS, speak_all
from tests.simulate.sound.made import RATE, level_db, said, script

LINE = "同学们好，请坐。今天我们学习分数的加法。"


def test_words_ascend_inside_the_utterance_and_cover_the_text() -> None:
    lesson = script(
        utterances=[
            said("t", LINE),
            said("s0", "老师，等于六分之五。", "u2"),
            said("s1", "It's spring, isn't it?", "u3", language="en"),
        ]
    )
    sounds = speak_all(lesson)
    for utterance in lesson.utterances:
        spoken = sounds[utterance.id].spoken
        edges = [t for w in spoken.words for t in (w.start_s, w.end_s)]
        assert edges == sorted(edges)
        assert edges[0] >= 0.0
        assert edges[-1] <= spoken.duration_s + 0.001
        plain = "".join(c for c in utterance.text if c not in "，。,?！ ")
        assert "".join(w.text for w in spoken.words) == plain


def test_every_word_has_sound_under_it() -> None:
    sound = speak_all(script(utterances=[said("s2", LINE)]))["u1"]
    samples = sound.parts[0].samples
    loud = level_db(samples)
    for word in sound.spoken.words:
        cut = samples[round(word.start_s * RATE) : round(word.end_s * RATE)]
        assert level_db(cut) > loud - 25, word


def test_voiced_stretches_split_at_the_full_stop_and_hold_nearly_all_energy() -> None:
    sound = speak_all(script(utterances=[said("t", LINE)]))["u1"]
    samples, spoken = sound.parts[0].samples, sound.spoken
    assert spoken.voiced[0][0] == 0.0
    assert spoken.voiced[-1][1] == pytest.approx(spoken.duration_s, abs=0.011)
    pauses = [(a[1], b[0]) for a, b in zip(spoken.voiced, spoken.voiced[1:], strict=False)]
    assert any(b - a > 0.2 for a, b in pauses)
    for start_s, end_s in pauses:
        cut = samples[round(start_s * RATE) : round(end_s * RATE)]
        assert level_db(cut) < level_db(samples) - 25


def test_levels_follow_role_and_script() -> None:
    sounds = speak_all(script(utterances=[said("t", LINE), said("t", LINE, "u2", level_db=-12.0)]))
    usual, low = (level_db(sounds[u].parts[0].samples) for u in ("u1", "u2"))
    assert usual - low == pytest.approx(12.0, abs=0.1)
    voiced = np.concatenate(
        [
            sounds["u1"].parts[0].samples[round(a * RATE) : round(b * RATE)]
            for a, b in sounds["u1"].spoken.voiced
        ]
    )
    assert np.sqrt(np.mean(np.square(voiced))) == pytest.approx(SPEECH_RMS, rel=0.02)


def test_a_chorus_is_together() -> None:
    sounds = speak_all(
        script(
            utterances=[said("all_students", "等于六分之五。"), said("s0", "等于六分之五。", "u2")]
        )
    )
    chorus = sounds["u1"]
    offsets = [p.offset_s for p in chorus.parts]
    assert [p.person for p in chorus.parts] == [f"s{i}" for i in range(6)]
    assert min(offsets) == 0.0
    assert 0.03 < max(offsets) <= 0.25
    assert len(set(offsets)) > 3
    alone_s = sounds["u2"].spoken.duration_s
    assert chorus.spoken.duration_s == pytest.approx(alone_s, rel=0.3)
    lengths_s = [len(p.samples) / RATE for p in chorus.parts]
    # Voices differ in how long their sounds are, but not in pace.
    assert max(lengths_s) / min(lengths_s) < 1.25
    assert chorus.spoken.duration_s == pytest.approx(
        max(o + n for o, n in zip(offsets, lengths_s, strict=True)), abs=0.001
    )
    assert "".join(w.text for w in chorus.spoken.words) == "等于六分之五"


def test_the_same_script_gives_the_same_bytes_whatever_else_is_said() -> None:
    both = speak_all(
        script(utterances=[said("s1", "我来试试。", "u0"), said("all_students", LINE)])
    )
    one = speak_all(script(utterances=[said("all_students", LINE)]))
    assert both["u1"].spoken == one["u1"].spoken
    for left, right in zip(both["u1"].parts, one["u1"].parts, strict=True):
        assert left.samples.tobytes() == right.samples.tobytes()


def test_an_utterance_without_sound_is_an_error_that_names_it() -> None:
    with pytest.raises(InputError, match="utterance u1") as caught:
        speak_all(script(utterances=[said("t", "……")]))
    assert caught.value.exit_code == 3
