"""``classwatch metrics``: the protocols from human codes alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classwatch.cli import options
from classwatch.cli.console import note, print_json, print_table, say
from classwatch.cli.export import FormatName, Fps, Part, Step, TierNames, check_format
from classwatch.cli.import_ import TierKinds, tier_kinds
from classwatch.core.errors import InputError, UsageError

if TYPE_CHECKING:
    from classwatch.core.measures import Measure
    from classwatch.pipeline.coded import CodedLesson, CodedMeasures

SchemeName = Annotated[
    str, typer.Option("--scheme", metavar="NAME", help="Protocol of the codes: st, fias, …")
]
End = Annotated[
    float | None,
    typer.Option("--end", min=0, metavar="SECONDS", help="Length, where the file has none."),
]
Table = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write a .csv with every cell.")
]
Every = Annotated[bool, typer.Option("--all", help="Print what could not be given as well.")]


def metrics(  # noqa: PLR0913 - one parameter for each option
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Coding of any format.")],
    format_name: FormatName = "",
    tier: TierNames = None,
    scheme: SchemeName = "",
    map_: TierKinds = None,
    step: Step = 3.0,
    part: Part = "",
    fps: Fps = None,
    end: End = None,
    out: Table = None,
    every: Every = False,
    config: options.ConfigOption = None,
    set_: options.SetOption = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Compute the protocols from people's codes.

    No recording is needed: an ELAN file with a tier for each speaker, a coding sheet, a BORIS
    project, or a sequence of ITIAS or FIAS codes will do.
    """
    from classwatch.config.load import load_config
    from classwatch.exchange.formats import Options, read_coding
    from classwatch.exchange.tiers import select
    from classwatch.pipeline.coded import coded_lesson, measure_coded

    if format_name:
        check_format(format_name)
    _check_scheme(scheme)
    coding = select(read_coding(file, format_name, Options(part, step, fps)), tier or (), str(file))
    if end is not None:
        coding = replace(coding, end_s=max(end, coding.end_s))
    lesson = coded_lesson(coding, step_s=step, scheme=scheme, kinds=tier_kinds(map_ or ()))
    if not (lesson.facts.turns or lesson.facts.codes or lesson.tiers):
        raise InputError(
            "has neither turns nor codes of a known protocol",
            subject=str(file),
            remedy="--scheme names the protocol of the codes; --map TIER=turns/teacher says "
            f"whose a tier is; tiers here: {', '.join(coding.names) or 'none'}",
        )
    try:
        found = measure_coded(lesson, load_config(config, set_ or ()).metrics)
    except InputError as error:
        raise InputError(error.message, subject=str(file), remedy=error.remedy) from None
    for remark in (*coding.notes, *lesson.left_out):
        note(f"note: {remark}")
    if out is not None:
        _write(out, found, file.stem)
    if json:
        print_json(_document(lesson, found))
    else:
        _show(found, every=every)


def _check_scheme(name: str) -> None:
    from classwatch.metrics.scheme import BY_HAND

    if name and name not in BY_HAND:
        raise UsageError(
            f"there is no protocol {name!r}",
            subject="--scheme",
            remedy=f"one of {', '.join(BY_HAND)}",
        )


def _all(found: CodedMeasures) -> list[Measure]:
    return [*found.measures, *(m for _, own in found.by_tier for m in own)]


def _write(out: Path, found: CodedMeasures, name: str) -> None:
    from classwatch.store.convert import measures_table
    from classwatch.store.files import replace_bytes
    from classwatch.store.sheets import csv_bytes

    replace_bytes(out, csv_bytes(measures_table(tuple(_all(found))), name))


def _show(found: CodedMeasures, *, every: bool) -> None:
    parts = [("", found.measures), *found.by_tier]
    for name, measures in parts:
        shown = [m for m in measures if every or m.why is None]
        if not measures:
            continue
        if name:
            say(name)
        print_table(("measure", "", "value", "95 %", "of"), [_row(m) for m in shown], right="value")
        absent = len(measures) - len(shown)
        if absent:
            say(f"{absent} more could not be given from this coding (--all says why)")
        say()


def _row(measure: Measure) -> tuple[str, ...]:
    interval, basis = "", ""
    if measure.ci_low is not None and measure.ci_high is not None:
        # Short, so that ids stay on one line of 80 columns.
        interval = f"{measure.ci_low:.3g}..{measure.ci_high:.3g}"
    if measure.numerator is not None and measure.denominator is not None:
        basis = f"{measure.numerator:.6g}/{measure.denominator:.6g}"
    if measure.why is not None:
        basis = str(measure.why.code)
    value = measure.category or ("–" if measure.value is None else f"{measure.value:.4g}")
    return (measure.id, measure.part, value, interval, basis)


def _document(lesson: CodedLesson, found: CodedMeasures) -> dict[str, object]:
    from classwatch.core.measures import Measure as MeasureType
    from classwatch.store.codec import encode

    schemes = {tier.name: tier.scheme for tier in lesson.tiers}
    return {
        "schema": "classwatch.coded_measures/1",
        "measures": [encode(m, MeasureType) for m in found.measures],
        "tiers": [
            {
                "tier": name,
                "scheme": schemes[name],
                "measures": [encode(m, MeasureType) for m in own],
            }
            for name, own in found.by_tier
        ],
    }
