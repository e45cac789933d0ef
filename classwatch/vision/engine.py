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
_EIGHT_BITS = "-int8.onnx"
"""How the name of a model's eight-bit file ends."""


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

    ``model`` is a file, or a folder with an ONNX file and the same in eight bits. Pure and cheap:
    looks at names of files, at which libraries are installed and at the processor, and imports
    nothing. Raises ``ModelError`` when nothing installed reads the file, ``UsageError`` when the
    configuration asks for what a back end or the model cannot do.
    """
    backend = _backend(cfg, model, device)
    if cfg.precision == "bf16" and backend != "openvino":
        raise UsageError(
            f"{backend} does not compute pose models in bf16",
            subject="pose.precision",
            remedy="use pose.precision=fp32, or pose.backend=openvino with an ONNX file",
        )
    eight_bits = eight_bit_file(model) is not None and backend != "ultralytics"
    if cfg.precision == "int8" and not eight_bits:
        raise UsageError(
            "this model has no file in eight bits that the back end reads",
            subject="pose.precision",
            remedy="use pose.precision=auto, or the model classpose on a processor",
        )
    precision = cfg.precision
    if precision == "auto":
        bf16 = backend == "openvino" and native_bf16()
        precision = "int8" if eight_bits and native_int8() else "bf16" if bf16 else "fp32"
    return cfg.model_copy(update={"backend": backend, "precision": precision})


def eight_bit_file(model: Path) -> Path | None:
    """The eight-bit file in a model's folder; None where there is none."""
    return next(iter(sorted(model.glob(f"*{_EIGHT_BITS}"))), None) if model.is_dir() else None


def weights_file(model: Path, precision: str) -> Path:
    """The file that is loaded of ``model``, a file or a folder, for a resolved ``precision``."""
    eight_bits = eight_bit_file(model)
    if eight_bits is None or precision == "int8":
        return eight_bits or model
    full = (file for file in sorted(model.glob("*.onnx")) if file != eight_bits)
    return next(full, model)


def _backend(cfg: PoseConfig, model: Path, device: str) -> Backend:
    suffix = model.suffix.lower() or ".onnx"
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
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(_processor())


def native_int8() -> bool:
    """Whether the processor sums products of eight bits without overflow; without that sums are
    cut off at sixteen bits, and points are lost."""
    return not {"avx512_vnni", "avx_vnni", "amx_int8"}.isdisjoint(_processor())


def _processor() -> frozenset[str]:
    """What the processor says that it can do; nothing where it cannot be asked."""
    if sys.platform != "linux":
        return frozenset()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return frozenset()
    flags = next((line for line in text.splitlines() if line.startswith("flags")), "")
    return frozenset(flags.split())


def open_engine(
    model: Path, cfg: PoseConfig, *, threads: int = 1, device: str = "cpu"
) -> PoseEngine:
    """An engine that runs ``model`` as the resolved ``cfg`` says.

    ``threads`` bounds the threads of one inference: workers side by side beat threads.
    ``device`` is ``cpu`` or a CUDA device as torch names it. A ``.pt`` file is a pickle: the
    caller checks its digest first. Raises ``ModelError`` when the file is missing or no pose model.
    """
    cfg = resolve(cfg, model, device)
    model = weights_file(model, cfg.precision)
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
