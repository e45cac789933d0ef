"""Write a pose model in eight bits: ``python -m classwatch.train.pose.quantise MODEL STILLS OUT``.

Weights of the convolutions become signed bytes with a scale for each channel, what flows between
them unsigned bytes whose range is that of a few pictures of ``STILLS`` (the training's); the rest
stays as it is. Where the processor sums products of bytes (VNNI) that is twice as fast. The same
model and pictures give the same bytes. Needs the package ``onnx``.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.store.files import replace_bytes
from classwatch.train.onnx_file import onnx_package
from classwatch.train.pose.pictures import read_stills
from classwatch.vision import yolo

_PICTURES = 48
_INPUT_PX = 640


def inputs(folder: Path, count: int = _PICTURES) -> Iterator[NDArray[np.float32]]:
    """Pictures (1, 3, h, w) in [0, 1] spread evenly over the stills in ``folder``."""
    import cv2

    stills = read_stills(folder, {})
    for number in np.linspace(0, len(stills) - 1, min(count, len(stills))).round().astype(int):
        rgb = np.asarray(cv2.imread(str(stills[number].path), cv2.IMREAD_COLOR_RGB), np.uint8)
        placement = yolo.place((rgb.shape[1], rgb.shape[0]), _INPUT_PX, None)
        yield yolo.planes(yolo.letterbox(rgb, placement))


def quantise(model: Path, pictures: Sequence[NDArray[np.float32]], out: Path) -> None:
    """Write ``model`` (ONNX, float32) to ``out`` in eight bits, ranges as seen in ``pictures``.

    Raises ModelError where ``onnx`` is not installed.
    """
    onnx = onnx_package()
    quantisation: Any = import_module("onnxruntime.quantization")
    source = onnx.load(model)
    name = source.graph.input[0].name
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        # It warns of biases of layers that share weights, and leaves those as they are.
        logging.disable(logging.WARNING)
        try:
            quantisation.quantize_static(
                str(model),
                str(raw),
                _Reader(name, pictures),
                quant_format=quantisation.QuantFormat.QDQ,
                op_types_to_quantize=["Conv"],
                per_channel=True,
                activation_type=quantisation.QuantType.QUInt8,
                weight_type=quantisation.QuantType.QInt8,
            )
        finally:
            logging.disable(logging.NOTSET)
        quantised = onnx.load(raw)
    notes = {prop.key: prop.value for prop in source.metadata_props}
    onnx.helper.set_model_props(quantised, notes)
    onnx.checker.check_model(quantised)
    replace_bytes(out, quantised.SerializeToString(deterministic=True), durable=False)


class _Reader:
    """Pictures one by one, as onnxruntime asks for them."""

    def __init__(self, name: str, pictures: Sequence[NDArray[np.float32]]) -> None:
        self._name = name
        self._left = iter(pictures)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        picture = next(self._left, None)
        return None if picture is None else {self._name: picture}


def main() -> None:
    """Quantise a model."""
    parser = argparse.ArgumentParser(description="Write a pose model in eight bits.")
    parser.add_argument("model", type=Path, help="the .onnx file of `export`")
    parser.add_argument("stills", type=Path, help="folder of `simulate --images`")
    parser.add_argument("out", type=Path, help="the .onnx file to write")
    options = parser.parse_args()
    quantise(options.model, list(inputs(options.stills)), options.out)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
