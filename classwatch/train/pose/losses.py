"""What the network is told about its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from classwatch.train.pose.network import Cells, PoseNetwork, sides
from classwatch.train.pose.pictures import HIDDEN, SEEN
from classwatch.train.pose.targets import assign

SPREAD = torch.tensor([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000
"""Standard deviations of the COCO keypoints, as shares of the root of a person's area."""
_AREA_SHARE = 0.45
"""Area of a person, as a share of the squared side."""
NEAR = 0.1
"""Points within this share of a box's longer side are right (PCK@0.1)."""
_HIDDEN_WEIGHT = 0.25
_WEIGHTS = {"score": 1.0, "box": 3.0, "rough": 3.0, "exact": 5.0, "right": 0.7}
_MOST_LOOKS = 384


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Truth of one crop on the device: boxes (g, 4), keypoints (g, 17, 3), passed over (i, 4)."""

    boxes_px: Tensor
    keypoints: Tensor
    passed_over_px: Tensor


def losses(network: PoseNetwork, cells: Cells, answers: Sequence[Answers]) -> dict[str, Tensor]:
    """Weighted parts of the loss of a batch, to be summed: score, box, rough, exact, right."""
    owners, wanted, weight = _assigned(cells, answers)
    total = wanted.sum().clamp(min=1.0)
    score = functional.binary_cross_entropy_with_logits(cells.logits, wanted, reduction="none")
    parts = {"score": (score * weight).sum() / total}
    rows, cols = (owners >= 0).nonzero(as_tuple=True)
    if len(rows):
        told = wanted[rows, cols]
        firsts = torch.tensor([0, *(len(a.boxes_px) for a in answers)]).cumsum(0)[:-1]
        people = firsts.to(rows.device)[rows] + owners[rows, cols]
        boxes = torch.cat([a.boxes_px for a in answers])[people]
        points = torch.cat([a.keypoints for a in answers])[people]
        parts["box"] = (told * _box_loss(cells.boxes_px[rows, cols], boxes)).sum() / total
        rough = _point_loss(cells.points_px[rows, cols], points, boxes)
        parts["rough"] = (told * rough).sum() / total
        parts |= _looked(network, cells, (rows, cols), (told, boxes, points))
    return {name: _WEIGHTS[name] * part for name, part in parts.items()}


def _assigned(cells: Cells, answers: Sequence[Answers]) -> tuple[Tensor, Tensor, Tensor]:
    owners, scores, weights = [], [], []
    for logits, boxes, truth in zip(cells.logits, cells.boxes_px, answers, strict=True):
        owner, wanted = assign(cells.centres_px, logits.detach(), boxes.detach(), truth.boxes_px)
        weight = torch.ones_like(wanted)
        if len(truth.passed_over_px):
            low = cells.centres_px[:, None] - truth.passed_over_px[None, :, :2]
            high = truth.passed_over_px[None, :, 2:] - cells.centres_px[:, None]
            inside = (torch.cat([low, high], -1).amin(-1) > 0).any(1)
            weight = (~(inside & (owner < 0))).float()
        owners.append(owner)
        scores.append(wanted)
        weights.append(weight)
    return torch.stack(owners), torch.stack(scores), torch.stack(weights)


def _looked(
    network: PoseNetwork,
    cells: Cells,
    where: tuple[Tensor, Tensor],
    truth: tuple[Tensor, Tensor, Tensor],
) -> dict[str, Tensor]:
    """Losses after the second looks, of the cells that answer best."""
    told, boxes, points = truth
    keep = told.topk(min(len(told), _MOST_LOOKS)).indices
    rows, cols = where[0][keep], where[1][keep]
    told, boxes, points = told[keep], boxes[keep], points[keep]
    chosen = (
        cells.boxes_px[rows, cols].detach(),
        cells.points_px[rows, cols],
        cells.features[rows, cols],
    )
    exact, right_loss = told.new_zeros(()), told.new_zeros(())
    for moved, logits in network.look(chosen, cells.fine, rows):
        exact = exact + (told * _point_loss(moved, points, boxes)).sum() / told.sum()
        right = _right(moved.detach(), points, boxes).float()
        binary = functional.binary_cross_entropy_with_logits(
            logits.float(), right, reduction="none"
        )
        right_loss = right_loss + (told * binary.mean(1)).sum() / told.sum()
    return {"exact": exact, "right": right_loss}


def _right(told_px: Tensor, truth: Tensor, boxes_px: Tensor) -> Tensor:
    """Which points (m, 17) are seen and told within ``NEAR`` of where they are.

    What the network learns to foresee is this, not sight alone: its confidence in a point is the
    chance that the point can be relied on.
    """
    longer = (boxes_px[:, 2:] - boxes_px[:, :2]).amax(-1)
    away: Tensor = (told_px.float() - truth[..., :2]).square().sum(-1).sqrt()
    return (away < NEAR * longer[:, None]) & (truth[..., 2] == SEEN)


def _box_loss(told_px: Tensor, truth_px: Tensor) -> Tensor:
    """One minus the generalised intersection over union (Rezatofighi et al., 2019), (m,)."""
    low, high = (
        torch.maximum(told_px[:, :2], truth_px[:, :2]),
        torch.minimum(told_px[:, 2:], truth_px[:, 2:]),
    )
    shared = (high - low).clamp(min=0).prod(-1)
    both = sum((x[:, 2:] - x[:, :2]).prod(-1) for x in (told_px, truth_px)) - shared
    hull_low = torch.minimum(told_px[:, :2], truth_px[:, :2])
    hull_high = torch.maximum(told_px[:, 2:], truth_px[:, 2:])
    hull = (hull_high - hull_low).prod(-1).clamp(min=1e-6)
    return 1 - shared / both.clamp(min=1e-6) + (hull - both) / hull


def _point_loss(told_px: Tensor, truth: Tensor, boxes_px: Tensor) -> Tensor:
    """Distance and one minus object keypoint similarity, mean over points that are there, (m,)."""
    weight = (truth[..., 2] == SEEN).float() + _HIDDEN_WEIGHT * (truth[..., 2] == HIDDEN).float()
    away = (told_px.float() - truth[..., :2]) / sides(boxes_px)[..., None]
    squared = away.square().sum(-1)
    spread = SPREAD.to(away.device)
    similar = torch.exp(-squared / (2 * _AREA_SHARE * (2 * spread) ** 2))
    each = (1 - similar) + 4 * torch.sqrt(squared + 1e-5)
    return (each * weight).sum(1) / weight.sum(1).clamp(min=1.0)
