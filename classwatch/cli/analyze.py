"""``classwatch analyze``: recorded lessons in, measures and reports out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classwatch.cli import options
from classwatch.cli.console import note, print_json, print_table, say
from classwatch.core.errors import EXIT_OK, ClasswatchError, UsageError

if TYPE_CHECKING:
    from classwatch.config import Config
    from classwatch.exchange.manifest import LessonSource
    from classwatch.pipeline.listen import LessonOutcome, PlannedStage, RunListener, RunResult
    from classwatch.pipeline.options import RunOptions

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="Recordings, folders, or manifests (csv, xlsx, yaml)."),
]
Transcript = Annotated[
    Path | None,
    typer.Option("--transcript", metavar="FILE", help="Transcript of the only lesson."),
]
Plan = Annotated[bool, typer.Option("--plan", help="Print what would run and why; run nothing.")]
Consent = Annotated[
    bool,
    typer.Option(
        "--i-have-consent", help="State that those recorded agreed; kept with the results."
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", min=1, metavar="SECONDS", help="Longest time for one lesson."),
]
MemoryLimit = Annotated[
    int | None,
    typer.Option("--memory-limit", min=256, metavar="MB", help="Most memory for one lesson."),
]
SHOWN_REPORTS = 5
_PLAN_WORDS = {(False, True): "hit", (False, False): "run", (True, False): "fails"}


def analyze(  # noqa: PLR0913 - one parameter for each option
    paths: Paths,
    out: options.Out,
    config: options.ConfigOption = None,
    set_: options.SetOption = None,
    lang: options.Lang = None,
    report_lang: options.ReportLang = None,
    transcript: Transcript = None,
    offline: options.Offline = False,
    jobs: options.Jobs = None,
    device: options.Device = "auto",
    force: options.Force = False,
    plan: Plan = False,
    consent: Consent = False,
    cache: options.CacheOption = None,
    time_limit: TimeLimit = None,
    memory_limit: MemoryLimit = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> int:
    """Analyse recorded lessons.

    Each gets measures, a transcript and a report in a folder of its own below --out.
    A second run with the same files does nothing; an interrupted one goes on where it stopped.
    Exit code 0: all lessons done; 1: some failed (see the table and run.json).
    """
    from classwatch.config.load import load_config
    from classwatch.exchange.manifest import find_lessons
    from classwatch.pipeline.options import RunOptions
    from classwatch.pipeline.prepare import check_language_model, check_named_models

    resolved = load_config(
        config, set_ or (), transcribe__language=lang, report__language=report_lang
    )
    check_named_models(resolved)
    check_language_model(resolved, offline=offline)
    sources = find_lessons(paths, have_consent=consent)
    if transcript is not None:
        _check_transcript(transcript, sources)
    run_options = RunOptions(
        jobs=jobs,
        force=force,
        offline=offline,
        cache=cache,
        debug=debug,
        transcript=transcript,
        time_limit_s=time_limit,
        memory_limit_mb=memory_limit,
        device=device,
    )
    if plan:
        return _show_plan(sources, out, resolved, run_options, as_json=json)
    result = execute(sources, out, resolved, run_options, show=not (quiet or json))
    if json:
        print_json(_result_document(result))
    elif not quiet:
        show_result(result)
    else:
        _complain_of_failures(result)
    return result.exit_code


def execute(
    sources: Sequence[LessonSource],
    out: Path,
    config: Config,
    run_options: RunOptions,
    *,
    show: bool,
) -> RunResult:
    """Run the pipeline with progress on stderr: a live display on a terminal, else lines."""
    from classwatch.pipeline.analyze import run
    from classwatch.pipeline.listen import SilentListener

    if not show:
        return run(sources, out, config, run_options, SilentListener())
    if not sys.stderr.isatty():
        return run(sources, out, config, run_options, _line_listener(len(sources)))
    from classwatch.cli.progress import LiveListener

    with LiveListener(len(sources)) as listener:
        return run(sources, out, config, run_options, listener)


def show_result(result: RunResult) -> None:
    """Print where the reports are, what failed and why, and the totals."""
    done = [o for o in result.outcomes if o.status == "done"]
    failed = [o for o in result.outcomes if o.status != "done"]
    for outcome in done[:SHOWN_REPORTS]:
        if outcome.folder is not None:
            say(f"report: {outcome.folder / 'report.html'}")
    if len(done) > SHOWN_REPORTS:
        say(f"        … and {len(done) - SHOWN_REPORTS} more")
    absent = _left_out(done)
    if absent:
        say()
        print_table(("left out", "what helps", "lessons"), absent)
        say()
    if failed:
        say()
        print_table(
            ("lesson", "status", "reason"),
            [(o.lesson_id, o.status.value, _reason(o)) for o in failed],
        )
        say()
    hits = sum(o.hits for o in done)
    ran = sum(o.ran for o in done)
    lessons, stages = _count(len(done), "lesson"), _count(ran, "stage")
    say(f"{lessons} done, {len(failed)} not; {stages} run, {hits} reused")
    say(f"summary: {result.summary}")


def _left_out(done: Sequence[LessonOutcome]) -> list[tuple[str, str, str]]:
    """Which whole parts of the analysis abstained, what helps, and in how many lessons."""
    from classwatch.core.issues import Severity
    from classwatch.store.documents import read_document
    from classwatch.store.lesson_folder import LESSON_FILE
    from classwatch.store.records import LESSON

    lessons: dict[tuple[str, str], int] = {}
    for outcome in done:
        if outcome.folder is None:
            continue
        issues = read_document(outcome.folder / LESSON_FILE, LESSON).issues
        for told in {(i.message, i.remedy) for i in issues if i.severity is Severity.ABSTAINED}:
            lessons[told] = lessons.get(told, 0) + 1
    ordered = sorted(lessons.items(), key=lambda item: (-item[1], item[0]))
    return [(message, remedy, str(count)) for (message, remedy), count in ordered]


def _line_listener(count: int) -> RunListener:
    from classwatch.cli.progress import LineListener

    return LineListener(count, note)


def _check_transcript(transcript: Path, sources: Sequence[LessonSource]) -> None:
    if len(sources) != 1:
        raise UsageError(
            f"a transcript belongs to one lesson, and these are {len(sources)}",
            subject="--transcript",
            remedy="name one recording, or use the column transcript of a manifest",
        )
    if not transcript.is_file():
        raise UsageError("no such file", subject=f"--transcript {transcript}")


# ---------------------------------------------------------------- plans


def _show_plan(
    sources: Sequence[LessonSource],
    out: Path,
    config: Config,
    run_options: RunOptions,
    *,
    as_json: bool,
) -> int:
    from classwatch.pipeline.analyze import plan

    stages = plan(sources, out, config, run_options)
    if as_json:
        print_json({"schema": "classwatch.plan/1", "stages": [_stage_document(s) for s in stages]})
        return EXIT_OK
    print_table(
        ("lesson", "stage", "", "why"),
        [(s.lesson_id, s.stage, _PLAN_WORDS[s.stage == "-", s.hit], s.why) for s in stages],
    )
    hits = sum(s.hit for s in stages)
    ran = sum(not s.hit and s.stage != "-" for s in stages)
    say(f"{_count(ran, 'stage')} would run, {_count(hits, 'result')} there already")
    return EXIT_OK


def _stage_document(stage: PlannedStage) -> dict[str, object]:
    return {
        "lesson_id": stage.lesson_id,
        "stage": stage.stage,
        "key": stage.key,
        "hit": stage.hit,
        "why": stage.why,
    }


# ---------------------------------------------------------------- results


def _result_document(result: RunResult) -> dict[str, object]:
    return {
        "schema": "classwatch.analyze/1",
        "exit_code": result.exit_code,
        "summary": str(result.summary),
        "lessons": [_outcome_document(o) for o in result.outcomes],
    }


def _outcome_document(outcome: LessonOutcome) -> dict[str, object]:
    folder = outcome.folder
    return {
        "lesson_id": outcome.lesson_id,
        "status": outcome.status.value,
        "folder": None if folder is None else str(folder),
        "report": None if folder is None else str(folder / "report.html"),
        "stages_run": outcome.ran,
        "stages_reused": outcome.hits,
        "seconds": round(outcome.seconds, 3),
        "error": None if outcome.error is None else error_document(outcome.error),
    }


def error_document(error: ClasswatchError) -> dict[str, object]:
    """An error as JSON: kind, exit code, subject, message, remedy."""
    return {
        "kind": type(error).__name__,
        "exit_code": error.exit_code,
        "subject": error.subject,
        "message": error.message,
        "remedy": error.remedy,
    }


def _complain_of_failures(result: RunResult) -> None:
    for outcome in result.outcomes:
        if outcome.error is not None:
            note(f"error: {outcome.lesson_id}: {_reason(outcome)}")


def _reason(outcome: LessonOutcome) -> str:
    return str(outcome.error) if outcome.error is not None else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
