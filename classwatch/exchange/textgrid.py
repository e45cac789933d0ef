"""Praat TextGrids, long and short, both ways.

Format: "TextGrid file formats" in the Praat manual (Boersma and Weenink). Praat itself reads only
free-standing numbers, texts in double quotes and flags in angle brackets, and passes over all
else; so long and short files are one format to read, as they are here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.exchange.eaf import Annotation, Tier
from classwatch.exchange.encodings import decode, note_of, read_bytes
from classwatch.exchange.tiers import Coding, Written, coding_of, to_ms, without_overlaps

_TOKEN = re.compile(
    r'"(?P<text>(?:[^"]|"")*)"|!(?P<comment>[^\n]*)|<(?P<flag>exists|absent)>|(?P<word>[^\s"]+)'
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_ROUNDING_S = 1e-3
"""Intervals of a tier follow each other; by less than this they overlap in files of aligners."""
_REMEDY = "open it in Praat and save it as text"


def read_textgrid(path: Path) -> Coding:
    """Every tier of a TextGrid; intervals without text are pauses and are left out.

    A point of a point tier has no length. Tiers of one name are told apart as ``name (2)``. Raises
    InputError naming the file and what is wrong.
    """
    subject = str(path)
    text, encoding = decode(read_bytes(path), subject)
    return textgrid_coding(text, subject, note_of(encoding))


def textgrid_coding(text: str, subject: str, notes: tuple[str, ...] = ()) -> Coding:
    """The tiers in the text of a TextGrid, as ``read_textgrid`` gives them."""
    tokens = _Tokens(text, subject)
    if not tokens.begin_with("ooTextFile", "TextGrid"):
        raise tokens.bad("is no TextGrid")
    tokens.take_number()
    end_s = tokens.take_number()
    count = int(tokens.take_number()) if tokens.take_flag() else 0
    tiers: list[Tier] = []
    for _ in range(count):
        tier = _tier(tokens)
        names = [t.name for t in tiers]
        name, number = tier.name, 1
        while name in names:
            number += 1
            name = f"{tier.name} ({number})"
        tiers.append(replace(tier, name=name))
    return coding_of(tiers, subject, end_s=max(0.0, end_s), notes=notes)


def _tier(tokens: _Tokens) -> Tier:
    kind = tokens.take_text()
    name = tokens.take_text().strip()
    if kind not in ("IntervalTier", "TextTier"):
        raise tokens.bad(f"a tier is of the unknown kind {kind!r}")
    tokens.take_number()
    tokens.take_number()
    found: list[Annotation] = []
    for _ in range(int(tokens.take_number())):
        start_s = tokens.take_number()
        end_s = tokens.take_number() if kind == "IntervalTier" else start_s
        label = tokens.take_text()
        if label.strip() or kind == "TextTier":
            # Praat writes -0 and times a rounding error below 0.
            start_s = 0.0 if -1e-6 < start_s <= 0 else start_s
            if found and kind == "IntervalTier" and start_s < found[-1].end_s - _ROUNDING_S:
                raise tokens.bad(
                    f"tier {name!r}: the interval at {start_s:g} s begins before the one at "
                    f"{found[-1].start_s:g} s ends"
                )
            found.append(Annotation(start_s, end_s, label))
    return Tier(name, tuple(found))


class _Tokens:
    """What Praat reads of a text file, one by one."""

    def __init__(self, text: str, subject: str) -> None:
        self._subject = subject
        self._all = self._found(text)

    def _found(self, text: str) -> Iterator[str | float | bool]:
        for match in _TOKEN.finditer(text):
            if match["text"] is not None:
                yield match["text"].replace('""', '"')
            elif match["flag"]:
                yield match["flag"] == "exists"
            elif match["word"] and _NUMBER.fullmatch(match["word"]):
                yield float(match["word"])

    def begin_with(self, *texts: str) -> bool:
        """Whether the next tokens are these."""
        return [next(self._all, None) for _ in texts] == list(texts)

    def take_text(self) -> str:
        """The next token, which must be a text."""
        token = next(self._all, None)
        if not isinstance(token, str):
            raise self.bad(f"a text was expected, found {_shown(token)}")
        return token

    def take_number(self) -> float:
        """The next token, which must be a finite number."""
        token = next(self._all, None)
        if isinstance(token, bool) or not isinstance(token, float) or not math.isfinite(token):
            raise self.bad(f"a number was expected, found {_shown(token)}")
        return token

    def take_flag(self) -> bool:
        """The next token, which must be ``<exists>`` or ``<absent>``."""
        token = next(self._all, None)
        if not isinstance(token, bool):
            raise self.bad(f"<exists> was expected, found {_shown(token)}")
        return token

    def bad(self, what: str) -> InputError:
        """What is wrong with this file."""
        return InputError(what, subject=self._subject, remedy=_REMEDY)


def _shown(token: str | float | bool | None) -> str:
    if token is None:
        return "the end of the file"
    return repr(token[:40]) if isinstance(token, str) else f"{token:g}"


# ---------------------------------------------------------------- writing


def write_textgrid(coding: Coding, *, short: bool = False) -> Written:
    """The coding as a TextGrid, UTF-8, long or short.

    Points and intervals of one tier become two tiers; overlapping intervals are spread over
    several. Lost: intervals without text (they are pauses in a TextGrid), participants, media.
    """
    tiers, losses = without_overlaps(_by_kind(coding.tiers))
    notes = list(losses)
    blank = sum(not a.text.strip() for t in tiers for a in t.annotations if not _is_point_tier(t))
    if blank:
        notes.append(f"{blank} annotations without text are not kept: they are pauses in Praat")
    if any(t.participant and t.participant != t.name for t in coding.tiers):
        notes.append("participants of tiers are not kept")
    if coding.media:
        notes.append("the names of the media are not kept")
    ends_s = [a.end_s for t in tiers for a in t.annotations]
    end_ms = max([to_ms(coding.end_s), 1, *map(to_ms, ends_s)])
    text = _short(tiers, end_ms) if short else _long(tiers, end_ms)
    return Written(text.encode("utf-8", "replace"), tuple(notes))


def _by_kind(tiers: Sequence[Tier]) -> Iterator[Tier]:
    for tier in tiers:
        points = tuple(a for a in tier.annotations if to_ms(a.start_s) == to_ms(a.end_s))
        spans = tuple(a for a in tier.annotations if to_ms(a.start_s) != to_ms(a.end_s))
        if points and spans:
            yield replace(tier, annotations=spans)
            yield replace(tier, name=f"{tier.name} points", annotations=points)
        else:
            yield tier


def _is_point_tier(tier: Tier) -> bool:
    return bool(tier.annotations) and all(a.start_s == a.end_s for a in tier.annotations)


def _rows(tier: Tier, end_ms: int) -> list[tuple[int, int, str]]:
    """Intervals that fill the tier from 0 to its end, in milliseconds."""
    rows: list[tuple[int, int, str]] = []
    at_ms = 0
    for item in tier.annotations:
        start_ms = to_ms(item.start_s)
        if start_ms > at_ms:
            rows.append((at_ms, start_ms, ""))
        at_ms = to_ms(item.end_s)
        rows.append((start_ms, at_ms, item.text))
    if at_ms < end_ms:
        rows.append((at_ms, end_ms, ""))
    return rows


def _time(ms: int) -> str:
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _short(tiers: Sequence[Tier], end_ms: int) -> str:
    exists = "<exists>" if tiers else "<absent>"
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", _time(end_ms)]
    lines += [exists, *([str(len(tiers))] if tiers else [])]
    for tier in tiers:
        points = _is_point_tier(tier)
        lines += ['"TextTier"' if points else '"IntervalTier"', _text(tier.name), "0"]
        lines.append(_time(end_ms))
        if points:
            lines.append(str(len(tier.annotations)))
            for item in tier.annotations:
                lines += [_time(to_ms(item.start_s)), _text(item.text)]
            continue
        rows = _rows(tier, end_ms)
        lines.append(str(len(rows)))
        for start, end, label in rows:
            lines += [_time(start), _time(end), _text(label)]
    return "\n".join(lines) + "\n"


def _long(tiers: Sequence[Tier], end_ms: int) -> str:
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 "]
    lines += [f"xmax = {_time(end_ms)} ", f"tiers? {'<exists>' if tiers else '<absent>'} "]
    lines += [f"size = {len(tiers)} ", "item []: "] if tiers else []
    for number, tier in enumerate(tiers, start=1):
        points = _is_point_tier(tier)
        lines += [f"    item [{number}]:"]
        lines += [f'        class = "{"TextTier" if points else "IntervalTier"}" ']
        lines += [f"        name = {_text(tier.name)} ", "        xmin = 0 "]
        lines += [f"        xmax = {_time(end_ms)} "]
        if points:
            lines.append(f"        points: size = {len(tier.annotations)} ")
            for at, item in enumerate(tier.annotations, start=1):
                lines += [f"        points [{at}]:"]
                lines += [f"            number = {_time(to_ms(item.start_s))} "]
                lines += [f"            mark = {_text(item.text)} "]
            continue
        rows = _rows(tier, end_ms)
        lines.append(f"        intervals: size = {len(rows)} ")
        for at, (start, end, label) in enumerate(rows, start=1):
            lines += [f"        intervals [{at}]:", f"            xmin = {_time(start)} "]
            lines += [f"            xmax = {_time(end)} ", f"            text = {_text(label)} "]
    return "\n".join(lines) + "\n"
