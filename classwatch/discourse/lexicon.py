"""Patterns for acts and questions, read from the lexicons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from classwatch.config.data import read_table
from classwatch.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns by name, in the order of the file; ``confidence`` is the file's own judgement."""

    language: str
    confidence: float
    patterns: Mapping[str, re.Pattern[str]]

    def first(self, text: str) -> str | None:
        """Name of the first entry that matches ``text``."""
        return next((name for name, p in self.patterns.items() if p.search(text)), None)

    def has(self, name: str, text: str) -> bool:
        """Whether the entry ``name`` matches ``text``."""
        return self.patterns[name].search(text) is not None


@cache
def patterns(file: str, language: str) -> Patterns:
    """Patterns of ``configs/lexicons/<file>.yaml`` for ``zh`` or ``en`` (any other is English).

    Errors: ``InputError`` naming the file and the entry when a pattern is no regular expression.
    """
    language = "zh" if language == "zh" else "en"
    table = read_table("lexicons", f"{file}.yaml")[language]
    found: dict[str, re.Pattern[str]] = {}
    for name, entries in table["patterns"].items():
        try:
            found[str(name)] = re.compile("|".join(f"(?:{entry})" for entry in entries))
        except re.error as error:
            raise InputError(
                f"{language}.{name}: no regular expression: {error}", subject=f"{file}.yaml"
            ) from error
    return Patterns(language, float(table.get("confidence", 0.7)), found)
