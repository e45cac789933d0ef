"""A small hand-written lesson whose times can be added up on paper."""

from __future__ import annotations

from classwatch.simulate.script import Script
from classwatch.simulate.timeline import Spoken

LENGTHS_S = {"u1": 10.0, "u2": 2.0, "u3": 1.0, "u4": 4.0, "u5": 1.0, "u6": 12.0, "u7": 3.0}
"""How long each utterance takes; all of it is voiced, without pauses."""

TEXT = """
lesson_id: small
language: en
room: {rows: 2, columns: 2}
people:
- {id: T, kind: teacher}
- {id: S01, kind: student, seat: r1c1}
- {id: S02, kind: student, seat: r2c2}
phases:
- {kind: lecture, start: 0.0}
- {kind: dialogue, start: u2.start}
utterances:
- {id: u1, speaker: T, text: We look at rivers today., start: 2.03, labels: {fias: "5"}}
- {id: u2, speaker: T, text: "Where does a river begin?", gap_s: 1.0, labels: {question: closed}}
- {id: u3, speaker: T, text: You please., gap_s: 3.0}
- {id: u4, speaker: S01, text: In the mountains., gap_s: 1.5}
- {id: u5, speaker: T, text: Good., gap_s: 0.5, labels: {feedback: praise}}
- {id: u6, speaker: T, text: "Why is that so? Because it rains there.", gap_s: 2.0}
- {id: u7, speaker: all_students, text: It rains., gap_s: -1.0}
acts:
- {who: S01, kind: raise_hand, start: u2.end+0.5, end: u3.start+0.5}
- {who: S02, kind: raise_hand, start: u2.end+1, end: u3.start+1}
- {who: S01, kind: stand, start: u3.end, end: u5.start}
- {who: T, kind: point, start: u1.start+1, end: u1.end}
murmurs:
- {start: 35, end: 38, voices: 4}
sound: {snr_db: 25}
end: 60
"""


def spoken_of(script: Script) -> dict[str, Spoken]:
    """Every utterance voiced throughout for its length in ``LENGTHS_S``."""
    return {u.id: Spoken(LENGTHS_S[u.id], ((0.0, LENGTHS_S[u.id]),)) for u in script.utterances}
