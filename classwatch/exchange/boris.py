"""BORIS observations: projects (``.boris``) and the tables that BORIS exports.

State events are intervals; point events have no length. Modifiers are not handed on, but a state
ends only where its own modifiers do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classwatch.config.yamlfile import read_text
from classwatch.core.errors import DataError, InputError
from classwatch.exchange.encodings import MOST_BYTES
from classwatch.exchange.intervals import Labelled, checked, delimited
from classwatch.store.jsonio import parse_json

_REMEDY = "give a .boris project, or events exported from BORIS as tabular or aggregated TSV or CSV"


@dataclass(frozen=True, slots=True)
class Observation:
    """One coded recording. ``unpaired`` counts state events that begin and never end."""

    name: str
    events: tuple[Labelled, ...]
    unpaired: int = 0


def read_boris(path: Path, observation: str = "") -> tuple[Observation, ...]:
    """Every observation (or only the one called ``observation``), by name, events in time order.

    A state event without end is left out and counted. Raises InputError where the file is none of
    BORIS's, or has no observation of that name (the message lists those it has).
    """
    text = read_text(path, MOST_BYTES)
    found = _project(text, str(path)) if text.lstrip().startswith("{") else _table(text, str(path))
    if not observation:
        return found
    chosen = tuple(o for o in found if o.name == observation)
    if not chosen:
        raise InputError(
            f"has no observation {observation!r}",
            subject=str(path),
            remedy=f"observations here: {', '.join(o.name for o in found)}",
        )
    return chosen


# ---------------------------------------------------------------- projects


def _project(text: str, subject: str) -> tuple[Observation, ...]:
    try:
        document: Any = parse_json(text, subject=subject)
        observations = document["observations"]
        states = {
            behaviour["code"]
            for behaviour in document["behaviors_conf"].values()
            if behaviour["type"].startswith("State")
        }
        coded = {
            str(name): [(float(e[0]), str(e[1]), str(e[2]), str(e[3])) for e in values["events"]]
            for name, values in observations.items()
        }
    except DataError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise InputError("is no BORIS project", subject=subject, remedy=_REMEDY) from None
    return tuple(
        _paired(name, _marks(events, states), f"{subject}, {name}")
        for name, events in sorted(coded.items())
    )


@dataclass(frozen=True, slots=True)
class _Mark:
    """One key press: a point, or the start or end (whichever is due) of a state."""

    time_s: float
    label: str
    who: str
    state: bool
    modifiers: str = ""


def _marks(events: Sequence[tuple[float, str, str, str]], states: set[str]) -> list[_Mark]:
    return sorted(
        (_Mark(time_s, code, who, code in states, mods) for time_s, who, code, mods in events),
        key=lambda m: m.time_s,
    )


def _paired(name: str, marks: Sequence[_Mark], place: str) -> Observation:
    open_since: dict[tuple[str, str, str], float] = {}
    events: list[Labelled] = []
    for mark in marks:
        key = (mark.who, mark.label, mark.modifiers)
        if not mark.state:
            events.append(checked(Labelled(mark.time_s, mark.time_s, mark.label, mark.who), place))
        elif key in open_since:
            start_s = open_since.pop(key)
            events.append(checked(Labelled(start_s, mark.time_s, mark.label, mark.who), place))
        else:
            open_since[key] = mark.time_s
    return Observation(name, tuple(sorted(events)), len(open_since))


# ---------------------------------------------------------------- exported tables


def _table(text: str, subject: str) -> tuple[Observation, ...]:
    rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    for number, row in enumerate(rows):
        header = [cell.strip() for cell in row]
        if "Behavior" not in header:
            continue
        body = [dict(zip(header, cells, strict=False)) for cells in rows[number + 1 :] if cells]
        if "Start (s)" in header and "Stop (s)" in header:
            return tuple(_aggregated(body, subject))
        if "Time" in header and "Status" in header:
            return (_tabular(_title(rows[:number]), body, subject),)
    raise InputError("is no export of BORIS", subject=subject, remedy=_REMEDY)


def _delimiter(text: str) -> str:
    line = next((line for line in text.splitlines() if "Behavior" in line), "")
    return delimited(line)


def _title(head: Sequence[Sequence[str]]) -> str:
    for row in head:
        if len(row) > 1 and row[0].strip() == "Observation id":
            return row[1].strip()
    return ""


def _aggregated(body: Sequence[Mapping[str, str]], subject: str) -> Iterator[Observation]:
    groups: dict[str, list[Labelled]] = {}
    for row in body:
        start_s, stop_s = _number(row, "Start (s)", subject), _number(row, "Stop (s)", subject)
        event = Labelled(start_s, stop_s, row["Behavior"].strip(), _who(row))
        groups.setdefault(row.get("Observation id", "").strip(), []).append(checked(event, subject))
    for name, events in sorted(groups.items()):
        yield Observation(name, tuple(sorted(events)))


def _tabular(name: str, body: Sequence[Mapping[str, str]], subject: str) -> Observation:
    marks = [
        _Mark(
            _number(row, "Time", subject),
            row["Behavior"].strip(),
            _who(row),
            row.get("Status", "").strip().upper() in ("START", "STOP"),
            "|".join(v.strip() for k, v in row.items() if k.startswith("Modifier")),
        )
        for row in body
        if row.get("Behavior", "").strip()
    ]
    return _paired(name, sorted(marks, key=lambda m: m.time_s), subject)


def _who(row: Mapping[str, str]) -> str:
    who = row.get("Subject", "").strip()
    return "" if who == "No focal subject" else who


def _number(row: Mapping[str, str], column: str, subject: str) -> float:
    try:
        return float(row.get(column, ""))
    except ValueError:
        raise InputError(
            f"{column} is {row.get(column, '')!r}, expected seconds",
            subject=subject,
            remedy="export with times in seconds",
        ) from None
