"""Movement of turns against movement in silence, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.config.schema import SpeakersConfig
from classwatch.core.motion import MOVERS, Motion, Mover
from classwatch.core.time import intervals
from classwatch.speech.role_motion import FEWEST, MOTION, motion_figures
from classwatch.speech.role_units import NAMES
from classwatch.speech.roles import RoleInput, gather
from tests.speech.test_roles import LESSON, cells

SPEECH = intervals([(20.0, 24.0), (30.0, 34.0)])
VOICE = np.array([0, 1], np.int32)


def motion(values: NDArray[np.float64], who: Mover = Mover.TEACHER, every_s: float = 1.0) -> Motion:
    """One picture every ``every_s`` up to 40 s, with these mouths of ``who``."""
    times_s = np.arange(1, len(values) + 1) * every_s
    table = np.full((len(values), len(MOVERS)), np.nan, np.float32)
    mouth = table.copy()
    mouth[:, MOVERS.index(who)] = values
    return Motion(times_s, every_s, table, mouth)


def figures(*motions: Motion) -> dict[str, list[float]]:
    table = motion_figures(SPEECH, VOICE, SPEECH, motions)
    return dict(zip(MOTION, table.T.tolist(), strict=True))


def test_a_turn_is_compared_with_silence_in_deviations() -> None:
    # Pictures cover the second before them: those of 21 to 24 s are the first turn's.
    values = np.full(40, 0.4)
    values[20:24] = 0.6
    found = figures(motion(values))
    more = 0.2 / values.std()
    assert found["teacher_mouth_told"] == [1.0, 1.0]
    assert found["teacher_mouth_more"] == pytest.approx([min(more, 3.0), 0.0], abs=1e-5)
    # Four pictures: twice the mean, in units of three, and at most three.
    assert found["teacher_mouth_clear"] == pytest.approx([2 * min(more, 3.0) / 3, 0.0], abs=1e-5)
    assert found["teacher_mouth_of_voice"] == pytest.approx(found["teacher_mouth_clear"])
    for name in MOTION:
        assert name.startswith("teacher_mouth") or found[name] == [0.0, 0.0]


def test_all_turns_of_a_voice_are_taken_together() -> None:
    values = np.where(np.arange(40) % 2, 0.4, 0.5)
    values[20:24], values[30:34] = 0.7, 0.6
    both = motion_figures(SPEECH, np.zeros(2, np.int32), SPEECH, [motion(values)])
    column = MOTION.index("teacher_mouth_of_voice")
    assert both[0, column] == both[1, column] > 0
    nobody = motion_figures(SPEECH, np.full(2, -1, np.int32), SPEECH, [motion(values)])
    assert not nobody[:, column].any()


def test_what_is_seldom_seen_or_only_while_somebody_speaks_says_nothing() -> None:
    seldom = np.full(40, np.nan)
    seldom[: FEWEST - 1] = np.linspace(0, 1, FEWEST - 1)
    seldom[21] = 0.9
    never_silent = np.full(40, np.nan)
    never_silent[20:24] = (0.1, 0.9, 0.2, 0.4)
    for values in (seldom, never_silent, np.full(40, 0.5)):
        assert not any(any(column) for column in figures(motion(values)).values())


def test_two_cameras_count_by_the_time_that_they_show() -> None:
    one, other = np.full(40, 0.4), np.full(80, 0.4)
    one[20:24], other[40:48] = 0.6, 0.5
    apart = [figures(m)["teacher_mouth_more"][0] for m in (motion(one), motion(other, every_s=0.5))]
    together = figures(motion(one), motion(other, every_s=0.5))["teacher_mouth_more"][0]
    assert together == pytest.approx(np.mean(apart), rel=1e-6)


def test_an_unseen_turn_is_not_told() -> None:
    values = np.full(40, 0.4)
    values[:5] = 0.5
    values[29:35] = np.nan
    found = figures(motion(values, Mover.STUDENT))
    assert found["student_mouth_told"] == [1.0, 0.0]
    assert found["student_mouth_more"][1] == 0.0


def test_movement_reaches_the_evidence_of_turns_and_no_cameras_leave_it_empty() -> None:
    spans = [(a, b) for a, b, _ in LESSON]
    length_s = max(b for _, b in spans) + 40.0
    until_s = np.arange(1, length_s)
    talks = [any(b > t - 1 and a < t for a, b, v in LESSON if v == 0) for t in until_s]
    moving = motion(np.where(talks, 0.6, 0.4) + 0.05 * (np.arange(len(until_s)) % 3))
    with_it = gather(RoleInput(cells(LESSON), motions=(moving,)), SpeakersConfig())
    column = with_it.features[:, NAMES.index("teacher_mouth_more")]
    teacher = np.array([v == 0 for _, _, v in LESSON])
    assert column[teacher].min() > column[~teacher].max() + 0.5
    without = gather(RoleInput(cells(LESSON)), SpeakersConfig())
    assert not without.features[:, NAMES.index(MOTION[0]) :].any()
