"""Many pieces of one stage side by side in processes that die with their parent."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from classwatch.core.errors import InputError
from classwatch.pipeline.memory import settle_memory

P = TypeVar("P")
R = TypeVar("R")


def die_with_parent() -> None:
    """End this process as soon as its parent is gone, however the parent ended."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def _begin() -> None:
    settle_memory()
    die_with_parent()


def fan_out(
    function: Callable[[P], R], pieces: Sequence[P], *, workers: int, subject: str
) -> Iterator[R]:
    """Results of ``function`` on each piece, in order, from up to ``workers`` processes.

    ``function`` must be importable by name. A worker that dies (a native library crashed) raises
    ``InputError`` naming ``subject``; pieces not yet begun are dropped on any error.
    """
    if len(pieces) <= 1 or workers <= 1:
        workers = 1
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        min(workers, max(1, len(pieces))), mp_context=context, initializer=_begin
    )
    try:
        futures: deque[Future[R]] = deque(pool.submit(function, piece) for piece in pieces)
        while futures:
            # Taken out of the queue first: a future keeps its result for as long as it lives.
            yield futures.popleft().result()
    except BrokenProcessPool as error:
        raise InputError(
            "a library crashed while decoding or analysing this file",
            subject=subject,
            remedy="re-encode it, for example to H.264 and AAC in MP4, and run again",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
