"""What holds for a lesson with thousands of turns."""

from __future__ import annotations

from classwatch.config.schema import MetricsConfig
from classwatch.metrics.compute import compute
from tests.metrics.long_lesson import long_lesson


def test_evidence_stays_short_in_a_long_lesson() -> None:
    found = compute(long_lesson(), MetricsConfig())
    assert max(len(cell.evidence) for cell in found) > 10
    assert all(len(cell.evidence) <= 200 for cell in found)
