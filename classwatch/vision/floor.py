"""From places in the picture to metres on the floor.

Best is four marked points of the floor. Without them the seated class itself is the measure:
shoulders are about 0.4 m wide and 1 m over the floor wherever somebody sits, so their width in the
picture tells the scale at every height of it (``seats.seated_height``), and a standing adult's
hips lie at the same height over the floor as those shoulders. The angle of view stays unknown
then, and with it the scale of distances from the camera; the error says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import FloorPoint
from classwatch.core.people import FloorSource
from classwatch.vision.seats import SeatedHeight, Seats, seated_height

HIPS_M = 0.95
"""Height of a standing adult's hips."""
SHOULDERS_M = 0.4
"""Width of seated shoulders: 0.36 to 0.42 m from upper primary school on."""
_VIEW = 0.9
"""Focal length in picture widths where nothing tells it: 58 degrees across."""
_VIEW_ERROR = 0.25
"""Relative error of that guess for lenses of 45 to 75 degrees."""
_MIN_POINTS = 4
_MARKED = 0.003
"""How exactly a point of the floor is marked, in picture widths: 4 pixels of 1280."""
_FLAT = 1e-6

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FloorMap:
    """Takes hips in the picture to the floor. ``matrix`` (3, 3) maps pixels to metres.

    ``error`` is the relative error of distances, known roughly: from the residual of the marked
    points and what marking them a little off would change (four points alone always fit), or from
    the residual of the seats and the guess of the angle of view.
    """

    source: FloorSource
    matrix: Matrix
    error: float

    def metres(self, hips_px: NDArray[np.floating]) -> NDArray[np.float64]:
        """Places (n, 2) on the floor of hips (n, 2) in pixels; NaN beyond the horizon."""
        points = np.column_stack([hips_px, np.ones(len(hips_px))]) @ self.matrix.T
        ahead = points[:, 2] > _FLAT
        scaled = points[:, :2] / np.where(ahead, points[:, 2], 1.0)[:, None]
        return np.where(ahead[:, None], scaled, np.nan)


def floor_map(
    points: tuple[FloorPoint, ...], seats: Seats, size_px: tuple[int, int]
) -> FloorMap | None:
    """The map from marked points of this stream, else from its seats, else none."""
    if len(points) >= _MIN_POINTS:
        marked = _from_points(points, size_px)
        if marked is not None:
            return marked
    line = seated_height(seats)
    return None if line is None else _from_seats(line, seats, size_px)


def _from_points(points: tuple[FloorPoint, ...], size_px: tuple[int, int]) -> FloorMap | None:
    """Camera from points of the floor, then the plane through standing hips.

    Square pixels and a lens whose axis meets the middle of the picture are assumed, as for any
    uncropped recording; ``None`` where the points are degenerate (three on a line, or a view
    straight along the room's axes from straight above).
    """
    half = np.asarray(size_px, np.float64) / 2
    pixels = np.asarray([_pixel(p, size_px) for p in points]) - half
    metres = np.asarray([(p.x_m, p.y_m) for p in points])
    onto = _homography(metres, pixels)
    matrix = None if onto is None else _hips_plane(onto, metres, size_px)
    if onto is None or matrix is None:
        return None
    found = FloorMap(FloorSource.POINTS, matrix, _residual(onto, metres, pixels))
    marked = _marking_error(found, metres, pixels, size_px)
    return replace(found, error=round(float(np.hypot(found.error, marked)), 3))


def _pixel(point: FloorPoint, size_px: tuple[int, int]) -> tuple[float, float]:
    if point.unit == "px":
        return point.x, point.y
    return point.x * size_px[0], point.y * size_px[1]


def _hips_plane(onto: Matrix, metres: Matrix, size_px: tuple[int, int]) -> Matrix | None:
    """Pixels to metres (3, 3) for standing hips, from the floor's map ``onto`` the picture."""
    half = np.asarray(size_px, np.float64) / 2
    focal_px = _focal_px(onto, size_px)
    scaled = np.diag([1 / focal_px, 1 / focal_px, 1.0]) @ onto
    scaled /= (np.linalg.norm(scaled[:, 0]) + np.linalg.norm(scaled[:, 1])) / 2
    if scaled[2] @ [*metres.mean(axis=0), 1.0] < 0:
        scaled = -scaled
    up = np.cross(scaled[:, 0], scaled[:, 1])
    # Up is what goes up in the picture, whichever way round the floor's axes were given.
    here = scaled @ [*metres.mean(axis=0), 1.0]
    raised = here + up
    up = up if raised[1] / raised[2] < here[1] / here[2] else -up
    plane = np.column_stack([scaled[:, 0], scaled[:, 1], scaled[:, 2] + HIPS_M * up])
    camera = np.diag([focal_px, focal_px, 1.0]) @ plane
    if abs(np.linalg.det(camera)) < _FLAT:
        return None
    middle = np.asarray([[1, 0, -half[0]], [0, 1, -half[1]], [0, 0, 1.0]])
    inverse = np.linalg.inv(camera) @ middle
    return _ahead(inverse, camera, metres.mean(axis=0), half)


def _marking_error(
    found: FloorMap, metres: Matrix, pixels: Matrix, size_px: tuple[int, int]
) -> float:
    """How much the distances between standing hips at the marked points change, as a share of
    them, when every point is marked ``_MARKED`` off, independently of the others."""
    camera = np.linalg.inv(found.matrix)
    places = np.column_stack([metres, np.ones(len(metres))]) @ camera.T
    hips = places[:, :2] / places[:, 2:]
    one, other = np.triu_indices(len(hips), 1)

    def distances(plan: FloorMap) -> Matrix:
        at = plan.metres(hips)
        return np.asarray(np.linalg.norm(at[one] - at[other], axis=1))

    before = distances(found)
    squares = 0.0
    for number in range(len(pixels)):
        for axis in (0, 1):
            moved = pixels.copy()
            moved[number, axis] += _MARKED * size_px[0]
            onto = _homography(metres, moved)
            matrix = None if onto is None else _hips_plane(onto, metres, size_px)
            if matrix is None:
                return 1.0
            change = (distances(replace(found, matrix=matrix)) - before) / before
            squares += float(np.nanmean(change**2)) if np.isfinite(change).any() else 1.0
    return float(np.sqrt(squares))


def _ahead(inverse: Matrix, camera: Matrix, place: Matrix, half: Matrix) -> Matrix:
    """The same map with the sign that makes what the camera sees lie ahead."""
    pixel = camera @ [*place, 1.0]
    seen = inverse @ [*(pixel[:2] / pixel[2] + half), 1.0]
    return inverse if seen[2] > 0 else -inverse


def _homography(source: Matrix, target: Matrix) -> Matrix | None:
    """Least-squares map (3, 3) of points (n, 2) to points (n, 2), normalised (Hartley 1997)."""
    moved: list[Matrix] = []
    there: list[Matrix] = []
    for points, keep in ((source, moved), (target, there)):
        middle = points.mean(axis=0)
        size = max(float(np.abs(points - middle).mean()), _FLAT)
        scale = np.asarray([[1 / size, 0, -middle[0] / size], [0, 1 / size, -middle[1] / size]])
        keep += [np.vstack([scale, [0, 0, 1]]), (points - middle) / size]
    rows = []
    for (x, y), (u, v) in zip(moved[1], there[1], strict=True):
        rows += [
            [-x, -y, -1, 0, 0, 0, u * x, u * y, u],
            [0, 0, 0, -x, -y, -1, v * x, v * y, v],
        ]
    _, sizes, basis = np.linalg.svd(np.asarray(rows))
    if sizes[7] < 1e-3 * sizes[0]:
        return None
    found: Matrix = np.linalg.inv(there[0]) @ basis[-1].reshape(3, 3) @ moved[0]
    return found / np.linalg.norm(found)


def _focal_px(onto: Matrix, size_px: tuple[int, int]) -> float:
    """Focal length that makes the floor's axes meet at a right angle and be equally long."""
    a, b = onto[:, 0], onto[:, 1]
    guesses = []
    crossed = a[2] * b[2]
    if abs(crossed) > 1e-4 * (a @ a + b @ b) / max(size_px) ** 2:
        guesses.append(-(a[0] * b[0] + a[1] * b[1]) / crossed)
    lengths = b[2] ** 2 - a[2] ** 2
    if abs(lengths) > 1e-12:
        guesses.append((a[0] ** 2 + a[1] ** 2 - b[0] ** 2 - b[1] ** 2) / lengths)
    low, high = 0.4 * size_px[0], 3.0 * size_px[0]
    likely = [g**0.5 for g in guesses if low**2 <= g <= high**2]
    return float(np.median(likely)) if likely else _VIEW * size_px[0]


def _residual(onto: Matrix, metres: Matrix, pixels: Matrix) -> float:
    """Distance of the marked points from where the map puts them, over their spread."""
    back = np.column_stack([pixels, np.ones(len(pixels))]) @ np.linalg.inv(onto).T
    away = np.linalg.norm(back[:, :2] / back[:, 2:] - metres, axis=1)
    spread = float(np.linalg.norm(metres - metres.mean(axis=0), axis=1).mean())
    return round(float(np.sqrt(np.mean(away**2))) / max(spread, _FLAT), 3)


def _from_seats(line: SeatedHeight, seats: Seats, size_px: tuple[int, int]) -> FloorMap:
    """Metres from the camera's foot: x to the right, y away from the camera.

    With the scale s = width / 0.4 m at a height y in the picture, the depth along the axis is
    f / s, the tilt tan t = (middle - horizon) / f, and the camera is slope * 0.4 m * cos t above
    the shoulders.
    """
    focal_px = _VIEW * size_px[0]
    tilt = np.arctan2(size_px[1] / 2 - line.horizon_px, focal_px)
    over_m = line.slope * SHOULDERS_M * np.cos(tilt)
    per_px = 1.0 / (line.slope * SHOULDERS_M)
    # In rows: x_m * s, y_m * s and s, each linear in the pixel, s being the scale.
    scale = np.asarray([0.0, per_px, -per_px * line.horizon_px])
    across = np.asarray([1.0, 0.0, -size_px[0] / 2])
    ahead = (np.asarray([0.0, 0.0, focal_px]) - over_m * np.sin(tilt) * scale) / np.cos(tilt)
    width = (seats.shoulder[:, 1] - line.horizon_px) / line.slope
    off = np.abs(seats.shoulder_px - width) / np.maximum(width, 1.0)
    error = float(np.hypot(np.median(off), _VIEW_ERROR))
    return FloorMap(FloorSource.SEATS, np.stack([across, ahead, scale]), round(error, 3))
