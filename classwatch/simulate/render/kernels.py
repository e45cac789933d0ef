"""The compiled parts of drawing, behind one door that says what to install where numba is missing.

Modules ``*_kernels`` and ``compiled`` import numba at their top and are imported through here
only, inside functions.
"""

from __future__ import annotations

import importlib
from typing import Any

from classwatch.core.errors import ModelError


def kernels(name: str) -> Any:
    """Module of kernels ``name`` of this package. Raises ModelError where numba is missing."""
    try:
        return importlib.import_module(f"classwatch.simulate.render.{name}_kernels")
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(("numba", "llvmlite")):
            raise
        raise ModelError(
            "drawing needs the package numba",
            subject="simulate",
            remedy='pip install "classwatch[sim]"',
        ) from error
