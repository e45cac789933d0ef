"""Truth items of a suite to what they say of the lesson."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from classwatch.core.errors import InputError, UsageError
from classwatch.core.events import Event, EventKind
from classwatch.core.labels import role_of_label
from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript, Turn
from classwatch.core.time import intervals, normalise
from classwatch.evaluate import truth_items as items
from classwatch.evaluate import truth_pictures as pictures
from classwatch.evaluate.artifacts import read_truth_folder
from classwatch.evaluate.material import Material, merged
from classwatch.exchange.boris import read_boris
from classwatch.exchange.eaf import Tier, read_eaf
from classwatch.exchange.intervals import Labelled, read_intervals
from classwatch.exchange.rttm import read_rttm, read_uem
from classwatch.exchange.stm import read_stm, read_trn
from classwatch.exchange.transcripts import guess_language, read_transcript

Resolve = Callable[[str], Path]
_PATHS = ("path", "uem")


def read_truth(given: Sequence[items.TruthItem], resolve: Resolve, place: str) -> Material:
    """Everything that the items say, put together.

    ``resolve`` turns the suite's paths into files. Raises InputError where a file is not what the
    item says, UsageError naming ``place`` where two items contradict each other.
    """
    return merged((_read(item, resolve) for item in given), place)


def missing_files(given: Iterable[items.TruthItem], resolve: Resolve) -> tuple[Path, ...]:
    """Files that the items name and that are not there."""
    named = [getattr(item, name, "") for item in given for name in _PATHS]
    return tuple(path for text in named if text and not (path := resolve(text)).exists())


def _read(item: Any, resolve: Resolve) -> Material:
    readers: Mapping[type[Any], Callable[[Any, Resolve], Material]] = {
        items.FolderTruth: lambda i, r: read_truth_folder(r(i.path)),
        items.RttmTruth: _rttm,
        items.SpeechTruth: _speech,
        items.TranscriptTruth: _transcript,
        items.StmTruth: _stm,
        items.TrnTruth: _trn,
        items.TextTruth: lambda i, r: _text(i.text, i.language),
        items.EafTruth: _eaf,
        items.BorisTruth: _boris,
        items.CodesTruth: _codes,
        items.CocoTruth: pictures.coco,
        items.CocoSeriesTruth: pictures.coco_series,
        items.YoloTruth: pictures.yolo,
        items.PeopleLinesTruth: pictures.people_lines,
        items.CountTruth: pictures.count,
    }
    return readers[type(item)](item, resolve)


# ---------------------------------------------------------------- speech


def _rttm(item: items.RttmTruth, resolve: Resolve) -> Material:
    path = resolve(item.path)
    by_name = read_rttm(path, roles=item.roles)
    name = _chosen(item.recording, tuple(by_name), path)
    turns = by_name.get(name, ())
    scored = None
    if item.uem:
        parts = read_uem(resolve(item.uem))
        if name not in parts:
            raise InputError(
                f"does not say which parts of {name} were annotated",
                subject=str(resolve(item.uem)),
                remedy=f"recordings here: {', '.join(sorted(parts)[:10])}",
            )
        scored = parts[name]
    return _spoken(turns, scored=scored)


def _chosen(wanted: str, names: Sequence[str], path: Path) -> str:
    """The recording meant; one that is not in an RTTM file has no speech in it."""
    if wanted:
        return wanted
    if len(names) == 1:
        return names[0]
    raise InputError(
        f"speaks of {len(names)} recordings, expected one",
        subject=str(path),
        remedy=f"say which as `recording:`; here: {', '.join(names[:10])}",
    )


def _spoken(turns: Sequence[Turn], **more: Any) -> Material:
    ordered = tuple(sorted(turns, key=lambda t: (t.start_s, t.end_s, t.speaker)))
    speech = normalise(intervals((t.start_s, t.end_s) for t in ordered))
    return Material(turns=ordered, speech=speech, **more)


def _speech(item: items.SpeechTruth, resolve: Resolve) -> Material:
    within = normalise(intervals(item.within)) if item.within else None
    return Material(speech=normalise(intervals(item.speech)), scored=within)


def _transcript(item: items.TranscriptTruth, resolve: Resolve) -> Material:
    return _worded(read_transcript(resolve(item.path)), item.roles, turns=item.turns)


def _stm(item: items.StmTruth, resolve: Resolve) -> Material:
    return _worded(read_stm(resolve(item.path), item.recording), item.roles, turns=item.turns)


def _worded(transcript: Transcript, roles: Mapping[str, SpeakerRole], *, turns: bool) -> Material:
    segments = tuple(
        replace(s, role=roles.get(s.speaker) or role_of_label(s.speaker))
        for s in transcript.segments
    )
    known = replace(transcript, segments=segments, origin=Origin.ANNOTATED)
    if not turns:
        return Material(transcript=known)
    spoken = [Turn(s.start_s, s.end_s, s.role, s.speaker, 1.0, Origin.ANNOTATED) for s in segments]
    return replace(_spoken(spoken), transcript=known)


def _trn(item: items.TrnTruth, resolve: Resolve) -> Material:
    texts = read_trn(resolve(item.path))
    if item.utterance not in texts:
        raise InputError(
            f"has no utterance {item.utterance!r}",
            subject=str(resolve(item.path)),
            remedy=f"utterances here: {', '.join(sorted(texts)[:10])}",
        )
    return _text(texts[item.utterance], "")


def _text(text: str, language: str) -> Material:
    language = language or guess_language(text)
    segment = Segment(0.0, 0.0, text, language=language)
    return Material(
        transcript=Transcript((segment,), language, Origin.ANNOTATED), untimed_text=True
    )


# ---------------------------------------------------------------- codings


def _eaf(item: items.EafTruth, resolve: Resolve) -> Material:
    path = resolve(item.path)
    tiers = {tier.name: tier for tier in read_eaf(path).tiers}
    for name in (*item.turns, *item.codes, *item.labels):
        if name not in tiers:
            raise InputError(
                f"has no tier {name!r}",
                subject=str(path),
                remedy=f"tiers here: {', '.join(tiers)}",
            )
    whole = Material(codes=_coded(tiers, item))
    if item.turns:
        whole = merged([whole, _tier_turns(tiers, item)], str(path))
    if item.events:
        named = {k.value: k for k in EventKind if k.value in tiers}
        events = [
            Event(kind, a.start_s, a.end_s, "", -1, 1.0, origin=Origin.ANNOTATED)
            for name, kind in named.items()
            for a in tiers[name].annotations
        ]
        whole = replace(whole, events=tuple(sorted(events, key=lambda e: (e.start_s, e.kind))))
    return whole


def _coded(tiers: Mapping[str, Tier], item: items.EafTruth) -> dict[str, Any]:
    found: dict[str, list[Labelled]] = {}
    for tier, stream in item.codes.items():
        found.setdefault(stream, []).extend(
            Labelled(a.start_s, a.end_s, item.labels.get(tier, a.text), tier)
            for a in tiers[tier].annotations
        )
    return {stream: tuple(sorted(rows)) for stream, rows in found.items()}


def _tier_turns(tiers: Mapping[str, Tier], item: items.EafTruth) -> Material:
    spoken = [
        (Turn(a.start_s, a.end_s, role, name, 1.0, Origin.ANNOTATED), a.text)
        for name, role in item.turns.items()
        for a in tiers[name].annotations
        if a.end_s > a.start_s
    ]
    material = _spoken([turn for turn, _ in spoken])
    if not item.words:
        return material
    segments = tuple(
        sorted(
            (
                Segment(t.start_s, t.end_s, text, role=t.role, speaker=t.speaker)
                for t, text in spoken
                if text.strip()
            ),
            key=lambda s: (s.start_s, s.end_s),
        )
    )
    language = guess_language(" ".join(s.text for s in segments))
    return replace(material, transcript=Transcript(segments, language, Origin.ANNOTATED))


def _boris(item: items.BorisTruth, resolve: Resolve) -> Material:
    path = resolve(item.path)
    found = read_boris(path, item.observation)
    if len(found) != 1:
        raise InputError(
            f"holds {len(found)} observations, expected one",
            subject=str(path),
            remedy=f"say which as `observation:`; here: {', '.join(o.name for o in found)}",
        )
    return Material(codes={item.codes: _renamed(found[0].events, item.rename)})


def _renamed(rows: Iterable[Labelled], names: Mapping[str, str]) -> tuple[Labelled, ...]:
    return tuple(sorted(replace(row, label=names.get(row.label, row.label)) for row in rows))


def _codes(item: items.CodesTruth, resolve: Resolve) -> Material:
    path = resolve(item.path)
    rows = _renamed(read_intervals(path, item.label_column), item.rename)
    if item.as_ == "codes":
        return Material(codes={item.codes: rows})
    if item.as_ == "events":
        return Material(events=tuple(_event(row, item.stream, path) for row in rows))
    turns = [
        Turn(
            row.start_s,
            row.end_s,
            item.roles.get(row.who or row.label) or role_of_label(row.who or row.label),
            row.who or row.label,
            1.0,
            Origin.ANNOTATED,
        )
        for row in rows
        if row.end_s > row.start_s
    ]
    return _spoken(turns)


def _event(row: Labelled, stream: str, path: Path) -> Event:
    try:
        kind = EventKind(row.label)
    except ValueError:
        raise UsageError(
            f"{row.label!r} is no kind of event",
            subject=str(path),
            remedy=f"kinds: {', '.join(EventKind)}; `rename:` maps other names to them",
        ) from None
    return Event(kind, row.start_s, row.end_s, stream, -1, 1.0, origin=Origin.ANNOTATED)
