"""Networks compiled by OpenVINO for one thread of the processor."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Compiler:
    """A network file, compiled for any fixed shape of its pictures.

    Raises RuntimeError where the file or a shape does not suit: the caller knows what the file
    should have been.
    """

    def __init__(self, model: Path, precision: str, threads: int) -> None:
        import openvino

        self.version = openvino.__version__.split("-")[0]
        self._core = openvino.Core()
        self._options: dict[str, Any] = {
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads,
            # Pinned workers fight over the same core as soon as there are two of them.
            "ENABLE_CPU_PINNING": False,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        }
        self.network = self._core.read_model(model)

    def request(self, shape: tuple[int, int, int, int]) -> Any:
        """A request for pictures of ``shape`` (n, 3, h, w), given as uint8 (n, h, w, 3)."""
        from openvino import Layout, Type
        from openvino.preprocess import PrePostProcessor

        network = self.network.clone()
        network.reshape(list(shape))
        # Scaling and reordering inside the graph cost less than in numpy.
        steps = PrePostProcessor(network)
        steps.input().tensor().set_element_type(Type.u8).set_layout(Layout("NHWC"))
        steps.input().model().set_layout(Layout("NCHW"))
        steps.input().preprocess().convert_element_type(Type.f32).scale(255.0)
        return self._core.compile_model(steps.build(), "CPU", self._options).create_infer_request()
