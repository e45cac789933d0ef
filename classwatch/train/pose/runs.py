"""Training by the clock: a network, its running average, and a loop that a checkpoint remembers."""

from __future__ import annotations

import math
import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from classwatch.train.checkpoints import load_checkpoint, save_checkpoint

_LAST_RATE = 2e-5
_WARM_STEPS = 150
_CLIP = 8.0
_SAVE_EVERY_S = 300.0
Network = TypeVar("Network", bound=nn.Module)
Batch = TypeVar("Batch")


@dataclass(slots=True)
class Run(Generic[Network]):
    """A network in training: its average, which is what ships, steps and seconds so far.

    ``kept`` is the weight of the past in the average.
    """

    network: Network
    average: Network
    optimiser: torch.optim.Optimizer
    kept: float
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

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of one's own, where there is one."""
        if not path.is_file():
            return
        state = load_checkpoint(path)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.spent_s = state["step"], state["spent_s"]

    def descend(self, parts: Mapping[str, Tensor], rate: float) -> dict[str, float]:
        """One step down the sum of the parts of a loss; the parts as numbers."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack(list(parts.values())).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return {name: float(part.detach()) for name, part in parts.items()}

    @torch.no_grad()
    def _follow(self) -> None:
        past = min(self.kept, (1 + self.step) / (20 + self.step))
        pairs = zip(
            self.average.state_dict().values(), self.network.state_dict().values(), strict=True
        )
        for kept, new in pairs:
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - past)
            else:
                kept.copy_(new)


def averaged(network: Network, checkpoint: Path) -> Network:
    """``network`` with the averaged weights of a checkpoint, ready to be used."""
    network.load_state_dict(load_checkpoint(checkpoint)["average"])
    return network.eval()


def begin(threads: int) -> str:
    """Get the process ready to train with so many threads; the device to train on.

    A training that is stopped from outside leaves a checkpoint as well.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    return "cuda" if torch.cuda.is_available() else "cpu"


def pictures_of(rgb: Sequence[NDArray[np.uint8]], device: str) -> Tensor:
    """Pictures (s, s, 3) of one size as a network takes them: (n, 3, s, s) in [0, 1]."""
    stacked = torch.from_numpy(np.stack(rgb)).to(device).permute(0, 3, 1, 2).float() / 255
    return stacked.contiguous(memory_format=torch.channels_last)


def options_of(what: str, *, minutes: float, batch: int, rate: float) -> ArgumentParser:
    """The options of a training on labelled stills, with these defaults."""
    parser = ArgumentParser(description=f"Train {what} on labelled stills.")
    parser.add_argument("stills", type=Path, nargs="+", help="folders of `simulate --images`")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--minutes", type=float, default=minutes, help="time to train in all")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument(
        "--exported", type=Path, metavar="FILE", help="begin with an exported .onnx network"
    )
    return parser


def rate_now(run: Run[Network], highest: float, minutes: float) -> float:
    """The learning rate: rising over the first steps, falling as a cosine over the minutes."""
    done = min(1.0, run.spent_s / (minutes * 60))
    warm = min(1.0, (run.step + 1) / _WARM_STEPS)
    return _LAST_RATE + (highest - _LAST_RATE) * warm * (1 + math.cos(math.pi * done)) / 2


@dataclass(frozen=True, slots=True)
class Session:
    """How long to train in all, how often to tell, and the checkpoint that is left; ``resume``
    goes on from it."""

    checkpoint: Path
    minutes: float
    tell_every: int
    resume: bool

    @property
    def goes_on(self) -> bool:
        """Whether there is a checkpoint of its own to go on from."""
        return self.resume and self.checkpoint.is_file()


def train(
    run: Run[Network],
    batches: Iterable[Batch],
    step: Callable[[Batch], dict[str, float]],
    session: Session,
) -> Run[Network]:
    """``run`` after steps until the minutes are spent; however that ends, a checkpoint is left.

    A checkpoint is gone on from before the first batch is asked for.
    """
    checkpoint = session.checkpoint
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    if session.resume:
        run.resume(checkpoint)
    run.network.train()
    saved_s = run.spent_s
    told: dict[str, float] = {}
    began = time.monotonic() - run.spent_s
    try:
        for batch in batches:
            parts = step(batch)
            run.spent_s = time.monotonic() - began
            told = {name: 0.95 * told.get(name, part) + 0.05 * part for name, part in parts.items()}
            if run.step % session.tell_every == 0:
                shown = " ".join(f"{name} {part:.3f}" for name, part in told.items())
                print(f"step {run.step} {run.spent_s / 60:.1f} min {shown}", flush=True)
            if run.spent_s >= session.minutes * 60:
                break
            if run.spent_s - saved_s > _SAVE_EVERY_S:
                run.save(checkpoint)
                saved_s = run.spent_s
    finally:
        run.save(checkpoint)
    return run
