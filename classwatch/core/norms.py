"""Published reference values as values; a comparison, never a target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NormStatus(StrEnum):
    """How well the number is known."""

    PRIMARY = "primary"
    """Read in the publication that measured it."""
    SECONDARY = "secondary"
    """Read where somebody quotes the publication."""
    RECALLED = "recalled"
    """Not checked; hidden unless the user asks for it."""


@dataclass(frozen=True, slots=True)
class Norm:
    """One published value of ``measure`` (a definition id; "" where classwatch has none yet).

    ``value`` is one number, or ``low`` and ``high`` bound a range (either may be open);
    ``part`` is the cell of the measure. ``sampling`` is the rule the source measured with: a norm
    says nothing about a number that was sampled otherwise. ``n`` and ``year`` are None where the
    source does not say.
    """

    id: str
    measure: str
    part: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    source: str
    year: int | None
    country: str
    stage: str
    n: str
    sampling: str
    status: NormStatus
    note_zh: str
    note_en: str
