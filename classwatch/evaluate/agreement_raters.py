"""Who coded what: files and lessons as raters, each with streams that can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from classwatch.core.speech import Origin, Turn
from classwatch.core.time import Interval
from classwatch.evaluate.scores.spans import Span
from classwatch.exchange.formats import role_of_text
from classwatch.exchange.lesson_coding import EVENTS, TURNS, WORDS
from classwatch.exchange.tiers import Coding

ONLY = "codes"


@dataclass(frozen=True, slots=True)
class Rater:
    """One coding to be compared.

    ``streams`` holds by name what can be compared: ``turns`` (labels are roles), ``events``, and
    every other tier under its own name. ``turns`` are kept as well for who-spoke-when. ``machine``
    says that no person made it.
    """

    name: str
    machine: bool
    end_s: float
    streams: Mapping[str, tuple[Span, ...]]
    turns: tuple[Turn, ...] = ()


def rater_of(
    name: str, coding: Coding, *, machine: bool = False, one_stream: bool = False
) -> Rater:
    """A coding as a rater; with ``one_stream`` all of its tiers are one stream ``codes``.

    Words are not compared: word error rates are a matter of ``classwatch eval``.
    """
    streams: dict[str, list[Span]] = {}
    turns: list[Turn] = []
    for tier in coding.tiers:
        kind, _, rest = tier.name.partition("/")
        if kind == WORDS and not one_stream:
            continue
        voice = rest if kind == TURNS and not one_stream else ""
        camera = rest.rpartition("/")[0] if kind == EVENTS and not one_stream else ""
        key = ONLY if one_stream else kind if rest and kind in (TURNS, EVENTS) else tier.name
        own = streams.setdefault(key, [])
        for item in tier.annotations:
            label = item.text or tier.name
            if voice:
                role = role_of_text(item.text, voice)
                label = role.value
                turns.append(Turn(item.start_s, item.end_s, role, voice, 1.0, Origin.ANNOTATED))
            own.append(Span(item.start_s, item.end_s, label, stream=camera))
    ordered = {
        key: tuple(sorted(spans, key=lambda s: (s.start_s, s.end_s, s.label)))
        for key, spans in sorted(streams.items())
    }
    return Rater(name, machine, coding.end_s, ordered, tuple(turns))


def aligned(raters: Sequence[Rater]) -> tuple[Rater, ...]:
    """The raters with streams under common names.

    Where no stream is common and each has exactly one tier of its own kind, these are compared
    whatever their names are.
    """
    common = [k for k in raters[0].streams if all(k in r.streams for r in raters[1:])]
    if common:
        return tuple(raters)
    own = [[k for k in r.streams if k not in (TURNS, EVENTS)] for r in raters]
    if any(len(names) != 1 for names in own):
        return tuple(raters)
    return tuple(
        replace(rater, streams={ONLY: rater.streams[names[0]]})
        for rater, names in zip(raters, own, strict=True)
    )


def joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans of one label and stream that touch, as one: where something begins and ends."""
    last: dict[tuple[str, str], int] = {}
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start_s, s.end_s)):
        key = (span.label, span.stream)
        at = last.get(key, -1)
        point = span.end_s <= span.start_s
        if at >= 0 and not point and span.start_s <= found[at].end_s + 1e-6:
            found[at] = replace(found[at], end_s=max(found[at].end_s, span.end_s))
            continue
        last[key] = len(found)
        found.append(span)
    return tuple(found)


def common_span(raters: Sequence[Rater], within: Interval | None) -> Interval:
    """The time that all of them coded, or the part of it in ``within``."""
    end_s = min(rater.end_s for rater in raters)
    if within is None:
        return Interval(0.0, end_s)
    start_s = min(within.start_s, end_s)
    return Interval(start_s, max(start_s, min(within.end_s, end_s)))


def clipped(spans: Sequence[Span], span: Interval) -> tuple[Span, ...]:
    """The parts of the spans within ``span``; points at its edges stay."""
    return tuple(
        replace(s, start_s=max(s.start_s, span.start_s), end_s=min(s.end_s, span.end_s))
        for s in spans
        if s.start_s < span.end_s and s.end_s >= span.start_s
    )
