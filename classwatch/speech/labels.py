"""Turns from the speaker labels of a transcript, and roles of segments from turns."""

from __future__ import annotations

from dataclasses import replace

from classwatch.core.labels import role_of_label
from classwatch.core.speech import Origin, SpeakerRole, Transcript, Turn


def turns_from_labels(transcript: Transcript) -> tuple[Turn, ...]:
    """One turn per labelled segment, in order of time, confidence 1.

    Student labels become anonymous: S1, S2, ... in order of appearance.
    """
    anonymous: dict[str, str] = {}
    turns = []
    for segment in sorted(transcript.segments, key=lambda s: (s.start_s, s.end_s)):
        if not segment.speaker or segment.suspect or segment.end_s <= segment.start_s:
            continue
        role = role_of_label(segment.speaker)
        name = {SpeakerRole.TEACHER: "T"}.get(role, "")
        if role is SpeakerRole.STUDENT:
            name = anonymous.setdefault(segment.speaker.strip(), f"S{len(anonymous) + 1}")
        turns.append(Turn(segment.start_s, segment.end_s, role, name, 1.0, Origin.SUPPLIED))
    return tuple(turns)


def assign_transcript_roles(transcript: Transcript, turns: tuple[Turn, ...]) -> Transcript:
    """The transcript with every segment's role filled: from its own label, else from the turns.

    The role with the largest overlap wins; a segment that no turn covers for at least a third of
    its time stays unknown.
    """
    ordered = sorted(turns, key=lambda t: t.start_s)
    first = 0
    filled = {}
    for index in sorted(
        range(len(transcript.segments)), key=lambda i: transcript.segments[i].start_s
    ):
        segment = transcript.segments[index]
        while first < len(ordered) and ordered[first].end_s <= segment.start_s:
            first += 1
        role = role_of_label(segment.speaker) if segment.speaker else SpeakerRole.UNKNOWN
        if role is SpeakerRole.UNKNOWN:
            role = _by_overlap(segment.start_s, segment.end_s, ordered[first:])
        filled[index] = replace(segment, role=role)
    segments = tuple(filled[i] for i in range(len(transcript.segments)))
    return replace(transcript, segments=segments)


_LEAST_COVER = 1.0 / 3.0


def _by_overlap(start_s: float, end_s: float, turns: list[Turn]) -> SpeakerRole:
    shared: dict[SpeakerRole, float] = {}
    for turn in turns:
        if turn.start_s >= end_s:
            break
        overlap_s = min(end_s, turn.end_s) - max(start_s, turn.start_s)
        if overlap_s > 0:
            shared[turn.role] = shared.get(turn.role, 0.0) + overlap_s
    if not shared or sum(shared.values()) < _LEAST_COVER * (end_s - start_s):
        return SpeakerRole.UNKNOWN
    return max(shared, key=lambda role: (shared[role], role.value))
