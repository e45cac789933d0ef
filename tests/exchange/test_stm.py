"""STM and TRN references."""

from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.exchange.stm import read_stm, read_trn


def write(folder: Path, text: str) -> Path:
    path = folder / "a.stm"
    path.write_text(text, encoding="utf-8")
    return path


def test_lines_become_segments_in_order_of_time(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        ";; a comment\n"
        "les 1 S1 3.5 4.0 <o,f0> 六分之五\n"
        "les 1 T 1.0 2.5 谁来回答\n"
        "les 1 inter_segment_gap 2.5 3.5 <o,,> IGNORE_TIME_SEGMENT_IN_SCORING\n"
        "les 1 T 5 6\n",
    )
    found = read_stm(path)
    assert [(s.start_s, s.end_s, s.text, s.role) for s in found.segments] == [
        (1.0, 2.5, "谁来回答", SpeakerRole.TEACHER),
        (3.5, 4.0, "六分之五", SpeakerRole.STUDENT),
    ]
    assert found.language == "zh"
    assert found.origin is Origin.ANNOTATED


def test_one_of_several_recordings_must_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a 1 T 0 1 one\nb 1 T 0 1 two\n")
    assert read_stm(path, "b").segments[0].text == "two"
    with pytest.raises(InputError, match="a, b"):
        read_stm(path)
    with pytest.raises(InputError, match="no lines for 'c'"):
        read_stm(path, "c")


@pytest.mark.parametrize("line", ["a 1 T 0", "a 1 T x 1 hi", "a 1 T 2 1 hi", "a 1 T nan 1 hi"])
def test_bad_lines_are_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputError, match="line 2"):
        read_stm(write(tmp_path, f"a 1 T 0 1 good\n{line}\n"))


def test_trn_texts_come_by_id(tmp_path: Path) -> None:
    path = write(tmp_path, "好 (u-1)\n\nso it is (b) said (u-2)\n")
    assert read_trn(path) == {"u-1": "好", "u-2": "so it is (b) said"}
    with pytest.raises(InputError, match="line 2"):
        read_trn(write(tmp_path, "one (u1)\nno id\n"))
    with pytest.raises(InputError, match="line 2"):
        read_trn(write(tmp_path, "one (u1)\ntwo (u1)\n"))


@pytest.mark.shared
def test_a_real_file_holds_what_its_lines_say(shared: Path) -> None:
    found = read_stm(shared / "data" / "speech" / "pyannote_sample" / "sample.stm")
    first = found.segments[0]
    assert (first.start_s, first.end_s, first.speaker, first.text) == (
        6.68,
        7.16,
        "Diane",
        "Hello?",
    )
    assert found.language == "en"
