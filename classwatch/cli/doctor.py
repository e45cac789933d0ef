"""``classwatch doctor``: what this machine has, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classwatch.cli import options
from classwatch.cli.console import print_json, print_table, say

if TYPE_CHECKING:
    from classwatch.cli.checks import Check


def doctor(json: options.Json = False, debug: options.Debug = False) -> int:
    """Check what this machine has.

    Looks at versions, back ends, processor, models, network policy, fonts and folders.
    Exit code 1 when something is missing without which no lesson can be analysed.
    """
    from classwatch.cli.checks import all_checks

    checks = all_checks()
    if json:
        print_json(
            {
                "schema": "classwatch.doctor/1",
                "good": not any(c.state == "missing" for c in checks),
                "checks": [_document(c) for c in checks],
            }
        )
    else:
        _show(checks)
    return 1 if any(c.state == "missing" for c in checks) else 0


def _show(checks: tuple[Check, ...]) -> None:
    topics = list(dict.fromkeys(c.topic for c in checks))
    for topic in topics:
        say(topic)
        print_table(
            ("", "", ""),
            [(c.state, c.name, c.detail) for c in checks if c.topic == topic],
        )
        say()
    missing = [c for c in checks if c.state == "missing"]
    for check in checks:
        if check.remedy and check.state != "good":
            say(f"{check.name}: {check.remedy}")
    say("ready" if not missing else f"{len(missing)} things are missing")


def _document(check: Check) -> dict[str, str]:
    return {
        "topic": check.topic,
        "name": check.name,
        "state": check.state,
        "detail": check.detail,
        "remedy": check.remedy,
    }
