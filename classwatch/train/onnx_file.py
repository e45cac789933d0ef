"""Networks written as ONNX files, the same network as the same bytes."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classwatch.core.errors import ModelError
from classwatch.store.files import replace_bytes

if TYPE_CHECKING:
    from torch import Tensor, nn

_OPSET = 17


@dataclass(frozen=True, slots=True)
class Face:
    """What a network shows: names of its input and outputs, which of their axes are free, and what
    the file says about itself."""

    input: str
    outputs: tuple[str, ...]
    free: Mapping[str, Mapping[int, str]]
    notes: Mapping[str, str] = field(default_factory=dict)


def onnx_package() -> Any:
    """The package ``onnx``; ModelError where it is not installed."""
    try:
        return import_module("onnx")
    except ImportError as error:
        raise ModelError(
            "writing ONNX files needs the package onnx",
            subject="onnx",
            remedy="pip install onnx",
        ) from error


def write_onnx(network: nn.Module, example: Tensor, face: Face, out: Path) -> None:
    """Write ``network`` to ``out``; ModelError where ``onnx`` is not installed."""
    import torch

    onnx = onnx_package()
    with (
        tempfile.TemporaryDirectory() as folder,
        warnings.catch_warnings(),
        torch.no_grad(),
    ):
        raw = Path(folder) / "raw.onnx"
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (example,),
            raw,
            dynamo=False,
            opset_version=_OPSET,
            input_names=[face.input],
            output_names=list(face.outputs),
            dynamic_axes={name: dict(axes) for name, axes in face.free.items()},
        )
        model = onnx.load(raw)
    for node in model.graph.node:
        # Line numbers of the code that was traced.
        node.ClearField("doc_string")
    onnx.helper.set_model_props(model, dict(face.notes))
    onnx.checker.check_model(model)
    replace_bytes(out, model.SerializeToString(deterministic=True), durable=False)
