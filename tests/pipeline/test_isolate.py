"""A child may crash, hang or eat memory; the parent gets an error value each time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from classwatch.core.errors import InputError, ModelError, ResourceError
from classwatch.pipeline.fanout import fan_out
from classwatch.pipeline.isolate import Bug, Isolated, Job, Limits
from tests.pipeline import jobs

ROOMY = Limits(total_s=60, silent_s=60, memory_mb=8000)


def finish(job: Job, payload: Any, limits: Limits = ROOMY) -> tuple[Isolated, list[Any]]:
    child = Isolated(job, payload, subject="lesson.mp4", limits=limits)
    messages: list[Any] = []
    deadline = time.monotonic() + 90
    while not child.ended:
        assert time.monotonic() < deadline
        messages += child.poll()
        time.sleep(0.02)
    return child, messages


def test_result_and_messages_come_back() -> None:
    child, messages = finish(jobs.double, 21)
    assert child.error is None
    assert child.result == 42
    assert messages == ["working"]


def test_native_crash_is_an_input_error_that_names_the_file() -> None:
    child, _ = finish(jobs.crash, None)
    assert isinstance(child.error, InputError)
    assert child.error.subject == "lesson.mp4"
    assert "signal 11" in child.error.message
    assert child.error.remedy


def test_silence_for_too_long_ends_the_child() -> None:
    child, _ = finish(jobs.hang, None, Limits(total_s=60, silent_s=3, memory_mb=8000))
    assert isinstance(child.error, ResourceError)
    assert "no progress" in child.error.message
    assert child.error.retryable


def test_time_limit_ends_the_child() -> None:
    child, _ = finish(jobs.hang, None, Limits(total_s=3, silent_s=60, memory_mb=8000))
    assert isinstance(child.error, ResourceError)
    assert "longer than 3 s" in child.error.message


def test_memory_limit_ends_the_child() -> None:
    child, _ = finish(jobs.eat, None, Limits(total_s=60, silent_s=60, memory_mb=400))
    assert isinstance(child.error, ResourceError)
    assert "400 MB" in child.error.message


def test_foreseen_errors_keep_type_subject_and_remedy() -> None:
    child, _ = finish(jobs.fail, None)
    assert isinstance(child.error, ModelError)
    assert (child.error.subject, child.error.remedy) == ("m.onnx", "pull it")


def test_unforeseen_errors_bring_their_trace() -> None:
    child, _ = finish(jobs.stumble, None)
    assert isinstance(child.error, Bug)
    assert "KeyError" in child.error.summary
    assert "stumble" in child.error.trace


def test_fan_out_keeps_order() -> None:
    assert list(fan_out(jobs.square, [3, 1, 2, 5], workers=2, subject="x")) == [9, 1, 4, 25]


def test_fan_out_turns_a_crash_into_an_input_error() -> None:
    with pytest.raises(InputError, match="crashed"):
        list(fan_out(jobs.square, [1, -1, 2], workers=2, subject="lesson.mp4"))


def _parent(folder: str) -> None:
    list(fan_out(jobs.announce_and_wait, [Path(folder)] * 2, workers=2, subject="x"))


@pytest.mark.skipif(os.name == "nt", reason="uses SIGKILL")
def test_workers_die_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent = multiprocessing.get_context("spawn").Process(target=_parent, args=(str(tmp_path),))
    parent.start()
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    assert parent.pid is not None
    os.kill(parent.pid, signal.SIGKILL)
    parent.join()
    deadline = time.monotonic() + 10
    while any(_alive(pid) for pid in workers):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
