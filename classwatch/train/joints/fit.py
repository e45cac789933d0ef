"""Train the network of joints: ``python -m classwatch.train.joints.fit STILLS... --out FOLDER``.

``STILLS`` are folders of ``classwatch simulate --images``. The schedule goes by time spent
training, which a checkpoint remembers: ``--resume`` goes on where training stopped.
"""

from __future__ import annotations

import argparse
import math
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from classwatch.train.checkpoints import load_checkpoint, save_checkpoint
from classwatch.train.joints.bodies import Body, bodies
from classwatch.train.joints.losses import losses
from classwatch.train.joints.network import JointNetwork
from classwatch.train.pose.pictures import read_stills

CHECKPOINT = "joints.pt"
_LAST_RATE = 2e-5
_WARM_STEPS = 150
_DECAY = 0.02
_CLIP = 8.0
_AVERAGE = 0.999
_BODIES_EACH = 16
_POOL = 12
"""Batches that lie ready to be drawn from, so that one still's bodies are not in one batch."""
_SAVE_EVERY_S = 300.0
_TELL_EVERY = 100


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train: minutes in all, bodies in a batch, highest learning rate."""

    minutes: float
    batch: int
    rate: float
    seed: int
    device: str


@dataclass(slots=True)
class Run:
    """A network in training: its average, its optimiser, steps and seconds so far."""

    network: JointNetwork
    average: JointNetwork
    optimiser: torch.optim.Optimizer
    step: int = 0
    spent_s: float = 0.0

    def save(self, path: Path) -> None:
        """Write a checkpoint whole or not at all."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "spent_s": self.spent_s,
        }
        save_checkpoint(path, state)

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint of one's own."""
        state = load_checkpoint(path)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.spent_s = state["step"], state["spent_s"]


def new_run(recipe: Recipe) -> Run:
    """A network with random weights."""
    torch.manual_seed(recipe.seed)
    network, average = (
        JointNetwork().to(recipe.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        for _ in range(2)
    )
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.rate, betas=(0.9, 0.98), weight_decay=_DECAY
    )
    return Run(network, average, optimiser)


def batches(folders: Sequence[Path], recipe: Recipe, run: Run) -> Iterator[list[Body]]:
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


def tensors(batch: Sequence[Body], device: str) -> tuple[Tensor, Tensor]:
    """A batch of bodies as what goes into the network, and what should come out."""
    rgb = torch.from_numpy(np.stack([body.rgb for body in batch])).to(device)
    points = torch.from_numpy(np.stack([body.keypoints for body in batch])).to(device)
    pictures = rgb.permute(0, 3, 1, 2).float() / 255
    return pictures.contiguous(memory_format=torch.channels_last), points


def train_step(run: Run, batch: Sequence[Body], recipe: Recipe) -> dict[str, float]:
    """One step down; the parts of the loss."""
    done = min(1.0, run.spent_s / (recipe.minutes * 60))
    warm = min(1.0, (run.step + 1) / _WARM_STEPS)
    rate = _LAST_RATE + (recipe.rate - _LAST_RATE) * warm * (1 + math.cos(math.pi * done)) / 2
    for group in run.optimiser.param_groups:
        group["lr"] = rate
    pictures, points = tensors(batch, recipe.device)
    with torch.autocast(torch.device(recipe.device).type, torch.bfloat16):
        maps = run.network(pictures)
    parts = losses(maps, points)
    loss = torch.stack(list(parts.values())).sum()
    run.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), _CLIP)
    run.optimiser.step()
    run.step += 1
    _follow(run)
    return {name: float(part.detach()) for name, part in parts.items()}


@torch.no_grad()
def _follow(run: Run) -> None:
    past = min(_AVERAGE, (1 + run.step) / (20 + run.step))
    pairs = zip(run.average.state_dict().values(), run.network.state_dict().values(), strict=True)
    for kept, new in pairs:
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - past)
        else:
            kept.copy_(new)


def fit(folders: Sequence[Path], out: Path, recipe: Recipe, *, resume: bool) -> Run:
    """Train until the recipe's minutes are spent; checkpoints go to ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    run = new_run(recipe)
    if resume and (out / CHECKPOINT).is_file():
        run.restore(out / CHECKPOINT)
    run.network.train()
    saved_s = run.spent_s
    told: dict[str, float] = {}
    began = time.monotonic() - run.spent_s
    try:
        for batch in batches(folders, recipe, run):
            parts = train_step(run, batch, recipe)
            run.spent_s = time.monotonic() - began
            told = {name: 0.98 * told.get(name, part) + 0.02 * part for name, part in parts.items()}
            if run.step % _TELL_EVERY == 0:
                shown = " ".join(f"{name} {part:.3f}" for name, part in told.items())
                print(f"step {run.step} {run.spent_s / 60:.1f} min {shown}", flush=True)
            if run.spent_s >= recipe.minutes * 60:
                break
            if run.spent_s - saved_s > _SAVE_EVERY_S:
                run.save(out / CHECKPOINT)
                saved_s = run.spent_s
    finally:
        run.save(out / CHECKPOINT)
    return run


def main() -> None:
    """Train, or go on training, and leave a checkpoint."""
    parser = argparse.ArgumentParser(description="Train the network of joints on labelled stills.")
    parser.add_argument("stills", type=Path, nargs="+", help="folders of `simulate --images`")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--minutes", type=float, default=75.0, help="time to train in all")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    options = parser.parse_args()
    # A training that is stopped from outside leaves a checkpoint as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    recipe = Recipe(options.minutes, options.batch, options.rate, options.seed, device)
    fit(options.stills, options.out, recipe, resume=options.resume)


if __name__ == "__main__":
    main()
