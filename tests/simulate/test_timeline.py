"""A script on the lesson clock, against times added up by hand."""

from __future__ import annotations

from typing import Any

import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.read import parse_script
from classwatch.simulate.script import Script
from classwatch.simulate.timeline import Spoken, Timeline, resolve
from tests.simulate.small import TEXT, spoken_of


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    script = parse_script(TEXT, "small")
    return resolve(script, spoken_of(script))


def changed(**update: Any) -> Script:
    script = parse_script(TEXT, "small")
    return Script.model_validate(script.model_dump() | update)


def test_utterances_follow_each_other_by_their_gaps(timeline: Timeline) -> None:
    # u1 starts at 2.03 and lasts 10 s; 1 s gap; u2 2 s; 3 s; u3 1 s; 1.5 s; u4 4 s; 0.5 s; u5 1 s;
    # 2 s; u6 12 s; u7 begins a second before u6 ends and lasts 3 s.
    expected = {
        "u1": (2.03, 12.03),
        "u2": (13.03, 15.03),
        "u3": (18.03, 19.03),
        "u4": (20.53, 24.53),
        "u5": (25.03, 26.03),
        "u6": (28.03, 40.03),
        "u7": (39.03, 42.03),
    }
    found = {u.utterance.id: (u.start_s, u.end_s) for u in timeline.utterances}
    assert found == expected


def test_acts_hold_to_their_anchors(timeline: Timeline) -> None:
    found = [(a.actors, a.act.kind.value, a.start_s, a.end_s) for a in timeline.acts]
    assert found == [
        (("S01",), "raise_hand", 15.53, 18.53),
        (("S02",), "raise_hand", 16.03, 19.03),
        (("S01",), "stand", 19.03, 25.03),
        (("T",), "point", 3.03, 12.03),
    ]


def test_phases_follow_without_gap_to_the_end(timeline: Timeline) -> None:
    assert [(p.start_s, p.end_s) for p in timeline.phases] == [(0.0, 13.03), (13.03, 60.0)]
    assert timeline.duration_s == 60.0


def test_a_chorus_is_all_students_in_the_order_of_people(timeline: Timeline) -> None:
    assert timeline.utterances[-1].speakers == ("S01", "S02")


def test_without_an_end_the_lesson_ends_two_seconds_after_the_last_thing() -> None:
    script = changed(end=None, murmurs=())
    assert resolve(script, spoken_of(script)).duration_s == 44.03


def test_what_outlasts_the_lesson_ends_with_it_and_what_is_later_is_left_out() -> None:
    late = [
        {"who": "S02", "kind": "write", "start": 50, "end": 70},
        {"who": "S02", "kind": "write", "start": 61, "end": 70},
    ]
    script = changed(acts=late, murmurs=({"start": 59, "end": 65},))
    found = resolve(script, spoken_of(script))
    assert [(a.start_s, a.end_s) for a in found.acts] == [(50.0, 60.0)]
    assert [(m.start_s, m.end_s) for m in found.murmurs] == [(59.0, 60.0)]


def test_an_anchor_before_the_lesson_is_its_start() -> None:
    early = [{"who": "S02", "kind": "write", "start": "u1.start-5", "end": "u1.end"}]
    script = changed(acts=early)
    assert resolve(script, spoken_of(script)).acts[0].start_s == 0.0


@pytest.mark.parametrize(
    ("update", "place"),
    [
        ({"end": 41}, "end"),
        ({"acts": [{"who": "T", "kind": "point", "start": 5, "end": 5}]}, r"acts\[0\]"),
        ({"acts": [{"who": "T", "kind": "point", "start": "u9.end", "end": 50}]}, r"acts\[0\]"),
        ({"acts": [{"who": "Z", "kind": "point", "start": 1, "end": 50}]}, r"acts\[0\]"),
        ({"murmurs": [{"start": "u6.end", "end": "u5.end"}]}, r"murmurs\[0\]"),
        ({"phases": [{"kind": "lecture", "start": 70}]}, r"phases\[0\]"),
    ],
)
def test_what_cannot_be_placed_is_named(update: dict[str, Any], place: str) -> None:
    script = changed(**update)
    with pytest.raises(InputError, match=rf"small: {place}: "):
        resolve(script, spoken_of(script))


def test_an_utterance_cannot_wait_for_a_later_one() -> None:
    waits = {"id": "u1", "speaker": "T", "text": "x", "start": "u2.end"}
    script = changed(utterances=[waits, {"id": "u2", "speaker": "T", "text": "y"}], acts=())
    script = script.model_copy(update={"phases": script.phases[:1]})
    spoken = {name: Spoken(1.0, ((0.0, 1.0),)) for name in ("u1", "u2")}
    with pytest.raises(InputError, match=r"utterance u1: 'u2\.end' refers to no earlier utterance"):
        resolve(script, spoken)
