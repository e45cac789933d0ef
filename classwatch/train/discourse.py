"""Fit the shipped text models: ``python -m classwatch.train.discourse DATA [--out models]``.

``DATA`` holds the folders dialogid_zh, bloom_en, uptake_en and mrda_en. The same data gives the
same weights. Figures come from ``python -m classwatch.train.discourse_scores``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from classwatch.core.resources import resource_dir
from classwatch.discourse.classifiers import CONFUSION_FILE, FILES
from classwatch.discourse.linear import LinearModel, save_model
from classwatch.store.jsonio import canonical_json
from classwatch.train import discourse_data as data
from classwatch.train.discourse_fit import Recipe, fit
from classwatch.train.discourse_noise import with_errors

ASKING = ("other", "question")
RECIPES = {
    "acts_zh": Recipe("acts_zh", "zh_chars", data.DIALOGID_LABELS, 2**16, 10.0),
    "question_zh": Recipe("question_zh", "zh_question", ASKING, 2**16, 3.0),
    "question_en": Recipe("question_en", "en_question", ASKING, 2**16, 3.0),
    "bloom_en": Recipe("bloom_en", "en_task", data.BLOOM_LABELS, 2**15, 10.0),
}
NOISE = 0.15
"""Error rate of the spoiled copy that the models for teachers' talk also see."""


def with_spoiled_copy(texts: data.Labelled, seed: int, *, words: bool) -> data.Labelled:
    """The texts, and a copy of each as a recogniser might give it."""
    copy = data.Labelled(with_errors(texts.texts, NOISE, seed, words=words), texts.labels)
    plain = data.Labelled(texts.texts, texts.labels)
    return plain + copy


def training_data(name: str, folder: Path) -> data.Labelled:
    """What the model ``name`` of ``RECIPES`` is fitted on."""
    if name == "acts_zh":
        return with_spoiled_copy(
            data.read_dialogid(folder / "dialogid_zh", "train"), 1, words=False
        )
    if name == "question_zh":
        asked = data.read_dialogid_questions(folder / "dialogid_zh", "train")
        return with_spoiled_copy(asked, 2, words=False)
    if name == "question_en":
        talk = data.read_mrda(folder / "mrda_en")
        return talk + data.read_uptake_questions(folder / "uptake_en")
    return data.read_bloom(folder / "bloom_en")


def instruction_errors(model: LinearModel, folder: Path) -> dict[str, object]:
    """How the model of instruction errs on the split it was not fitted on: true by row.

    ``written`` as transcribed, ``recognised`` with the error rate ``NOISE`` of a recogniser.
    """
    test = data.read_dialogid(folder / "dialogid_zh", "dev")
    at = {label: i for i, label in enumerate(model.labels)}
    tables: dict[str, object] = {"labels": list(model.labels)}
    for name, rate in (("written", 0.0), ("recognised", NOISE)):
        counts = np.zeros((len(at), len(at)), dtype=np.int64)
        for text, label in zip(
            with_errors(test.texts, rate, 7, words=False), test.labels, strict=True
        ):
            counts[at[label], at[model.best(text)[0]]] += 1
        tables[name] = counts.tolist()
    return tables


def main() -> None:
    """Fit every model and write it into its folder under ``--out``."""
    parser = argparse.ArgumentParser(description="Fit the shipped text models.")
    parser.add_argument("data", type=Path, help="folder with the labelled talk")
    parser.add_argument("--out", type=Path, default=resource_dir("models"))
    options = parser.parse_args()
    for name, recipe in RECIPES.items():
        fitted_on = training_data(name, options.data)
        model = fit(recipe, fitted_on.texts, fitted_on.labels)
        folder, file = FILES[name]
        path = options.out / folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        save_model(path, model)
        if name == "acts_zh":
            errors = canonical_json(instruction_errors(model, options.data))
            (path.parent / CONFUSION_FILE).write_bytes(errors)
        print(f"{path}: {len(fitted_on)} texts, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
