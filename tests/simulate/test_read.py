"""Scripts from and to YAML, and every cross-check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.generate import GeneratorConfig, default_cameras, generate
from classwatch.simulate.read import check_script, parse_script, read_script, script_yaml
from classwatch.simulate.script import Script
from tests.simulate.small import TEXT


def test_a_script_reads_back_equal(tmp_path: Path) -> None:
    script = parse_script(TEXT, "small")
    path = tmp_path / "lesson.yaml"
    path.write_text(script_yaml(script), encoding="utf-8")
    assert read_script(path) == script


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_generated_script_reads_back_equal(language: Any) -> None:
    cameras = default_cameras(("front", "rear", "mix"))
    config = GeneratorConfig("mixed", language, minutes=6, seed=4, cameras=cameras)
    script = generate(config)
    assert parse_script(script_yaml(script), "generated") == script


def test_text_that_looks_like_something_else_stays_text() -> None:
    script = parse_script(TEXT, "small")
    odd = [u.model_copy(update={"text": t}) for u, t in zip(script.utterances, ODD, strict=False)]
    script = script.model_copy(update={"utterances": (*odd, *script.utterances[len(odd) :])})
    assert parse_script(script_yaml(script), "odd") == script


ODD = ("no", "12:30", "- a", "*x", "a: b # c", "yes！")

BROKEN: list[tuple[str, dict[str, Any], str]] = [
    (
        "id twice",
        {"people": [{"id": "T", "kind": "teacher"}, {"id": "T", "kind": "adult"}]},
        "people[1].id",
    ),
    (
        "unknown speaker",
        {"utterances": [{"id": "u1", "speaker": "S99", "text": "x"}]},
        "utterances[0].speaker",
    ),
    (
        "teacher in the chorus",
        {"utterances": [{"id": "u1", "speaker": ["T", "S01"], "text": "x"}]},
        "utterances[0].speaker",
    ),
    (
        "student who points",
        {"acts": [{"who": "S01", "kind": "point", "start": 1, "end": 2}]},
        "acts[0].kind",
    ),
    (
        "teacher who sleeps",
        {"acts": [{"who": "T", "kind": "sleep", "start": 1, "end": 2}]},
        "acts[0].kind",
    ),
    (
        "act of nobody",
        {"acts": [{"who": "S77", "kind": "write", "start": 1, "end": 2}]},
        "acts[0].who",
    ),
    (
        "beside a seat that is not there",
        {"acts": [{"who": "T", "kind": "face", "start": 1, "end": 2, "place": "beside:r9c1"}]},
        "acts[0].place",
    ),
    (
        "anchor to nothing",
        {"acts": [{"who": "T", "kind": "point", "start": "u77.end", "end": 60}]},
        "acts[0].start",
    ),
    (
        "cut to nothing",
        {
            "cameras": [
                {"name": "front", "kind": "front"},
                {"name": "mix", "kind": "mix", "cuts": [{"start": 0, "camera": "side"}]},
            ]
        },
        "cameras[1].cuts[0].camera",
    ),
    ("mix without cuts", {"cameras": [{"name": "mix", "kind": "mix"}]}, "cameras[0].cuts"),
    (
        "no such microphone",
        {"cameras": [{"name": "front", "kind": "front", "microphone": "lapel"}]},
        "cameras[0].microphone",
    ),
    (
        "worn by nobody",
        {"sound": {"microphones": [{"name": "lapel", "worn_by": "T2"}]}},
        "sound.microphones[0].worn_by",
    ),
    ("far camera", {"cameras": [{"name": "a", "kind": "front", "room": 1}]}, "cameras[0].room"),
    ("end at nothing", {"end": "u99.end"}, "end"),
    ("negative time", {"end": -3}, "end"),
    ("unknown key", {"rooms": {}}, "rooms"),
    ("bad kind", {"phases": [{"kind": "party", "start": 0}]}, "phases[0].kind"),
]


@pytest.mark.parametrize(("update", "place"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_what_is_wrong_is_named_with_its_place(update: dict[str, Any], place: str) -> None:
    import yaml

    content = yaml.safe_load(TEXT)
    if "people" in update or "utterances" in update:
        content |= {"acts": [], "utterances": [], "phases": [{"kind": "lecture", "start": 0}]}
    text = yaml.safe_dump(content | update)
    with pytest.raises(InputError) as caught:
        parse_script(text, "lesson.yaml")
    assert caught.value.subject == "lesson.yaml"
    assert place in [part.split(":")[0].strip() for part in caught.value.message.split(";")]
    assert caught.value.remedy


def test_seats_are_taken_once_and_inside_the_room() -> None:
    script = parse_script(TEXT, "small")

    def seated(seat: str) -> Script:
        moved = script.people[2].model_copy(update={"seat": seat})
        return script.model_copy(update={"people": (*script.people[:2], moved)})

    check_script(seated("r1c2"))
    for seat, what in [("r1c1", "is also"), ("r3c1", "outside"), ("", "needs a seat")]:
        with pytest.raises(InputError, match=what):
            check_script(seated(seat))


def test_a_file_that_is_no_script_says_what_one_is(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("- 1\n- 2\n")
    with pytest.raises(InputError, match=r"list\.yaml: a script is a mapping"):
        read_script(path)
    with pytest.raises(InputError, match="no such file"):
        read_script(tmp_path / "absent.yaml")


def test_the_script_in_the_documentation_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulating.md").read_text(encoding="utf-8")
    text = page.split("```yaml\n")[1].split("```")[0]
    assert parse_script(text, "docs").lesson_id == "rivers"
