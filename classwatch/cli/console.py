"""Writing to terminals of every kind: UTF-8, GBK or ASCII, wide or piped."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from classwatch.core.errors import ClasswatchError

if TYPE_CHECKING:
    from rich.console import Console


def prepare_streams() -> None:
    """Let no character crash a print: what the terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def printable(text: str) -> str:
    """``text`` without characters that could steer a terminal (file names may hold them)."""
    return "".join(
        f"\\x{ord(c):02x}" if unicodedata.category(c) == "Cc" and c != "\n" else c for c in text
    )


def complain(problem: ClasswatchError | str, *, remedy: str = "") -> None:
    """Print ``error: subject: what`` and ``remedy: ...`` on stderr."""
    if isinstance(problem, ClasswatchError):
        remedy = remedy or problem.remedy
        subject = f"{problem.subject}: " if problem.subject else ""
        text = f"{subject}{problem.message}"
    else:
        text = problem
    print(printable(f"error: {text}"), file=sys.stderr)
    if remedy:
        print(printable(f"remedy: {remedy}"), file=sys.stderr)


def note(text: str) -> None:
    """Print a remark on stderr, so that stdout keeps the results alone."""
    print(printable(text), file=sys.stderr)


def say(text: str = "") -> None:
    """Print a result on stdout."""
    print(printable(text))


def print_json(document: object) -> None:
    """Print one JSON document on stdout; plain ASCII where the stream is not UTF-8."""
    import json

    utf8 = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf8")
    print(json.dumps(document, ensure_ascii=not utf8, indent=2, allow_nan=False))


def console(stream: IO[str] | None = None) -> Console:
    """A rich console that takes every text as it is (no markup, no emoji codes)."""
    from rich.console import Console

    return Console(file=stream or sys.stdout, markup=False, emoji=False, highlight=False)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: str = "") -> None:
    """Print a table without lines; columns whose header is in ``right`` (spaced) align right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        header_style="bold",
        show_header=any(headers),
    )
    for header in headers:
        justify = "right" if header in right.split() else "left"
        table.add_column(Text(header), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console().print(table)


def size_text(size_bytes: int | None) -> str:
    """``75.5 MB``, "?" when not known."""
    if size_bytes is None:
        return "?"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1e3:.0f} kB"
    return f"{size_bytes / 1e9:.2f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.1f} MB"
