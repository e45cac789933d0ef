"""One self-contained HTML file: no request to anywhere, all text escaped, same input same bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from classwatch.report import figures, quality, strips, text
from classwatch.report.model import MIN_GROUP, Language, ReportInput
from classwatch.report.timeline import Finder, ticks, ticks_in_minutes
from classwatch.report.triangle import triangle
from classwatch.report.words import Words, seconds, words

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).resolve().parent / "templates"
HEADER_FIELDS = (
    "school",
    "class",
    "subject",
    "grade",
    "stage",
    "topic",
    "teacher",
    "date",
    "lesson_type",
)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def render(report: ReportInput, language: Language) -> str:
    """The report as one HTML document in ``language``, ready to be written as UTF-8.

    Everything in ``report`` is taken as untrusted text. Raises UsageError on an unknown language.
    """
    say = words(language)
    html = _environment().get_template("report.html.j2").render(_context(report, say))
    return _printable(html)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _context(report: ReportInput, say: Words) -> dict[str, object]:
    """What the templates see: values that are already words, and ready-made drawings."""
    segments = report.transcript.segments if report.transcript else ()
    finder = Finder.of(segments)
    shown = figures.figures(report, finder, say)
    drawn = strips.strips(report, say)
    rows = text.lines(report, say)
    script = _asset("script.js")
    return {
        "say": say,
        "language": say.language,
        "lesson_id": report.lesson_id,
        "style": _asset("style.css"),
        "script": script,
        "script_hash": _csp_hash(script),
        "min_group": str(MIN_GROUP),
        "header": _header(report, say),
        "other_metadata": _other_metadata(report.metadata, say),
        "sheets": quality.sheets(report, say),
        "findings": quality.findings(report.issues, say),
        "checks": quality.checks(report, say),
        "voices": quality.voices(report.role_evidence, say),
        "key_figures": figures.key_figures(report, shown),
        "strips": drawn,
        "missing_strips": strips.missing(report, drawn, say),
        "ticks": ticks(report.span),
        "in_minutes": ticks_in_minutes(report.span),
        "span": report.span,
        "triangle": triangle(report, say),
        "prompts": text.prompts(report, finder, say),
        "groups": figures.groups(report, shown, say),
        "absences": figures.absences(shown),
        "lines": rows,
        "line_roles": text.roles_present(rows),
        "text_language": report.transcript.language if report.transcript else "",
        "events": text.events(report, finder, say),
        "media": _media(report, say),
        "provenance": tuple((say.name("provenance", k), v) for k, v in report.provenance),
        "data": _script_data(report, drawn, say),
    }


def _header(report: ReportInput, say: Words) -> tuple[tuple[str, str], ...]:
    rows = [
        (say(f"meta.{name}"), report.metadata[name])
        for name in HEADER_FIELDS
        if report.metadata.get(name, "").strip()
    ]
    rows.append((say("meta.length"), seconds(report.span.duration_s, say)))
    return tuple(rows)


def _other_metadata(metadata: Mapping[str, str], say: Words) -> tuple[tuple[str, str], ...]:
    return tuple(
        (say.name("meta", name), value)
        for name, value in sorted(metadata.items())
        if name not in HEADER_FIELDS and value.strip()
    )


def _media(report: ReportInput, say: Words) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (
            item.name,
            say(f"stream.{item.role.value}"),
            seconds(item.info.duration_s, say) if item.info else "–",
            item.digest,
        )
        for item in report.media
    )


def _script_data(report: ReportInput, drawn: tuple[strips.Strip, ...], say: Words) -> str:
    """The read-out's figures as JSON that is safe inside a ``<script>`` element."""
    probes = [
        {"name": _printable(p.name), "runs": p.runs, "edges": p.edges_s, "values": p.values}
        for strip in drawn
        for p in strip.probes
    ]
    document = {
        "start": report.span.start_s,
        "end": report.span.end_s,
        "probes": probes,
        "words": {
            "hits": say("transcript.hits"),
            "noHits": say("transcript.no_hits"),
            "nothing": say("strips.nothing"),
        },
    }
    compact = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return compact.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").strip()


def _csp_hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
