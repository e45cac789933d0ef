"""Sampled pictures to keypoints: decoding and the model side by side, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config import PoseConfig
from classwatch.core.issues import Issue, Severity
from classwatch.core.lesson import StreamSpec
from classwatch.core.media import Frame, MediaInfo, StreamRole
from classwatch.core.pose import Detections, PoseSeries
from classwatch.core.shots import Looks
from classwatch.media.looks import look
from classwatch.media.plan import Chunk, DecodePlan, plan_decoding
from classwatch.media.shots import setup_of_each
from classwatch.media.video import sample_frames
from classwatch.models.shipped import BODY_JOINTS, CLASSPOSE, shipped
from classwatch.pipeline.fanout import fan_out
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.media import read_media
from classwatch.store.artifacts import load_document, load_poses, save_document, save_poses
from classwatch.store.documents import DocumentSchema
from classwatch.store.looks import save_looks
from classwatch.store.motion import save_mouths
from classwatch.vision.closer import look_closer, stacked
from classwatch.vision.engine import EngineInfo, PoseEngine, open_engine
from classwatch.vision.joints import PHOTOGRAPHS_UNDER_PX, JointReader
from classwatch.vision.mouths import MouthWatch
from classwatch.vision.occupancy import put_back, seated_in_each
from classwatch.vision.tiles import (
    Surveyed,
    Tile,
    TilePlan,
    places_of,
    plan_tiles,
    survey_price,
    survey_tiles,
)

_MOST_PX = 2560
"""Longer side of the pictures that are looked at closely; larger recordings are reduced to it."""
_MOST_REPEATED = 0.5
"""What looking everywhere now and then may take from the price of the crops; a recording so short
that it would take more is looked at everywhere when the crops are chosen, and then no more."""
_EVERYWHERE_CHUNKS = 3
"""Everywhere is looked at in the first picture of every so many chunks."""
_SURVEY_LOOKS = 12
_SURVEY_STRIDE = 5
"""Pictures looked at closely everywhere, and how far apart they lie within one chunk."""


@dataclass(frozen=True, slots=True)
class PoseRecord:
    """How the pictures were read. ``measured`` is False when there was no picture or no model.

    ``gestures`` says whether the model's points are exact enough for what arms do.
    """

    measured: bool
    engine: EngineInfo | None
    decoding: str
    every_s: float
    width_px: int
    height_px: int
    gestures: bool
    crops: TilePlan | None = None
    """The crops that were looked at besides the whole pictures; None where none were planned."""
    joints: bool = False
    """Whether each body was looked at once more for its joints."""


POSE_RECORD: DocumentSchema[PoseRecord] = DocumentSchema(
    "pose", 5, PoseRecord, "How pictures became keypoints."
)


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """One chunk's work, for one worker."""

    path: Path
    plan: DecodePlan
    chunk: Chunk
    model: Path | None
    """None: nobody is looked for, as on a screen."""
    pose: PoseConfig
    device: str
    crops: TilePlan | None = None
    everywhere: bool = False
    """Whether the first picture is looked at everywhere besides."""
    stride: int = 1
    """Of a survey: only every so many pictures are looked at."""
    joints: Path | None = None
    """The network that looks at each body again; None: nobody is."""
    joints_under_px: float = math.inf
    """Height of a body in the recording from which it is not looked at again."""


def read_pose_record(folder: Path) -> PoseRecord:
    """How the pose stage in ``folder`` went."""
    return load_document(folder, POSE_RECORD)


def run_pose(context: StageContext) -> None:
    """Looks of the sampled pictures of one stream, keypoints of everyone in them, moving mouths.

    All on the stream's own clock. On a screen nobody is looked for.
    """
    info = read_media(context.inputs[f"media:{context.stream}"])
    model = context.models.get("pose")
    every_s = float(context.settings["every_s"])
    screen = context.stream_spec().role is StreamRole.SCREEN
    if info.video is None or (model is None and not screen):
        if info.video is not None:
            context.report(_no_model(context))
        _write_nothing(context, info, every_s)
        return
    joints, own = "joints_model" in context.settings, model is None or model.name == CLASSPOSE
    shown = model is not None and (joints or not own)
    if model is not None and own:
        context.report(_small_model(context))
    plan = plan_decoding(
        context.stream_spec().path,
        info,
        every_s=every_s,
        chunk_s=context.config.media.chunk_s,
        skip=context.config.media.skip,
    )
    pose = PoseConfig.model_validate(context.settings["pose"])
    path = context.stream_spec().path
    weights = None if model is None else model.path
    whole = _Piece(path, plan, plan.chunks[0], weights, pose, context.device)
    closer = _survey(context, whole)
    again = everywhere_price(plan, pose.input_px) > 0
    pieces = [
        replace(
            whole,
            chunk=chunk,
            crops=closer,
            everywhere=again and number % _EVERYWHERE_CHUNKS == 0,
            joints=shipped(BODY_JOINTS).path if joints else None,
            joints_under_px=math.inf if own else PHOTOGRAPHS_UNDER_PX,
        )
        for number, chunk in enumerate(plan.chunks)
    ]
    parts = list(_run_pieces(context, pieces))
    engine = next((part.engine for part in parts), None)
    series = _joined(parts, info, every_s)
    looks = Looks.of(series.frame_times_s, [one for part in parts for one in part.looks])
    save_looks(context.out, looks)
    seated = seated_in_each(series, setup_of_each(looks), pose.min_score)
    save_poses(context.out, context.stream, seated)
    save_mouths(context.out, _mouths_of(seated, series, [one for p in parts for one in p.mouths]))
    parts.clear()
    record = PoseRecord(
        model is not None,
        engine,
        _described(plan, closer),
        every_s,
        *series.size_px,
        gestures=shown,
        crops=closer,
        joints=joints,
    )
    save_document(context.out, POSE_RECORD, record)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What one piece gave: times (f,) and people counted (f,) per picture, all people stacked."""

    times_s: NDArray[np.float64]
    counts: NDArray[np.int64]
    people: Detections
    engine: EngineInfo | None
    looks: list[NDArray[np.uint8]]
    mouths: list[NDArray[np.float32]]


def _mouths_of(
    seated: PoseSeries, series: PoseSeries, mouths: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """The mouths of ``series`` for those of it who are ``seated``; NaN for whoever was put back."""
    found = np.full(len(seated.people), np.nan, np.float32)
    told = np.concatenate([np.zeros(0, np.float32), *mouths])
    first, last = (np.searchsorted(seated.frame, series.frame, side) for side in ("left", "right"))
    silent = put_back(seated.people)
    for row in np.flatnonzero(~np.isnan(told)).tolist():
        there = slice(first[row], last[row])
        same = (seated.people.boxes_px[there] == series.people.boxes_px[row]).all(axis=1)
        found[there][same & ~silent[there]] = told[row]
    return found


def _described(plan: DecodePlan, crops: TilePlan | None) -> str:
    if crops is None or not crops.tiles:
        return plan.reason
    return f"{plan.reason}; {len(crops.tiles)} crops, {crops.cost:.2f} times one picture's cost"


def _survey(context: StageContext, whole: _Piece) -> TilePlan | None:
    """Where to look closer, from a few pictures all through the recording.

    None where the model sees every pixel of the recording anyway. A fixed choice of pictures, so
    the plan depends on the file and the settings alone.
    """
    size_px = _fitted(whole.plan.size_px)
    if whole.model is None or whole.pose.tiles == "none" or max(size_px) <= whole.pose.input_px:
        return None
    pieces = [replace(whole, chunk=c, stride=stride) for c, stride in _survey_chunks(whole.plan)]
    found = fan_out(_look_everywhere, pieces, workers=_workers(context), subject=str(whole.path))
    places = places_of([survey for part in found for survey in part])
    left = whole.pose.most_cost - everywhere_price(whole.plan, whole.pose.input_px)
    return plan_tiles(places, size_px, whole.pose.input_px, left)


def everywhere_price(plan: DecodePlan, input_px: int) -> float:
    """What looking everywhere now and then costs each picture, in whole pictures; 0 where it is
    not done."""
    times = -(-len(plan.chunks) // _EVERYWHERE_CHUNKS)
    price = survey_price(_fitted(plan.size_px), input_px) * times / max(plan.chunks[-1].last, 1)
    return price if price <= _MOST_REPEATED else 0.0


def _survey_chunks(plan: DecodePlan) -> list[tuple[Chunk, int]]:
    """The beginnings of chunks spread over the recording, and the stride of looks in each."""
    used = min(len(plan.chunks), _SURVEY_LOOKS)
    looks = -(-_SURVEY_LOOKS // used)
    chosen = np.linspace(0, len(plan.chunks) - 1, used).round().astype(int).tolist()
    beginnings = []
    for chunk in (plan.chunks[number] for number in chosen):
        stride = max(1, min(_SURVEY_STRIDE, (chunk.last - chunk.first) // looks))
        last = min(chunk.last, chunk.first + (looks - 1) * stride + 1)
        beginnings.append((Chunk(chunk.first, last, chunk.seek_s), stride))
    return beginnings


def _look_everywhere(piece: _Piece) -> list[Surveyed]:
    """The people in every ``stride``-th picture, all of it seen enlarged."""
    engine = _engine(piece)
    assert engine is not None
    surveys = []
    frames = sample_frames(piece.path, piece.plan, piece.chunk, fit_px=_MOST_PX)
    for number, frame in enumerate(frames):
        if number % piece.stride == 0:
            everywhere = survey_tiles((frame.rgb.shape[1], frame.rgb.shape[0]), piece.pose.input_px)
            whole = engine.detect([frame.rgb])[0].sure(piece.pose.min_score)
            people = look_closer(engine, frame.rgb, whole, everywhere).sure(piece.pose.min_score)
            surveys.append(Surveyed.compare(people.boxes_px, whole.boxes_px))
    return surveys


def _fitted(size_px: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, _MOST_PX / max(size_px))
    return max(1, round(size_px[0] * scale)), max(1, round(size_px[1] * scale))


def _workers(context: StageContext) -> int:
    return 1 if context.device != "cpu" else context.workers


def _run_pieces(context: StageContext, pieces: list[_Piece]) -> Iterator[_Part]:
    subject = str(context.stream_spec().path)
    parts = fan_out(_work, pieces, workers=_workers(context), subject=subject)
    for done, part in enumerate(parts, start=1):
        yield part
        context.progress(done / len(pieces))


_engines: dict[tuple[Any, ...], PoseEngine] = {}


def _engine(piece: _Piece) -> PoseEngine | None:
    """One engine per worker process, opened at its first piece."""
    if piece.model is None:
        return None
    key = (piece.model, piece.pose, piece.device)
    if key not in _engines:
        # Those of little certainty are judged by their seats, when all pictures are known.
        least = min(piece.pose.min_score, piece.pose.seat_score)
        lower = piece.pose.model_copy(update={"min_score": least})
        _engines[key] = open_engine(piece.model, lower, threads=1, device=piece.device)
    return _engines[key]


_readers: dict[Path, JointReader] = {}


def _reader(piece: _Piece) -> JointReader | None:
    """One reader of joints per worker process, like its engine."""
    if piece.joints is None:
        return None
    if piece.joints not in _readers:
        _readers[piece.joints] = JointReader(piece.joints)
    return _readers[piece.joints]


def _work(piece: _Piece) -> _Part:
    engine = _engine(piece)
    batch_size = 1 if piece.device == "cpu" else 32
    times: list[float] = []
    found: list[Detections] = []
    looks: list[NDArray[np.uint8]] = []
    mouths: list[NDArray[np.float32]] = []
    watch = MouthWatch()
    batch: list[Frame] = []

    def flush() -> None:
        seen = _detected(engine, piece, batch, first=not times)
        for frame, people in zip(batch, seen, strict=True):
            times.append(frame.time_s)
            found.append(_full_size(people, frame.scale))
            looks.append(look(frame.rgb))
            mouths.append(watch.look(frame.rgb, people))
        batch.clear()

    hardware = "cuda" if piece.device.startswith("cuda") else ""
    closer = piece.crops is not None and piece.crops.tiles
    fit_px = _MOST_PX if closer else piece.pose.input_px
    for frame in sample_frames(
        piece.path, piece.plan, piece.chunk, fit_px=fit_px, hardware=hardware
    ):
        batch.append(frame)
        if len(batch) == batch_size:
            flush()
    if batch:
        flush()
    counts = np.array([len(people) for people in found], np.int64)
    info = None if engine is None else engine.info
    return _Part(np.asarray(times, np.float64), counts, stacked(found), info, looks, mouths)


def _detected(
    engine: PoseEngine | None, piece: _Piece, batch: list[Frame], *, first: bool
) -> Iterator[Detections]:
    """The people of each picture, seen whole and in its crops; ``first`` of its chunk or not."""
    if engine is None:
        yield from [Detections.empty()] * len(batch)
        return
    whole, reader = engine.detect([frame.rgb for frame in batch]), _reader(piece)
    for number, (frame, people) in enumerate(zip(batch, whole, strict=True)):
        tiles = _tiles(piece, first=first and number == 0)
        people = look_closer(engine, frame.rgb, people, tiles)
        under_px = piece.joints_under_px * frame.scale
        yield people if reader is None else reader.look(frame.rgb, people, under_px)


def _tiles(piece: _Piece, *, first: bool) -> tuple[Tile, ...]:
    """The crops of one picture, ``first`` of its chunk or not."""
    if piece.crops is None or not piece.crops.tiles:
        return ()
    if not (first and piece.everywhere):
        return piece.crops.tiles
    return (*piece.crops.tiles, *survey_tiles(piece.crops.size_px, piece.pose.input_px))


def _full_size(people: Detections, scale: float) -> Detections:
    keypoints = people.keypoints.copy()
    keypoints[:, :, :2] /= scale
    return Detections(people.boxes_px / np.float32(scale), people.scores, keypoints)


def _joined(parts: list[_Part], info: MediaInfo, every_s: float) -> PoseSeries:
    assert info.video is not None
    counts = np.concatenate([np.zeros(0, np.int64), *(part.counts for part in parts)])
    return PoseSeries(
        frame_times_s=np.concatenate([np.zeros(0), *(part.times_s for part in parts)]),
        frame=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        people=stacked([part.people for part in parts]),
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
        "the pictures were read with the small pose model that comes with the program; it has "
        "learnt from simulated classrooms alone, so people and arms in real rooms may be missed",
        remedy="run `classwatch models pull yolo11n-pose`, or carry a model over and run "
        "`classwatch models import FILE`, and analyse again",
        detail={"stream": context.stream},
    )


def _write_nothing(context: StageContext, info: MediaInfo, every_s: float) -> None:
    size = (info.video.width_px, info.video.height_px) if info.video else (0, 0)
    empty = PoseSeries(np.zeros(0), np.zeros(0, np.int32), Detections.empty(), size, every_s)
    save_poses(context.out, context.stream, empty)
    save_looks(context.out, Looks.of(np.zeros(0), []))
    save_mouths(context.out, np.zeros(0, np.float32))
    record = PoseRecord(False, None, "", every_s, *size, gestures=False)
    save_document(context.out, POSE_RECORD, record)


def read_series(folder: Path, stream: StreamSpec) -> PoseSeries:
    """The stored series of a pose stage, on the lesson clock."""
    series = load_poses(folder)
    return replace(series, frame_times_s=stream.lesson_s(series.frame_times_s))
