"""Tables as Parquet files; the only module that imports pyarrow.

Files are written and read in pieces of at most 65,536 rows, so that the bodies of a four-hour
lesson need little more memory than those of ten minutes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from numpy.typing import NDArray

from classwatch.core.errors import DataError, InputError
from classwatch.store.files import disk_errors, temporary_beside
from classwatch.store.schemas import LESSON_ID, Column, ColumnType, TableSchema
from classwatch.store.tables import PIECE_ROWS, Table, Values

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

METADATA_KEY = b"classwatch.schema"

_REMEDY = "run the analysis again"


def table_bytes(table: Table, lesson_id: str = "") -> bytes:
    """The table as a Parquet file (zstd); with ``lesson_id`` as first column where given.

    The same table gives the same bytes with the same version of pyarrow: no times, no paths.
    """
    sink = io.BytesIO()
    _write(sink, _layout(table, lesson_id), [table], lesson_id)
    return sink.getvalue()


def write_table(path: Path, table: Table, lesson_id: str = "") -> None:
    """Write a table whole or not at all; ``ResourceError`` where the disk does not allow it."""
    with _replacing(path) as handle:
        _write(handle, _layout(table, lesson_id), [table], lesson_id)


def write_pieces(path: Path, schema: TableSchema, pieces: Iterable[Table]) -> None:
    """Write a table that comes in pieces, without ever holding it whole.

    The pieces are of ``schema`` and in its order of rows; each becomes at least one row group.
    """
    with _replacing(path) as handle:
        _write(handle, _layout(Table(schema, {}), ""), pieces, "")


def publish_tables(
    path: Path, schema: TableSchema, sources: Sequence[Path], lesson_id: str
) -> None:
    """One published table from the tables of a lesson's streams, piece by piece.

    ``sources`` hold one stream each and come in order of stream name; none gives an empty table.
    Raises as ``read_table`` and ``write_table`` do.
    """
    with _replacing(path) as handle:
        pieces = (piece for source in sources for piece in read_pieces(source, schema))
        _write(handle, _layout(Table(schema, {}), lesson_id), pieces, lesson_id)


def read_table(path: Path, schema: TableSchema) -> Table:
    """Read a table of ``schema``, published or not.

    Columns after those of the schema are left out unless it is open-ended. Raises ``InputError``
    where the file cannot be read and ``DataError`` where it is not Parquet, or holds another
    schema, version or type than expected; both name the file.
    """
    with _opened(path, schema) as file:
        return _checked(file.read(), schema, path)


def read_pieces(path: Path, schema: TableSchema) -> Iterator[Table]:
    """The row groups of a table one after the other; raises as ``read_table`` does."""
    with _opened(path, schema) as file:
        for group in range(file.num_row_groups):
            yield _checked(file.read_row_group(group), schema, path)


def read_columns(path: Path, schema: TableSchema, names: Sequence[str]) -> tuple[list[Any], ...]:
    """Some columns of a table as lists, ``None`` for an empty cell; raises as ``read_table`` does.

    Of a thousand lessons only what is asked for is read and unpacked.
    """
    with _opened(path, schema) as file:
        arrow = file.read(columns=list(names))
        for column in schema.columns:
            if column.name in names:
                _check_column(arrow, column, path)
        return tuple(arrow.column(name).to_pylist() for name in names)


def row_count(path: Path, schema: TableSchema) -> int:
    """Rows of a table, from its footer; raises as ``read_table`` does."""
    with _opened(path, schema) as file:
        return int(file.metadata.num_rows)


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    temporary = temporary_beside(path)
    with disk_errors(path):
        try:
            with temporary.open("xb") as handle:
                yield handle
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def _layout(table: Table, lesson_id: str) -> pa.Schema:
    import pyarrow as pa

    columns = ((LESSON_ID,) if lesson_id else ()) + table.columns
    fields = [pa.field(c.name, _arrow_type(c), nullable=c.nullable) for c in columns]
    return pa.schema(fields, metadata={METADATA_KEY: table.schema.tag.encode()})


def _write(handle: BinaryIO, layout: pa.Schema, tables: Iterable[Table], lesson_id: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetWriter(handle, layout, compression="zstd") as writer:
        for table in tables:
            values: list[Values] = [table.values[column.name] for column in table.columns]
            if lesson_id:
                values.insert(0, [lesson_id] * len(table))
            arrays = [pa.array(v, type=f.type) for v, f in zip(values, layout, strict=True)]
            piece = pa.Table.from_arrays(arrays, schema=layout)
            writer.write_table(piece, row_group_size=PIECE_ROWS)


def _arrow_type(column: Column) -> pa.DataType:
    import pyarrow as pa

    return pa.type_for_alias(column.type.value)


@contextmanager
def _opened(path: Path, schema: TableSchema) -> Iterator[pq.ParquetFile]:
    """The open file, once its schema is the right one; what pyarrow raises inside is translated."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        handle = path.open("rb")
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", subject=str(path), remedy=_REMEDY
        ) from error
    with handle:
        try:
            file = pq.ParquetFile(handle)
            _check_tag(file.schema_arrow, schema, path)
            yield file
        except (pa.ArrowException, OSError) as error:
            raise DataError(
                f"not a whole Parquet file: {error}", subject=str(path), remedy=_REMEDY
            ) from error


def _check_tag(layout: pa.Schema, schema: TableSchema, path: Path) -> None:
    found = (layout.metadata or {}).get(METADATA_KEY, b"").decode("utf-8", "replace")
    if found == schema.tag:
        return
    raise DataError(
        f"expected table {schema.tag}, found {found or 'a table without classwatch.schema'}",
        subject=str(path),
        remedy="it was written by another program or version: run the analysis again",
    )


def _checked(arrow: pa.Table, schema: TableSchema, path: Path) -> Table:
    lesson_id = ""
    own = {column.name for column in schema.columns}
    if LESSON_ID.name in arrow.column_names and LESSON_ID.name not in own:
        lesson_id = _only_lesson(arrow, path)
        arrow = arrow.drop_columns([LESSON_ID.name])
    for column in schema.columns:
        _check_column(arrow, column, path)
    extra: tuple[Column, ...] = ()
    if schema.open_ended:
        extra = tuple(_described(f, path) for f in arrow.schema if f.name not in own)
    columns = schema.columns + extra
    values = {column.name: _plain_values(arrow.column(column.name), column) for column in columns}
    return Table(schema, values, extra, lesson_id)


def _only_lesson(arrow: pa.Table, path: Path) -> str:
    lessons = arrow.column(LESSON_ID.name).unique().to_pylist()
    if len(lessons) > 1:
        raise DataError(f"holds {len(lessons)} lessons, expected one", subject=str(path))
    return str(lessons[0]) if lessons else ""


def _check_column(arrow: pa.Table, column: Column, path: Path) -> None:
    if arrow.column_names.count(column.name) != 1:
        raise DataError(f"column {column.name} is missing", subject=str(path))
    found = arrow.schema.field(column.name).type
    if found != _arrow_type(column):
        raise DataError(
            f"column {column.name}: expected {column.type.value}, found {found}", subject=str(path)
        )
    if not column.nullable and arrow.column(column.name).null_count:
        raise DataError(f"column {column.name} has empty cells", subject=str(path))


def _described(field: pa.Field, path: Path) -> Column:
    try:
        kind = ColumnType(str(field.type))
    except ValueError as error:
        raise DataError(f"column {field.name} has type {field.type}", subject=str(path)) from error
    return Column(field.name, kind, "", "", nullable=field.nullable)


def _plain_values(column: pa.ChunkedArray, described: Column) -> Values:
    if described.type is ColumnType.TEXT or described.nullable:
        cells: list[Any] = column.to_pylist()
        return cells
    array: NDArray[Any] = column.to_numpy()
    return array
