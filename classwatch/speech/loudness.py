"""A second opinion on who talks from loudness alone, and where it contradicts the turns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.issues import Issue, Severity
from classwatch.core.loudness import VOICES, WINDOW_S, dart_windows, floor_of
from classwatch.core.speech import STUDENT_ROLES, SpeakerRole, SpeechActivity, Turn
from classwatch.core.time import Intervals, clock, intersect, intervals, total_s, union

STAGE = "roles"
MIN_WINDOWS = 3
"""Fewer windows than this that contradict are chance …"""
MIN_SHARE = 0.1
"""… and so is a smaller share of them."""
_FULL, _EMPTY = 0.7, 0.05
_SHOWN = 8


def contradictions(activity: SpeechActivity, turns: tuple[Turn, ...]) -> Intervals:
    """Windows (n, 2) of 15 s in which loudness strongly contradicts the turns.

    That is: loudness hears nobody though turns fill 70 % of the window; it hears somebody though
    turns fill at most 5 %; or it hears many at once though one voice alone fills 70 %.
    """
    if not len(activity.level_db):
        return intervals()
    floor_db = floor_of(activity.level_db, activity.noise_db)
    voice = dart_windows(activity.level_db, activity.level_step_s, floor_db)
    windows = WINDOW_S * np.arange(len(voice))[:, None] + np.array([0.0, WINDOW_S])
    several = (SpeakerRole.CHORAL, SpeakerRole.STUDENTS, SpeakerRole.PLAYBACK)
    talk = _share(turns, tuple(SpeakerRole), windows)
    alone = talk - _share(turns, several, windows)
    nobody = (voice == VOICES.index("none")) & (talk >= _FULL)
    somebody = (voice != VOICES.index("none")) & (talk <= _EMPTY)
    many = (voice == VOICES.index("multiple")) & (alone >= _FULL) & _students(turns, windows)
    rows: Intervals = windows[nobody | somebody | many]
    return rows


def _share(
    turns: tuple[Turn, ...], roles: tuple[SpeakerRole, ...], windows: Intervals
) -> NDArray[np.float64]:
    own = union(intervals((t.start_s, t.end_s) for t in turns if t.role in roles))
    return np.array([total_s(intersect(own, row[None])) for row in windows]) / WINDOW_S


def _students(turns: tuple[Turn, ...], windows: Intervals) -> NDArray[np.bool_]:
    """Windows mostly of one student: one of a class that talks at once may be all that is heard.

    A teacher's steady voice is loud and even, too, so it proves nothing against the turns.
    """
    found: NDArray[np.bool_] = _share(turns, STUDENT_ROLES, windows) >= _FULL
    return found


def loudness_issues(activity: SpeechActivity, turns: tuple[Turn, ...]) -> tuple[Issue, ...]:
    """One finding with times where enough windows contradict the turns."""
    rows = contradictions(activity, turns)
    whole = max(int(len(activity.level_db) * activity.level_step_s / WINDOW_S), 1)
    if len(rows) < MIN_WINDOWS or len(rows) < MIN_SHARE * whole:
        return ()
    times = ", ".join(clock(float(start_s)) for start_s, _ in rows[:_SHOWN])
    times += " …" if len(rows) > _SHOWN else ""
    return (
        Issue(
            code="roles.loudness_disagrees",
            severity=Severity.WARNING,
            stage=STAGE,
            message=f"in {len(rows)} of {whole} windows of 15 s the loudness contradicts who was "
            f"heard: {times}",
            remedy="listen to these moments; noise, music or group work may have been taken for "
            "one voice, or quiet talk missed",
            detail={"windows": len(rows), "of": whole, "times": times},
        ),
    )
