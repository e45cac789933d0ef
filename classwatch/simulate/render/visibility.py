"""What can be seen of each figure: the truth beside a picture, in pixels of the final picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.render.kernels import kernels
from classwatch.simulate.render.pieces import largest_piece
from classwatch.simulate.render.view import NEAR_M, distort, margin_px, project_ideal
from classwatch.simulate.scene import Floats, PosedFigure, Rendered, View

OUTSIDE, HIDDEN, SEEN = 0, 1, 2
"""Third column of ``Observed.keypoints``: outside the picture, in it but covered, seen."""

Box = tuple[float, float, float, float]

_DEPTH_OF_JOINT_M = np.array(
    [
        0.03,
        0.03,
        0.03,
        0.05,
        0.05,
        0.12,
        0.12,
        0.08,
        0.08,
        0.06,
        0.06,
        0.18,
        0.18,
        0.11,
        0.11,
        0.09,
        0.09,
    ]
)
"""How far below the body's own surface a keypoint may lie, for a person of ``_STATURE_M``."""
_STATURE_M = 1.7
_LEG_SHARE = 0.487
"""Thigh and shank together, as a share of the stature."""
_SLACK_M = 0.01
_PROBE_M = 0.012
"""A keypoint is probed at its place and this far to each side, so that a hair does not hide it."""
_PROBES = np.array([(0, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)], np.float64)
_CELLS = 160
_LEGS = ((11, 13), (13, 15), (12, 14), (14, 16))


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """One figure in one picture. Pixels of the final, distorted picture; boxes x0, y0, x1, y1.

    ``box_px`` is the extent of the largest piece that is seen (None: nothing; see ``pieces``),
    ``amodal_box_px`` of the whole figure as if nothing covered it, also beyond the picture's edge
    (None: partly behind the camera or absent). ``keypoints`` (17, 3) float64 are x, y and ``SEEN``,
    ``HIDDEN`` or ``OUTSIDE``; places behind the camera are 0, 0. ``visible_share`` is the share of
    the figure's outline area that is seen, the outline taken beyond the picture's edge too;
    ``area_px`` is the seen area.
    """

    box_px: Box | None
    amodal_box_px: Box | None
    keypoints: NDArray[np.float64]
    visible_share: float
    area_px: float


def observe(
    rendered: Rendered,
    view: View,
    figures: Sequence[PosedFigure],
    ranges: Sequence[tuple[int, int]],
    faces: NDArray[np.int32],
) -> tuple[Observed, ...]:
    """What ``rendered`` shows of each figure; figure i is owner i of the mesh.

    ``ranges`` are the figures' vertices in the mesh, first and one past the last, and ``faces``
    (m, 3) its triangles.
    """
    extents = _Extents(rendered, view, len(figures))
    return tuple(
        _observe(_Sight(rendered, view, extents, i, faces), figure, ranges[i])
        for i, figure in enumerate(figures)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """One figure, by its number, in one picture."""

    rendered: Rendered
    view: View
    extents: _Extents
    number: int
    faces: NDArray[np.int32]


def _observe(sight: _Sight, figure: PosedFigure, span: tuple[int, int]) -> Observed:
    if not figure.present:
        return Observed(None, None, np.zeros((17, 3)), 0.0, 0.0)
    projected = sight.rendered.projected[slice(*span)]
    return Observed(
        sight.extents.box_px(sight.number),
        _amodal_box(sight.rendered, sight.view, projected),
        _keypoints(sight, figure.keypoints_m),
        _visible_share(sight, span),
        sight.extents.area_px(sight.number),
    )


class _Extents:
    """Outlines of all figures. Distortion keeps the order of samples in a row or a column, so the
    ends of rows and columns hold the extremes of the distorted outline."""

    def __init__(self, rendered: Rendered, view: View, figures: int) -> None:
        self._view, self._samples, self._owner = view, rendered.samples, rendered.owner
        height, width = rendered.owner.shape
        far = np.iinfo(np.int32).max
        self._rows = np.tile(np.array([far, -1], np.int32), (figures, height, 1))
        self._columns = np.tile(np.array([far, -1], np.int32), (figures, width, 1))
        self._area = np.zeros(figures)
        self.samples_seen = np.zeros(figures, np.int64)
        weight = _areas(view.width_px, view.height_px, view.k1)
        counted = (self._rows, self._columns, self._area, self.samples_seen)
        kernels("truth").extents(rendered.owner, weight, counted)

    def area_px(self, figure: int) -> float:
        return float(self._area[figure]) / self._samples**2

    def box_px(self, figure: int) -> Box | None:
        if self._area[figure] <= 0:
            return None
        rows, columns = self._ends(figure)
        y, x = np.flatnonzero(rows[:, 1] >= 0), np.flatnonzero(columns[:, 1] >= 0)
        left = self._final(rows[y, 0], y + 0.5)[:, 0].min()
        right = self._final(rows[y, 1] + 1, y + 0.5)[:, 0].max()
        top = self._final(x + 0.5, columns[x, 0])[:, 1].min()
        bottom = self._final(x + 0.5, columns[x, 1] + 1)[:, 1].max()
        width, height = self._view.width_px, self._view.height_px
        box = (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
        return float(box[0]), float(box[1]), float(box[2]), float(box[3])

    def _ends(self, figure: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """First and last sample of every row (h, 2) and column (w, 2) of the largest piece."""
        rows, columns = self._rows[figure].copy(), self._columns[figure].copy()
        y, x = np.flatnonzero(rows[:, 1] >= 0), np.flatnonzero(columns[:, 1] >= 0)
        window = np.s_[y[0] : y[-1] + 1, x[0] : x[-1] + 1]
        piece = largest_piece(self._owner[window] == figure)
        for ends, first, other, seen in ((rows, y[0], x[0], piece), (columns, x[0], y[0], piece.T)):
            ends[:] = -1
            some = np.flatnonzero(seen.any(axis=1))
            ends[some + first, 0] = seen[some].argmax(axis=1) + other
            ends[some + first, 1] = seen.shape[1] - 1 - seen[some, ::-1].argmax(axis=1) + other
        return rows, columns

    def _final(self, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
        place = np.stack([x, y], 1).astype(np.float64)
        return distort(self._view, _ideal_px(self._view, place, self._samples))


def _ideal_px(view: View, place: NDArray[np.float64], samples: int) -> NDArray[np.float64]:
    """Pixels of the undistorted picture from places (n, 2) in samples of what was drawn."""
    ideal: NDArray[np.float64] = place / samples - np.array(margin_px(view), np.float64)
    return ideal


@lru_cache(maxsize=4)
def _areas(width_px: int, height_px: int, k1: float) -> Floats:
    """Area (h, w) in the final picture of each pixel that was drawn; 0 outside the picture.

    The inverse of the determinant of ``undistort``, (1 + k1 r^2)(1 + 3 k1 r^2), taken at the
    place in the final picture.
    """
    view = View(np.eye(3), np.zeros(3), 1.0, width_px, height_px, k1)
    margin_x, margin_y = margin_px(view)
    x = np.arange(-margin_x, width_px + margin_x) + 0.5
    y = np.arange(-margin_y, height_px + margin_y) + 0.5
    grid = np.stack(np.meshgrid(x, y), 2).reshape(-1, 2)
    final = distort(view, grid)
    inside = ((final >= 0) & (final < [width_px, height_px])).all(axis=1)
    squared = (((final - [width_px / 2, height_px / 2]) / (width_px / 2)) ** 2).sum(axis=1)
    grown = (1 + k1 * squared) * (1 + 3 * k1 * squared)
    area = np.where(inside, 1 / np.where(inside, grown, 1), 0)
    return area.reshape(len(y), len(x)).astype(np.float32)


def _amodal_box(rendered: Rendered, view: View, projected: Floats) -> Box | None:
    height, width = rendered.owner.shape
    half = view.width_px * rendered.samples / 2
    extent = np.array([np.inf, np.inf, -np.inf, -np.inf])
    lens = (width / 2, height / 2, half, float(view.k1))
    if not kernels("truth").distorted_box(projected, lens, extent):
        return None
    x0, y0, x1, y1 = (float(v) * view.width_px / 2 for v in extent)
    middle_x, middle_y = view.width_px / 2, view.height_px / 2
    return x0 + middle_x, y0 + middle_y, x1 + middle_x, y1 + middle_y


def _visible_share(sight: _Sight, span: tuple[int, int]) -> float:
    seen = int(sight.extents.samples_seen[sight.number])
    projected = sight.rendered.projected[slice(*span)]
    ahead = projected[projected[:, 2] > 0]
    if not seen or not len(ahead):
        return 0.0
    x, y = ahead[:, 0], ahead[:, 1]
    left, top = float(x.min()), float(y.min())
    size = max(float(x.max()) - left, float(y.max()) - top, 1.0)
    mask = np.zeros((_CELLS, _CELLS), np.uint8)
    box = (left, top, size)
    fill = kernels("truth").fill_outline
    filled = fill(sight.rendered.projected, sight.faces, span, box, mask)
    return float(min(1.0, seen / max(filled * (size / _CELLS) ** 2, 1.0)))


def _keypoints(sight: _Sight, keypoints_m: NDArray[np.float64]) -> NDArray[np.float64]:
    view = sight.view
    ideal, depth_m = project_ideal(view, keypoints_m)
    ahead = depth_m > NEAR_M
    ideal = np.where(ahead[:, None], ideal, 0.0)
    final = distort(view, ideal)
    size = np.array([view.width_px, view.height_px])
    inside = ahead & ((final >= 0) & (final < size)).all(axis=1)
    covered = _covered(sight, keypoints_m, ideal, np.where(ahead, depth_m, 1.0))
    state = np.where(inside, np.where(covered, HIDDEN, SEEN), OUTSIDE)
    return np.column_stack([np.where(ahead[:, None], final, 0.0), state])


def _covered(
    sight: _Sight,
    keypoints_m: NDArray[np.float64],
    ideal_px: NDArray[np.float64],
    depth_m: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether most probes (17, 5) meet something nearer: the own body by more than a joint's
    depth, or anything else."""
    rendered, view = sight.rendered, sight.view
    samples = rendered.samples
    reach = np.maximum(_PROBE_M * view.focal_px / depth_m, 0.5)
    place = ideal_px[:, None] + _PROBES * reach[:, None, None] + margin_px(view)
    x = np.floor(place[..., 0] * samples).astype(np.int64)
    y = np.floor(place[..., 1] * samples).astype(np.int64)
    height, width = rendered.owner.shape
    known = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    x, y = np.where(known, x, 0), np.where(known, y, 0)
    near = rendered.inverse_depth[y, x].astype(np.float64)
    surface_m = np.divide(1.0, near, out=np.full(near.shape, np.inf), where=near > 0)
    below_m = depth_m[:, None] - surface_m
    allowed = _DEPTH_OF_JOINT_M * _stature_m(keypoints_m) / _STATURE_M + _SLACK_M
    own = rendered.owner[y, x] == sight.number
    hidden = np.where(own, below_m > allowed[:, None], below_m > 0) & known
    # The middle counts twice, so that a point just outside the picture's edge is decided by it.
    votes = hidden.sum(axis=1) + hidden[:, 0]
    result: NDArray[np.bool_] = votes * 2 > known.sum(axis=1) + known[:, 0]
    return result


def _stature_m(keypoints_m: NDArray[np.float64]) -> float:
    """Body height by the length of the legs, which no pose changes."""
    lengths = [np.linalg.norm(keypoints_m[a] - keypoints_m[b]) for a, b in _LEGS]
    return float(np.sum(lengths)) / 2 / _LEG_SHARE
