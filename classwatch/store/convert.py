"""Values of ``core`` to tables and back.

What a table rounds (pixels to 0.1, confidences to 0.001, times to 1 µs) comes back rounded, and
rows come back in the table's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.code_rows import CodeRow
from classwatch.core.errors import DataError
from classwatch.core.events import Event, EventKind
from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.media import StreamRole
from classwatch.core.people import (
    CLASS_COUNTS,
    NO_TRACK,
    ClassPictures,
    PersonRole,
    TrackRole,
    Tracks,
)
from classwatch.core.pose import KEYPOINTS, Detections, PoseSeries
from classwatch.core.speech import Origin, SpeakerRole, SpeechActivity, Turn
from classwatch.core.time import Interval
from classwatch.store import schemas
from classwatch.store.codec import decode, encode
from classwatch.store.jsonio import canonical_json, parse_json
from classwatch.store.tables import PIECE_ROWS, Table, make_table

_BOX = ("x0", "y0", "x1", "y1")
_AXES = ("x", "y", "conf")


def frames_table(stream: str, series: PoseSeries, counts: ClassPictures | None = None) -> Table:
    """Every sampled picture of a stream, with the class's counts where they are known.

    ``counts`` may have some of the pictures only: those that can show the class.
    """
    n = len(series)
    width_px, height_px = series.size_px
    empty: list[None] = [None] * n
    values: dict[str, Any] = {
        "stream": [stream] * n,
        "time_s": series.frame_times_s,
        "frame": np.arange(n, dtype=np.int32),
        "width_px": np.full(n, width_px),
        "height_px": np.full(n, height_px),
        "every_s": np.full(n, series.every_s),
        "people": np.bincount(series.frame, minlength=n),
    }
    for name in CLASS_COUNTS:
        values[name] = list(empty)
        if counts is not None:
            rows = np.searchsorted(series.frame_times_s, counts.frame_times_s)
            for row, value in zip(rows.tolist(), getattr(counts, name).tolist(), strict=True):
                values[name][row] = value
    return make_table(schemas.FRAMES, values)


def counts_from(frames: Table, role: StreamRole) -> ClassPictures | None:
    """The class's counts of one stream's frames table; ``None`` where there are none.

    Pictures without counts, which cannot show the class, are left out.
    """
    columns = {name: frames.cells(name) for name in CLASS_COUNTS}
    counted = [i for i, row in enumerate(zip(*columns.values(), strict=True)) if None not in row]
    if not counted:
        return None
    return ClassPictures(
        stream=frames.cells("stream")[0],
        role=role,
        frame_times_s=frames.array("time_s")[counted],
        every_s=float(frames.array("every_s")[0]),
        **{
            name: np.asarray([cells[i] for i in counted], dtype=np.int64)
            for name, cells in columns.items()
        },
    )


def poses_pieces(stream: str, series: PoseSeries, rows: int = PIECE_ROWS) -> Iterator[Table]:
    """Every body found in a stream, in tables of at most ``rows`` rows; at least one table."""
    people = series.people
    place = _detection_columns(stream, series)
    for start in range(0, max(len(people), 1), rows):
        part = slice(start, start + rows)
        values = {name: column[part] for name, column in place.items()}
        values |= {name: people.boxes_px[part, i] for i, name in enumerate(_BOX)}
        values["score"] = people.scores[part]
        for k, point in enumerate(KEYPOINTS):
            for a, axis in enumerate(_AXES):
                values[f"{point}_{axis}"] = people.keypoints[part, k, a]
        yield make_table(schemas.POSES, values)


def poses_from(
    pieces: Iterable[Table], n: int, frames: Table, *, size_px: tuple[int, int], every_s: float
) -> PoseSeries:
    """The series behind the poses (n rows, in pieces) and frames tables of one stream.

    Raises ``DataError`` where the two do not fit together.
    """
    frame = np.zeros(n, np.int32)
    boxes_px = np.zeros((n, len(_BOX)), np.float32)
    scores = np.zeros(n, np.float32)
    keypoints = np.zeros((n, len(KEYPOINTS), len(_AXES)), np.float32)
    start = 0
    for piece in pieces:
        part = slice(start, start + len(piece))
        frame[part], scores[part] = piece.array("frame"), piece.array("score")
        for i, name in enumerate(_BOX):
            boxes_px[part, i] = piece.array(name)
        for k, point in enumerate(KEYPOINTS):
            for a, axis in enumerate(_AXES):
                keypoints[part, k, a] = piece.array(f"{point}_{axis}")
        start += len(piece)
    people = Detections(boxes_px, scores, keypoints)
    try:
        return PoseSeries(frames.array("time_s"), frame, people, size_px, every_s)
    except ValueError as error:
        raise DataError(f"poses and frames do not fit together: {error}") from error


def tracks_table(stream: str, series: PoseSeries, tracks: Tracks) -> Table:
    """The track and its role of every body; ``unknown`` where there is no track."""
    role_of = {role.track_id: role.role for role in tracks.roles}
    roles = [role_of.get(int(i), PersonRole.UNKNOWN) for i in tracks.track_id]
    values = _detection_columns(stream, series)
    return make_table(schemas.TRACKS, values | {"track_id": tracks.track_id, "role": roles})


def tracks_from(table: Table, roles: tuple[TrackRole, ...]) -> Tracks:
    """Tracks of one stream; ``roles`` come from their own document.

    Raises ``DataError`` where a track of the table has no role there.
    """
    track_id = table.array("track_id")
    unknown = set(track_id.tolist()) - {role.track_id for role in roles} - {NO_TRACK}
    if unknown:
        raise DataError(f"track {min(unknown)} has no role")
    return Tracks(track_id, roles)


def events_table(events: Iterable[Event]) -> Table:
    """Events of any streams."""
    return make_table(schemas.EVENTS, _columns(schemas.EVENTS, events, _as_is))


def events_from(table: Table) -> tuple[Event, ...]:
    """Events in the table's order; ``DataError`` for a kind or origin that does not exist."""
    return tuple(_rows(table, Event, {"kind": EventKind, "origin": Origin}))


def turns_table(turns: Iterable[Turn]) -> Table:
    """Turns of a lesson."""
    return make_table(schemas.TURNS, _columns(schemas.TURNS, turns, _as_is))


def turns_from(table: Table) -> tuple[Turn, ...]:
    """Turns in the table's order; ``DataError`` for a role or origin that does not exist."""
    return tuple(_rows(table, Turn, {"role": SpeakerRole, "origin": Origin}))


def codes_table(rows: Iterable[CodeRow]) -> Table:
    """Codes of a lesson."""
    return make_table(schemas.CODES, _columns(schemas.CODES, rows, _as_is))


def codes_from(table: Table) -> tuple[CodeRow, ...]:
    """Codes in the table's order; ``DataError`` for a role or origin that does not exist."""
    enums = {"role": _role_or_none, "origin": Origin}
    return tuple(_rows(table, CodeRow, enums))


def _role_or_none(cell: str | None) -> SpeakerRole | None:
    return None if cell is None else SpeakerRole(cell)


def levels_table(activity: SpeechActivity) -> Table:
    """Loudness per step and the part of each step that is speech."""
    n, step_s = len(activity.level_db), activity.level_step_s
    edges_s = np.arange(n + 1) * step_s
    spoken_s = np.diff(_covered_until(activity.speech, edges_s))
    values = {
        "time_s": edges_s[:-1],
        "level_db": activity.level_db,
        "speech": np.clip(spoken_s / step_s, 0.0, 1.0),
    }
    return make_table(schemas.LEVELS, values)


def measures_table(measures: Iterable[Measure]) -> Table:
    """Measures, given and absent."""
    return make_table(schemas.MEASURES, _columns(schemas.MEASURES, measures, _measure_cell))


def measures_from(table: Table) -> tuple[Measure, ...]:
    """Measures in the table's order; ``DataError`` where a row is none."""
    rows = [dict(zip(table.values, row, strict=True)) for row in _cells_by_row(table)]
    return tuple(_measure(row) for row in rows)


def _detection_columns(stream: str, series: PoseSeries) -> dict[str, Any]:
    n = len(series.people)
    first = np.searchsorted(series.frame, series.frame, side="left")
    return {
        "stream": [stream] * n,
        "time_s": series.times_s,
        "frame": series.frame,
        "det": np.arange(n) - first,
    }


def _covered_until(normal: NDArray[np.float64], times_s: NDArray[Any]) -> NDArray[Any]:
    """Seconds of a normalised set before each time."""
    if len(normal) == 0:
        return np.zeros(len(times_s))
    before_s = np.concatenate([[0.0], np.cumsum(normal[:, 1] - normal[:, 0])])
    points = np.ravel(normal)
    heights = np.repeat(before_s, 2)[1:-1]
    covered_s: NDArray[np.float64] = np.interp(times_s, points, heights)
    return covered_s


def _columns(
    schema: schemas.TableSchema, items: Iterable[Any], cell: Callable[[Any, str], Any]
) -> dict[str, list[Any]]:
    rows = list(items)
    return {column.name: [cell(row, column.name) for row in rows] for column in schema.columns}


def _as_is(item: Any, name: str) -> Any:
    return getattr(item, name)


def _cells_by_row(table: Table) -> Iterable[tuple[Any, ...]]:
    return zip(*(table.cells(name) for name in table.values), strict=True)


def _rows(table: Table, kind: Any, enums: Mapping[str, Callable[[Any], Any]]) -> Iterable[Any]:
    for row in _cells_by_row(table):
        cells = dict(zip(table.values, row, strict=True))
        try:
            cells |= {name: of(cells[name]) for name, of in enums.items()}
        except ValueError as error:
            raise DataError(f"{table.schema.name}: {error}") from error
        yield kind(**cells)


def _measure_cell(measure: Measure, name: str) -> Any:
    match name:
        case "measure":
            return measure.id
        case "why":
            return measure.why.code if measure.why else None
        case "why_detail":
            return _json(measure.why.detail, _Detail) if measure.why else None
        case "gates":
            return _json(measure.gates, tuple[Gate, ...])
        case "evidence":
            return _json(tuple((e.start_s, e.end_s) for e in measure.evidence), _Pairs)
        case _:
            return getattr(measure, name)


_Detail = Mapping[str, str | float | int]
_Pairs = tuple[tuple[float, float], ...]


def _json(value: object, hint: object) -> str:
    return canonical_json(encode(value, hint)).decode()


def _parsed(text: str, hint: object) -> Any:
    return decode(parse_json(text, subject=""), hint)


def _measure(row: dict[str, Any]) -> Measure:
    measure_id = row.pop("measure")
    code, detail = row.pop("why"), row.pop("why_detail")
    pairs: Sequence[tuple[float, float]] = _parsed(row.pop("evidence"), _Pairs)
    try:
        return Measure(
            id=measure_id,
            unit=Unit(row.pop("unit")),
            gates=_parsed(row.pop("gates"), tuple[Gate, ...]),
            evidence=tuple(Interval(start_s, end_s) for start_s, end_s in pairs),
            why=None if code is None else Why(code, _parsed(detail or "{}", _Detail)),
            **row,
        )
    except ValueError as error:
        raise DataError(f"measure {measure_id}: {error}") from error
