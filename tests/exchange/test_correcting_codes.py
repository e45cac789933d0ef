"""People's codes in the place of predicted ones, and the stream as rows and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from classwatch.core.code_rows import rows_of, stream_of
from classwatch.core.codes import (
    ActCode,
    Bloom,
    CodedAct,
    CodeStream,
    Instruction,
    Openness,
    QuestionPurpose,
)
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.core.time import Interval
from classwatch.exchange.correcting_codes import coded_series, corrected_acts
from classwatch.exchange.corrections import CodedTier, Correction
from classwatch.exchange.eaf import Annotation
from classwatch.exchange.lesson_coding import code_tiers
from classwatch.store.artifacts import load_codes, save_codes

SPAN = Interval(0.0, 30.0)
T, S = SpeakerRole.TEACHER, SpeakerRole.STUDENT
ACTS = (
    CodedAct(0.0, 4.0, ActCode.LECTURES, T, 0.5, instruction=Instruction.REVIEWING, text="上节课"),
    CodedAct(
        4.0, 7.0, ActCode.ASKS, T, 0.9, purpose=QuestionPurpose.RECALL, openness=Openness.CLOSED,
        text="什么是分数？", rule="question:zh.wh", quote="什么",
    ),
    CodedAct(7.0, 10.0, ActCode.THINKING, None, 0.7, rule="rule:after_question"),
    CodedAct(9.0, 20.0, ActCode.RESPONDS, S, 0.8, text="平均分"),
    CodedAct(20.0, 30.0, ActCode.SILENCE, None, 0.6),
)  # fmt: skip
PREDICTED = CodeStream(SPAN, ACTS, overlapping=True)


def correction(
    name: str, *codes: tuple[float, float, str], within: Interval | None = None
) -> Correction:
    tier = CodedTier(name, tuple(Annotation(*code) for code in codes))
    return Correction("f", "0" * 64, within, codes=(tier,))


def own(stream: CodeStream | None) -> list[tuple[float, float, ActCode, Origin]]:
    assert stream is not None
    return [(a.start_s, a.end_s, a.act, a.origin) for a in stream.acts]


def test_the_stream_comes_back_from_its_table(tmp_path: Path) -> None:
    acts = tuple(replace(a, start_s=a.start_s / 3, end_s=a.end_s / 3) for a in ACTS)
    end_s = acts[-1].end_s
    rows = [r for i, a in enumerate(acts) for r in rows_of(i, a, {"fias": "5", "itias": ""})]
    save_codes(tmp_path / "codes.parquet", rows)
    kept = load_codes(tmp_path / "codes.parquet")
    back = stream_of(kept, Interval(0.0, end_s))
    assert back is not None
    assert back.overlapping
    for before, after in zip(acts, back.acts, strict=True):
        assert abs(before.start_s - after.start_s) < 1e-6
        assert abs(before.confidence - after.confidence) < 1e-3
        same = replace(before, start_s=after.start_s, end_s=after.end_s, confidence=0.0)
        assert replace(after, confidence=0.0) == same
    assert {r.scheme for r in kept} == {"acts", "purpose", "openness", "instruction", "fias"}
    assert stream_of([], SPAN) is None


def test_what_is_exported_and_not_changed_stays_the_prediction() -> None:
    rows = [r for i, a in enumerate(ACTS) for r in rows_of(i, a, {})]
    tiers = [CodedTier(t.name.removeprefix("codes/"), t.annotations) for t in code_tiers(rows)]
    whole = Correction("f", "0" * 64, codes=tuple(tiers))
    assert corrected_acts(PREDICTED, SPAN, [whole]) == PREDICTED


def test_acts_of_a_person_replace_all_acts_within_their_time() -> None:
    fixed = correction("acts", (4.0, 7.0, "t_directs"), (7.0, 12.0, "s_choral"),
                       (12.0, 13.0, "no such code"), within=Interval(3.0, 15.0))  # fmt: skip
    found = corrected_acts(PREDICTED, SPAN, [fixed])
    assert own(found) == [
        (0.0, 3.0, ActCode.LECTURES, Origin.PREDICTED),
        (4.0, 7.0, ActCode.DIRECTS, Origin.ANNOTATED),
        (7.0, 12.0, ActCode.CHORAL, Origin.ANNOTATED),
        (15.0, 20.0, ActCode.RESPONDS, Origin.PREDICTED),
        (20.0, 30.0, ActCode.SILENCE, Origin.PREDICTED),
    ]
    assert found is not None
    directs, choral = found.acts[1:3]
    assert (directs.text, directs.purpose, directs.rule) == ("什么是分数？", None, "person")
    assert choral.role is SpeakerRole.CHORAL
    assert corrected_acts(None, SPAN, []) is None
    alone = corrected_acts(None, SPAN, [correction("acts", (0.0, 40.0, "t_lectures"))])
    assert own(alone) == [(0.0, 30.0, ActCode.LECTURES, Origin.ANNOTATED)]


def test_of_two_who_talk_at_once_only_the_corrected_one_is_the_persons() -> None:
    both = CodeStream(
        SPAN,
        (
            CodedAct(0.0, 5.0, ActCode.LECTURES, T, 0.5, text="分数"),
            CodedAct(0.0, 5.0, ActCode.PEER_TALK, SpeakerRole.STUDENTS, 0.5),
            CodedAct(5.0, 30.0, ActCode.SILENCE, None, 0.6),
        ),
        overlapping=True,
    )
    fixed = correction("acts", (0.0, 5.0, "t_lectures"), (0.0, 5.0, "s_peer_talk"),
                       (5.0, 30.0, "q_practice"))  # fmt: skip
    found = own(corrected_acts(both, SPAN, [fixed]))
    assert [origin for *_, origin in found] == [
        Origin.PREDICTED, Origin.PREDICTED, Origin.ANNOTATED
    ]  # fmt: skip


def test_a_person_says_what_a_question_is_for() -> None:
    open_one = correction("openness", (3.9, 7.1, "open"), (9.0, 20.0, "open"))
    found = corrected_acts(PREDICTED, SPAN, [open_one, correction("bloom", (4.0, 7.0, "apply"))])
    assert found is not None
    asks = found.acts[1]
    assert (asks.openness, asks.bloom) == (Openness.OPEN, Bloom.APPLY)
    assert (asks.purpose, asks.origin) == (QuestionPurpose.RECALL, Origin.ANNOTATED)
    assert found.acts[3] == ACTS[3], "an answer has no openness"
    untold = corrected_acts(PREDICTED, SPAN, [correction("purpose")])
    assert untold is not None
    assert untold.acts[1].purpose is None


def test_series_the_latest_wins_within_its_time() -> None:
    first = correction("fias", (0.0, 30.0, "5"))
    second = correction("fias", (6.0, 9.0, "10"), within=Interval(6.0, 12.0))
    other = correction("Li", (0.0, 30.0, "x"))
    found = coded_series([first, second, other], ["fias", "itias"])
    assert [(a.start_s, a.end_s, a.text) for a in found["fias"]] == [
        (0.0, 6.0, "5"), (6.0, 9.0, "10"), (12.0, 30.0, "5")
    ]  # fmt: skip
    assert set(found) == {"fias"}
