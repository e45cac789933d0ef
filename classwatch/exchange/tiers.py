"""A coding as every format holds it: tiers of labelled intervals, and what a format cannot hold.

Each format has a reader that gives a ``Coding`` and a writer that gives ``Written``. Times are
seconds on the clock of the recording, exact to the millisecond. What a writer or a reader had to
leave out or change is stated, never silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from classwatch.core.errors import InputError
from classwatch.exchange.eaf import Annotation, Tier, Vocabulary

LONGEST_S = 7 * 24 * 3600.0
"""Longer recordings are taken for damaged files."""
MOST_ANNOTATIONS = 1_000_000
_PART = re.compile(r"(.+)~([2-9]|[1-9]\d+)")


@dataclass(frozen=True, slots=True)
class Coding:
    """What is coded of one recording.

    ``end_s`` is the length of what was coded where the file tells it, else the end of the last
    annotation. ``notes`` say what reading left out or guessed.
    """

    tiers: tuple[Tier, ...]
    end_s: float = 0.0
    media: tuple[str, ...] = ()
    vocabularies: tuple[Vocabulary, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(tier.name for tier in self.tiers)


@dataclass(frozen=True, slots=True)
class Written:
    """The content of a file, and what it could not hold."""

    content: bytes
    losses: tuple[str, ...] = ()


def coding_of(
    tiers: Iterable[Tier],
    subject: str,
    *,
    end_s: float = 0.0,
    media: Sequence[str] = (),
    notes: Iterable[str] = (),
) -> Coding:
    """A coding from what a reader found: parts of tiers joined, order restored, times checked.

    Raises InputError naming ``subject`` for impossible times or more annotations than any lesson
    has.
    """
    found = _joined(tiers)
    count = sum(len(tier.annotations) for tier in found)
    if count > MOST_ANNOTATIONS:
        raise InputError(f"{count:,} annotations: too many for a lesson", subject=subject)
    last_s = 0.0
    for tier in found:
        for item in tier.annotations:
            # Written so that NaN fails.
            if not 0.0 <= item.start_s <= item.end_s <= LONGEST_S:
                raise InputError(
                    f"tier {tier.name!r} has impossible times: {item.start_s} s to {item.end_s} s",
                    subject=subject,
                    remedy="seconds from the start of the recording, the end not before the start",
                )
            last_s = max(last_s, item.end_s)
    return Coding(tuple(found), max(last_s, end_s), tuple(media), notes=tuple(notes))


def _joined(tiers: Iterable[Tier]) -> list[Tier]:
    """Tiers with the parts ``name~2`` put back, annotations in order of time."""
    found: dict[str, Tier] = {}
    for tier in tiers:
        part = _PART.fullmatch(tier.name)
        name = part.group(1) if part and part.group(1) in found else tier.name
        before = found.get(name)
        whole = (*before.annotations, *tier.annotations) if before else tier.annotations
        found[name] = replace(before or tier, name=name, annotations=in_order(whole))
    return list(found.values())


def in_order(annotations: Iterable[Annotation]) -> tuple[Annotation, ...]:
    """By start, then end, then text."""
    return tuple(sorted(annotations, key=lambda a: (a.start_s, a.end_s, a.text)))


def to_ms(seconds: float) -> int:
    """Whole milliseconds."""
    return round(seconds * 1000)


def rounded(annotation: Annotation) -> Annotation:
    """The annotation with times of whole milliseconds."""
    start_s, end_s = to_ms(annotation.start_s) / 1000, to_ms(annotation.end_s) / 1000
    return Annotation(start_s, end_s, annotation.text)


def overlap_notes(tier: Tier) -> tuple[str, ...]:
    """A remark where annotations of a tier overlap that should follow each other."""
    last_s, count = 0.0, 0
    for item in tier.annotations:
        count += to_ms(item.start_s) < to_ms(last_s)
        last_s = max(last_s, item.end_s)
    if not count:
        return ()
    what = "1 annotation overlaps" if count == 1 else f"{count} annotations overlap"
    return (
        f"{tier.name}: {what} the one before; where only one can count, it is the one that "
        "began last",
    )


def without_overlaps(
    tiers: Iterable[Tier], *, by_text: bool = False
) -> tuple[tuple[Tier, ...], tuple[str, ...]]:
    """Tiers whose annotations do not overlap, times in whole milliseconds; and what was done.

    What overlaps goes to further tiers ``name~2``, ``name~3``, which readers join again. With
    ``by_text`` only annotations of equal text count as overlapping.
    """
    found: list[Tier] = []
    losses: list[str] = []
    for tier in tiers:
        layers: list[list[Annotation]] = []
        free_ms: list[dict[str, tuple[int, int]]] = []
        for item in in_order(rounded(a) for a in tier.annotations):
            at = _first_free(item, free_ms, by_text=by_text)
            if at == len(layers):
                layers.append([])
                free_ms.append({})
            layers[at].append(item)
            free_ms[at][item.text if by_text else ""] = (to_ms(item.start_s), to_ms(item.end_s))
        for number, layer in enumerate(layers or [[]], start=1):
            name = tier.name if number == 1 else f"{tier.name}~{number}"
            found.append(replace(tier, name=name, annotations=tuple(layer)))
        if len(layers) > 1:
            losses.append(
                f"annotations of {tier.name} overlap: they are spread over {len(layers)} tiers"
            )
    return tuple(found), tuple(losses)


def _first_free(
    item: Annotation, taken_ms: Sequence[dict[str, tuple[int, int]]], *, by_text: bool
) -> int:
    start_ms = to_ms(item.start_s)
    for at, layer in enumerate(taken_ms):
        last = layer.get(item.text if by_text else "")
        # Two points at one moment, or a point at the start of an interval, are in each other's way.
        if last is None or (start_ms >= last[1] and start_ms > last[0]):
            return at
    return len(taken_ms)


def select(coding: Coding, names: Sequence[str], subject: str) -> Coding:
    """The coding with only the tiers called ``names``, in that order; all where none are named.

    Raises InputError listing the tiers where one is not there.
    """
    if not names:
        return coding
    by_name = {tier.name: tier for tier in coding.tiers}
    absent = [name for name in names if name not in by_name]
    if absent:
        raise InputError(
            f"has no tier {absent[0]!r}",
            subject=subject,
            remedy=f"tiers here: {', '.join(by_name) or 'none'}",
        )
    return replace(coding, tiers=tuple(by_name[name] for name in names))
