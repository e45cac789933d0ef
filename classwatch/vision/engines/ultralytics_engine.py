"""Pose through ultralytics: for its own ``.pt`` files and for graphics cards."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import PoseConfig
from classwatch.core.errors import ModelError
from classwatch.core.pose import KEYPOINTS, Detections
from classwatch.vision.doubles import without_doubles
from classwatch.vision.engine import EngineInfo

_ENVIRONMENT = {
    # No packages installed behind the user's back, no request to anywhere, quiet.
    "YOLO_AUTOINSTALL": "false",
    "YOLO_OFFLINE": "true",
    "YOLO_VERBOSE": "false",
    # Threads that spin while waiting collapse when another process is busy.
    "OMP_WAIT_POLICY": "PASSIVE",
}


def quiet_ultralytics() -> Any:
    """The ultralytics package, imported with telemetry, checks and installs switched off."""
    os.environ.update(_ENVIRONMENT)
    import ultralytics

    # In memory only: the user's own settings file is not ours to change.
    dict.update(ultralytics.settings, {"sync": False})
    logging.getLogger("ultralytics").setLevel(logging.ERROR)
    from ultralytics.utils.events import events

    events.enabled = False
    return ultralytics


class UltralyticsEngine:
    """The library's own predictor, one picture a pass on a CPU and batches on a card."""

    def __init__(self, model: Path, cfg: PoseConfig, *, threads: int, device: str) -> None:
        ultralytics = quiet_ultralytics()
        import torch

        torch.set_num_threads(threads)
        self._cfg = cfg
        self._device = device
        self._subject = str(model)
        try:
            self._model = ultralytics.YOLO(str(model), task="pose")
            loaded = self._model.task
        except Exception as error:
            raise self._unusable("ultralytics cannot read this as a model", error) from error
        if loaded != "pose":
            raise ModelError(
                f"is a model for '{loaded}', not for pose",
                subject=self._subject,
                remedy="give a YOLO pose model with 17 COCO keypoints",
            )
        self.info = EngineInfo("ultralytics", "fp32", ultralytics.__version__, cfg.input_px)

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """People in each picture (h, w, 3) uint8 RGB, in pixels of that picture."""
        if self._device != "cpu":
            return self._predict(list(images))
        return [found for image in images for found in self._predict([image])]

    def _predict(self, images: list[NDArray[np.uint8]]) -> list[Detections]:
        if not images:
            return []
        try:
            results = self._model.predict(
                # The library takes its arrays in OpenCV's channel order.
                [np.ascontiguousarray(image[..., ::-1]) for image in images],
                imgsz=self._cfg.input_px,
                conf=self._cfg.min_score,
                iou=self._cfg.iou,
                device=self._device,
                verbose=False,
            )
        except Exception as error:
            raise self._unusable("the model cannot be run", error) from error
        return [without_doubles(self._detections(result)) for result in results]

    def _detections(self, result: Any) -> Detections:
        n = len(result.boxes)
        points = result.keypoints.data.cpu().numpy().astype(np.float32)
        if n and points.shape[1:] != (len(KEYPOINTS), 3):
            raise ModelError(
                f"has keypoints of shape {points.shape[1:]}, expected (17, 3)",
                subject=self._subject,
                remedy="give a YOLO pose model with 17 COCO keypoints",
            )
        if n == 0:
            return Detections.empty()
        return Detections(
            result.boxes.xyxy.cpu().numpy().astype(np.float32),
            result.boxes.conf.cpu().numpy().astype(np.float32),
            points,
        )

    def _unusable(self, what: str, error: Exception) -> ModelError:
        lines = str(error).strip().splitlines()
        return ModelError(
            f"{what}: {lines[0] if lines else type(error).__name__}",
            subject=self._subject,
            remedy="fetch the file again with `classwatch models pull`",
        )
