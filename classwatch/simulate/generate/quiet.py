"""Phases in which the class works, talks in groups, or watches: little is said aloud."""

from __future__ import annotations

from classwatch.simulate.generate.body import station
from classwatch.simulate.generate.draft import CLASS, TEACHER, Draft, Said, at, estimate_s
from classwatch.simulate.generate.talk import (
    ASKS,
    DIRECTS,
    INITIATES,
    RESPONDS,
    USES,
    nominee,
    react,
    tell,
)
from classwatch.simulate.script import Act, ActKind, Murmur, Playback

_HELP_DB = -6.0
_GROUP_DB = -4.0
_LEAST_S = 6.0


def practice(draft: Draft, budget_s: float) -> None:
    """The class writes; the teacher walks from desk to desk and helps quietly."""
    begun_s = draft.now_s
    tell(draft, draft.topic.task, "activity", DIRECTS)
    minutes = max(1, round(budget_s / 60.0))
    first = tell(draft, draft.common("practice_start").format(minutes=minutes), "same", DIRECTS)
    stop_s = begun_s + budget_s - 4.0
    _walk(draft, first, max(_LEAST_S, stop_s - draft.now_s))
    while stop_s - draft.now_s > 30.0:
        _help(draft, float(draft.rng.uniform(10.0, 28.0)))
    last = tell(draft, draft.common("practice_end"), max(_LEAST_S, stop_s - draft.now_s), DIRECTS)
    _write(draft, first, last)


def _help(draft: Draft, after_s: float) -> None:
    if draft.chance(0.4):
        asked = {"fias": INITIATES, "question": "open"}
        who = nominee(draft)
        draft.say(who, Said(draft.common("practice_ask"), asked, None, _HELP_DB), after_s)
        draft.say(
            TEACHER,
            Said(draft.common("practice_answer"), {"fias": USES}, None, _HELP_DB),
            "reply",
        )
        return
    said = Said(draft.common("practice_help"), {"fias": DIRECTS}, None, _HELP_DB)
    draft.say(TEACHER, said, after_s)


def _walk(draft: Draft, first: str, length_s: float) -> None:
    """From desk to desk, beginning when ``first`` has been said."""
    rng = draft.body_rng
    seats = [p.seat for p in draft.people if p.seat]
    moment_s = 1.5
    while moment_s + _LEAST_S < length_s:
        stay_s = min(float(rng.uniform(8.0, 16.0)), length_s - moment_s)
        seat = seats[int(rng.integers(len(seats)))]
        kind = ActKind.LEAN if rng.random() < 0.35 else ActKind.FACE
        draft.foreground.append(
            Act(
                who=TEACHER,
                kind=kind,
                start=at(first, "end", moment_s),
                end=at(first, "end", moment_s + stay_s),
                place=f"beside:{seat}",
            )
        )
        moment_s += stay_s


def _write(draft: Draft, first: str, last: str) -> None:
    """Everybody writes; some read first."""
    rng = draft.body_rng
    draft.background.insert(
        0,
        Act(who=CLASS, kind=ActKind.WRITE, start=at(first, "end", 1.5), end=at(last, "start", 0.5)),
    )
    for who in draft.students:
        if rng.random() < 0.25:
            until_s = float(rng.uniform(2.5, _LEAST_S))
            start, end = at(first, "end", 0.5), at(first, "end", until_s)
            draft.background.append(Act(who=who, kind=ActKind.READ, start=start, end=end))


def group(draft: Draft, budget_s: float) -> None:
    """Groups talk all at once; the teacher visits some of them."""
    begun_s = draft.now_s
    tell(draft, draft.topic.discuss, "activity", DIRECTS)
    first = tell(draft, draft.common("group_start"), "same", DIRECTS)
    stop_s = begun_s + budget_s - 3.0
    _walk(draft, first, max(_LEAST_S, stop_s - draft.now_s))
    while stop_s - draft.now_s > 25.0:
        _visit(draft, float(draft.rng.uniform(6.0, 18.0)))
    last = tell(draft, draft.common("group_end"), max(_LEAST_S, stop_s - draft.now_s), DIRECTS)
    voices = max(2, min(30, len(draft.students) // 2))
    draft.murmurs.append(
        Murmur(start=at(first, "end", 1.2), end=at(last, "start", 0.3), voices=voices)
    )
    _turn_to_each_other(draft, first, last)


def _visit(draft: Draft, after_s: float) -> None:
    asked = {"fias": ASKS, "question": "open"}
    draft.say(TEACHER, Said(draft.common("group_visit"), asked, None, _GROUP_DB), after_s)
    for _ in range(1 + draft.chance(0.5)):
        reply = Said(draft.common("group_reply"), {"fias": RESPONDS}, None, _GROUP_DB)
        draft.say(nominee(draft), reply, "reply")
    accepted = Said(draft.common("accept"), {"fias": USES, "feedback": "accept"}, None, _GROUP_DB)
    draft.say(TEACHER, accepted, "reaction")


def _turn_to_each_other(draft: Draft, first: str, last: str) -> None:
    """Odd rows turn back to the even ones, or neighbours turn to each other at tables."""
    rng = draft.body_rng
    start, end = at(first, "end", 1.0), at(last, "start", 0.8)
    for person in draft.people:
        if not person.seat:
            continue
        row, column = (int(part) for part in person.seat.removeprefix("r").split("c"))
        if draft.room.layout != "groups" and row % 2 and row < draft.room.rows:
            kind = ActKind.TURN_BACK
        else:
            kind = ActKind.TURN_RIGHT if column % 2 else ActKind.TURN_LEFT
        side = "left" if rng.random() < 0.5 else "right"
        if rng.random() < 0.8:
            draft.background.append(
                Act(who=person.id, kind=kind, start=start, end=end, side=side)  # type: ignore[arg-type]
            )


def playback(draft: Draft, budget_s: float) -> None:
    """A recording is played and talked about."""
    first = tell(draft, draft.common("playback_start"), "activity", DIRECTS)
    language = draft.topic.playback_language or draft.config.language
    length_s = max(estimate_s(draft.topic.playback, language) * 1.25 + 1.0, budget_s * 0.5)
    draft.playbacks.append(
        Playback(
            start=at(first, "end", 2.0),
            end=at(first, "end", 2.0 + length_s),
            text=draft.topic.playback,
            language=draft.topic.playback_language,
        )
    )
    asked = {"fias": ASKS, "question": "open"}
    question = draft.say(TEACHER, Said(draft.common("playback_end"), asked), length_s + 3.0)
    station(draft, question)
    draft.say(nominee(draft), Said(draft.common("playback_answers"), {"fias": RESPONDS}), "wait")
    react(draft, "accept")
