"""Write the trained network as ONNX: ``python -m classwatch.train.pose.export CHECKPOINT OUT``.

The file reads like a YOLO pose model: pictures (1, 3, h, w) in [0, 1], h and w multiples of 32, to
(1, 56, 300), one column a cell: centre x, y, width, height, score, 17 x (x, y, right):
``right`` is the chance that the point is seen and right. Only the 300
best cells get the second look; suppression of overlapping boxes is left to the reader. The same
checkpoint gives the same bytes. Needs the package ``onnx``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from classwatch.train.onnx_file import Face, write_onnx
from classwatch.train.pose.network import PoseNetwork
from classwatch.train.pose.runs import averaged
from classwatch.train.pose.targets import overlaps

KEPT = 300
_SAME = 0.7
"""Overlap from which two boxes are of one person."""
_CAUTION = 1.07
"""Taken off the logit of every score: an analysis counts people from 0.25 on. On held-out stills
with crops this is where 95 % of the boxes are people."""
_FACE = Face(
    "images",
    ("people",),
    {"images": {2: "height", 3: "width"}},
    {"task": "pose", "kpt_shape": "[17, 3]", "stride": "32", "author": "classwatch"},
)


class Exported(nn.Module):
    """One picture (1, 3, h, w) to columns (1, 56, 300), the best cells first."""

    def __init__(self, network: PoseNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor) -> Tensor:
        cells = self.network(picture)
        best = cells.logits[0].topk(KEPT)
        boxes, points = cells.boxes_px[0][best.indices], cells.points_px[0][best.indices]
        chosen = (boxes, points, cells.features[0][best.indices])
        points, right = self.network.look(chosen, cells.fine)[-1]
        scores = (best.values - _CAUTION).sigmoid()
        boxes = _agreed(boxes, scores)
        middle, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
        told = torch.cat([points, right.sigmoid()[..., None]], -1).flatten(1)
        columns = torch.cat([middle, size, scores[:, None], told], 1)
        return columns.T[None]


def _agreed(boxes_px: Tensor, scores: Tensor) -> Tensor:
    """Each box (m, 4) as the mean of those that mean the same, weighted by their scores."""
    same = (overlaps(boxes_px, boxes_px) > _SAME).float() * scores[None]
    return same @ boxes_px / same.sum(1, keepdim=True)


def export(network: PoseNetwork, out: Path) -> None:
    """Write ``network`` to ``out``; ModelError where ``onnx`` is not installed."""
    write_onnx(Exported(network), torch.zeros(1, 3, 256, 320), _FACE, out)


def main() -> None:
    """Export a checkpoint."""
    parser = argparse.ArgumentParser(description="Write the trained pose network as ONNX.")
    parser.add_argument("checkpoint", type=Path, help="last.pt of a training")
    parser.add_argument("out", type=Path, help="the .onnx file to write")
    options = parser.parse_args()
    export(averaged(PoseNetwork(), options.checkpoint), options.out)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
