"""``classwatch eval``: how right the results are, against truth."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classwatch.cli import options
from classwatch.cli.analyze import execute
from classwatch.cli.console import note, print_json, print_table, say
from classwatch.core.errors import EXIT_OK, EXIT_SOME_FAILED, UsageError

if TYPE_CHECKING:
    from classwatch.evaluate.baseline import Baseline
    from classwatch.evaluate.gates import GateResult
    from classwatch.evaluate.results import SuiteScores
    from classwatch.evaluate.suite import SuiteFile
    from classwatch.pipeline.options import RunOptions

SuitePath = Annotated[
    Path,
    typer.Argument(
        metavar="SUITE.yaml|NAME",
        help="Lessons with truth (see docs/evaluating.md), or the name of a suite that ships.",
    ),
]
Run = Annotated[bool, typer.Option("--run", help="Analyse the lessons first (cached).")]
Runs = Annotated[
    Path | None,
    typer.Option(
        "--runs", metavar="DIR", help="Folder of results [classwatch-eval/SUITE with --run]."
    ),
]
Gates = Annotated[
    Path | None, typer.Option("--gates", metavar="FILE", help="Limits that the figures must keep.")
]
BaselineFile = Annotated[
    Path | None, typer.Option("--baseline", metavar="FILE", help="Earlier figures to compare with.")
]
Update = Annotated[
    bool, typer.Option("--update-baseline", help="Write the baseline and print what changes.")
]
Junit = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML for CI servers.")
]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print the table as Markdown.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a page with the worst moments.")
]
ModelFolders = Annotated[
    list[Path] | None,
    typer.Option("--models", metavar="DIR", help="Folder searched for models; may be repeated."),
]
All = Annotated[bool, typer.Option("--all", help="Print every figure, not only those of all data.")]


@dataclass(frozen=True, slots=True)
class _Outputs:
    junit: Path | None
    html: Path | None
    json: bool
    markdown: bool
    every: bool
    quiet: bool
    language: str


def evaluate(  # noqa: PLR0913 - one parameter for each option
    suite: SuitePath,
    run: Run = False,
    runs: Runs = None,
    gates: Gates = None,
    baseline: BaselineFile = None,
    update_baseline: Update = False,
    junit: Junit = None,
    json: options.Json = False,
    markdown: Markdown = False,
    html: Html = None,
    models: ModelFolders = None,
    every: All = False,
    config: options.ConfigOption = None,
    set_: options.SetOption = None,
    report_lang: options.ReportLang = None,
    jobs: options.Jobs = None,
    device: options.Device = "auto",
    force: options.Force = False,
    cache: options.CacheOption = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> int:
    """Score results against truth.

    A suite lists lessons with their truth and what is scored. Only the files that an analysis
    published are read; --run analyses first. Lessons whose files are not on this machine are
    skipped and counted as skipped.
    Exit code 0: all gates passed; 1: a gate failed or a lesson could not be scored; 2: wrong usage.
    """
    from classwatch.evaluate.baseline import read_baseline
    from classwatch.evaluate.evaluate import evaluate as score
    from classwatch.evaluate.gates import check_gates, read_gates
    from classwatch.evaluate.suite import read_suite
    from classwatch.pipeline.options import RunOptions

    file = read_suite(_suite_path(suite))
    limits = read_gates(gates) if gates else ()
    if update_baseline and baseline is None:
        raise UsageError(
            "needs --baseline FILE", subject="--update-baseline", remedy="name the file to write"
        )
    earlier = None
    if baseline is not None and (baseline.exists() or not update_baseline):
        earlier = read_baseline(baseline, file.suite.name)
    _search_models(models or ())
    outputs = _Outputs(junit, html, json, markdown, every, quiet, report_lang or "en")
    failed: Mapping[str, str] = {}
    if run:
        runs = runs or Path("classwatch-eval") / file.suite.name
        run_options = RunOptions(
            jobs=jobs, force=force, offline=True, cache=cache, debug=debug, device=device
        )
        shown = not (quiet or json or markdown)
        failed = _analyse(file, runs, (config, tuple(set_ or ())), run_options, show=shown)
    elif runs is None and any(not lesson.found for lesson in file.suite.lessons):
        raise UsageError(
            "nothing says where the results are",
            subject=str(suite),
            remedy="--run analyses the lessons first; --runs DIR names a folder of results",
        )
    scores = score(file, runs, baseline=earlier, failed=failed)
    results = check_gates(limits, scores)
    _write(file, runs, scores, results, outputs)
    if update_baseline and baseline is not None:
        _update(baseline, earlier, scores)
    return exit_code(scores, results)


def _suite_path(given: Path) -> Path:
    """The file, or that of a suite that ships where only a name is given."""
    from classwatch.core.resources import resource_dir

    if given.suffix or len(given.parts) != 1:
        return given
    folder = resource_dir("configs") / "suites"
    path = folder / f"{given}.yaml"
    if path.is_file():
        return path
    names = ", ".join(sorted(p.stem for p in folder.glob("*.yaml")))
    raise UsageError(
        f"there is no suite {str(given)!r}", subject="eval", remedy=f"suites that ship: {names}"
    )


def exit_code(scores: SuiteScores, results: Sequence[GateResult]) -> int:
    """1 where a gate failed or a lesson that is here could not be scored, else 0."""
    from classwatch.evaluate.gates import GateState
    from classwatch.evaluate.results import Outcome

    gate_failed = any(r.state is GateState.FAILED for r in results)
    return EXIT_SOME_FAILED if gate_failed or scores.of(Outcome.FAILED) else EXIT_OK


def _search_models(folders: Sequence[Path]) -> None:
    """Add folders to the search path, in the environment: workers inherit it."""
    for folder in folders:
        if not folder.is_dir():
            raise UsageError("no such folder", subject=f"--models {folder}")
    if folders:
        earlier = os.environ.get("CLASSWATCH_MODELS", "")
        parts = [str(folder.absolute()) for folder in folders] + ([earlier] if earlier else [])
        os.environ["CLASSWATCH_MODELS"] = os.pathsep.join(parts)


def _analyse(
    file: SuiteFile,
    runs: Path,
    configuration: tuple[str | None, tuple[str, ...]],
    run_options: RunOptions,
    *,
    show: bool,
) -> Mapping[str, str]:
    """Analyse what is here; the lessons that failed, with the reason."""
    from classwatch.config.load import load_config
    from classwatch.evaluate.sources import absent, batches

    preset, sets = configuration
    here = [
        lesson
        for lesson in file.suite.lessons
        if not lesson.found
        and (lesson.media or lesson.still)
        and not absent(file, lesson, with_media=True)
    ]
    failed: dict[str, str] = {}
    for batch in batches(file, here, runs, config=preset):
        resolved = load_config(batch.config, (*batch.sets, *sets))
        result = execute(batch.sources, runs, resolved, run_options, show=show)
        for outcome in result.outcomes:
            if outcome.error is not None:
                failed[outcome.lesson_id] = f"analysis: {outcome.error}"
    return failed


# ---------------------------------------------------------------- what is shown and written


def _write(
    file: SuiteFile,
    runs: Path | None,
    scores: SuiteScores,
    results: Sequence[GateResult],
    outputs: _Outputs,
) -> None:
    from classwatch.evaluate.output.document import scores_document
    from classwatch.evaluate.output.junit import junit_xml
    from classwatch.evaluate.output.markdown import markdown_table
    from classwatch.store.files import disk_errors

    if outputs.junit:
        with disk_errors(outputs.junit):
            outputs.junit.parent.mkdir(parents=True, exist_ok=True)
            outputs.junit.write_bytes(junit_xml(scores, results))
    if outputs.html:
        from classwatch.evaluate.output.page import write_page

        write_page(outputs.html, file, runs, scores, results, language=outputs.language)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with disk_errors(Path(summary)), Path(summary).open("a", encoding="utf-8") as stream:
            stream.write(markdown_table(scores, results, every=outputs.every) + "\n")
    if outputs.json:
        print_json(scores_document(scores, results))
    elif outputs.markdown:
        say(markdown_table(scores, results, every=outputs.every))
    else:
        _show(scores, results, outputs)


def _show(scores: SuiteScores, results: Sequence[GateResult], outputs: _Outputs) -> None:
    from classwatch.evaluate.gates import GateState
    from classwatch.evaluate.output.table import (
        gate_rows,
        lesson_rows,
        summary_line,
        text_lines,
    )

    if not outputs.quiet:
        for line in text_lines(scores, every=outputs.every):
            say(line)
        say()
        if rows := lesson_rows(scores):
            print_table(("lesson", "", "reason"), rows)
            say()
    shown = [r for r in results if not outputs.quiet or r.state is GateState.FAILED]
    if shown:
        print_table(("gate", "", "figure and limit"), gate_rows(shown))
        say()
    say(summary_line(scores, results))


def _update(path: Path, earlier: Baseline | None, scores: SuiteScores) -> None:
    from classwatch.evaluate.baseline import baseline_of, difference, write_baseline
    from classwatch.evaluate.output.table import number

    after = baseline_of(scores)
    diff = difference(earlier, after)
    write_baseline(path, after)
    note(f"baseline {path}: {len(diff.changes)} figures changed, {diff.same} the same")
    for line in diff.conditions:
        note(f"  {line}")
    for change in diff.changes:
        name = f"{change.metric} [{change.group}]" if change.group else change.metric
        note(f"  {name}: {number(change.before)} -> {number(change.after)}")
