"""Locks between processes that die with their holder.

The operating system gives a lock back when its holder ends, however it ends, so a killed run
never blocks the next one. Locks only save work: results stay right without them, because
everything is published by one rename. Where a file system has no locks, work goes on unlocked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from classwatch.store.files import disk_errors


@contextmanager
def held(path: Path, *, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock file ``path``, waiting for whoever has it; ``on_wait`` is called once then.

    Not re-entrant. Raises ``ResourceError`` where the lock file cannot be made.
    """
    import filelock

    lock = filelock.FileLock(path, thread_local=False)
    try:
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                on_wait()
                lock.acquire()
    except NotImplementedError:
        yield
        return
    try:
        yield
    finally:
        lock.release()


@contextmanager
def held_if_free(path: Path) -> Iterator[bool]:
    """Whether the lock could be had at once; it is held inside when it could.

    False too where locks do not work or the file cannot be made.
    """
    import filelock

    lock = filelock.FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (filelock.Timeout, NotImplementedError, OSError):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
