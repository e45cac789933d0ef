"""A number that can be traced, or its absence with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from classwatch.core.time import Interval


class Unit(StrEnum):
    """Units a measure can have."""

    SHARE = "share"
    SECONDS = "s"
    COUNT = "count"
    PER_MINUTE = "1/min"
    RATIO = "ratio"
    CATEGORY = "category"
    """``value`` is None and ``category`` holds the answer."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The glossary entry of a measure, in both languages.

    ``id`` is the measure id without its ``@sampling`` suffix; ``formula`` is plain text such as
    ``Ch = (g - 1) / N``; ``source`` names the publication; ``reading_*`` is one sentence on how to
    read the number and what it does not say.
    """

    id: str
    group: str
    name_zh: str
    name_en: str
    unit: Unit
    formula: str
    source: str
    text_zh: str
    text_en: str
    reading_zh: str
    reading_en: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A check that must pass before a number is given: ``value`` against ``limit``.

    ``passed`` is decided by whoever built the gate; ``rule`` says how, in words.
    """

    id: str
    value: float | None
    limit: float
    passed: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a number is absent: a stable code that the report translates, and its blanks."""

    code: str
    detail: Mapping[str, str | float | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """One result. Either ``value``/``category`` is given, or ``why`` says what was missing.

    ``id`` carries the sampling interval and window rule where they change the number
    (``st.ch@30s-point``). ``part`` splits one measure into cells (a zone, a code), "" otherwise.
    ``coverage`` is the share of the lesson over which the measure could be observed, in [0, 1].
    ``evidence`` holds the moments the number comes from (the most telling first, at most 200).
    """

    id: str
    unit: Unit
    formula: str
    sampling: str
    value: float | None = None
    category: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    coverage: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    part: str = ""
    stream: str = ""
    why: Why | None = None
    gates: tuple[Gate, ...] = ()
    evidence: tuple[Interval, ...] = ()

    def __post_init__(self) -> None:
        absent = self.value is None and self.category is None
        if absent != (self.why is not None):
            raise ValueError(f"{self.id}: a measure has either a value or a reason, never both")
        if self.coverage is not None and not 0.0 <= self.coverage <= 1.0:
            raise ValueError(f"{self.id}: coverage {self.coverage} is outside [0, 1]")
