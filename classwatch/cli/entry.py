"""The program's entry: runs a command and turns whatever happens into an exit code.

0 done, 1 some lessons failed, 2 wrong usage, 3 unreadable input, 4 model trouble, 5 out of a
resource, 70 a bug, 130 interrupted, 141 the reader of the output went away.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from classwatch.cli.console import complain, prepare_streams
from classwatch.core.errors import EXIT_BUG, EXIT_OK, ClasswatchError, ResourceError, UsageError

EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code. Errors are printed on stderr, never raised."""
    prepare_streams()
    debug = "--debug" in arguments or bool(os.environ.get("CLASSWATCH_DEBUG"))
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
        return code
    except ClasswatchError as error:
        if debug:
            _print_trace()
        complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        complain("interrupted", remedy="the same command goes on where it stopped")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return EXIT_BROKEN_PIPE
    except MemoryError:
        complain(ResourceError("out of memory", remedy="try --jobs 1"))
        return ResourceError.exit_code
    except ModuleNotFoundError as error:
        if debug:
            _print_trace()
        complain(f"the package {error.name} is not installed", remedy="install classwatch again")
        return EXIT_BUG
    except Exception as error:  # noqa: BLE001 - the last line of defence of the program
        _report_bug(error, debug=debug)
        return EXIT_BUG


def _invoke(arguments: Sequence[str]) -> int:
    import typer

    from classwatch.cli.app import app

    usage_error: type[Exception] = typer.BadParameter.__mro__[1]
    other_error: type[Exception] = typer.BadParameter.__mro__[2]
    try:
        code = app(args=list(arguments), prog_name="classwatch", standalone_mode=False)
    except usage_error as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error, file=sys.stderr)
            return UsageError.exit_code
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "classwatch"
        raise UsageError(_message(error), remedy=f"see `{command} --help`") from None
    except other_error as error:
        raise UsageError(_message(error)) from None
    except typer.Exit as stop:
        return stop.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except SystemExit:
        if type(sys.stdout).__name__ == "PacifyFlushWrapper":  # how click leaves a broken pipe
            raise BrokenPipeError from None
        raise
    return code if isinstance(code, int) else EXIT_OK


def _message(error: Exception) -> str:
    formatted = getattr(error, "format_message", None)
    text = str(formatted() if formatted else error).strip().rstrip(".")
    return text or type(error).__name__


def _silence_stdout() -> None:
    """Keep the interpreter from complaining about the closed pipe again while it shuts down."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = None


def _print_trace() -> None:
    import traceback

    print(traceback.format_exc(), file=sys.stderr)


def _report_bug(error: Exception, *, debug: bool) -> None:
    kind = type(error).__name__
    summary = f"{kind}: {error}" if str(error) else kind
    if debug:
        _print_trace()
        complain(f"a bug in classwatch: {summary}", remedy="please report it with the trace above")
        return
    place = _keep_trace()
    complain(
        f"a bug in classwatch: {summary}",
        remedy=f"please report it with {place}" if place else "--debug shows where it happened",
    )


def _keep_trace() -> str:
    """Write the trace into the user's folder, else into the temporary one; the path, or ""."""
    import hashlib
    import tempfile
    import traceback
    from pathlib import Path

    from classwatch.models.paths import home

    text = traceback.format_exc()
    name = f"trace-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}.txt"
    for folder in (home() / "traces", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", errors="replace")
        except OSError:
            continue
        return str(folder / name)
    return ""
