"""Suites worked out by hand, from files on disk to the pooled table."""

from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.code_rows import CodeRow
from classwatch.core.events import Event, EventKind
from classwatch.core.issues import Issue, Severity
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.core.speech import Origin, Segment, Transcript
from classwatch.core.time import Interval
from classwatch.evaluate.evaluate import evaluate
from classwatch.evaluate.results import Outcome, SuiteScores
from classwatch.evaluate.suite import read_suite
from tests.evaluate.made import MODEL, S, T, boxes, tiny_suite, turn, write_results


def run(path: Path) -> SuiteScores:
    return evaluate(read_suite(path), path.parent / "runs")


def value(scores: SuiteScores, metric: str, group: str = "") -> float | None:
    row = scores.row((metric, group))
    assert row is not None, [r.key for r in scores.rows]
    return row.figure.value


def suite(folder: Path, scores: str, truth: str, more: str = "") -> Path:
    path = folder / "suite.yaml"
    path.write_text(
        f"name: made\nscores: [{scores}]\n{more}lessons:\n  - id: a\n    truth: [{truth}]\n",
        encoding="utf-8",
    )
    return path


def test_figures_are_pooled_by_seconds_and_not_averaged_over_lessons(tmp_path: Path) -> None:
    # a: teacher 0-10, student 10-14; found teacher 0-8, student 8-14: 12 of 14 s are right.
    # b: teacher 0-6; found student 0-6: 0 of 6 s.
    # Pooled 12 / 20 = 0.6; the mean of 12/14 and 0 would be 0.43.
    scores = run(tiny_suite(tmp_path))
    assert value(scores, "speech.roles.accuracy") == pytest.approx(0.6)
    by_lesson = {
        lesson.lesson_id: next(
            f.value for f in lesson.figures if f.metric == "speech.roles.accuracy"
        )
        for lesson in scores.lessons
    }
    assert by_lesson["a"] == pytest.approx(12 / 14)
    assert by_lesson["b"] == 0.0
    row = scores.row(("speech.roles.accuracy", ""))
    assert row is not None
    assert row.lessons == 2
    assert (row.low, row.high) == (None, None)
    assert "fewer than 3" in row.no_interval


def test_three_lessons_give_an_interval_that_holds_the_figure(tmp_path: Path) -> None:
    path = tiny_suite(tmp_path, more="  - {id: c, truth: [{kind: rttm, path: a.rttm}]}\n")
    write_results(tmp_path / "runs", "c", turns=[turn(0, 10, T), turn(10, 14, S)])
    row = run(path).row(("speech.roles.accuracy", ""))
    assert row is not None
    assert row.figure.value == pytest.approx((12 + 0 + 14) / (14 + 6 + 14))
    assert row.low is not None
    assert row.high is not None
    # Draws of lesson b alone give 0, draws of c alone give 1.
    assert row.low < row.figure.value < row.high


def test_models_of_the_results_are_named_once(tmp_path: Path) -> None:
    assert run(tiny_suite(tmp_path)).models == (MODEL,)


def test_people_are_scored_by_box_and_truth_without_stream_is_the_only_stream(
    tmp_path: Path,
) -> None:
    (tmp_path / "boxes.txt").write_text(
        "0 0.25 0.5 0.1 0.5\n0 0.75 0.5 0.1 0.5\n0 0.5 0.5 0.1 0.5\n", encoding="utf-8"
    )
    # True boxes are 64 x 180 px with middles at x 160, 480, 320. Found: the first exactly, one
    # nowhere near any, nothing on the other two: recall 1/3, precision 1/2.
    write_results(
        tmp_path / "runs", "a", series=boxes([(128, 90, 192, 270), (560, 10, 620, 80)]), events=[]
    )
    truth = "{kind: yolo_boxes, path: boxes.txt, width_px: 640, height_px: 360}"
    scores = run(suite(tmp_path, "picture.people, picture.keypoints, picture.counts", truth))
    assert value(scores, "picture.people.recall@iou=0.5") == pytest.approx(1 / 3)
    assert value(scores, "picture.people.precision@iou=0.5") == pytest.approx(1 / 2)
    assert value(scores, "picture.counts.bias") == pytest.approx(-1.0)
    assert scores.lessons[0].not_scored == {
        "picture.keypoints": "the truth has boxes without keypoints"
    }


def test_counts_by_hand_hold_for_every_picture(tmp_path: Path) -> None:
    one, two = (0, 0, 50, 100), (100, 0, 150, 100)
    write_results(tmp_path / "runs", "a", series=boxes([one, two], [one], []), events=[])
    scores = run(suite(tmp_path, "picture.counts", "{kind: count, people: 2}"))
    assert value(scores, "picture.counts.mae") == pytest.approx((0 + 1 + 2) / 3)
    assert value(scores, "picture.counts.within_1") == pytest.approx(2 / 3)


def test_tracks_events_and_measures_come_from_a_truth_folder(tmp_path: Path) -> None:
    series = boxes([(0, 0, 50, 100)], [(0, 0, 50, 100)])
    roles = (TrackRole(0, PersonRole.TEACHER, 1.0, ()),)
    tracks = Tracks(series.frame * 0, roles)
    hand = Event(EventKind.HAND_RAISED, 2.0, 4.0, "cam", 0, 0.9)
    late = Event(EventKind.HAND_RAISED, 9.0, 11.0, "cam", 0, 0.9)
    given = Measure("talk.silence", Unit.SHARE, "f/1", "", value=0.4)
    absent = Measure("talk.silence", Unit.SHARE, "f/1", "", why=Why("no_sound"))
    write_results(tmp_path, "truth", series=series, tracks=tracks, events=[hand], measures=[given])
    write_results(
        tmp_path / "runs",
        "a",
        series=series,
        tracks=tracks,
        events=[hand, late],
        measures=[absent],
    )
    scores = run(
        suite(
            tmp_path,
            "picture.tracks, picture.roles, events, activity, measures",
            "{kind: folder, path: truth}",
        )
    )
    assert value(scores, "picture.tracks.idf1@iou=0.5") == 1.0
    assert value(scores, "picture.roles.teacher.f1@iou=0.5") == 1.0
    assert value(scores, "events.precision@iou=0.5") == pytest.approx(1 / 2)
    assert value(scores, "events.recall@iou=0.5") == 1.0
    assert value(scores, "measures.given", "talk.silence") == 0.0
    errors = [r.figure for r in scores.rows if r.figure.metric == "measures.mae"]
    assert [f.value for f in errors] == [None], "an absent measure must not count as 0"


def test_kinds_of_events_that_were_not_annotated_are_not_false(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("start_s,end_s,label\n2,4,hand_raised\n", encoding="utf-8")
    truth = "{kind: intervals, path: e.csv, as: events, stream: cam}"
    hand = Event(EventKind.HAND_RAISED, 2.0, 4.0, "cam", 0, 0.9)
    stood = Event(EventKind.STANDING, 9.0, 11.0, "cam", 0, 0.9)
    elsewhere = Event(EventKind.HAND_RAISED, 9.0, 11.0, "rear", 0, 0.9)
    write_results(tmp_path / "runs", "a", events=[hand, stood, elsewhere])
    assert value(run(suite(tmp_path, "events", truth)), "events.precision@iou=0.5") == 1.0
    both = "options: {events: {kinds: [hand_raised, standing]}}\n"
    scores = run(suite(tmp_path, "events", truth, both))
    assert value(scores, "events.precision@iou=0.5") == pytest.approx(1 / 2)


def test_words_given_to_the_analysis_are_not_scored(tmp_path: Path) -> None:
    said = Transcript((Segment(0, 1, "你好"),), "zh", Origin.SUPPLIED)
    write_results(tmp_path / "runs", "a", transcript=said)
    scores = run(suite(tmp_path, "speech.words", "{kind: text, text: 你好, language: zh}"))
    assert "given to the analysis" in scores.lessons[0].not_scored["speech.words"]
    assert scores.rows == ()


def test_words_are_scored_by_character(tmp_path: Path) -> None:
    # Truth has six characters, one of them heard wrong and one left out: 2 / 6.
    heard = Transcript((Segment(0, 1, "今天学西分"),), "zh", Origin.PREDICTED, "m")
    write_results(tmp_path / "runs", "a", transcript=heard)
    scores = run(suite(tmp_path, "speech.words", "{kind: text, text: 今天学习分数, language: zh}"))
    rows = [r.figure for r in scores.rows if not r.figure.group]
    assert rows[0].value == pytest.approx(2 / 6)


def test_annotated_parts_bound_what_is_scored(tmp_path: Path) -> None:
    path = tiny_suite(tmp_path)
    (tmp_path / "a.uem").write_text("a 1 0 8\n", encoding="utf-8")
    text = path.read_text(encoding="utf-8").replace("path: a.rttm}", "path: a.rttm, uem: a.uem}", 1)
    path.write_text(text, encoding="utf-8")
    # Only the first 8 s of a count now, all right: (8 + 0) / (8 + 6).
    assert value(run(path), "speech.roles.accuracy") == pytest.approx(8 / 14)


def test_what_is_not_here_is_skipped_with_its_reason(tmp_path: Path) -> None:
    path = tiny_suite(
        tmp_path,
        more="  - {id: gone, truth: [{kind: rttm, path: nowhere/c.rttm}]}\n"
        "  - {id: unrun, media: [{path: no.mp4}], truth: [{kind: rttm, path: a.rttm}]}\n",
    )
    scores = run(path)
    skipped = {lesson.lesson_id: lesson.reason for lesson in scores.of(Outcome.SKIPPED)}
    assert skipped.keys() == {"gone", "unrun"}
    assert "c.rttm" in skipped["gone"]
    assert "no.mp4" in skipped["unrun"]
    assert len(scores.of(Outcome.SCORED)) == 2
    assert value(scores, "speech.roles.accuracy") == pytest.approx(0.6)


def test_a_lesson_without_results_has_failed(tmp_path: Path) -> None:
    path = tiny_suite(tmp_path, more="  - {id: d, truth: [{kind: rttm, path: a.rttm}]}\n")
    failed = run(path).of(Outcome.FAILED)
    assert [lesson.lesson_id for lesson in failed] == ["d"]
    assert "no results" in failed[0].reason


def test_a_failed_analysis_is_not_hidden_by_older_results(tmp_path: Path) -> None:
    path = tiny_suite(tmp_path)
    scores = evaluate(read_suite(path), tmp_path / "runs", failed={"a": "analysis: broken"})
    assert [lesson.lesson_id for lesson in scores.of(Outcome.FAILED)] == ["a"]
    assert value(scores, "speech.roles.accuracy") == 0.0


def test_damaged_truth_fails_its_lesson_only(tmp_path: Path) -> None:
    path = tiny_suite(tmp_path)
    (tmp_path / "b.rttm").write_text("SPEAKER b 1 x 2 <NA> <NA> T <NA> <NA>\n", encoding="utf-8")
    scores = run(path)
    assert [lesson.lesson_id for lesson in scores.of(Outcome.FAILED)] == ["b"]
    assert "b.rttm" in scores.of(Outcome.FAILED)[0].reason
    assert value(scores, "speech.roles.accuracy") == pytest.approx(12 / 14)


def test_absence_of_sound_is_a_reason_and_not_silence(tmp_path: Path) -> None:
    path = tiny_suite(tmp_path)
    silent = Issue("sound.absent", Severity.ABSTAINED, "audio", "no sound")
    write_results(tmp_path / "runs", "b", turns=[], issues=(silent,))
    scores = run(path)
    lesson = scores.lessons[1]
    assert "has no sound" in lesson.not_scored["speech.roles"]
    assert value(scores, "speech.roles.accuracy") == pytest.approx(12 / 14)


def test_roles_need_a_truth_that_knows_them(tmp_path: Path) -> None:
    path = tiny_suite(tmp_path)
    (tmp_path / "b.rttm").write_text("SPEAKER b 1 0 6 <NA> <NA> MEE009 <NA> <NA>\n", "utf-8")
    assert "teacher" in run(path).lessons[1].not_scored["speech.roles"]


def test_two_codings_are_compared_without_any_analysis(tmp_path: Path) -> None:
    # Steps of 3 s over 9 s. First coder: 4 4 8; second: 4 8 8.
    # Agreement 2/3; chance: codes 4 (2/3)(1/3) + 8 (1/3)(2/3) = 4/9; kappa (6/9 - 4/9)/(5/9) = 0.4.
    (tmp_path / "one.csv").write_text("start_s,end_s,code\n0,6,4\n6,9,8\n", encoding="utf-8")
    (tmp_path / "two.csv").write_text("start_s,end_s,code\n0,3,4\n3,9,8\n", encoding="utf-8")
    path = suite(tmp_path, "codes", "{kind: intervals, path: one.csv}")
    with path.open("a", encoding="utf-8") as stream:
        stream.write("    found: [{kind: intervals, path: two.csv}]\n")
    scores = evaluate(read_suite(path), None)
    assert value(scores, "codes.codes.kappa") == pytest.approx(0.4)
    assert value(scores, "codes.codes.accuracy") == pytest.approx(2 / 3)


def coded(at: int, start_s: float, end_s: float, **codes: str) -> list[CodeRow]:
    return [
        CodeRow(at, start_s, end_s, T, scheme, code, 1.0, Origin.PREDICTED, "rule", "", "")
        for scheme, code in codes.items()
    ]


def test_coded_questions_and_protocols_are_scored_against_a_coded_lesson(tmp_path: Path) -> None:
    rows = [
        *coded(0, 0, 6, acts="t_asks", openness="open", purpose="recall", fias="4"),
        *coded(1, 6, 12, acts="t_asks", openness="open", purpose="rhetorical", fias="5"),
        *coded(2, 12, 18, acts="s_asks", fias="9"),
        *coded(3, 18, 24, acts="q_silence", fias="10"),
    ]
    write_results(tmp_path / "runs", "a", codes=rows, span=Interval(0.0, 24.0))
    (tmp_path / "q.csv").write_text(
        "start_s,end_s,label\n0,6,closed\n6,11,rhetorical\n12,18,open\n19,23,open\n",
        encoding="utf-8",
    )
    (tmp_path / "f.csv").write_text(
        "start_s,end_s,label\n0,6,4\n6,12,4\n12,18,9\n", encoding="utf-8"
    )
    truth = (
        "{kind: intervals, path: q.csv, codes: question}, "
        "{kind: intervals, path: f.csv, codes: fias}"
    )
    more = 'options:\n  questions: {coded: true}\n  codes: {stream: fias, rest: "10"}\n'
    scores = run(suite(tmp_path, "questions, codes", truth, more))
    # Three questions are found, of four; of the two whose kind both tell, one is right.
    assert value(scores, "questions.coded.recall@cover=0.5") == pytest.approx(3 / 4)
    assert value(scores, "questions.coded.precision@cover=0.5") == 1.0
    assert value(scores, "questions.coded.kind_accuracy@cover=0.5") == pytest.approx(1 / 2)
    # Steps of 3 s, truth 4 4 4 4 9 9 (10 10), found 4 4 5 5 9 9 10 10: where the truth has no
    # code it is silence. 6 of 8 agree, by chance (4*2 + 0*2 + 2*2 + 2*2) / 64 = 1/4.
    assert value(scores, "codes.fias.kappa") == pytest.approx((6 / 8 - 1 / 4) / (1 - 1 / 4))
    # 4 against the rest: 6 of 8 agree, by chance (4*2 + 4*6) / 64 = 1/2.
    assert value(scores, "codes.fias.code_kappa", "code 4") == pytest.approx(1 / 2)


def test_questions_are_compared_with_those_that_were_annotated(tmp_path: Path) -> None:
    # Annotated at 1-3 s and 10-12 s, and one that is none; the words hold the first only.
    (tmp_path / "q.csv").write_text(
        "start_s,end_s,label\n1,3,open\n10,12,closed\n20,21,none\n", encoding="utf-8"
    )
    words = (
        Segment(1, 3, "为什么要通分呢？", role=T, language="zh"),
        Segment(5, 6, "请坐。", role=T, language="zh"),
        Segment(20, 21, "老师，这是什么？", role=S, language="zh"),
    )
    said = Transcript(words, "zh", Origin.PREDICTED, "m")
    write_results(tmp_path / "runs", "a", transcript=said)
    truth = "{kind: intervals, path: q.csv, codes: question}"
    scores = run(suite(tmp_path, "questions", truth))
    assert value(scores, "questions.recall@cover=0.5") == pytest.approx(1 / 2)
    assert value(scores, "questions.precision@cover=0.5") == 1.0
    assert value(scores, "questions.kind_accuracy@cover=0.5") is None


def test_the_same_files_give_the_same_scores(tmp_path: Path) -> None:
    path = tiny_suite(tmp_path)
    assert run(path).rows == run(path).rows
