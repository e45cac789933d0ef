"""Train the network of joints: ``python -m classwatch.train.joints.fit STILLS... --out FOLDER``.

``STILLS`` are folders of ``classwatch simulate --images``. The schedule goes by time spent
training, which a checkpoint remembers: ``--resume`` goes on where training stopped.
``--only-glance CHECKPOINT`` takes a trained network over, leaves its points as they are, and trains
what tells what the body does. ``--exported FILE`` begins with the weights of an exported network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from classwatch.train.joints.bodies import Body, bodies
from classwatch.train.joints.losses import glance_loss, losses
from classwatch.train.joints.network import JointNetwork
from classwatch.train.pose.pictures import read_stills
from classwatch.train.pose.restore import USUAL, begin_with
from classwatch.train.pose.runs import (
    Run,
    Session,
    averaged,
    begin,
    options_of,
    pictures_of,
    rate_now,
    train,
)

CHECKPOINT = "joints.pt"
_DECAY = 0.02
_AVERAGE = 0.999
_BODIES_EACH = 16
_POOL = 12
"""Batches that lie ready to be drawn from, so that one still's bodies are not in one batch."""
_TELL_EVERY = 100


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train: minutes in all, bodies in a batch, highest learning rate; where only the glance
    is to be learnt, the checkpoint whose points are kept; the exported network to begin with."""

    minutes: float
    batch: int
    rate: float
    seed: int
    device: str
    points: Path | None = None
    exported: Path | None = None


def new_run(recipe: Recipe) -> Run[JointNetwork]:
    """A network with random weights, or with those of the checkpoint whose points are kept."""
    torch.manual_seed(recipe.seed)
    network, average = (
        JointNetwork().to(recipe.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        for _ in range(2)
    )
    if recipe.points is not None:
        averaged(network, recipe.points).learn_only_glance()
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.rate, betas=(0.9, 0.98), weight_decay=_DECAY
    )
    return Run(network, average, optimiser, _AVERAGE)


def batches(
    folders: Sequence[Path], recipe: Recipe, run: Run[JointNetwork]
) -> Iterator[list[Body]]:
    """Batches without end, the stills in another order each time."""
    rng = np.random.default_rng([recipe.seed, run.step])
    stills = [still for folder in folders for still in read_stills(folder, {})]
    pool: list[Body] = []
    while True:
        for i in rng.permutation(len(stills)):
            pool += bodies(stills[i], _BODIES_EACH, rng)
            while len(pool) >= _POOL * recipe.batch:
                order = rng.permutation(len(pool))
                yield [pool[k] for k in order[: recipe.batch]]
                pool = [pool[k] for k in order[recipe.batch :]]


def tensors(batch: Sequence[Body], device: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A batch of bodies as what goes into the network, and what should come out."""
    points = torch.from_numpy(np.stack([body.keypoints for body in batch])).to(device)
    boxes = torch.from_numpy(np.stack([body.box for body in batch])).to(device)
    acts = torch.tensor([body.act for body in batch], device=device)
    return pictures_of([body.rgb for body in batch], device), points, boxes, acts


def train_step(run: Run[JointNetwork], batch: Sequence[Body], recipe: Recipe) -> dict[str, float]:
    """One step down; the parts of the loss."""
    pictures, points, boxes, acts = tensors(batch, recipe.device)
    with torch.autocast(torch.device(recipe.device).type, torch.bfloat16):
        maps = run.network(pictures)
    if recipe.points is not None:
        parts = {"glance": glance_loss(maps, acts)}
    else:
        parts = losses(maps, points, boxes, acts)
    return run.descend(parts, rate_now(run, recipe.rate, recipe.minutes))


def fit(folders: Sequence[Path], out: Path, recipe: Recipe, *, resume: bool) -> Run[JointNetwork]:
    """Train until the recipe's minutes are spent; checkpoints go to ``out``."""
    run = new_run(recipe)
    source = batches(folders, recipe, run)
    session = Session(out / CHECKPOINT, recipe.minutes, _TELL_EVERY, resume)
    if recipe.exported is not None and not session.goes_on:
        usual = (body.rgb for batch in islice(source, USUAL) for body in batch)
        begin_with(run, recipe.exported, usual, recipe.device)
    return train(run, source, lambda batch: train_step(run, batch, recipe), session)


def main() -> None:
    """Train, or go on training, and leave a checkpoint."""
    parser = options_of("the network of joints", minutes=75.0, batch=64, rate=3e-3)
    parser.add_argument(
        "--only-glance", type=Path, metavar="CHECKPOINT", help="keep the points of this network"
    )
    options = parser.parse_args()
    device = begin(options.threads)
    recipe = Recipe(
        options.minutes,
        options.batch,
        options.rate,
        options.seed,
        device,
        options.only_glance,
        options.exported,
    )
    fit(options.stills, options.out, recipe, resume=options.resume)


if __name__ == "__main__":
    main()
