"""The command tree. Commands import what they need when they run, so that help is quick."""

from __future__ import annotations

from typing import Annotated

import typer

from classwatch import __version__
from classwatch.cli import (
    agree,
    analyze,
    cache,
    config,
    demo,
    doctor,
    evaluate,
    export,
    import_,
    inspect,
    manifest,
    metrics,
    models,
    norms,
    simulate,
)

app = typer.Typer(
    name="classwatch",
    help="Turn recorded lessons into teaching-behaviour measures and a report, offline.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"classwatch {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Turn recorded lessons into teaching-behaviour measures and a report, offline."""


app.command("analyze")(analyze.analyze)
app.command("demo")(demo.demo)
app.command("inspect")(inspect.inspect)
app.command("doctor")(doctor.doctor)
app.command("eval")(evaluate.evaluate)
app.command("agree")(agree.agree)
app.command("export")(export.export)
app.command("import")(import_.import_)
app.command("metrics")(metrics.metrics)
app.command("manifest")(manifest.manifest)
app.add_typer(cache.app, name="cache")
app.command("simulate")(simulate.simulate)
app.add_typer(config.app, name="config")
app.add_typer(models.app, name="models")
app.add_typer(norms.app, name="norms")
