"""The code stream as rows: one code of one scheme for one moment, as it is published."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from classwatch.core.codes import (
    ActCode,
    Bloom,
    CodedAct,
    CodeStream,
    Instruction,
    Openness,
    QuestionPurpose,
    Sihe,
)
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.core.time import Interval

ACTS = "acts"
"""The scheme of the internal codes (``core.codes.ActCode``)."""
ATTRIBUTES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {
        "purpose": QuestionPurpose,
        "openness": Openness,
        "bloom": Bloom,
        "sihe": Sihe,
        "instruction": Instruction,
    }
)
"""Schemes that describe an act: name of the field of ``CodedAct`` to its codes."""
NO_ACT = -1
"""``act`` of a code that a person wrote in a series and that belongs to no single act."""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code over ``[start_s, end_s)``.

    ``act`` counts the acts of the lesson from 0: rows of one act belong together. ``scheme`` is
    ``acts``, one of ``ATTRIBUTES``, or a protocol. The other fields are those of ``CodedAct``.
    """

    act: int
    start_s: float
    end_s: float
    role: SpeakerRole | None
    scheme: str
    code: str
    confidence: float
    origin: Origin
    rule: str
    text: str
    quote: str


def describes(name: str, act: CodedAct) -> bool:
    """Whether the attribute ``name`` can be told of an act: a question, or the teacher's words."""
    if name == "instruction":
        return act.role is SpeakerRole.TEACHER and act.act is not ActCode.WRITES
    return act.act is ActCode.ASKS


def rows_of(number: int, act: CodedAct, labels: Mapping[str, str]) -> Iterator[CodeRow]:
    """Rows of one act: its own code, what describes it, and ``labels`` by protocol."""
    codes = {ACTS: act.act.value, **{name: getattr(act, name) for name in ATTRIBUTES}, **labels}
    for scheme, code in codes.items():
        if code:
            yield CodeRow(
                number,
                act.start_s,
                act.end_s,
                act.role,
                scheme,
                str(code),
                act.confidence,
                act.origin,
                act.rule,
                act.text,
                act.quote,
            )


def stream_of(rows: Iterable[CodeRow], span: Interval) -> CodeStream | None:
    """The acts behind rows, within ``span``; None where no row is an act.

    Raises ``ValueError`` for a code that does not exist.
    """
    codes: dict[int, dict[str, str]] = {}
    heads: dict[int, CodeRow] = {}
    for row in rows:
        if row.act == NO_ACT:
            continue
        codes.setdefault(row.act, {})[row.scheme] = row.code
        if row.scheme == ACTS:
            heads[row.act] = row
    if not heads:
        return None
    acts = tuple(_act(head, codes[number], span) for number, head in sorted(heads.items()))
    return stream_with(acts, span)


def stream_with(acts: Iterable[CodedAct], span: Interval) -> CodeStream:
    """A stream of acts in any order, which says itself whether they overlap."""
    ordered = tuple(sorted(acts, key=lambda a: (a.start_s, a.end_s)))
    overlapping = any(b.start_s < a.end_s for a, b in itertools.pairwise(ordered))
    return CodeStream(span, ordered, overlapping)


def _act(row: CodeRow, codes: Mapping[str, str], span: Interval) -> CodedAct:
    attributes = {name: kind(codes[name]) for name, kind in ATTRIBUTES.items() if name in codes}
    return CodedAct(
        # Times are stored to the microsecond, which may lie past the end by less than one.
        start_s=min(max(row.start_s, span.start_s), span.end_s),
        end_s=min(max(row.end_s, span.start_s), span.end_s),
        act=ActCode(row.code),
        role=row.role,
        confidence=row.confidence,
        origin=row.origin,
        text=row.text,
        rule=row.rule,
        quote=row.quote,
        **attributes,  # type: ignore[arg-type]
    )
