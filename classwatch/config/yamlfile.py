"""YAML files written by people: read safely, without surprises, and with clear complaints.

Nothing here builds Python objects from tags. Duplicate keys, aliases (they can make a small file
huge) and files over a limit are refused.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any

from classwatch.core.errors import InputError, ResourceError

MAX_BYTES = 4_000_000


def read_yaml(path: Path, *, texts_only: bool = False, max_bytes: int = MAX_BYTES) -> object:
    """The document in ``path`` as plain lists, mappings and scalars; None for an empty file.

    ``texts_only`` leaves every scalar as the text in the file, so that ``no``, ``007`` and
    ``2024-05-01`` arrive as written. Raises InputError (or ResourceError when the file cannot be
    opened) naming the file and, for syntax, the line.
    """
    return parse_yaml(read_text(path, max_bytes), str(path), texts_only=texts_only)


def read_text(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """Text of a UTF-8 (with or without BOM) or UTF-16 file of at most ``max_bytes``."""
    data = read_bytes(path, max_bytes)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"not UTF-8 text (byte {error.start})",
            subject=str(path),
            remedy="save the file as UTF-8",
        ) from None


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Content of a file of at most ``max_bytes``; InputError or ResourceError naming it."""
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except FileNotFoundError:
        raise InputError("no such file", subject=str(path)) from None
    except IsADirectoryError:
        raise InputError("this is a folder, not a file", subject=str(path)) from None
    except OSError as error:
        raise ResourceError(
            f"cannot be read: {error.strerror or error}", subject=str(path)
        ) from None
    if len(data) > max_bytes:
        raise InputError(
            f"larger than {max_bytes / 1e6:g} MB, too large for a file of this kind",
            subject=str(path),
        )
    return data


def parse_yaml(text: str, subject: str, *, texts_only: bool = False) -> object:
    """The YAML document in ``text``; errors name ``subject``."""
    import yaml

    try:
        return yaml.load(text, Loader=_loader(texts_only))
    except RecursionError:
        raise InputError("nested too deeply", subject=subject) from None
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise InputError(f"{line}{error.problem or 'not valid YAML'}", subject=subject) from None
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: a timestamp such as 2024-13-45 fails inside PyYAML's own constructor.
        reason = str(error).splitlines()[0]
        raise InputError(f"not valid YAML: {reason}", subject=subject) from None


@cache
def _loader(texts_only: bool) -> type[Any]:
    """A loader class without tags beyond YAML's own, duplicate keys and aliases."""
    import yaml

    base: type[Any] = yaml.BaseLoader if texts_only else yaml.SafeLoader

    class Loader(base):  # type: ignore[misc]
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                mark = self.peek_event().start_mark
                raise yaml.MarkedYAMLError(
                    problem="aliases (*name) are not read", problem_mark=mark
                )
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen: set[Hashable] = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if not isinstance(key, Hashable) or key in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"the key {key!r} is given twice", problem_mark=key_node.start_mark
                    )
                seen.add(key)
            result: dict[Any, Any] = super().construct_mapping(node, deep)
            return result

    return Loader
