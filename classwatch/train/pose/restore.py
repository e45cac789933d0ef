"""Go on from an exported network: the weights of an ``.onnx`` file back in a network that learns.

An exported file has its normalisations folded into its convolutions. They are taken apart again by
what a batch of pictures makes of them, so that the network says the same as the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from classwatch.core.errors import ModelError
from classwatch.train.onnx_file import onnx_package
from classwatch.train.pose.runs import Network, Run, pictures_of

_INSIDE = "network."
"""Where an exported file has the network: beside it is what only readers of the file need."""
USUAL = 8
"""Batches that tell what is usual inside an exported network."""


def begin_with(
    run: Run[Network], path: Path, usual: Iterable[NDArray[np.uint8]], device: str
) -> None:
    """Give ``run`` the weights of an exported network, see ``restore``; the ``usual`` pictures
    (s, s, 3) tell what is usual."""
    restore(run.network, path, pictures_of(list(usual), device))
    run.average.load_state_dict(run.network.state_dict())


@torch.no_grad()
def restore(network: Network, path: Path, pictures: Tensor) -> Network:
    """``network`` with what was exported to ``path``, ready to be used; ``pictures``, some
    hundreds, tell what to take for usual.

    Raises ModelError where the file holds another network, or ``onnx`` is not installed.
    """
    network.eval()
    pairs = _normalised(network)
    used = _order(network, pairs, pictures[:1])
    named, folded = _stored(path)
    _check(network, pairs, used, (named, folded), path)
    for name, weight in named.items():
        network.get_parameter(name).copy_(weight)
    for convolution, (weight, bias) in zip(used, folded, strict=True):
        convolution.weight.copy_(weight)
        pairs[convolution].bias.copy_(bias)
    _unfold(network, pairs, pictures)
    return network


def _normalised(network: nn.Module) -> dict[nn.Conv2d, nn.BatchNorm2d]:
    """The normalisation that follows each convolution that has one."""
    return {
        first: second
        for module in network.modules()
        if isinstance(module, nn.Sequential)
        for first, second in pairwise(module)
        if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d)
    }


def _order(
    network: nn.Module, pairs: Mapping[nn.Conv2d, nn.BatchNorm2d], example: Tensor
) -> list[nn.Conv2d]:
    """The convolutions that are normalised, in the order in which they are first used."""
    used: dict[nn.Conv2d, None] = {}

    def note(module: nn.Module, _: tuple[Tensor, ...]) -> None:
        assert isinstance(module, nn.Conv2d)
        used.setdefault(module)

    with _watched(pairs, note):
        network(example)
    return list(used)


def _stored(path: Path) -> tuple[dict[str, Tensor], list[tuple[Tensor, Tensor]]]:
    """What the file has: weights that have kept their names, and weights and biases of
    convolutions that took a normalisation in, as they are first used."""
    onnx = onnx_package()
    graph = onnx.load(path).graph
    stored = {one.name: torch.tensor(onnx.numpy_helper.to_array(one)) for one in graph.initializer}
    named = {
        name.removeprefix(_INSIDE): weight
        for name, weight in stored.items()
        if name.startswith(_INSIDE)
    }
    folded = dict.fromkeys(tuple(node.input[1:3]) for node in graph.node if _took_in(node, stored))
    return named, [(stored[weight], stored[bias]) for weight, bias in folded]


def _took_in(node: Any, stored: Mapping[str, Tensor]) -> bool:
    names = node.input[1:]
    return (
        node.op_type == "Conv"
        and len(names) == 2
        and all(name in stored and not name.startswith(_INSIDE) for name in names)
    )


def _check(
    network: nn.Module,
    pairs: Mapping[nn.Conv2d, nn.BatchNorm2d],
    used: list[nn.Conv2d],
    given: tuple[Mapping[str, Tensor], list[tuple[Tensor, Tensor]]],
    path: Path,
) -> None:
    named, folded = given
    inside = {id(p) for pair in pairs.items() for module in pair for p in module.parameters()}
    wanted = {name: p.shape for name, p in network.named_parameters() if id(p) not in inside}
    same = wanted == {name: weight.shape for name, weight in named.items()}
    if not same or [c.weight.shape for c in used] != [weight.shape for weight, _ in folded]:
        raise ModelError(
            "is not the network that is trained here",
            subject=str(path),
            remedy="train from the beginning, or take the program that it was exported with",
        )


def _unfold(
    network: nn.Module, pairs: Mapping[nn.Conv2d, nn.BatchNorm2d], pictures: Tensor
) -> None:
    """Let every normalisation take out what these pictures have there, and put it back; where it is
    used more than once, the mean over its uses."""
    for norm in pairs.values():
        nn.init.zeros_(_kept(norm.running_mean))
        nn.init.constant_(_kept(norm.running_var), 1 - norm.eps)
        nn.init.ones_(norm.weight)
    seen: defaultdict[nn.Module, list[tuple[Tensor, Tensor]]] = defaultdict(list)

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        (x,) = inputs
        seen[module].append((x.mean((0, 2, 3)), x.var((0, 2, 3))))

    with _watched(pairs.values(), note):
        network(pictures)
    for norm in pairs.values():
        mean, var = (torch.stack(each).mean(0) for each in zip(*seen[norm], strict=True))
        _kept(norm.running_mean).copy_(mean)
        _kept(norm.running_var).copy_(var)
        norm.weight.copy_((var + norm.eps).sqrt())
        norm.bias.add_(mean)


def _kept(statistic: Tensor | None) -> Tensor:
    assert statistic is not None
    return statistic


@contextmanager
def _watched(modules: Any, note: Any) -> Iterator[None]:
    """Have ``note`` called before any of ``modules`` is used."""
    handles = [module.register_forward_pre_hook(note) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
