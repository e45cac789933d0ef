"""``docs/artifacts.md`` from the schemas: ``python -m classwatch.store.artifact_docs``."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

from classwatch.store.documents import MEASURES, SLIDES, TRANSCRIPT, DocumentSchema
from classwatch.store.records import LESSON, RUN
from classwatch.store.schemas import LESSON_ID, PUBLISHED, SUMMARY, Column, TableSchema

_INTRO = """# Files in an output folder

Generated from the schemas by `python -m classwatch.store.artifact_docs docs/artifacts.md`.

| file | where | what |
|---|---|---|
| `run.json` | output folder | how every lesson of the run ended, with reasons |
| `summary.{csv,parquet,xlsx}` | output folder | one row a lesson |
| `lesson.json` | lesson folder | inputs, configuration, versions, findings; written last |
| `*.parquet`, `measures.csv` | lesson folder | tables, below |
| `transcript.json`, `measures.json` | lesson folder | documents, below |

A lesson folder is complete where `lesson.json` is there; it lists every other file with its digest.

Times are seconds on the lesson clock and intervals are half-open, `[start_s, end_s)`. Tables are
Parquet with zstd compression; the file metadata `classwatch.schema` holds `<name>/<version>`. Every
table in a lesson folder begins with the column `lesson_id`, so that one glob reads a whole term:

```sql
SELECT lesson_id, role, sum(end_s - start_s) AS talk_s
FROM 'out/*/turns.parquet' GROUP BY ALL ORDER BY ALL;
```

```python
from glob import glob
import pandas as pd

turns = pd.concat(map(pd.read_parquet, glob("out/*/turns.parquet")))
```

A version counts up when a column changes its name, type, unit or meaning, or goes away; readers
refuse other versions than their own. CSV files are UTF-8 with a byte order mark; in CSV, text that
a spreadsheet would run as a formula begins with an apostrophe. An empty cell was not measured and
is never zero. Track and speaker numbers are anonymous and mean nothing outside their stream and
lesson.

No picture of a face and no feature of one is stored anywhere. How far a mouth moved since the
picture before is one number for each body, kept with other figures between stages in `.cache` and
published only as the mean of a voice's turns, as evidence of its role. What a body seems to do in
one picture and the colour worn on its chest are kept there as well, a few numbers for each body,
and published nowhere; by the colour the teacher is known again within one recording.
"""


def artifacts_markdown() -> str:
    """The whole page."""
    parts = [_INTRO, "## Tables\n"]
    parts += [_table(schema) for schema in PUBLISHED]
    parts.append(
        "## Documents\n\n"
        "JSON, UTF-8, sorted keys, no NaN: "
        '`{"schema": "classwatch.<name>/<version>", "data": ...}`.\n'
    )
    documents: tuple[DocumentSchema[Any], ...] = (LESSON, RUN, TRANSCRIPT, SLIDES, MEASURES)
    parts += [_document(document) for document in documents]
    seen: dict[type, None] = {}
    for document in documents:
        for kind in _classes(document.hint):
            seen[kind] = None
    parts.append("### Values inside\n")
    parts += [_value(kind) for kind in sorted(seen, key=lambda kind: kind.__name__)]
    return "\n".join(parts)


def _table(schema: TableSchema) -> str:
    lines = [f"### `{schema.name}.parquet` (`{schema.tag}`)", "", schema.doc, ""]
    lines += [f"Sorted by {', '.join(f'`{name}`' for name in schema.order)}.", ""]
    lines += ["| column | type | unit | may be empty | meaning |", "|---|---|---|---|---|"]
    if schema is not SUMMARY:
        lines.append(_row(LESSON_ID))
    lines += [_row(column) for column in schema.columns]
    return "\n".join([*lines, ""])


def _document(schema: DocumentSchema[Any]) -> str:
    title = f"### `{schema.name}.json` (`{schema.tag}`)"
    return f"{title}\n\n{schema.doc} `data`: {_spelled(schema.hint)}.\n"


def _row(column: Column) -> str:
    empty = "yes" if column.nullable else ""
    return f"| `{column.name}` | {column.type.value} | {column.unit} | {empty} | {column.doc} |"


def _value(kind: type) -> str:
    lines = [f"#### {kind.__name__}", "", inspect.cleandoc(kind.__doc__ or ""), ""]
    if issubclass(kind, Enum):
        return "\n".join([*lines, "One of " + ", ".join(f"`{m.value}`" for m in kind) + ".", ""])
    lines += ["| field | type |", "|---|---|"]
    lines += [f"| `{name}` | {_spelled(hint)} |" for name, hint in get_type_hints(kind).items()]
    return "\n".join([*lines, ""])


def _spelled(hint: Any) -> str:
    if isinstance(hint, type) and not get_args(hint):
        return "null" if hint is type(None) else hint.__name__
    members = [_spelled(member) for member in get_args(hint) if member is not Ellipsis]
    name = getattr(hint, "__name__", "")
    if name == "tuple":
        return f"list of {members[0]}" if Ellipsis in get_args(hint) else f"[{', '.join(members)}]"
    if name == "Mapping":
        return f"object of {members[1]}"
    return " or ".join(members)


def _classes(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and issubclass(hint, Enum):
        yield hint
    elif isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
        for inner in get_type_hints(hint).values():
            yield from _classes(inner)
    for member in get_args(hint):
        yield from _classes(member)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(artifacts_markdown(), encoding="utf-8", newline="\n")
