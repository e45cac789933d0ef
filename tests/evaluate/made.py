"""Small lessons with truth and results, made for these tests through the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from classwatch.core.code_rows import CodeRow
from classwatch.core.events import Event
from classwatch.core.issues import Issue
from classwatch.core.measures import Measure
from classwatch.core.media import StreamRole
from classwatch.core.people import Tracks
from classwatch.core.pose import Detections, PoseSeries
from classwatch.core.speech import Origin, SpeakerRole, Transcript, Turn
from classwatch.core.time import Interval
from classwatch.store import convert
from classwatch.store.documents import MEASURES, TRANSCRIPT, document_bytes
from classwatch.store.lesson_folder import publish_lesson
from classwatch.store.parquet import table_bytes
from classwatch.store.records import InputRecord, LessonRecord, ModelRecord

T, S, SS, U = SpeakerRole.TEACHER, SpeakerRole.STUDENT, SpeakerRole.STUDENTS, SpeakerRole.UNKNOWN
SPAN = Interval(0.0, 20.0)
MODEL = ModelRecord("pose", "made-up", "a" * 64)


def turn(start_s: float, end_s: float, role: SpeakerRole, speaker: str = "") -> Turn:
    """A turn whose speaker is its role unless named."""
    return Turn(start_s, end_s, role, speaker or role.value, 1.0, Origin.PREDICTED)


def boxes(*rows: Sequence[tuple[float, float, float, float]], step_s: float = 1.0) -> PoseSeries:
    """A series of one picture per argument, each with its boxes; keypoints in their middle."""
    frame = np.repeat(np.arange(len(rows)), [len(r) for r in rows]).astype(np.int32)
    flat = np.array([b for r in rows for b in r], np.float32).reshape(-1, 4)
    middle = (flat[:, None, :2] + flat[:, None, 2:]) / 2
    keypoints = np.concatenate(
        [np.repeat(middle, 17, axis=1), np.ones((len(flat), 17, 1), np.float32)], axis=2
    )
    people = Detections(flat, np.ones(len(flat), np.float32), keypoints.astype(np.float32))
    return PoseSeries(np.arange(len(rows)) * step_s, frame, people, (640, 360), step_s)


def write_results(
    out: Path,
    lesson_id: str,
    *,
    turns: Sequence[Turn] | None = None,
    series: PoseSeries | None = None,
    tracks: Tracks | None = None,
    events: Sequence[Event] | None = None,
    transcript: Transcript | None = None,
    measures: Sequence[Measure] | None = None,
    codes: Sequence[CodeRow] | None = None,
    issues: tuple[Issue, ...] = (),
    span: Interval = SPAN,
) -> Path:
    """A lesson folder as an analysis publishes it."""
    files: dict[str, bytes | Path] = {}
    if turns is not None:
        files["turns.parquet"] = table_bytes(convert.turns_table(turns), lesson_id)
    if series is not None:
        pieces = list(convert.poses_pieces("cam", series))
        files["poses.parquet"] = table_bytes(pieces[0], lesson_id)
        files["frames.parquet"] = table_bytes(convert.frames_table("cam", series), lesson_id)
    if series is not None and tracks is not None:
        table = convert.tracks_table("cam", series, tracks)
        files["tracks.parquet"] = table_bytes(table, lesson_id)
    if codes is not None:
        files["codes.parquet"] = table_bytes(convert.codes_table(codes), lesson_id)
    if events is not None:
        files["events.parquet"] = table_bytes(convert.events_table(events), lesson_id)
    if transcript is not None:
        files["transcript.json"] = document_bytes(TRANSCRIPT, transcript)
    if measures is not None:
        files["measures.json"] = document_bytes(MEASURES, tuple(measures))
    record = LessonRecord(
        lesson_id=lesson_id,
        metadata={},
        span=span,
        inputs=(InputRecord("cam", StreamRole.STUDENT_CAM, "a.mp4", "0" * 64, 1),),
        config={},
        versions={},
        models=(MODEL,),
        issues=issues,
    )
    return publish_lesson(out, record, files)


def rttm(path: Path, *lines: tuple[float, float, str], name: str = "a") -> Path:
    """An RTTM file of start, end, label."""
    path.write_text(
        "".join(
            f"SPEAKER {name} 1 {start_s} {end_s - start_s:.3f} <NA> <NA> {label} <NA> <NA>\n"
            for start_s, end_s, label in lines
        ),
        encoding="utf-8",
    )
    return path


def tiny_suite(folder: Path, *, more: str = "") -> Path:
    """Two lessons of talk; see ``test_evaluate.py`` for the sums."""
    rttm(folder / "a.rttm", (0, 10, "T"), (10, 14, "S1"))
    rttm(folder / "b.rttm", (0, 6, "T"), name="b")
    write_results(folder / "runs", "a", turns=[turn(0, 8, T), turn(8, 14, S)])
    write_results(folder / "runs", "b", turns=[turn(0, 6, S)])
    path = folder / "suite.yaml"
    path.write_text(
        "name: tiny\n"
        "scores: [speech.roles]\n"
        "lessons:\n"
        "  - {id: a, truth: [{kind: rttm, path: a.rttm}]}\n"
        "  - {id: b, truth: [{kind: rttm, path: b.rttm}]}\n" + more,
        encoding="utf-8",
    )
    return path
