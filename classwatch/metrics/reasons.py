"""The sentences behind reasons and gates, in both languages of the report."""

from __future__ import annotations

from typing import Literal

from classwatch.config.data import read_table
from classwatch.core.errors import InputError

Language = Literal["zh", "en"]
_FILE = "reasons.yaml"


def load_reasons(language: Language) -> dict[str, str]:
    """Templates by reason code, for ``core.reasons.reason_text``."""
    return _column("reasons", language)


def load_gates(language: Language) -> dict[str, str]:
    """What each gate asks for, by gate id."""
    return _column("gates", language)


def _column(section: str, language: Language) -> dict[str, str]:
    rows = read_table(_FILE).get(section)
    if not isinstance(rows, dict):
        raise InputError(f"has no section {section}", subject=_FILE)
    try:
        return {str(code): str(texts[language]) for code, texts in rows.items()}
    except (KeyError, TypeError) as error:
        raise InputError(
            f"section {section} needs {language} for every entry", subject=_FILE
        ) from error
