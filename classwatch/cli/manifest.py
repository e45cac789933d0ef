"""``classwatch manifest``: a manifest to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classwatch.cli import options
from classwatch.cli.console import note, say

ManifestOut = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="A .csv or .xlsx [FOLDER/manifest.csv]."),
]
Overwrite = Annotated[bool, typer.Option("--force", help="Write over an existing manifest.")]


def manifest(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder with recordings.")],
    out: ManifestOut = None,
    force: Overwrite = False,
    debug: options.Debug = False,
) -> None:
    """Write a manifest to be filled in.

    It has one row for every recording in the folder and the folders below it.
    """
    from classwatch.exchange.manifest_template import write_template

    target = out if out is not None else folder / "manifest.csv"
    rows = write_template(folder, target, force=force)
    say(str(target))
    note(f"{rows} lessons. Fill in what you know, and yes (是) under consent once it was given.")
    note(f'Then: classwatch analyze "{target}" --out results')
