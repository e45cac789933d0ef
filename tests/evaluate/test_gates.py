"""Gates: what passes, what fails, and what a missing figure means."""

from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.errors import UsageError
from classwatch.evaluate.gates import check_gates, read_gates
from classwatch.evaluate.results import LessonScores, Outcome, Row, SuiteScores
from classwatch.evaluate.tally import Figure


def scores(*rows: Row) -> SuiteScores:
    lessons = (LessonScores("a", Outcome.SCORED, not_scored={"speech.words": "no speech model"}),)
    return SuiteScores("made", "", "", lessons, rows, {}, ())


def row(value: float | None, better: str = "higher", baseline: float | None = None) -> Row:
    return Row("s", Figure("s.f1", value, "share", better), 1, baseline=baseline)


def states(folder: Path, limits: str, *rows: Row) -> list[tuple[str, str]]:
    path = folder / "gates.yaml"
    path.write_text(f"gates:\n  - {{suite: made, metric: s.f1, {limits}}}\n", encoding="utf-8")
    results = check_gates(read_gates(path), scores(*rows))
    return [(r.state.value, r.message) for r in results]


@pytest.mark.parametrize(
    ("limits", "value", "state"),
    [
        ("min: 0.8", 0.8, "passed"),
        ("min: 0.8", 0.7999, "failed"),
        ("min: 0.8, tolerance: 0.01", 0.79, "passed"),
        ("min: 0.8, tolerance: 0.01", 0.7899, "failed"),
        ("max: 0.2", 0.2, "passed"),
        ("max: 0.2", 0.2001, "failed"),
        ("max: 0.2, tolerance: 0.05", 0.25, "passed"),
        ("min: 0.1, max: 0.2", 0.15, "passed"),
        ("min: 0.1, max: 0.2", 0.05, "failed"),
        ("min: 0.1, max: 0.2", 0.25, "failed"),
    ],
)
def test_limits(tmp_path: Path, limits: str, value: float, state: str) -> None:
    assert states(tmp_path, limits, row(value))[0][0] == state


@pytest.mark.parametrize(
    ("better", "baseline", "value", "state"),
    [
        ("higher", 0.8, 0.79, "passed"),
        ("higher", 0.8, 0.77, "failed"),
        ("higher", 0.8, 0.99, "passed"),
        ("lower", 0.2, 0.21, "passed"),
        ("lower", 0.2, 0.23, "failed"),
        ("lower", 0.2, 0.01, "passed"),
        ("zero", -0.2, 0.21, "passed"),
        ("zero", -0.2, 0.23, "failed"),
        ("zero", -0.2, 0.0, "passed"),
    ],
)
def test_a_drop_goes_by_what_is_good(
    tmp_path: Path, better: str, baseline: float, value: float, state: str
) -> None:
    assert states(tmp_path, "max_drop: 0.02", row(value, better, baseline))[0][0] == state


def test_a_missing_figure_fails_unless_it_is_optional(tmp_path: Path) -> None:
    state, message = states(tmp_path, "min: 0.8")[0]
    assert state == "failed"
    assert "no speech model" in message
    assert states(tmp_path, "min: 0.8, optional: true")[0][0] == "not checked"


def test_an_undefined_figure_fails_too(tmp_path: Path) -> None:
    undefined = Row("s", Figure("s.f1", None, "share", "higher", why="nothing to count"), 0)
    state, message = states(tmp_path, "min: 0.0", undefined)[0]
    assert (state, message) == ("failed", "no figure: nothing to count")


def test_a_drop_without_baseline_fails_unless_optional(tmp_path: Path) -> None:
    assert states(tmp_path, "max_drop: 0.1", row(0.9))[0][0] == "failed"
    assert states(tmp_path, "max_drop: 0.1, optional: true", row(0.9))[0][0] == "not checked"


def test_a_group_is_a_figure_of_its_own(tmp_path: Path) -> None:
    small = Row("s", Figure("s.f1", 0.1, "share", "higher", "height 40-60 px"), 1)
    limits = 'min: 0.05, group: "height 40-60 px"'
    assert states(tmp_path, limits, row(0.9), small)[0][0] == "passed"
    assert states(tmp_path, limits, row(0.9))[0][0] == "failed"


def test_gates_of_other_suites_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gates.yaml"
    path.write_text("gates:\n  - {suite: other, metric: s.f1, min: 0.9}\n", encoding="utf-8")
    assert check_gates(read_gates(path), scores(row(0.1))) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gates:\n  - {suite: a, metric: b}\n", "min, max or max_drop"),
        ("gates:\n  - {suite: a, metric: b, min: high}\n", "min"),
        ("gates:\n  - {suite: a, metric: b, max_drop: -1}\n", "max_drop"),
        ("gates:\n  - {suite: a, metric: b, min: 1, colour: red}\n", "colour"),
        ("gate: []\n", "gate"),
        (
            "gates:\n  - {suite: a, metric: b, min: 1}\n  - {suite: a, metric: b, max: 2}\n",
            "two gates",
        ),
    ],
)
def test_malformed_gates_are_wrong_usage(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "gates.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_gates(path)
    assert words in str(caught.value)
    assert caught.value.exit_code == 2
