"""A script on the lesson clock: every moment resolved, once it is known how long sentences take.

All times are rounded to milliseconds, so that truth does not depend on the last bit of a float.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from classwatch.core.errors import InputError
from classwatch.core.speech import Word
from classwatch.simulate.script import (
    Act,
    Moment,
    Murmur,
    Noise,
    PersonKind,
    Phase,
    Playback,
    Script,
    Utterance,
    split_anchor,
)

TAIL_S = 2.0
"""Time after the last thing that happens, where the script gives no end."""

NOISE_S = 1.0
"""Room that a short noise is given on the timeline."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """How one utterance came out, on its own clock from 0.

    ``voiced`` are the stretches with sound, ``(start_s, end_s)``, ascending and disjoint; ``words``
    have times where the voice engine gives them. For a chorus ``voiced`` is the union.
    """

    duration_s: float
    voiced: tuple[tuple[float, float], ...]
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class TimedUtterance:
    """An utterance at its place: ``[start_s, end_s)``, speakers by id in the script's order."""

    utterance: Utterance
    speakers: tuple[str, ...]
    language: str
    start_s: float
    end_s: float
    spoken: Spoken


PartT = TypeVar("PartT", Act, Phase, Noise, Murmur, Playback)


@dataclass(frozen=True, slots=True)
class Timed(Generic[PartT]):
    """A part of the script with its times, half-open."""

    part: PartT
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TimedAct:
    """An act with its times and the ids of those who do it, in the script's order of people."""

    act: Act
    actors: tuple[str, ...]
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lesson as it happens: each list in order of start, acts in the script's order."""

    script: Script
    duration_s: float
    utterances: tuple[TimedUtterance, ...]
    phases: tuple[Timed[Phase], ...]
    acts: tuple[TimedAct, ...]
    noises: tuple[Timed[Noise], ...]
    murmurs: tuple[Timed[Murmur], ...]
    playbacks: tuple[Timed[Playback], ...]


def resolve(script: Script, spoken: Mapping[str, Spoken]) -> Timeline:
    """The script's timeline; ``spoken`` has one entry per utterance id.

    Where the script gives an end, acts and sounds that would outlast it end with the lesson, and
    those that would start later are left out. Raises InputError naming the part of the script where
    an anchor refers to an utterance that is unknown or (for an utterance) not earlier, something
    ends before it starts, somebody is unknown, or an utterance would outlast the lesson.
    """
    clock = _Clock(script)
    utterances = tuple(clock.place(u, spoken[u.id]) for u in script.utterances)
    acts = tuple(_act(clock, script, i, a) for i, a in enumerate(script.acts))
    murmurs = _spans(clock, script.murmurs, "murmurs")
    playbacks = _spans(clock, script.playbacks, "playbacks")
    noises = []
    for i, noise in enumerate(script.noises):
        start_s = clock.at(noise.start, f"noises[{i}]")
        noises.append(Timed(noise, start_s, _ms(start_s + NOISE_S)))
    ends_s = [u.end_s for u in utterances] + [a.end_s for a in acts]
    ends_s += [t.end_s for t in murmurs] + [t.end_s for t in playbacks] + [t.end_s for t in noises]
    last_s = max(ends_s, default=0.0)
    duration_s = _ms(last_s + TAIL_S) if script.end is None else clock.at(script.end, "end")
    _check_end(script, utterances, duration_s)
    return Timeline(
        script,
        duration_s,
        tuple(sorted(utterances, key=lambda u: (u.start_s, u.end_s))),
        _phases(clock, script, duration_s),
        tuple(replace(a, end_s=min(a.end_s, duration_s)) for a in acts if a.start_s < duration_s),
        _within(noises, duration_s),
        _within(murmurs, duration_s),
        _within(playbacks, duration_s),
    )


def _check_end(script: Script, utterances: Sequence[TimedUtterance], duration_s: float) -> None:
    for said in utterances:
        if said.end_s > duration_s:
            what = f"the lesson ends at {duration_s:g} s, utterance {said.utterance.id} later"
            raise _wrong(script, "end", what)


def _act(clock: _Clock, script: Script, index: int, act: Act) -> TimedAct:
    where = f"acts[{index}]"
    actors = people_of(script, act.who, where)
    return TimedAct(act, actors, *clock.span(act.start, act.end, where))


def people_of(script: Script, who: str | Sequence[str], where: str) -> tuple[str, ...]:
    """Ids of those whom ``who`` names; ``where`` is the place in the script for the error."""
    if who == "all_students":
        return tuple(p.id for p in script.people if p.kind is PersonKind.STUDENT)
    named = (who,) if isinstance(who, str) else tuple(who)
    known = {p.id for p in script.people}
    for name in named:
        if name not in known:
            raise _wrong(script, where, f"{name!r} is nobody in `people`")
    return named


class _Clock:
    """Places utterances one after the other and tells the time of moments."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._placed: dict[str, TimedUtterance] = {}
        self._last_end_s = 0.0

    def place(self, utterance: Utterance, spoken: Spoken) -> TimedUtterance:
        where = f"utterance {utterance.id}"
        if utterance.id in self._placed:
            raise _wrong(self._script, where, "the id is used twice")
        if utterance.start is None:
            start_s = _ms(max(0.0, self._last_end_s + utterance.gap_s))
        else:
            start_s = self.at(utterance.start, where)
        speakers = people_of(self._script, utterance.speaker, where)
        language = utterance.language or self._script.language
        end_s = _ms(start_s + spoken.duration_s)
        placed = TimedUtterance(utterance, speakers, language, start_s, end_s, spoken)
        self._placed[utterance.id] = placed
        self._last_end_s = end_s
        return placed

    def at(self, moment: Moment, where: str) -> float:
        """Seconds of ``moment`` on the lesson clock."""
        if not isinstance(moment, str):
            return _ms(moment)
        name, edge, shift_s = split_anchor(moment)
        anchor = self._placed.get(name)
        if anchor is None:
            raise _wrong(self._script, where, f"{moment!r} refers to no earlier utterance")
        return _ms(max(0.0, (anchor.start_s if edge == "start" else anchor.end_s) + shift_s))

    def span(self, start: Moment, end: Moment, where: str) -> tuple[float, float]:
        start_s, end_s = self.at(start, where), self.at(end, where)
        if end_s <= start_s:
            raise _wrong(self._script, where, f"ends at {end_s:g} s, starts at {start_s:g} s")
        return start_s, end_s


SpanT = TypeVar("SpanT", Murmur, Playback)


def _spans(clock: _Clock, parts: Sequence[SpanT], name: str) -> list[Timed[SpanT]]:
    return [
        Timed(part, *clock.span(part.start, part.end, f"{name}[{i}]"))
        for i, part in enumerate(parts)
    ]


def _phases(clock: _Clock, script: Script, duration_s: float) -> tuple[Timed[Phase], ...]:
    starts = [clock.at(p.start, f"phases[{i}]") for i, p in enumerate(script.phases)]
    ends = [*starts[1:], duration_s]
    for i, (start_s, end_s) in enumerate(zip(starts, ends, strict=True)):
        if end_s <= start_s:
            raise _wrong(script, f"phases[{i}]", f"ends at {end_s:g} s, starts at {start_s:g} s")
    return tuple(Timed(p, s, e) for p, s, e in zip(script.phases, starts, ends, strict=True))


def _within(timed: Sequence[Timed[PartT]], duration_s: float) -> tuple[Timed[PartT], ...]:
    """In order of start; what outlasts the lesson ends with it."""
    inside = [replace(t, end_s=min(t.end_s, duration_s)) for t in timed if t.start_s < duration_s]
    return tuple(sorted(inside, key=lambda t: t.start_s))


def _ms(time_s: float) -> float:
    return round(time_s, 3)


def _wrong(script: Script, where: str, what: str) -> InputError:
    return InputError(
        f"{where}: {what}", subject=script.lesson_id, remedy="correct the script and run it again"
    )
