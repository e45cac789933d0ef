"""Truth about pictures: people with boxes and keypoints, or how many there are."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config.yamlfile import read_text
from classwatch.core.errors import InputError
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.core.pose import KEYPOINTS, Detections, PoseSeries
from classwatch.evaluate import truth_items as items
from classwatch.evaluate.material import Material, PeopleSeen
from classwatch.exchange.coco import HIDDEN, SEEN, CocoPicture, read_coco
from classwatch.exchange.yolo_boxes import read_yolo_boxes

_MOST_LINE_BYTES = 500_000_000
_CONFIDENCE = np.array([0.0, HIDDEN, SEEN], np.float32)
Resolve = Callable[[str], Path]


def coco(item: items.CocoTruth, resolve: Resolve) -> Material:
    """One annotated picture, at time 0."""
    path = resolve(item.path)
    pictures = read_coco(path)
    if item.file not in pictures:
        raise InputError(
            f"has no picture {item.file!r}",
            subject=str(path),
            remedy=f"pictures here: {', '.join(sorted(pictures)[:10])}",
        )
    return _pictures(item.stream, [pictures[item.file]], 1.0, has_keypoints=item.keypoints)


def coco_series(item: items.CocoSeriesTruth, resolve: Resolve) -> Material:
    """Annotated pictures of a stream, at equal steps."""
    found = read_coco(resolve(item.path))
    chosen = [found[name] for name in sorted(found)]
    return _pictures(item.stream, chosen, item.every_s, has_keypoints=item.keypoints)


def yolo(item: items.YoloTruth, resolve: Resolve) -> Material:
    """One picture with boxes, at time 0."""
    size_px = (item.width_px, item.height_px)
    people, _ = read_yolo_boxes(resolve(item.path), size_px, item.classes)
    series = PoseSeries(np.zeros(1), np.zeros(len(people), np.int32), people, size_px, 1.0)
    return Material(people={item.stream: PeopleSeen(series, has_keypoints=False)})


def count(item: items.CountTruth, resolve: Resolve) -> Material:
    """How many people a stream shows all the time."""
    if item.people is not None:
        return Material(people_counts={item.stream: item.people})
    path = resolve(item.path)
    for row in csv.DictReader(io.StringIO(read_text(path))):
        if row.get("file") == item.row and (row.get("persons") or "").isdigit():
            return Material(people_counts={item.stream: int(row["persons"])})
    raise InputError(
        f"has no whole number of persons for {item.row!r}",
        subject=str(path),
        remedy="it needs the columns file and persons",
    )


def people_lines(item: items.PeopleLinesTruth, resolve: Resolve) -> Material:
    """People by picture as JSON lines, gzipped or not.

    A line has ``t`` and ``people``, each with ``id``, ``role``, ``box``, ``visible`` and ``kp``
    ``[x, y, v]`` with v 2 seen, 1 hidden, 0 outside. Picture size comes with the recording, so it
    is taken to be that of the found series.
    """
    path = resolve(item.path)
    times: list[float] = []
    frame: list[int] = []
    people: list[dict[str, Any]] = []
    try:
        for line in _lines(path):
            times.append(float(line["t"]))
            shown = [p for p in line["people"] if p["box"]]
            frame += [len(times) - 1] * len(shown)
            people += shown
        return Material(people={item.stream: _seen(times, frame, people)})
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"is no list of people ({type(error).__name__}: {error})",
            subject=str(path),
            remedy="each line is a JSON object with t and people",
        ) from None


def _pictures(
    stream: str, found: Sequence[CocoPicture], every_s: float, *, has_keypoints: bool
) -> Material:
    if len({p.size_px for p in found}) != 1:
        raise InputError(
            "the pictures of one stream must have one size",
            subject=found[0].file if found else "COCO annotation",
            remedy="list pictures of other sizes as lessons of their own",
        )
    frame = np.repeat(np.arange(len(found)), [len(p.people) for p in found]).astype(np.int32)
    people = Detections(
        np.concatenate([p.people.boxes_px for p in found]),
        np.concatenate([p.people.scores for p in found]),
        np.concatenate([p.people.keypoints for p in found]),
    )
    times_s: NDArray[np.float64] = np.arange(len(found), dtype=np.float64) * every_s
    seen = PeopleSeen(
        PoseSeries(times_s, frame, people, found[0].size_px, every_s),
        ignored=np.concatenate([p.crowd for p in found]),
        area_px=np.concatenate([p.area_px for p in found]),
        has_keypoints=has_keypoints,
    )
    return Material(people={stream: seen})


def _seen(times: Sequence[float], frame: Sequence[int], people: list[dict[str, Any]]) -> PeopleSeen:
    n = len(people)
    keypoints = np.array([p["kp"] for p in people], np.float32).reshape(n, len(KEYPOINTS), 3)
    keypoints[:, :, 2] = _CONFIDENCE[np.clip(keypoints[:, :, 2].astype(int), 0, 2)]
    numbers = np.array([p["id"] for p in people], np.int32)
    roles = {int(p["id"]): PersonRole(p["role"]) for p in people}
    times_s = np.array(times, dtype=np.float64)
    every_s = float(np.median(np.diff(times_s))) if len(times) > 1 else 1.0
    series = PoseSeries(
        times_s,
        np.asarray(frame, np.int32),
        Detections(
            np.array([p["box"] for p in people], np.float32).reshape(n, 4),
            np.ones(n, np.float32),
            keypoints,
        ),
        (0, 0),
        every_s,
    )
    tracks = Tracks(numbers, tuple(TrackRole(i, r, 1.0, ()) for i, r in sorted(roles.items())))
    visible = np.array([p["visible"] for p in people], np.float32)
    areas = np.array([p.get("area", 0.0) for p in people], np.float64)
    return PeopleSeen(series, "", tracks, visible, area_px=areas if areas.all() else None)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            # max_length bounds what a small file can unfold to.
            raw = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(raw, _MOST_LINE_BYTES)
    except (OSError, zlib.error) as error:
        raise InputError(f"cannot be read: {error}", subject=str(path)) from None
    for line in raw.decode("utf-8", "replace").splitlines():
        if line.strip():
            yield json.loads(line)
