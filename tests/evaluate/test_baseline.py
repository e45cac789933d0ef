"""Baselines: written sorted and rounded, read back, compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from classwatch.core.errors import UsageError
from classwatch.evaluate.baseline import (
    Change,
    baseline_of,
    difference,
    read_baseline,
    write_baseline,
)
from classwatch.evaluate.results import LessonScores, Outcome, Row, SuiteScores
from classwatch.evaluate.tally import Figure
from classwatch.store.records import ModelRecord


def scores(**values: float | None) -> SuiteScores:
    rows = tuple(
        Row("s", Figure(f"s.{name}", value, "share", "higher"), 2) for name, value in values.items()
    )
    lessons = (LessonScores("a", Outcome.SCORED), LessonScores("b", Outcome.SKIPPED, "gone"))
    models = (ModelRecord("pose", "m", "c" * 64),)
    return SuiteScores("made", "", "", lessons, rows, {"classwatch": "1"}, models)


def test_a_baseline_is_sorted_rounded_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "baseline.json"
    written = baseline_of(scores(recall=1 / 3, f1=0.5, absent=None))
    write_baseline(path, written)
    assert read_baseline(path, "made") == written
    figures = json.loads(path.read_text("utf-8"))["data"]["figures"]
    assert [f["metric"] for f in figures] == ["s.absent", "s.f1", "s.recall"]
    assert [f["value"] for f in figures] == [None, 0.5, 0.333333]
    assert written.lessons == ("a",), "what was skipped is not in the baseline"


def test_the_same_scores_give_the_same_bytes(tmp_path: Path) -> None:
    for name, values in (("one", {"a": 0.1, "b": 0.2}), ("two", {"b": 0.2, "a": 0.1})):
        write_baseline(tmp_path / name, baseline_of(scores(**values)))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_difference_lists_what_came_went_and_changed() -> None:
    before = baseline_of(scores(same=0.5, changed=0.5, gone=0.5, undefined=None))
    after = baseline_of(scores(same=0.5, changed=0.25, new=0.75, undefined=None))
    diff = difference(before, after)
    assert diff.same == 2
    assert diff.changes == (
        Change("s.changed", "", 0.5, 0.25),
        Change("s.gone", "", 0.5, None),
        Change("s.new", "", None, 0.75),
    )
    assert diff.conditions == ()


def test_a_difference_names_models_versions_and_lessons() -> None:
    before = baseline_of(scores(f1=0.5))
    later = replace(
        scores(f1=0.5),
        versions={"classwatch": "2"},
        models=(ModelRecord("pose", "m", "d" * 64),),
        lessons=(LessonScores("b", Outcome.SCORED),),
    )
    conditions = difference(before, baseline_of(later)).conditions
    assert conditions == (
        "classwatch: 1 -> 2",
        "model no longer used: pose m cccccccccccc",
        "model now used: pose m dddddddddddd",
        "lesson no longer scored: a",
        "lesson now scored: b",
    )


def test_another_suite_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(path, baseline_of(scores(f1=0.5)))
    with pytest.raises(UsageError, match="of suite made, not of other"):
        read_baseline(path, "other")
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError):
        read_baseline(path, "made")
    with pytest.raises(UsageError, match="--update-baseline"):
        read_baseline(tmp_path / "none.json", "made")
