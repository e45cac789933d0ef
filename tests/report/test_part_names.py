from __future__ import annotations

import pytest

from classwatch.config.schema import MetricsConfig
from classwatch.core.time import Interval
from classwatch.metrics.compute import compute, definitions
from classwatch.metrics.facts import LessonFacts
from classwatch.report.words import rule, words


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_groups_cells_and_sampling_rules_have_words(language: str) -> None:
    say = words(language)
    assert [d.group for d in definitions() if not say.find(f"group.{d.group}")] == []
    # A lesson without anything names every cell that there always is.
    found = compute(LessonFacts(Interval(0.0, 2700.0)), MetricsConfig())
    unnamed = set()
    for measure in found:
        base, _, suffix = measure.id.partition("@")
        special = f"part.{base.partition('.')[0]}.{measure.part}"
        if measure.part and not (say.find(special) or say.find(f"part.{measure.part}")):
            unnamed.add(special)
        if suffix and rule(suffix, say) == suffix:
            unnamed.add(suffix)
    assert unnamed == set()
