"""BORIS projects and exports, hand-made and real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.exchange.boris import read_boris
from classwatch.exchange.intervals import Labelled

EVENTS = [
    [1.0, "T", "board", "", ""],
    [2.0, "", "question", "open", ""],
    [4.5, "T", "board", "", ""],
    [5.0, "S", "board", "", ""],
]


def project(folder: Path, events: list[list[object]]) -> Path:
    document = {
        "observations": {"one": {"events": events}, "other": {"events": []}},
        "behaviors_conf": {
            "0": {"code": "board", "type": "State event"},
            "1": {"code": "question", "type": "Point event"},
        },
    }
    path = folder / "a.boris"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_states_are_paired_by_subject_and_an_open_one_is_counted(tmp_path: Path) -> None:
    (found,) = read_boris(project(tmp_path, EVENTS), "one")
    assert found.events == (
        Labelled(1.0, 4.5, "board", "T"),
        Labelled(2.0, 2.0, "question", ""),
    )
    assert found.unpaired == 1


def test_a_state_ends_where_its_own_modifiers_do(tmp_path: Path) -> None:
    events: list[list[object]] = [
        [0.0, "", "board", "chalk", ""],
        [1.0, "", "board", "screen", ""],
        [2.0, "", "board", "chalk", ""],
        [5.0, "", "board", "screen", ""],
    ]
    (found,) = read_boris(project(tmp_path, events), "one")
    assert [(e.start_s, e.end_s) for e in found.events] == [(0.0, 2.0), (1.0, 5.0)]


def test_an_aggregated_export_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(
        "Observation id\tSubject\tBehavior\tBehavior type\tStart (s)\tStop (s)\n"
        "two\tNo focal subject\tp\tPOINT\t3.0\t3.0\n"
        "one\tT\ts\tSTATE\t1.5\t2.5\n",
        encoding="utf-8",
    )
    found = {o.name: o.events for o in read_boris(path)}
    assert found == {
        "one": (Labelled(1.5, 2.5, "s", "T"),),
        "two": (Labelled(3.0, 3.0, "p", ""),),
    }


def test_an_unknown_observation_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one, other"):
        read_boris(project(tmp_path, EVENTS), "three")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "{",
        '{"observations": []}',
        "a,b\n1,2\n",
        "Behavior\tStart (s)\tStop (s)\nx\ty\tz\n",
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.boris"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.boris"):
        read_boris(path)


@pytest.mark.shared
def test_real_projects_and_exports_agree(shared: Path) -> None:
    folder = shared / "data" / "observation" / "boris"
    (coded,) = read_boris(folder / "test.boris", "observation #1")
    (exported,) = read_boris(folder / "test_export_events_tabular.tsv")
    (as_csv,) = read_boris(folder / "test_export_events_tabular.csv")
    assert coded.events == exported.events == as_csv.events
    # The first rows of the export, by eye: subject1 presses s at 3.300 and 7.750.
    assert coded.events[0] == Labelled(3.3, 7.75, "s", "subject1")
    (aggregated,) = read_boris(folder / "test_export_aggregated_events_test_full_1.tsv")
    (whole,) = read_boris(folder / "test.boris", "observation #2")
    assert Labelled(1.8, 8.125, "s") in aggregated.events
    assert set(whole.events) >= {e for e in aggregated.events if e.label == "s" and e.end_s < 180}


@pytest.mark.shared
def test_a_real_state_without_end_is_counted(shared: Path) -> None:
    path = shared / "data" / "observation" / "boris" / "test2.boris"
    (found,) = read_boris(path, "live not paired")
    assert found.unpaired == 1
