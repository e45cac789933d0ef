"""The small text models that ship with classwatch, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from classwatch.core.codes import Instruction
from classwatch.core.confusion import Confusion
from classwatch.core.errors import InputError, ModelError
from classwatch.discourse.linear import LinearModel, load_model
from classwatch.models import ModelFile
from classwatch.models.shipped import DISCOURSE_EN, DISCOURSE_ZH
from classwatch.store.jsonio import parse_json

FILES = {
    "acts_zh": (DISCOURSE_ZH, "acts.npz"),
    "question_zh": (DISCOURSE_ZH, "questions.npz"),
    "question_en": (DISCOURSE_EN, "questions.npz"),
    "bloom_en": (DISCOURSE_EN, "bloom.npz"),
}
"""Field of ``Classifiers`` to model name in the registry and file within it."""

CONFUSION_FILE = "confusion.json"
"""Beside the weights of ``acts_zh``: its errors on held-out sentences."""


@dataclass(frozen=True, slots=True, eq=False)
class Classifiers:
    """Text models by what they tell; None where rules alone must do."""

    acts_zh: LinearModel | None = None
    question_zh: LinearModel | None = None
    question_en: LinearModel | None = None
    bloom_en: LinearModel | None = None


RULES_ONLY = Classifiers()


def load_classifiers(models: tuple[ModelFile, ...]) -> Classifiers:
    """The text models out of verified folders; a model that is not among them is None."""
    folders = {model.name: model.path for model in models}
    loaded: dict[str, LinearModel] = {}
    for field, (name, file) in FILES.items():
        if name in folders:
            loaded[field] = _loaded(folders[name] / file)
    return Classifiers(**loaded)


def load_confusion(models: tuple[ModelFile, ...], *, recognised: bool) -> Confusion:
    """How the model of instruction errs on held-out sentences: true by row, told by column.

    ``recognised``: on sentences with simulated errors of a recogniser. Errors: ``ModelError`` where
    the table is not that of the model.
    """
    path = next(m.path for m in models if m.name == FILES["acts_zh"][0]) / CONFUSION_FILE
    try:
        document: Any = parse_json(path.read_bytes(), subject=str(path))
        labels = tuple(Instruction(label.replace("-", "_")) for label in document["labels"])
        counts = np.array(document["recognised" if recognised else "written"], dtype=np.int64)
        return Confusion(labels, counts)
    except (OSError, InputError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"is no table of errors: {error}", subject=str(path), remedy="reinstall classwatch"
        ) from error


@cache
def _loaded(path: Path) -> LinearModel:
    return load_model(path)
