"""What this machine computes with, found without loading a heavy library."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from classwatch.core.errors import UsageError


def resolve_device(wanted: str) -> str:
    """``cpu`` or ``cuda``; ``auto`` takes a GPU where the driver shows one.

    Raises ``UsageError`` when a GPU is asked for and none is there.
    """
    has_gpu = Path("/dev/nvidia0").exists() or shutil.which("nvidia-smi") is not None
    if wanted.startswith("cuda") and not has_gpu:
        raise UsageError(
            "this machine shows no NVIDIA GPU",
            subject=f"--device {wanted}",
            remedy="leave --device out, or install the GPU's driver",
        )
    if wanted != "auto":
        return wanted
    return "cuda" if has_gpu else "cpu"


def calm_threads() -> None:
    """Keep the numeric libraries of processes started from here off each other's cores.

    Single-threaded workers side by side beat threads; idle OpenMP threads must not spin.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def default_memory_limit_mb(jobs: int) -> float:
    """Share of the machine's memory that one lesson may take, in MB."""
    import psutil

    return max(2000.0, 0.8 * psutil.virtual_memory().total / 1e6 / jobs)
