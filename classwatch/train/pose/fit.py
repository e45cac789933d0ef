"""Train the pose network: ``python -m classwatch.train.pose.fit STILLS... --out FOLDER``.

``STILLS`` are folders of ``classwatch simulate --images``; they may still grow. The schedule goes
by time spent training, which a checkpoint remembers: ``--resume`` goes on where training stopped,
on a CPU or a CUDA device alike. ``--exported FILE`` begins with the weights of an exported network.
Everything random follows from ``--seed`` and the number of the
step, but not how many steps the time allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from classwatch.train.pose.crops import Crop, crops
from classwatch.train.pose.losses import Answers, losses
from classwatch.train.pose.network import PoseNetwork
from classwatch.train.pose.pictures import Still, read_stills
from classwatch.train.pose.restore import USUAL, begin_with
from classwatch.train.pose.runs import Run, Session, begin, options_of, pictures_of, rate_now, train

CHECKPOINT = "last.pt"
_PEAK_RATE = 2.5e-3
_DECAY = 0.02
_AVERAGE = 0.998
"""Weight of the past in the running average of the weights, which is what ships."""
_CROPS_EACH = 4
_LARGE_FROM = 0.62
"""Share of the time after which crops are half as large again, and batches smaller."""
_TELL_EVERY = 50


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train: minutes in all, crops in a batch, side of the crops; the exported network to
    begin with."""

    minutes: float
    batch: int
    size_px: int
    seed: int
    device: str
    rate: float = _PEAK_RATE
    exported: Path | None = None


def new_run(recipe: Recipe) -> Run[PoseNetwork]:
    """A network with random weights."""
    torch.manual_seed(recipe.seed)
    network = PoseNetwork().to(recipe.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = PoseNetwork().to(recipe.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average.load_state_dict(network.state_dict())
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": _DECAY}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98))
    return Run(network, average, optimiser, _AVERAGE)


def batches(folders: Sequence[Path], recipe: Recipe, run: Run[PoseNetwork]) -> Iterator[list[Crop]]:
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
    answers = [
        Answers(
            *(torch.from_numpy(a).to(device) for a in (c.boxes_px, c.keypoints, c.passed_over_px))
        )
        for c in batch
    ]
    return pictures_of([crop.rgb for crop in batch], device), answers


def train_step(run: Run[PoseNetwork], batch: Sequence[Crop], recipe: Recipe) -> dict[str, float]:
    """One step down; the parts of the loss."""
    pictures, answers = tensors(batch, recipe.device)
    with torch.autocast(torch.device(recipe.device).type, torch.bfloat16):
        cells = run.network(pictures)
        parts = losses(run.network, cells, answers)
    return run.descend(parts, rate_now(run, recipe.rate, recipe.minutes))


def fit(folders: Sequence[Path], out: Path, recipe: Recipe, *, resume: bool) -> Run[PoseNetwork]:
    """Train until the recipe's minutes are spent; checkpoints go to ``out``."""
    run = new_run(recipe)
    source = batches(folders, recipe, run)
    session = Session(out / CHECKPOINT, recipe.minutes, _TELL_EVERY, resume)
    if recipe.exported is not None and not session.goes_on:
        usual = (crop.rgb for batch in islice(source, USUAL) for crop in batch)
        begin_with(run, recipe.exported, usual, recipe.device)
    return train(run, source, lambda batch: train_step(run, batch, recipe), session)


def main() -> None:
    """Train, or go on training, and leave a checkpoint."""
    parser = options_of("the pose network", minutes=90.0, batch=16, rate=_PEAK_RATE)
    parser.add_argument("--size", type=int, default=256, help="side of the crops in pixels")
    options = parser.parse_args()
    device = begin(options.threads)
    recipe = Recipe(
        options.minutes,
        options.batch,
        options.size,
        options.seed,
        device,
        options.rate,
        options.exported,
    )
    fit(options.stills, options.out, recipe, resume=options.resume)


if __name__ == "__main__":
    main()
