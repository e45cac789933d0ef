"""Time strips: who talks, S-T codes, the teacher's place, hands, heads and loudness on one axis.

Every strip is a stack of rows whose drawings stretch to the width of the page, so that one second
has the same width everywhere; what a row shows is told by its place and label, never by colour
alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.people import ClassPictures
from classwatch.core.speech import SpeakerRole, SpeechActivity
from classwatch.core.time import Interval, Intervals, intersect, intervals, normalise
from classwatch.report import svg
from classwatch.report.model import MIN_GROUP, ReportInput
from classwatch.report.timeline import COARSE_BINS, FINE_BINS, bin_edges, bin_index
from classwatch.report.views import class_pictures, teacher_places
from classwatch.report.words import Words, plain

_LOWEST_DB = -80.0
_TALL = 40.0
"""Height of the drawings that show amounts; those that show presence are ``_FLAT`` high."""
_FLAT = 10.0


_PICTURE_GATES = ("points", "size")


@dataclass(frozen=True, slots=True)
class Row:
    """One drawing across the page: label at its left, ``scale`` is the value at its top edge."""

    label: str
    drawing: str
    height_px: int
    scale: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """What the read-out says at a moment: runs ``[start_s, end_s, text]`` or values per bin.

    ``edges_s`` has one entry more than ``values``; a value of None was not observed.
    """

    name: str
    runs: tuple[tuple[float, float, str], ...] = ()
    edges_s: tuple[float, ...] = ()
    values: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Strip:
    """One titled strip. ``note`` says how to read it."""

    id: str
    title: str
    note: str
    rows: tuple[Row, ...]
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Bins:
    """Edges (b+1,), and per bin (b,) whether enough was seen there to draw anything."""

    edges_s: NDArray[np.float64]
    enough: NDArray[np.bool_]


def strips(report: ReportInput, say: Words) -> tuple[Strip, ...]:
    """All strips that this lesson has data for, top to bottom."""
    if report.span.duration_s <= 0:
        return ()
    found: list[Strip | None] = [
        _talk(report, say),
        _st(report, say),
        _place(report, say),
    ]
    for counts in class_pictures(report):
        if not _refused(report, "hands", counts.stream):
            found.append(_hands(report, counts, say))
        if not _refused(report, "heads", counts.stream):
            found.append(_heads(report, counts, say))
    found.append(_loudness(report.activity, report.span, say) if report.activity else None)
    return tuple(s for s in found if s is not None)


def _refused(report: ReportInput, group: str, stream: str) -> bool:
    """Whether the picture was not fit for any figure of ``group``: then no drawing tells it."""
    own = [m for m in report.measures if m.id.startswith(f"{group}.") and m.stream in ("", stream)]
    return bool(own) and all(
        any(gate.id in _PICTURE_GATES and not gate.passed for gate in m.gates) for m in own
    )


def missing(report: ReportInput, present: Sequence[Strip], say: Words) -> tuple[str, ...]:
    """Titles of the strips this lesson could not have."""
    have = {s.id.partition(":")[0] for s in present}
    kinds = ("talk", "st", "place", "hands", "heads", "loudness")
    return tuple(say(f"strip.{k}.title") for k in kinds if k not in have)


def _talk(report: ReportInput, say: Words) -> Strip | None:
    spans = [
        (role, _merged((t.start_s, t.end_s) for t in report.turns if t.role is role))
        for role in SpeakerRole
    ]
    named = [(f"role-{role.value}", say.name("role", role.value), s) for role, s in spans]
    return _run_strip("talk", named, report.span, say)


def _place(report: ReportInput, say: Words) -> Strip | None:
    named = [
        (f"place-{kind.value}", say.name("event", kind.value), times)
        for kind, times in teacher_places(report).items()
    ]
    return _run_strip("place", named, report.span, say)


def _run_strip(
    strip: str, named: Iterable[tuple[str, str, Intervals]], span: Interval, say: Words
) -> Strip | None:
    rows: list[Row] = []
    runs: list[tuple[float, float, str]] = []
    for css, label, found in named:
        inside = intersect(found, intervals([span]))
        if len(inside) == 0:
            continue
        path = svg.element(
            "path",
            class_=css,
            vector_effect="non-scaling-stroke",
            d=svg.boxes(((a - span.start_s, b - span.start_s) for a, b in inside), 0, _FLAT),
        )
        rows.append(Row(label, _picture(path, span, _FLAT, label), 16))
        runs += [(round(float(a), 1), round(float(b), 1), label) for a, b in inside]
    if not rows:
        return None
    probe = Probe(say(f"strip.{strip}.title"), tuple(sorted(runs)))
    return Strip(
        strip, say(f"strip.{strip}.title"), say(f"strip.{strip}.note"), tuple(rows), (probe,)
    )


def _st(report: ReportInput, say: Words) -> Strip | None:
    grid, span = report.st_grid, report.span
    if grid is None or not any(code is not None for code in grid.codes):
        return None
    step = grid.interval_s
    cells = [
        (k * step, min((k + 1) * step, span.duration_s), code)
        for k, code in enumerate(grid.codes)
        if k * step < span.duration_s
    ]
    letters = {True: "T", False: "S", None: None}
    rows = tuple(
        Row(
            say(f"strip.st.{name}"),
            _picture(
                svg.element(
                    "path",
                    class_=css,
                    vector_effect="non-scaling-stroke",
                    d=svg.boxes(((a, b) for a, b, code in cells if code is wanted), 0, _FLAT),
                ),
                span,
                _FLAT,
                say(f"strip.st.{name}"),
            ),
            14,
        )
        for name, css, wanted in (
            ("teacher", "role-teacher", True),
            ("student", "role-student", False),
        )
    )
    edges = (*(span.start_s + a for a, _, _ in cells), span.start_s + cells[-1][1])
    values = tuple(letters[code] for _, _, code in cells)
    probe = Probe(say("strip.st.title"), edges_s=edges, values=values)
    note = say("strip.st.note", n=plain(step))
    return Strip("st", say("strip.st.title"), note, rows, (probe,))


def _binned(counts: ClassPictures, span: Interval) -> tuple[_Bins, NDArray[np.int64]]:
    edges = bin_edges(span, 2 * counts.every_s, COARSE_BINS)
    index = bin_index(counts.frame_times_s, edges)
    enough = _per_bin(np.maximum, counts.students_seen, index, len(edges) - 1) >= MIN_GROUP
    return _Bins(edges, enough), index


def _per_bin(
    how: np.ufunc, values: NDArray[np.int64], index: NDArray[np.int64], bins: int
) -> NDArray[np.int64]:
    out = np.zeros(bins, dtype=np.int64)
    inside = index >= 0
    how.at(out, index[inside], values[inside])
    return out


def _hands(report: ReportInput, counts: ClassPictures, say: Words) -> Strip | None:
    bins, index = _binned(counts, report.span)
    if not bins.enough.any():
        return None
    most = _per_bin(np.maximum, counts.hands_raised, index, len(bins.enough))
    top = max(4, int(most[bins.enough].max()))
    drawing = _bars("hands", bins.edges_s, np.where(bins.enough, most / top, 0.0), report.span)
    title = _stream_title("hands", report, counts, say)
    row = Row(
        say("strip.hands.row"),
        _picture(drawing + _gaps(bins, report.span), report.span, _TALL, title),
        40,
        str(top),
    )
    values = tuple(
        say("strip.hands.value", n=str(int(n))) if ok else None
        for n, ok in zip(most, bins.enough, strict=True)
    )
    probe = Probe(title, edges_s=_rounded(bins.edges_s), values=values)
    return Strip(f"hands:{counts.stream}", title, say("strip.hands.note"), (row,), (probe,))


def _heads(report: ReportInput, counts: ClassPictures, say: Words) -> Strip | None:
    bins, index = _binned(counts, report.span)
    n = len(bins.enough)
    up, down, open_ = (
        _per_bin(np.add, values, index, n)
        for values in (counts.heads_up, counts.heads_down, counts.heads_undecided)
    )
    seen = up + down + open_
    drawn = bins.enough & (seen > 0)
    if not drawn.any():
        return None
    whole = np.maximum(seen, 1)
    up_share, down_share = (np.where(drawn, part / whole, 0.0) for part in (up, down))
    hang = zip(_pairs(bins.edges_s, report.span), down_share, strict=True)
    path = _bars("heads-up", bins.edges_s, up_share, report.span) + svg.element(
        "path",
        class_="heads-down",
        d="".join(svg.boxes([pair], 0, float(h) * _TALL) for pair, h in hang if h > 0),
    )
    title = _stream_title("heads", report, counts, say)
    shown = _Bins(bins.edges_s, drawn)
    row = Row(
        say("strip.heads.row"),
        _picture(path + _gaps(shown, report.span), report.span, _TALL, title),
        48,
        "100 %",
    )
    values = tuple(
        say("strip.heads.value", up=f"{100 * u:.0f} %", down=f"{100 * d:.0f} %") if ok else None
        for u, d, ok in zip(up_share, down_share, drawn, strict=True)
    )
    probe = Probe(title, edges_s=_rounded(bins.edges_s), values=values)
    return Strip(f"heads:{counts.stream}", title, say("strip.heads.note"), (row,), (probe,))


def _loudness(activity: SpeechActivity, span: Interval, say: Words) -> Strip | None:
    level = np.nan_to_num(np.asarray(activity.level_db, np.float64), nan=_LOWEST_DB)
    level = np.maximum(level, _LOWEST_DB)
    edges = bin_edges(span, activity.level_step_s, FINE_BINS)
    index = bin_index(np.arange(len(level), dtype=np.float64) * activity.level_step_s, edges)
    inside = index >= 0
    if not inside.any():
        return None
    loudest = np.full(len(edges) - 1, -np.inf)
    np.maximum.at(loudest, index[inside], level[inside])
    observed = np.isfinite(loudest)
    power = np.bincount(index[inside], 10 ** (level[inside] / 10), len(loudest))
    count = np.maximum(np.bincount(index[inside], minlength=len(loudest)), 1)
    mean = 10 * np.log10(np.maximum(power / count, 10 ** (_LOWEST_DB / 10)))
    top = float(np.ceil(loudest[observed].max() / 5) * 5)
    noise = max(activity.noise_db, _LOWEST_DB) if np.isfinite(activity.noise_db) else None
    bottom = min(top - 20.0, _LOWEST_DB if noise is None else noise - 6)
    content = ""
    for css, values in (("loud-peak", loudest), ("loud", mean)):
        shares = np.where(observed, np.clip((values - bottom) / (top - bottom), 0, 1), 0.0)
        content += _bars(css, edges, shares, span)
    if noise is not None:
        content += _line(_TALL * (top - noise) / (top - bottom), span)
    title = say("strip.loudness.title")
    row = Row(
        say("strip.loudness.row"), _picture(content, span, _TALL, title), 44, f"{top:.0f} dBFS"
    )
    values_said = tuple(
        f"{db:.0f} dBFS" if ok else None for db, ok in zip(mean, observed, strict=True)
    )
    probe = Probe(title, edges_s=_rounded(edges), values=values_said)
    return Strip("loudness", title, say("strip.loudness.note"), (row,), (probe,))


def _picture(content: str, span: Interval, height: float, label: str) -> str:
    return svg.drawing(content, label, span.duration_s, height, stretch=True)


def _pairs(edges: NDArray[np.float64], span: Interval) -> list[tuple[float, float]]:
    moved = edges - span.start_s
    return [(float(a), float(b)) for a, b in pairwise(moved.tolist())]


def _bars(css: str, edges: NDArray[np.float64], shares: NDArray[np.float64], span: Interval) -> str:
    """Bars that stand on the bottom of a drawing; ``shares`` (b,) of its height, in [0, 1]."""
    heights = [float(h) * _TALL for h in shares]
    return svg.element("path", class_=css, d=svg.bars(_pairs(edges, span), heights, _TALL))


def _gaps(bins: _Bins, span: Interval) -> str:
    """A dashed line at half height wherever too little was seen: unlike 0, which is empty."""
    holes = normalise(
        intervals(
            pair for pair, ok in zip(_pairs(bins.edges_s, span), bins.enough, strict=True) if not ok
        )
    )
    if len(holes) == 0:
        return ""
    path = "".join(f"M{svg.number(a)} {svg.number(_TALL / 2)}H{svg.number(b)}" for a, b in holes)
    return svg.element("path", class_="gap", vector_effect="non-scaling-stroke", d=path)


def _line(y: float, span: Interval) -> str:
    return svg.element(
        "path",
        class_="rule",
        vector_effect="non-scaling-stroke",
        d=f"M0 {svg.number(y)}H{svg.number(span.duration_s)}",
    )


def _stream_title(strip: str, report: ReportInput, counts: ClassPictures, say: Words) -> str:
    title = say(f"strip.{strip}.title")
    return f"{title} · {counts.stream}" if len(class_pictures(report)) > 1 else title


def _rounded(edges: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(e), 1) for e in edges)


def _merged(pairs: Iterable[tuple[float, float]]) -> Intervals:
    return normalise(intervals(pairs))
