"""Codings to BORIS: a project that BORIS opens, or a table of events as BORIS exports it.

Made after the files of BORIS 7 and 8 (Friard and Gamba 2016, Methods Ecol. Evol. 7). A tier is a
subject, the text of an annotation a behaviour; an annotation of no length is a point event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from classwatch.exchange.eaf import Tier
from classwatch.exchange.tiers import Coding, Written, to_ms, without_overlaps
from classwatch.store.sheets import csv_of_rows

_NO_TEXT = "(no text)"
_POINT = " (point)"
_DATE = "1970-01-01T00:00:00"


@dataclass(frozen=True, slots=True)
class _Press:
    """One key press; ``status`` as in BORIS's tables. Ends come before starts of one moment."""

    time_ms: int
    order: int
    subject: str
    code: str
    status: str


def write_boris_project(coding: Coding, observation: str) -> Written:
    """A ``.boris`` project with one observation; times in seconds to the millisecond."""
    presses, losses = _presses(coding)
    codes: dict[str, str] = {}
    for press in presses:
        codes.setdefault(press.code, "Point event" if press.status == "POINT" else "State event")
    subjects = [t.name for t in without_overlaps(coding.tiers, by_text=True)[0] if t.name]
    end_s = to_ms(coding.end_s) / 1000
    document: dict[str, Any] = {
        "time_format": "hh:mm:ss",
        "project_date": _DATE,
        "project_name": observation,
        "project_description": "",
        "project_format_version": "7.0",
        "subjects_conf": {
            str(n): {"key": "", "name": name, "description": ""} for n, name in enumerate(subjects)
        },
        "behaviors_conf": {
            str(n): _behaviour(code, kind, _meanings(coding))
            for n, (code, kind) in enumerate(sorted(codes.items()))
        },
        "observations": {
            observation: {
                "file": {str(n): [coding.media[n - 1]] if n <= len(coding.media) else []
                         for n in range(1, 9)},
                "type": "MEDIA" if coding.media else "LIVE",
                "date": _DATE,
                "description": "",
                "time offset": 0.0,
                "events": [[p.time_ms / 1000, p.subject, p.code, "", ""] for p in presses],
                "independent_variables": {},
                "media_info": {
                    "length": dict.fromkeys(coding.media, end_s),
                    "fps": dict.fromkeys(coding.media, 25.0),
                },
            }
        },
        "behavioral_categories": [],
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
    }  # fmt: skip
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return Written(text.encode("utf-8", "replace"), losses)


def write_boris_events(coding: Coding, observation: str) -> Written:
    """A table of events as BORIS exports it (tabular events, CSV)."""
    presses, losses = _presses(coding)
    media = coding.media[0] if coding.media else ""
    length = f"{to_ms(coding.end_s) / 1000:.3f}"
    rows: list[list[str]] = [
        ["Observation id", observation],
        [],
        ["Media file(s)"],
        ["Player #1", media],
        [],
        ["Time", "Media file path", "Total length", "FPS", "Subject", "Behavior",
         "Behavioral category", "Comment", "Status"],
    ]  # fmt: skip
    for press in presses:
        time = f"{press.time_ms / 1000:.3f}"
        row = [time, media, length, "", press.subject, press.code, "", "", press.status]
        rows.append(row)
    return Written(csv_of_rows(rows), losses)


def _behaviour(code: str, kind: str, meanings: Mapping[str, str]) -> dict[str, str]:
    return {
        "type": kind,
        "key": "",
        "code": code,
        "description": meanings.get(code, ""),
        "category": "",
        "modifiers": "",
        "excluded": "",
        "coding map": "",
    }


def _meanings(coding: Coding) -> dict[str, str]:
    return {text: meaning for v in coding.vocabularies for text, meaning in v.entries}


def _presses(coding: Coding) -> tuple[list[_Press], tuple[str, ...]]:
    tiers, losses = without_overlaps(coding.tiers, by_text=True)
    notes = list(losses)
    states = {_code(a.text) for t in tiers for a in t.annotations if a.end_s > a.start_s}
    found: list[_Press] = []
    renamed: set[str] = set()
    for tier in tiers:
        for item in tier.annotations:
            code = _code(item.text)
            start_ms, end_ms = to_ms(item.start_s), to_ms(item.end_s)
            if start_ms == end_ms:
                if code in states:
                    renamed.add(code)
                    code += _POINT
                found.append(_Press(start_ms, 1, tier.name, code, "POINT"))
            else:
                found.append(_Press(start_ms, 1, tier.name, code, "START"))
                found.append(_Press(end_ms, 0, tier.name, code, "STOP"))
    if renamed:
        notes.append(
            f"a behaviour of BORIS is a state or a point, never both: points of "
            f"{', '.join(sorted(renamed))} are called `…{_POINT}`"
        )
    notes += _text_losses(coding.tiers)
    found.sort(key=lambda p: (p.time_ms, p.order, p.subject, p.code))
    return found, tuple(notes)


def _text_losses(tiers: Sequence[Tier]) -> list[str]:
    texts = [a.text for t in tiers for a in t.annotations]
    blank = sum(not text.strip() for text in texts)
    return [f"{blank} annotations without text are called {_NO_TEXT}"] if blank else []


def _code(text: str) -> str:
    return " ".join(text.split()) or _NO_TEXT
