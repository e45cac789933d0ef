"""A small top-down network: one enlarged body to a map of places for each keypoint, and to what
the body seems to do.

A map can say that a wrist is either on the desk or in the air; a network that tells one place for
each point, as the one that finds people does, answers with the middle of the two, or with the usual
one of them. Pupils' raised arms are lost that way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from classwatch.core.pose import GLANCES, KEYPOINTS
from classwatch.train.pose.network import Conv
from classwatch.vision.joints import SIDE_PX

STRIDE = 4
GRID = SIDE_PX // STRIDE
"""Cells of a map along each side."""
POINTS = len(KEYPOINTS)
_NEAR_CELLS = 1.6
"""Cells this near to the best one decide with it where the point lies."""


class Step(nn.Module):
    """Two convolutions beside the way through."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.both = nn.Sequential(Conv(channels, channels), Conv(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = x + self.both(x)
        return added


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """What n bodies show: ``place`` (n, 17, cells) and ``right`` (n, 17, cells), logits, and
    ``edges`` (n, 4, ``GRID``), logits along the sides of where the box of what is seen of the body
    begins and ends: x0, y0, x1, y1; and ``glance`` (n, 9), logits of ``GLANCES``.

    Cells go row by row. ``right`` is read where ``place`` is greatest: whether the point is seen
    and told rightly there.
    """

    place: Tensor
    right: Tensor
    edges: Tensor
    glance: Tensor


class Glance(nn.Module):
    """What a body seems to do, from the features of ``JointNetwork``: fine ones for what hands
    hold, coarse ones for the whole body."""

    def __init__(self) -> None:
        super().__init__()
        self.near = Conv(32 + 48, 48, 3, 2)
        self.mix = Conv(48 + 64, 64)
        self.far = Conv(64, 96, 3, 2)
        self.all = Conv(96 + 96, 128, 1)
        self.tell = nn.Sequential(nn.Dropout(0.1), nn.Linear(2 * 128, len(GLANCES)))

    def forward(self, fine: Tensor, middle: Tensor, coarse: Tensor, mixed: Tensor) -> Tensor:
        near = self.near(torch.cat([fine, mixed], 1))
        both = self.mix(torch.cat([near, middle], 1))
        seen = self.all(torch.cat([self.far(both), coarse], 1))
        told: Tensor = self.tell(torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1))
        return told.float()


class JointNetwork(nn.Module):
    """Bodies (n, 3, s, s) in [0, 1], s = ``SIDE_PX``, to ``Maps``."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 16, 3, 2), Conv(16, 32, 3, 2), Step(32))
        self.middle = nn.Sequential(Conv(32, 64, 3, 2), Step(64), Step(64))
        self.coarse = nn.Sequential(Conv(64, 96, 3, 2), Step(96), Step(96))
        self.whole = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(96, 96, 1), nn.ReLU())
        self.up_middle = Conv(96, 64, 1)
        self.mix_middle = Step(64)
        self.up_fine = Conv(64, 48, 1)
        self.aside = Conv(32, 48, 1)
        self.mix_fine = Conv(48, 48)
        self.out = nn.Conv2d(48, 2 * POINTS, 1)
        self.outline = nn.Sequential(nn.Conv2d(48, 32, 1), nn.ReLU())
        self.columns, self.rows = (nn.Conv1d(32, 2, 5, padding=2) for _ in range(2))
        self.glance = Glance()
        self._only_glance = False

    def learn_only_glance(self) -> None:
        """From now on leave all as it is but what tells the glance."""
        self._only_glance = True
        self.requires_grad_(False)
        self.glance.requires_grad_(True)

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        if mode and self._only_glance:
            super().train(False)
            self.glance.train(True)
        return self

    def forward(self, bodies: Tensor) -> Maps:
        fine = self.stem(bodies)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        coarse = coarse + self.whole(coarse)
        middle = self.mix_middle(middle + _larger(self.up_middle(coarse)))
        mixed = self.mix_fine(self.aside(fine) + _larger(self.up_fine(middle)))
        told = self.out(mixed).float().flatten(2)
        outline = self.outline(mixed)
        x, y = self.columns(outline.mean(2)).float(), self.rows(outline.mean(3)).float()
        edges = torch.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], 1)
        glance = self.glance(fine, middle, coarse, mixed)
        return Maps(told[:, :POINTS], told[:, POINTS:], edges, glance)


def read(maps: Maps) -> Tensor:
    """Points (n, 17, 3) as x and y in shares of the side, and the logit of being right."""
    best = maps.place.argmax(2, keepdim=True)
    right = maps.right.gather(2, best)
    grid = centres(maps.place.device)[None, None]
    middle = torch.cat([best % GRID, best // GRID], 2).to(grid.dtype) + 0.5
    away = (grid - middle[:, :, None]).abs().amax(3)
    near = (away <= _NEAR_CELLS).to(maps.place.dtype)
    mass = functional.softmax(maps.place, 2) * near
    places = (mass[..., None] * grid).sum(2) / mass.sum(2, keepdim=True).clamp(min=1e-9)
    return torch.cat([places / GRID, right], 2)


def read_box(maps: Maps) -> Tensor:
    """Boxes (n, 4) of what is seen of the bodies, in shares of the side."""
    along = middles(maps.edges.device)
    best = maps.edges.argmax(2, keepdim=True).float() + 0.5
    mass = functional.softmax(maps.edges, 2) * ((along - best).abs() <= _NEAR_CELLS).float()
    return (mass * along).sum(2) / mass.sum(2).clamp(min=1e-9) / GRID


def middles(device: torch.device) -> Tensor:
    """Middles (``GRID``,) of the cells along a side, in cells."""
    return torch.arange(GRID, device=device, dtype=torch.float32) + 0.5


def centres(device: torch.device) -> Tensor:
    """Centres (cells, 2) of the cells of a map, x and y in cells."""
    along = middles(device)
    return torch.stack([along.repeat(GRID), along.repeat_interleave(GRID)], 1)


def _larger(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
