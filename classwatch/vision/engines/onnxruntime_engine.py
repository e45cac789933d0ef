"""Pose through onnxruntime: the most widely available reader of ONNX files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import PoseConfig
from classwatch.core.errors import ModelError
from classwatch.core.pose import Detections
from classwatch.vision import yolo
from classwatch.vision.doubles import without_doubles
from classwatch.vision.engine import EngineInfo


class OnnxRuntimeEngine:
    """One session with a fixed number of threads."""

    def __init__(self, model: Path, cfg: PoseConfig, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Waiting threads that spin starve the worker next door.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._cfg = cfg
        self._subject = str(model)
        try:
            self._session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise self._unusable("onnxruntime cannot read this as a model", error) from error
        source, target = self._session.get_inputs()[0], self._session.get_outputs()[0]
        self._input = source.name
        metadata = self._session.get_modelmeta().custom_metadata_map
        self._layout = yolo.check_layout(
            metadata, (_shape(source.shape), _shape(target.shape)), self._subject
        )
        self.info = EngineInfo("onnxruntime", cfg.precision, onnxruntime.__version__, cfg.input_px)

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """People in each picture (h, w, 3) uint8 RGB, in pixels of that picture."""
        return [self._detect(image) for image in images]

    def _detect(self, image: NDArray[np.uint8]) -> Detections:
        placement = yolo.place(
            (image.shape[1], image.shape[0]), self._cfg.input_px, self._layout.fixed_px
        )
        feed = {self._input: yolo.planes(yolo.letterbox(image, placement))}
        try:
            output = self._session.run(None, feed)[0]
        except Exception as error:
            width, height = placement.outer_px
            raise self._unusable(f"does not take pictures of {width}x{height}", error) from error
        limits = (self._cfg.min_score, self._cfg.iou)
        return without_doubles(yolo.decode(output, self._layout, placement, limits))

    def _unusable(self, what: str, error: Exception) -> ModelError:
        return ModelError(
            f"{what}: {str(error).strip().splitlines()[-1]}",
            subject=self._subject,
            remedy="fetch the file again with `classwatch models pull`, "
            "or export it to ONNX with dynamic=True",
        )


def _shape(sides: Sequence[int | str | None]) -> yolo.Shape:
    return tuple(side if isinstance(side, int) else None for side in sides)
