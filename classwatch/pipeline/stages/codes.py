"""The code stream of a lesson: what the program codes, and what people coded in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from classwatch.core.code_rows import NO_ACT, CodeRow, rows_of, stream_of
from classwatch.core.codes import CodeStream
from classwatch.core.issues import Issue, Severity
from classwatch.core.speech import Origin
from classwatch.core.time import intervals, subtract, union
from classwatch.discourse.classifiers import (
    Classifiers,
    load_classifiers,
    load_confusion,
)
from classwatch.discourse.coder import Heard, code_lesson, utterances
from classwatch.discourse.llm.client import Client
from classwatch.discourse.llm.coding import code_units, issues_of
from classwatch.discourse.llm.endpoint import open_endpoint
from classwatch.discourse.told import Told
from classwatch.exchange.code_sequence import steps
from classwatch.exchange.correcting_codes import BY_HAND, coded_series, corrected_acts
from classwatch.exchange.corrections import CORRECTIONS, Correction
from classwatch.exchange.eaf import Annotation
from classwatch.exchange.lesson_coding import PREDICTED_CODES
from classwatch.metrics.crosswalk import label_of
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.scheme import SCHEMES, Scheme, scheme_of
from classwatch.metrics.sequence import STEP_S, CodeSequence, by_hand_over
from classwatch.models.shipped import shipped_text_models
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.facts import gather_facts
from classwatch.store import schemas
from classwatch.store.artifacts import load_codes, save_codes, table_path
from classwatch.store.cache import Cache
from classwatch.store.documents import read_document


def run_codes(context: StageContext) -> None:
    """Code the lesson, as far as there are words or codes of people; else leave no table."""
    coder = _Coder(context)
    predicted = coder.code(gather_facts(context, predicted=True))
    own = table_path(context.out, schemas.CODES)
    if "correct" not in context.inputs or context.lesson.corrections is None:
        _save(own, predicted)
        return
    _save(context.out / PREDICTED_CODES, predicted, even_empty=True)
    found = read_document(context.lesson.corrections, CORRECTIONS).corrections
    facts = gather_facts(context)
    acts = corrected_acts(coder.code(facts), facts.span, found)
    series = tuple(_series(found))
    _save(own, acts, series)
    _report(context, acts, len(series))


def _report(context: StageContext, acts: CodeStream | None, in_series: int) -> None:
    theirs = in_series
    if acts is not None:
        theirs += sum(act.origin is Origin.ANNOTATED for act in acts.acts)
    if theirs:
        context.report(
            Issue(
                "codes.corrected",
                Severity.INFO,
                "codes",
                f"people gave {theirs} of the codes; what was predicted is kept beside",
                detail={"codes": theirs},
            )
        )


class _Coder:
    """Codes the words of one lesson, as the configuration says; findings go to the stage."""

    def __init__(self, context: StageContext) -> None:
        self.context = context
        self.client: Client | None = None
        cfg = context.config.discourse
        if cfg.backend == "llm":
            # Whether --offline allows it was asked before the lesson began.
            endpoint = open_endpoint(cfg.base_url, offline=False)
            self.client = Client(endpoint, cfg, tick=lambda: context.progress(0.0))

    def code(self, facts: LessonFacts) -> CodeStream | None:
        """The code stream; None without words."""
        if facts.transcript is None:
            return None
        heard = Heard(facts.span, facts.transcript, facts.turns, facts.events, facts.activity)
        told = {} if self.client is None else self._asked(heard, self.client)
        return code_lesson(heard, _classifiers(), told)

    def _asked(self, heard: Heard, client: Client) -> Mapping[int, Told]:
        """What the language model says; what it said of the last facts is what is reported."""
        context = self.context
        codes = code_units(utterances(heard), client, Cache(context.cache), context.progress)
        context.issues[:] = [i for i in context.issues if not i.code.startswith("codes.llm")]
        context.report(*issues_of(codes, client.cfg, loopback=client.endpoint.loopback))
        return codes.told


@cache
def _classifiers() -> Classifiers:
    return load_classifiers(shipped_text_models())


def _save(
    path: Path,
    stream: CodeStream | None,
    by_hand: tuple[CodeRow, ...] = (),
    *,
    even_empty: bool = False,
) -> None:
    if stream is None and not by_hand and not even_empty:
        return
    coded: dict[str, list[tuple[float, float]]] = {}
    for row in by_hand:
        coded.setdefault(row.scheme, []).append((row.start_s, row.end_s))
    rows = list(by_hand)
    for number, act in enumerate(stream.acts if stream is not None else ()):
        labels = {scheme.id: label_of(act, scheme) for scheme in SCHEMES}
        for row in rows_of(number, act, labels):
            rows += _outside(row, coded[row.scheme]) if row.scheme in coded else [row]
    save_codes(path, rows)


def _outside(row: CodeRow, coded: list[tuple[float, float]]) -> Iterator[CodeRow]:
    """What of a predicted code lies outside the time that a person coded in its scheme."""
    rest = subtract(intervals([(row.start_s, row.end_s)]), union(intervals(coded)))
    for start_s, end_s in rest:
        yield replace(row, start_s=float(start_s), end_s=float(end_s))


def _series(found: tuple[Correction, ...]) -> Iterator[CodeRow]:
    for name, codes in coded_series(found, [scheme.id for scheme in SCHEMES]).items():
        labels = scheme_of(name).labels
        for item in codes:
            if item.text in labels:
                yield _row(name, item)


def _row(scheme: str, item: Annotation) -> CodeRow:
    return CodeRow(
        act=NO_ACT,
        start_s=item.start_s,
        end_s=item.end_s,
        role=None,
        scheme=scheme,
        code=item.text,
        confidence=1.0,
        origin=Origin.ANNOTATED,
        rule=BY_HAND,
        text="",
        quote="",
    )


def codes_path(folder: Path, *, predicted: bool = False) -> Path:
    """The table of codes in the stage's folder; with ``predicted`` without people's."""
    earlier = folder / PREDICTED_CODES
    return earlier if predicted and earlier.is_file() else table_path(folder, schemas.CODES)


def with_codes(facts: LessonFacts, folder: Path, *, predicted: bool = False) -> LessonFacts:
    """The facts with the codes in the stage's folder; as they are where there are none."""
    path = codes_path(folder, predicted=predicted)
    if not path.is_file():
        return facts
    rows = load_codes(path)
    codes = stream_of(rows, facts.span)
    recognised = facts.transcript is not None and facts.transcript.origin is Origin.PREDICTED
    return replace(
        facts,
        codes=codes,
        sequences=tuple(_sequences(rows, codes, facts)),
        instruction_errors=load_confusion(shipped_text_models(), recognised=recognised),
    )


def _sequences(
    rows: Iterable[CodeRow], codes: CodeStream | None, facts: LessonFacts
) -> Iterator[CodeSequence]:
    """Series that people wrote; where they wrote nothing the program's own fills in."""
    by_hand: dict[str, list[Annotation]] = {}
    for row in rows:
        if row.act == NO_ACT:
            by_hand.setdefault(row.scheme, []).append(Annotation(row.start_s, row.end_s, row.code))
    for name, items in by_hand.items():
        scheme: Scheme = scheme_of(name)
        labels = steps(_from_zero(items, facts.span.start_s), facts.span.duration_s, STEP_S)
        yield by_hand_over(codes, facts.span, scheme, labels)


def _from_zero(items: Iterable[Annotation], start_s: float) -> Iterator[Annotation]:
    for item in items:
        yield Annotation(item.start_s - start_s, item.end_s - start_s, item.text)
