"""How many pieces are recognised together: what fits into free memory.

A larger batch is faster on a GPU and hardly changes anything on a processor, so nothing is gained
by going near the limit. What a batch is made of does not change what is recognised.
"""

from __future__ import annotations

import subprocess

_MOST_GPU, _MOST_CPU = 32, 8
_USED = 0.8
"""Share of the free memory that is counted on: others take some too."""
_OVERHEAD_MB = 1000.0
"""Libraries, sound and working space beside the weights."""
_PIECE_GPU, _PIECE_CPU = 0.075, 0.6
"""Memory for one piece over the size of the weights on disk (float16). From the figures that
faster-whisper publishes: large-v2 (3.09 GB) on a GPU takes 1.57 GB more with 8 pieces than with
one (0.07); small (0.48 GB) on a processor takes 2.13 GB more (0.6, activations being float32)."""


def batch_size(weights_mb: float, free: float, *, on_gpu: bool) -> int:
    """Pieces for one batch, at least 1, from the size of the weights and free memory, in MB."""
    piece_mb = weights_mb * (_PIECE_GPU if on_gpu else _PIECE_CPU)
    room_mb = free * _USED - weights_mb - _OVERHEAD_MB
    most = _MOST_GPU if on_gpu else _MOST_CPU
    return max(1, min(most, int(room_mb / max(piece_mb, 1.0))))


def free_mb(device: str) -> float:
    """Free memory in MB, of the first GPU or of the machine."""
    if device == "cuda":
        return free_gpu_mb(_ask_driver())
    import psutil

    return float(psutil.virtual_memory().available) / 1e6


def free_gpu_mb(answer: str) -> float:
    """Free MB of the first GPU in the driver's answer; 0 where it gives no number."""
    for line in answer.splitlines():
        if line.strip().replace(".", "", 1).isdigit():
            return float(line) * 1.048576
    return 0.0


def _ask_driver() -> str:
    asked = ["nvidia-smi", "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
