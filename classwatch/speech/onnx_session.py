"""One way to open an ONNX network for speech."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A session of onnxruntime, and whether it runs on the GPU."""

    session: Any
    on_gpu: bool


def open_session(path: Path, device: str) -> Opened:
    """The network at ``path``; ``device`` is ``auto``, ``cpu`` or ``cuda``.

    Raises what onnxruntime raises: the caller knows what the file should have been.
    """
    import onnxruntime

    on_gpu = device != "cpu" and "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    # A number of its own keeps the library from pinning threads to cores, and waiting threads that
    # spin starve the worker next door: a network was seen to wait for its own thread for minutes.
    options.intra_op_num_threads = _cores()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = ["CUDAExecutionProvider"] if on_gpu else []
    session = onnxruntime.InferenceSession(
        str(path), options, providers=[*providers, "CPUExecutionProvider"]
    )
    return Opened(session, on_gpu)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)
