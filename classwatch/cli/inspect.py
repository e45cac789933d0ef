"""``classwatch inspect``: what is in a lesson's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classwatch.cli import options
from classwatch.cli.console import print_json, print_table, say
from classwatch.core.errors import InputError

if TYPE_CHECKING:
    from classwatch.core.measures import Measure
    from classwatch.store.records import LessonRecord

LESSON_FILE, MEASURES_FILE, RUN_FILE = "lesson.json", "measures.json", "run.json"

Folder = Annotated[
    Path, typer.Argument(metavar="LESSON_DIR", help="Folder of a lesson, or of a whole run.")
]
Parts = Annotated[bool, typer.Option("--all", help="Also measures split into parts.")]


def inspect(
    folder: Folder,
    all_: Parts = False,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Show what an analysis found.

    Of a lesson's folder: inputs, findings and measures. Of a run's folder: its lessons.
    """
    from classwatch.store.documents import MEASURES, read_document
    from classwatch.store.records import LESSON

    if json:
        print_json(_raw(folder))
        return
    if (folder / RUN_FILE).is_file() and not (folder / LESSON_FILE).is_file():
        _show_run(folder)
        return
    lesson = read_document(_file(folder, LESSON_FILE), LESSON)
    measures = read_document(_file(folder, MEASURES_FILE), MEASURES)
    _show_lesson(lesson)
    say()
    _show_measures([m for m in measures if all_ or not m.part])


def _raw(folder: Path) -> dict[str, object]:
    import json

    names = [n for n in (LESSON_FILE, MEASURES_FILE, RUN_FILE) if (folder / n).is_file()]
    if not names:
        _file(folder, LESSON_FILE)
    try:
        return {
            name.removesuffix(".json"): json.loads((folder / name).read_text(encoding="utf-8"))
            for name in names
        }
    except ValueError as error:
        raise InputError(f"not JSON: {error}", subject=str(folder)) from None


def _file(folder: Path, name: str) -> Path:
    if not folder.is_dir():
        what = "this is a file, not a folder" if folder.exists() else "no such folder"
        raise InputError(what, subject=str(folder))
    if not (folder / name).is_file():
        raise InputError(
            f"holds no {name}, so it is not the folder of an analysed lesson",
            subject=str(folder),
            remedy="give OUT/LESSON_ID, or OUT for the lessons of a run",
        )
    return folder / name


def _show_run(folder: Path) -> None:
    from classwatch.store.documents import read_document
    from classwatch.store.records import RUN

    run = read_document(folder / RUN_FILE, RUN)
    print_table(
        ("lesson", "status", "issues", "reason"),
        [(r.lesson_id, r.status.value, str(r.issues), r.reason) for r in run.lessons],
        right="issues",
    )


def _show_lesson(lesson: LessonRecord) -> None:
    from classwatch.core.time import clock

    length = f", {clock(lesson.span.end_s - lesson.span.start_s)}" if lesson.span else ""
    say(f"lesson {lesson.lesson_id}{length}")
    for key in sorted(lesson.metadata):
        say(f"  {key}: {lesson.metadata[key]}")
    for given in lesson.inputs:
        offset = f", from {given.offset_s:g} s" if given.offset_s else ""
        say(f"input {given.stream} ({given.role.value}): {given.file}{offset}")
    for model in lesson.models:
        say(f"model for {model.task}: {model.name} {model.sha256[:12]}")
    if lesson.issues:
        say()
        print_table(
            ("finding", "", "what it means"),
            [(i.code, i.severity.value, i.message) for i in lesson.issues],
        )


def _show_measures(measures: list[Measure]) -> None:
    rows = [
        (m.id if not m.part else f"{m.id} [{m.part}]", _value(m), _coverage(m)) for m in measures
    ]
    print_table(("measure", "value", "coverage"), rows, right="coverage")


def _value(measure: Measure) -> str:
    if measure.why is not None:
        return f"not measured: {measure.why.code}"
    if measure.category is not None:
        return measure.category
    value = measure.value if measure.value is not None else float("nan")
    text = f"{value * 100:.1f} %" if measure.unit == "share" else f"{value:.4g}"
    unit = "" if measure.unit in ("share", "count", "ratio") else f" {measure.unit.value}"
    if measure.ci_low is None or measure.ci_high is None:
        return f"{text}{unit}"
    scale = 100 if measure.unit == "share" else 1
    return f"{text}{unit} [{measure.ci_low * scale:.4g}, {measure.ci_high * scale:.4g}]"


def _coverage(measure: Measure) -> str:
    return "" if measure.coverage is None else f"{measure.coverage * 100:.0f} %"
