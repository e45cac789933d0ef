"""What a back end says of one utterance, in the place of the embedded classifier."""

from __future__ import annotations

from dataclasses import dataclass

from classwatch.core.codes import ActCode, Bloom, Openness, QuestionPurpose, Sihe


@dataclass(frozen=True, slots=True)
class Told:
    """The code of one utterance. ``quote`` are words of it; ``rule`` names who decided.

    ``purpose`` … ``sihe`` are None for everything but a teacher's question.
    """

    act: ActCode
    rule: str
    quote: str
    confidence: float
    purpose: QuestionPurpose | None = None
    openness: Openness | None = None
    bloom: Bloom | None = None
    sihe: Sihe | None = None
