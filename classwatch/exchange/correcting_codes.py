"""People's codes in the place of predicted ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from classwatch.core.code_rows import ACTS, ATTRIBUTES, describes, stream_with
from classwatch.core.codes import ActCode, CodedAct, CodeStream, role_of_act
from classwatch.core.speech import Origin
from classwatch.core.time import Interval
from classwatch.exchange.correcting import outside
from classwatch.exchange.corrections import Correction
from classwatch.exchange.eaf import Annotation
from classwatch.exchange.tiers import to_ms

BY_HAND = "person"
"""``CodedAct.rule`` of what a person coded."""


def corrected_acts(
    predicted: CodeStream | None, span: Interval, corrections: Sequence[Correction]
) -> CodeStream | None:
    """The acts with every tier ``codes/acts``, ``codes/purpose`` … in place, the latest winning.

    A tier of acts counts for all acts within the time of its file, a tier of an attribute for all
    acts there that it can describe; what is the same as predicted stays the prediction. Codes that
    do not exist are passed over. None where nobody coded anything.
    """
    acts = () if predicted is None else predicted.acts
    known = {(_times(act), act.act): act for act in acts}
    for one in corrections:
        for tier in one.codes:
            if tier.name == ACTS:
                kept = outside(acts, one.within)
                acts = (*kept, *_own(tier.codes, known, span))
            elif tier.name in ATTRIBUTES:
                kind = ATTRIBUTES[tier.name]
                within = one.within or span
                acts = tuple(_described(a, tier.name, kind, (tier.codes, within)) for a in acts)
    return stream_with(acts, span) if acts else None


def coded_series(
    corrections: Iterable[Correction], schemes: Collection[str]
) -> Mapping[str, tuple[Annotation, ...]]:
    """The series that people wrote in ``schemes`` (tiers ``codes/fias`` …), the latest winning."""
    found: dict[str, tuple[Annotation, ...]] = {}
    for one in corrections:
        for tier in one.codes:
            if tier.name in schemes:
                before = found.get(tier.name, ())
                found[tier.name] = (*outside(before, one.within), *tier.codes)
    return {name: tuple(sorted(codes, key=_order)) for name, codes in found.items()}


def _order(code: Annotation) -> tuple[float, float, str]:
    return (code.start_s, code.end_s, code.text)


def _times(act: CodedAct | Annotation) -> tuple[int, int]:
    return (to_ms(act.start_s), to_ms(act.end_s))


def _own(
    codes: Iterable[Annotation],
    known: Mapping[tuple[tuple[int, int], ActCode], CodedAct],
    span: Interval,
) -> Iterable[CodedAct]:
    texts = {times: act.text for (times, _), act in known.items()}
    for item in codes:
        if item.text not in set(ActCode) or item.start_s >= span.end_s:
            continue
        code = ActCode(item.text)
        if (_times(item), code) in known:
            yield known[_times(item), code]
            continue
        yield CodedAct(
            start_s=max(item.start_s, span.start_s),
            end_s=min(item.end_s, span.end_s),
            act=code,
            role=role_of_act(code),
            origin=Origin.ANNOTATED,
            text=texts.get(_times(item), ""),
            rule=BY_HAND,
        )


def _described(
    act: CodedAct,
    name: str,
    kind: type[StrEnum],
    said: tuple[Sequence[Annotation], Interval],
) -> CodedAct:
    """An act with what a person says of it: the code that covers half of it, or none."""
    codes, within = said
    if not describes(name, act) or not _mostly(act, within.start_s, within.end_s):
        return act
    own = [c.text for c in codes if _mostly(act, c.start_s, c.end_s) and c.text in set(kind)]
    value = kind(own[-1]) if own else None
    if getattr(act, name) == value:
        return act
    changed = {name: value, "origin": Origin.ANNOTATED, "confidence": 1.0, "rule": BY_HAND}
    return replace(act, **changed)  # type: ignore[arg-type]


def _mostly(act: CodedAct, start_s: float, end_s: float) -> bool:
    """Whether half of the act lies in ``[start_s, end_s)``."""
    both_s = min(act.end_s, end_s) - max(act.start_s, start_s)
    return both_s >= act.duration_s / 2 and both_s >= 0
