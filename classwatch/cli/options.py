"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Out = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="DIR", help="Folder for the results.", show_default=False),
]
ConfigOption = Annotated[
    str | None,
    typer.Option(
        "--config", "-c", metavar="NAME|FILE", help="Preset or YAML file; see `config presets`."
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set one value, as section.key=value."),
]
Lang = Annotated[
    Literal["zh", "en", "auto"] | None, typer.Option("--lang", help="Language of the lessons.")
]
ReportLang = Annotated[
    Literal["zh-CN", "en"] | None, typer.Option("--report-lang", help="Language of the report.")
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, max=256, help="Lessons side by side.", show_default=False),
]
Offline = Annotated[bool, typer.Option("--offline", help="Never touch the network.")]
Force = Annotated[bool, typer.Option("--force", help="Compute again what is there already.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress; errors only.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the trace of errors.")]
Device = Annotated[str, typer.Option("--device", metavar="NAME", help="auto, cpu, cuda or cuda:N.")]
CacheOption = Annotated[
    Path | None,
    typer.Option("--cache", metavar="DIR", help="Where stage results are kept [OUT/.cache]."),
]
