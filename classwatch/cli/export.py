"""``classwatch export``: an analysed lesson as a file for ELAN, Praat, BORIS, Excel and others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classwatch.cli import options
from classwatch.cli.console import note, print_json, say
from classwatch.core.errors import UsageError

if TYPE_CHECKING:
    from classwatch.exchange.formats import Options
    from classwatch.exchange.tiers import Coding

Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="File to write [LESSON.suffix, here]."),
]
FormatName = Annotated[
    str, typer.Option("--format", "-f", metavar="NAME", help="Format; by default by its name.")
]
TierNames = Annotated[
    list[str] | None,
    typer.Option("--tier", metavar="NAME", help="Only this tier; may be repeated."),
]
Step = Annotated[
    float,
    typer.Option("--step", min=0.1, max=3600, metavar="SECONDS", help="Length of a row or a code."),
]
Part = Annotated[
    str,
    typer.Option("--part", metavar="NAME", help="Observation, recording or task within a file."),
]
Fps = Annotated[
    float | None,
    typer.Option("--fps", min=1, max=1000, help="Pictures in a second, where a file counts them."),
]


def export(  # noqa: PLR0913 - one parameter for each option
    lesson: Annotated[
        Path, typer.Argument(metavar="LESSON_DIR", help="Folder of an analysed lesson, or a file.")
    ],
    format_name: FormatName = "",
    out: Out = None,
    tier: TierNames = None,
    step: Step = 3.0,
    part: Part = "",
    fps: Fps = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Write a lesson's turns, words and events for another program.

    What the format cannot hold is listed. `classwatch import` takes the corrected file back. A
    file of another program may be given instead of a lesson: it is changed into the format.
    """
    from classwatch.exchange.formats import FORMATS, Options, format_of, write_coding
    from classwatch.exchange.tiers import select
    from classwatch.store.files import replace_bytes

    if not format_name and out is None:
        raise UsageError(
            "nothing says which format", subject="export", remedy="give --format or --out"
        )
    chosen = check_format(format_name) if format_name or out is None else format_of(out)
    one = FORMATS[chosen]
    coding = select(coding_at(lesson, Options(part, step, fps)), tier or (), str(lesson))
    written = write_coding(coding, chosen, Options(part or _stem(lesson), step, fps))
    target = out or Path(_stem(lesson) + (one.suffixes[0] if one.suffixes else ".csv"))
    if not target.resolve().parent.is_dir():
        raise UsageError("no such folder", subject=str(target.parent))
    replace_bytes(target, written.content)
    if json:
        print_json(
            {
                "schema": "classwatch.export/1",
                "file": str(target),
                "format": chosen,
                "tiers": list(coding.names),
                "losses": list(written.losses),
            }
        )
        return
    say(str(target))
    for loss in written.losses:
        note(f"lost: {loss}")


def _stem(lesson: Path) -> str:
    return lesson.resolve().name if lesson.is_dir() else lesson.stem


def check_format(name: str) -> str:
    """The name; UsageError listing the known ones where it is none."""
    from classwatch.exchange.formats import FORMATS

    if name not in FORMATS:
        raise UsageError(
            f"there is no format {name!r}",
            subject="--format",
            remedy=f"one of {', '.join(FORMATS)}",
        )
    return name


def coding_at(
    place: Path, chosen: Options, format_name: str = "", *, predicted: bool = False
) -> Coding:
    """The coding of a lesson's folder (with ``predicted`` without corrections) or of a file."""
    from classwatch.exchange.corrections import coded_tiers
    from classwatch.exchange.formats import read_coding
    from classwatch.exchange.lesson_coding import read_lesson_coding

    if place.is_dir():
        coding = read_lesson_coding(place, predicted=predicted)
        own = () if predicted else coded_tiers(place)
        # What the lesson's own table of codes holds has people's codes in it already.
        more = tuple(tier for tier in own if tier.name not in coding.names)
        return replace(coding, tiers=(*coding.tiers, *more))
    return read_coding(place, format_name, chosen)
