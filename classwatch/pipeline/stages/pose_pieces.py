"""What one worker makes of one chunk of a recording: people, looks and mouths of its pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config import PoseConfig
from classwatch.core.media import Frame
from classwatch.core.pose import Detections
from classwatch.media.looks import look
from classwatch.media.plan import Chunk, DecodePlan
from classwatch.media.video import sample_frames
from classwatch.vision.closer import look_closer, stacked
from classwatch.vision.clothes import read_clothes
from classwatch.vision.engine import EngineInfo, PoseEngine, open_engine
from classwatch.vision.joints import JointReader
from classwatch.vision.mouths import MouthWatch
from classwatch.vision.tiles import Surveyed, Tile, TilePlan, survey_tiles

MOST_PX = 2560
"""Longer side of the pictures that are looked at closely; larger recordings are reduced to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
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


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one piece gave: times (f,) and people counted (f,) per picture, all people stacked."""

    times_s: NDArray[np.float64]
    counts: NDArray[np.int64]
    people: Detections
    engine: EngineInfo | None
    looks: list[NDArray[np.uint8]]
    mouths: list[NDArray[np.float32]]


_engines: dict[tuple[Any, ...], PoseEngine] = {}


def _engine(piece: Piece) -> PoseEngine | None:
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


def _reader(piece: Piece) -> JointReader | None:
    """One reader of joints per worker process, like its engine."""
    if piece.joints is None:
        return None
    if piece.joints not in _readers:
        _readers[piece.joints] = JointReader(piece.joints)
    return _readers[piece.joints]


def work(piece: Piece) -> Part:
    """The sampled pictures of one chunk, looked at whole, in crops, and body by body."""
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
            worn = replace(people, clothes=read_clothes(frame.rgb, people))
            found.append(_full_size(worn, frame.scale))
            looks.append(look(frame.rgb))
            mouths.append(watch.look(frame.rgb, people))
        batch.clear()

    hardware = "cuda" if piece.device.startswith("cuda") else ""
    closer = piece.crops is not None and piece.crops.tiles
    fit_px = MOST_PX if closer else piece.pose.input_px
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
    return Part(np.asarray(times, np.float64), counts, stacked(found), info, looks, mouths)


def _detected(
    engine: PoseEngine | None, piece: Piece, batch: list[Frame], *, first: bool
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


def _tiles(piece: Piece, *, first: bool) -> tuple[Tile, ...]:
    """The crops of one picture, ``first`` of its chunk or not."""
    if piece.crops is None or not piece.crops.tiles:
        return ()
    if not (first and piece.everywhere):
        return piece.crops.tiles
    return (*piece.crops.tiles, *survey_tiles(piece.crops.size_px, piece.pose.input_px))


def _full_size(people: Detections, scale: float) -> Detections:
    keypoints = people.keypoints.copy()
    keypoints[:, :, :2] /= scale
    return replace(people, boxes_px=people.boxes_px / np.float32(scale), keypoints=keypoints)


def look_everywhere(piece: Piece) -> list[Surveyed]:
    """The people in every ``stride``-th picture, all of it seen enlarged."""
    engine = _engine(piece)
    assert engine is not None
    surveys = []
    frames = sample_frames(piece.path, piece.plan, piece.chunk, fit_px=MOST_PX)
    for number, frame in enumerate(frames):
        if number % piece.stride == 0:
            everywhere = survey_tiles((frame.rgb.shape[1], frame.rgb.shape[0]), piece.pose.input_px)
            whole = engine.detect([frame.rgb])[0].sure(piece.pose.min_score)
            people = look_closer(engine, frame.rgb, whole, everywhere).sure(piece.pose.min_score)
            surveys.append(Surveyed.compare(people.boxes_px, whole.boxes_px))
    return surveys
