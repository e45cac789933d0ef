"""Findings about the quality of a recording or an analysis; never exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding limits what may be concluded."""

    INFO = "info"
    WARNING = "warning"
    ABSTAINED = "abstained"
    """Something was not measured because of this."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: ``code`` is stable and translated by the report, ``detail`` fills its blanks.

    ``message`` and ``remedy`` are English sentences for logs and JSON.
    """

    code: str
    severity: Severity
    stage: str
    message: str
    remedy: str = ""
    detail: Mapping[str, str | float | int] = field(default_factory=dict)
