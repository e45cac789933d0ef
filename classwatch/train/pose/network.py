"""A small one-stage pose network: boxes and points from cells, points made exact by a second look.

Cells of three pyramid levels (strides 8, 16, 32; one head for all, so that near and far people
teach the same weights) each tell a score, a box, and 17 points relative to that box. For the best
cells the fine features (stride 4) are then sampled at every point, and a small network with
weights of its own for each keypoint moves the point and tells whether it can be relied on. The
idea of the second look is that of short-range offsets in PersonLab (Papandreou et al., 2018), here
told apart by person through the cell's own features.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from classwatch.core.pose import KEYPOINTS

STRIDES = (8, 16, 32)
FINE_STRIDE = 4
POINTS = len(KEYPOINTS)
_CELL_CHANNELS = 64
_FINE_CHANNELS = 32
_HIDDEN = 48
_LOOKS = 2
"""How often points are made more exact; each look has weights of its own."""
_PRIOR = 0.01
"""Score of every cell before training, so that the many empty ones do not drown the rest."""


class Conv(nn.Sequential):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, inward: int, outward: int, side: int = 3, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inward, outward, side, stride, side // 2, bias=False),
            nn.BatchNorm2d(outward),
            nn.ReLU(inplace=True),
        )


class Stack(nn.Module):
    """Half of the channels through ``depth`` residual steps; every step is kept, and all mixed."""

    def __init__(self, inward: int, outward: int, depth: int) -> None:
        super().__init__()
        half = outward // 2
        self.aside = Conv(inward, half, 1)
        self.through = Conv(inward, half, 1)
        self.steps = nn.ModuleList(
            nn.Sequential(Conv(half, half), Conv(half, half)) for _ in range(depth)
        )
        self.mix = Conv(outward + depth * half, outward, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = [self.aside(x), self.through(x)]
        for step in self.steps:
            kept.append(kept[-1] + step(kept[-1]))
        mixed: Tensor = self.mix(torch.cat(kept, 1))
        return mixed


class Wide(nn.Module):
    """The coarsest level sees far: three poolings of 5 x 5 one after the other, mixed (SPPF)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.into = Conv(channels, channels // 2, 1)
        self.mix = Conv(channels * 2, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = [self.into(x)]
        for _ in range(3):
            kept.append(functional.max_pool2d(kept[-1], 5, 1, 2))
        mixed: Tensor = self.mix(torch.cat(kept, 1))
        return mixed


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What all cells say, n of them for b pictures, in pixels of the input.

    ``centres_px`` (n, 2) where they are; ``logits`` (b, n); ``boxes_px`` (b, n, 4) as x0, y0, x1,
    y1; ``points_px`` (b, n, 17, 2) as first guessed;
    ``features`` (b, n, c) and ``fine`` (b, c, h, w) are for the second look.
    """

    centres_px: Tensor
    logits: Tensor
    boxes_px: Tensor
    points_px: Tensor
    features: Tensor
    fine: Tensor


class Look(nn.Module):
    """One more exact look at the points of m people: (m, 17, 2) to better ones, with logits."""

    def __init__(self) -> None:
        super().__init__()
        self.local = nn.Parameter(torch.randn(POINTS, _FINE_CHANNELS, _HIDDEN) * 0.15)
        self.person = nn.Linear(_CELL_CHANNELS, _HIDDEN)
        self.bias = nn.Parameter(torch.zeros(POINTS, 1, _HIDDEN))
        self.out = nn.Parameter(torch.randn(POINTS, _HIDDEN, 3) * 0.02)
        self.out_bias = nn.Parameter(torch.zeros(POINTS, 1, 3))

    def forward(
        self, points_px: Tensor, sides_px: Tensor, features: Tensor, sampled: Tensor
    ) -> tuple[Tensor, Tensor]:
        """``sides_px`` (m, 1, 1) scale of each person, ``sampled`` (m, 17, c) the fine features."""
        hidden = torch.bmm(sampled.transpose(0, 1), self.local) + self.bias
        hidden = functional.relu(hidden + self.person(features))
        told = (torch.bmm(hidden, self.out) + self.out_bias).transpose(0, 1)
        return points_px + told[..., :2] * sides_px, told[..., 2]


class PoseNetwork(nn.Module):
    """Pictures (b, 3, h, w) in [0, 1], h and w multiples of 32, to ``Cells``."""

    def __init__(self) -> None:
        super().__init__()
        self.stage2 = nn.Sequential(Conv(3, 16, 3, 2), Conv(16, 32, 3, 2), Stack(32, 32, 1))
        self.stage3 = nn.Sequential(Conv(32, 64, 3, 2), Stack(64, 64, 2))
        self.stage4 = nn.Sequential(Conv(64, 128, 3, 2), Stack(128, 128, 2))
        self.stage5 = nn.Sequential(Conv(128, 192, 3, 2), Stack(192, 192, 1), Wide(192))
        self.down4 = Stack(192 + 128, 96, 1)
        self.down3 = Stack(96 + 64, 80, 1)
        self.up4 = Conv(80, 64, 3, 2)
        self.out4 = Stack(64 + 96, 80, 1)
        self.up5 = Conv(80, 64, 3, 2)
        self.out5 = Stack(64 + 192, 80, 1)
        self.fine = nn.Sequential(
            Conv(32 + _FINE_CHANNELS, _FINE_CHANNELS), nn.Conv2d(_FINE_CHANNELS, _FINE_CHANNELS, 1)
        )
        self.fine_down = Conv(80, _FINE_CHANNELS, 1)
        self.trunk = nn.Sequential(Conv(80, _CELL_CHANNELS), Conv(_CELL_CHANNELS, _CELL_CHANNELS))
        self.scored = Conv(80, _CELL_CHANNELS)
        self.score = nn.Conv2d(_CELL_CHANNELS, 1, 1)
        self.shape = nn.Conv2d(_CELL_CHANNELS, 4 + 2 * POINTS, 1)
        self.looks = nn.ModuleList(Look() for _ in range(_LOOKS))
        nn.init.constant_(self.score.bias, float(torch.logit(torch.tensor(_PRIOR))))  # type: ignore[arg-type]
        nn.init.normal_(self.shape.weight, std=0.01)

    def forward(self, pictures: Tensor) -> Cells:
        x2 = self.stage2(pictures)
        x3 = self.stage3(x2)
        x4 = self.stage4(x3)
        x5 = self.stage5(x4)
        p4 = self.down4(torch.cat([_larger(x5), x4], 1))
        p3 = self.down3(torch.cat([_larger(p4), x3], 1))
        n4 = self.out4(torch.cat([self.up4(p3), p4], 1))
        n5 = self.out5(torch.cat([self.up5(n4), x5], 1))
        fine = self.fine(torch.cat([x2, _larger(self.fine_down(p3))], 1))
        return self._cells((p3, n4, n5), fine)

    def _cells(self, levels: tuple[Tensor, Tensor, Tensor], fine: Tensor) -> Cells:
        parts: list[tuple[Tensor, ...]] = []
        for stride, level in zip(STRIDES, levels, strict=True):
            trunk = self.trunk(level)
            centres = _centres(level, stride)
            told = _flat(self.shape(trunk)).float()
            reach = torch.exp(told[..., :4].clamp(-5, 6)) * stride
            boxes = torch.cat([centres - reach[..., :2], centres + reach[..., 2:]], -1)
            logits = _flat(self.score(self.scored(level)))[..., 0].float()
            parts.append((centres, logits, boxes, told[..., 4:], _flat(trunk)))
        centres = torch.cat([p[0] for p in parts])
        logits, boxes, told, features = (torch.cat([p[i] for p in parts], 1) for i in (1, 2, 3, 4))
        still = boxes.detach()
        middle = (still[..., :2] + still[..., 2:]) / 2
        points = (
            middle[..., None, :]
            + told.reshape(*told.shape[:2], POINTS, 2) * sides(still)[..., None]
        )
        return Cells(centres, logits, boxes, points, features, fine)

    def look(
        self, chosen: tuple[Tensor, Tensor, Tensor], fine: Tensor, rows: Tensor | None = None
    ) -> list[tuple[Tensor, Tensor]]:
        """Points (m, 17, 2) and logits of being right (m, 17) after each look.

        ``chosen`` holds boxes (m, 4), first guessed points (m, 17, 2) and features (m, c) of
        cells; ``rows`` (m,) the picture of each, None where there is one picture.
        """
        boxes, points, features = chosen
        scale = sides(boxes)[..., None]
        said = []
        for look in self.looks:
            sampled = _sampled(fine, points.detach(), rows).to(features.dtype)
            points, logits = look(points.detach(), scale, features, sampled)
            said.append((points, logits))
        return said


def sides(boxes_px: Tensor) -> Tensor:
    """The scale of each box (..., 1): the mean of its longer side and the root of its area."""
    size = (boxes_px[..., 2:] - boxes_px[..., :2]).clamp(min=1.0)
    return ((size.amax(-1) + size.prod(-1).sqrt()) / 2)[..., None]


def _larger(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def _flat(x: Tensor) -> Tensor:
    """(b, c, h, w) to (b, h w, c)."""
    return x.flatten(2).transpose(1, 2)


def _centres(level: Tensor, stride: int) -> Tensor:
    """Centres (h w, 2) of a level's cells as x, y in pixels of the input."""
    height, width = level.shape[2:]
    y = torch.arange(height, device=level.device, dtype=torch.float32)
    x = torch.arange(width, device=level.device, dtype=torch.float32)
    grid = torch.stack([x.expand(height, width), y[:, None].expand(height, width)], -1)
    return (grid.flatten(0, 1) + 0.5) * stride


def _sampled(fine: Tensor, points_px: Tensor, rows: Tensor | None) -> Tensor:
    """The fine features (m, 17, c) at points (m, 17, 2), of picture ``rows[i]`` for person i."""
    height, width = fine.shape[2] * FINE_STRIDE, fine.shape[3] * FINE_STRIDE
    # Not a constant tensor of the two: an export would keep the size that it was traced with.
    places = torch.stack([points_px[..., 0] / width, points_px[..., 1] / height], -1) * 2 - 1
    if rows is None:
        grid = places[None].float()
        return _at(fine, grid)[0]
    found = places.new_zeros((*places.shape[:2], fine.shape[1]), dtype=torch.float32)
    for row in sorted(set(rows.tolist())):
        mine = rows == row
        found[mine] = _at(fine[row : row + 1], places[mine][None].float())[0]
    return found


def _at(fine: Tensor, grid: Tensor) -> Tensor:
    sampled = functional.grid_sample(
        fine.float(), grid, mode="bilinear", padding_mode="zeros", align_corners=False
    )
    return sampled.permute(0, 2, 3, 1)
