"""How long work tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the finished share in [0, 1]; cheap enough to call often."""

    def __call__(self, share: float, /) -> None: ...


def silent(share: float, /) -> None:
    """A listener that ignores everything."""
