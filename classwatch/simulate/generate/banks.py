"""The data that lessons are generated from: sentences, profiles, turn-taking."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classwatch.config.yamlfile import read_yaml
from classwatch.core.errors import InputError
from classwatch.core.resources import resource_dir
from classwatch.simulate.script import ActKind, Language, NoiseKind, PhaseKind

Share = Annotated[float, Field(ge=0, le=1)]
Band = tuple[Share, Share]
Range = tuple[float, float]
Sentences = Annotated[tuple[str, ...], Field(min_length=1)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Pause(_Data):
    """Log-normal pause; with ``overlap_share`` an overlap instead, uniform in ``overlap_s``."""

    median_s: Annotated[float, Field(gt=0)]
    sigma: Annotated[float, Field(ge=0)]
    least_s: Annotated[float, Field(ge=0)]
    most_s: Annotated[float, Field(gt=0)]
    overlap_share: Share = 0.0
    overlap_s: Range = (0.0, 0.0)


class TurnTaking(_Data):
    """The pauses by what comes before and after; see ``configs/simulate/turn_taking.yaml``."""

    version: Literal[1]
    pauses: dict[str, Pause]


class ProfilePhase(_Data):
    """A part of a profile; ``do`` weighs the activities that fill it."""

    kind: PhaseKind
    share: Share
    do: dict[str, Annotated[float, Field(gt=0)]] = {}


class Bands(_Data):
    """Where a generated lesson's shares lie: of all talk, ``silence`` of the lesson."""

    teacher: Band
    student: Band
    choral: Band
    silence: Band


class Profile(_Data):
    """A kind of lesson."""

    doc: str
    layouts: Annotated[tuple[Literal["rows", "pairs", "groups"], ...], Field(min_length=1)]
    hands_share: Share
    """Share of the class that raises a hand after a question, on average."""
    phases: Annotated[tuple[ProfilePhase, ...], Field(min_length=1)]
    bands: Bands


class Idle(_Data):
    """An act in passing; ``per_minute`` for a class of thirty."""

    kind: ActKind
    per_minute: Annotated[float, Field(ge=0)]
    seconds: Range
    during: tuple[PhaseKind, ...]


class Profiles(_Data):
    """All profiles, and what happens in passing in any of them."""

    version: Literal[1]
    profiles: dict[str, Profile]
    idle: tuple[Idle, ...]
    noises: dict[NoiseKind, float]


class Line(_Data):
    """A sentence that needs saying in another language, or that looks like a question."""

    say: str
    language: Language | None = None
    question: Literal["none"] | None = None


class Ask(_Data):
    """A question and answers that fit it."""

    say: str
    kind: Literal["open", "closed"]
    answers: Sentences
    language: Language | None = None
    answer_language: Language | None = None


class Choral(_Data):
    """What the class answers together; ``question: none`` where it only repeats."""

    say: str
    answer: str
    language: Language | None = None
    answer_language: Language | None = None
    question: Literal["closed", "none"] = "closed"


class Topic(_Data):
    """The sentences about one thing."""

    title: str
    explain: Annotated[tuple[str | Line, ...], Field(min_length=1)]
    rhetorical: Sentences
    choral: Annotated[tuple[Choral, ...], Field(min_length=1)]
    ask: Annotated[tuple[Ask, ...], Field(min_length=1)]
    task: str
    discuss: str
    playback: str
    playback_language: Language | None = None


class Subject(_Data):
    """A school subject."""

    name: str
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)]


class Bank(_Data):
    """All sentences in one language of instruction."""

    version: Literal[1]
    common: dict[str, Sentences]
    subjects: dict[str, Subject]


@cache
def load_bank(language: Language) -> Bank:
    """The sentences; InputError naming the file where it is not as it should be."""
    return _load(Bank, "sentences", f"{language}.yaml")


@cache
def load_profiles() -> Profiles:
    """The profiles; errors as in ``load_bank``."""
    return _load(Profiles, "profiles.yaml")


@cache
def load_turn_taking() -> TurnTaking:
    """The pauses; errors as in ``load_bank``."""
    return _load(TurnTaking, "turn_taking.yaml")


DataT = TypeVar("DataT", bound=_Data)


def _load(kind: type[DataT], *parts: str) -> DataT:
    path = resource_dir("configs").joinpath("simulate", *parts)
    try:
        return kind.model_validate(read_yaml(path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise InputError(f"{place}: {first['msg']}", subject=str(path)) from None
