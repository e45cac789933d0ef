"""What the recording lets one say: sound, pictures, words, and the findings about them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from classwatch.core.issues import Issue, Severity
from classwatch.core.people import ClassPictures
from classwatch.core.speech import Origin, RoleEvidence, SpeakerRole, SpeechActivity, Transcript
from classwatch.core.time import intervals, total_s, union
from classwatch.report.figures import gate_line
from classwatch.report.model import ReportInput, StreamItem
from classwatch.report.words import Words, blanks, fill, plain, seconds, share

_ORDER = {Severity.ABSTAINED: 0, Severity.WARNING: 1, Severity.INFO: 2}
CLEAR_DB, USABLE_DB = 15.0, 6.0
"""Speech this far above the noise is called clear, or at least usable."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a fact sheet."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One part of the recording. ``missing`` is said instead of facts."""

    title: str
    facts: tuple[Fact, ...]
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One issue in words."""

    severity: str
    label: str
    text: str
    remedy: str
    foreign: bool
    """The text is English although the report is not."""


@dataclass(frozen=True, slots=True)
class Check:
    """A condition: ``state`` met, missed or unknown, in words, and the value with its limit."""

    rule: str
    state: str
    outcome: str
    found: str


@dataclass(frozen=True, slots=True)
class Voice:
    """Why one voice was given its role."""

    speaker: str
    role: str
    confidence: str
    rule: str
    features: tuple[Fact, ...]


def sheets(report: ReportInput, say: Words) -> tuple[Sheet, ...]:
    """Sound, words, then one sheet for every stream."""
    sound = (
        Sheet(say("quality.sound"), _sound(report, report.activity, say))
        if report.activity is not None
        else Sheet(say("quality.sound"), (), say("quality.no_sound"))
    )
    text = (
        Sheet(say("quality.words"), _words(report.transcript, say))
        if report.transcript is not None and report.transcript.segments
        else Sheet(say("quality.words"), (), say("quality.no_words"))
    )
    counts = {p.stream: p for p in report.pictures}
    streams = tuple(_stream(s, counts.get(s.name), say) for s in report.media)
    if not any(s.info and s.info.video for s in report.media) and not report.pictures:
        streams += (Sheet(say("quality.picture"), (), say("quality.no_picture")),)
    return (sound, text, *streams)


def findings(issues: tuple[Issue, ...], say: Words) -> tuple[Finding, ...]:
    """The issues, most limiting first, each once."""
    ordered = sorted(issues, key=lambda i: _ORDER[i.severity])
    return tuple(dict.fromkeys(_finding(i, say) for i in ordered))


def voices(evidence: tuple[RoleEvidence, ...], say: Words) -> tuple[Voice, ...]:
    """The written-down grounds for every voice's role."""
    return tuple(
        Voice(
            e.speaker,
            say.name("role", e.role.value),
            share(e.confidence),
            say.foreign(e.rule),
            tuple(Fact(say.name("feature", name), plain(value)) for name, value in e.features),
        )
        for e in evidence
    )


def checks(report: ReportInput, say: Words) -> tuple[Check, ...]:
    """What the sound was held against, with how it came out."""
    made = []
    for gate in report.sound_checks:
        line = gate_line(gate, report, say)
        state = "unknown" if gate.value is None else "met" if gate.passed else "missed"
        told = say("quality.check_line", found=line.found, limit=line.limit)
        rule = say.find(f"check.{gate.id}") or line.rule
        made.append(Check(rule, state, say(f"quality.check_{state}"), told))
    return tuple(made)


def _finding(issue: Issue, say: Words) -> Finding:
    text = say.find(f"issue.{issue.code}.text")
    remedy = say.find(f"issue.{issue.code}.remedy")
    if text and not blanks(text + (remedy or "")) <= issue.detail.keys():
        text = None
    return Finding(
        issue.severity.value,
        say(f"severity.{issue.severity.value}"),
        fill(text, issue.detail) if text else issue.message,
        (fill(remedy, issue.detail) if remedy else "") if text else issue.remedy,
        foreign=text is None and say.language != "en",
    )


def _sound(report: ReportInput, activity: SpeechActivity, say: Words) -> tuple[Fact, ...]:
    length_s = report.span.duration_s
    speech_s = total_s(activity.speech)
    facts = [
        Fact(
            say("quality.speech"),
            seconds(speech_s, say),
            say("quality.of_lesson", share=share(speech_s / length_s)) if length_s > 0 else "",
        )
    ]
    gap_db = activity.speech_db - activity.noise_db
    if math.isfinite(gap_db):
        band = "clear" if gap_db >= CLEAR_DB else "usable" if gap_db >= USABLE_DB else "noisy"
        facts.append(Fact(say("quality.snr"), f"{gap_db:.0f} dB", say(f"quality.snr_{band}")))
    else:
        facts.append(Fact(say("quality.snr"), "–", say("quality.snr_unknown")))
    clipped = "clean" if activity.clipped_share < 0.0005 else "clipped"
    facts.append(
        Fact(
            say("quality.clipping"),
            f"{100 * activity.clipped_share:.2f} %",
            say(f"quality.{clipped}"),
        )
    )
    return (*facts, *_roles(report, say))


def _roles(report: ReportInput, say: Words) -> list[Fact]:
    if not report.turns:
        return [Fact(say("quality.roles"), "–", say("quality.no_roles"))]
    heard = {turn.role for turn in report.turns}
    found = [say(f"role.{r.value}") for r in SpeakerRole if r in heard]
    known = _known_share(report)
    supplied = any(t.origin is not Origin.PREDICTED for t in report.turns)
    source = say("quality.roles_supplied" if supplied else "quality.roles_predicted")
    return [
        Fact(say("quality.roles"), say("list.join").join(found), source),
        Fact(
            say("quality.role_coverage"),
            "–" if known is None else share(known),
            say("quality.role_coverage_note"),
        ),
    ]


def _known_share(report: ReportInput) -> float | None:
    """Share of all heard speech, inside turns or not, that has a role."""
    every = [(t.start_s, t.end_s) for t in report.turns]
    named = [(t.start_s, t.end_s) for t in report.turns if t.role is not SpeakerRole.UNKNOWN]
    heard = intervals(every)
    if report.activity is not None:
        heard = union(heard, report.activity.speech)
    whole_s = total_s(heard)
    return total_s(intervals(named)) / whole_s if whole_s > 0 else None


def _words(transcript: Transcript, say: Words) -> tuple[Fact, ...]:
    suspect = sum(1 for s in transcript.segments if s.suspect)
    origin = say(f"origin.{transcript.origin.value}")
    return (
        Fact(say("quality.origin"), origin, transcript.model),
        Fact(say("quality.language"), say.name("language", transcript.language)),
        Fact(
            say("quality.segments"),
            plain(len(transcript.segments)),
            say("quality.suspect", n=plain(suspect)) if suspect else "",
        ),
    )


def _stream(item: StreamItem, counts: ClassPictures | None, say: Words) -> Sheet:
    title = f"{say.name('stream', item.role.value)} · {item.name}"
    if item.info is None:
        return Sheet(title, (), say("quality.unreadable"))
    facts: list[Fact] = []
    video = item.info.video
    if video is not None:
        rate = say("quality.variable") if video.variable_rate else f"{video.nominal_fps:.4g} fps"
        facts.append(
            Fact(
                say("quality.size"),
                f"{video.width_px} × {video.height_px}",
                f"{video.codec}, {rate}",
            )
        )
    elif item.role.value != "audio":
        facts.append(Fact(say("quality.picture"), say("quality.none")))
    facts.append(_tracks(item, say))
    facts.append(
        Fact(say("quality.length"), seconds(item.info.duration_s, say), _offset(item, say))
    )
    if counts is not None and len(counts.frame_times_s):
        facts += _seen(counts, say)
    return Sheet(title, tuple(facts))


def _tracks(item: StreamItem, say: Words) -> Fact:
    audio = item.info.audio if item.info else ()
    if not audio:
        return Fact(say("quality.sound"), say("quality.none"))
    first = audio[0]
    more = say("quality.tracks", n=str(len(audio))) if len(audio) > 1 else ""
    return Fact(
        say("quality.sound"),
        f"{first.codec}, {first.sample_rate_hz / 1000:g} kHz, {first.channels} ch",
        more,
    )


def _offset(item: StreamItem, say: Words) -> str:
    return say("quality.offset", n=f"{item.offset_s:+.2f}") if item.offset_s else ""


def _seen(counts: ClassPictures, say: Words) -> list[Fact]:
    students = counts.students_seen
    some = float(np.mean(students > 0))
    return [
        Fact(
            say("quality.sampling"),
            say("quality.every", n=plain(counts.every_s)),
            say("quality.pictures", n=plain(len(students))),
        ),
        Fact(
            say("quality.students"),
            say("quality.students_value", n=f"{np.median(students):.0f}", max=str(students.max())),
            say("quality.students_share", share=share(some)),
        ),
    ]
