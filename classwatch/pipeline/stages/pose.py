"""Sampled pictures to keypoints: decoding and the model side by side, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config import PoseConfig
from classwatch.core.issues import Issue, Severity
from classwatch.core.media import Frame, MediaInfo
from classwatch.core.pose import Detections, PoseSeries
from classwatch.media.plan import Chunk, DecodePlan, plan_decoding
from classwatch.media.video import sample_frames
from classwatch.pipeline.fanout import fan_out
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.media import read_media
from classwatch.store.artifacts import load_document, load_poses, save_document, save_poses
from classwatch.store.documents import DocumentSchema
from classwatch.vision.engine import EngineInfo, PoseEngine, open_engine

SHIPPED_MODEL = "classpose"
"""Registry name of the pose model that comes with the program."""


@dataclass(frozen=True, slots=True)
class PoseRecord:
    """How the pictures were read. ``measured`` is False when there was no picture or no model.

    ``gestures`` says whether the model's points are exact enough for what arms and heads do.
    """

    measured: bool
    engine: EngineInfo | None
    decoding: str
    every_s: float
    width_px: int
    height_px: int
    gestures: bool


POSE_RECORD: DocumentSchema[PoseRecord] = DocumentSchema(
    "pose", 2, PoseRecord, "How pictures became keypoints."
)


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """One chunk's work, for one worker."""

    path: Path
    plan: DecodePlan
    chunk: Chunk
    model: Path
    pose: PoseConfig
    device: str


def read_pose_record(folder: Path) -> PoseRecord:
    """How the pose stage in ``folder`` went."""
    return load_document(folder, POSE_RECORD)


def run_pose(context: StageContext) -> None:
    """Keypoints of everyone in the sampled pictures of one stream, on the stream's clock."""
    info = read_media(context.inputs[f"media:{context.stream}"])
    model = context.models.get("pose")
    every_s = float(context.settings["every_s"])
    if info.video is None or model is None:
        if info.video is not None:
            context.report(_no_model(context))
        _write_nothing(context, info, every_s)
        return
    if model.name == SHIPPED_MODEL:
        context.report(_small_model(context))
    plan = plan_decoding(
        context.stream_spec().path,
        info,
        every_s=every_s,
        chunk_s=context.config.media.chunk_s,
        skip=context.config.media.skip,
    )
    pose = PoseConfig.model_validate(context.settings["pose"])
    pieces = [
        _Piece(context.stream_spec().path, plan, chunk, model.path, pose, context.device)
        for chunk in plan.chunks
    ]
    parts = list(_run_pieces(context, pieces))
    engine = next((part.engine for part in parts), None)
    series = _joined(parts, info, every_s)
    parts.clear()
    save_poses(context.out, context.stream, series)
    gestures = model.name != SHIPPED_MODEL
    record = PoseRecord(True, engine, plan.reason, every_s, *series.size_px, gestures)
    save_document(context.out, POSE_RECORD, record)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What one piece gave: times (f,) and people counted (f,) per picture, all people stacked."""

    times_s: NDArray[np.float64]
    counts: NDArray[np.int64]
    people: Detections
    engine: EngineInfo


def _run_pieces(context: StageContext, pieces: list[_Piece]) -> Iterator[_Part]:
    workers = 1 if context.device != "cpu" else context.workers
    subject = str(context.stream_spec().path)
    for done, part in enumerate(fan_out(_work, pieces, workers=workers, subject=subject), start=1):
        yield part
        context.progress(done / len(pieces))


_engines: dict[tuple[Any, ...], PoseEngine] = {}


def _engine(piece: _Piece) -> PoseEngine:
    """One engine per worker process, opened at its first piece."""
    key = (piece.model, piece.pose, piece.device)
    if key not in _engines:
        _engines[key] = open_engine(piece.model, piece.pose, threads=1, device=piece.device)
    return _engines[key]


def _work(piece: _Piece) -> _Part:
    engine = _engine(piece)
    batch_size = 1 if piece.device == "cpu" else 32
    times: list[float] = []
    found: list[Detections] = []
    batch: list[Frame] = []

    def flush() -> None:
        for frame, people in zip(batch, engine.detect([f.rgb for f in batch]), strict=True):
            times.append(frame.time_s)
            found.append(_full_size(people, frame.scale))
        batch.clear()

    hardware = "cuda" if piece.device.startswith("cuda") else ""
    for frame in sample_frames(
        piece.path, piece.plan, piece.chunk, fit_px=piece.pose.input_px, hardware=hardware
    ):
        batch.append(frame)
        if len(batch) == batch_size:
            flush()
    if batch:
        flush()
    counts = np.array([len(people) for people in found], np.int64)
    return _Part(np.asarray(times, np.float64), counts, _stacked(found), engine.info)


def _full_size(people: Detections, scale: float) -> Detections:
    keypoints = people.keypoints.copy()
    keypoints[:, :, :2] /= scale
    return Detections(people.boxes_px / np.float32(scale), people.scores, keypoints)


def _stacked(found: list[Detections]) -> Detections:
    if not found:
        return Detections.empty()
    return Detections(
        np.concatenate([d.boxes_px for d in found]),
        np.concatenate([d.scores for d in found]),
        np.concatenate([d.keypoints for d in found]),
    )


def _joined(parts: list[_Part], info: MediaInfo, every_s: float) -> PoseSeries:
    assert info.video is not None
    counts = np.concatenate([np.zeros(0, np.int64), *(part.counts for part in parts)])
    return PoseSeries(
        frame_times_s=np.concatenate([np.zeros(0), *(part.times_s for part in parts)]),
        frame=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        people=_stacked([part.people for part in parts]),
        size_px=(info.video.width_px, info.video.height_px),
        every_s=every_s,
    )


def _no_model(context: StageContext) -> Issue:
    return Issue(
        "pose.no_model",
        Severity.ABSTAINED,
        "pose",
        "no pose model is installed; everything about the picture is left out",
        remedy="run `classwatch models pull yolo11n-pose`, or carry a model over and run "
        "`classwatch models import FILE`",
        detail={"stream": context.stream},
    )


def _small_model(context: StageContext) -> Issue:
    return Issue(
        "pose.small_model",
        Severity.INFO,
        "pose",
        "the pictures were read with the small pose model that comes with the program; it finds "
        "people, but figures about raised hands and heads are left out",
        remedy="run `classwatch models pull yolo11n-pose`, or carry a model over and run "
        "`classwatch models import FILE`, and analyse again",
        detail={"stream": context.stream},
    )


def _write_nothing(context: StageContext, info: MediaInfo, every_s: float) -> None:
    size = (info.video.width_px, info.video.height_px) if info.video else (0, 0)
    empty = PoseSeries(np.zeros(0), np.zeros(0, np.int32), Detections.empty(), size, every_s)
    save_poses(context.out, context.stream, empty)
    record = PoseRecord(False, None, "", every_s, *size, gestures=False)
    save_document(context.out, POSE_RECORD, record)


def read_series(folder: Path, offset_s: float) -> PoseSeries:
    """The stored series of a pose stage, on the lesson clock."""
    series = load_poses(folder)
    return replace(series, frame_times_s=series.frame_times_s + offset_s)
