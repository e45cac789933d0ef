"""Codes in a row, as observers write them every three seconds, and the matrix of their pairs.

Ground rules of Flanders (1970): a code every 3 s; where several categories occur within 3 s each
change is written; otherwise the code is repeated; a pause counts as silence only when it lasts
over 3 s; the series begins and ends with the code for silence.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.codes import ActCode, CodedAct, CodeStream
from classwatch.core.errors import DataError
from classwatch.core.time import Interval, Intervals
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.crosswalk import UNDECIDED, code_of
from classwatch.metrics.scheme import SCHEMES, Scheme
from classwatch.metrics.timeline import TOUCH_S, blocks

STEP_S = 3.0
MIN_PIECE_S = 0.5
"""Own rule: an observer does not write what fills less than this of a window, unless nothing does
more."""
_PAUSES = frozenset({ActCode.THINKING, ActCode.PRACTICE, ActCode.SILENCE})

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CodeSequence:
    """Codes (n,) of one scheme in order; 0 is undecided and breaks the chain of pairs.

    ``starts_s`` (n,) is the start of the window in which each was written (several may share one);
    ``rule`` is how they came about: ``change`` (the ground rules applied to timed acts) or
    ``coded`` (written by a person). ``interval_s`` is the length of a window.
    """

    scheme: Scheme
    codes: Codes
    starts_s: NDArray[np.float64]
    interval_s: float = STEP_S
    rule: str = "change"

    def __post_init__(self) -> None:
        if self.codes.shape != self.starts_s.shape or self.codes.ndim != 1:
            raise ValueError(f"expected shape {self.codes.shape}, got {self.starts_s.shape}")
        if len(self.codes) and not 0 <= self.codes.min() <= self.codes.max() <= len(
            self.scheme.labels
        ):
            raise ValueError(f"a code outside 0 to {len(self.scheme.labels)}")

    @property
    def main(self) -> Codes:
        """The categories (n,) that the codes count in; 0 stays 0."""
        table = np.array([0, *self.scheme.main], dtype=np.int64)
        found: Codes = table[self.codes]
        return found

    @property
    def decided(self) -> float | None:
        """Share of the codes that are decided; None without any."""
        return float((self.codes > 0).mean()) if len(self.codes) else None

    @property
    def sampling(self) -> str:
        """The suffix of a measure id: interval and rule."""
        return f"{self.interval_s:g}s-{self.rule}"


def coded_by_hand(
    scheme: Scheme, labels: Sequence[str], interval_s: float = STEP_S, start_s: float = 0.0
) -> CodeSequence:
    """A sequence that a person wrote; "" or "?" stands for undecided.

    Errors: ``DataError`` naming the first label that the scheme does not have, and its place.
    """
    codes = np.zeros(len(labels), dtype=np.int64)
    for at, label in enumerate(labels):
        text = label.strip()
        if text in ("", "?"):
            continue
        try:
            codes[at] = scheme.code(text)
        except KeyError:
            raise DataError(
                f"code {at + 1} is {text!r}, which {scheme.id.upper()} does not have",
                remedy=f"use {', '.join(scheme.labels)}",
            ) from None
    times = start_s + interval_s * np.arange(len(labels), dtype=np.float64)
    return CodeSequence(scheme, codes, times, interval_s, "coded")


def by_hand_over(
    stream: CodeStream | None, span: Interval, scheme: Scheme, labels: Sequence[str]
) -> CodeSequence:
    """What a person wrote for each window of ``STEP_S`` of ``span``, "" where nothing.

    There the codes of ``stream`` stay. Errors as in ``coded_by_hand``.
    """
    own = coded_by_hand(scheme, labels[: len(blocks(span, STEP_S))], STEP_S, span.start_s)
    if stream is None or (own.codes > 0).all():
        return own
    machine = sequence_of(stream, scheme)
    open_s = own.starts_s[own.codes == UNDECIDED]
    fills = np.isin(np.round(machine.starts_s, 6), np.round(open_s, 6))
    codes = np.concatenate([own.codes[own.codes > 0], machine.codes[fills]])
    starts_s = np.concatenate([own.starts_s[own.codes > 0], machine.starts_s[fills]])
    order = np.argsort(starts_s, kind="stable")
    return CodeSequence(scheme, codes[order], starts_s[order], STEP_S, own.rule)


def sequence_of(stream: CodeStream, scheme: Scheme, interval_s: float = STEP_S) -> CodeSequence:
    """The series an observer would write for a stream of timed acts, by the ground rules.

    In each window of ``interval_s`` every act is written that fills at least ``MIN_PIECE_S`` of it
    (the longest one where none does), equal neighbours once. A rest shorter than a window is
    unused. Pauses shorter than a window, and gaps between acts as short, count for the act before.
    """
    windows = blocks(stream.span, interval_s)
    runs = _runs(stream, scheme, interval_s)
    codes: list[int] = []
    starts: list[float] = []
    first = 0
    for start, end in windows:
        while first < len(runs) and runs[first][1] <= start + TOUCH_S:
            first += 1
        written = _written(runs, first, float(start), float(end))
        codes += written
        starts += [float(start)] * len(written)
    return CodeSequence(
        scheme, np.array(codes, dtype=np.int64), np.array(starts, dtype=np.float64), interval_s
    )


def _written(runs: list[_Run], first: int, start_s: float, end_s: float) -> list[int]:
    """Codes of one window from the runs that begin before its end."""
    pieces: list[tuple[float, int]] = []
    covered_s = 0.0
    for at in range(first, len(runs)):
        begin, stop, code = runs[at]
        if begin >= end_s - TOUCH_S:
            break
        length_s = min(stop, end_s) - max(begin, start_s)
        covered_s += length_s
        pieces.append((length_s, code))
    bare_s = end_s - start_s - covered_s
    if not pieces or bare_s > max(length for length, _ in pieces):
        return [UNDECIDED]
    found = [code for length, code in pieces if length >= MIN_PIECE_S - TOUCH_S]
    if not found:
        found = [max(pieces, key=lambda piece: piece[0])[1]]
    return [code for at, code in enumerate(found) if at == 0 or code != found[at - 1]]


_Run = tuple[float, float, int]


def _runs(stream: CodeStream, scheme: Scheme, pause_s: float) -> list[_Run]:
    """Stretches of equal code (start, end, code), disjoint and in order; short pauses closed."""
    runs: list[_Run] = []
    for start_s, end_s, code, pause in _stretches(stream, scheme):
        near = bool(runs) and start_s - runs[-1][1] < pause_s - TOUCH_S
        if near:
            runs[-1] = (runs[-1][0], start_s, runs[-1][2])
        absorbed = pause and near and end_s - start_s < pause_s - TOUCH_S
        if near and (absorbed or code == runs[-1][2]):
            runs[-1] = (runs[-1][0], end_s, runs[-1][2])
        else:
            runs.append((start_s, end_s, code))
    return runs


def _stretches(stream: CodeStream, scheme: Scheme) -> list[tuple[float, float, int, bool]]:
    """Touching pieces of one code as one (start, end, code, whether it is a pause)."""
    found: list[tuple[float, float, int, bool]] = []
    for act, start_s, end_s in _flat(stream):
        code, pause = code_of(act, scheme), act.act in _PAUSES
        last = found[-1] if found else None
        if last and last[2:] == (code, pause) and start_s - last[1] <= TOUCH_S:
            found[-1] = (last[0], end_s, code, pause)
        else:
            found.append((start_s, end_s, code, pause))
    return found


def _flat(stream: CodeStream) -> list[tuple[CodedAct, float, float]]:
    """Disjoint pieces (act, start, end): where acts overlap, the one that began last counts."""
    if not stream.overlapping:
        return [(act, act.start_s, act.end_s) for act in stream.acts if act.duration_s > 0]
    edges = sorted({edge for act in stream.acts for edge in (act.start_s, act.end_s)})
    flat: list[tuple[CodedAct, float, float]] = []
    running: list[CodedAct] = []
    following = 0
    for start_s, end_s in itertools.pairwise(edges):
        while following < len(stream.acts) and stream.acts[following].start_s <= start_s:
            running.append(stream.acts[following])
            following += 1
        running = [act for act in running if act.end_s > start_s]
        if running:
            flat.append((running[-1], start_s, end_s))
    return flat


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts of a sequence, or of each of its blocks with a leading axis b.

    ``codes`` (..., K + 1) tallies of the K categories, ``labels`` (..., L + 1) of the codes as
    written (4.1 apart from 4.2), ``pairs`` (..., K + 1, K + 1) the matrix: row first, column
    second. Index 0 is unused and zero.
    """

    codes: NDArray[np.int64]
    labels: NDArray[np.int64]
    pairs: NDArray[np.int64]


def tally(sequence: CodeSequence) -> Tally:
    """Tallies of the sequence as written, and the matrix of the sequence with its border.

    The border code is put before and after the series, and on both sides of undecided codes,
    unless it stands there already; so row and column sums of the matrix are equal, N codes with
    their border make N - 1 pairs, and the matrix of two recordings is the sum of theirs.
    """
    whole = _tally(sequence, np.zeros(len(sequence.codes), dtype=np.int64), 1)
    return Tally(whole.codes[0], whole.labels[0], whole.pairs[0])


def tally_blocks(sequence: CodeSequence, block_s: float) -> Tally:
    """``tally`` for each whole block of ``block_s``; a pair belongs to the block of its first."""
    if len(sequence.codes) == 0:
        return _tally(sequence, np.zeros(0, dtype=np.int64), 0)
    begin = float(sequence.starts_s[0])
    whole_s = float(sequence.starts_s[-1]) + sequence.interval_s - begin
    count = int((whole_s + TOUCH_S) // block_s)
    at = ((sequence.starts_s - begin + TOUCH_S) // block_s).astype(np.int64)
    return _tally(sequence, at, count)


def _tally(sequence: CodeSequence, block: Codes, count: int) -> Tally:
    size, written = sequence.scheme.size, len(sequence.scheme.labels)
    main = sequence.main
    inside = block < count
    codes = np.zeros((count, size + 1), dtype=np.int64)
    labels = np.zeros((count, written + 1), dtype=np.int64)
    pairs = np.zeros((count, size + 1, size + 1), dtype=np.int64)
    np.add.at(codes, (block[inside], main[inside]), 1)
    np.add.at(labels, (block[inside], sequence.codes[inside]), 1)
    first, second, owner = _pairs(sequence, block)
    kept = owner < count
    np.add.at(pairs, (owner[kept], first[kept], second[kept]), 1)
    codes[:, 0] = labels[:, 0] = 0
    return Tally(codes, labels, pairs)


def _pairs(sequence: CodeSequence, block: Codes) -> tuple[Codes, Codes, Codes]:
    """First and second category of each pair, and the block of each."""
    border = sequence.scheme.main[sequence.scheme.border - 1]
    row: list[tuple[int, int]] = []
    pairs: list[tuple[int, int, int]] = []

    def close() -> None:
        if not row:
            return
        if row[0][0] != border:
            row.insert(0, (border, row[0][1]))
        if row[-1][0] != border:
            row.append((border, row[-1][1]))
        pairs.extend((a, b, at) for (a, at), (b, _) in itertools.pairwise(row))
        row.clear()

    for code, at in zip(sequence.main.tolist(), block.tolist(), strict=True):
        if code:
            row.append((code, at))
        else:
            close()
    close()
    table = np.array(pairs, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A lesson in one scheme: the sequence, its tally, and the tally of each whole minute."""

    sequence: CodeSequence
    whole: Tally
    minutes: Tally


def code_lesson(stream: CodeStream | None, sequences: Sequence[CodeSequence]) -> tuple[Coded, ...]:
    """The lesson in every scheme that can be had: a person's own sequence before the coded acts."""
    found = []
    for scheme in SCHEMES:
        own = [s for s in sequences if s.scheme == scheme]
        if not own and stream is None:
            continue
        sequence = own[0] if own or stream is None else sequence_of(stream, scheme)
        found.append(Coded(sequence, tally(sequence), tally_blocks(sequence, BLOCK_S)))
    return tuple(found)


def moments_of(sequence: CodeSequence, *labels: str) -> Intervals:
    """Windows (k, 2) in which one of ``labels`` was written, each once, neighbours joined."""
    wanted = [sequence.scheme.code(label) for label in labels]
    starts = np.unique(sequence.starts_s[np.isin(sequence.codes, wanted)])
    if len(starts) == 0:
        return np.zeros((0, 2))
    new = np.concatenate([[True], np.diff(starts) > sequence.interval_s + TOUCH_S])
    last = np.concatenate([new[1:], [True]])
    return np.stack([starts[new], starts[last] + sequence.interval_s], axis=1)


def span_of(sequence: CodeSequence) -> Interval:
    """From the first window to the end of the last."""
    if len(sequence.codes) == 0:
        return Interval(0.0, 0.0)
    return Interval(float(sequence.starts_s[0]), float(sequence.starts_s[-1]) + sequence.interval_s)
