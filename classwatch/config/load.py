"""From a preset, a file, ``--set`` and options to one checked ``Config``.

Order, the later winning: the preset or file (what it extends first), dedicated options such as
``--lang``, then every ``--set`` from left to right.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classwatch.config.schema import Config
from classwatch.config.yamlfile import parse_yaml, read_yaml
from classwatch.core.errors import InputError, UsageError
from classwatch.core.resources import resource_dir

_MAX_EXTENDS = 8
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Preset:
    """A configuration that ships with classwatch: its name, file and one-sentence description."""

    name: str
    path: Path
    description: str


@dataclass(frozen=True, slots=True)
class FieldDoc:
    """One field of the configuration: ``key`` is ``section.name``, ``allowed`` its range."""

    key: str
    doc: str
    allowed: str


def load_config(
    preset_or_path: str | None = None, overrides: Sequence[str] = (), **cli_values: object
) -> Config:
    """The configuration of one run.

    ``preset_or_path``: name of a preset or path of a YAML file (None: the preset ``default``).
    ``overrides``: ``section.key=value`` texts as given to ``--set``. ``cli_values``: values of
    dedicated options under ``section__key``; None means the option was not given.
    Raises UsageError naming the file or option, the key, what is allowed and the nearest name.
    """
    tree, origin = _read_chain(preset_or_path or _DEFAULT)
    for name, value in cli_values.items():
        if value is not None:
            _put(tree, origin, name.replace("__", "."), value, "command line")
    for text in overrides:
        key, value = _split_override(text)
        _put(tree, origin, key, value, f"--set {text}")
    return _validate(tree, origin)


def presets() -> tuple[Preset, ...]:
    """The presets that ship with classwatch, ``default`` first, then by name."""
    found = []
    for path in sorted(resource_dir("configs").glob("*.yaml")):
        document = read_yaml(path)
        if isinstance(document, dict) and "description" in document:
            found.append(Preset(path.stem, path, str(document["description"])))
    return tuple(sorted(found, key=lambda p: (p.name != _DEFAULT, p.name)))


def config_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of the configuration, with the doc of every field."""
    return Config.model_json_schema()


def field_docs() -> dict[str, FieldDoc]:
    """Doc and allowed range of every field, by ``section.key``, in the order of the schema."""
    schema = config_schema()
    docs: dict[str, FieldDoc] = {}
    for section, field, spec in _fields(schema):
        key = f"{section}.{field}"
        docs[key] = FieldDoc(key, " ".join(spec.get("description", "").split()), _allowed(spec))
    return docs


def section_docs() -> dict[str, str]:
    """One sentence on every section, by name."""
    schema = config_schema()
    return {
        name: schema["$defs"][spec["$ref"].rsplit("/", 1)[1]].get("description", "")
        for name, spec in ((n, _section(s)) for n, s in schema["properties"].items())
    }


# ---------------------------------------------------------------- reading files


def _read_chain(start: str) -> tuple[dict[str, dict[str, object]], dict[str, str]]:
    """Values of ``start`` over what it extends, and where each key came from."""
    documents: list[tuple[str, dict[str, Any]]] = []
    reference: str | None = start
    here = Path()
    seen: list[Path] = []
    while reference is not None:
        path = _locate(reference, here)
        if path.resolve() in seen or len(seen) >= _MAX_EXTENDS:
            chain = " -> ".join(p.name for p in [*seen, path])
            raise UsageError(f"`extends` does not end: {chain}", subject=str(path))
        seen.append(path.resolve())
        document = _document(path)
        documents.append((str(path), document))
        extends = document.pop("extends", None)
        if extends is not None and not isinstance(extends, str):
            raise UsageError("`extends` must be the name of one preset or file", subject=str(path))
        reference, here = extends, path.parent
    tree: dict[str, dict[str, object]] = {}
    origin: dict[str, str] = {}
    for where, document in reversed(documents):
        document.pop("description", None)
        for section, values in document.items():
            if not isinstance(values, Mapping):
                _check_name(section, tuple(Config.model_fields), where, "section")
                raise UsageError(f"`{section}` must hold keys and values", subject=where)
            for key, value in values.items():
                _put(tree, origin, f"{section}.{key}", value, where)
    return tree, origin


def _document(path: Path) -> dict[str, Any]:
    try:
        document = read_yaml(path)
    except InputError as error:
        raise UsageError(error.message, subject=error.subject, remedy=error.remedy) from None
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(k, str) for k in document):
        raise UsageError(
            "not a configuration: expected sections such as `media:` with keys below them",
            subject=str(path),
            remedy="`classwatch config show` prints a complete one",
        )
    return document


def _locate(reference: str, here: Path) -> Path:
    """File of a preset name, or the path itself when it looks like one."""
    if reference.endswith((".yaml", ".yml")) or "/" in reference or "\\" in reference:
        path = Path(reference)
        return path if path.is_absolute() else here / path
    path = resource_dir("configs") / f"{reference}.yaml"
    if path.is_file():
        return path
    names = tuple(p.name for p in presets())
    raise UsageError(
        f"there is no preset {reference!r}{_nearest(reference, names)}",
        subject="--config",
        remedy=f"presets: {', '.join(names)}; or give the path of a .yaml file",
    )


# ---------------------------------------------------------------- single values


def _split_override(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or key.count(".") != 1 or not all(key.split(".")):
        raise UsageError(
            "expected section.key=value",
            subject=f"--set {text}",
            remedy="for example --set media.student_every_s=0.5; "
            "`classwatch config show` lists the keys",
        )
    return key.strip(), value.strip()


def _put(
    tree: dict[str, dict[str, object]],
    origin: dict[str, str],
    dotted: str,
    value: object,
    where: str,
) -> None:
    """Store ``value`` under ``section.key`` after checking that such a field exists."""
    section, _, key = dotted.partition(".")
    _check_name(section, tuple(Config.model_fields), where, "section")
    fields = type(getattr(Config(), section)).model_fields
    _check_name(key, tuple(fields), where, "key", prefix=f"{section}.")
    if isinstance(value, str) and where.startswith("--set"):
        value = _typed(fields[key].annotation, fields[key].metadata, value)
    tree.setdefault(section, {})[key] = value
    origin[dotted] = where


def _typed(annotation: Any, metadata: Sequence[Any], text: str) -> object:
    """``text`` itself when the field takes it as text or converts it, else what YAML makes of it.

    So ``none`` stays a word for a text field, and ``null`` or an empty value means absent for a
    field that may be.
    """
    from typing import Annotated

    from pydantic import TypeAdapter, ValidationError

    adapter: TypeAdapter[Any] = TypeAdapter(
        Annotated[(annotation, *metadata)] if metadata else annotation
    )
    try:
        adapter.validate_python(text)
    except ValidationError:
        try:
            parsed = parse_yaml(text, "--set")
        except InputError:
            return text
        return text if isinstance(parsed, bool | float) else parsed
    return text


def _check_name(
    name: str, names: Sequence[str], where: str, kind: str, *, prefix: str = ""
) -> None:
    if name not in names:
        raise UsageError(
            f"there is no {kind} `{prefix}{name}`{_nearest(name, names)}",
            subject=where,
            remedy=f"known here: {', '.join(names)}",
        )


def _nearest(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean `{close[0]}`?" if close else ""


# ---------------------------------------------------------------- validation


def _validate(tree: Mapping[str, object], origin: Mapping[str, str]) -> Config:
    from pydantic import ValidationError

    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        dotted = ".".join(str(part) for part in first["loc"][:2])
        doc = field_docs().get(dotted)
        allowed = f"; allowed: {doc.allowed}" if doc and doc.allowed else ""
        given = _shorten(repr(first["input"]))
        raise UsageError(
            f"`{dotted}` cannot be {given}{allowed}",
            subject=origin.get(dotted, "configuration"),
            remedy=doc.doc if doc else "",
        ) from None


def _shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _section(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a property that refers to its section (pydantic may wrap it in ``allOf``)."""
    wrapped = spec.get("allOf")
    return wrapped[0] if wrapped else spec


def _fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for section, spec in schema["properties"].items():
        definition = schema["$defs"][_section(spec)["$ref"].rsplit("/", 1)[1]]
        for field, field_spec in definition.get("properties", {}).items():
            yield section, field, field_spec


def _allowed(spec: Mapping[str, Any]) -> str:
    """Range of a field in words: ``0.04 to 60``, ``one of zh-CN, en``, ``a whole number`` …"""
    if "anyOf" in spec:
        return " or ".join(filter(None, (_allowed(option) for option in spec["anyOf"])))
    if "enum" in spec:
        return "one of " + ", ".join(str(v) for v in spec["enum"])
    kind = {
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "string": "text",
        "null": "null",
        "array": "a list",
    }.get(spec.get("type", ""), "")
    parts = [kind] if kind else []
    low, high = spec.get("minimum"), spec.get("maximum")
    above, below = spec.get("exclusiveMinimum"), spec.get("exclusiveMaximum")
    parts += [f"at least {low:g}"] if low is not None else []
    parts += [f"above {above:g}"] if above is not None else []
    parts += [f"at most {high:g}"] if high is not None else []
    parts += [f"below {below:g}"] if below is not None else []
    parts += [f"a multiple of {spec['multipleOf']:g}"] if "multipleOf" in spec else []
    return ", ".join(parts)
