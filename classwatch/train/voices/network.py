"""The voice network in torch: filter banks in, a unit vector a piece of speech out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from classwatch.speech.recognisers.fbank import BANDS

WIDTH = 96
WIDE = 192
DIMENSIONS = 64
KERNELS = ((5, 2, 1), (3, 1, 2), (3, 1, 3))
"""Kernel, stride and dilation of the layers over time, as in x-vectors (Snyder et al. 2018)."""


class VoiceNetwork(nn.Module):
    """Three layers over time, one per frame, mean and deviation over the piece, one vector."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = BANDS
        for kernel, stride, dilation in KERNELS:
            layers += [
                nn.Conv1d(width, WIDTH, kernel, stride, dilation=dilation),
                nn.ReLU(),
                nn.BatchNorm1d(WIDTH),
            ]
            width = WIDTH
        layers += [nn.Conv1d(width, WIDE, 1), nn.ReLU(), nn.BatchNorm1d(WIDE)]
        self.frames = nn.Sequential(*layers)
        self.vector = nn.Linear(2 * WIDE, DIMENSIONS)
        self.spread = nn.BatchNorm1d(DIMENSIONS)

    def forward(self, banks: Tensor) -> Tensor:
        """Unit vectors (n, DIMENSIONS) of pieces (n, frames, BANDS)."""
        heard = self.frames(banks.transpose(1, 2))
        pooled = torch.cat([heard.mean(dim=2), heard.std(dim=2) + 1e-5], dim=1)
        return functional.normalize(self.spread(self.vector(pooled)), dim=1)
