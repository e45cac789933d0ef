"""Write the trained network as ONNX: ``python -m classwatch.train.joints.export CHECKPOINT OUT``.

Bodies (n, 3, s, s) in [0, 1] to points (n, 17, 3): x and y in shares of the side, and the chance
that the point is seen and right; to boxes (n, 4) in shares of the side; and to the probabilities
(n, 9) of what the body seems to do. The same checkpoint gives the same bytes. Needs ``onnx``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from classwatch.train.joints.network import JointNetwork, read, read_box
from classwatch.train.onnx_file import Face, write_onnx
from classwatch.train.pose.runs import averaged
from classwatch.vision.joints import SIDE_PX

_FACE = Face(
    "bodies",
    ("points", "boxes", "glance"),
    {name: {0: "count"} for name in ("bodies", "points", "boxes", "glance")},
    {"task": "joints", "author": "classwatch"},
)


class Exported(nn.Module):
    """Bodies to points, boxes and glances."""

    def __init__(self, network: JointNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, bodies: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps = self.network(bodies)
        told = read(maps)
        points = torch.cat([told[..., :2], told[..., 2:].sigmoid()], 2)
        return points, read_box(maps), maps.glance.softmax(1)


def export(network: JointNetwork, out: Path) -> None:
    """Write ``network`` to ``out``; ModelError where ``onnx`` is not installed."""
    write_onnx(Exported(network), torch.zeros(2, 3, SIDE_PX, SIDE_PX), _FACE, out)


def main() -> None:
    """Export a checkpoint."""
    parser = argparse.ArgumentParser(description="Write the trained network of joints as ONNX.")
    parser.add_argument("checkpoint", type=Path, help="joints.pt of a training")
    parser.add_argument("out", type=Path, help="the .onnx file to write")
    options = parser.parse_args()
    export(averaged(JointNetwork(), options.checkpoint), options.out)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
