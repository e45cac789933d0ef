"""``classwatch models``: which models there are, which are here, and getting them here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from classwatch.cli import options
from classwatch.cli.console import console, note, print_json, print_table, say, size_text
from classwatch.core.errors import EXIT_OK, ModelError, UsageError

if TYPE_CHECKING:
    from classwatch.models.entries import Entry, ModelFile
    from classwatch.models.pull import PullOptions
    from classwatch.models.registry import Copy, Registry

app = typer.Typer(
    help="List, download, verify and import models.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name as in `models list`.")]
SourceOption = Annotated[
    Literal["hf", "hf-mirror", "modelscope", "github"] | None,
    typer.Option("--source", help="Download from this place only."),
]
Trust = Annotated[
    bool,
    typer.Option("--trust-first-use", help="Accept a file of unknown digest and record it."),
]
ImportName = Annotated[
    str | None, typer.Option("--name", help="Name for a model that the registry does not know.")
]
Task = Annotated[
    Literal["pose", "asr", "speaker"] | None,
    typer.Option("--task", help="What such a model is for."),
]
Licence = Annotated[str, typer.Option("--licence", help="Licence of such a model.")]
Pickle = Annotated[
    bool,
    typer.Option(
        "--allow-pickle", help="Accept weights that are pickles (.pt, pyannote); they can run code."
    ),
]


@app.command("list")
def list_models(json: options.Json = False) -> None:
    """List models and where they are."""
    from classwatch.models import Registry

    registry = Registry.load()
    states = [(entry, _state(registry, entry)) for entry in registry.entries]
    registry.memo.save()
    if json:
        print_json([_entry_document(entry, *state) for entry, state in states])
        return
    rows = [(e.name, e.task, size_text(e.size_bytes), e.licence, word) for e, (word, _) in states]
    print_table(("model", "task", "size", "licence", "here"), rows, right="size")
    here = [f"{entry.name}: {path}" for entry, (_, path) in states if path]
    if here:
        say()
    for line in here:
        say(line)


@app.command()
def pull(
    name: Name,
    source: SourceOption = None,
    trust_first_use: Trust = False,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Download and verify a model.

    Prints its path. The places that offer it are tried in order. A download that broke off goes on
    where it stopped. Proxies are taken from the environment.
    """
    from classwatch.models.pull import PullOptions

    if offline:
        raise UsageError(
            "nothing is downloaded offline",
            subject=f"model {name}",
            remedy="carry the files over by hand and run `classwatch models import PATH`",
        )
    pull_options = PullOptions(source=source, trust_first_use=trust_first_use)
    model = _pull(name, pull_options, show=not quiet and sys.stderr.isatty())
    say(str(model.path))
    if not quiet:
        note(f"{model.name}: SHA-256 {model.sha256}, licence {model.licence}")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Model file or folder.")],
    name: ImportName = None,
    task: Task = None,
    licence: Licence = "unknown",
    allow_pickle: Pickle = False,
    debug: options.Debug = False,
) -> None:
    """Take over a model carried here by hand.

    Prints the path of each model taken. Files that the registry knows by digest need nothing more.
    For any other, --name and --task say what it is; its digest is recorded, so that later changes
    are noticed.
    """
    from classwatch.models.adopt import Vouch, import_models

    vouch = Vouch(name, task, licence, allow_pickle)
    for model in import_models(path, vouch):
        say(str(model.path))
        note(f"{model.name}: SHA-256 {model.sha256}, licence {model.licence}")


@app.command()
def verify(json: options.Json = False) -> int:
    """Compare every model file with its digest.

    Exit code 4 when one is wrong.
    """
    from classwatch.models import Registry
    from classwatch.models.adopt import verify_models

    copies = verify_models(Registry.load())
    if json:
        print_json([_copy_document(c) for c in copies])
    elif not copies:
        say("no model is on this machine")
    else:
        rows = [(c.entry.name, "; ".join(c.wrong) or "good", str(c.path)) for c in copies]
        print_table(("model", "digest", "path"), rows)
    return ModelError.exit_code if any(c.wrong for c in copies) else EXIT_OK


@app.command("path")
def path_(name: Name) -> None:
    """Print where a model is.

    Exit code 4 when it is not here.
    """
    from classwatch.models import Registry

    registry = Registry.load()
    model = registry.find(name, registry.entry(name).task)
    if model is None:
        raise ModelError(
            "is not on this machine",
            subject=f"model {name}",
            remedy=f"`classwatch models pull {name}`, or `classwatch models import PATH`",
        )
    say(str(model.path))


# ---------------------------------------------------------------- pieces


def _pull(name: str, pull_options: PullOptions, *, show: bool) -> ModelFile:
    from classwatch.models.pull import pull as download

    if not show:
        return download(name, pull_options)
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console(sys.stderr),
        transient=True,
    ) as progress:
        task = progress.add_task(name, total=None)

        def moved(file: str, done_bytes: int, total_bytes: int | None) -> None:
            progress.update(task, description=file, completed=done_bytes, total=total_bytes)

        return download(name, pull_options, moved)


def _state(registry: Registry, entry: Entry) -> tuple[str, str]:
    """``yes``, ``wrong digest`` or ``no``, and the path of the copy meant."""
    wrong: Copy | None = None
    for copy in registry.copies(entry):
        if not copy.wrong:
            return "yes", str(copy.path)
        wrong = wrong or copy
    return ("wrong digest", str(wrong.path)) if wrong else ("no", "")


def _entry_document(entry: Entry, state: str, path: str) -> dict[str, object]:
    return {
        "name": entry.name,
        "task": entry.task,
        "format": entry.format,
        "licence": entry.licence,
        "origin": entry.origin,
        "size_bytes": entry.size_bytes,
        "here": state,
        "path": path or None,
        "notes": entry.notes,
        "files": [{"path": f.path, "sha256": list(f.sha256)} for f in entry.files],
        "sources": [{"kind": s.kind, "base": s.base} for s in entry.sources],
    }


def _copy_document(copy: Copy) -> dict[str, object]:
    return {
        "name": copy.entry.name,
        "path": str(copy.path),
        "good": not copy.wrong,
        "wrong": list(copy.wrong),
        "sha256": dict(copy.digests),
    }
