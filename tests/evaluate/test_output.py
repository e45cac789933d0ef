"""An evaluation as tables, Markdown, JSON, JUnit XML and a page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from classwatch.evaluate.evaluate import evaluate
from classwatch.evaluate.gates import Gate, check_gates
from classwatch.evaluate.output.document import scores_document
from classwatch.evaluate.output.junit import junit_xml
from classwatch.evaluate.output.markdown import markdown_table
from classwatch.evaluate.output.page import write_page
from classwatch.evaluate.output.table import number, signed, text_lines
from classwatch.evaluate.results import LessonScores, Outcome, Row, SuiteScores
from classwatch.evaluate.suite import read_suite
from classwatch.evaluate.tally import Figure
from tests.evaluate.made import tiny_suite

ROWS = (
    Row(
        "picture.people",
        Figure("picture.people.recall@iou=0.5", 0.875, "share", "higher"),
        3,
        low=0.8,
        high=0.9,
        baseline=0.9,
    ),
    Row(
        "picture.people",
        Figure("picture.people.recall@iou=0.5", 0.25, "share", "higher", "height 40-60 px"),
        3,
    ),
    Row("speech.wait_time", Figure("speech.wait_time.bias@1s", None, "s", "zero", why="none"), 0),
)
SCORES = SuiteScores(
    "made",
    "Two | lessons <b>",
    "",
    (
        LessonScores("a", Outcome.SCORED, not_scored={"speech.words": "no model"}),
        LessonScores("b|<i>\x07", Outcome.SKIPPED, "not on this machine: x"),
        LessonScores("c", Outcome.FAILED, "broken & bad"),
    ),
    ROWS,
    {"classwatch": "1"},
    (),
)
GATES = check_gates(
    (
        Gate(suite="made", metric="picture.people.recall@iou=0.5", min=0.8),
        Gate(suite="made", metric="picture.people.recall@iou=0.5", group="height 40-60 px", min=1),
        Gate(suite="made", metric="speech.words.cer", max=0.1, optional=True),
    ),
    SCORES,
)


def test_numbers_are_written_for_people() -> None:
    assert number(0.875, "share") == "87.5 %"
    assert number(None) == "–"
    assert number(0.0123, "s") == "0.0123"
    assert number(1.23456) == "1.235"
    assert number(12.34) == "12.3"
    assert signed(-0.025, "share") == "-2.5"
    assert signed(0.0, "share") == "="
    assert signed(None) == ""


def test_the_terminal_table_fits_80_columns_and_shows_parts_on_request() -> None:
    short, full = text_lines(SCORES, every=False), text_lines(SCORES, every=True)
    assert max(map(len, short + full)) <= 80
    assert any("87.5 %" in line and "80.0 – 90.0" in line and "-2.5" in line for line in short)
    assert not any("height" in line for line in short)
    assert any("height 40-60 px" in line and "25.0 %" in line for line in full)
    assert any("none" in line for line in short), "why a figure is absent"


def test_markdown_has_whole_rows_whatever_the_texts_hold() -> None:
    text = markdown_table(SCORES, GATES, every=True)
    tables = [line for line in text.splitlines() if line.startswith("|")]
    widths = {len(re.split(r"(?<!\\)\|", line)) for line in tables}
    assert widths == {5, 8}, "three and six columns"
    assert "<" not in text
    assert "87.5 %" in text
    assert "1 skipped" in text


def test_json_holds_every_figure_and_reason() -> None:
    document = json.loads(json.dumps(scores_document(SCORES, GATES), allow_nan=False))
    assert document["schema"] == "classwatch.eval/1"
    assert [f["value"] for f in document["figures"]] == [0.875, 0.25, None]
    assert document["figures"][0]["change"] == pytest.approx(-0.025)
    assert document["lessons"][1]["outcome"] == "skipped"
    assert [g["state"] for g in document["gates"]] == ["passed", "failed", "not checked"]


# What Jenkins' junit-10 schema allows of what is used here: element, attributes, children.
_JUNIT = {
    "testsuites": ({"name"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testcase"}),
    "testcase": ({"classname", "name", "time"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}


def test_junit_is_as_ci_servers_read_it() -> None:
    whole = Xml.fromstring(junit_xml(SCORES, GATES))
    for element in whole.iter():
        attributes, children = _JUNIT[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
    lessons, gates = whole.findall("testsuite")
    assert (lessons.get("tests"), lessons.get("skipped"), lessons.get("errors")) == ("3", "1", "1")
    assert (gates.get("tests"), gates.get("failures"), gates.get("skipped")) == ("3", "1", "1")
    failure = gates.find("testcase/failure")
    assert failure is not None
    assert "0.25 is below 1" in (failure.get("message") or "")


def test_junit_is_the_same_every_time() -> None:
    assert junit_xml(SCORES, GATES) == junit_xml(SCORES, GATES)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(("language", "word"), [("en", "Truth: teacher"), ("zh-CN", "真值: 教师")])
def test_the_page_shows_the_longest_disagreement_and_asks_for_nothing(
    tmp_path: Path, language: str, word: str
) -> None:
    file = read_suite(tiny_suite(tmp_path))
    scores = evaluate(file, tmp_path / "runs")
    target = tmp_path / "page.html"
    write_page(target, file, tmp_path / "runs", scores, (), language=language)
    reader = _Reader()
    reader.feed(target.read_text("utf-8"))
    # Lesson b is wrong for 6 s, lesson a from 8 to 10 s.
    assert "0:00.0–0:06.0" in reader.text
    assert "0:08.0–0:10.0" in reader.text
    assert word in reader.text
    assert "60.0 %" in reader.text
    assert "script" not in reader.tags
    assert all(address.startswith("data:") for address in reader.addresses)
    first = target.read_bytes()
    write_page(target, file, tmp_path / "runs", scores, (), language=language)
    assert target.read_bytes() == first


def test_texts_from_files_cannot_become_markup(tmp_path: Path) -> None:
    path = tiny_suite(tmp_path)
    text = path.read_text("utf-8").replace("name: tiny", "name: tiny\ndescription: <script>x")
    path.write_text(text, encoding="utf-8")
    file = read_suite(path)
    target = tmp_path / "page.html"
    write_page(target, file, tmp_path / "runs", evaluate(file, tmp_path / "runs"), ())
    assert "&lt;script&gt;x" in target.read_text("utf-8")
