"""What a recogniser is fed: clips of at most half a minute, cut in pauses, in bounded groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from classwatch.core.speech import SpeechActivity
from classwatch.core.time import Interval

LONGEST_CLIP_S = 28.0
"""Whisper sees 30 s; the rest is room for the lead-in."""
_LEAD_S = 0.2
"""Sound before and after the speech, without which first and last syllables get lost."""
_JOIN_GAP_S = 1.0
_EARLIEST_CUT = 0.5
"""Share of the longest clip before which speech without a pause is not cut."""
GROUP_S = 600.0
"""Sound held in memory at a time."""
GROUP_CLIPS = 32
"""Every clip is padded to 30 s of spectrogram, about 1 MB, however short it is."""


@dataclass(frozen=True, slots=True)
class ClipGroup:
    """Clips that are read together: ``span`` covers all of ``clips``."""

    span: Interval
    clips: tuple[Interval, ...]


def plan_clips(
    activity: SpeechActivity, duration_s: float, longest_s: float = LONGEST_CLIP_S
) -> tuple[Interval, ...]:
    """Disjoint clips of at most ``longest_s`` that cover all speech, in order of time.

    Neighbours with a pause of at most 1 s are joined while they fit; speech without a pause is
    cut where it is quietest. Every clip has up to 0.2 s of lead, never into another clip.
    """
    joined: list[tuple[float, float]] = []
    for start_s, end_s in activity.speech.tolist():
        for a, b in _cut(Interval(start_s, end_s), activity, longest_s):
            fits = joined and b - joined[-1][0] <= longest_s
            if fits and a - joined[-1][1] <= _JOIN_GAP_S:
                joined[-1] = (joined[-1][0], b)
            else:
                joined.append((a, b))
    return tuple(_with_lead(joined, duration_s))


def group_clips(clips: tuple[Interval, ...]) -> Iterator[ClipGroup]:
    """At most 32 consecutive clips whose common span is at most 10 minutes."""
    group: list[Interval] = []
    for clip in clips:
        full = len(group) == GROUP_CLIPS
        if group and (full or clip.end_s - group[0].start_s > GROUP_S):
            yield _group(group)
            group = []
        group.append(clip)
    if group:
        yield _group(group)


def _group(clips: list[Interval]) -> ClipGroup:
    return ClipGroup(Interval(clips[0].start_s, clips[-1].end_s), tuple(clips))


def _cut(
    speech: Interval, activity: SpeechActivity, longest_s: float
) -> Iterator[tuple[float, float]]:
    start_s, step_s = speech.start_s, activity.level_step_s
    while speech.end_s - start_s > longest_s:
        first = round((start_s + longest_s * _EARLIEST_CUT) / step_s)
        last = round((start_s + longest_s) / step_s)
        window = activity.level_db[first:last]
        at_s = (first + int(window.argmin()) + 0.5) * step_s if len(window) else 0.0
        if not start_s < at_s < speech.end_s:
            at_s = start_s + longest_s
        yield start_s, at_s
        start_s = at_s
    yield start_s, speech.end_s


def _with_lead(pairs: list[tuple[float, float]], duration_s: float) -> Iterator[Interval]:
    for i, (start_s, end_s) in enumerate(pairs):
        before_s = pairs[i - 1][1] if i else 0.0
        after_s = pairs[i + 1][0] if i + 1 < len(pairs) else duration_s
        lead_s = min(_LEAD_S, max(0.0, start_s - before_s) / 2)
        tail_s = min(_LEAD_S, max(0.0, after_s - end_s) / 2)
        yield Interval(start_s - lead_s, end_s + tail_s)
