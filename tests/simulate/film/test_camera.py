from __future__ import annotations

import math

import numpy as np
import pytest

from classwatch.simulate.film.camera import facing_of, sightings_row
from classwatch.simulate.film.stage import joined
from classwatch.simulate.render.visibility import Observed
from classwatch.simulate.scene import ROOM, Mesh, PosedFigure


def figure(yaw: float, *, present: bool = True, x_m: float = 0.0, z_m: float = 0.0) -> PosedFigure:
    """Somebody who has the left at +x with yaw 0 and turns to the own left as yaw grows."""
    points = np.zeros((17, 3))
    left = np.array([math.cos(yaw), 0.0, -math.sin(yaw)])
    points[5::2] = 0.2 * left
    points[6::2] = -0.2 * left
    points += (x_m, 1.0, z_m)
    none = np.zeros((0, 3), np.float32)
    return PosedFigure(none, none, points, present)


@pytest.mark.parametrize(
    ("yaw", "cosine"), [(0.0, 1.0), (math.pi, -1.0), (math.pi / 2, 0.0), (-math.pi / 3, 0.5)]
)
def test_facing_is_measured_from_the_direction_of_the_class(yaw: float, cosine: float) -> None:
    assert facing_of(figure(yaw)) == pytest.approx(cosine, abs=1e-9)


def test_a_row_holds_who_is_there_and_what_is_seen() -> None:
    points = np.zeros((17, 3))
    points[0] = (31, 22, 2)
    seen = Observed((10.0, 20.0, 50.0, 90.0), None, points, 0.25, 700.0)
    covered = Observed(None, None, np.ones((17, 3)), 0.0, 0.0)
    figures = [figure(0.0, x_m=1.5, z_m=4.0), figure(0.0), figure(0.0, present=False)]
    row = sightings_row(figures, [seen, covered, covered], shot=3)
    assert row.shot.tolist() == [3]
    assert row.seen().tolist() == [[True, False, False]]
    assert row.box_px[0].tolist() == [[10, 20, 50, 90], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert row.keypoints[0, 0, 0].tolist() == [31, 22, 2]
    assert not row.keypoints[0, 1].any()
    assert row.place_m[0, 0].tolist() == [1.5, 4.0]
    assert np.isnan(row.place_m[0, 2]).all()


def test_joined_meshes_keep_their_corners() -> None:
    def triangle(owner: int, x_m: float) -> Mesh:
        corners = np.array([[x_m, 0, 0], [x_m + 1, 0, 0], [x_m, 1, 0]], np.float32)
        ones = np.ones(3, np.float32)
        return Mesh(
            corners,
            corners,
            corners[:, :2],
            ones,
            np.array([[0, 1, 2]], np.int32),
            np.zeros(1, np.int16),
            np.ones((1, 3), np.float32),
            np.array([owner], np.int16),
        )

    whole, spans = joined([triangle(ROOM, 0), triangle(0, 5), triangle(1, 9)])
    assert spans == ((0, 3), (3, 6), (6, 9))
    assert whole.owner.tolist() == [ROOM, 0, 1]
    assert whole.vertices_m[whole.faces[2]][:, 0].tolist() == [9, 10, 9]
