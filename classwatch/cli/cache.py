"""``classwatch cache``: how much the stage results take, and letting the oldest go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classwatch.cli import options
from classwatch.cli.console import print_json, say, size_text
from classwatch.core.errors import InputError

if TYPE_CHECKING:
    from classwatch.store.cache import Cache

app = typer.Typer(
    help="Show or shrink the stored stage results of an output folder.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
OutArgument = Annotated[
    Path, typer.Argument(metavar="OUT", help="Output folder of `classwatch analyze`, or a cache.")
]


@app.command()
def size(out: OutArgument, json: options.Json = False) -> None:
    """Print how many results there are and how much room they take."""
    cache = _cache_of(out)
    sizes = [entry.size_bytes for entry in cache.entries()]
    if json:
        print_json({"results": len(sizes), "bytes": sum(sizes)})
    else:
        say(f"{len(sizes)} results, {size_text(sum(sizes))}, in {cache.root}")


@app.command()
def prune(
    out: OutArgument,
    keep_gb: Annotated[
        float, typer.Option("--keep-gb", min=0.0, help="Remove until this many GB are left.")
    ],
    json: options.Json = False,
) -> None:
    """Remove the results longest unused; lesson folders are not touched.

    What was used within the last hour stays. What is missing is computed again when it is needed.
    """
    from classwatch.store.cache import prune as shrink

    freed = shrink(_cache_of(out), int(keep_gb * 1e9))
    if json:
        print_json({"freed_bytes": freed})
    else:
        say(f"{size_text(freed)} freed")


def _cache_of(out: Path) -> Cache:
    from classwatch.store.cache import Cache

    root = next((p for p in (out / ".cache", out) if (p / "CACHEDIR.TAG").is_file()), None)
    if root is None:
        raise InputError(
            "holds no stage results",
            subject=str(out),
            remedy="name the folder given to --out or --cache of `classwatch analyze`",
        )
    return Cache(root)
