"""Sequences of codes at equal steps of time: ``13 6 6 4 9 ...``, as ITIAS and FIAS are noted down.

White space, commas and semicolons separate; ``-`` is a step without a code. What follows ``#`` on
a line is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.exchange.eaf import Annotation, Tier
from classwatch.exchange.encodings import decode, note_of, read_bytes
from classwatch.exchange.tiers import (
    LONGEST_S,
    Coding,
    Written,
    coding_of,
    to_ms,
    without_overlaps,
)

STEP_S = 3.0
TIER = "codes"
NO_CODE = "-"
_CODE = re.compile(r"[\w.+/]{1,16}")
_SPLIT = re.compile(r"[\s,;，；、]+")


def read_code_sequence(path: Path, step_s: float = STEP_S) -> Coding:
    """A tier ``codes``; equal codes that follow each other are one annotation.

    Raises InputError naming the file and the code that is none.
    """
    subject = str(path)
    text, encoding = decode(read_bytes(path), subject)
    codes: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        for word in filter(None, _SPLIT.split(line.partition("#")[0])):
            if word != NO_CODE and not _CODE.fullmatch(word):
                raise InputError(
                    f"line {number}: {word[:30]!r} is no code",
                    subject=subject,
                    remedy="codes such as 5 or 4.1, separated by spaces, - where there is none",
                )
            codes.append("" if word == NO_CODE else word)
    if not codes:
        raise InputError("holds no code", subject=subject, remedy="codes separated by spaces")
    if len(codes) * step_s > LONGEST_S:
        raise InputError(f"{len(codes):,} codes: too many for a lesson", subject=subject)
    tier = Tier(TIER, runs(codes, step_s))
    return coding_of([tier], subject, end_s=len(codes) * step_s, notes=note_of(encoding))


def runs(codes: Sequence[str], step_s: float, start_s: float = 0.0) -> tuple[Annotation, ...]:
    """Equal neighbours among codes of equal steps as one annotation; "" is no code."""
    found: list[Annotation] = []
    first = 0
    for at in range(1, len(codes) + 1):
        if at == len(codes) or codes[at] != codes[first]:
            if codes[first]:
                begin_s, end_s = start_s + first * step_s, start_s + at * step_s
                found.append(Annotation(begin_s, end_s, codes[first]))
            first = at
    return tuple(found)


def steps(annotations: Iterable[Annotation], end_s: float, step_s: float) -> list[str]:
    """The text at the middle of each step from 0 to ``end_s``, "" where there is none.

    Of two at one moment the one that began last counts. A rest of at least half a step is a step.
    """
    count = int(end_s / step_s + 0.5 + 1e-9)
    found = [""] * count
    for item in sorted(annotations, key=lambda a: (a.start_s, a.end_s)):
        # A middle exactly on a start belongs to it, exactly on an end does not.
        first = _from(item.start_s, step_s)
        last = min(count, _from(item.end_s, step_s))
        found[first:last] = [item.text] * max(0, last - first)
    return found


def _from(time_s: float, step_s: float) -> int:
    """Number of the first step whose middle is not before ``time_s``."""
    return max(0, -int(-(time_s / step_s - 0.5 - 1e-9) // 1))


def write_code_sequence(coding: Coding, step_s: float = STEP_S) -> Written:
    """The codes of the only tier, one for each step, separated by spaces.

    Raises InputError where the coding has several tiers, or a text that cannot be a code.
    """
    if len(coding.tiers) != 1:
        raise InputError(
            f"a code sequence holds one tier, and these are {len(coding.tiers)}",
            remedy=f"name one with --tier: {', '.join(coding.names) or 'there is none'}",
        )
    tier = coding.tiers[0]
    for item in tier.annotations:
        if not _CODE.fullmatch(item.text):
            raise InputError(
                f"{item.text[:30]!r} cannot be a code of a sequence",
                subject=f"tier {tier.name}",
                remedy="codes are words without spaces",
            )
    found = steps(tier.annotations, coding.end_s, step_s)
    losses = sampling_losses(tier, found, step_s, coding.end_s)
    blank = found.count("")
    if blank:
        losses.append(
            f"{blank} steps have no code: they are written as {NO_CODE}, "
            "which other programs may not know"
        )
    text = " ".join(code or NO_CODE for code in found) + "\n"
    return Written(text.encode("utf-8"), tuple(losses))


def sampling_losses(tier: Tier, found: Sequence[str], step_s: float, end_s: float) -> list[str]:
    """What reading a tier at the middle of each step changes."""
    losses: list[str] = []
    ((whole, *parts), _) = without_overlaps([tier])
    if parts:
        losses.append(f"annotations of {tier.name} overlap: the one that began last is taken")
    kept = {(to_ms(a.start_s), to_ms(min(a.end_s, end_s)), a.text) for a in runs(found, step_s)}
    before = {(to_ms(a.start_s), to_ms(a.end_s), a.text) for a in joined_runs(whole.annotations)}
    changed = len(before - kept)
    if changed:
        losses.append(
            f"{tier.name}: times are on a grid of {step_s:g} s; {changed} of {len(before)} "
            "stretches move or vanish"
        )
    return losses


def joined_runs(annotations: Sequence[Annotation]) -> list[Annotation]:
    """Annotations of equal text that touch, as one."""
    found: list[Annotation] = []
    for item in annotations:
        last = found[-1] if found else None
        if last and last.text == item.text and to_ms(last.end_s) == to_ms(item.start_s):
            found[-1] = Annotation(last.start_s, item.end_s, item.text)
        else:
            found.append(item)
    return found
