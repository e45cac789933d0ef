"""The page with the worst moments (being made)."""

from __future__ import annotations

from typing import Any


def write_page(*_: Any) -> None:
    """Write nothing yet."""
