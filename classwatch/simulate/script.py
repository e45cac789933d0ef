"""The script of a simulated lesson: who sits where, who says and does what, and what records it.

Written by hand as YAML or by ``classwatch.simulate.generate``. A script holds no randomness of its
own: everything that is left open is drawn from ``seed``. Times are moments (see ``Moment``): a
number of seconds, or a place relative to an utterance, because how long a sentence takes is known
only once it has been spoken.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_ANCHOR = re.compile(
    r"(?P<utterance>[A-Za-z][\w-]{0,31})\.(?P<edge>start|end)(?P<shift>[+-]\d+(\.\d+)?)?"
)


def split_anchor(text: str) -> tuple[str, str, float]:
    """Utterance id, ``start`` or ``end``, and shift in seconds of ``u3.end+1.5``.

    Raises ValueError where the text is no anchor.
    """
    match = _ANCHOR.fullmatch(text.replace(" ", ""))
    if match is None:
        raise ValueError(f"{text!r} is neither seconds nor an anchor such as u3.end+1.5")
    return match["utterance"], match["edge"], float(match["shift"] or 0.0)


def _anchor(text: str) -> str:
    split_anchor(text)
    return text


Second = Annotated[float, Field(ge=0, le=6 * 3600, allow_inf_nan=False)]
Moment = Second | Annotated[str, AfterValidator(_anchor)]
"""Seconds on the lesson clock, or ``<utterance>.start``/``.end`` with an optional ``+1.5``."""
Id = Annotated[str, Field(pattern=r"^[A-Za-z][\w-]{0,31}$")]
Decibels = Annotated[float, Field(ge=-60, le=60, allow_inf_nan=False)]
Language = Literal["zh", "en"]
Point = tuple[float, float]
"""Place on the floor in metres: x to the left of someone who faces the class, 0 in the middle of
the room; z from the front wall towards the back."""


class Part(BaseModel):
    """Base of every part of a script: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Room(Part):
    """The classroom. Sizes left empty follow from the seats and the seed."""

    layout: Literal["rows", "pairs", "groups"] = "pairs"
    """Single desks, desks two by two, or tables of four."""
    rows: Annotated[int, Field(ge=1, le=12)] = 5
    columns: Annotated[int, Field(ge=1, le=12)] = 6
    """Seats in a row."""
    age: Literal["primary", "lower", "upper"] = "primary"
    """Size of furniture and students: primary, lower or upper secondary."""
    width_m: Annotated[float, Field(ge=3, le=30)] | None = None
    depth_m: Annotated[float, Field(ge=3, le=40)] | None = None
    height_m: Annotated[float, Field(ge=2.4, le=6)] | None = None
    light: Literal["day", "lamps", "mixed", "dim", "projector"] | None = None
    uniform: bool | None = None
    """Whether the students wear one uniform; empty leaves it to the seed."""


class Voice(Part):
    """How somebody sounds; what is empty follows from age, role and seed."""

    variant: str = ""
    """Voice of the engine, such as ``f3`` or ``m2``."""
    pitch: Annotated[int, Field(ge=0, le=99)] | None = None
    rate_wpm: Annotated[int, Field(ge=80, le=400)] | None = None
    tract: Annotated[float, Field(ge=0.6, le=1.2)] | None = None
    """Length of the vocal tract against an adult's: under 1 raises the formants (a child)."""
    level_db: Decibels = 0.0
    """Louder or softer than usual for this role."""
    recordings: str = ""
    """Folder of own recordings, ``<utterance id>.wav`` (and ``.txt``); empty: synthesised."""


class PersonKind(StrEnum):
    """What somebody in the script is."""

    TEACHER = "teacher"
    STUDENT = "student"
    ADULT = "adult"
    """A second adult: assistant, visitor."""


class Person(Part):
    """Somebody in the lesson. Every one is invented."""

    id: Id
    kind: PersonKind
    seat: Annotated[str, Field(pattern=r"^(r\d{1,2}c\d{1,2})?$")] = ""
    """``r2c3``: second row from the front, third seat from the left of somebody facing the front;
    empty for a teacher."""
    character: str = ""
    """Character of the figure folder; empty: drawn by the seed."""
    voice: Voice = Voice()


class PhaseKind(StrEnum):
    """What the class is doing as a whole."""

    LECTURE = "lecture"
    DIALOGUE = "dialogue"
    PRACTICE = "practice"
    GROUP = "group"
    PLAYBACK = "playback"


class Phase(Part):
    """A part of the lesson; phases follow each other without gap."""

    kind: PhaseKind
    start: Moment


class Utterance(Part):
    """Something said, by one person or by several in chorus.

    Without ``start`` it begins ``gap_s`` after the end of the one before; a negative gap overlaps.
    """

    id: Id
    speaker: Id | Annotated[tuple[Id, ...], Field(min_length=2)] | Literal["all_students"]
    text: Annotated[str, Field(min_length=1, max_length=2000)]
    language: Language | None = None
    """Empty: the language of the lesson."""
    start: Moment | None = None
    gap_s: Annotated[float, Field(ge=-30, le=3600)] = 0.5
    level_db: Decibels = 0.0
    labels: dict[Id, str] = {}
    """Truth about what is said, such as ``question: open`` or ``fias: "4"``."""


class ActKind(StrEnum):
    """What somebody does. Listening (students) and facing the class (teacher) are the default."""

    LISTEN = "listen"
    WRITE = "write"
    READ = "read"
    RAISE_HAND = "raise_hand"
    STAND = "stand"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    TURN_BACK = "turn_back"
    SLEEP = "sleep"
    DEVICE = "device"
    CHIN = "chin"
    FACE = "face"
    GESTURE = "gesture"
    BOARD = "board"
    POINT = "point"
    PODIUM = "podium"
    LEAN = "lean"
    SIT = "sit"
    OUT = "out"
    """Out of the room."""


STUDENT_ACTS = frozenset(list(ActKind)[:11])
TEACHER_ACTS = frozenset(list(ActKind)[11:]) | {ActKind.STAND}


class Act(Part):
    """Something done from ``start`` to ``end``; people get there and back on their own.

    Of two acts of one person at a time the later one in the script wins.
    """

    who: Id | tuple[Id, ...] | Literal["all_students"]
    kind: ActKind
    start: Moment
    end: Moment
    side: Literal["left", "right"] = "right"
    """Which arm, or to which side somebody turns."""
    place: Point | Annotated[str, Field(pattern=r"^beside:r\d{1,2}c\d{1,2}$")] | None = None
    """Where an adult does it: a point on the floor or beside a seat; empty: the usual place."""


class NoiseKind(StrEnum):
    """Short sounds of a classroom."""

    CHAIR = "chair"
    TAP = "tap"
    """Chalk or pen on the board."""
    CLICK = "click"
    DOOR = "door"
    PAPER = "paper"
    BELL = "bell"


class Noise(Part):
    """A short sound."""

    kind: NoiseKind
    start: Moment
    level_db: Decibels = 0.0


class Murmur(Part):
    """Many students talking low at once; no single one can be understood."""

    start: Moment
    end: Moment
    voices: Annotated[int, Field(ge=2, le=30)] = 10
    level_db: Decibels = -8.0


class Playback(Part):
    """A video or recording played in class, through a loudspeaker at the front."""

    start: Moment
    end: Moment
    text: str = ""
    """What the recording says; empty: music-like sound."""
    language: Language | None = None
    level_db: Decibels = 0.0


class Microphone(Part):
    """One microphone; ``place`` is x, z on the floor and ``height_m`` above it."""

    name: Id = "room"
    place: Point | None = None
    """Empty: at the front, above the board."""
    height_m: Annotated[float, Field(ge=0.2, le=6)] = 2.7
    worn_by: Id | None = None
    """Worn by somebody: close, whatever the place."""


class Sound(Part):
    """The room's acoustics and what is always heard."""

    rt60_s: Annotated[float, Field(ge=0.1, le=2)] = 0.6
    """Time in which an echo falls by 60 dB."""
    snr_db: Annotated[float, Field(ge=-5, le=60)] = 20.0
    """Level of speech above the steady noise, at the first microphone."""
    peak_dbfs: Annotated[float, Field(ge=-40, le=0)] = -3.0
    """Highest sample of the file."""
    responses: str = ""
    """Folder of measured room responses (WAV) to use instead of a made room; empty: made."""
    microphones: Annotated[tuple[Microphone, ...], Field(min_length=1)] = (Microphone(),)


class CameraKind(StrEnum):
    """Where a camera is and what it shows."""

    FRONT = "front"
    """At the front, towards the students."""
    REAR = "rear"
    """At the back, towards teacher and board."""
    SIDE = "side"
    TRACKING = "tracking"
    """At the back, close, following the teacher."""
    SCREEN = "screen"
    """The picture that the teacher shows, not a camera."""
    MIX = "mix"
    """A director's cut between the other cameras."""


class Cut(Part):
    """From ``start`` on a mix shows ``camera``."""

    start: Moment
    camera: Id


class Camera(Part):
    """One picture stream."""

    name: Id
    kind: CameraKind
    width_px: Annotated[int, Field(ge=160, le=3840)] = 1280
    height_px: Annotated[int, Field(ge=120, le=2160)] = 720
    fps: Annotated[float, Field(gt=0, le=60)] = 5.0
    crf: Annotated[int, Field(ge=10, le=45)] = 26
    """Quality of H.264: lower is better and larger."""
    hfov_deg: Annotated[float, Field(ge=20, le=130)] | None = None
    microphone: Id | None = None
    """Which microphone goes into this file; empty: the first."""
    cuts: tuple[Cut, ...] = ()
    """Only for a mix."""
    room: int = 0
    """0 for the lesson's room; 1 for the far end of a lesson held in two rooms."""


class Script(Part):
    """A whole lesson."""

    version: Literal[1] = 1
    lesson_id: Annotated[str, Field(pattern=r"^[\w][\w.-]{0,99}$")]
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    language: Language = "zh"
    profile: str = ""
    metadata: dict[str, str] = {}
    """Subject, grade, stage and the like, written into the lesson's manifest."""
    room: Room = Room()
    far_room: Room | None = None
    """The second room of a lesson held in two rooms (专递课堂); its people have ids ``far-…``."""
    people: Annotated[tuple[Person, ...], Field(min_length=1)]
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    utterances: tuple[Utterance, ...] = ()
    acts: tuple[Act, ...] = ()
    noises: tuple[Noise, ...] = ()
    murmurs: tuple[Murmur, ...] = ()
    playbacks: tuple[Playback, ...] = ()
    sound: Sound = Sound()
    cameras: tuple[Camera, ...] = ()
    end: Moment | None = None
    """Empty: two seconds after the last thing that happens."""
