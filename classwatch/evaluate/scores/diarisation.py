"""Who spoke when: diarisation error rate, Jaccard error rate, number of speakers.

Counted by pyannote.metrics (Bredin 2017, Interspeech). Its collar is the total width around each
edge of the reference; the collars here are, as NIST's, the width on each side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from classwatch.core.errors import ModelError
from classwatch.core.speech import Turn
from classwatch.core.time import Intervals, intersect, normalise, total_s
from classwatch.evaluate.scores.figures import mean
from classwatch.evaluate.scores.talk_time import by_role, by_speaker
from classwatch.evaluate.tally import Figure, Tally, share


@dataclass(frozen=True, slots=True)
class Diarisation:
    """Diarisation error rate: missed, false and confused time over true talk time.

    Voices are matched to true speakers one-to-one, as well as possible. With ``overlap`` talk of
    several at once is scored too. Can exceed 1.
    """

    collar_s: float = 0.25
    overlap: bool = True
    name = "speech.der"

    def count(self, truth: Sequence[Turn], found: Sequence[Turn], scored: Intervals) -> Tally:
        """Seconds counted within ``scored`` (n, 2), the evaluation map (UEM)."""
        metric = _metrics("diarization").DiarizationErrorRate(**self._options())
        return Tally(_components(metric, by_speaker(truth), by_speaker(found), scored))

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """The error rate and its three parts."""
        return _error_figures(self.name, _tag(self.collar_s, self.overlap), tally.counts)

    def _options(self) -> dict[str, Any]:
        return {"collar": 2 * self.collar_s, "skip_overlap": not self.overlap}


@dataclass(frozen=True, slots=True)
class RoleDiarisation:
    """Diarisation error rate of roles (teacher, student, unknown) instead of voices.

    Labels are compared as they are: a teacher called student is an error. Students who talk at
    once count as student.
    """

    collar_s: float = 0.25
    overlap: bool = True
    name = "speech.role_der"

    def count(self, truth: Sequence[Turn], found: Sequence[Turn], scored: Intervals) -> Tally:
        """Seconds counted within ``scored`` (n, 2)."""
        metric = _metrics("identification").IdentificationErrorRate(
            collar=2 * self.collar_s, skip_overlap=not self.overlap
        )
        return Tally(
            _components(metric, by_role(truth, fine=False), by_role(found, fine=False), scored)
        )

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """The error rate and its three parts."""
        return _error_figures(self.name, _tag(self.collar_s, self.overlap), tally.counts)


@dataclass(frozen=True, slots=True)
class Jaccard:
    """Jaccard error rate (DIHARD II, Ryant et al. 2019): every true speaker counts the same.

    For each true speaker and its voice, (false alarm + missed) over the union of both; no collar,
    overlap scored.
    """

    name = "speech.jer"

    def count(self, truth: Sequence[Turn], found: Sequence[Turn], scored: Intervals) -> Tally:
        """Speakers and their error rates, added up, within ``scored`` (n, 2)."""
        metric = _metrics("diarization").JaccardErrorRate()
        detail = _detail(metric, by_speaker(truth), by_speaker(found), scored)
        return Tally({"speakers": detail["speaker count"], "error": detail["speaker error"]})

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """One figure."""
        error, speakers = tally.counts.get("error", 0.0), tally.counts.get("speakers", 0.0)
        return (share(self.name, error, speakers, better="lower"),)


@dataclass(frozen=True, slots=True)
class SpeakerCount:
    """Number of voices against the number of people who spoke.

    A voice counts with at least ``min_talk_s`` within the scored time.
    """

    min_talk_s: float = 0.0
    name = "speech.speakers"

    def count(self, truth: Sequence[Turn], found: Sequence[Turn], scored: Intervals) -> Tally:
        """One lesson; talk that is given to nobody in particular is not a voice."""
        error = self._voices(found, scored) - self._voices(truth, scored)
        return Tally(
            {"lessons": 1.0, "off": abs(error), "error": error, "exact": float(error == 0)}
        )

    def _voices(self, turns: Sequence[Turn], scored: Intervals) -> float:
        named = by_speaker([turn for turn in turns if turn.speaker])
        talk_s = [total_s(intersect(times, scored)) for times in named.values()]
        return float(sum(length > 0 and length >= self.min_talk_s for length in talk_s))

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Mean error, bias, and share of lessons with the right number."""
        counts, tag = tally.counts, f"@talk={self.min_talk_s:g}s" if self.min_talk_s else ""
        lessons = counts.get("lessons", 0.0)
        off, error = counts.get("off", 0.0), counts.get("error", 0.0)
        name = f"{self.name}.mae{tag}"
        return (
            mean(name, off, lessons, unit="speakers", better="lower"),
            mean(f"{self.name}.bias{tag}", error, lessons, unit="speakers", better="zero"),
            share(f"{self.name}.exact{tag}", counts.get("exact", 0.0), lessons, better="higher"),
        )


def _tag(collar_s: float, overlap: bool) -> str:
    return f"@collar={collar_s:g},{'overlap' if overlap else 'no-overlap'}"


_PARTS = {
    "total": "total",
    "missed": "missed detection",
    "false": "false alarm",
    "confused": "confusion",
}
"""Our names of pyannote's parts."""


def _components(
    metric: Any, truth: Mapping[str, Intervals], found: Mapping[str, Intervals], scored: Intervals
) -> dict[str, float]:
    detail = _detail(metric, truth, found, scored)
    return {name: detail[theirs] for name, theirs in _PARTS.items()}


def _error_figures(name: str, tag: str, counts: Mapping[str, float]) -> tuple[Figure, ...]:
    total = counts.get("total", 0.0)
    parts = {part: counts.get(part, 0.0) for part in ("missed", "false", "confused")}
    return (
        share(f"{name}{tag}", sum(parts.values()), total, better="lower"),
        share(f"{name}.missed{tag}", parts["missed"], total, better="lower"),
        share(f"{name}.false_alarm{tag}", parts["false"], total, better="lower"),
        share(f"{name}.confusion{tag}", parts["confused"], total, better="lower"),
    )


def _detail(
    metric: Any, truth: Mapping[str, Intervals], found: Mapping[str, Intervals], scored: Intervals
) -> dict[str, float]:
    core = _import("pyannote.core")
    uem = core.Timeline([core.Segment(*map(float, row)) for row in normalise(scored)])
    detail = metric(_annotation(core, truth), _annotation(core, found), uem=uem, detailed=True)
    return {name: float(value) for name, value in detail.items()}


def _annotation(core: Any, talk: Mapping[str, Intervals]) -> Any:
    annotation = core.Annotation()
    track = 0
    for label, times in talk.items():
        for start_s, end_s in times:
            annotation[core.Segment(float(start_s), float(end_s)), track] = label
            track += 1
    return annotation


def _metrics(module: str) -> Any:
    return _import(f"pyannote.metrics.{module}")


def _import(module: str) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise ModelError(
            f"{module} is not installed", remedy='pip install "classwatch[eval]"'
        ) from error
