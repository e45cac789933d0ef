"""One stream of coded acts from which every observation protocol is read.

The codes are finer than any single protocol, so that FIAS, iFIAS, ITIAS, S-T, COPUS, Bloom levels
and talk moves are all projections of one stream (``metrics.crosswalk``). Times are float seconds
on the lesson clock, half-open.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from classwatch.core.speech import Origin, SpeakerRole
from classwatch.core.time import Interval


class ActCode(StrEnum):
    """What happens. Names say who acts; what no code fits is ``UNKNOWN``, never a guess."""

    ACCEPTS_FEELING = "t_accepts_feeling"
    PRAISES = "t_praises"
    REPEATS = "t_repeats"
    """The teacher says a student's answer again, unchanged."""
    USES_IDEA = "t_uses_idea"
    """The teacher builds on what a student said (uptake, revoicing)."""
    CORRECTS = "t_corrects"
    """The teacher says that an answer is wrong, or puts it right, without blame."""
    CRITICISES = "t_criticises"
    ASKS = "t_asks"
    """A question of the teacher; ``purpose``, ``openness``, ``bloom`` and ``sihe`` say which."""
    LECTURES = "t_lectures"
    DIRECTS = "t_directs"
    """Tells students to do something that belongs to learning."""
    MANAGES = "t_manages"
    """Order, material, procedure, greeting: nothing about the subject."""
    WRITES = "t_writes"
    """The teacher writes or shows something without talking."""
    RESPONDS = "s_responds"
    """One student answers after being asked or called."""
    VOLUNTEERS = "s_volunteers"
    """One student answers of their own accord (a raised hand, or without a call)."""
    STUDENT_ASKS = "s_asks"
    INITIATES = "s_initiates"
    """One student speaks unasked, and it is no question and no answer."""
    CHORAL = "s_choral"
    """Several students answer or read together."""
    PEER_TALK = "s_peer_talk"
    """Pairs or groups talk."""
    THINKING = "q_thinking"
    """Silence after a question."""
    PRACTICE = "q_practice"
    """Silence in which students write, read or calculate."""
    CONFUSION = "q_confusion"
    """Noise or disorder that serves nothing."""
    SILENCE = "q_silence"
    """Silence of no known kind."""
    TEACHER_TECH = "d_teacher"
    """The teacher works a device or a screen without talking."""
    STUDENT_TECH = "d_student"
    """Students work a device."""
    MEDIA = "d_media"
    """A film or a recording plays to the class."""
    UNKNOWN = "unknown"


TEACHER_ACTS = frozenset(code for code in ActCode if code.startswith("t_"))
STUDENT_ACTS = frozenset(code for code in ActCode if code.startswith("s_"))
QUIET_ACTS = frozenset(code for code in ActCode if code.startswith("q_"))
"""Nobody addresses the class: the kinds of silence, and confusion."""
TECH_ACTS = frozenset(code for code in ActCode if code.startswith("d_"))
FEEDBACK_ACTS = frozenset(
    {
        ActCode.ACCEPTS_FEELING,
        ActCode.PRAISES,
        ActCode.REPEATS,
        ActCode.USES_IDEA,
        ActCode.CORRECTS,
        ActCode.CRITICISES,
    }
)
"""What a teacher may do with an answer."""
ANSWER_ACTS = frozenset({ActCode.RESPONDS, ActCode.VOLUNTEERS, ActCode.CHORAL})


def role_of_act(act: ActCode) -> SpeakerRole | None:
    """Who acts, as far as the code alone says it; None where nobody does."""
    if act is ActCode.CHORAL:
        return SpeakerRole.CHORAL
    if act is ActCode.PEER_TALK:
        return SpeakerRole.STUDENTS
    if act in STUDENT_ACTS:
        return SpeakerRole.STUDENT
    if act in TEACHER_ACTS:
        return SpeakerRole.TEACHER
    return SpeakerRole.UNKNOWN if act is ActCode.UNKNOWN else None


class QuestionPurpose(StrEnum):
    """What a question of the teacher is for."""

    MANAGEMENT = "management"
    RECALL = "recall"
    UNDERSTANDING = "understanding"
    PROBING = "probing"
    """Follows up what a student just said (追问)."""
    RHETORICAL = "rhetorical"
    """Asks for no answer."""


class Openness(StrEnum):
    """Whether a question has one right answer."""

    OPEN = "open"
    CLOSED = "closed"


class Bloom(StrEnum):
    """Levels of the revised taxonomy (Anderson and Krathwohl 2001), lowest first."""

    REMEMBER = "remember"
    UNDERSTAND = "understand"
    APPLY = "apply"
    ANALYSE = "analyse"
    EVALUATE = "evaluate"
    CREATE = "create"


HIGH_BLOOM = frozenset({Bloom.ANALYSE, Bloom.EVALUATE, Bloom.CREATE})


class Sihe(StrEnum):
    """四何, after 4MAT (McCarthy): what is asked for."""

    WHAT = "what"
    """是何"""
    WHY = "why"
    """为何"""
    HOW = "how"
    """如何"""
    WHAT_IF = "what_if"
    """若何"""


class Instruction(StrEnum):
    """What kind of instruction a teacher's sentence is: the classes of DialogID (TAL 2021)."""

    COMMENDING = "commending"
    GUIDANCE = "guidance"
    SUMMARIZATION = "summarization"
    GREETING = "greeting"
    NOTE_TAKING = "note_taking"
    REPEATING = "repeating"
    """Asks students to say something again or to retell it."""
    REVIEWING = "reviewing"
    EXAMPLE_GIVING = "example_giving"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class CodedAct:
    """One act ``[start_s, end_s)``, ``end_s >= start_s``.

    ``role`` is who talks, None where nobody does. ``purpose``, ``openness``, ``bloom`` and
    ``sihe`` describe questions and are None for other acts or where they could not be told;
    ``instruction`` describes a teacher's sentence in Chinese.
    ``text`` is the evidence, quoted from the transcript ("" without words), ``quote`` the words of
    it that decided where whoever coded names them; ``rule`` names the rule or model that decided.
    ``confidence`` is in [0, 1].
    """

    start_s: float
    end_s: float
    act: ActCode
    role: SpeakerRole | None
    confidence: float = 1.0
    origin: Origin = Origin.PREDICTED
    purpose: QuestionPurpose | None = None
    openness: Openness | None = None
    bloom: Bloom | None = None
    sihe: Sihe | None = None
    instruction: Instruction | None = None
    text: str = ""
    rule: str = ""
    quote: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start_s) and math.isfinite(self.end_s)):
            raise ValueError(f"{self.act}: times must be finite")
        if self.end_s < self.start_s:
            raise ValueError(f"{self.act}: ends before it starts")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"{self.act}: confidence {self.confidence} is outside [0, 1]")

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class CodeStream:
    """The acts of a lesson within ``span``, sorted by start, then end.

    What no act covers was not coded (as ``UNKNOWN``). Acts may overlap only where
    ``overlapping`` says so; then the later start wins where one code at a time is needed.
    """

    span: Interval
    acts: tuple[CodedAct, ...]
    overlapping: bool = False

    def __post_init__(self) -> None:
        before = None
        for act in self.acts:
            if act.start_s < self.span.start_s or act.end_s > self.span.end_s:
                raise ValueError(f"{act.act} at {act.start_s} lies outside the span")
            if before is not None:
                if (act.start_s, act.end_s) < (before.start_s, before.end_s):
                    raise ValueError(f"{act.act} at {act.start_s} is out of order")
                if not self.overlapping and act.start_s < before.end_s:
                    raise ValueError(f"{act.act} at {act.start_s} overlaps the act before it")
            before = act

    def of(self, *acts: ActCode) -> tuple[CodedAct, ...]:
        """The acts with one of the given codes, in order."""
        return tuple(act for act in self.acts if act.act in acts)
