"""One way to open an ONNX network for speech."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classwatch.core.machine import usable_cores


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
    options.intra_op_num_threads = usable_cores()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = ["CUDAExecutionProvider"] if on_gpu else []
    session = onnxruntime.InferenceSession(
        str(path), options, providers=[*providers, "CPUExecutionProvider"]
    )
    return Opened(session, on_gpu)
