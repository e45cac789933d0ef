"""Where too few of the people can be found, their number is said to be a lower bound."""

from __future__ import annotations

from classwatch.core.issues import Severity
from classwatch.pipeline.stages.people import some_unseen
from classwatch.report.quality import findings
from classwatch.report.words import words


def test_it_says_how_many_in_either_language() -> None:
    issue = some_unseen("student_cam", 0.818)
    assert issue.severity is Severity.WARNING
    assert "82%" in issue.message
    assert "lower bounds" in issue.message
    (told,) = findings((issue,), words("zh-CN"))
    assert "82%" in told.text
    assert "下限" in told.text
    assert not told.foreign
