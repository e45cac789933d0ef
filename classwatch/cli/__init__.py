"""One file per command: parse, build a configuration, call the library, print."""

from classwatch.cli.entry import main

__all__ = ["main"]
