"""How far one piece of work is: a bar on a terminal, a line for each tenth elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from classwatch.cli.console import console, note, printable
from classwatch.core.progress import Progress, silent


@contextmanager
def shown(title: str, show: bool) -> Iterator[Progress]:
    """A bar with an estimate on a terminal, a line for each tenth elsewhere."""
    if not show:
        yield silent
    elif sys.stderr.isatty():
        with _bar(title) as progress:
            yield progress
    else:
        yield _Lines(title)


@contextmanager
def _bar(title: str) -> Iterator[Progress]:
    from rich.progress import (
        BarColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console(sys.stderr),
        transient=True,
        speed_estimate_period=120,
    )
    task = bars.add_task(printable(title)[:24], total=1.0)

    def move(share: float, /) -> None:
        bars.update(task, completed=min(max(share, 0.0), 1.0))

    with bars:
        yield move


class _Lines:
    """One line for each tenth of the work."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._told = 0
        self._began = time.monotonic()

    def __call__(self, share: float, /) -> None:
        tenth = int(share * 10 + 1e-9)
        if tenth <= self._told or tenth >= 10:
            return
        self._told = tenth
        left_s = (time.monotonic() - self._began) / share * (1 - share)
        left = f", about {left_s / 60:.0f} min left" if left_s >= 90 else ""
        note(f"{self._title}: {tenth * 10} %{left}")
