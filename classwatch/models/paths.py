"""Where models are looked for and kept on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from classwatch.core.resources import resource_dir


def home() -> Path:
    """The user's own folder of classwatch; ``CLASSWATCH_HOME`` moves it. Not created here."""
    if moved := os.environ.get("CLASSWATCH_HOME"):
        return Path(moved).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "classwatch"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/classwatch"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "classwatch"


def user_models() -> Path:
    """Folder that ``models pull`` and ``models import`` write to."""
    return home() / "models"


def search_folders() -> tuple[Path, ...]:
    """Folders searched for models, the first first: the user's, CLASSWATCH_MODELS, the shipped."""
    listed = os.environ.get("CLASSWATCH_MODELS", "").split(os.pathsep)
    extra = [Path(part).expanduser() for part in listed if part.strip()]
    unique: dict[Path, None] = dict.fromkeys([user_models(), *extra, resource_dir("models")])
    return tuple(unique)
