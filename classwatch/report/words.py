"""All visible words of the report, per language, and how numbers are written in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classwatch.core.errors import UsageError
from classwatch.core.measures import Unit

LOCALES = Path(__file__).resolve().parent / "locale"
_BLANK = re.compile(r"\{(\w+)(?::([^{}]*))?\}")


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The sentences of one language by dotted key (``strips.hands``).

    ``sentences`` holds translations of whole English sentences that other parts write.
    """

    language: str
    entries: Mapping[str, str]
    sentences: Mapping[str, str]

    def __call__(self, key: str, /, **values: str | float) -> str:
        """The sentence ``key`` with its ``{blanks}`` filled. Raises KeyError on an unknown key."""
        return fill(self.entries[key], values)

    def find(self, key: str) -> str | None:
        """The sentence ``key``, or None for a code that this language does not know."""
        return self.entries.get(key)

    def foreign(self, english: str) -> str:
        """A sentence that another part wrote in English, in this language where it is known."""
        return self.sentences.get(english, english)

    def name(self, family: str, code: str) -> str:
        """What ``code`` of ``family`` is called; the code itself where no word is known."""
        return self.entries.get(f"{family}.{code}", code)


@cache
def words(language: str) -> Words:
    """The words of ``language`` (``zh-CN`` or ``en``). Raises UsageError on another one."""
    import yaml

    path = LOCALES / f"{language}.yaml"
    known = sorted(p.stem for p in LOCALES.glob("*.yaml"))
    if language not in known:
        raise UsageError(
            f"no report language {language!r}", remedy=f"choose one of {', '.join(known)}"
        )
    entries = dict(_flat(yaml.safe_load(path.read_text(encoding="utf-8"))))
    more = LOCALES / "issues" / path.name
    if not more.is_file():
        return Words(language, entries, {})
    document = yaml.safe_load(more.read_text(encoding="utf-8"))
    entries.update(_flat(document["issue"], "issue."))
    return Words(language, entries, {row["en"]: row["is"] for row in document["sentence"]})


def _flat(tree: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", str(value)))
    return rows


def fill(template: str, values: Mapping[str, str | float | int]) -> str:
    """``template`` with ``{name}`` and ``{name:spec}`` replaced; unknown blanks stay visible.

    Unlike ``str.format`` it never raises on a stray brace and reaches no attributes.
    """

    def value(match: re.Match[str]) -> str:
        name, spec = match.group(1), match.group(2) or ""
        if name not in values:
            return match.group(0)
        found = values[name]
        if isinstance(found, str):
            return found
        try:
            return format(found, spec) if spec else plain(found)
        except ValueError:
            return plain(found)

    return _BLANK.sub(value, template)


def blanks(template: str) -> set[str]:
    """Names of the blanks in a template."""
    return {match.group(1) for match in _BLANK.finditer(template)}


def plain(value: float) -> str:
    """A bare number: three significant figures or more, no idle zeros (``2,412``, ``0.5``)."""
    if value == round(value):
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:,.1f}".removesuffix(".0")
    return f"{value:.3g}"


def share(value: float) -> str:
    """A share as per cent with one decimal: 1/3 -> ``33.3 %``."""
    return f"{100 * value:.1f} %"


_RULES = (
    ("point", r"(\d+(?:\.\d+)?)s-point"),
    ("gap", r"gap(\d+(?:\.\d+)?)s"),
    ("exact", r"exact()"),
    ("voiced", r"voiced()"),
    ("turn", r"turn()"),
    ("step", r"step(\d+(?:\.\d+)?)"),
    ("change", r"(\d+(?:\.\d+)?)s-change"),
    ("coded", r"(\d+(?:\.\d+)?)s-coded"),
    ("any", r"(\d+(?:\.\d+)?)s-any"),
    ("both", r"both(\d+(?:\.\d+)?)s"),
    ("limits", r"(\d+(?:\.\d+)?)s-limits"),
    ("rules", r"(\d+(?:\.\d+)?)s-rules"),
    ("least", r"^(\d+(?:\.\d+)?)s$"),
)


def rule(suffix: str, say: Words) -> str:
    """The sampling suffix of a measure id in words: ``30s-point``, ``exact-gap2s``.

    A suffix that is not understood whole is shown as it is.
    """
    rest = suffix
    found: list[tuple[int, str]] = []
    for name, pattern in _RULES:
        match = re.search(pattern, rest)
        if match:
            found.append((suffix.index(match.group(0)), say(f"rule.{name}", n=match.group(1))))
            rest = rest.replace(match.group(0), "", 1)
    return say("list.join").join(t for _, t in sorted(found)) if not rest.strip("-") else suffix


def seconds(value: float, say: Words) -> str:
    """A duration for people: ``8.4 s``, ``12 min 05 s``, ``1 h 02 min``."""
    tenth = round(value, 1)
    if abs(tenth) < 60:
        return say("unit.s", n=f"{tenth:.0f}" if tenth == round(tenth) else f"{tenth:.1f}")
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return say("unit.min_s", m=str(minutes), s=f"{rest:02d}")
    return say("unit.h_min", h=str(minutes // 60), m=f"{minutes % 60:02d}")


def quantity(value: float, unit: Unit, say: Words) -> str:
    """A measured value with its unit."""
    match unit:
        case Unit.SHARE:
            return share(value)
        case Unit.SECONDS:
            return seconds(value, say)
        case Unit.PER_MINUTE:
            return say("unit.per_min", n=plain(value))
        case Unit.RATIO:
            return f"{value:.2f}"
        case _:
            return plain(value)


def span(low: float, high: float, unit: Unit, say: Words) -> str:
    """An interval of two values, the unit said once where it can be."""
    if unit is Unit.SHARE:
        return f"{100 * low:.1f}–{100 * high:.1f} %"
    return f"{quantity(low, unit, say)} – {quantity(high, unit, say)}"
