"""Go on from an exported network: the weights of the ``.onnx`` file back in a network that learns.

An exported file has its normalisations folded into its convolutions. They are taken apart again by
what a batch of bodies makes of them, so that the network says the same as the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from classwatch.core.errors import ModelError
from classwatch.train.joints.network import JointNetwork
from classwatch.train.onnx_file import onnx_package

_WEIGHED = {"Conv": (nn.Conv1d, nn.Conv2d), "Gemm": (nn.Linear,)}


def restored(path: Path, bodies: Tensor) -> JointNetwork:
    """The network that was exported to ``path``; ``bodies`` (n, 3, s, s), some hundreds, tell what
    to take for usual.

    Raises ModelError where the file holds another network, or ``onnx`` is not installed.
    """
    network = JointNetwork().eval()
    _fill(network, bodies[:1], path)
    _unfold(network, bodies)
    return network


@torch.no_grad()
def _fill(network: JointNetwork, example: Tensor, path: Path) -> None:
    """Weights and biases, in the order in which both use them; a convolution that is followed by a
    normalisation gives its bias to it."""
    used = _order(network, example)
    given = list(_weights(path))
    same = len(given) == len(used) and all(
        isinstance(module, _WEIGHED[kind]) and module.weight.shape == weight.shape
        for module, (kind, weight, _) in zip(used, given, strict=False)
    )
    if not same:
        raise ModelError(
            "is not the network that is trained here",
            subject=str(path),
            remedy="train from the beginning, or take the program that it was exported with",
        )
    after = _normalised(network)
    for module, (_, weight, bias) in zip(used, given, strict=True):
        module.weight.copy_(weight)
        shift = after.get(module, module).bias
        assert shift is not None
        shift.copy_(bias)


def _order(network: JointNetwork, example: Tensor) -> list[nn.Conv2d | nn.Conv1d | nn.Linear]:
    """Everything with weights, as it is used."""
    used: list[nn.Conv2d | nn.Conv1d | nn.Linear] = []
    handles = [
        module.register_forward_hook(lambda module, _, __: used.append(module))
        for module in network.modules()
        if isinstance(module, nn.Conv2d | nn.Conv1d | nn.Linear)
    ]
    network(example)
    _remove(handles)
    return used


def _weights(path: Path) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Kind of node, weight and bias of everything with weights, as it is used."""
    onnx = onnx_package()
    graph = onnx.load(path).graph
    stored = {one.name: one for one in graph.initializer}
    for node in graph.node:
        if node.op_type in _WEIGHED and set(node.input[1:]) <= stored.keys():
            weight, bias = (onnx.numpy_helper.to_array(stored[name]) for name in node.input[1:3])
            yield node.op_type, torch.tensor(weight), torch.tensor(bias)


def _normalised(network: JointNetwork) -> dict[nn.Module, nn.BatchNorm2d]:
    """The normalisation that follows each convolution that has one."""
    return {
        first: second
        for module in network.modules()
        if isinstance(module, nn.Sequential)
        for first, second in pairwise(module)
        if isinstance(second, nn.BatchNorm2d)
    }


@torch.no_grad()
def _unfold(network: JointNetwork, bodies: Tensor) -> None:
    """Let every normalisation take out what these bodies have there, and put it back."""

    def learn(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        (x,) = inputs
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(var)
        norm.weight.copy_((var + norm.eps).sqrt())
        norm.bias.add_(mean)

    handles = [
        module.register_forward_pre_hook(learn)
        for module in network.modules()
        if isinstance(module, nn.BatchNorm2d)
    ]
    network(bodies)
    _remove(handles)


def _remove(handles: list[RemovableHandle]) -> None:
    for handle in handles:
        handle.remove()
