"""Voice activity: how much speech is missed, how much silence is taken for speech."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classwatch.core.time import Intervals, intersect, intervals, normalise, subtract, total_s
from classwatch.evaluate.scores.figures import f1
from classwatch.evaluate.tally import Figure, Tally, share


@dataclass(frozen=True, slots=True)
class VoiceActivity:
    """Seconds of speech and silence told apart, counted exactly rather than by frames.

    ``collar_s`` on each side of every true edge is not scored.
    """

    collar_s: float = 0.0
    name = "speech.vad"

    def count(self, truth: Intervals, found: Intervals, scored: Intervals) -> Tally:
        """Speech in truth and as found, (n, 2) each, within ``scored`` (n, 2)."""
        truth = normalise(truth)
        scored = without_collar(scored, truth, self.collar_s)
        speech, heard = intersect(truth, scored), intersect(found, scored)
        speech_s, heard_s = total_s(speech), total_s(heard)
        right_s = total_s(intersect(speech, heard))
        return Tally(
            {
                "scored": total_s(scored),
                "speech": speech_s,
                "heard": heard_s,
                "right": right_s,
            }
        )

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Error of all time, missed speech, silence taken for speech, precision, F1."""
        scored, speech, heard, right = (
            tally.counts.get(name, 0.0) for name in ("scored", "speech", "heard", "right")
        )
        missed, false, tag = speech - right, heard - right, f"@collar={self.collar_s:g}"
        return (
            share(f"{self.name}.error{tag}", missed + false, scored, better="lower"),
            share(f"{self.name}.missed{tag}", missed, speech, better="lower"),
            share(f"{self.name}.false_alarm{tag}", false, scored - speech, better="lower"),
            share(f"{self.name}.precision{tag}", right, heard, better="higher"),
            f1(f"{self.name}.f1{tag}", right, speech, heard),
        )


def without_collar(scored: Intervals, truth: Intervals, collar_s: float) -> Intervals:
    """``scored`` without ``collar_s`` on each side of every edge of ``truth``."""
    if collar_s <= 0 or len(truth) == 0:
        return normalise(scored)
    edges = truth.ravel()
    around = intervals(map(tuple, np.stack([edges - collar_s, edges + collar_s], axis=1)))
    return subtract(scored, around)
