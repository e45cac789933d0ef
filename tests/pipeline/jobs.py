"""Jobs for child processes in these tests; importable by name from a fresh interpreter."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path
from typing import Any

from classwatch.core.errors import ModelError
from classwatch.pipeline.isolate import Send


def double(payload: Any, send: Send) -> Any:
    send("working")
    return payload * 2


def crash(payload: Any, send: Send) -> Any:
    ctypes.string_at(0)


def hang(payload: Any, send: Send) -> Any:
    time.sleep(600)


def eat(payload: Any, send: Send) -> Any:
    hoard = bytearray(600_000_000)
    time.sleep(600)
    return hoard


def fail(payload: Any, send: Send) -> Any:
    raise ModelError("no such model", subject="m.onnx", remedy="pull it")


def stumble(payload: Any, send: Send) -> Any:
    return {}["absent"]


def square(number: int) -> int:
    if number < 0:
        os.abort()
    return number * number


def announce_and_wait(folder: Path) -> None:
    (folder / str(os.getpid())).touch()
    time.sleep(600)
