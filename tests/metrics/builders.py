"""Paper-sized lessons for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from classwatch.config.schema import MetricsConfig
from classwatch.core.measures import Measure
from classwatch.core.media import StreamRole
from classwatch.core.people import CLASS_COUNTS, ClassPictures
from classwatch.core.speech import Origin, SpeakerRole, SpeechActivity, Transcript, Turn
from classwatch.core.time import Interval, intervals, normalise
from classwatch.metrics.compute import compute
from classwatch.metrics.facts import LessonFacts, PictureFacts

ROLES = {
    "T": SpeakerRole.TEACHER,
    "S": SpeakerRole.STUDENT,
    "A": SpeakerRole.STUDENTS,
    "C": SpeakerRole.CHORAL,
    "O": SpeakerRole.ADULT,
    "P": SpeakerRole.PLAYBACK,
    "U": SpeakerRole.UNKNOWN,
}
EASY = MetricsConfig(min_voiced_s=0, min_snr_db=0, min_role_coverage=0)
"""Gates wide open, for tests of the arithmetic alone."""

Talk = tuple[float, float, str]


def turn(start_s: float, end_s: float, voice: str) -> Turn:
    """``voice`` is a role letter and a number: ``T``, ``S1``, ``A``, ``C``, ``O``, ``P``, ``U``."""
    return Turn(start_s, end_s, ROLES[voice[0]], voice, 1.0, Origin.ANNOTATED)


def turns(talk: Sequence[Talk]) -> tuple[Turn, ...]:
    return tuple(turn(*row) for row in talk)


def voiced(
    pairs: Sequence[tuple[float, float]], *, speech_db: float = -20.0, noise_db: float = -60.0
) -> SpeechActivity:
    return SpeechActivity(
        normalise(intervals(pairs)), np.zeros(1, np.float32), 0.1, noise_db, speech_db, 0.0
    )


def words(segments: Sequence, language: str = "zh") -> Transcript:
    return Transcript(tuple(segments), language, Origin.SUPPLIED)


def lesson(length_s: float, talk: Sequence[Talk] = (), **rest: object) -> LessonFacts:
    return LessonFacts(Interval(0.0, length_s), turns(talk), **rest)  # type: ignore[arg-type]


def picture(
    counts: Mapping[str, Sequence[int]], *, every_s: float = 1.0, stream: str = "rear", **rest
) -> PictureFacts:
    """Pictures at 0, every_s, ...; counts not named are zero."""
    frames = len(next(iter(counts.values())))
    columns = {name: np.array(counts.get(name, [0] * frames)) for name in CLASS_COUNTS}
    if "hands_judged" not in counts:
        columns["hands_judged"] = columns["students_seen"]
    role = rest.pop("role", StreamRole.STUDENT_CAM)
    shown = ClassPictures(stream, role, every_s * np.arange(frames), every_s, **columns)
    return PictureFacts(shown, **rest)


def cells(facts: LessonFacts, cfg: MetricsConfig = EASY) -> dict[tuple[str, str], Measure]:
    """Every cell by id and part (streams must not repeat)."""
    found = compute(facts, cfg)
    table = {(m.id, m.part): m for m in found}
    assert len(table) == len(found)
    return table


def value(facts: LessonFacts, name: str, part: str = "", cfg: MetricsConfig = EASY) -> float:
    cell = cells(facts, cfg)[name, part]
    assert cell.value is not None, cell.why
    return cell.value
