"""``classwatch demo``: the bundled sample lesson, analysed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classwatch.cli import options
from classwatch.cli.analyze import execute, show_result
from classwatch.cli.console import note
from classwatch.core.errors import InputError

_SAMPLE = "zh-dialogue"

DemoOut = Annotated[
    Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the results.")
]


def demo(
    out: DemoOut = Path("classwatch-demo"),
    report_lang: options.ReportLang = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> int:
    """Analyse the bundled sample lesson.

    Prints where the report is. Nothing is downloaded: where there is no other pose model, the one
    that comes with the program reads the pictures. Everyone in the sample is invented.
    """
    from classwatch.config.load import load_config
    from classwatch.exchange.manifest import find_lessons
    from classwatch.pipeline.options import RunOptions

    sources = find_lessons([sample_manifest()])
    config = load_config(report__language=report_lang)
    run_options = RunOptions(offline=True, debug=debug)
    result = execute(sources, out, config, run_options, show=not quiet)
    show_result(result)
    if result.exit_code == 0 and not quiet:
        note("Open the report in a browser. Next: classwatch analyze YOUR-LESSON.mp4 --out results")
    return result.exit_code


def sample_manifest() -> Path:
    """Manifest of the sample lesson of the demo. Raises InputError when none is installed."""
    from classwatch.core.resources import resource_dir

    folder = resource_dir("samples")
    manifest = folder / _SAMPLE / "lesson.yaml"
    if not manifest.is_file():
        raise InputError(
            "no sample lesson is installed",
            subject=str(folder),
            remedy="install classwatch again, or run it from a checkout",
        )
    return manifest
