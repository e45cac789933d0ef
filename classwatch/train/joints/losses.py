"""What the network of joints is told about its answers."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from classwatch.train.joints.network import GRID, Maps, centres, middles, read
from classwatch.train.pose.pictures import HIDDEN, SEEN, UNTOLD

_SPREAD_CELLS = 0.7
"""Standard deviation of a place that is asked for."""
_HIDDEN_WEIGHT = 0.2
_NEAR = 0.07
"""Distance in sides of the square within which a point is right: a tenth of a body's height."""
_RIGHT_WEIGHT = 0.5
_EDGES_WEIGHT = 0.15
_GLANCE_WEIGHT = 0.5
_SOFT = 0.02
"""Label smoothing of what bodies do."""
_FAR_WEIGHT = torch.tensor([1.0] * 7 + [1.5, 1.5, 2.5, 2.5] + [1.0] * 6)
"""Elbows and wrists move most and tell most."""


def losses(maps: Maps, keypoints: Tensor, boxes: Tensor, acts: Tensor) -> dict[str, Tensor]:
    """Parts of the loss for true points (n, 17, 3), boxes (n, 4) and acts (n,), to be summed.

    An edge of a box that lies outside the square is asked for at the square's own edge.
    """
    seen = keypoints[..., 2]
    weight = (seen == SEEN).float() + _HIDDEN_WEIGHT * (seen == HIDDEN).float()
    weight = weight * _FAR_WEIGHT.to(weight.device)
    cells = keypoints[..., :2] * GRID
    away = (centres(cells.device)[None, None] - cells[:, :, None]).square().sum(3)
    wanted = functional.softmax(-away / (2 * _SPREAD_CELLS**2), 2)
    each = -(wanted * functional.log_softmax(maps.place, 2)).sum(2)
    told = read(maps)
    gap = (told[..., :2].detach() - keypoints[..., :2]).square().sum(2).sqrt()
    right = ((gap < _NEAR) & (seen == SEEN)).float()
    sure = functional.binary_cross_entropy_with_logits(told[..., 2], right)
    return {
        "place": (each * weight).sum() / weight.sum().clamp(min=1.0),
        "right": _RIGHT_WEIGHT * sure,
        "edges": _EDGES_WEIGHT * _edges(maps, boxes),
        "glance": _GLANCE_WEIGHT * glance_loss(maps, acts),
    }


def glance_loss(maps: Maps, acts: Tensor) -> Tensor:
    """Surprise at what bodies do (n,), of those of whom it is known."""
    lost = functional.cross_entropy(
        maps.glance, acts, ignore_index=UNTOLD, reduction="sum", label_smoothing=_SOFT
    )
    return lost / (acts != UNTOLD).sum().clamp(min=1)


def _edges(maps: Maps, boxes: Tensor) -> Tensor:
    away = (middles(boxes.device) - boxes.clamp(0.0, 1.0)[..., None] * GRID).square()
    wanted = functional.softmax(-away / (2 * _SPREAD_CELLS**2), 2)
    return -(wanted * functional.log_softmax(maps.edges, 2)).sum(2).mean()
