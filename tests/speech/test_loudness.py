"""Where loudness contradicts the turns, from levels made by hand."""

from __future__ import annotations

import numpy as np

from classwatch.core.speech import SpeakerRole, SpeechActivity, Turn
from classwatch.core.time import intervals
from classwatch.speech.loudness import contradictions, loudness_issues


def heard(kinds: str) -> SpeechActivity:
    """Level of 15 s windows: ``s`` one voice with pauses, ``m`` many evenly, ``n`` nobody."""
    rng = np.random.default_rng(1)
    parts = {
        "s": lambda: np.where(np.arange(150) % 10 < 4, -55.0, -25.0),
        "m": lambda: np.full(150, -25.0),
        "n": lambda: np.full(150, -60.0),
    }
    level = np.concatenate([parts[k]() + 0.1 * rng.normal(size=150) for k in kinds])
    return SpeechActivity(intervals(), level.astype(np.float32), 0.1, -60.0, -25.0, 0.0)


def talk(start_s: float, end_s: float, role: SpeakerRole = SpeakerRole.TEACHER) -> Turn:
    return Turn(start_s, end_s, role, "", 1.0)


def test_agreement_is_no_finding() -> None:
    activity = heard("ssnnss")
    turns = (talk(0.0, 30.0), talk(60.0, 90.0))
    assert len(contradictions(activity, turns)) == 0
    assert loudness_issues(activity, turns) == ()


def test_turns_where_it_is_quiet_and_noise_without_turns_contradict() -> None:
    activity = heard("nnsmss")
    found = contradictions(activity, (talk(0.0, 30.0), talk(60.0, 90.0)))
    assert found.tolist() == [[0.0, 15.0], [15.0, 30.0], [30.0, 45.0], [45.0, 60.0]]
    (issue,) = loudness_issues(activity, (talk(0.0, 30.0), talk(60.0, 90.0)))
    assert issue.detail["windows"] == 4
    assert issue.detail["of"] == 6
    assert issue.detail["times"] == "0:00, 0:15, 0:30, 0:45"


def test_one_student_where_many_are_heard_contradicts_and_many_students_do_not() -> None:
    activity = heard("mmmm")
    one = (talk(0.0, 60.0, SpeakerRole.STUDENT),)
    many = (talk(0.0, 60.0, SpeakerRole.STUDENTS),)
    assert len(contradictions(activity, one)) == 4
    assert len(contradictions(activity, many)) == 0


def test_two_windows_are_chance() -> None:
    turns = (talk(30.0, 60.0),)
    activity = heard("ssss")
    assert len(contradictions(activity, turns)) == 2
    assert loudness_issues(activity, turns) == ()
