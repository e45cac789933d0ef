"""Sampled pictures to keypoints: decoding and the model side by side, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.config import PoseConfig
from classwatch.core.issues import Issue, Severity
from classwatch.core.lesson import StreamSpec
from classwatch.core.media import MediaInfo, StreamRole
from classwatch.core.pose import Detections, PoseSeries
from classwatch.core.shots import Looks
from classwatch.media.plan import Chunk, DecodePlan, plan_decoding
from classwatch.media.shots import setup_of_each
from classwatch.models.shipped import BODY_JOINTS, CLASSPOSE, shipped
from classwatch.pipeline.fanout import fan_out
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.media import read_media
from classwatch.pipeline.stages.pose_pieces import MOST_PX, Part, Piece, look_everywhere, work
from classwatch.store.artifacts import load_document, load_poses, save_document, save_poses
from classwatch.store.documents import DocumentSchema
from classwatch.store.looks import save_looks
from classwatch.store.motion import save_glances, save_mouths
from classwatch.vision.closer import stacked
from classwatch.vision.engine import EngineInfo
from classwatch.vision.joints import PHOTOGRAPHS_UNDER_PX
from classwatch.vision.occupancy import put_back, seated_in_each
from classwatch.vision.tiles import TilePlan, places_of, plan_tiles, survey_price

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
    joints, own = "joints_model" in context.settings, model is not None and model.name == CLASSPOSE
    shown = model is not None and (joints or not own)
    if own:
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
    whole = Piece(
        path,
        plan,
        plan.chunks[0],
        weights,
        pose,
        context.device,
        joints=shipped(BODY_JOINTS).path if joints else None,
        joints_under_px=math.inf if own else PHOTOGRAPHS_UNDER_PX,
    )
    closer = _survey(context, whole)
    again = everywhere_price(plan, pose.input_px) > 0
    pieces = [
        replace(
            whole,
            chunk=chunk,
            crops=closer,
            everywhere=again and number % _EVERYWHERE_CHUNKS == 0,
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
    save_glances(context.out, seated.people)
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


def _survey(context: StageContext, whole: Piece) -> TilePlan | None:
    """Where to look closer, from a few pictures all through the recording.

    None where the model sees every pixel of the recording anyway. A fixed choice of pictures, so
    the plan depends on the file and the settings alone.
    """
    size_px = _fitted(whole.plan.size_px)
    if whole.model is None or whole.pose.tiles == "none" or max(size_px) <= whole.pose.input_px:
        return None
    pieces = [replace(whole, chunk=c, stride=stride) for c, stride in _survey_chunks(whole.plan)]
    found = fan_out(look_everywhere, pieces, workers=_workers(context), subject=str(whole.path))
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


def _fitted(size_px: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, MOST_PX / max(size_px))
    return max(1, round(size_px[0] * scale)), max(1, round(size_px[1] * scale))


def _workers(context: StageContext) -> int:
    return 1 if context.device != "cpu" else context.workers


def _run_pieces(context: StageContext, pieces: list[Piece]) -> Iterator[Part]:
    subject = str(context.stream_spec().path)
    parts = fan_out(work, pieces, workers=_workers(context), subject=subject)
    for done, part in enumerate(parts, start=1):
        yield part
        context.progress(done / len(pieces))


def _joined(parts: list[Part], info: MediaInfo, every_s: float) -> PoseSeries:
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
    save_glances(context.out, empty.people)
    save_mouths(context.out, np.zeros(0, np.float32))
    record = PoseRecord(False, None, "", every_s, *size, gestures=False)
    save_document(context.out, POSE_RECORD, record)


def read_series(folder: Path, stream: StreamSpec) -> PoseSeries:
    """The stored series of a pose stage, on the lesson clock."""
    series = load_poses(folder)
    return replace(series, frame_times_s=stream.lesson_s(series.frame_times_s))
