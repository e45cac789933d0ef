"""What happens on the board and the screen of one camera: writing, slides, films, and when on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import EventsConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import NO_TRACK
from classwatch.core.pose import PoseSeries
from classwatch.core.shots import LOOK_COLUMNS, LOOK_ROWS, Looks
from classwatch.vision.board import (
    Mask,
    Screen,
    Writer,
    cell_changes,
    find_screen,
    settled_view,
    writing_pictures,
)
from classwatch.vision.body import LEFT_HIP, LEFT_SHOULDER, LEFT_WRIST
from classwatch.vision.scene import Scene
from classwatch.vision.timeline import sample_spans, spells

TEACHER_NEAR, TEACHER_AWAY = "teacher_near", "teacher_away"
"""Zones of a change of slide: whether the teacher stood within reach of the screen."""
_MARGIN = 0.5
"""Cells around a body that may show a part of it."""
_HAND_HEIGHT = 0.75
"""A hand at the board: this far up from hips to shoulders."""
_SEATED_SHARE = 0.1
"""Cells that students cover this often are no board."""
_NEAR_HEIGHTS = 0.5
_INK, _HAND = 0.9, 0.6
"""How sure new ink and a raised hand with the back turned make us of writing."""


def board_events(
    looks: Looks,
    poses: PoseSeries,
    scene: Scene,
    stream: tuple[str, StreamRole],
    cfg: EventsConfig,
) -> tuple[Event, ...]:
    """Events of the board and the screen in one camera's pictures, in order of time.

    ``scene`` is the reading of its people, ``stream`` the camera's name and role. Nothing is
    looked for where the class looks at the camera: the board is behind it. A screen's own stream
    is all screen. Slides that change while somebody stands before all of them are missed; writing
    that is never seen uncovered counts only where a hand is up at the board.
    """
    name, role = stream
    spans = sample_spans(poses)
    if len(looks) == 0:
        return ()
    if role is StreamRole.SCREEN:
        nobody = np.zeros(looks.light.shape, np.bool_)
        screen = find_screen(looks, cell_changes(looks, nobody), whole=True)
        found = [] if screen is None else list(_on_screen(screen, spans, cfg, [""] * len(looks)))
        return _sorted(found, name)
    if scene.view.class_facing > 0:
        return ()
    hidden, seated = _covered(poses, scene)
    changes = settled_view(cell_changes(looks, hidden))
    screen = find_screen(looks, changes)
    allowed = seated <= _SEATED_SHARE
    if scene.view.front_line_px is not None and np.isfinite(scene.view.front_line_px):
        line = scene.view.front_line_px / poses.size_px[1] * LOOK_ROWS
        allowed[max(0, int(np.ceil(line))) :] = False
    if screen is not None:
        allowed &= ~screen.cells
    writer = _writer(poses, scene)
    found = list(_written(writing_pictures(changes, allowed, writer), poses, scene, spans, cfg))
    if screen is not None:
        found += _on_screen(screen, spans, cfg, _operators(screen, writer))
    return _sorted(found, name)


_Found = tuple[EventKind, float, float, float, str]


def _sorted(found: list[_Found], stream: str) -> tuple[Event, ...]:
    events = [
        Event(kind, start_s, end_s, stream, NO_TRACK, round(sure, 4), zone)
        for kind, start_s, end_s, sure, zone in found
    ]
    return tuple(sorted(events, key=lambda e: (e.start_s, e.kind, e.end_s)))


def _cells(poses: PoseSeries) -> NDArray[np.float64]:
    """Boxes (n, 4) of all detections in cells of a look."""
    width, height = poses.size_px
    scale = np.asarray([LOOK_COLUMNS / width, LOOK_ROWS / height] * 2)
    return np.asarray(poses.people.boxes_px * scale, np.float64)


def _covered(poses: PoseSeries, scene: Scene) -> tuple[Mask, NDArray[np.float64]]:
    """Where people are (f, 27, 48), and how often (27, 48) students are there."""
    boxes = _cells(poses)
    hidden = np.zeros((len(poses), LOOK_ROWS, LOOK_COLUMNS), np.bool_)
    seated = np.zeros((LOOK_ROWS, LOOK_COLUMNS))
    low = np.maximum(np.floor(boxes[:, :2] - _MARGIN), 0).astype(int)
    high = np.ceil(boxes[:, 2:] + _MARGIN).astype(int)
    for row, frame in enumerate(poses.frame.tolist()):
        rows, columns = slice(low[row, 1], high[row, 1]), slice(low[row, 0], high[row, 0])
        hidden[frame, rows, columns] = True
        if scene.student[row]:
            seated[rows, columns] += 1.0 / len(poses)
    return hidden, seated


def _writer(poses: PoseSeries, scene: Scene) -> Writer:
    boxes = np.full((len(poses), 4), np.nan)
    turned = np.zeros(len(poses), np.bool_)
    rows = np.flatnonzero(scene.teacher)
    boxes[poses.frame[rows]] = _cells(poses)[rows]
    # The class looks away from this camera, or there is none: the board is beyond.
    turned[poses.frame[rows]] = scene.bodies.facing[rows] != 1
    return Writer(boxes, turned)


def _hands_up(poses: PoseSeries, scene: Scene, min_keypoint: float) -> Mask:
    """Pictures (f,) that show the teacher's back and a hand high on the board."""
    points, sure = poses.people.keypoints[..., :2], poses.people.keypoints[..., 2]
    shoulder = points[:, LEFT_SHOULDER : LEFT_SHOULDER + 2, 1].mean(axis=1)
    hip = points[:, LEFT_HIP : LEFT_HIP + 2, 1].mean(axis=1)
    up = np.zeros(len(shoulder), np.bool_)
    for wrist in (LEFT_WRIST, LEFT_WRIST + 1):
        height = (hip - points[:, wrist, 1]) / np.maximum(hip - shoulder, 1.0)
        up |= (height >= _HAND_HEIGHT) & (sure[:, wrist] >= min_keypoint)
    pictures = np.zeros(len(poses), np.bool_)
    back = scene.teacher & (scene.bodies.facing == -1) & up
    pictures[poses.frame[back]] = True
    return pictures


def _written(
    ink: Mask, poses: PoseSeries, scene: Scene, spans: NDArray[np.float64], cfg: EventsConfig
) -> Iterator[_Found]:
    hand = _hands_up(poses, scene, cfg.min_keypoint)
    states = (ink | hand).astype(np.int8)
    sure = np.where(ink, _INK, _HAND).astype(np.float32)
    for spell in spells(states, sure, spans, cfg):
        yield EventKind.BOARD_WRITING, spell.start_s, spell.end_s, spell.confidence, ""


def _operators(screen: Screen, writer: Writer) -> list[str]:
    """For each picture whether the teacher is near the screen, "" where not seen."""
    columns = np.flatnonzero(screen.cells.any(axis=0))
    reach = _NEAR_HEIGHTS * (writer.boxes[:, 3] - writer.boxes[:, 1])
    near = (writer.boxes[:, 2] + reach >= columns[0]) & (
        writer.boxes[:, 0] - reach <= columns[-1] + 1
    )
    seen = np.isfinite(reach)
    return [
        (TEACHER_NEAR if n else TEACHER_AWAY) if s else "" for n, s in zip(near, seen, strict=True)
    ]


def _on_screen(
    screen: Screen, spans: NDArray[np.float64], cfg: EventsConfig, zones: list[str]
) -> Iterator[_Found]:
    for picture in screen.slides.tolist():
        start_s, end_s = (float(t) for t in spans[picture])
        yield EventKind.SLIDE_CHANGE, start_s, end_s, 0.9, zones[picture]
    for kind, mask in ((EventKind.SCREEN_ON, screen.on), (EventKind.SCREEN_FILM, screen.moving)):
        sure = np.full(len(mask), 0.8, np.float32)
        for spell in spells(mask.astype(np.int8), sure, spans, cfg):
            yield kind, spell.start_s, spell.end_s, spell.confidence, ""
