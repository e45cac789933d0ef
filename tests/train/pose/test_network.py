from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from classwatch.train.pose.losses import Answers, losses  # noqa: E402
from classwatch.train.pose.network import Cells, PoseNetwork, sides  # noqa: E402
from classwatch.train.pose.targets import assign, overlaps  # noqa: E402


def test_every_cell_of_three_levels_answers_from_its_own_centre() -> None:
    network = PoseNetwork().eval()
    with torch.no_grad():
        cells = network(torch.zeros(2, 3, 64, 96))
    assert cells.logits.shape == (2, 8 * 12 + 4 * 6 + 2 * 3)
    assert cells.centres_px[0].tolist() == [4, 4]
    assert cells.centres_px[1].tolist() == [12, 4]
    assert cells.centres_px[-1].tolist() == [80, 48]
    low, high = cells.boxes_px[..., :2], cells.boxes_px[..., 2:]
    assert (low < cells.centres_px).all()
    assert (high > cells.centres_px).all()
    assert cells.logits.sigmoid().mean() == pytest.approx(0.01, rel=0.5)


def test_overlap_by_hand() -> None:
    a = torch.tensor([[0.0, 0, 10, 10]])
    b = torch.tensor([[5.0, 0, 15, 10], [20, 20, 30, 30]])
    assert overlaps(a, b)[0].tolist() == pytest.approx([50 / 150, 0])


def test_cells_answer_for_whom_they_overlap_and_nobody_outside_a_box() -> None:
    """Two people side by side; cells 0 and 1 lie in the first, 2 in the second, 3 in neither."""
    truth = torch.tensor([[0.0, 0, 20, 40], [20, 0, 40, 40]])
    centres = torch.tensor([[5.0, 20], [15, 20], [30, 20], [60, 20]])
    boxes = torch.tensor([[0.0, 0, 20, 40], [0, 0, 10, 40], [20, 0, 40, 40], [0, 0, 20, 40]])
    owner, wanted = assign(centres, torch.zeros(4), boxes, truth)
    assert owner.tolist() == [0, 0, 1, -1]
    # The best cell should tell its overlap; the other less, by the fourth power of half.
    assert wanted.tolist() == pytest.approx([1.0, 0.5**4, 1.0, 0.0])


def test_nobody_in_the_picture_wants_no_score() -> None:
    owner, wanted = assign(torch.zeros(3, 2), torch.zeros(3), torch.zeros(3, 4), torch.zeros(0, 4))
    assert owner.tolist() == [-1, -1, -1]
    assert wanted.tolist() == [0, 0, 0]


def _cells(box: list[float], points: torch.Tensor, logit: float) -> Cells:
    return Cells(
        torch.tensor([[20.0, 20.0]]),
        torch.tensor([[logit]]),
        torch.tensor([[box]]),
        points[None, None],
        torch.zeros(1, 1, 64),
        torch.zeros(1, 32, 16, 16),
    )


def test_right_boxes_and_points_cost_nothing_and_wrong_ones_by_their_distance() -> None:
    network = PoseNetwork()
    box = [10.0, 0.0, 30.0, 40.0]
    points = torch.rand(17, 2) * 20 + 10
    truth = torch.cat([points, torch.full((17, 1), 2.0)], 1)
    answers = [Answers(torch.tensor([box]), truth[None], torch.zeros(0, 4))]
    right = losses(network, _cells(box, points, 9.0), answers)
    assert float(right["box"].detach()) == pytest.approx(0, abs=1e-4)
    assert float(right["rough"].detach()) < 0.1
    # Everything moved by one side: similarity 0, distance 1, so 1 + 4, three times.
    side = float(sides(torch.tensor(box)))
    away = losses(network, _cells(box, points + torch.tensor([side, 0.0]), 9.0), answers)
    assert float(away["rough"].detach()) == pytest.approx(3 * 5, rel=0.02)


def test_the_side_of_a_box_by_hand() -> None:
    assert float(sides(torch.tensor([0.0, 0.0, 10.0, 40.0]))) == pytest.approx((40 + 20) / 2)


def test_nobody_passed_over_is_blamed() -> None:
    network = PoseNetwork()
    nobody = Answers(torch.zeros(0, 4), torch.zeros(0, 17, 3), torch.zeros(0, 4))
    barely = Answers(
        torch.zeros(0, 4), torch.zeros(0, 17, 3), torch.tensor([[0.0, 0.0, 40.0, 40.0]])
    )
    cells = _cells([10.0, 0.0, 30.0, 40.0], torch.zeros(17, 2), 2.0)
    blamed = float(losses(network, cells, [nobody])["score"])
    assert blamed == pytest.approx(math.log(1 + math.exp(2.0)), rel=1e-5)
    assert float(losses(network, cells, [barely])["score"]) == 0


def test_looking_twice_takes_features_of_the_right_picture() -> None:
    """Two pictures with different fine features: the same person is told apart by picture."""
    network = PoseNetwork().eval()
    fine = torch.stack([torch.zeros(32, 16, 16), torch.ones(32, 16, 16)])
    boxes, points = torch.tensor([[8.0, 8, 40, 40]]), torch.full((1, 17, 2), 24.0)
    chosen = (boxes, points, torch.zeros(1, 64))
    with torch.no_grad():
        alone = [network.look(chosen, fine[i : i + 1])[-1][0] for i in (0, 1)]
        both = network.look(
            tuple(c.repeat(2, *[1] * (c.ndim - 1)) for c in chosen), fine, torch.tensor([1, 0])
        )[-1][0]
    np.testing.assert_allclose(both[0], alone[1][0], rtol=1e-5)
    np.testing.assert_allclose(both[1], alone[0][0], rtol=1e-5)
    assert not torch.allclose(alone[0], alone[1])
