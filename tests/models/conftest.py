"""A registry of its own, and a user folder that is nobody's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from classwatch.models import registry as registry_module

MakeRegistry = Callable[..., None]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the real user's models out of the tests."""
    home = tmp_path / "home"
    monkeypatch.setenv("CLASSWATCH_HOME", str(home))
    monkeypatch.delenv("CLASSWATCH_MODELS", raising=False)
    return home


@pytest.fixture
def write_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeRegistry:
    """Make ``Registry.load`` read a registry with the given models."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    monkeypatch.setattr(registry_module, "resource_dir", lambda name: shipped)

    def write(models: list[dict[str, object]], prefer: dict[str, list[str]] | None = None) -> None:
        document = {"prefer": prefer or {}, "models": models}
        (shipped / "registry.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")

    return write
