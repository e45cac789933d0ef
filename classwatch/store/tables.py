"""Tables in memory.

A ``Table`` holds what will be in the file: types, rounding and order of rows are settled when it
is made, so the same data always gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.store.schemas import Column, ColumnType, TableSchema

Values = NDArray[Any] | list[Any]
"""A numpy array for numbers that are always there, else a list with ``None`` for empty cells."""

PIECE_ROWS = 65_536
"""Rows handled at a time where a table can be large."""

_DTYPES: Mapping[ColumnType, type[np.generic]] = {
    ColumnType.INT32: np.int32,
    ColumnType.INT64: np.int64,
    ColumnType.FLOAT32: np.float32,
    ColumnType.FLOAT64: np.float64,
    ColumnType.BOOL: np.bool_,
}


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of equal length n, in the schema's order; make it with ``make_table``.

    ``extra`` describes the columns after the schema's own (open-ended schemas only);
    ``lesson_id`` is "" for a table that has not been published.
    """

    schema: TableSchema
    values: Mapping[str, Values]
    extra: tuple[Column, ...] = ()
    lesson_id: str = ""

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The schema's columns and the extra ones."""
        return self.schema.columns + self.extra

    def array(self, name: str) -> NDArray[Any]:
        """A column of numbers without empty cells (n,)."""
        values = self.values[name]
        if isinstance(values, list):
            raise TypeError(f"{name} is not a plain column of numbers")
        return values

    def cells(self, name: str) -> list[Any]:
        """Any column as a list (n) of Python values, ``None`` for an empty cell."""
        values = self.values[name]
        return values if isinstance(values, list) else values.tolist()


def make_table(
    schema: TableSchema, values: Mapping[str, Any], extra: tuple[Column, ...] = ()
) -> Table:
    """A table from columns by name, rounded and sorted as the schema says.

    Raises ``ValueError`` where columns are missing or unknown, differ in length, hold NaN or
    infinity, or are empty where the schema does not allow it (mistakes of the caller).
    """
    columns = schema.columns + (extra if schema.open_ended else ())
    if values.keys() != {column.name for column in columns}:
        expected = [column.name for column in columns]
        raise ValueError(f"{schema.name}: expected columns {expected}, got {list(values)}")
    settled = {c.name: _settled(f"{schema.name}.{c.name}", c, values[c.name]) for c in columns}
    lengths = {name: len(column) for name, column in settled.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"{schema.name}: columns differ in length: {lengths}")
    order = _row_order([settled[name] for name in schema.order])
    if order is not None:
        settled = {name: _taken(column, order) for name, column in settled.items()}
    return Table(schema, settled, extra)


def concatenated(tables: Sequence[Table]) -> Table:
    """One table from several of the same schema (the streams of a lesson), sorted again."""
    first = tables[0]
    if any((t.schema, t.extra) != (first.schema, first.extra) for t in tables):
        raise ValueError("only tables of one schema can be put together")
    joined: dict[str, Values] = {}
    for name in first.values:
        parts = [table.values[name] for table in tables]
        plain = [part for part in parts if not isinstance(part, list)]
        joined[name] = np.concatenate(plain) if plain else [x for part in parts for x in part]
    return make_table(first.schema, joined, first.extra)


def _settled(where: str, column: Column, values: Any) -> Values:
    if column.type is ColumnType.TEXT or column.nullable:
        return _settled_cells(where, column, list(values))
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{where}: expected shape (n,), got {array.shape}")
    if column.type in (ColumnType.INT32, ColumnType.INT64):
        return _settled_ints(where, column, array)
    if column.type is ColumnType.BOOL:
        return array.astype(np.bool_)
    exact = array.astype(np.float64)
    if not np.isfinite(exact).all():
        raise ValueError(f"{where}: holds NaN or infinity")
    if column.decimals is not None:
        exact = np.round(exact, column.decimals)
    rounded: NDArray[Any] = (exact + 0.0).astype(_DTYPES[column.type])  # + 0.0: no negative zero
    return rounded


def _settled_ints(where: str, column: Column, array: NDArray[Any]) -> NDArray[Any]:
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(f"{where}: expected whole numbers, got {array.dtype}")
    whole: NDArray[Any] = array.astype(_DTYPES[column.type])
    if not np.array_equal(whole, array):
        raise ValueError(f"{where}: a number does not fit {column.type}")
    return whole


def _settled_cells(where: str, column: Column, cells: list[Any]) -> list[Any]:
    if any(cell is None for cell in cells) and not column.nullable:
        raise ValueError(f"{where}: has an empty cell")
    given = [cell for cell in cells if cell is not None]
    if column.type is ColumnType.TEXT:
        wrong = next((cell for cell in given if not isinstance(cell, str)), None)
        if wrong is not None:
            raise ValueError(f"{where}: expected text, got {wrong!r}")
        return [cell if cell is None else _encodable(cell) for cell in cells]
    plain = Column(column.name, column.type, column.unit, "", decimals=column.decimals)
    settled = iter(np.asarray(_settled(where, plain, given)).tolist())
    return [cell if cell is None else next(settled) for cell in cells]


def _encodable(text: str) -> str:
    """``str`` itself for enums, and file names with bytes that are not UTF-8 made readable."""
    return str(text).encode("utf-8", errors="backslashreplace").decode()


def _row_order(keys: list[Values]) -> NDArray[np.intp] | None:
    ranked = [key if isinstance(key, np.ndarray) else _ranks(key) for key in keys]
    order: NDArray[np.intp] = np.lexsort(ranked[::-1])
    return None if np.array_equal(order, np.arange(len(order))) else order


def _ranks(cells: list[Any]) -> NDArray[np.int64]:
    rank = {cell: i for i, cell in enumerate(sorted(set(cells)))}
    return np.asarray([rank[cell] for cell in cells], dtype=np.int64)


def _taken(values: Values, order: NDArray[np.intp]) -> Values:
    if isinstance(values, list):
        return [values[i] for i in order]
    return values[order]
