"""``classwatch import``: a corrected or coded file back into an analysed lesson."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classwatch.cli import options
from classwatch.cli.agree import Within, parse_within
from classwatch.cli.console import note, print_json, print_table, say
from classwatch.cli.export import FormatName, Fps, Part, Step, check_format
from classwatch.core.errors import EXIT_OK, EXIT_SOME_FAILED, UsageError

if TYPE_CHECKING:
    from classwatch.pipeline.bring_in import BroughtIn

TierKinds = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="TIER=KIND", help="What a tier is, as Zhang=turns/teacher; repeatable."
    ),
]


def import_(  # noqa: PLR0913 - one parameter for each option
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Corrected or coded file.")],
    lesson: Annotated[Path, typer.Argument(metavar="LESSON_DIR", help="Folder of the lesson.")],
    format_name: FormatName = "",
    map_: TierKinds = None,
    within: Within = "",
    part: Part = "",
    step: Step = 3.0,
    fps: Fps = None,
    cache: options.CacheOption = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> int:
    """Take people's corrections into a lesson.

    What a person says wins over predictions; measures and report are computed again. The file and
    the predictions are kept in the lesson's folder. A file counts for the kinds of tiers that it
    holds: its turns replace all turns, and so on.
    Exit code 1: the corrections are kept, but the results to compute from are no longer there.
    """
    from classwatch.exchange.formats import Options
    from classwatch.pipeline.bring_in import BringIn, bring_in

    if format_name:
        check_format(format_name)
    asked = BringIn(
        format_name, Options(part, step, fps), tier_kinds(map_ or ()), parse_within(within)
    )
    folder = lesson.resolve()
    root = (cache or folder.parent / ".cache").absolute()
    result = bring_in(file, folder, asked, root)
    if json:
        print_json(_document(result))
    else:
        _show(result, folder)
    return EXIT_SOME_FAILED if result.missing else EXIT_OK


def tier_kinds(given: list[str] | tuple[()]) -> dict[str, str]:
    """What each tier is, from ``TIER=KIND``; UsageError where a text is none."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, kind = text.rpartition("=")
        if not equals or not name or not kind:
            raise UsageError(
                f"{text!r} is no TIER=KIND", subject="--map", remedy="such as Zhang=turns/teacher"
            )
        found[name] = kind
    return found


def _show(result: BroughtIn, folder: Path) -> None:
    for remark in result.notes:
        note(f"note: {remark}")
    if result.left_out:
        note(f"left out: {', '.join(result.left_out)} (say what they are with --map)")
    if result.kept is None:
        say("nothing is other than it was")
        return
    print_table(
        ("", "new", "gone"),
        [(c.kind, str(c.added), str(c.removed)) for c in result.changes],
        right="new gone",
    )
    say(f"kept: {result.kept}")
    if result.missing:
        note(f"not computed again: {result.missing}")
    else:
        say(f"report: {folder / 'report.html'}")


def _document(result: BroughtIn) -> dict[str, object]:
    return {
        "schema": "classwatch.import/1",
        "changes": [
            {"kind": c.kind, "added": c.added, "removed": c.removed} for c in result.changes
        ],
        "left_out": list(result.left_out),
        "notes": list(result.notes),
        "kept": None if result.kept is None else str(result.kept),
        "not_computed": result.missing,
    }
