"""An evaluation as JUnit XML: one test case for each lesson and for each gate.

The elements and attributes are those that Jenkins, GitLab and GitHub reporters read: ``testsuites``
with ``testsuite`` (name, tests, failures, errors, skipped, time) with ``testcase`` (classname,
name, time) with at most one of ``failure``, ``error`` and ``skipped`` (message).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from classwatch.evaluate.gates import GateResult, GateState
from classwatch.evaluate.results import LessonScores, Outcome, SuiteScores

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def junit_xml(scores: SuiteScores, results: Sequence[GateResult]) -> bytes:
    """The document, UTF-8; the same evaluation gives the same bytes (times are 0)."""
    whole = Xml.Element("testsuites", name=_text(f"classwatch eval {scores.suite}"))
    _suite(whole, f"{scores.suite}.lessons", [_lesson(scores, one) for one in scores.lessons])
    if results:
        _suite(whole, f"{scores.suite}.gates", [_gate(scores, one) for one in results])
    Xml.indent(whole)
    body: bytes = Xml.tostring(whole, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _suite(whole: Xml.Element, name: str, cases: Sequence[Xml.Element]) -> None:
    count = {tag: sum(case.find(tag) is not None for case in cases) for tag in _TAGS}
    suite = Xml.SubElement(
        whole,
        "testsuite",
        name=_text(name),
        tests=str(len(cases)),
        failures=str(count["failure"]),
        errors=str(count["error"]),
        skipped=str(count["skipped"]),
        time="0",
    )
    suite.extend(cases)


_TAGS = ("failure", "error", "skipped")


def _lesson(scores: SuiteScores, lesson: LessonScores) -> Xml.Element:
    case = _case(f"{scores.suite}.lessons", lesson.lesson_id)
    if lesson.outcome is Outcome.SKIPPED:
        Xml.SubElement(case, "skipped", message=_text(lesson.reason))
    elif lesson.outcome is Outcome.FAILED:
        Xml.SubElement(case, "error", message=_text(lesson.reason), type="lesson")
    elif lesson.not_scored:
        reasons = [f"{score} not scored: {why}" for score, why in lesson.not_scored.items()]
        Xml.SubElement(case, "system-out").text = _text("\n".join(reasons))
    return case


def _gate(scores: SuiteScores, result: GateResult) -> Xml.Element:
    case = _case(f"{scores.suite}.gates", result.gate.name)
    if result.state is GateState.FAILED:
        Xml.SubElement(case, "failure", message=_text(result.message), type="gate")
    elif result.state is GateState.NOT_CHECKED:
        Xml.SubElement(case, "skipped", message=_text(result.message))
    return case


def _case(classname: str, name: str) -> Xml.Element:
    return Xml.Element("testcase", classname=_text(classname), name=_text(name), time="0")


def _text(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _ILLEGAL.sub("�", text)
