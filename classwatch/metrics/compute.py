"""All measures of one lesson, in a fixed order."""

from __future__ import annotations

from classwatch.config.schema import MetricsConfig
from classwatch.core.measures import Definition, Measure
from classwatch.metrics import (
    bloom,
    chains,
    checklist,
    copus,
    dart,
    equity,
    fias,
    hands,
    heads,
    ifias,
    itias,
    lag_sequential,
    phases,
    place,
    questions,
    snapshots,
    speech_rate,
    st,
    st_codes,
    std,
    talk,
    talk_moves,
    time_use,
    wait_splits,
    wait_time,
)
from classwatch.metrics.basis import prepare
from classwatch.metrics.definition import Measured
from classwatch.metrics.facts import LessonFacts

MEASURES: tuple[Measured, ...] = (
    *talk.MEASURES,
    *dart.MEASURES,
    *st.MEASURES,
    *st_codes.MEASURES,
    *std.MEASURES,
    *wait_time.MEASURES,
    *wait_splits.MEASURES,
    *questions.MEASURES,
    *bloom.MEASURES,
    *chains.MEASURES,
    *talk_moves.MEASURES,
    *speech_rate.MEASURES,
    *hands.MEASURES,
    *equity.MEASURES,
    *heads.MEASURES,
    *place.MEASURES,
    *time_use.MEASURES,
    *phases.MEASURES,
    *checklist.MEASURES,
    *fias.MEASURES,
    *ifias.MEASURES,
    *itias.MEASURES,
    *lag_sequential.MEASURES,
    *copus.MEASURES,
    *snapshots.MEASURES,
)
"""Every measure there is, in the order of the report."""


def compute(facts: LessonFacts, cfg: MetricsConfig) -> tuple[Measure, ...]:
    """Compute every measure; each has at least one cell, given or absent with a reason.

    Pure: equal facts give equal measures, whatever the order of turns and events. A measure
    never fails because a source is missing.
    """
    basis = prepare(facts, cfg)
    return tuple(cell for entry in MEASURES for cell in entry(basis))


def definitions() -> tuple[Definition, ...]:
    """The glossary, in the order of ``compute``; a measure's id starts with a definition's id."""
    return tuple(entry.entry.definition for entry in MEASURES)
