"""Every truth file of a lesson as bytes, in the layout of an analysed lesson's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from classwatch import __version__
from classwatch.config.schema import MetricsConfig
from classwatch.core.measures import Measure
from classwatch.core.time import Interval
from classwatch.exchange.eaf import Annotation
from classwatch.exchange.rttm import rttm_text, uem_text
from classwatch.exchange.subtitles import to_srt, to_vtt
from classwatch.simulate.script import Script
from classwatch.simulate.sound.truth import other_sounds
from classwatch.simulate.timeline import Timeline
from classwatch.simulate.truth.annotations import codes, lesson_eaf, phases
from classwatch.simulate.truth.measures import PictureTruth, SpeechTruth, true_measures
from classwatch.simulate.truth.streams import MediaStream
from classwatch.store import convert
from classwatch.store.documents import MEASURES, TRANSCRIPT, document_bytes
from classwatch.store.lesson_folder import LESSON_FILE
from classwatch.store.parquet import table_bytes
from classwatch.store.records import LESSON, InputRecord, LessonRecord
from classwatch.store.sheets import csv_bytes, csv_of_rows

Files = dict[str, bytes]


def speech_files(timeline: Timeline, speech: SpeechTruth, media: Sequence[MediaStream]) -> Files:
    """turns.parquet, transcript.{json,srt,vtt}, RTTM, UEM, EAF and intervals.csv by file name."""
    lesson_id = timeline.script.lesson_id
    words = speech.transcript
    span = Interval(0.0, timeline.duration_s)
    beside = [f"../{stream.file}" for stream in media]
    return {
        "turns.parquet": table_bytes(convert.turns_table(speech.turns), lesson_id),
        "transcript.json": document_bytes(TRANSCRIPT, words),
        "transcript.srt": to_srt(words).encode(),
        "transcript.vtt": to_vtt(words).encode(),
        "turns.rttm": rttm_text(speech.turns, lesson_id).encode(),
        "lesson.uem": uem_text([span], lesson_id).encode(),
        "lesson.eaf": lesson_eaf(timeline, words, beside).encode(),
        "intervals.csv": csv_of_rows(_intervals(timeline, speech)),
    }


def _intervals(timeline: Timeline, speech: SpeechTruth) -> list[tuple[object, ...]]:
    """Everything that is an interval with a label: phases, codes, sounds, overlapping speech."""
    found = {"phase": phases(timeline)} | codes(timeline)
    sounds = [Annotation(s.start_s, s.end_s, s.kind.value) for s in other_sounds(timeline)]
    overlaps = [Annotation(a, b, "overlap") for a, b in speech.overlap.tolist()]
    found |= {"sound": sounds, "overlap": overlaps}
    head: list[tuple[object, ...]] = [("tier", "start_s", "end_s", "label")]
    return head + [(t, a.start_s, a.end_s, a.text) for t, own in found.items() for a in own]


def measure_files(
    timeline: Timeline, speech: SpeechTruth, pictures: Sequence[PictureTruth]
) -> Files:
    """measures.{json,parquet,csv} by file name."""
    measures: tuple[Measure, ...] = true_measures(timeline, speech, pictures)
    table = convert.measures_table(measures)
    lesson_id = timeline.script.lesson_id
    return {
        "measures.json": document_bytes(MEASURES, measures),
        "measures.parquet": table_bytes(table, lesson_id),
        "measures.csv": csv_bytes(table, lesson_id),
    }


def lesson_file(
    timeline: Timeline, inputs: Sequence[InputRecord], digests: Mapping[str, str]
) -> Files:
    """lesson.json, which says that the folder is complete; ``digests`` are of its other files."""
    record = LessonRecord(
        lesson_id=timeline.script.lesson_id,
        metadata=dict(timeline.script.metadata),
        span=Interval(0.0, timeline.duration_s),
        inputs=tuple(inputs),
        config={"metrics": MetricsConfig().model_dump(mode="json")},
        versions={"classwatch": __version__},
        files=dict(digests),
    )
    return {LESSON_FILE: document_bytes(LESSON, record)}


def input_record(stream: MediaStream, path: Path, sha256: str) -> InputRecord:
    """A made media file as the input of an analysis."""
    return InputRecord(
        stream=stream.name,
        role=stream.role,
        file=stream.file,
        sha256=sha256,
        size_bytes=path.stat().st_size,
    )


def manifest_text(script: Script, media: Sequence[MediaStream]) -> str:
    """``lesson.yaml`` as ``classwatch analyze`` reads it."""
    import yaml

    entry: dict[str, object] = {
        "lesson_id": script.lesson_id,
        "files": [{"path": s.file, "role": s.role.value, "offset_s": 0} for s in media],
    }
    entry |= {k: v for k, v in script.metadata.items() if k not in entry}
    entry["consent"] = "not needed (everyone in it is invented)"
    text: str = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=100)
    return "# A manifest: `classwatch analyze lesson.yaml --out results`.\n" + text
