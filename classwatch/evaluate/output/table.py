"""The lines of the tables, as words: for the terminal, Markdown and the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from classwatch.evaluate.gates import GateResult, GateState
from classwatch.evaluate.results import Outcome, Row, SuiteScores

_WIDTHS = (29, 11, 15, 9, 7, 3)
"""Columns of the terminal's table: with the gaps between them 80 characters."""
HEADERS = ("figure", "value", "95 %", "baseline", "change", "n")
_SHARE_UNITS = ("share",)


def number(value: float | None, unit: str = "") -> str:
    """A value with as many digits as one reads; "–" for none."""
    if value is None:
        return "–"
    if unit in _SHARE_UNITS:
        return f"{100 * value:.1f} %"
    if value and abs(value) < 0.1:
        return f"{value:.3g}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def signed(value: float | None, unit: str = "") -> str:
    """A change with its sign; "" where there is nothing to compare."""
    if value is None:
        return ""
    if abs(value) < 5e-7:
        return "="
    if unit in _SHARE_UNITS:
        return f"{100 * value:+.1f}"
    return f"{value:+.3f}"


def table_rows(scores: SuiteScores, *, every: bool) -> list[tuple[str, ...]]:
    """One line a figure: name, value, interval, baseline, change, number of lessons.

    Without ``every`` only figures of all data are shown and not those of its parts.
    """
    return [_cells(row) for row in shown_rows(scores, every=every)]


def text_lines(scores: SuiteScores, *, every: bool) -> list[str]:
    """The table for a terminal of 80 columns: a heading for each score, its figures below.

    What stands after the ``@`` of all figures of a score stands in its heading.
    """
    lines = [_padded(HEADERS)]
    rows = shown_rows(scores, every=every)
    for score in dict.fromkeys(row.score for row in rows):
        own = [row for row in rows if row.score == score]
        tags = sorted({row.figure.metric.partition("@")[2] for row in own} - {""})
        common = f" @{tags[0]}" if len(tags) == 1 else ""
        lines += ["", f"{score}{common}"]
        for row in own:
            lines += _short_lines(row, score, drop_tag=bool(common))
    return lines


def _short_lines(row: Row, score: str, *, drop_tag: bool) -> list[str]:
    """A figure under the heading of its score; its reason on a line of its own."""
    metric, sign, tag = row.figure.metric.partition("@")
    stem = score.partition("#")[0]
    short = metric.removeprefix(stem).removeprefix(".") or "all"
    name = short if drop_tag or not tag else f"{short}{sign}{tag}"
    if row.figure.group:
        name = f"{name} [{row.figure.group}]"
    cells = list(_cells(row))
    cells[0] = f"  {name}"
    reason = row.figure.why if row.figure.value is None else ""
    if reason:
        cells[1] = "–"
    if len(cells[0]) > _WIDTHS[0]:
        lines = [cells[0][:80], _padded(["", *cells[1:]])]
    else:
        lines = [_padded(cells)]
    return [*lines, f"    {reason}"] if reason else lines


def _padded(cells: Sequence[str]) -> str:
    first, *others = cells
    parts = [first.ljust(_WIDTHS[0])]
    parts += [cell.rjust(width) for cell, width in zip(others, _WIDTHS[1:], strict=True)]
    return " ".join(parts).rstrip()


def shown_rows(scores: SuiteScores, *, every: bool) -> list[Row]:
    """The figures to show; the parts too where nothing else speaks of the score."""
    whole = {row.score for row in scores.rows if not row.figure.group}
    return [row for row in scores.rows if every or not row.figure.group or row.score not in whole]


def figure_name(row: Row) -> str:
    """Metric and group, for people."""
    return f"{row.figure.metric} [{row.figure.group}]" if row.figure.group else row.figure.metric


def interval_text(row: Row) -> str:
    """The interval, or "" without one."""
    if row.low is None or row.high is None:
        return ""
    unit = row.figure.unit
    return f"{number(row.low, unit)} – {number(row.high, unit)}".replace(" %", "")


def _cells(row: Row) -> tuple[str, ...]:
    figure = row.figure
    value = number(figure.value, figure.unit)
    if figure.value is not None and figure.unit not in ("share", "kappa", "ratio", "count", ""):
        value = f"{value} {figure.unit}"
    return (
        figure_name(row),
        value if figure.value is not None else f"– {figure.why}".rstrip(),
        interval_text(row),
        number(row.baseline, figure.unit) if row.baseline is not None else "",
        signed(row.change, figure.unit),
        str(row.lessons),
    )


def lesson_rows(scores: SuiteScores) -> list[tuple[str, str, str]]:
    """What was not scored, and why: lessons skipped or failed, then scores of scored lessons."""
    rows = [
        (lesson.lesson_id, lesson.outcome.value, lesson.reason)
        for outcome in (Outcome.FAILED, Outcome.SKIPPED)
        for lesson in scores.of(outcome)
    ]
    return rows + [
        (", ".join(lessons), f"no {score}", reason)
        for (score, reason), lessons in _missing(scores).items()
    ]


def _missing(scores: SuiteScores) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for lesson in scores.lessons:
        for score, reason in lesson.not_scored.items():
            found.setdefault((score, reason), []).append(lesson.lesson_id)
    return found


def gate_rows(results: Iterable[GateResult]) -> list[tuple[str, str, str]]:
    """One line a gate."""
    return [(r.gate.name, r.state.value, r.message) for r in results]


def summary_line(scores: SuiteScores, results: Sequence[GateResult]) -> str:
    """Numbers of lessons and gates by outcome."""
    lessons = ", ".join(f"{len(scores.of(outcome))} {outcome.value}" for outcome in Outcome)
    if not results:
        return f"{scores.suite}: lessons {lessons}; no gates"
    states = [r.state for r in results]
    gates = ", ".join(f"{states.count(state)} {state.value}" for state in GateState)
    return f"{scores.suite}: lessons {lessons}; gates {gates}"
