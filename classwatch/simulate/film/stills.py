"""Labelled stills for training: JPEG pictures and one COCO keypoints file."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import UsageError
from classwatch.core.progress import Progress, silent
from classwatch.pipeline.fanout import fan_out
from classwatch.simulate.figures.character import FigureLibrary
from classwatch.simulate.figures.variety import varied
from classwatch.simulate.film.camera import Studio
from classwatch.simulate.film.coco import Picture, Pictures, write_coco
from classwatch.simulate.film.schedule import plan_streams
from classwatch.simulate.film.shoot import COCO_FILE, FilmOptions
from classwatch.simulate.film.sightings import (
    Sightings,
    concatenated,
    load_sightings,
    save_sightings,
)
from classwatch.simulate.film.stage import Stage, library_from
from classwatch.simulate.film.still_scenes import PER_SCENE, make_scene
from classwatch.store.files import disk_errors, replace_bytes

IMAGES_FOLDER = "images"
LABELS_FOLDER = "labels"
_WORST_JPEG, _BEST_JPEG = 55, 94


@dataclass(frozen=True, slots=True)
class StillsResult:
    """Where stills and labels lie, how many there are, and how fast they came.

    ``per_hour`` counts those drawn in this run; ``None`` where there was nothing to do.
    """

    images: Path
    coco: Path
    count: int
    people: int
    per_hour: float | None


@dataclass(frozen=True, slots=True)
class SceneTask:
    """One scene of a set of stills, of which the first ``count`` stills are wanted."""

    seed: int
    number: int
    count: int
    out: Path
    figures: Path | None
    samples: int
    varied: bool


def stills(
    count: int,
    seed: int,
    out: Path,
    options: FilmOptions | None = None,
    progress: Progress = silent,
    *,
    varied_figures: bool = False,
) -> StillsResult:
    """Draw ``count`` stills of random classrooms into ``out/images``, and ``out/coco.json``.

    The same count, seed and figures give the same bytes for any number of workers; a larger count
    keeps the stills that are there. Scenes that are complete are not drawn again. With
    ``varied_figures`` each scene has characters of its own, made from those at hand. Raises
    UsageError for a count under 1, InputError for bad figures, ResourceError where the disk does
    not allow it.
    """
    options = options or FilmOptions()
    if count < 1:
        raise UsageError(f"{count} stills cannot be drawn", remedy="ask for 1 or more")
    tasks = [
        SceneTask(seed, number, wanted, out, options.figures, options.samples, varied_figures)
        for number, wanted in _scenes(count)
    ]
    with disk_errors(out):
        (out / IMAGES_FOLDER).mkdir(parents=True, exist_ok=True)
        (out / LABELS_FOLDER).mkdir(parents=True, exist_ok=True)
    open_tasks = [task for task in tasks if not _labels(task).is_file()]
    began = time.monotonic()
    drawn = fan_out(draw_scene, open_tasks, workers=options.workers, subject=str(out))
    for done, _ in enumerate(drawn, start=1):
        progress(done / len(open_tasks))
    spent_s = time.monotonic() - began
    groups = [_group(task) for task in tasks]
    write_coco(out / COCO_FILE, f"simulated classrooms, seed {seed}", groups)
    new = sum(task.count for task in open_tasks)
    return StillsResult(
        out / IMAGES_FOLDER,
        out / COCO_FILE,
        count,
        sum(int(group.sightings.seen().sum()) for group in groups),
        3600 * new / spent_s if new else None,
    )


def draw_scene(task: SceneTask) -> None:
    """Draw one scene's stills; its labels are written last and say that it is complete."""
    import cv2

    cv2.setNumThreads(1)
    scene = make_scene(task.seed, task.number)
    stage = Stage(scene.timeline, _library(task), samples=task.samples)
    studio = Studio(stage, plan_streams(scene.timeline))
    rng = np.random.default_rng([task.seed, task.number, 1])
    rows = []
    acts = [list(scene.acts(still)) for still in scene.stills[: task.count]]
    replace_bytes(acts_file(_labels(task)), json.dumps(acts).encode(), durable=False)
    for still in scene.stills[: task.count]:
        stream = studio.streams[still.camera]
        ((_, taken),) = studio.expose(still.time_s, [stream])
        quality = int(rng.integers(_WORST_JPEG, _BEST_JPEG + 1))
        path = task.out / IMAGES_FOLDER / _file_name(task, still.number)
        replace_bytes(path, jpeg(taken.rgb, quality), durable=False)
        rows.append(taken.sightings)
    save_sightings(_labels(task), concatenated(rows))


def acts_file(labels: Path) -> Path:
    """Beside the labels of a scene: what everybody in each of its stills does, as JSON."""
    return labels.with_suffix(".acts.json")


def jpeg(rgb: NDArray[np.uint8], quality: int) -> bytes:
    """A picture (h, w, 3) RGB as JPEG of ``quality`` in 1..100."""
    import cv2

    done, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of shape {rgb.shape} cannot be a JPEG")
    return bytes(data.tobytes())


def _library(task: SceneTask) -> FigureLibrary:
    library = _figures(task.figures)
    if not task.varied:
        return library
    return varied(library, np.random.default_rng([task.seed, task.number, 2]))


@lru_cache(maxsize=1)
def _figures(folder: Path | None) -> FigureLibrary:
    return library_from(folder)


def _scenes(count: int) -> Iterator[tuple[int, int]]:
    """Number of each scene, and how many of its stills are wanted."""
    for number, first in enumerate(range(0, count, PER_SCENE)):
        yield number, min(PER_SCENE, count - first)


def _file_name(task: SceneTask, still: int) -> str:
    return f"{task.number:06d}-{still}.jpg"


def _labels(task: SceneTask) -> Path:
    return task.out / LABELS_FOLDER / f"{task.number:06d}-{task.count}.npz"


def _group(task: SceneTask) -> Pictures:
    scene = make_scene(task.seed, task.number)
    cameras = scene.timeline.script.cameras
    first = task.number * PER_SCENE + 1
    pictures = [
        Picture(
            first + still.number,
            _file_name(task, still.number),
            cameras[still.camera].width_px,
            cameras[still.camera].height_px,
        )
        for still in scene.stills[: task.count]
    ]
    found: Sightings = load_sightings(_labels(task))
    return Pictures(pictures, found)
