"""Putting corrections in the place of predictions, and saying how much that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from classwatch.core.events import Event
from classwatch.core.labels import role_of_label
from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript, Turn
from classwatch.core.time import Interval
from classwatch.exchange.corrections import CodedTier, Correction, Reading
from classwatch.exchange.eaf import Annotation
from classwatch.exchange.lesson_coding import CODES, EVENTS, TURNS, WORDS
from classwatch.exchange.tiers import to_ms


class _Timed(Protocol):
    @property
    def start_s(self) -> float: ...

    @property
    def end_s(self) -> float: ...


T = TypeVar("T", bound=_Timed)
Key = Callable[[T], Hashable]


@dataclass(frozen=True, slots=True)
class LessonState:
    """What can be corrected, as it stands."""

    turns: tuple[Turn, ...] = ()
    transcript: Transcript | None = None
    events: tuple[Event, ...] = ()
    codes: tuple[CodedTier, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """How one kind differs: items that are new, and items that are there no more."""

    kind: str
    added: int
    removed: int


def changes(reading: Reading, state: LessonState, within: Interval | None) -> tuple[Change, ...]:
    """How a file differs from the lesson as it stands, kind by kind; equal kinds are left out."""
    found = []
    if reading.turns is not None:
        found.append(_change(TURNS, reading.turns, _inside(state.turns, within), turn_key))
    if reading.segments is not None:
        said = _inside(_spoken(state.transcript), within)
        found.append(_change(WORDS, reading.segments, said, segment_key))
    for own in reading.events:
        there = [e for e in state.events if (e.stream, e.kind) == (own.stream, own.kind)]
        name = f"{EVENTS}/{own.stream}/{own.kind.value}"
        found.append(_change(name, own.events, _inside(there, within), event_key))
    coded = {tier.name: tier.codes for tier in state.codes}
    for code_tier in reading.codes:
        before = _inside(coded.get(code_tier.name, ()), within)
        found.append(_change(f"{CODES}/{code_tier.name}", code_tier.codes, before, code_key))
    return tuple(change for change in found if change.added or change.removed)


def only_changed(reading: Reading, changed: Iterable[Change]) -> Reading:
    """The reading without the kinds that are as they were."""
    kinds = {change.kind for change in changed}
    return replace(
        reading,
        turns=reading.turns if TURNS in kinds else None,
        segments=reading.segments if WORDS in kinds else None,
        events=tuple(
            own for own in reading.events if f"{EVENTS}/{own.stream}/{own.kind.value}" in kinds
        ),
        codes=tuple(own for own in reading.codes if f"{CODES}/{own.name}" in kinds),
    )


def with_known_roles(reading: Reading, state: LessonState) -> Reading:
    """The reading with roles where its format could not hold them (RTTM, subtitles).

    A voice without a role has the one that it has in the lesson; so has text of the same times.
    """
    voices = {t.speaker: t.role for t in state.turns if t.speaker}
    said = {_times(s): s.role for s in _spoken(state.transcript)}
    unknown = SpeakerRole.UNKNOWN
    turns = reading.turns
    if turns and all(t.role is unknown or role_of_label(t.speaker) is t.role for t in turns):
        turns = tuple(
            replace(t, role=voices.get(t.speaker, unknown)) if t.role is unknown else t
            for t in turns
        )
    segments = reading.segments
    if segments and all(s.role is unknown for s in segments):
        segments = tuple(replace(s, role=said.get(_times(s), unknown)) for s in segments)
    return replace(reading, turns=turns, segments=segments)


def _times(item: _Timed) -> tuple[int, int]:
    return (to_ms(item.start_s), to_ms(item.end_s))


def corrected(predicted: LessonState, corrections: Sequence[Correction]) -> LessonState:
    """The lesson with every correction in place, the latest winning.

    Predictions outside the time of a correction stay; a turn or event across its edge is cut.
    """
    turns, events = predicted.turns, predicted.events
    transcript = predicted.transcript
    for one in corrections:
        if one.turns is not None:
            own = _known(one.turns, predicted.turns, turn_key)
            turns = _sorted((*outside(turns, one.within), *own), _turn_order)
        if one.segments is not None:
            transcript = _with_segments(transcript, predicted.transcript, one)
        for tier in one.events:
            same = [e for e in events if (e.stream, e.kind) == (tier.stream, tier.kind)]
            rest = [e for e in events if (e.stream, e.kind) != (tier.stream, tier.kind)]
            own_events = _known(tier.events, predicted.events, event_key)
            together = (*rest, *outside(same, one.within), *own_events)
            events = _sorted(together, _event_order)
    return LessonState(turns, transcript, events)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a lesson people changed: items that are theirs, predictions that they removed."""

    theirs: int
    removed: int


def extent(predicted: Sequence[T], now: Sequence[T], key: Key[T]) -> Extent:
    """The extent of one kind of items."""
    change = _change("", now, predicted, key)
    return Extent(change.added, change.removed)


def corrected_time(corrections: Sequence[Correction], span: Interval) -> tuple[Interval, ...]:
    """The time in which people said who talks."""
    times = [one.within or span for one in corrections if one.turns is not None]
    return tuple(times)


def _with_segments(
    current: Transcript | None, predicted: Transcript | None, one: Correction
) -> Transcript:
    segments = one.segments or ()
    if current is None:
        return Transcript(segments, "", Origin.ANNOTATED)
    known = _known(segments, _spoken(predicted), segment_key)
    own = [s if s.language else replace(s, language=current.language) for s in known]
    # Words cannot be cut: a segment belongs where its middle lies.
    kept = [
        s
        for s in current.segments
        if s.suspect or (one.within is not None and not _contains(one.within, s))
    ]
    together = _sorted((*kept, *own), lambda s: (s.start_s, s.end_s, s.text))
    same = Counter(map(segment_key, together)) == Counter(map(segment_key, current.segments))
    return replace(current, segments=together, origin=current.origin if same else Origin.ANNOTATED)


def _contains(within: Interval, item: _Timed) -> bool:
    return within.start_s <= (item.start_s + item.end_s) / 2 < within.end_s


def _spoken(transcript: Transcript | None) -> tuple[Segment, ...]:
    """What is shown of the words: neither doubtful nor empty."""
    if transcript is None:
        return ()
    return tuple(s for s in transcript.segments if not s.suspect and s.text.strip())


def _change(kind: str, new: Sequence[T], old: Sequence[T], key: Key[T]) -> Change:
    before, after = Counter(map(key, old)), Counter(map(key, new))
    return Change(kind, (after - before).total(), (before - after).total())


def _inside(items: Iterable[T], within: Interval | None) -> list[T]:
    return [
        item
        for item in items
        if within is None or (item.start_s < within.end_s and item.end_s > within.start_s)
    ]


def outside(items: Iterable[T], within: Interval | None) -> list[T]:
    """What of the items lies outside ``within``, cut at its edges."""
    if within is None:
        return []
    found: list[T] = []
    for item in items:
        if item.end_s <= within.start_s or item.start_s >= within.end_s:
            found.append(item)
            continue
        if item.start_s < within.start_s:
            found.append(_between(item, item.start_s, within.start_s))
        if item.end_s > within.end_s:
            found.append(_between(item, within.end_s, item.end_s))
    return found


def _between(item: T, start_s: float, end_s: float) -> T:
    changed: Any = item
    cut: T = replace(changed, start_s=start_s, end_s=end_s)
    return cut


def _known(own: Iterable[T], predicted: Iterable[T], key: Key[T]) -> list[T]:
    """The items, each replaced by the prediction that says the same to the millisecond."""
    there: dict[Hashable, list[T]] = {}
    for item in predicted:
        there.setdefault(key(item), []).append(item)
    return [there[key(item)].pop(0) if there.get(key(item)) else item for item in own]


def _sorted(items: Iterable[T], order: Callable[[T], tuple[Any, ...]]) -> tuple[T, ...]:
    return tuple(sorted(items, key=order))


def turn_key(turn: Turn) -> Hashable:
    """What makes two turns the same: times to the millisecond, role and voice."""
    return (to_ms(turn.start_s), to_ms(turn.end_s), turn.role, turn.speaker)


def _turn_order(turn: Turn) -> tuple[Any, ...]:
    return (turn.start_s, turn.end_s, turn.role.value, turn.speaker)


def segment_key(segment: Segment) -> Hashable:
    """What makes two segments the same: times to the millisecond, role and text."""
    return (to_ms(segment.start_s), to_ms(segment.end_s), segment.role, segment.text)


def event_key(event: Event) -> Hashable:
    """What makes two events the same: kind, stream and times to the millisecond."""
    return (event.kind, event.stream, to_ms(event.start_s), to_ms(event.end_s))


def code_key(code: Annotation) -> Hashable:
    """What makes two codes of one tier the same: times to the millisecond and the code."""
    return (to_ms(code.start_s), to_ms(code.end_s), code.text)


def _event_order(event: Event) -> tuple[Any, ...]:
    return (event.stream, event.start_s, event.end_s, event.kind.value, event.track_id)
