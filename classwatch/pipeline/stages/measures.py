"""The measures of everything upstream."""

from __future__ import annotations

from dataclasses import replace

from classwatch.core.issues import Issue, Severity
from classwatch.core.measures import Measure
from classwatch.metrics.compute import compute
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.codes import with_codes
from classwatch.pipeline.stages.facts import gather_facts
from classwatch.store.artifacts import save_document
from classwatch.store.documents import MEASURES, DocumentSchema

PREDICTED: DocumentSchema[tuple[Measure, ...]] = DocumentSchema(
    "predicted_measures", 1, tuple[Measure, ...], "Measures without corrections (cache only)."
)


def run_measures(context: StageContext) -> None:
    """Compute every measure of the lesson."""
    measures = _computed(context, predicted=False)
    save_document(context.out, MEASURES, measures)
    if "correct" in context.inputs:
        predicted = _computed(context, predicted=True)
        save_document(context.out, PREDICTED, predicted)
        _report_corrected(context, predicted, measures)
    absent = sum(1 for m in measures if m.why is not None)
    if absent:
        context.report(
            Issue(
                "measures.absent",
                Severity.INFO,
                "measures",
                f"{absent} of {len(measures)} figures could not be given; each says why",
                detail={"absent": absent, "all": len(measures)},
            )
        )


def _computed(context: StageContext, *, predicted: bool) -> tuple[Measure, ...]:
    facts = gather_facts(context, predicted=predicted)
    facts = with_codes(facts, context.inputs["codes"], predicted=predicted)
    return compute(facts, context.config.metrics)


def _report_corrected(
    context: StageContext, before: tuple[Measure, ...], after: tuple[Measure, ...]
) -> None:
    """Say which figures rest on what people corrected: those that are other than without it."""
    other = [m.id + (f" [{m.part}]" if m.part else "") for m in uncorrected(before, after)]
    if other:
        context.report(
            Issue(
                "measures.corrected",
                Severity.INFO,
                "measures",
                f"{len(other)} of {len(after)} figures rest on corrections by people and would be "
                f"other without them: {', '.join(other)}",
                detail={"other": len(other), "all": len(after), "names": ", ".join(other)},
            )
        )


def uncorrected(before: tuple[Measure, ...], after: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """What the measures that corrections changed were ``before``, under their names ``after``.

    A series that a person coded changes the sampling in a measure's name; the measure before is
    then the one of another sampling, where there is only one.
    """
    exact = {_cell(m): m for m in before}
    loose: dict[tuple[str, str, str], list[Measure]] = {}
    for m in before:
        loose.setdefault(_without_sampling(m), []).append(m)
    found = []
    for m in after:
        earlier = exact.get(_cell(m))
        others = loose.get(_without_sampling(m), [])
        if earlier is None and len(others) == 1:
            earlier = replace(others[0], id=m.id)
        if earlier is not None and _figure(earlier) != _figure(m):
            found.append(earlier)
    return tuple(found)


def _cell(measure: Measure) -> tuple[str, str, str]:
    return (measure.id, measure.part, measure.stream)


def _without_sampling(measure: Measure) -> tuple[str, str, str]:
    return (measure.id.partition("@")[0], measure.part, measure.stream)


def _figure(measure: Measure) -> tuple[object, ...]:
    return (measure.value, measure.category, measure.numerator, measure.denominator, measure.why)
