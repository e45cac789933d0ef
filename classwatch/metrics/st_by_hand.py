"""S-T analysis from codes that a person wrote at equal steps of time, whatever their protocol.

The codes are read as S-T by the crosswalk of the protocols (FIAS 1-7, ITIAS 1-8 and 16, and so on
are the teacher's). What nobody coded is neither S nor T and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError
from classwatch.core.measures import Gate, Measure, Unit
from classwatch.core.time import intervals
from classwatch.metrics.basis import failed
from classwatch.metrics.cells import Sheet
from classwatch.metrics.st import MIN_WINDOWS, MIN_WINDOWS_MODE, mode_of, rt_ch, run_lengths
from classwatch.metrics.timeline import as_values

_NUMBERS = {"fias": 10, "ifias": 14, "itias": 18}
_TEACHER: Mapping[str, frozenset[str]] = {
    "st": frozenset({"T"}),
    "fias": frozenset(map(str, range(1, 8))),
    "ifias": frozenset({*map(str, range(1, 8)), "4.1", "4.2", "13"}),
    "itias": frozenset({*map(str, range(1, 9)), "16", "18"}),
}
_OTHER: Mapping[str, frozenset[str]] = {"st": frozenset({"S"}), "ifias": frozenset({"9.1", "9.2"})}
SCHEMES = tuple(_TEACHER)
"""Protocols whose codes can be read as S-T."""
POINT_S = 30.0
"""The classical grid, on which the modes are defined."""


def known_codes(scheme: str) -> frozenset[str]:
    """Every code of a protocol, as it is written."""
    numbers = frozenset(str(n) for n in range(1, _NUMBERS.get(scheme, 0) + 1))
    return numbers | _TEACHER[scheme] | _OTHER.get(scheme, frozenset())


def teacher_codes(codes: Sequence[str], scheme: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each code (n,) is T, and whether there is a code at all ("" is none).

    Raises InputError naming a code that the protocol does not have.
    """
    strange = sorted({code for code in codes if code} - known_codes(scheme))
    if strange:
        raise InputError(
            f"{', '.join(strange[:5])}: no code of {scheme}",
            remedy=f"codes: {', '.join(sorted(known_codes(scheme), key=_order))}",
        )
    teacher = np.array([code in _TEACHER[scheme] for code in codes], dtype=np.bool_)
    return teacher, np.array([bool(code) for code in codes], dtype=np.bool_)


def _order(code: str) -> tuple[float, str]:
    return (float(code) if code.replace(".", "").isdigit() else 0.0, code)


def st_of_codes(codes: Sequence[str], scheme: str, step_s: float) -> tuple[Measure, ...]:
    """Rt, Ch and the median run on the codes' own grid ``@<step>s-coded``; and what a 30 s grid
    gives (``@30s-point``, the code at the centre of each window), with the mode.

    Definitions as in ``metrics.st``. Raises InputError for a code that the protocol does not have.
    """
    found = list(_figures(codes, scheme, step_s, "coded"))
    if step_s < POINT_S:
        count = int(len(codes) * step_s / POINT_S + 1e-9)
        at = ((np.arange(count) + 0.5) * POINT_S / step_s + 1e-9).astype(np.int64)
        sampled = [codes[i] for i in np.minimum(at, len(codes) - 1)]
        found += _figures(sampled, scheme, POINT_S, "point")
    return tuple(found)


def _figures(codes: Sequence[str], scheme: str, step_s: float, rule: str) -> list[Measure]:
    teacher, decided = teacher_codes(codes, scheme)
    series = teacher[decided]
    windows = intervals(pairwise(np.arange(len(codes) + 1) * step_s))[decided]
    grid = (len(codes), step_s, rule)
    rt = _sheet("st.rt", Unit.SHARE, series, grid, MIN_WINDOWS)
    why = failed(rt.gates)
    names = {"st.ch": Unit.RATIO, "st.run": Unit.SECONDS}
    others = {name: _sheet(name, unit, series, grid, MIN_WINDOWS) for name, unit in names.items()}
    mode = _sheet("st.mode", Unit.CATEGORY, series, grid, MIN_WINDOWS_MODE)
    with_mode = [mode] if 15 <= step_s <= POINT_S else []
    if why is not None:
        return [sheet.absent(why) for sheet in (rt, *others.values(), *with_mode)]
    changes = np.flatnonzero(series[1:] != series[:-1]) + 1
    found = [
        rt.ratio(int(series.sum()), len(series), evidence=as_values(windows[series])),
        others["st.ch"].ratio(len(changes), len(series), evidence=as_values(windows[changes])),
        others["st.run"].give(float(np.median(run_lengths(series))) * step_s),
    ]
    for sheet in with_mode:
        lacking = failed(sheet.gates)
        given = sheet.named(mode_of(*rt_ch(series)))
        found.append(given if lacking is None else sheet.absent(lacking))
    return found


def _sheet(
    name: str,
    unit: Unit,
    series: NDArray[np.bool_],
    grid: tuple[int, float, str],
    least: int,
) -> Sheet:
    count, step_s, rule = grid
    how = "each code" if rule == "coded" else f"the code at the centre of each {step_s:g}s window"
    enough = len(series) >= least
    gate = Gate("windows", float(len(series)), float(least), enough, f"at least {least} windows")
    return Sheet(
        id=f"{name}@{step_s:g}s-{rule}",
        unit=unit,
        formula=f"{name}/1",
        sampling=f"{how}, as a person wrote it; steps without a code left out",
        gates=(gate,),
        coverage=len(series) / count if count else None,
    )
