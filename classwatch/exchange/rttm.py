"""RTTM (NIST Rich Transcription Time Marked) and UEM: who spoke when, and what was judged.

An RTTM line reads ``SPEAKER file 1 start duration <NA> <NA> label <NA> <NA>``; a UEM line reads
``file channel start end``. Formats: NIST RT-09 evaluation plan, appendix A; files as written by
pyannote, dscore and Kaldi differ in the number of trailing fields, so nine or more are read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from classwatch.config.yamlfile import read_text
from classwatch.core.errors import InputError
from classwatch.core.labels import role_of_label
from classwatch.core.speech import Origin, SpeakerRole, Turn
from classwatch.core.time import Interval, Intervals, intervals, normalise

_MAX_BYTES = 64_000_000
_LABEL = 7
_FIELDS = 8


def read_rttm(
    path: Path, *, roles: Mapping[str, SpeakerRole] | None = None
) -> dict[str, tuple[Turn, ...]]:
    """Turns of every file named in an RTTM file, sorted by start; file names in order of the file.

    A label becomes the turn's ``speaker``; its role comes from ``roles``, else from the wording of
    the label (``T``, ``老师``, ``S3``), else it is unknown. ``Origin`` is ANNOTATED. Lines of other
    types than SPEAKER and comments (``;``) are passed over; segments of no length are dropped.
    Raises InputError naming the file and the line.
    """
    found: dict[str, list[Turn]] = {}
    for number, fields in _lines(path):
        if fields[0] != "SPEAKER":
            continue
        if len(fields) < _FIELDS:
            raise _bad(path, number, f"expected at least {_FIELDS} fields, found {len(fields)}")
        start_s = _seconds(path, number, fields[3])
        length_s = _seconds(path, number, fields[4])
        label = fields[_LABEL]
        role = (roles or {}).get(label) or role_of_label(label)
        own = found.setdefault(fields[1], [])
        if length_s > 0:
            end_s = round(start_s + length_s, 6)
            own.append(Turn(start_s, end_s, role, label, 1.0, Origin.ANNOTATED))
    return {name: tuple(sorted(own, key=_order)) for name, own in found.items()}


def rttm_text(turns: Iterable[Turn], name: str) -> str:
    """RTTM lines for the file ``name``, in order of time, to the millisecond.

    The label is the turn's speaker, or its role where the speaker is not separable.
    """
    label = _word(name)
    return "".join(
        f"SPEAKER {label} 1 {turn.start_s:.3f} {turn.end_s - turn.start_s:.3f} <NA> <NA> "
        f"{_word(turn.speaker or turn.role.value)} <NA> <NA>\n"
        for turn in sorted(turns, key=_order)
    )


def read_uem(path: Path) -> dict[str, Intervals]:
    """What is judged of every file: normalised intervals (n, 2) in seconds.

    Raises InputError naming the file and the line.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for number, fields in _lines(path):
        if len(fields) != 4:
            raise _bad(path, number, f"expected 4 fields, found {len(fields)}")
        start_s = _seconds(path, number, fields[2])
        end_s = _seconds(path, number, fields[3])
        if end_s < start_s:
            raise _bad(path, number, "ends before it starts")
        found.setdefault(fields[0], []).append((start_s, end_s))
    return {name: normalise(intervals(own)) for name, own in found.items()}


def uem_text(spans: Iterable[Interval], name: str) -> str:
    """UEM lines for the file ``name``."""
    label = _word(name)
    return "".join(f"{label} 1 {s.start_s:.3f} {s.end_s:.3f}\n" for s in spans)


def _lines(path: Path) -> Iterable[tuple[int, list[str]]]:
    for number, line in enumerate(read_text(path, _MAX_BYTES).splitlines(), start=1):
        fields = line.split()
        if fields and not fields[0].startswith((";", "#")):
            yield number, fields


def _seconds(path: Path, number: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise _bad(path, number, f"{text!r} is no time in seconds")
    return value


def _word(text: str) -> str:
    """One field: white space would split it."""
    return "_".join(text.split()) or "<NA>"


def _order(turn: Turn) -> tuple[float, float, str]:
    return (turn.start_s, turn.end_s, turn.speaker)


def _bad(path: Path, number: int, what: str) -> InputError:
    return InputError(
        f"line {number}: {what}",
        subject=str(path),
        remedy="RTTM: `SPEAKER file 1 start duration <NA> <NA> label <NA> <NA>`; "
        "UEM: `file channel start end`",
    )
