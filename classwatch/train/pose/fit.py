"""Train the pose network: ``python -m classwatch.train.pose.fit STILLS... --out FOLDER``.

``STILLS`` are folders of ``classwatch simulate --images``; they may still grow. The schedule goes
by time spent training, which a checkpoint remembers: ``--resume`` goes on where training stopped,
on a CPU or a CUDA device alike. Everything random follows from ``--seed`` and the number of the
step, but not how many steps the time allows.
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
from classwatch.train.pose.crops import Crop, crops
from classwatch.train.pose.losses import Answers, losses
from classwatch.train.pose.network import PoseNetwork
from classwatch.train.pose.pictures import Still, read_stills

CHECKPOINT = "last.pt"
_PEAK_RATE, _LAST_RATE = 2.5e-3, 2e-5
_WARM_STEPS = 150
_DECAY = 0.02
_CLIP = 8.0
_AVERAGE = 0.998
"""Weight of the past in the running average of the weights, which is what ships."""
_CROPS_EACH = 4
_LARGE_FROM = 0.62
"""Share of the time after which crops are half as large again, and batches smaller."""
_SAVE_EVERY_S = 300.0
_TELL_EVERY = 50


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train: minutes in all, crops in a batch, side of the crops."""

    minutes: float
    batch: int
    size_px: int
    seed: int
    device: str
    rate: float = _PEAK_RATE


@dataclass(slots=True)
class Run:
    """A network in training: its average, its optimiser, steps and seconds so far."""

    network: PoseNetwork
    average: PoseNetwork
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
    network = PoseNetwork().to(recipe.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = PoseNetwork().to(recipe.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average.load_state_dict(network.state_dict())
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": _DECAY}, {"params": others, "weight_decay": 0.0}]
    return Run(network, average, torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98)))


def batches(folders: Sequence[Path], recipe: Recipe, run: Run) -> Iterator[list[Crop]]:
    """Batches without end; the folders are read again when all stills have been used."""
    rng = np.random.default_rng([recipe.seed, run.step])
    known: dict[Path, tuple[Still, ...]] = {}
    pool: list[Crop] = []
    while True:
        stills = [still for folder in folders for still in read_stills(folder, known)]
        print(f"{len(stills)} stills", flush=True)
        for i in rng.permutation(len(stills)):
            size_px, count = recipe.size_px, recipe.batch
            if run.spent_s > _LARGE_FROM * recipe.minutes * 60:
                size_px, count = size_px * 3 // 2, max(4, recipe.batch // 2)
            pool = [crop for crop in pool if len(crop.rgb) == size_px]
            pool += crops(stills[i], size_px, _CROPS_EACH, rng)
            while len(pool) >= 8 * count:
                chosen = set(rng.choice(len(pool), count, replace=False).tolist())
                yield [pool[k] for k in sorted(chosen)]
                pool = [crop for k, crop in enumerate(pool) if k not in chosen]


def tensors(batch: Sequence[Crop], device: str) -> tuple[Tensor, list[Answers]]:
    """A batch of crops as what goes into the network, and what should come out."""
    rgb = torch.from_numpy(np.stack([crop.rgb for crop in batch])).to(device)
    pictures = rgb.permute(0, 3, 1, 2).float() / 255
    answers = [
        Answers(
            *(torch.from_numpy(a).to(device) for a in (c.boxes_px, c.keypoints, c.passed_over_px))
        )
        for c in batch
    ]
    return pictures.contiguous(memory_format=torch.channels_last), answers


def train_step(run: Run, batch: Sequence[Crop], recipe: Recipe) -> dict[str, float]:
    """One step down; the parts of the loss."""
    done = min(1.0, run.spent_s / (recipe.minutes * 60))
    warm = min(1.0, (run.step + 1) / _WARM_STEPS)
    rate = _LAST_RATE + (recipe.rate - _LAST_RATE) * warm * (1 + math.cos(math.pi * done)) / 2
    for group in run.optimiser.param_groups:
        group["lr"] = rate
    pictures, answers = tensors(batch, recipe.device)
    with torch.autocast(torch.device(recipe.device).type, torch.bfloat16):
        cells = run.network(pictures)
        parts = losses(run.network, cells, answers)
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
            told = {name: 0.95 * told.get(name, part) + 0.05 * part for name, part in parts.items()}
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
    parser = argparse.ArgumentParser(description="Train the pose network on labelled stills.")
    parser.add_argument("stills", type=Path, nargs="+", help="folders of `simulate --images`")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--minutes", type=float, default=90.0, help="time to train in all")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=256, help="side of the crops in pixels")
    parser.add_argument("--rate", type=float, default=_PEAK_RATE, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    options = parser.parse_args()
    # A training that is stopped from outside leaves a checkpoint as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    recipe = Recipe(
        options.minutes, options.batch, options.size, options.seed, device, options.rate
    )
    fit(options.stills, options.out, recipe, resume=options.resume)


if __name__ == "__main__":
    main()
