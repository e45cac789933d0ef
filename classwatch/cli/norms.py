"""``classwatch norms``: published reference values, and reference sets of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classwatch.cli import options
from classwatch.cli.console import print_json, print_table, say
from classwatch.core.errors import InputError, UsageError

if TYPE_CHECKING:
    from classwatch.core.norms import Norm
    from classwatch.metrics.norm_sets import LessonValues, NormSet, Stratum

app = typer.Typer(
    help="Published reference values, and reference sets built from your own lessons.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Runs = Annotated[
    list[Path], typer.Argument(metavar="RUNS...", help="Output folders of `classwatch analyze`.")
]
Set = Annotated[
    Path, typer.Option("--norms", metavar="FILE", help="Reference set to compare with.")
]
By = Annotated[
    str,
    typer.Option(
        "--by", metavar="FIELDS", help="Metadata that make lessons of one kind; may be ''."
    ),
]


@app.command("list")
def list_(
    recalled: Annotated[
        bool, typer.Option("--recalled", help="Also values that nobody has checked.")
    ] = False,
    json: options.Json = False,
) -> None:
    """List the published values that come with classwatch, with their sources."""
    from classwatch.metrics.norms import load_norms

    norms = load_norms(recalled=recalled)
    if json:
        print_json([_published(norm) for norm in norms])
        return
    print_table(
        ("id", "measure", "value", "status", "source"),
        [
            (
                n.id,
                f"{n.measure} [{n.part}]" if n.part else n.measure,
                _range(n),
                n.status,
                n.source,
            )
            for n in norms
        ],
        right="value",
    )


@app.command()
def build(
    runs: Runs,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write it.")],
    by: By = "stage,subject,lesson_type",
    min_n: Annotated[
        int, typer.Option("--min-n", min=2, help="Fewest lessons that make a reference.")
    ] = 10,
    json: options.Json = False,
) -> None:
    """Build a reference set from analysed lessons: mean, spread and quartiles of each measure.

    Lessons are grouped by stage, subject and lesson type; smaller groups get no reference.
    """
    from classwatch.metrics.norm_sets import NORM_SET, build_norms
    from classwatch.store.codec import encode
    from classwatch.store.documents import write_document

    fields = tuple(name.strip() for name in by.split(",") if name.strip())
    found = build_norms(_lessons(runs), fields, min_n)
    write_document(out, NORM_SET, found)
    if json:
        print_json(encode(found, NORM_SET.hint))
    else:
        _show(found, out)


@app.command("compare")
def compare_(
    lesson: Annotated[Path, typer.Argument(metavar="LESSON_DIR", help="Folder of a lesson.")],
    norms: Set,
    stratum: Annotated[
        str | None,
        typer.Option(
            "--stratum",
            metavar="K=V,...",
            help="Compare with another kind of lesson than its own; think twice.",
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also measures split into parts.")] = False,
    json: options.Json = False,
) -> None:
    """Show a lesson's figures beside a reference set of the same kind of lessons.

    z is the distance from the mean in standard deviations, quarter 1 to 4 where it lies between the
    quartiles. Neither says whether a lesson is good.
    """
    from classwatch.metrics.compute import definitions
    from classwatch.metrics.norm_sets import NORM_SET, compare, stratum_of, stratum_text
    from classwatch.store.documents import read_document

    found = read_document(norms, NORM_SET)
    own = _lesson(lesson)
    wanted = None if stratum is None else _stratum(stratum, found)
    order = {one.id: at for at, one in enumerate(definitions())}
    rows = [(m, s) for m, s in compare(found, own, wanted) if all_ or json or not m.part]
    rows.sort(key=lambda row: order.get(row[0].id.partition("@")[0], len(order)))
    kind = stratum_of(own.metadata, found.by) if wanted is None else wanted
    if json:
        print_json(
            {
                "lesson": own.lesson_id,
                "stratum": dict(kind),
                "own_stratum": wanted is None,
                "measures": [
                    {
                        "measure": m.id,
                        "part": m.part,
                        "value": s.value,
                        "z": s.z,
                        "quarter": s.quarter,
                        "n": s.cell.n,
                        "mean": s.cell.mean,
                        "median": s.cell.median,
                    }
                    for m, s in rows
                ],
            }
        )
        return
    say(f"lesson {own.lesson_id} beside {stratum_text(kind)}")
    print_table(
        ("measure", "value", "mean", "q1", "q3", "z", "quarter", "n"),
        [
            (
                f"{m.id} [{m.part}]" if m.part else m.id,
                f"{s.value:.3g}",
                f"{s.cell.mean:.3g}",
                f"{s.cell.q1:.3g}",
                f"{s.cell.q3:.3g}",
                "" if s.z is None else f"{s.z:+.2f}",
                str(s.quarter),
                str(s.cell.n),
            )
            for m, s in rows
        ],
        right="value mean q1 q3 z quarter n",
    )


def _lessons(runs: list[Path]) -> Iterator[LessonValues]:
    for run in runs:
        folders = sorted(path.parent for path in run.glob("*/lesson.json"))
        if not folders:
            raise InputError(
                "holds no analysed lessons",
                subject=str(run),
                remedy="give the folder named by --out of `classwatch analyze`",
            )
        for folder in folders:
            yield _lesson(folder)


def _lesson(folder: Path) -> LessonValues:
    from classwatch.metrics.norm_sets import LessonValues, read_values
    from classwatch.store import schemas
    from classwatch.store.artifacts import table_path
    from classwatch.store.documents import read_document
    from classwatch.store.records import LESSON

    record = read_document(folder / "lesson.json", LESSON)
    measures = read_values(table_path(folder, schemas.MEASURES))
    return LessonValues(record.lesson_id, record.metadata, measures)


def _stratum(text: str, norms: NormSet) -> Stratum:
    given: dict[str, str] = {}
    for piece in (p for p in text.split(",") if p.strip()):
        name, sign, value = piece.partition("=")
        if not sign:
            raise UsageError(f"--stratum: {piece!r} is not FIELD=VALUE")
        given[name.strip()] = value.strip()
    unknown = sorted(set(given) - set(norms.by))
    if unknown:
        raise UsageError(
            f"--stratum: the set is not grouped by {', '.join(unknown)}",
            remedy=f"use {', '.join(norms.by) or 'no field'}",
        )
    return tuple((name, given.get(name, "")) for name in norms.by)


def _show(norms: NormSet, out: Path) -> None:
    from classwatch.metrics.norm_sets import stratum_text

    if norms.strata:
        print_table(
            ("lessons of one kind", "lessons", "teachers", "figures"),
            [
                (
                    stratum_text(s.stratum),
                    str(s.lessons),
                    "?" if s.teachers is None else str(s.teachers),
                    str(len(s.cells)),
                )
                for s in norms.strata
            ],
            right="lessons teachers figures",
        )
    for stratum, count in norms.small:
        say(f"left out, under {norms.min_n} lessons: {stratum_text(stratum)} ({count})")
    say(f"written: {out}")


def _range(norm: Norm) -> str:
    if norm.value is not None:
        return f"{norm.value:g} {norm.unit}"
    low = "" if norm.low is None else f"{norm.low:g}"
    high = "" if norm.high is None else f"{norm.high:g}"
    return (
        f"{low} to {high} {norm.unit}"
        if low and high
        else f"{'>=' if low else '<='} {low or high} {norm.unit}"
    )


def _published(norm: Norm) -> dict[str, object]:
    from classwatch.core.norms import Norm as Published
    from classwatch.store.codec import encode

    found = encode(norm, Published)
    return found if isinstance(found, dict) else {}
