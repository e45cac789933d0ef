"""Reading the YAML tables that ship with classwatch: lexicons, reasons, norms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classwatch.core.errors import InputError
from classwatch.core.resources import resource_dir


def read_table(*parts: str) -> dict[str, Any]:
    """The mapping in ``configs/<parts>``.

    Errors: ``InputError`` naming the file when it is missing, is no YAML, or is no mapping.
    """
    return read_yaml(resource_dir("configs").joinpath(*parts))


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; errors as in ``read_table``."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}",
            subject=str(path),
            remedy="reinstall classwatch, or put the file back",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"is not valid YAML: {reason}", subject=str(path)) from error
    if not isinstance(content, dict):
        raise InputError("must hold a mapping of names to values", subject=str(path))
    return content
