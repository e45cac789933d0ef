"""Everything the measures are computed from, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classwatch.core.codes import CodeStream
from classwatch.core.confusion import Confusion
from classwatch.core.events import Event
from classwatch.core.measures import Why
from classwatch.core.media import StreamRole
from classwatch.core.people import ClassPictures, FloorSource, TeacherPath
from classwatch.core.questions import Question
from classwatch.core.speech import SpeechActivity, Transcript, Turn
from classwatch.core.time import Interval
from classwatch.metrics.sequence import CodeSequence


@dataclass(frozen=True, slots=True, eq=False)
class TeacherTrace:
    """Where the teacher stood in the m pictures that show the teacher, on the lesson clock.

    ``times_s`` (m,) float64 ascending; ``x`` and ``y`` (m,) shares of the picture's width and
    height; ``height`` (m,) the body's height as a share of the picture's height; ``aspect`` is
    picture width over height. ``setup`` (m,) tells from which of the camera's places each was
    seen; places compare only within one. ``zone`` (m,) are image zone ids; ``floor_m`` (m, 2)
    metres on the floor, NaN where unknown, with the relative error of distances ``floor_error``
    and what they are known from.
    """

    times_s: NDArray[np.float64]
    x: NDArray[np.floating]
    y: NDArray[np.floating]
    height: NDArray[np.floating]
    aspect: float
    setup: NDArray[np.integer]
    zone: tuple[str, ...] = ()
    floor_m: NDArray[np.float64] | None = None
    floor_error: float | None = None
    floor_source: FloorSource | None = None

    def __post_init__(self) -> None:
        for name in ("x", "y", "height", "setup"):
            _expect(name, getattr(self, name).shape, self.times_s.shape)
        if np.any(np.diff(self.times_s) <= 0):
            raise ValueError("times_s must ascend")

    @staticmethod
    def of(path: TeacherPath, aspect: float) -> TeacherTrace:
        """The way that was seen, in pictures so many times wider than high."""
        return TeacherTrace(
            times_s=path.times_s,
            x=path.x.astype(float),
            y=path.y.astype(float),
            height=path.height.astype(float),
            aspect=aspect,
            setup=path.setup,
            zone=path.zone,
            floor_m=path.floor_m,
            floor_error=path.floor_error,
            floor_source=path.floor_source,
        )


@dataclass(frozen=True, slots=True, eq=False)
class PictureFacts:
    """What the sampled pictures of one stream show, on the lesson clock.

    ``student_px`` is the students' median height in the picture that arms are told from (None: not
    known), which is the recording itself where bodies are looked at once more (``closer``);
    ``gestures`` says whether points are exact enough for what arms do.
    """

    shown: ClassPictures
    teacher: TeacherTrace | None = None
    student_px: float | None = None
    gestures: bool = True
    closer: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FrontFacts:
    """The pictures of one stream in which the board or the screen would be seen.

    ``times_s`` (m,) float64 ascending on the lesson clock, each standing for ``every_s``.
    """

    stream: str
    role: StreamRole
    times_s: NDArray[np.float64]
    every_s: float


@dataclass(frozen=True, slots=True, eq=False)
class LessonFacts:
    """One lesson, ready to be measured.

    ``span`` is the analysed part of the lesson; everything outside it is ignored. ``questions``
    comes from ``discourse.questions.find_questions`` (None: no words). ``missing`` tells why a
    source is absent, under the keys ``speech``, ``roles``, ``words``, ``pose``, ``teacher``,
    ``codes``. ``codes`` are the coded acts of the lesson (None: not coded); ``sequences`` are
    series that a person wrote, at most one for each scheme, and win over ``codes``.
    ``instruction_errors`` is how the coder of ``CodedAct.instruction`` errs (None: not known).
    """

    span: Interval
    turns: tuple[Turn, ...] = ()
    transcript: Transcript | None = None
    questions: tuple[Question, ...] | None = None
    activity: SpeechActivity | None = None
    events: tuple[Event, ...] = ()
    pictures: tuple[PictureFacts, ...] = ()
    fronts: tuple[FrontFacts, ...] = ()
    codes: CodeStream | None = None
    sequences: tuple[CodeSequence, ...] = ()
    instruction_errors: Confusion | None = None
    missing: Mapping[str, Why] = field(default_factory=dict)


def _expect(name: str, actual: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if actual != expected or len(actual) != 1:
        raise ValueError(f"{name}: expected shape {expected}, got {actual}")
