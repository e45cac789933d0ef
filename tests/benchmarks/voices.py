"""Who speaks when, against recordings that others annotated.

``python -m tests.benchmarks.voices [SHARED]`` prints, for every clip and for the meetings together,
the share of time in which speech is wrong and the diarisation error rate, without and with a
collar of 0.25 s, overlap scored, within the official map, the number of speakers not given; beside
it the rate of a system that hears one voice only. Intervals are 95 %, by resampling blocks of 5 s.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classwatch.config.schema import SpeakersConfig, VadConfig
from classwatch.core.speech import SpeakerRole, Turn
from classwatch.core.time import Intervals, intersect, intervals, normalise, total_s
from classwatch.evaluate.scores.diarisation import Diarisation
from classwatch.speech.overlap import voice_intervals
from classwatch.speech.speakers import find_voices
from classwatch.speech.vad import detect_speech
from tests.speech.sounds import read_rttm, recording

SCORED_S = 30.0
BLOCK_S = 5.0
_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording of 30 s scored time, its reference, and the name it has there."""

    name: str
    sound: str
    reference: str
    recording: str = ""


MEETINGS = (
    Clip("ami-dev00", "ami_pyannote/dev00.wav", "ami_pyannote/debug.development.rttm", "dev00"),
    Clip("ami-trn00", "ami_pyannote/trñ00.wav", "ami_pyannote/debug.train.rttm", "trn00"),
    Clip("ami-trn01", "ami_pyannote/trn01.wav", "ami_pyannote/debug.train.rttm", "trn01"),
    Clip("ami-trn02", "ami_pyannote/trn02.wav", "ami_pyannote/debug.train.rttm", "trn02"),
)
CLIPS = (
    *MEETINGS,
    Clip("conversation", "pyannote_sample/sample.wav", "pyannote_sample/sample.rttm"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Counts of one clip by block: rows (b, 2) of wrong and all seconds per measure."""

    name: str
    voices: int
    rows: dict[str, np.ndarray]


def turns_of(rttm: Path, name: str) -> list[Turn]:
    """Reference turns within the scored time."""
    return [
        Turn(t.start_s, min(t.end_s, SCORED_S), SpeakerRole.UNKNOWN, t.speaker, 1.0)
        for t in read_rttm(rttm, name)
        if t.start_s < SCORED_S
    ]


def score(clip: Clip, speech: Path) -> Scored:
    """Run the analysis on one clip and count."""
    audio = recording(speech / clip.sound)
    truth = turns_of(speech / clip.reference, clip.recording)
    activity = detect_speech(audio, VadConfig())
    voices = find_voices(audio, activity, SpeakersConfig())
    found = [
        Turn(a, b, SpeakerRole.UNKNOWN, f"V{k}", 1.0)
        for k, times in enumerate(voice_intervals(voices.span, voices.voice, voices.second))
        for a, b in times.tolist()
    ]
    one = [Turn(a, b, SpeakerRole.UNKNOWN, "V", 1.0) for a, b in activity.speech.tolist()]
    true_speech = normalise(intervals([(t.start_s, t.end_s) for t in truth]))
    rows = {"vad": _wrong_frames(activity.speech, true_speech)}
    rows["vad, pauses < 1 s closed"] = _wrong_frames(
        normalise(activity.speech, join_gap_s=1.0), normalise(true_speech, join_gap_s=1.0)
    )
    for collar_s in (0.0, 0.25):
        rows[f"der@{collar_s:g}"] = _der(truth, found, collar_s)
        rows[f"one voice der@{collar_s:g}"] = _der(truth, one, collar_s)
    return Scored(clip.name, voices.voice_count, rows)


def _blocks() -> list[Intervals]:
    edges = np.arange(0.0, SCORED_S, BLOCK_S)
    return [intervals([(float(a), float(a) + BLOCK_S)]) for a in edges]


def _wrong_frames(found: Intervals, truth: Intervals) -> np.ndarray:
    both = [(total_s(intersect(found, b)), total_s(intersect(truth, b))) for b in _blocks()]
    shared = [total_s(intersect(intersect(found, truth), b)) for b in _blocks()]
    return np.array([(f + t - 2 * s, BLOCK_S) for (f, t), s in zip(both, shared, strict=True)])


def _der(truth: Sequence[Turn], found: Sequence[Turn], collar_s: float) -> np.ndarray:
    """Whole clip first (one matching of voices), shared out over the blocks by their own error."""
    scorer = Diarisation(collar_s=collar_s)
    whole = scorer.count(truth, found, intervals([(0.0, SCORED_S)])).counts
    wrong = whole["missed"] + whole["false"] + whole["confused"]
    parts = [scorer.count(truth, found, block).counts for block in _blocks()]
    rows = np.array([(p["missed"] + p["false"] + p["confused"], p["total"]) for p in parts])
    extra = (wrong - rows[:, 0].sum()) * rows[:, 1] / max(rows[:, 1].sum(), 1e-9)
    return np.stack([rows[:, 0] + extra, rows[:, 1]], axis=1)


def _line(name: str, rows: np.ndarray) -> str:
    """Share in per cent with its interval."""
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(rows), (_DRAWS, len(rows)))
    sums = rows[picks].sum(axis=1)
    shares = 100 * sums[:, 0] / np.maximum(sums[:, 1], 1e-9)
    low, high = np.percentile(shares, [2.5, 97.5])
    whole = 100 * rows[:, 0].sum() / max(rows[:, 1].sum(), 1e-9)
    return f"  {name:28s} {whole:6.1f} %  [{low:.1f}, {high:.1f}]"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Score voices on annotated recordings.")
    parser.add_argument("shared", nargs="?", type=Path, default=Path("../shared"))
    speech = parser.parse_args().shared / "data/speech"
    scored = [score(clip, speech) for clip in CLIPS]
    for one in scored:
        print(f"{one.name}: {one.voices} voices")
        for name, rows in one.rows.items():
            print(_line(name, rows))
    meetings = [one for one in scored if one.name.startswith("ami")]
    print("ami together")
    for name in meetings[0].rows:
        print(_line(name, np.concatenate([one.rows[name] for one in meetings])))


if __name__ == "__main__":
    main()
