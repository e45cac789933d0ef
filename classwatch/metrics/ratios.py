"""Measures that are a ratio of tallies of one coding scheme, written as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Definition, Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.metrics.basis import Basis, codes_gates, codes_why, failed
from classwatch.metrics.cells import Sheet, with_interval
from classwatch.metrics.definition import Entry, Measured
from classwatch.metrics.scheme import Scheme
from classwatch.metrics.sequence import STEP_S, Coded, CodeSequence, Tally, moments_of
from classwatch.metrics.timeline import as_values

Numbers = NDArray[np.int64]
Counts = Callable[[Tally], tuple[Numbers, Numbers]]
"""Numerator and denominator of a tally, with its leading axes."""

MIN_CODES = 20
"""Own rule: a minute of codes; with fewer a share moves by over 0.05 a code."""
SAMPLING_ZH = "编号中 @3s-change：每 3 秒一码，3 秒内每次变化各记一码；@3s-coded：人工编码原样"
SAMPLING_EN = (
    "@3s-change: a code every 3 s, and each change within 3 s; @3s-coded: as a person wrote them"
)
GATES = ("voiced", "snr", "roles", "voices", "coded", "windows")


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of a protocol: its glossary entry, and the counts it is made of.

    ``marks`` are the labels whose moments are the evidence.
    """

    id: str
    name_zh: str
    name_en: str
    formula: str
    zh: str
    en: str
    reading_zh: str
    reading_en: str
    counts: Counts
    marks: tuple[str, ...] = ()
    unit: Unit = Unit.SHARE
    source: str = ""


def coded(basis: Basis, scheme: Scheme) -> Coded | None:
    """The lesson's codes in ``scheme``; None without any."""
    return next((c for c in basis.coded if c.sequence.scheme == scheme), None)


def coded_sheet(
    basis: Basis, scheme: Scheme, measure_id: str, unit: Unit
) -> tuple[Sheet, Coded | Why]:
    """Sheet of a measure on ``scheme``, and the codes or why there is no number."""
    found = coded(basis, scheme)
    if found is None:
        # The id by the machine's rule, so that lessons with and without codes share a column.
        name = f"{measure_id}@{STEP_S:g}s-change"
        sheet = Sheet(name, unit, f"{measure_id}/1", "no codes")
        return sheet, codes_why(basis) or Why(Reason.NO_CODES)
    sequence = found.sequence
    gates, given = _gates(basis, sequence)
    sheet = Sheet(
        f"{measure_id}@{sequence.sampling}",
        unit,
        f"{measure_id}/1",
        f"codes by the {sequence.interval_s:g} s rule ({sequence.rule})",
        gates,
        sequence.decided,
    )
    return sheet, given or failed(gates) or found


def _gates(basis: Basis, sequence: CodeSequence) -> tuple[tuple[Gate, ...], Why | None]:
    count = int((sequence.codes > 0).sum())
    least = Gate(
        "windows", float(count), float(MIN_CODES), count >= MIN_CODES, f"at least {MIN_CODES} codes"
    )
    if sequence.rule == "coded":
        return (least,), None
    return (*codes_gates(basis), least), codes_why(basis)


def ratio_measures(scheme: Scheme, source: str, table: tuple[Ratio, ...]) -> tuple[Measured, ...]:
    """One measure for each line of a protocol's table; ids begin with the scheme's."""
    return tuple(_measured(scheme, source, line) for line in table)


def _measured(scheme: Scheme, source: str, line: Ratio) -> Measured:
    def compute(basis: Basis) -> tuple[Measure, ...]:
        sheet, found = coded_sheet(basis, scheme, f"{scheme.id}.{line.id}", line.unit)
        if isinstance(found, Why):
            return (sheet.absent(found),)
        above, below = line.counts(found.whole)
        moments = as_values(moments_of(found.sequence, *line.marks)) if line.marks else ()
        cell = sheet.ratio(float(above), float(below), evidence=moments)
        tops, bottoms = line.counts(found.minutes)
        return (with_interval(cell, tops.astype(np.float64), bottoms.astype(np.float64)),)

    return Measured(_entry(scheme, source, line), compute)


def share_measure(scheme: Scheme, source: str, line: Ratio) -> Measured:
    """The share of every label of a scheme, one part each; they add up to 1.

    The counts of ``line`` are ``each_label``.
    """

    def compute(basis: Basis) -> tuple[Measure, ...]:
        sheet, found = coded_sheet(basis, scheme, f"{scheme.id}.{line.id}", line.unit)
        if isinstance(found, Why):
            return sheet.all_absent(found, scheme.labels)
        above, below = line.counts(found.whole)
        tops, bottoms = (counts.astype(np.float64) for counts in line.counts(found.minutes))
        cells = []
        for at, label in enumerate(scheme.labels):
            evidence = as_values(moments_of(found.sequence, label), 50)
            cell = sheet.ratio(int(above[at]), int(below), part=label, evidence=evidence)
            cells.append(with_interval(cell, tops[:, at], bottoms))
        return tuple(cells)

    return Measured(_entry(scheme, source, line), compute)


def _entry(scheme: Scheme, source: str, line: Ratio) -> Entry:
    definition = Definition(
        id=f"{scheme.id}.{line.id}",
        group=scheme.id,
        name_zh=line.name_zh,
        name_en=line.name_en,
        unit=line.unit,
        formula=line.formula,
        source=line.source or source,
        text_zh=line.zh,
        text_en=line.en,
        reading_zh=line.reading_zh,
        reading_en=line.reading_en,
    )
    return Entry(definition, SAMPLING_ZH, SAMPLING_EN, GATES)


def each_label(tallied: Tally) -> tuple[Numbers, Numbers]:
    """Tallies of each code as written (..., L), and of all."""
    return tallied.labels[..., 1:], tallied.labels.sum(axis=-1)


def sum_of(tallied: Tally, *codes: int) -> Numbers:
    """Tallies of several categories together."""
    found: Numbers = tallied.codes[..., list(codes)].sum(axis=-1)
    return found


def all_of(tallied: Tally) -> Numbers:
    """N, all tallies."""
    found: Numbers = tallied.codes.sum(axis=-1)
    return found


def pairs_of(tallied: Tally, rows: tuple[int, ...], columns: tuple[int, ...]) -> Numbers:
    """Cells of the matrix in ``rows`` and ``columns`` together."""
    block = tallied.pairs[..., list(rows), :][..., list(columns)]
    found: Numbers = block.sum(axis=(-2, -1))
    return found


def all_pairs(tallied: Tally) -> Numbers:
    """All cells of the matrix together: N - 1 of the series with its border."""
    found: Numbers = tallied.pairs.sum(axis=(-2, -1))
    return found


def steady(tallied: Tally, *codes: int) -> Numbers:
    """Cells on the diagonal of the matrix for ``codes``."""
    diagonal = np.diagonal(tallied.pairs, axis1=-2, axis2=-1)
    found: Numbers = diagonal[..., list(codes)].sum(axis=-1)
    return found
