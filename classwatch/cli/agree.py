"""``classwatch agree``: how far codings of one lesson agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classwatch.cli import options
from classwatch.cli.console import print_json, print_table, say
from classwatch.cli.export import Fps, Part, check_format, coding_at
from classwatch.core.errors import UsageError

if TYPE_CHECKING:
    from classwatch.core.time import Interval
    from classwatch.evaluate.agreement import Agreement, AgreementFigure, PairAgreement
    from classwatch.evaluate.agreement_raters import Rater
    from classwatch.exchange.formats import Options

Codings = Annotated[
    list[str],
    typer.Argument(
        metavar="CODING",
        help="Two or more files or folders of analysed lessons; FILE#TIER takes one tier.",
    ),
]
Step = Annotated[
    float, typer.Option("--step", min=0.04, max=600, metavar="SECONDS", help="Grid of time.")
]
Tolerance = Annotated[
    float | None,
    typer.Option(
        "--tolerance", min=0, max=600, metavar="SECONDS", help="How far apart still agrees [STEP]."
    ),
]
Within = Annotated[
    str, typer.Option("--within", metavar="FROM-TO", help="Seconds that are compared, as 0-600.")
]
CodingFormat = Annotated[
    str, typer.Option("--format", "-f", metavar="NAME", help="Format of all files.")
]
Machine = Annotated[
    list[str] | None,
    typer.Option("--machine", metavar="CODING", help="A file that no person made; repeatable."),
]


def agree(  # noqa: PLR0913 - one parameter for each option
    codings: Codings,
    step: Step = 1.0,
    tolerance: Tolerance = None,
    within: Within = "",
    format_name: CodingFormat = "",
    machine: Machine = None,
    part: Part = "",
    fps: Fps = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Compare codings of one lesson.

    Gives Cohen's kappa, Krippendorff's alpha, F1 of events, who-spoke-when and the table of
    confusions. Folders of analysed lessons are the program's own coding: with two files of people
    beside one, human-human agreement stands next to machine-human.
    """
    from classwatch.evaluate.agreement import AgreeOptions
    from classwatch.evaluate.agreement import agree as compare
    from classwatch.exchange.formats import Options

    if len(codings) < 2:
        raise UsageError("needs two codings at least", subject="agree")
    if format_name:
        check_format(format_name)
    reading = Options(part, step, fps)
    raters = _named([_rater(text, format_name, reading, machine or ()) for text in codings])
    result = compare(
        raters, AgreeOptions(step, step if tolerance is None else tolerance, parse_within(within))
    )
    if json:
        print_json(_document(result))
        return
    _show(result)


def parse_within(text: str) -> Interval | None:
    """The interval in ``FROM-TO``, None for "". UsageError where it is none."""
    from classwatch.core.time import Interval

    if not text:
        return None
    start, _, end = text.partition("-")
    try:
        found = Interval(float(start), float(end))
    except ValueError:
        found = Interval(0.0, 0.0)
    if not found.duration_s > 0 or found.start_s < 0:
        raise UsageError(
            f"{text!r} is no stretch of time", subject="--within", remedy="seconds, as 0-600"
        )
    return found


def _rater(text: str, format_name: str, reading: Options, machines: list[str] | tuple[()]) -> Rater:
    from classwatch.evaluate.agreement_raters import rater_of
    from classwatch.exchange.tiers import select

    place, tier = Path(text), ""
    if not place.exists() and "#" in text:
        file, _, tier = text.rpartition("#")
        place = Path(file)
    # The program is to be compared as it was, not as people corrected it.
    whole = coding_at(place, reading, format_name, predicted=True)
    coding = select(whole, [tier] if tier else [], str(place))
    machine = place.is_dir() or text in machines
    name = f"{place.resolve().name}#{tier}" if tier else place.resolve().name
    return rater_of(name, coding, machine=machine, one_stream=bool(tier))


def _named(raters: list[Rater]) -> list[Rater]:
    """Raters with different names."""
    from dataclasses import replace

    seen: dict[str, int] = {}
    found = []
    for rater in raters:
        seen[rater.name] = seen.get(rater.name, 0) + 1
        count = seen[rater.name]
        found.append(replace(rater, name=f"{rater.name} ({count})") if count > 1 else rater)
    return found


# ---------------------------------------------------------------- output


def _show(result: Agreement) -> None:
    for pair in result.pairs:
        say(f"{pair.stream}: {pair.left} and {pair.right} ({pair.kind})")
        say(f"common time: {pair.span.start_s:g} to {pair.span.end_s:g} s")
        whole = [f for f in pair.figures if not f.code]
        print_table(
            ("all codes", "value", "95 %"),
            [(f.metric, _number(f.value), _interval(f)) for f in whole],
            right="value",
        )
        for why in dict.fromkeys(f.why for f in pair.figures if f.why):
            say(f"absent: {why}")
        say()
        _show_codes(pair)
        _show_table(pair)
        say()
    print_table(
        ("Krippendorff's alpha", "who", "raters", "value", "95 %"),
        [
            (a.stream, a.kind, str(len(a.raters)), _number(a.figure.value), _interval(a.figure))
            for a in result.alphas
        ],
        right="raters value",
    )
    say()
    print_table(
        ("kappa side by side", "who", "raters", "kappa", "95 %"),
        [
            (
                pair.stream,
                pair.kind,
                f"{pair.left}, {pair.right}",
                _number(pair.figures[0].value),
                _interval(pair.figures[0]),
            )
            for pair in sorted(result.pairs, key=lambda p: (p.stream, p.kind, p.left, p.right))
        ],
        right="kappa",
    )


def _show_codes(pair: PairAgreement) -> None:
    """One line for each code, its figures side by side."""
    metrics = list(dict.fromkeys(f.metric for f in pair.figures if f.code))
    codes = list(dict.fromkeys(f.code for f in pair.figures if f.code))
    by_name = {(f.metric, f.code): f for f in pair.figures}
    rows = []
    for code in codes:
        row = [code]
        for metric in metrics:
            figure = by_name.get((metric, code))
            row += ["", ""] if figure is None else [_number(figure.value), _interval(figure)]
        rows.append(row)
    headers = [cell for metric in metrics for cell in (metric, "95 %")]
    # Columns that are empty for every code say nothing.
    kept = [0, *(at for at in range(1, len(headers) + 1) if any(row[at] for row in rows))]
    print_table(
        [["each code", *headers][at] for at in kept], [[row[at] for at in kept] for row in rows]
    )
    say()


def _show_table(pair: PairAgreement) -> None:
    labels = pair.table.labels
    if len(labels) > 25:
        say(f"({len(labels)} codes: the table of confusions is in --json)")
        return
    header = (f"{pair.left} \\ {pair.right}", *labels)
    rows = [
        (label, *(f"{cell:g}" for cell in row))
        for label, row in zip(labels, pair.table.weight.tolist(), strict=True)
    ]
    print_table(header, rows)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _interval(figure: AgreementFigure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{figure.low:.3f} to {figure.high:.3f}"


def _document(result: Agreement) -> dict[str, object]:
    return {
        "schema": "classwatch.agree/1",
        "pairs": [
            {
                "stream": pair.stream,
                "left": pair.left,
                "right": pair.right,
                "kind": pair.kind,
                "start_s": pair.span.start_s,
                "end_s": pair.span.end_s,
                "figures": [_figure_document(f) for f in pair.figures],
                "labels": list(pair.table.labels),
                "confusion": pair.table.weight.tolist(),
            }
            for pair in result.pairs
        ],
        "alphas": [
            {
                "stream": a.stream,
                "kind": a.kind,
                "raters": list(a.raters),
                **_figure_document(a.figure),
            }
            for a in result.alphas
        ],
    }


def _figure_document(figure: AgreementFigure) -> dict[str, object]:
    return {
        "metric": figure.metric,
        "code": figure.code,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "why": figure.why,
    }
