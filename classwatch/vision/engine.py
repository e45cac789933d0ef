"""The port that pose models are run through, and the choice of what runs them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import PoseConfig
from classwatch.core.errors import ModelError, UsageError
from classwatch.core.pose import Detections

Backend = Literal["openvino", "onnxruntime", "ultralytics"]
_READS: dict[str, tuple[str, ...]] = {
    "openvino": (".onnx",),
    "onnxruntime": (".onnx",),
    "ultralytics": (".pt", ".onnx"),
}


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What runs the model, for the record kept with each result."""

    backend: str
    precision: str
    library_version: str
    input_px: int


class PoseEngine(Protocol):
    """Finds people and their keypoints in pictures, one picture independent of the next."""

    @property
    def info(self) -> EngineInfo: ...

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """People in each picture (h, w, 3) uint8 RGB, in pixels of that picture."""
        ...


def resolve(cfg: PoseConfig, model: Path, device: str = "cpu") -> PoseConfig:
    """``cfg`` with every ``auto`` of back end and precision replaced by what will run here.

    Pure and cheap: looks at the file's suffix, at which libraries are installed and at the
    processor, and imports nothing. Raises ``ModelError`` when nothing installed reads the file,
    ``UsageError`` when the configuration asks for what a back end cannot do.
    """
    backend = _backend(cfg, model, device)
    if cfg.precision == "bf16" and backend != "openvino":
        raise UsageError(
            f"{backend} does not compute pose models in bf16",
            subject="pose.precision",
            remedy="use pose.precision=fp32, or pose.backend=openvino with an ONNX file",
        )
    precision = cfg.precision
    if precision == "auto":
        precision = "bf16" if backend == "openvino" and native_bf16() else "fp32"
    return cfg.model_copy(update={"backend": backend, "precision": precision})


def _backend(cfg: PoseConfig, model: Path, device: str) -> Backend:
    suffix = model.suffix.lower()
    if cfg.backend != "auto":
        if suffix not in _READS[cfg.backend]:
            raise UsageError(
                f"{cfg.backend} does not read {model.name}",
                subject="pose.backend",
                remedy=f"it reads {' and '.join(_READS[cfg.backend])}; or set pose.backend=auto",
            )
        return cfg.backend
    order: tuple[Backend, ...] = ("openvino", "onnxruntime", "ultralytics")
    if device != "cpu":
        order = ("ultralytics", "onnxruntime", "openvino")
    for name in order:
        if suffix in _READS[name] and find_spec(name) is not None:
            return name
    raise ModelError(
        "no installed library reads this kind of model file",
        subject=str(model),
        remedy="give an .onnx or .pt pose model, and install openvino, onnxruntime or ultralytics",
    )


def native_bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself; without that bf16 is slower than fp32."""
    if sys.platform != "linux":
        return False
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    flags = next((line for line in text.splitlines() if line.startswith("flags")), "")
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(flags.split())


def open_engine(
    model: Path, cfg: PoseConfig, *, threads: int = 1, device: str = "cpu"
) -> PoseEngine:
    """An engine that runs ``model`` as the resolved ``cfg`` says.

    ``threads`` bounds the threads of one inference: workers side by side beat threads.
    ``device`` is ``cpu`` or a CUDA device as torch names it. A ``.pt`` file is a pickle: the
    caller checks its digest first. Raises ``ModelError`` when the file is missing or no pose model.
    """
    cfg = resolve(cfg, model, device)
    if not model.is_file():
        raise ModelError(
            "the model file does not exist",
            subject=str(model),
            remedy="run `classwatch models list` to see what is installed",
        )
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if cfg.backend == "openvino":
        from classwatch.vision.engines.openvino_engine import OpenVinoEngine

        return OpenVinoEngine(model, cfg, threads)
    if cfg.backend == "onnxruntime":
        from classwatch.vision.engines.onnxruntime_engine import OnnxRuntimeEngine

        return OnnxRuntimeEngine(model, cfg, threads)
    from classwatch.vision.engines.ultralytics_engine import UltralyticsEngine

    return UltralyticsEngine(model, cfg, threads=threads, device=device)
