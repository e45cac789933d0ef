from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.core.norms import NormStatus
from classwatch.metrics.compute import definitions
from classwatch.metrics.norms import load_norms, norms_for

ENTRY = """norms:
  - {id: a, unit: s, value: 1, source: x, sampling: y, status: primary, note_zh: z, note_en: z}
"""


def test_unchecked_norms_are_hidden_unless_asked_for() -> None:
    shown, every = load_norms(), load_norms(recalled=True)
    hidden = {n.id for n in every} - {n.id for n in shown}
    assert NormStatus.RECALLED not in {n.status for n in shown}
    assert {n.status for n in every if n.id in hidden} == {NormStatus.RECALLED}
    assert "flanders_tqr" in hidden


def test_shipped_norms_point_at_measures_that_exist() -> None:
    known = {d.id: d.unit for d in definitions()}
    for norm in load_norms(recalled=True):
        if norm.measure:
            assert norm.unit == known[norm.measure]


def test_published_values() -> None:
    by_id = {n.id: n for n in load_norms(recalled=True)}
    assert by_id["flanders_teacher_talk"].value == 0.68
    assert by_id["time_lecture"].value == 0.519
    four = ("time_lecture", "time_interaction", "time_individual", "time_group")
    assert sum(by_id[name].value or 0 for name in four) == pytest.approx(1.0)
    assert (by_id["rate_education"].low, by_id["rate_education"].high) == (200, 250)


def test_norms_of_one_cell() -> None:
    found = norms_for(load_norms(), "talk.share_lesson", "teacher")
    assert [n.id for n in found] == ["flanders_teacher_talk"]
    assert norms_for(load_norms(), "st.ch@30s-point")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("value: 1, ", ""), "needs value, low or high"),
        (("status: primary", "status: certain"), "certain"),
        (("value: 1", "value: about one"), "value is no number"),
        (("source: x, ", ""), "lacks"),
        (("unit: s", "unit: s, colour: red"), "colour"),
        (("norms:", "other:"), "list called norms"),
    ],
)
def test_a_wrong_entry_names_file_and_fault(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(ENTRY, encoding="utf-8")
    assert [n.id for n in load_norms(folder=tmp_path)] == ["a"]
    path.write_text(ENTRY.replace(*change), encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load_norms(folder=tmp_path)
    assert caught.value.subject == str(path)


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(ENTRY, encoding="utf-8")
    with pytest.raises(InputError, match="twice"):
        load_norms(folder=tmp_path)
