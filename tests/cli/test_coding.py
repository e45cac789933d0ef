"""Export, import, agree and metrics as a user calls them, on the bundled sample."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from classwatch.core.errors import EXIT_OK, EXIT_SOME_FAILED
from classwatch.core.measures import Measure
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.exchange.eaf import Annotation, Tier
from classwatch.exchange.formats import read_coding, write_coding
from classwatch.exchange.lesson_coding import (
    published_codes,
    published_transcript,
    published_turns,
)
from classwatch.exchange.tiers import Coding
from classwatch.store.documents import MEASURES, read_document
from tests.cli.conftest import Run
from tests.pipeline.runs import DEMO, analyze


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the bundled sample, analysed once without any model."""
    out = tmp_path_factory.mktemp("analysed") / "out"
    result = analyze(DEMO, out=out)
    assert result.exit_code == EXIT_OK, result.outcomes[0].error
    return out


@pytest.fixture
def lesson(tmp_path: Path, analysed: Path) -> Path:
    """A copy of them for one test, with the cache: the folder of the lesson."""
    shutil.copytree(analysed, tmp_path / "out")
    return tmp_path / "out" / "zh-dialogue"


def measure(folder: Path, measure_id: str, part: str = "", file: str = "measures.json") -> Measure:
    found = read_document(folder / file, MEASURES)
    return next(m for m in found if m.id == measure_id and m.part == part)


def edited(path: Path, change: Callable[[Tier], Tier | None]) -> None:
    """Rewrite the coding in a file tier by tier; None takes a tier away."""
    coding = read_coding(path)
    tiers = tuple(t for t in map(change, coding.tiers) if t is not None)
    suffix = {".eaf": "eaf", ".csv": "intervals", ".TextGrid": "textgrid"}[path.suffix]
    path.write_bytes(write_coding(replace(coding, tiers=tiers), suffix).content)


def test_a_corrected_file_wins_and_both_versions_are_kept(lesson: Path, quick: Run) -> None:
    predicted = published_turns(lesson)
    before = measure(lesson, "talk.seconds", "teacher")
    assert quick("export", str(lesson), "--out", "fix.eaf").returncode == EXIT_OK
    path = lesson.parents[1] / "fix.eaf"

    def shorter(tier: Tier) -> Tier:
        if tier.name != "turns/T":
            return tier
        first, second, *rest = tier.annotations
        # A person found that one turn ends two seconds earlier, and a turn that was missed.
        fixed = Annotation(second.start_s, second.end_s - 2.0, second.text)
        missed = Annotation(17.0, 19.5, "teacher")
        return replace(tier, annotations=(first, fixed, *rest, missed))

    edited(path, shorter)
    done = quick("import", "fix.eaf", str(lesson))
    assert done.returncode == EXIT_OK, done.stderr
    turns = published_turns(lesson)
    theirs = [t for t in turns if t.origin is Origin.ANNOTATED]
    assert [(t.role, round(t.end_s - t.start_s, 3)) for t in theirs][1] == (
        SpeakerRole.TEACHER,
        2.5,
    )
    assert len(theirs) == 2
    assert set(turns) - set(theirs) < set(predicted)
    assert published_turns(lesson, predicted=True) == predicted
    after = measure(lesson, "talk.seconds", "teacher")
    assert after.value is not None
    assert before.value is not None
    assert after.value == pytest.approx(before.value - 2.0 + 2.5)
    kept = measure(lesson, "talk.seconds", "teacher", "predicted-measures.json")
    assert kept == before
    page = (lesson / "report.html").read_text("utf-8")
    assert "人工订正" in page
    row = re.search(r'data-measure="talk.seconds\[teacher\]">.*?</tr>', page, re.DOTALL)
    assert row is not None
    assert round(before.value) == 60
    assert "订正前：1 分 00 秒" in row.group()
    assert "talk.seconds [teacher]" in page
    assert (lesson / "corrections" / "001-fix.eaf").read_bytes() == path.read_bytes()


def test_a_later_analysis_uses_the_corrections_and_finds_all_done(lesson: Path, quick: Run) -> None:
    quick("export", str(lesson), "--out", "fix.TextGrid")
    path = lesson.parents[1] / "fix.TextGrid"
    edited(path, lambda t: replace(t, annotations=()) if t.name == "turns/S1" else t)
    assert quick("import", "fix.TextGrid", str(lesson)).returncode == EXIT_OK
    turns = published_turns(lesson)
    assert "S1" not in {t.speaker for t in turns}
    again = analyze(DEMO, out=lesson.parent)
    assert again.outcomes[0].ran == 0
    assert published_turns(lesson) == turns
    # Without the corrections the lesson is as it was before, from the cache.
    for file in (lesson / "corrections").iterdir():
        file.unlink()
    undone = analyze(DEMO, out=lesson.parent)
    assert undone.outcomes[0].ran == 0
    assert "S1" in {t.speaker for t in published_turns(lesson)}
    assert not (lesson / "predicted-turns.parquet").exists()


def test_a_file_that_changes_nothing_leaves_nothing(lesson: Path, quick: Run) -> None:
    for name in ("same.eaf", "same.TextGrid", "same.boris", "same.rttm", "same.srt", "same.vtt"):
        quick("export", str(lesson), "--out", name)
        done = quick("import", name, str(lesson))
        assert "nothing is other" in done.stdout, (name, done.stdout, done.stderr)
    assert not (lesson / "corrections").exists()


def test_words_follow_the_corrected_turns(lesson: Path, quick: Run) -> None:
    whole = Coding((Tier("turns/S9", (Annotation(0.0, 60.0, "student"),)),), 60.0)
    (lesson.parents[1] / "a.eaf").write_bytes(write_coding(whole, "eaf").content)
    before = published_transcript(lesson)
    assert before is not None
    assert SpeakerRole.TEACHER in {s.role for s in before.segments if s.end_s < 30}
    assert quick("import", "a.eaf", str(lesson), "--within", "0-30").returncode == EXIT_OK
    after = published_transcript(lesson)
    assert after is not None
    assert {s.role for s in after.segments if s.end_s < 30} == {SpeakerRole.STUDENT}
    late = [s for s in after.segments if s.start_s > 30]
    assert late == [s for s in before.segments if s.start_s > 30]
    assert SpeakerRole.TEACHER in {s.role for s in late}


def test_a_corrected_code_changes_measures_and_keeps_the_prediction(
    lesson: Path, quick: Run
) -> None:
    predicted = published_codes(lesson)
    acts = [row for row in predicted if row.scheme == "acts"]
    assert acts[-1].end_s > 133.4, "the last words end there"
    assert all(b.start_s <= a.end_s + 1e-6 for a, b in itertools.pairwise(acts)), "no gap"
    told = next(row for row in acts if row.code == "t_lectures")
    before = measure(lesson, "fias.tt@3s-change")
    quick("export", str(lesson), "--out", "fix.eaf", "--tier", "codes/acts")
    path = lesson.parents[1] / "fix.eaf"

    def scolds(tier: Tier) -> Tier:
        changed = (
            replace(a, text="t_criticises") if a.start_s == round(told.start_s, 3) else a
            for a in tier.annotations
        )
        return replace(tier, annotations=tuple(changed))

    edited(path, scolds)
    done = quick("import", "fix.eaf", str(lesson))
    assert done.returncode == EXIT_OK, done.stderr
    theirs = [r for r in published_codes(lesson) if r.origin is Origin.ANNOTATED]
    assert {(r.scheme, r.code) for r in theirs} == {
        ("acts", "t_criticises"), ("fias", "7"), ("ifias", "7"), ("itias", "8")
    }  # fmt: skip
    assert {r.text for r in theirs} == {told.text}
    assert published_codes(lesson, predicted=True) == predicted
    assert measure(lesson, "fias.tt@3s-change").value == before.value, "still the teacher's talk"
    indirect = measure(lesson, "fias.trr@3s-change")
    assert (
        indirect.value != measure(lesson, "fias.trr@3s-change", "", "predicted-measures.json").value
    )
    assert "fias.trr@3s-change" in (lesson / "report.html").read_text("utf-8")


def test_a_series_that_a_person_coded_takes_the_place_of_the_machines(
    lesson: Path, quick: Run
) -> None:
    # The first minute is silence to the person: 20 of 44 windows. The rest stays as predicted.
    silent = Coding((Tier("codes/fias", (Annotation(0.0, 60.0, "10"),)),), 60.0)
    (lesson.parents[1] / "li.eaf").write_bytes(write_coding(silent, "eaf").content)
    done = quick("import", "li.eaf", str(lesson), "--within", "0-60")
    assert done.returncode == EXIT_OK, done.stderr
    rows = [r for r in published_codes(lesson) if r.scheme == "fias" and r.start_s < 60]
    assert {(r.code, r.origin) for r in rows} == {("10", Origin.ANNOTATED)}
    late = [r for r in published_codes(lesson) if r.scheme == "fias" and r.start_s >= 60]
    assert {r.origin for r in late} == {Origin.PREDICTED}
    silence = measure(lesson, "fias.sc@3s-coded")
    assert silence.numerator is not None
    assert silence.numerator >= 20
    page = (lesson / "report.html").read_text("utf-8")
    assert re.search(r"fias.sc@3s-coded.*?订正前", page, re.DOTALL)


def test_corrected_words_change_the_transcript(lesson: Path, quick: Run) -> None:
    quick("export", str(lesson), "--out", "fix.eaf", "--tier", "words/teacher")
    path = lesson.parents[1] / "fix.eaf"
    edited(path, lambda t: replace(t, annotations=(Annotation(1.2, 7.5, "今天学什么？"),)))
    assert quick("import", "fix.eaf", str(lesson)).returncode == EXIT_OK
    transcript = published_transcript(lesson)
    assert transcript is not None
    assert transcript.origin is Origin.ANNOTATED
    assert [s.text for s in transcript.segments] == ["今天学什么？"]
    assert measure(lesson, "question.count", "teacher").value == 1


def test_only_the_time_that_a_person_looked_at_is_replaced(lesson: Path, quick: Run) -> None:
    before = published_turns(lesson)
    coding = Coding((Tier("turns/T", (Annotation(2.0, 9.0, "teacher"),)),), 60.0)
    (lesson.parents[1] / "part.eaf").write_bytes(write_coding(coding, "eaf").content)
    done = quick("import", "part.eaf", str(lesson), "--within", "0-10")
    assert done.returncode == EXIT_OK, done.stderr
    turns = published_turns(lesson)
    assert next((t.start_s, t.end_s) for t in turns if t.start_s < 10) == (2.0, 9.0)
    assert [t for t in turns if t.start_s > 10] == [t for t in before if t.start_s > 10]


def test_without_the_cache_corrections_are_kept_for_the_next_analysis(
    lesson: Path, quick: Run
) -> None:
    coding = Coding((Tier("老师", (Annotation(2.0, 50.0, ""),)),), 60.0)
    (lesson.parents[1] / "a.eaf").write_bytes(write_coding(coding, "eaf").content)
    done = quick("import", "a.eaf", str(lesson), "--cache", "elsewhere")
    assert done.returncode == EXIT_SOME_FAILED
    assert "analyse the recording again" in done.stderr
    assert (lesson / "corrections" / "corrections.json").is_file()
    again = analyze(DEMO, out=lesson.parent)
    assert again.outcomes[0].ran == 4
    assert [(t.start_s, t.end_s) for t in published_turns(lesson)] == [(2.0, 50.0)]


def test_what_cannot_be_taken_in_says_how_to_map_it(lesson: Path, quick: Run) -> None:
    coding = Coding((Tier("Zhang", (Annotation(0.0, 3.0, "x"),)),), 60.0)
    (lesson.parents[1] / "a.eaf").write_bytes(write_coding(coding, "eaf").content)
    refused = quick("import", "a.eaf", str(lesson))
    assert refused.returncode == 3
    assert "--map" in refused.stderr
    taken = quick("import", "a.eaf", str(lesson), "--map", "Zhang=codes/mine", "--json")
    assert json.loads(taken.stdout)["changes"] == [{"kind": "codes/mine", "added": 1, "removed": 0}]
    quick("export", str(lesson), "--out", "codes.txt", "--tier", "codes/mine")
    assert (lesson.parents[1] / "codes.txt").read_text("utf-8").split() == ["x"] + ["-"] * 44


def test_agreement_compares_the_program_as_it_was(lesson: Path, quick: Run) -> None:
    quick("export", str(lesson), "--out", "one.eaf")
    edited(
        lesson.parents[1] / "one.eaf",
        lambda t: replace(t, annotations=t.annotations[1:]) if t.name == "turns/T" else t,
    )
    assert quick("import", "one.eaf", str(lesson)).returncode == EXIT_OK
    found = json.loads(quick("agree", str(lesson), "one.eaf", "--json").stdout)
    (pair,) = (p for p in found["pairs"] if p["stream"] == "turns")
    assert pair["kind"] == "machine-human"
    kappa = next(f for f in pair["figures"] if f["metric"] == "kappa@1s" and not f["code"])
    assert 0.5 < kappa["value"] < 1.0


def test_agreement_of_two_tiers_of_one_file(tmp_path: Path, quick: Run) -> None:
    tiers = tuple(
        Tier(name, (Annotation(0.0, 3.0, "4"), Annotation(3.0, end_s, "5")))
        for name, end_s in (("Li", 6.0), ("Wang", 9.0))
    )
    (tmp_path / "two.eaf").write_bytes(write_coding(Coding(tiers, 9.0), "eaf").content)
    shown = quick("agree", "two.eaf#Li", "two.eaf#Wang", "--step", "3")
    assert shown.returncode == EXIT_OK, shown.stderr
    assert "human-human" in shown.stdout
    assert "0.667" in shown.stdout
    wrong = quick("agree", "two.eaf#Zhao", "two.eaf#Wang")
    assert wrong.returncode == 3
    assert "Li, Wang" in wrong.stderr


def test_measures_of_a_sequence_without_any_recording(tmp_path: Path, quick: Run) -> None:
    # 60 codes of 3 s: T for 40, in 3 runs; N = 60, Rt = 2/3, Ch = 2/60. One step has no code: it
    # is undecided and takes nothing away from the rest.
    codes = ["6"] * 30 + ["9"] * 20 + ["5"] * 10 + ["-"]
    (tmp_path / "itias.txt").write_text(" ".join(codes), "utf-8")
    shown = quick("metrics", "itias.txt", "--scheme", "itias", "--json", "--out", "cells.csv")
    assert shown.returncode == EXIT_OK, shown.stderr
    (tier,) = json.loads(shown.stdout)["tiers"]
    values = {m["id"]: m["value"] for m in tier["measures"]}
    assert values["st.coded_rt@3s-coded"] == pytest.approx(2 / 3)
    assert values["st.coded_ch@3s-coded"] == pytest.approx(2 / 60)
    assert values["st.coded_run@3s-coded"] == pytest.approx(60.0)
    assert "st.coded_rt@3s-coded" in (tmp_path / "cells.csv").read_text("utf-8-sig")
    assert values["itias.teacher@3s-coded"] == pytest.approx(2 / 3)
    strange = quick("metrics", "itias.txt", "--scheme", "st")
    assert strange.returncode == 3
    assert "itias.txt" in strange.stderr


def test_measures_of_an_elan_file_are_those_of_its_turns(tmp_path: Path, quick: Run) -> None:
    tiers = (
        Tier("老师", (Annotation(0.0, 30.0, ""), Annotation(40.0, 70.0, ""))),
        Tier("S1", (Annotation(30.0, 40.0, ""),)),
    )
    (tmp_path / "a.eaf").write_bytes(write_coding(Coding(tiers, 100.0), "eaf").content)
    shown = json.loads(quick("metrics", "a.eaf", "--json").stdout)
    values = {(m["id"], m["part"]): m["value"] for m in shown["measures"]}
    assert values["st.rt@exact", ""] == pytest.approx(0.6)
    assert values["talk.share_lesson", "student"] == pytest.approx(0.1)
    assert values["talk.silence", ""] == pytest.approx(0.3)


def test_every_protocol_of_acts_that_a_person_coded(tmp_path: Path, quick: Run) -> None:
    # Ten times: lecture 30 s, question, thinking, answer, praise 3 s each; in all 420 s. The
    # questions at 30 and 72 s are open.
    row = (
        ("t_lectures", 30),
        ("t_asks", 3),
        ("q_thinking", 3),
        ("s_responds", 3),
        ("t_praises", 3),
    )
    acts, open_, at = [], [], 0.0
    for _ in range(10):
        for code, length in row:
            acts.append(Annotation(at, at + length, code))
            open_ += [Annotation(at, at + length, "open")] * (code == "t_asks" and at < 100)
            at += length
    tiers = (Tier("my acts", tuple(acts)), Tier("codes/openness", tuple(open_)))
    (tmp_path / "a.eaf").write_bytes(write_coding(Coding(tiers, at), "eaf").content)
    shown = quick("metrics", "a.eaf", "--json")
    assert shown.returncode == EXIT_OK, shown.stderr
    values = {(m["id"], m["part"]): m["value"] for m in json.loads(shown.stdout)["measures"]}
    assert values["fias.share@3s-change", "5"] == pytest.approx(10 / 14)
    assert values["itias.share@3s-change", "4"] == pytest.approx(2 / 140)
    assert values["chain.count", "ire"] == 10
    # Lecture 300 s; question, thinking, answer and praise 120 s.
    assert values["time.share", "lecture"] == pytest.approx(300 / 420)
    assert values["copus.share@120s-any", "student.AnQ"] == 1.0


def test_export_says_what_is_lost(lesson: Path, quick: Run) -> None:
    shown = quick("export", str(lesson), "--format", "rttm")
    assert shown.returncode == EXIT_OK
    assert "words/teacher" in shown.stderr
    assert (lesson.parents[1] / "zh-dialogue.rttm").is_file()
    assert quick("export", str(lesson), "--format", "doc").returncode == 2
    assert quick("export", "nowhere", "--format", "eaf").returncode == 3
