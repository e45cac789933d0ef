"""Fitting: additive margin softmax over speakers (Wang et al. 2018), resumable at any step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from classwatch.speech.recognisers.fbank import BANDS
from classwatch.train.checkpoints import load_checkpoint, save_checkpoint
from classwatch.train.voices.network import DIMENSIONS, VoiceNetwork
from classwatch.train.voices.speakers import Heard

CHECKPOINT = "last.pt"
_LEAST_FRAMES, _MOST_FRAMES = 70, 230
_RATE = 2e-3
_WARM_STEPS = 100
_MARGIN, _SCALE = 0.15, 20.0
_RAMP_STEPS = 1200
"""Steps over which the margin grows: with all of it at once nothing is learnt for long."""
_REAL_SHARE = 0.3
"""Share of the pieces that are of real voices, which are few."""
_TELL_EVERY = 100
_HOLES, _WIDEST_HOLE = 0.3, 12
"""Share of the pieces in which some bands are missing, and how many at most."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train: number of synthetic speakers (the first ones), steps in all, pieces a step."""

    made: int
    steps: int
    batch: int = 128
    seed: int = 1


@dataclass(slots=True)
class Run:
    """A network in training, the middle (speakers, dimensions) of every speaker, and the step."""

    network: VoiceNetwork
    middles: nn.Parameter
    optimiser: torch.optim.Optimizer
    step: int = 0

    def save(self, path: Path) -> None:
        """Write a checkpoint whole or not at all."""
        state = {
            "network": self.network.state_dict(),
            "middles": self.middles.data,
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        save_checkpoint(path, state)

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint of one's own."""
        state = load_checkpoint(path)
        self.network.load_state_dict(state["network"])
        self.middles.data.copy_(state["middles"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]


def new_run(speakers: int, recipe: Recipe) -> Run:
    """A network with random weights."""
    torch.manual_seed(recipe.seed)
    network = VoiceNetwork()
    middles = nn.Parameter(torch.randn(speakers, DIMENSIONS))
    groups = [
        {"params": list(network.parameters()), "weight_decay": 1e-3},
        {"params": [middles], "weight_decay": 0.0},
    ]
    return Run(network, middles, torch.optim.AdamW(groups, lr=_RATE))


def train(heard: Heard, run: Run, recipe: Recipe, folder: Path) -> None:
    """Up to the recipe's last step, with a checkpoint in ``folder`` every so often.

    What is drawn follows from the seed and the number of the step, so that a run that was
    interrupted ends as one that was not.
    """
    pieces, total = Pieces(heard, recipe), 0.0
    run.network.train()
    while run.step < recipe.steps:
        total += train_step(run, pieces, recipe)
        if run.step % _TELL_EVERY == 0 or run.step == recipe.steps:
            print(f"step {run.step} loss {total / _TELL_EVERY:.3f}", flush=True)
            total = 0.0
            run.save(folder / CHECKPOINT)


def train_step(run: Run, pieces: Pieces, recipe: Recipe) -> float:
    """One step down; the loss before it."""
    rate = _RATE * min(1.0, (run.step + 1) / _WARM_STEPS) * max(0.01, 1 - run.step / recipe.steps)
    for group in run.optimiser.param_groups:
        group["lr"] = rate
    banks, speaker = pieces.batch(np.random.default_rng([recipe.seed, run.step]))
    loss = _loss(run, torch.from_numpy(banks), torch.from_numpy(speaker))
    run.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    run.optimiser.step()
    run.step += 1
    return float(loss.detach())


def _loss(run: Run, banks: Tensor, speaker: Tensor) -> Tensor:
    cosine = run.network(banks) @ functional.normalize(run.middles, dim=1).T
    ramp = _MARGIN * min(1.0, run.step / _RAMP_STEPS)
    margin = functional.one_hot(speaker, cosine.shape[1]) * ramp
    return functional.cross_entropy(_SCALE * (cosine - margin), speaker)


class Pieces:
    """Random pieces of utterances, as the port gives them to a network: their mean taken off."""

    def __init__(self, heard: Heard, recipe: Recipe) -> None:
        self._heard, self._recipe = heard, recipe
        self._of = [np.flatnonzero(heard.speaker == k) for k in range(int(heard.speaker.max()) + 1)]

    def batch(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Frames (n, k, BANDS) and speakers (n,), all pieces equally long."""
        length = int(rng.integers(_LEAST_FRAMES, _MOST_FRAMES))
        speakers = self._speakers(rng)
        return np.stack([self._piece(k, length, rng) for k in speakers.tolist()]), speakers

    def _speakers(self, rng: np.random.Generator) -> NDArray[np.int64]:
        made, everyone = min(self._recipe.made, len(self._of)), len(self._of)
        real = round(_REAL_SHARE * self._recipe.batch) if made < everyone else 0
        synthetic = rng.integers(0, made, self._recipe.batch - real)
        return np.concatenate([synthetic, rng.integers(min(made, everyone - 1), everyone, real)])

    def _piece(self, speaker: int, length: int, rng: np.random.Generator) -> NDArray[np.float32]:
        said = self._heard.utterance(int(rng.choice(self._of[speaker])))
        if len(said) < length:
            said = np.resize(said, (length, BANDS))
        start = int(rng.integers(len(said) - length + 1))
        piece: NDArray[np.float32] = said[start : start + length]
        piece = piece - piece.mean(axis=0)
        if rng.uniform() < _HOLES:
            low = int(rng.integers(BANDS))
            piece[:, low : low + int(rng.integers(1, _WIDEST_HOLE))] = 0.0
        return piece
