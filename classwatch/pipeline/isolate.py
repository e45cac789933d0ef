"""A child process that may crash, hang or eat memory without harming the run.

The child is given one job and a pipe; it sends messages and then its result. The parent polls:
silence for too long, too much memory or a death without a result each become an error value.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from classwatch.core.errors import ClasswatchError, InputError, ResourceError
from classwatch.pipeline.fanout import die_with_parent
from classwatch.pipeline.memory import settle_memory

Send = Callable[[Any], None]
Job = Callable[[Any, Send], Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a child: seconds in all, seconds without any message, MB of resident memory."""

    total_s: float
    silent_s: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Bug:
    """An exception that nobody foresaw, as text from the child."""

    summary: str
    trace: str


@dataclass(frozen=True, slots=True)
class _Done:
    value: Any


@dataclass(frozen=True, slots=True)
class _Failed:
    error: ClasswatchError | Bug


def _child(job: Job, payload: Any, pipe: Connection) -> None:
    settle_memory()
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        answer: _Done | _Failed = _Done(job(payload, pipe.send))
    except ClasswatchError as error:
        answer = _Failed(error)
    except MemoryError:
        answer = _Failed(
            ResourceError("memory ran out", remedy="close other programs or use --jobs 1")
        )
    except BaseException as error:  # noqa: BLE001 - the one place where a bug becomes a report
        answer = _Failed(Bug(f"{type(error).__name__}: {error}", traceback.format_exc()))
    pipe.send(answer)
    pipe.close()


class Isolated:
    """One running child. ``poll`` never blocks; ``result`` is set once the child has ended."""

    def __init__(self, job: Job, payload: Any, *, subject: str, limits: Limits) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, child_end = context.Pipe(duplex=False)
        self._process = context.Process(target=_child, args=(job, payload, child_end))
        self._process.start()
        child_end.close()
        self._subject = subject
        self._limits = limits
        self._started = self._heard = time.monotonic()
        self._checked = 0.0
        self._peak_mb = 0.0
        self.result: Any = None
        self.error: ClasswatchError | Bug | None = None
        self.ended = False

    def poll(self) -> list[Any]:
        """Messages that came since the last call; ends the child when it breaks a limit."""
        messages = self._drain()
        if not self.ended and not self._process.is_alive():
            messages += self._drain()
            if not self.ended:
                self._end(self._death())
        if not self.ended:
            broken = self._broken_limit()
            if broken is not None:
                self.kill()
                self._end(broken)
        return messages

    def kill(self) -> None:
        """End the child and everything it started."""
        import psutil

        try:
            family = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.Error:
            family = []
        self._process.kill()
        for member in family:
            try:
                member.kill()
            except psutil.Error:
                continue
        self._process.join()

    def _drain(self) -> list[Any]:
        messages: list[Any] = []
        while not self.ended and self.pipe.poll():
            try:
                message = self.pipe.recv()
            except (EOFError, OSError, pickle.UnpicklingError):
                break
            self._heard = time.monotonic()
            if isinstance(message, _Done):
                self.result = message.value
                self._end(None)
            elif isinstance(message, _Failed):
                self._end(message.error)
            else:
                messages.append(message)
        return messages

    def _end(self, error: ClasswatchError | Bug | None) -> None:
        self.error = error
        self.ended = True
        self._process.join()
        self.pipe.close()

    def _death(self) -> ClasswatchError:
        code = self._process.exitcode
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        if code == -signal.SIGKILL:
            return ResourceError(
                "the analysis was killed, probably because memory ran out",
                subject=self._subject,
                remedy="close other programs or use --jobs 1, and run again",
            )
        return InputError(
            f"a library crashed while reading this lesson ({how})",
            subject=self._subject,
            remedy="re-encode the file, for example to H.264 and AAC in MP4, and run again",
        )

    def _broken_limit(self) -> ClasswatchError | None:
        now = time.monotonic()
        if now - self._started > self._limits.total_s:
            return self._too_long(f"took longer than {self._limits.total_s:.0f} s")
        if now - self._heard > self._limits.silent_s:
            return self._too_long(f"made no progress for {self._limits.silent_s:.0f} s")
        if now - self._checked >= 0.5:
            self._checked = now
            used_mb = _tree_mb(self._process.pid)
            if used_mb > self._limits.memory_mb:
                return ResourceError(
                    f"needed more than {self._limits.memory_mb:.0f} MB of memory",
                    subject=self._subject,
                    remedy="use --memory-limit with a higher value, or --jobs 1",
                )
        return None

    def _too_long(self, what: str) -> ClasswatchError:
        return ResourceError(
            f"the analysis {what} and was ended",
            subject=self._subject,
            remedy="use --time-limit with a higher value, or re-encode the file",
        )


def _tree_mb(pid: int | None) -> float:
    """Resident memory of a process and its descendants, in MB; 0 when it is gone."""
    import psutil

    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0.0
    total = 0
    for member in family:
        try:
            total += member.memory_info().rss
        except psutil.Error:
            continue
    return total / 1e6
