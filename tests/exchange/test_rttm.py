"""RTTM and UEM: real files, and both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.core.speech import Origin, SpeakerRole, Turn
from classwatch.core.time import Interval
from classwatch.exchange.rttm import read_rttm, read_uem, rttm_text, uem_text


def test_a_file_of_ami(shared: Path) -> None:
    found = read_rttm(shared / "data/speech/ami_pyannote/debug.development.rttm")
    turns = found["dev00"]
    # First lines of the file: 1.440 + 11.872 and 13.152 + 3.770.
    assert (turns[0].start_s, turns[0].end_s, turns[0].speaker) == (1.44, 13.312, "MEE009")
    assert (turns[1].start_s, turns[1].end_s, turns[1].speaker) == (13.152, 16.922, "MEE012")
    assert all(t.role is SpeakerRole.UNKNOWN for t in turns)
    uem = read_uem(shared / "data/speech/ami_pyannote/debug.development.uem")
    assert uem["dev00"].tolist() == [[0.0, 30.0]]


@pytest.mark.parametrize(
    "name", ["speech/ami_pyannote/debug.train.rttm", "observation/childproject/example.rttm"]
)
def test_pyannote_reads_the_same(shared: Path, name: str) -> None:
    util = pytest.importorskip("pyannote.database.util")
    path = shared / "data" / name
    theirs = util.load_rttm(path)
    ours = read_rttm(path)
    assert ours.keys() == theirs.keys()
    for uri, annotation in theirs.items():
        expected = sorted(
            (round(s.start, 3), round(s.end, 3), who)
            for s, _, who in annotation.itertracks(yield_label=True)
        )
        found = sorted({(round(t.start_s, 3), round(t.end_s, 3), t.speaker) for t in ours[uri]})
        assert found == sorted(set(expected))


def test_every_line_of_a_real_file_comes_back(shared: Path, tmp_path: Path) -> None:
    path = shared / "data/observation/childproject/example.rttm"
    turns = read_rttm(path)
    lines = [line for line in path.read_text().splitlines() if line.startswith("SPEAKER")]
    lasting = [line for line in lines if float(line.split()[4]) > 0]
    assert sum(len(own) for own in turns.values()) == len(lasting)
    copy = tmp_path / "copy.rttm"
    copy.write_text("".join(rttm_text(own, uri) for uri, own in turns.items()))
    again = read_rttm(copy)
    for uri, own in turns.items():
        for before, after in zip(own, again[uri], strict=True):
            assert after.speaker == before.speaker
            assert after.start_s == pytest.approx(before.start_s, abs=6e-4)
            assert after.end_s == pytest.approx(before.end_s, abs=1.1e-3)


def test_labels_that_name_a_role_give_it(tmp_path: Path) -> None:
    path = tmp_path / "a.rttm"
    path.write_text(
        ";; made by hand\n"
        "SPKR-INFO a 1 <NA> <NA> <NA> adult T <NA>\n"
        "SPEAKER a 1 0.50 1.25 <NA> <NA> T <NA> <NA>\n"
        "SPEAKER a 1 2.00 1.00 <NA> <NA> S3 <NA>\n"
        "SPEAKER a 1 2.50 0.00 <NA> <NA> S3 <NA>\n"
        "SPEAKER a 1 4.00 1.00 <NA> <NA> voice7 <NA>\n"
    )
    roles = {"voice7": SpeakerRole.STUDENTS}
    assert read_rttm(path, roles=roles)["a"] == (
        Turn(0.5, 1.75, SpeakerRole.TEACHER, "T", 1.0, Origin.ANNOTATED),
        Turn(2.0, 3.0, SpeakerRole.STUDENT, "S3", 1.0, Origin.ANNOTATED),
        Turn(4.0, 5.0, SpeakerRole.STUDENTS, "voice7", 1.0, Origin.ANNOTATED),
    )


def test_text_of_turns_and_spans() -> None:
    turns = [
        Turn(3.0, 4.5, SpeakerRole.STUDENTS, "", 1.0),
        Turn(0.0004, 1.0, SpeakerRole.TEACHER, "a b", 1.0),
    ]
    assert rttm_text(turns, "my lesson") == (
        "SPEAKER my_lesson 1 0.000 1.000 <NA> <NA> a_b <NA> <NA>\n"
        "SPEAKER my_lesson 1 3.000 1.500 <NA> <NA> students <NA> <NA>\n"
    )
    assert uem_text([Interval(0, 12.5)], "x") == "x 1 0.000 12.500\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("SPEAKER a 1 0 1\n", "line 1: expected at least 8 fields"),
        ("\n\nSPEAKER a 1 x 1 <NA> <NA> T <NA> <NA>\n", "line 3: 'x' is no time"),
        ("SPEAKER a 1 0 -1 <NA> <NA> T <NA> <NA>\n", "'-1' is no time"),
        ("SPEAKER a 1 nan 1 <NA> <NA> T <NA> <NA>\n", "'nan' is no time"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "bad.rttm"
    path.write_text(text)
    with pytest.raises(InputError, match=what):
        read_rttm(path)


def test_a_bad_uem_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.uem"
    path.write_text("a 1 5 4\n")
    with pytest.raises(InputError, match="line 1: ends before it starts"):
        read_uem(path)
    path.write_text("a 5 4\n")
    with pytest.raises(InputError, match="expected 4 fields, found 3"):
        read_uem(path)
