"""Run a command and watch its whole process tree: wall seconds, CPU seconds, peak memory."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took. ``peak_mb`` counts pages shared in the process tree once."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    exit_code: int
    output: str


def measure(command: list[str]) -> Cost:
    """Run to the end; memory is sampled every two seconds, so as not to slow the command."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = [0.0]
    cpu: dict[int, float] = {}

    def watch() -> None:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            used = 0
            for member in [root, *_children(root)]:
                try:
                    used += member.memory_full_info().pss
                    times = member.cpu_times()
                    cpu[member.pid] = times.user + times.system
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], used / 1e6)
            time.sleep(2.0)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    output, _ = process.communicate()
    wall_s = time.perf_counter() - began
    watcher.join()
    return Cost(wall_s, sum(cpu.values()), peak[0], process.returncode, output)


def _children(root: psutil.Process) -> list[psutil.Process]:
    try:
        return list(root.children(recursive=True))
    except psutil.Error:
        return []
