"""The language of a lesson and of each clip, from scores made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.speech import SpeechActivity
from classwatch.core.time import intervals
from classwatch.speech.clips import plan_clips
from classwatch.speech.languages import clip_languages, elect_language, language_clips

ZH, EN = {"zh": 0.99, "en": 0.01}, {"zh": 0.01, "en": 0.99}


def test_language_is_elected_by_all_clips() -> None:
    clear = {"zh": 0.9, "en": 0.1}
    english = {"en": 0.95, "zh": 0.05}
    assert elect_language([clear, english, clear]) == "zh"
    assert elect_language([english, english, clear]) == "en"
    assert elect_language([{"en": 0.5, "zh": 0.5}]) == "en"
    assert elect_language([{}, {}]) == ""


def test_language_is_listened_for_all_over_the_lesson() -> None:
    pairs = [(20.0 * k, 20.0 * k + 5.0 + k % 3) for k in range(100)]
    level = np.full(40_000, -40.0, np.float32)
    activity = SpeechActivity(intervals(pairs), level, 0.1, -60.0, -40.0, 0.0)
    clips = language_clips(plan_clips(activity, 2_100.0))
    assert len(clips) == 8
    assert clips[0].start_s < 300.0
    assert clips[-1].start_s > 1_700.0
    assert all(c.duration_s == pytest.approx(7.4, abs=0.21) for c in clips)


def test_clear_and_long_clips_change_the_language() -> None:
    scores = [ZH, EN, EN, ZH, EN]
    assert clip_languages(scores, [8.0] * 5, "zh", "zh") == ("zh", "en", "en", "zh", "en")


def test_one_short_or_unclear_clip_does_not() -> None:
    assert clip_languages([ZH, EN, ZH], [8.0, 1.0, 8.0], "zh", "zh") == ("zh",) * 3
    unclear = {"zh": 0.3, "en": 0.7}
    assert clip_languages([ZH, unclear, ZH], [8.0] * 3, "zh", "zh") == ("zh",) * 3
    # Many unclear ones in a row do: 3 x ln(7/3) is more than one change there and one back.
    assert clip_languages([ZH, *[unclear] * 3, ZH], [8.0] * 5, "zh", "zh")[1:4] == ("en",) * 3


def test_threshold_is_what_the_docstring_says() -> None:
    # There and back costs 2, so 5 s need odds above e^2 = 7.4.
    for odds, expected in ((7.0, "zh"), (8.0, "en")):
        score = {"zh": 1 / (1 + odds), "en": odds / (1 + odds)}
        assert clip_languages([ZH, score, ZH], [9.0, 5.0, 9.0], "zh", "zh")[1] == expected


def test_the_clip_before_counts() -> None:
    unclear = {"zh": 0.5, "en": 0.5}
    assert clip_languages([unclear], [6.0], "zh", "en") == ("en",)
    assert clip_languages([unclear], [6.0], "zh", "zh") == ("zh",)


def test_a_lesson_in_another_language_may_change_to_chinese() -> None:
    french = {"fr": 0.95, "zh": 0.02, "en": 0.01}
    assert clip_languages([french, ZH, french], [8.0] * 3, "fr", "fr") == ("fr", "zh", "fr")
    # Languages that are neither the lesson's nor Chinese or English are not considered.
    other = {"ja": 0.9, "zh": 0.09}
    assert clip_languages([other], [8.0], "zh", "zh") == ("zh",)
