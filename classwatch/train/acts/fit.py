"""Fitting the network of acts with torch, and calibrating what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.train.pose.pictures import UNTOLD
from classwatch.vision import acts_features, teacher_features
from classwatch.vision.acts import STUDENT_CLASSES
from classwatch.vision.acts_model import ActsModel
from classwatch.vision.teacher_acts import TEACHER_CLASSES

_BATCH = 1024
_RATE = 2e-3
_DROPOUT = 0.15
_COPIED = 0.5
"""Share of the examples that are shown as copies."""
_BODIES = acts_features.Spread(shape=0.12, scale=0.1, unsteady=0.05, strange=0.3, doubt=0.5)
"""Thirteen characters are few: whoever is not among them should not be strange."""
_SOFT = 0.05
"""Label smoothing."""
_BALANCE = 0.5
"""Classes weigh by this power of their rarity: 0 as they come, 1 all the same."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a network is for and how large: its classes, the width of its features, its hidden
    layers, a copy of features that shows the same acts in other bodies or a mirror, and the lowest
    temperature: below it what is told of strangers would be too sure."""

    classes: tuple[str, ...]
    width: int
    hidden: tuple[int, ...]
    copied: Callable[[NDArray[np.float32], np.random.Generator], NDArray[np.float32]]
    sharpest: float


def _other_students(table: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    return acts_features.varied(acts_features.mirrored(table), _BODIES, rng)


def _teachers_mirrored(table: NDArray[np.float32], _: np.random.Generator) -> NDArray[np.float32]:
    return teacher_features.mirrored(table)


STUDENTS = Form(STUDENT_CLASSES, acts_features.WIDTH, (384, 192), _other_students, 1.0)
TEACHERS = Form(TEACHER_CLASSES, teacher_features.WIDTH, (192, 96), _teachers_mirrored, 0.4)


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Features (n, w) in half precision, label (n,) and number (n,) of the lesson's camera."""

    table: NDArray[np.float16]
    label: NDArray[np.int64]
    group: NDArray[np.int64]

    def told(self) -> Examples:
        """Those with a label."""
        kept = self.label != UNTOLD
        return Examples(self.table[kept], self.label[kept], self.group[kept])


def fit(form: Form, train: Examples, held_out: Examples, *, epochs: int, seed: int) -> ActsModel:
    """The network fitted on ``train`` and calibrated on ``held_out``, copies included."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    train, held_out = train.told(), held_out.told()
    classes = len(form.classes)
    sizes = (form.width, *form.hidden, classes)
    layers: list[nn.Module] = []
    for number, (before, after) in enumerate(pairwise(sizes)):
        layers.append(nn.Linear(before, after))
        if number + 2 < len(sizes):
            layers += [nn.ReLU(), nn.Dropout(_DROPOUT)]
    net = nn.Sequential(*layers)
    counts = np.maximum(np.bincount(train.label, minlength=classes), 1)
    rarity = torch.tensor((len(train.label) / classes / counts) ** _BALANCE, dtype=torch.float32)
    loss_of = nn.CrossEntropyLoss(weight=rarity, label_smoothing=_SOFT)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=1e-3)
    steps = epochs * -(-len(train.label) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2 * _RATE, total_steps=steps)
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        net.train()
        order = rng.permutation(len(train.label))
        for first in range(0, len(order), _BATCH):
            rows = np.sort(order[first : first + _BATCH])
            table = train.table[rows].astype(np.float32)
            copied = rng.random(len(rows)) < _COPIED
            table[copied] = form.copied(table[copied], rng)
            loss = loss_of(net(torch.from_numpy(table)), torch.from_numpy(train.label[rows]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    linear = [layer for layer in net if isinstance(layer, nn.Linear)]
    biases = [layer.bias.detach().numpy().copy() for layer in linear]
    # Weighing rare classes more makes them too likely by just these weights.
    biases[-1] -= np.log(rarity.numpy())
    model = ActsModel(
        form.classes,
        tuple(_rounded(layer.weight.detach().numpy().T) for layer in linear),
        tuple(biases),
        1.0,
    )
    return _calibrated(model, held_out, form.sharpest)


def _rounded(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """As it will be stored."""
    return weight.astype(np.float16).astype(np.float32)


def _calibrated(model: ActsModel, held_out: Examples, sharpest: float) -> ActsModel:
    """The temperature under which the labels of ``held_out`` are likeliest."""
    logs = np.log(np.maximum(model.probabilities(held_out.table.astype(np.float32)), 1e-9))
    best = min(
        np.arange(sharpest, 3.01, 0.05).tolist(), key=lambda t: _surprise(logs / t, held_out.label)
    )
    return ActsModel(model.classes, model.weights, model.biases, round(float(best), 2))


def _surprise(logits: NDArray[np.float32], label: NDArray[np.int64]) -> float:
    top = logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    return float((total - logits[np.arange(len(label)), label]).mean())
