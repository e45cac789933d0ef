"""The small text models that ship with classwatch, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classwatch.core.errors import ModelError
from classwatch.discourse.linear import LinearModel, load_model
from classwatch.models import ModelFile, Registry

TASK = "discourse"
FILES = {
    "acts_zh": ("discourse-zh", "acts.npz"),
    "question_zh": ("discourse-zh", "questions.npz"),
    "question_en": ("discourse-en", "questions.npz"),
    "bloom_en": ("discourse-en", "bloom.npz"),
}
"""Field of ``Classifiers`` to model name in the registry and file within it."""


@dataclass(frozen=True, slots=True, eq=False)
class Classifiers:
    """Text models by what they tell; None where rules alone must do."""

    acts_zh: LinearModel | None = None
    question_zh: LinearModel | None = None
    question_en: LinearModel | None = None
    bloom_en: LinearModel | None = None


RULES_ONLY = Classifiers()


def shipped_models() -> tuple[ModelFile, ...]:
    """The verified folders of the shipped text models.

    Their digests belong into the key of whatever uses them. Errors: ``ModelError`` when one is
    missing or has another digest.
    """
    registry = Registry.load()
    found: list[ModelFile] = []
    for name in sorted({name for name, _ in FILES.values()}):
        model = registry.find(name, TASK)
        if model is None:
            raise ModelError("is not here", subject=name, remedy="reinstall classwatch")
        found.append(model)
    return tuple(found)


def load_classifiers(models: tuple[ModelFile, ...]) -> Classifiers:
    """The text models out of verified folders; a model that is not among them is None."""
    folders = {model.name: model.path for model in models}
    loaded: dict[str, LinearModel] = {}
    for field, (name, file) in FILES.items():
        if name in folders:
            loaded[field] = _loaded(folders[name] / file)
    return Classifiers(**loaded)


@cache
def _loaded(path: Path) -> LinearModel:
    return load_model(path)
