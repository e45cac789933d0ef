"""Suite files: what is read from them, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.errors import UsageError
from classwatch.evaluate.evaluate import evaluate
from classwatch.evaluate.gates import read_gates
from classwatch.evaluate.scoring import SCORES, open_scores
from classwatch.evaluate.suite import read_suite
from tests.evaluate.made import write_results

GOOD = """
name: made
scores: [speech.der]
roots: {data: "${MADE_DATA:-fallback}/here"}
lessons:
  - {id: a, media: [{path: "data:a.wav"}], truth: [{kind: rttm, path: a.rttm}]}
"""
SUITES = Path(__file__).resolve().parents[2] / "configs" / "suites"


def write(folder: Path, text: str) -> Path:
    path = folder / "suite.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_are_relative_to_the_suite_or_to_a_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = read_suite(write(tmp_path, GOOD))
    monkeypatch.delenv("MADE_DATA", raising=False)
    assert file.resolve("a.rttm") == tmp_path / "a.rttm"
    assert file.resolve("data:a.wav") == tmp_path / "fallback" / "here" / "a.wav"
    monkeypatch.setenv("MADE_DATA", "/elsewhere")
    assert file.resolve("data:a.wav") == Path("/elsewhere/here/a.wav")
    with pytest.raises(UsageError, match="no root 'other'"):
        file.resolve("other:a.wav")


def test_a_drive_letter_is_no_root(tmp_path: Path) -> None:
    file = read_suite(write(tmp_path, GOOD))
    assert str(file.resolve("C:\\lessons\\a.wav")).endswith("C:\\lessons\\a.wav")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: made", "name: Made Up", "`name`"),
        ("scores: [speech.der]", "scores: []", "nothing is scored"),
        ("kind: rttm", "kind: rtmm", "lesson a"),
        ("path: a.rttm", "path: a.rttm, colour: red", "lesson a"),
        ("id: a,", "id: ../a,", "id"),
        ('media: [{path: "data:a.wav"}]', "media: [{path: a.wav}], still: a.png", "`still`"),
        ("truth: [{kind: rttm, path: a.rttm}]", "truth: []", "truth"),
        ('path: "data:a.wav"', 'path: "data:a.wav", offset_s: .nan', "offset_s"),
        ("lessons:", "lesson:", "lesson"),
        ("name: made", "- name", "line"),
    ],
)
def test_a_malformed_suite_is_refused_by_name(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(UsageError) as caught:
        read_suite(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    twice = GOOD + "  - {id: A, truth: [{kind: rttm, path: a.rttm}]}\n"
    with pytest.raises(UsageError, match="twice"):
        read_suite(write(tmp_path, twice))


def test_a_missing_suite_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_suite(tmp_path / "none.yaml")


def test_scores_and_options_that_do_not_exist_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"did you mean speech\.der"):
        open_scores(["speech.dre"], {}, "suite")
    with pytest.raises(UsageError, match="no option 'colar'"):
        open_scores(["speech.der"], {"speech.der": {"colar": 1}}, "suite")
    with pytest.raises(UsageError, match="cannot be 'wide'"):
        open_scores(["speech.der"], {"speech.der": {"collar_s": "wide"}}, "suite")
    with pytest.raises(UsageError, match="cannot be True"):
        open_scores(["speech.der"], {"speech.der": {"collar_s": True}}, "suite")
    with pytest.raises(UsageError, match="not scored"):
        open_scores(["speech.der"], {"speech.jer": {}}, "suite")


def test_one_score_can_be_asked_for_with_two_options() -> None:
    both = open_scores(
        ["speech.der", "speech.der#strict"], {"speech.der#strict": {"collar_s": 0.0}}, "suite"
    )
    assert [score.scorer.name for score in both.values()] == ["speech.der", "speech.der"]
    assert both["speech.der"].scorer != both["speech.der#strict"].scorer


def test_every_score_opens_without_options() -> None:
    assert open_scores(SCORES, {}, "suite").keys() == SCORES.keys()


def test_two_items_that_say_the_same_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.rttm").write_text("SPEAKER x 1 0 1 <NA> <NA> T <NA> <NA>\n")
    text = GOOD.replace("path: a.rttm}", "path: a.rttm}, {kind: rttm, path: b.rttm}")
    write_results(tmp_path, "a", turns=[])
    scores = evaluate(read_suite(write(tmp_path, text)), tmp_path)
    assert "two items say" in scores.lessons[0].reason


@pytest.mark.parametrize("path", sorted(SUITES.glob("*.yaml")), ids=lambda p: p.stem)
def test_the_suites_that_ship_are_well_formed(path: Path) -> None:
    file = read_suite(path)
    names = [name for lesson in file.suite.lessons for name in file.scores_of(lesson)]
    open_scores(dict.fromkeys(names), file.suite.options, str(path))
    assert file.suite.name == path.stem
    for lesson in file.suite.lessons:
        for text in [m.path for m in lesson.media] + [lesson.still]:
            if text:
                file.resolve(text)


def test_the_real_suites_skip_everything_where_the_data_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLASSWATCH_SHARED", str(tmp_path / "nowhere"))
    for name in ("real-speech", "real-picture", "real-observation"):
        scores = evaluate(read_suite(SUITES / f"{name}.yaml"), tmp_path)
        kinds = {lesson.outcome.value for lesson in scores.lessons}
        # A text or boundaries in the suite itself need no file: then the recording is missing.
        assert kinds == {"skipped"}, name
        assert scores.rows == ()


@pytest.mark.shared
def test_annotation_files_hold_what_their_projects_say(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLASSWATCH_SHARED", str(shared))
    scores = evaluate(read_suite(SUITES / "real-observation.yaml"), None)
    assert {lesson.outcome.value for lesson in scores.lessons} == {"scored"}
    for metric in ("precision", "recall", "f1"):
        row = scores.row((f"code_spans.codes.{metric}@iou=0.99", ""))
        assert row is not None
        assert row.figure.value == 1.0


def test_the_examples_of_the_documentation_are_valid(tmp_path: Path) -> None:
    text = (SUITES.parents[1] / "docs" / "evaluating.md").read_text("utf-8")
    suite, gates = (block.split("```")[0] for block in text.split("```yaml\n")[1:])
    file = read_suite(write(tmp_path, suite))
    names = [name for lesson in file.suite.lessons for name in file.scores_of(lesson)]
    open_scores(dict.fromkeys(names), file.suite.options, "documentation")
    (tmp_path / "gates.yaml").write_text(gates, encoding="utf-8")
    assert {gate.suite for gate in read_gates(tmp_path / "gates.yaml")} == {file.suite.name}
    for name in SCORES:
        assert f"`{name}`" in text, f"{name} is not documented"


def test_the_gates_that_ship_are_of_suites_that_ship() -> None:
    gates = read_gates(SUITES.parent / "gates.yaml")
    assert {gate.suite for gate in gates} <= {path.stem for path in SUITES.glob("*.yaml")}
