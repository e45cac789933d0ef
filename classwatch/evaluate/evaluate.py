"""A suite evaluated: each lesson scored, counts pooled, gates left to the caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classwatch import __version__
from classwatch.core.errors import ClasswatchError, InputError
from classwatch.evaluate.artifacts import read_found
from classwatch.evaluate.baseline import Baseline
from classwatch.evaluate.bootstrap import FigureInterval, interval
from classwatch.evaluate.material import Material
from classwatch.evaluate.results import FigureKey, LessonScores, Outcome, Row, SuiteScores
from classwatch.evaluate.scoring import NotScored, Score, open_scores
from classwatch.evaluate.sources import absent
from classwatch.evaluate.suite import LessonEntry, SuiteFile
from classwatch.evaluate.tally import Figure, Tally, pool
from classwatch.evaluate.truth import read_truth
from classwatch.store.lesson_folder import LESSON_FILE
from classwatch.store.records import ModelRecord

REPEATS = 1000
SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Both sides of one lesson."""

    lesson: LessonEntry
    truth: Material
    found: Material


def open_pair(file: SuiteFile, lesson: LessonEntry, runs: Path | None) -> Pair:
    """Truth and findings of a lesson. Raises what its files raise; InputError without results."""
    place = f"{file.path}, lesson {lesson.id}"
    truth = read_truth(lesson.truth, file.resolve, place)
    if lesson.found:
        return Pair(lesson, truth, read_truth(lesson.found, file.resolve, place))
    folder = (runs or Path()) / lesson.id
    if runs is None or not (folder / LESSON_FILE).is_file():
        raise InputError(
            "there are no results",
            subject=str(folder),
            remedy="--run analyses first; or name the folder of results with --runs",
        )
    return Pair(lesson, truth, read_found(folder))


def evaluate(
    file: SuiteFile,
    runs: Path | None,
    *,
    baseline: Baseline | None = None,
    failed: Mapping[str, str] | None = None,
) -> SuiteScores:
    """Score every lesson of a suite against the results in ``runs``.

    ``failed`` maps lessons whose analysis failed to the reason: they are counted as failed even
    where older results are there. Raises UsageError where the suite asks for a score or option
    that does not exist.
    """
    names = [name for lesson in file.suite.lessons for name in file.scores_of(lesson)]
    scores = open_scores(dict.fromkeys(names), file.suite.options, str(file.path))
    reasons = failed or {}
    lessons = tuple(
        _scored(file, lesson, runs, scores, reasons.get(lesson.id, ""))
        for lesson in file.suite.lessons
    )
    rows = tuple(row for score in scores.values() for row in _rows(score, lessons, baseline))
    return SuiteScores(
        suite=file.suite.name,
        description=file.suite.description,
        licence=file.suite.licence,
        lessons=lessons,
        rows=rows,
        versions={"classwatch": __version__},
        models=_models(lessons),
    )


def _scored(
    file: SuiteFile,
    lesson: LessonEntry,
    runs: Path | None,
    scores: Mapping[str, Score],
    failure: str,
) -> LessonScores:
    missing = absent(file, lesson, with_media=False)
    if missing:
        return LessonScores(lesson.id, Outcome.SKIPPED, missing)
    if failure:
        return LessonScores(lesson.id, Outcome.FAILED, failure)
    if not lesson.found and runs is not None and not (runs / lesson.id / LESSON_FILE).is_file():
        no_media = absent(file, lesson, with_media=True)
        if no_media:
            return LessonScores(lesson.id, Outcome.SKIPPED, no_media)
    try:
        pair = open_pair(file, lesson, runs)
    except ClasswatchError as error:
        return LessonScores(lesson.id, Outcome.FAILED, str(error))
    wanted = [scores[name] for name in file.scores_of(lesson)]
    tallies: dict[str, Tally] = {}
    not_scored: dict[str, str] = {}
    for score in wanted:
        try:
            tallies[score.name] = score.count(pair.truth, pair.found)
        except NotScored as reason:
            not_scored[score.name] = str(reason)
    figures = tuple(f for s in wanted if s.name in tallies for f in s.figures(tallies[s.name]))
    return LessonScores(
        lesson.id,
        Outcome.SCORED,
        tallies=tallies,
        figures=figures,
        not_scored=not_scored,
        models=pair.found.models,
    )


def _rows(
    score: Score, lessons: Sequence[LessonScores], baseline: Baseline | None
) -> Iterator[Row]:
    own = [lesson.tallies[score.name] for lesson in lessons if score.name in lesson.tallies]
    if not own:
        return
    bounds = {
        (i.metric, i.group): i for i in interval(own, score.scorer, repeats=REPEATS, seed=SEED)
    }
    for figure in score.figures(pool(own)):
        yield _row(score.name, figure, lessons, bounds, baseline)


def _row(
    score: str,
    figure: Figure,
    lessons: Sequence[LessonScores],
    bounds: Mapping[FigureKey, FigureInterval],
    baseline: Baseline | None,
) -> Row:
    key = (figure.metric, figure.group)
    bound = bounds.get(key)
    with_it = sum(
        any((f.metric, f.group) == key and f.value is not None for f in lesson.figures)
        for lesson in lessons
    )
    return Row(
        score=score,
        figure=figure,
        lessons=with_it,
        low=bound.low if bound else None,
        high=bound.high if bound else None,
        no_interval=bound.why if bound else "",
        baseline=None if baseline is None else baseline.value(key),
    )


def _models(lessons: Sequence[LessonScores]) -> tuple[ModelRecord, ...]:
    found = {(m.task, m.name, m.sha256): m for lesson in lessons for m in lesson.models}
    return tuple(found[key] for key in sorted(found))
