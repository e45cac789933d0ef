"""A measure's docstring is its glossary entry: the decorator that reads it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass

from classwatch.core.measures import Definition, Measure, Unit
from classwatch.metrics.basis import Basis

_FIELD = re.compile(r"^([a-z]+(?:-[a-z]+)?): *(.*)$")
_NEEDED = (
    "name-zh",
    "name-en",
    "unit",
    "formula",
    "source",
    "sampling-zh",
    "sampling-en",
    "gates",
    "zh",
    "en",
    "reading-zh",
    "reading-en",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A glossary entry: the definition, and what the documentation says beside it.

    ``gates`` are ids explained in ``configs/reasons.yaml``.
    """

    definition: Definition
    sampling_zh: str
    sampling_en: str
    gates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure: its glossary entry and the pure function that computes its cells."""

    entry: Entry
    function: Callable[[Basis], tuple[Measure, ...]]

    @property
    def id(self) -> str:
        """The definition id, without a sampling suffix."""
        return self.entry.definition.id

    def __call__(self, basis: Basis) -> tuple[Measure, ...]:
        return self.function(basis)


def measure(
    measure_id: str,
) -> Callable[[Callable[[Basis], tuple[Measure, ...]]], Measured]:
    """Decorator that turns a function with a glossary docstring into a ``Measured``.

    The docstring holds one ``key: text`` per line (indented lines continue the one before), with
    the keys ``name-zh``, ``name-en``, ``unit``, ``formula``, ``source``, ``sampling-zh``,
    ``sampling-en``, ``gates``, ``zh``, ``en``, ``reading-zh`` and ``reading-en``. The group is the
    part of the id before its first dot. Errors: ``ValueError`` at import when a key is missing.
    """

    def wrap(function: Callable[[Basis], tuple[Measure, ...]]) -> Measured:
        return Measured(parse_entry(measure_id, inspect.getdoc(function) or ""), function)

    return wrap


def parse_entry(measure_id: str, docstring: str) -> Entry:
    """The glossary entry written in a docstring; format and errors as in ``measure``."""
    fields: dict[str, str] = {}
    key = ""
    for line in docstring.splitlines():
        found = _FIELD.match(line)
        if found:
            key = found.group(1)
            fields[key] = found.group(2).strip()
        elif key and line.strip():
            fields[key] = _continued(fields[key], line.strip())
    absent = [name for name in _NEEDED if not fields.get(name)]
    unknown = sorted(set(fields) - set(_NEEDED))
    if absent or unknown:
        raise ValueError(f"{measure_id}: docstring lacks {absent}, does not know {unknown}")
    definition = Definition(
        id=measure_id,
        group=measure_id.partition(".")[0],
        name_zh=fields["name-zh"],
        name_en=fields["name-en"],
        unit=Unit(fields["unit"]),
        formula=fields["formula"],
        source=fields["source"],
        text_zh=fields["zh"],
        text_en=fields["en"],
        reading_zh=fields["reading-zh"],
        reading_en=fields["reading-en"],
    )
    gates = () if fields["gates"] == "none" else tuple(fields["gates"].split())
    return Entry(definition, fields["sampling-zh"], fields["sampling-en"], gates)


def _continued(text: str, line: str) -> str:
    # Chinese lines are joined without a space.
    wide = text[-1:] > "\u2e7f" or line[:1] > "\u2e7f"
    return f"{text}{'' if wide else ' '}{line}"
