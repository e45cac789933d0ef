"""Shared fixtures: the reference material beside the checkout, when it is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing about what is tested: the first one imports libraries.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings and weights; tests that need it skip without it."""
    if not SHARED.is_dir():
        pytest.skip(f"reference material is not at {SHARED}")
    return SHARED
