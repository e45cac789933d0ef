"""Which language is spoken where: one for the lesson, one for each clip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log

from classwatch.core.time import Interval

_LISTENED = 8
LESSON_LANGUAGES = ("zh", "en")
"""Languages that a lesson may change to for a while, besides its own."""
_CHANGE = 1.0
"""Evidence (natural logarithm of odds) that a change of language costs, there and back the same."""
_CERTAIN_S = 5.0
"""A clip this long is heard in full; of a shorter one less is known."""
_LEAST = 1e-3


def language_clips(clips: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Up to eight clips spread over the lesson, the longest of each part of it."""
    parts = min(_LISTENED, len(clips))
    chosen = []
    for i in range(parts):
        part = clips[i * len(clips) // parts : (i + 1) * len(clips) // parts]
        chosen.append(max(part, key=lambda c: c.duration_s))
    return tuple(chosen)


def elect_language(votes: Iterable[Mapping[str, float]]) -> str:
    """Language with the highest summed probability; one clip in another language is outvoted.

    "" where nothing votes.
    """
    totals: dict[str, float] = defaultdict(float)
    for vote in votes:
        for language, probability in vote.items():
            totals[language] += probability
    return max(sorted(totals), key=lambda language: totals[language], default="")


def clip_languages(
    scores: Sequence[Mapping[str, float]],
    durations_s: Sequence[float],
    lesson: str,
    before: str,
) -> tuple[str, ...]:
    """Language of every clip in order of time: the likeliest course, changes being rare (Viterbi).

    ``scores`` holds the recogniser's probabilities; only the lesson's own language, Chinese and
    English are considered. ``before`` is the language of the clip before the first. A clip counts
    in proportion to its length up to 5 s, so that one unclear word does not change the language:
    alone among others, 5 s need odds of 7 : 1, and 2 s need 150 : 1.
    """
    states = tuple(dict.fromkeys((lesson, *LESSON_LANGUAGES)))
    best = {state: 0.0 if state == before else -_CHANGE for state in states}
    courses: dict[str, tuple[str, ...]] = dict.fromkeys(states, ())
    for i, (score, duration_s) in enumerate(zip(scores, durations_s, strict=True)):
        came = {state: _before(state, best) if i else state for state in states}
        evidence = _evidence(score, states, min(1.0, duration_s / _CERTAIN_S))
        courses = {state: (*courses[came[state]], state) for state in states}
        best = {
            state: best[came[state]] - (_CHANGE if came[state] != state else 0.0) + evidence[state]
            for state in states
        }
    return courses[max(states, key=lambda state: best[state])]


def _before(state: str, best: Mapping[str, float]) -> str:
    """The state that it is best to have come from."""
    return max(best, key=lambda one: best[one] - (_CHANGE if one != state else 0.0))


def _evidence(score: Mapping[str, float], states: Sequence[str], weight: float) -> dict[str, float]:
    known = {state: max(score.get(state, 0.0), _LEAST) for state in states}
    total = sum(known.values())
    return {state: weight * log(value / total) for state, value in known.items()}
