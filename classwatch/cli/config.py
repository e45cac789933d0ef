"""``classwatch config``: what can be configured, and what a configuration comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from classwatch.cli import options
from classwatch.cli.console import print_json, print_table, say

if TYPE_CHECKING:
    from classwatch.config import Config

app = typer.Typer(
    help="Show configurations, presets and the schema.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def show(
    config: options.ConfigOption = None,
    set_: options.SetOption = None,
    json: options.Json = False,
) -> None:
    """Print a complete configuration.

    It is YAML that --config reads back, with what each value means and may be.
    """
    from classwatch.config.load import load_config

    resolved = load_config(config, set_ or ())
    if json:
        print_json(resolved.model_dump(mode="json"))
    else:
        say(as_yaml(resolved))


@app.command()
def schema() -> None:
    """Print the JSON schema of configuration files."""
    from classwatch.config.load import config_schema

    print_json(config_schema())


@app.command()
def presets(json: options.Json = False) -> None:
    """List the presets that ship with classwatch."""
    from classwatch.config.load import presets as shipped

    found = shipped()
    if json:
        print_json([{"name": p.name, "description": p.description} for p in found])
    else:
        print_table(("preset", "what it is for"), [(p.name, p.description) for p in found])


def as_yaml(config: Config) -> str:
    """The configuration as YAML that ``--config`` reads back, each value under its doc."""
    from textwrap import fill

    import yaml

    from classwatch.config.load import field_docs, section_docs

    docs, sections = field_docs(), section_docs()
    lines: list[str] = []
    for section, values in config.model_dump(mode="json").items():
        lines += ["", f"# {sections[section]}", f"{section}:"]
        for field, value in values.items():
            doc = docs[f"{section}.{field}"]
            text = f"{doc.doc} ({doc.allowed})" if doc.allowed != "text" else doc.doc
            lines.append(fill(text, 78, initial_indent="  # ", subsequent_indent="  # "))
            dumped = yaml.safe_dump({field: value}, allow_unicode=True, width=10_000)
            lines += [f"  {line}" for line in dumped.rstrip().splitlines()]
    return "\n".join(lines[1:])
