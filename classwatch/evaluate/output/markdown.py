"""The tables as Markdown, for pull requests and a CI server's summary page."""

from __future__ import annotations

from collections.abc import Sequence

from classwatch.evaluate.gates import GateResult
from classwatch.evaluate.output.table import (
    HEADERS,
    gate_rows,
    lesson_rows,
    summary_line,
    table_rows,
)
from classwatch.evaluate.results import SuiteScores

_RIGHT = {"value", "baseline", "change", "n"}
_ESCAPED = str.maketrans({"|": "\\|", "<": "&lt;", ">": "&gt;", "\n": " ", "\r": " ", "`": "'"})


def markdown_table(scores: SuiteScores, results: Sequence[GateResult], *, every: bool) -> str:
    """The whole evaluation as Markdown, without a line break at the end."""
    parts = [f"## {_cell(scores.suite)}", _cell(summary_line(scores, results))]
    parts.append(_table(HEADERS, table_rows(scores, every=every)))
    if results:
        parts.append(_table(("gate", "state", "figure and limit"), gate_rows(results)))
    if missing := lesson_rows(scores):
        parts.append(_table(("lesson", "state", "reason"), missing))
    models = ", ".join(f"{m.task} {m.name} `{m.sha256[:12]}`" for m in scores.models)
    versions = ", ".join(f"{name} {version}" for name, version in sorted(scores.versions.items()))
    parts.append(f"{versions}; models: {models or 'none'}")
    return "\n\n".join(parts)


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [_line(headers), _line(["---:" if h in _RIGHT else "---" for h in headers])]
    return "\n".join([*lines, *(_line([_cell(cell) for cell in row]) for row in rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text that cannot end its cell or be taken for HTML."""
    return text.translate(_ESCAPED)
