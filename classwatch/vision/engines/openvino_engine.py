"""Pose through OpenVINO, which reads ONNX files directly; the fastest on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import PoseConfig
from classwatch.core.errors import ModelError
from classwatch.core.pose import Detections
from classwatch.vision import yolo
from classwatch.vision.doubles import without_doubles
from classwatch.vision.engine import EngineInfo
from classwatch.vision.engines.openvino_network import Compiler

_KEPT_SHAPES = 4


class OpenVinoEngine:
    """One inference stream with a fixed number of threads, compiled once for each input shape."""

    def __init__(self, model: Path, cfg: PoseConfig, threads: int) -> None:
        self._cfg = cfg
        self._subject = str(model)
        try:
            self._compiler = Compiler(model, cfg.precision, threads)
        except RuntimeError as error:
            raise _unreadable(self._subject, error) from error
        network = self._compiler.network
        self._layout = yolo.check_layout(
            _metadata(network),
            (_shape(network.inputs[0]), _shape(network.outputs[0])),
            self._subject,
        )
        self._compiled: dict[tuple[int, int], Any] = {}
        self.info = EngineInfo("openvino", cfg.precision, self._compiler.version, cfg.input_px)

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """People in each picture (h, w, 3) uint8 RGB, in pixels of that picture."""
        return [self._detect(image) for image in images]

    def _detect(self, image: NDArray[np.uint8]) -> Detections:
        placement = yolo.place(
            (image.shape[1], image.shape[0]), self._cfg.input_px, self._layout.fixed_px
        )
        request = self._request(placement.outer_px)
        request.infer({0: yolo.letterbox(image, placement)}, share_inputs=True)
        output: NDArray[np.float32] = request.get_output_tensor(0).data
        limits = (self._cfg.min_score, self._cfg.iou)
        return without_doubles(yolo.decode(output, self._layout, placement, limits))

    def _request(self, size_px: tuple[int, int]) -> Any:
        if size_px not in self._compiled:
            if len(self._compiled) == _KEPT_SHAPES:
                self._compiled.pop(next(iter(self._compiled)))
            self._compiled[size_px] = self._compile(size_px)
        return self._compiled[size_px]

    def _compile(self, size_px: tuple[int, int]) -> Any:
        width, height = size_px
        try:
            return self._compiler.request((1, 3, height, width))
        except RuntimeError as error:
            raise _unreadable(
                self._subject, error, f"does not take pictures of {width}x{height}"
            ) from error


def _unreadable(
    subject: str, error: Exception, what: str = "OpenVINO cannot read this as a model"
) -> ModelError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return ModelError(
        f"{what}: {lines[-1] if lines else type(error).__name__}",
        subject=subject,
        remedy="fetch the file again with `classwatch models pull`, "
        "or export it to ONNX with dynamic=True",
    )


def _metadata(model: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("task", "kpt_shape", "end2end"):
        # The front end keeps ONNX metadata under "framework".
        if model.has_rt_info(["framework", name]):
            found[name] = str(model.get_rt_info(["framework", name]).astype(str))
    return found


def _shape(port: Any) -> yolo.Shape:
    shape = port.get_partial_shape()
    if shape.rank.is_dynamic:
        return ()
    return tuple(None if side.is_dynamic else side.get_length() for side in shape)
