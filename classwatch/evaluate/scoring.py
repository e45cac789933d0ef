"""The scores by name: which options each takes, and what of a lesson it is given.

A score may be asked for several times with different options, as ``speech.der#strict``.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from classwatch.core.errors import UsageError
from classwatch.evaluate import scoring_pictures as pictures
from classwatch.evaluate import scoring_rest as rest
from classwatch.evaluate import scoring_speech as speech
from classwatch.evaluate.material import Material
from classwatch.evaluate.not_scored import NotScored
from classwatch.evaluate.tally import Figure, Scorer, Tally

__all__ = ["SCORES", "NotScored", "Score", "open_scores"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A score as the suite names it: how its scorer is made, and how a lesson is counted."""

    make: Callable[..., Any]
    count: Callable[[Any, Material, Material], Tally]
    options: Mapping[str, type]


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """A score with its options. ``name`` is as written in the suite."""

    name: str
    scorer: Scorer
    counter: Callable[[Any, Material, Material], Tally]

    def count(self, truth: Material, found: Material) -> Tally:
        """Counts of one lesson. Raises NotScored where one side does not know enough."""
        return self.counter(self.scorer, truth, found)

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Figures of one lesson's or of pooled counts."""
        return self.scorer.figures(tally)


SCORES: Mapping[str, Kind] = {
    "speech.vad": Kind(speech.VoiceActivity, speech.vad, {"collar_s": float}),
    "speech.der": Kind(speech.Diarisation, speech.turns, {"collar_s": float, "overlap": bool}),
    "speech.role_der": Kind(
        speech.RoleDiarisation, speech.role_turns, {"collar_s": float, "overlap": bool}
    ),
    "speech.jer": Kind(speech.Jaccard, speech.turns, {}),
    "speech.speakers": Kind(speech.SpeakerCount, speech.turns, {"min_talk_s": float}),
    "speech.roles": Kind(speech.SpeakerRoles, speech.role_turns, {"fine": bool}),
    "speech.boundaries": Kind(speech.TurnBoundaries, speech.turns, {}),
    "speech.wait_time": Kind(speech.WaitTime, speech.wait_time, {"tolerance_s": float}),
    "speech.words": Kind(speech.Words, speech.words, {}),
    "picture.people": Kind(
        pictures.People, pictures.people, {"min_iou": float, "tolerance_s": float}
    ),
    "picture.keypoints": Kind(
        pictures.Keypoints,
        pictures.keypoints,
        {"reach": float, "min_iou": float, "tolerance_s": float},
    ),
    "picture.oks_ap": Kind(pictures.KeypointPrecision, pictures.keypoints, {"tolerance_s": float}),
    "picture.tracks": Kind(
        pictures.TrackIdentity, pictures.tracked, {"min_iou": float, "tolerance_s": float}
    ),
    "picture.roles": Kind(
        pictures.PersonRoles, pictures.tracked, {"min_iou": float, "tolerance_s": float}
    ),
    "picture.counts": Kind(pictures.HeadCounts, pictures.head_counts, {}),
    "activity": Kind(pictures.Activities, pictures.activity, {"min_iou": float}),
    "events": Kind(
        rest.make_events, rest.events, {"min_iou": float, "tolerance_s": float, "kinds": list}
    ),
    "codes": Kind(rest.make_codes, rest.codes, {"stream": str, "step_s": float, "rest": str}),
    "code_spans": Kind(
        rest.make_code_spans,
        rest.code_spans,
        {"stream": str, "min_iou": float, "tolerance_s": float},
    ),
    "questions": Kind(rest.make_questions, rest.questions, {"min_cover": float, "coded": bool}),
    "measures": Kind(rest.MeasureErrors, rest.measures, {}),
}
"""Every score by name."""


def open_scores(
    names: Iterable[str], options: Mapping[str, Mapping[str, Any]], place: str
) -> dict[str, Score]:
    """The scores asked for, by name, with their options.

    Raises UsageError naming ``place`` for a score, an option or a value that does not exist.
    """
    wanted = list(names)
    for name in options:
        if name not in wanted:
            raise UsageError(
                f"options for {name!r}, which is not scored",
                subject=place,
                remedy=f"scored here: {', '.join(wanted)}",
            )
    return {name: _open(name, options.get(name, {}), place) for name in wanted}


def _open(name: str, options: Mapping[str, Any], place: str) -> Score:
    base = name.partition("#")[0]
    kind = SCORES.get(base)
    if kind is None:
        close = difflib.get_close_matches(base, SCORES, n=1, cutoff=0.4)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(
            f"there is no score {base!r}{hint}",
            subject=place,
            remedy=f"scores: {', '.join(SCORES)}",
        )
    for key, value in options.items():
        expected = kind.options.get(key)
        if expected is None:
            raise UsageError(
                f"{name} has no option {key!r}",
                subject=place,
                remedy=f"options: {', '.join(kind.options) or 'none'}",
            )
        accepted = (int, float) if expected is float else (expected,)
        is_flag = isinstance(value, bool)
        if not isinstance(value, accepted) or (is_flag and expected is not bool):
            raise UsageError(
                f"{name}: {key} cannot be {value!r}",
                subject=place,
                remedy=f"it is a {expected.__name__}",
            )
    return Score(name, kind.make(**options), kind.count)
