"""Checkpoints of training: there whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write ``state`` over what stands at ``path``, in one step."""
    import torch

    part = path.with_suffix(".part")
    torch.save(dict(state), part)
    part.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The state of ``save_checkpoint``, on the CPU; only tensors and plain values are read."""
    import torch

    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state
