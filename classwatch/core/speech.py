"""Speech as values: words, transcript segments, and turns with a role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from classwatch.core.time import Intervals


class SpeakerRole(StrEnum):
    """Who a turn is given to; ``UNKNOWN`` is a legal answer."""

    TEACHER = "teacher"
    STUDENT = "student"
    CHORAL = "choral"
    """Several students say the same together (齐答, 齐读)."""
    STUDENTS = "students"
    """Several students at once, each for themselves: group work, noise of voices."""
    ADULT = "adult"
    """A second adult: assistant, visitor, the teacher at the other end."""
    PLAYBACK = "playback"
    """A recording or a film that is played to the class."""
    UNKNOWN = "unknown"


STUDENT_ROLES = (SpeakerRole.STUDENT, SpeakerRole.CHORAL, SpeakerRole.STUDENTS)
"""What counts as talk of students."""


class SoundKind(StrEnum):
    """What a stretch of sound is, whoever makes it."""

    VOICE = "voice"
    """One person."""
    CHORUS = "chorus"
    """Many people who say the same together."""
    BABBLE = "babble"
    """Many people, each for themselves."""
    PLAYBACK = "playback"
    """Speech out of a loudspeaker."""
    MUSIC = "music"
    NOISE = "noise"
    """Applause, chairs, steps, the room itself."""


NOT_SPEECH = (SoundKind.MUSIC, SoundKind.NOISE)
CROWDS = (SoundKind.CHORUS, SoundKind.BABBLE)


@dataclass(frozen=True, slots=True)
class SoundSpan:
    """One kind of sound over ``[start_s, end_s)``; ``probability`` is the mean over the stretch.

    ``shares`` are the mean probabilities of all kinds, in the order of ``SoundKind``; empty where
    only the kind is known.
    """

    start_s: float
    end_s: float
    kind: SoundKind
    probability: float
    shares: tuple[float, ...] = ()

    def share(self, kind: SoundKind) -> float:
        """Mean probability of ``kind``."""
        if not self.shares:
            return self.probability if kind is self.kind else 0.0
        return self.shares[tuple(SoundKind).index(kind)]

    @property
    def certainty(self) -> float:
        """How sure the kind is. That a crowd speaks is surer than what kind of crowd it is."""
        return sum(map(self.share, CROWDS)) if self.kind in CROWDS else self.probability


class Origin(StrEnum):
    """Where a value came from; people win over predictions."""

    PREDICTED = "predicted"
    SUPPLIED = "supplied"
    """A transcript or label file given by the user."""
    ANNOTATED = "annotated"


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word with its times and the recogniser's probability."""

    start_s: float
    end_s: float
    text: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text. ``suspect`` names why the text is doubted; suspects are never counted.

    ``speaker`` is a label carried by a supplied transcript ("" when it has none); ``role`` is
    filled from it or from the turns. ``punctuation_restored`` says that the recogniser wrote no
    marks and those in ``text`` were put there by rule.
    """

    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()
    language: str = ""
    role: SpeakerRole = SpeakerRole.UNKNOWN
    speaker: str = ""
    suspect: str = ""
    punctuation_restored: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of a lesson. ``model`` is "" for a supplied transcript."""

    segments: tuple[Segment, ...]
    language: str
    origin: Origin
    model: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of talk by one speaker (or by several students at once).

    ``speaker`` is anonymous within the lesson ("T", "S1", …; "" where not separable).
    """

    start_s: float
    end_s: float
    role: SpeakerRole
    speaker: str
    confidence: float
    origin: Origin = Origin.PREDICTED


@dataclass(frozen=True, slots=True, eq=False)
class SpeechActivity:
    """Output of voice activity detection, and the loudness under it.

    ``speech`` (n, 2) normalised, without padding; ``level_db`` (k,) float32 is RMS in dBFS per
    ``level_step_s``; ``noise_db`` the floor (10th percentile outside speech, NaN where there is no
    such time); ``speech_db`` the median level inside speech; ``clipped_share`` the share of samples
    at full scale.
    """

    speech: Intervals
    level_db: NDArray[np.float32]
    level_step_s: float
    noise_db: float
    speech_db: float
    clipped_share: float


@dataclass(frozen=True, slots=True)
class RoleEvidence:
    """Why one voice cluster was given its role: every figure the decision used, and the rule."""

    speaker: str
    role: SpeakerRole
    confidence: float
    features: tuple[tuple[str, float], ...]
    rule: str
