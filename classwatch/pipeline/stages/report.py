"""The lesson's report: everything upstream, read once and rendered."""

from __future__ import annotations

from typing import Literal

from classwatch.core.issues import Issue
from classwatch.core.measures import Measure
from classwatch.metrics import basis, st
from classwatch.metrics.compute import MEASURES as MEASURES_THERE_ARE
from classwatch.metrics.compute import definitions
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.norms import load_norms
from classwatch.metrics.reasons import load_gates, load_reasons
from classwatch.pipeline.record import read_result
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.facts import gather_facts
from classwatch.pipeline.stages.measures import PREDICTED, uncorrected
from classwatch.pipeline.stages.media import read_media
from classwatch.pipeline.stages.pose import read_pose_record
from classwatch.report.html import render
from classwatch.report.model import Language, ReportInput, StGrid, StreamItem
from classwatch.store.artifacts import load_document
from classwatch.store.codec import decode
from classwatch.store.documents import MEASURES, ROLE_EVIDENCE, SOUND_CHECKS
from classwatch.store.files import replace_bytes

REPORT_FILE = "report.html"


def run_report(context: StageContext) -> None:
    """Render ``report.html`` in the configured language."""
    language = context.config.report.language
    html = render(gather_report(context, language), language)
    replace_bytes(context.out / REPORT_FILE, html.encode("utf-8"), durable=False)


def gather_report(context: StageContext, language: Language) -> ReportInput:
    """All artifacts of the lesson as the value that a report is rendered from."""
    facts = gather_facts(context)
    measures = load_document(context.inputs["measures"], MEASURES)
    short: Literal["zh", "en"] = "zh" if language == "zh-CN" else "en"
    return ReportInput(
        lesson_id=context.lesson.id,
        span=facts.span,
        metadata=context.lesson.metadata,
        media=_media(context),
        issues=_issues(context),
        measures=measures,
        definitions=definitions(),
        turns=facts.turns,
        transcript=facts.transcript,
        events=facts.events,
        activity=facts.activity,
        role_evidence=load_document(context.inputs["turns"], ROLE_EVIDENCE),
        sound_checks=load_document(context.inputs["turns"], SOUND_CHECKS),
        pictures=tuple(picture.shown for picture in facts.pictures),
        st_grid=_st_grid(context, facts),
        provenance=_provenance(context),
        reasons=load_reasons(short),
        gates=load_gates(short),
        samplings={
            entry.id: entry.entry.sampling_zh if short == "zh" else entry.entry.sampling_en
            for entry in MEASURES_THERE_ARE
        },
        norms=load_norms(),
        uncorrected=_uncorrected(context, measures),
    )


def _uncorrected(context: StageContext, measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
    if "correct" not in context.inputs:
        return ()
    return uncorrected(load_document(context.inputs["measures"], PREDICTED), measures)


def _media(context: StageContext) -> tuple[StreamItem, ...]:
    folders = context.stream_inputs("media")
    digests = dict(context.settings["digests"])
    return tuple(
        StreamItem(s.name, s.role, read_media(folders[s.name]), s.offset_s, digests[s.name][:12])
        for s in context.lesson.streams
    )


def _issues(context: StageContext) -> tuple[Issue, ...]:
    given = tuple(decode(issue, Issue) for issue in context.settings["issues"])
    return given + tuple(i for f in context.inputs.values() for i in read_result(f).issues)


def _st_grid(context: StageContext, facts: LessonFacts) -> StGrid | None:
    ground = basis.prepare(facts, context.config.metrics)
    if ground.roles_why is not None:
        return None
    grid = st.grid(ground)
    codes = zip(grid.teacher.tolist(), grid.decided.tolist(), strict=True)
    return StGrid(grid.interval_s, tuple(t if decided else None for t, decided in codes))


def _provenance(context: StageContext) -> tuple[tuple[str, str], ...]:
    rows: list[tuple[str, str]] = [(name, text) for name, text in context.settings["versions"]]
    for stream, folder in context.stream_inputs("pose").items():
        record = read_pose_record(folder)
        if record.engine is not None:
            engine = record.engine
            how = f"{engine.backend} {engine.library_version}, {engine.precision}"
            rows.append((f"pose ({stream})", f"{how}, {engine.input_px} px; {record.decoding}"))
    for name, task, digest in context.settings["models"]:
        rows.append((f"model ({task})", f"{name}, SHA-256 {digest[:16]}…"))
    rows.append(("config", f"SHA-256 {context.settings['config_digest'][:16]}…"))
    return tuple(rows)
