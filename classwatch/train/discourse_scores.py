"""Figures of the text models: ``python -m classwatch.train.discourse_scores DATA``.

Held out means never seen: DialogID is fitted on ``train`` and scored on ``dev``; the other sets are
cross-validated, whole lessons and meetings on one side. Prints Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from classwatch.core.codes import HIGH_BLOOM, Bloom
from classwatch.core.questions import QuestionKind
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.discourse.asked import asks
from classwatch.discourse.classifiers import RULES_ONLY, Classifiers
from classwatch.discourse.features import task_verbs
from classwatch.discourse.questions import question_form
from classwatch.discourse.units import Unit
from classwatch.train import discourse_data as data
from classwatch.train.discourse import RECIPES, training_data
from classwatch.train.discourse_fit import fit
from classwatch.train.discourse_noise import with_errors

RATES = (0.0, 0.1, 0.2, 0.3)
FOLDS = 10
KEYWORDS = {
    "commending": ("棒", "不错", "厉害", "聪明", "很好", "优秀", "表扬", "真好"),
    "summarization": ("总结", "概括", "归纳"),
    "greeting": ("大家好", "同学们好", "听到", "听见", "早上好", "下午好", "晚上好", "欢迎"),
    "note-taking": ("记", "笔记", "写下", "抄", "截"),
    "repeating": ("说一下", "讲一下", "给老师", "说说", "说一说", "描述"),
    "reviewing": ("复习", "回顾", "回忆", "上节课", "学过"),
    "example-giving": ("比如", "例如", "比方", "举例", "例子", "举个"),
    "guidance": ("看一下", "想一下", "来看", "分析", "思考", "怎么"),
}
"""The keyword baseline for DialogID; the first class with a word in the text wins."""


def f1_scores(truth: Sequence[str], told: Sequence[str], labels: Sequence[str]) -> list[float]:
    """F1 of each label; 0 where it is neither told nor true."""
    pairs = list(zip(truth, told, strict=True))
    found = []
    for label in labels:
        hits = sum(t == label == p for t, p in pairs)
        size = sum(t == label for t, _ in pairs) + sum(p == label for _, p in pairs)
        found.append(2 * hits / size if size else 0.0)
    return found


def instruction(folder: Path) -> None:
    """Nine classes of DialogID with baselines and recognition errors."""
    test = data.read_dialogid(folder / "dialogid_zh", "dev")
    fitted_on = training_data("acts_zh", folder)
    model = fit(RECIPES["acts_zh"], fitted_on.texts, fitted_on.labels)
    print("\n| classifier | macro-F1 | " + " | ".join(data.DIALOGID_LABELS) + " |")
    print("|---" * (len(data.DIALOGID_LABELS) + 2) + "|")

    def line(name: str, told: Sequence[str]) -> None:
        scores = f1_scores(test.labels, told, data.DIALOGID_LABELS)
        cells = " | ".join(f"{s:.3f}" for s in scores)
        print(f"| {name} | {np.mean(scores):.3f} | {cells} |", flush=True)

    line("majority", ["others"] * len(test))
    line("keywords", [_keyword(text) for text in test.texts])
    line("model", [model.best(text)[0] for text in test.texts])
    for rate in RATES:
        spoiled = with_errors(test.texts, rate, 7, words=False)
        line(f"model, {rate:.0%} CER", [model.best(text)[0] for text in spoiled])


def _keyword(text: str) -> str:
    hits = (name for name, words in KEYWORDS.items() if any(word in text for word in words))
    return next(hits, "others")


def chinese_questions(folder: Path) -> None:
    """Chinese questions; the truth is the transcriber's question mark."""
    test = data.read_dialogid_questions(folder / "dialogid_zh", "dev")
    fitted_on = training_data("question_zh", folder)
    models = Classifiers(question_zh=fit(RECIPES["question_zh"], fitted_on.texts, fitted_on.labels))
    _question_table("zh, DialogID dev, marks removed", "zh", test, [models] * len(test))


def english_questions(folder: Path) -> None:
    """English questions: teachers (truth: the mark) and meetings (truth: the annotators)."""
    talk = data.read_mrda(folder / "mrda_en")
    lessons = data.read_uptake_questions(folder / "uptake_en")
    everything = talk + lessons
    fold_of = {g: i % FOLDS for i, g in enumerate(sorted(set(lessons.groups)))}
    fold_of |= {g: i for i, g in enumerate(sorted(set(talk.groups)))}
    folds = [fold_of[group] for group in everything.groups]
    models = []
    for fold in range(FOLDS):
        rows = [i for i, f in enumerate(folds) if f != fold]
        texts = [everything.texts[i] for i in rows]
        labels = [everything.labels[i] for i in rows]
        models.append(Classifiers(question_en=fit(RECIPES["question_en"], texts, labels)))
    own = [models[f] for f in folds]
    _question_table("en, MRDA meetings, with punctuation", "en", talk, own, rates=None)
    _question_table("en, MRDA meetings, bare", "en", talk, own)
    _question_table("en, teachers, bare", "en", lessons, own[len(talk) :])


def _question_table(
    title: str,
    language: str,
    test: data.Labelled,
    models: Sequence[Classifiers],
    rates: Sequence[float] | None = RATES,
) -> None:
    def line(name: str, told: Sequence[bool]) -> None:
        truth = np.array([label == "question" for label in test.labels])
        guess = np.array(told[: len(test)])
        hits = int((truth & guess).sum())
        precision, recall = hits / max(1, guess.sum()), hits / max(1, truth.sum())
        f1 = 2 * hits / max(1, truth.sum() + guess.sum())
        print(f"| {title} | {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} |", flush=True)

    def judged(texts: Sequence[str], by: Sequence[Classifiers]) -> list[bool]:
        pairs = zip(texts, by, strict=False)
        return [asks(_unit(text, language), models)[0] > 0 for text, models in pairs]

    print("\n| text | by | precision | recall | F1 |\n|---|---|---|---|---|")
    line("everything asks", [True] * len(test))
    if rates is None:
        line("rules", judged(test.texts, [RULES_ONLY] * len(test)))
        line("rules and model", judged(test.texts, models))
        return
    for rate in rates:
        texts = with_errors(test.texts, rate, 7, words=language == "en")
        line(f"rules, {rate:.0%} errors", judged(texts, [RULES_ONLY] * len(test)))
        line(f"rules and model, {rate:.0%} errors", judged(texts, models))


def _unit(text: str, language: str) -> Unit:
    form = question_form(text.rstrip("?？"), language)
    if form is not None and form.kind is QuestionKind.MARK:
        form = None
    role, marked = SpeakerRole.TEACHER, text.rstrip().endswith(("?", "？"))
    return Unit(0.0, 1.0, role, text, language, Origin.SUPPLIED, form, marked)


def bloom(folder: Path) -> None:
    """Six Bloom levels and low/high, ten folds, two shuffles."""
    texts = data.read_bloom(folder / "bloom_en")
    high = np.array([Bloom(label) in HIGH_BLOOM for label in texts.labels])
    print("\n| classifier | accuracy | macro-F1 | low/high accuracy |\n|---|---|---|---|")

    def line(name: str, told: Sequence[str]) -> None:
        right = np.mean([t == p for t, p in zip(texts.labels, told, strict=True)])
        macro = np.mean(f1_scores(texts.labels, told, data.BLOOM_LABELS))
        level = np.mean(high == np.array([Bloom(label) in HIGH_BLOOM for label in told]))
        print(f"| {name} | {right:.3f} | {macro:.3f} | {level:.3f} |", flush=True)

    verbs = task_verbs("en")
    line("majority", ["remember"] * len(texts))
    line("keywords", [_verb(text, verbs) for text in texts.texts])
    for seed in (0, 1):
        for rate in RATES if seed == 0 else (0.0,):
            spoiled = with_errors(texts.texts, rate, 7, words=True)
            told = _cross_validated(texts, spoiled, seed)
            line(f"model, shuffle {seed}, {rate:.0%} word errors", told)


def _verb(text: str, verbs: dict[str, str]) -> str:
    found = (verbs[token] for token in text.lower().replace("?", " ").split() if token in verbs)
    return next(found, "remember")


def _cross_validated(texts: data.Labelled, test: Sequence[str], seed: int) -> list[str]:
    fold_of = np.zeros(len(texts), dtype=np.int64)
    labels = np.array(texts.labels)
    rng = np.random.default_rng([seed, 600])
    for label in data.BLOOM_LABELS:
        rows = rng.permutation(np.flatnonzero(labels == label))
        fold_of[rows] = np.arange(len(rows)) % FOLDS
    told = [""] * len(texts)
    for fold in range(FOLDS):
        rows = np.flatnonzero(fold_of != fold)
        model = fit(RECIPES["bloom_en"], [texts.texts[i] for i in rows], list(labels[rows]))
        for i in np.flatnonzero(fold_of == fold).tolist():
            told[i] = model.best(test[i])[0]
    return told


TABLES: dict[str, Callable[[Path], None]] = {
    "instruction": instruction,
    "questions-zh": chinese_questions,
    "questions-en": english_questions,
    "bloom": bloom,
}


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description="Score the text models on held-out data.")
    parser.add_argument("data", type=Path, help="folder with the labelled talk")
    parser.add_argument("--only", choices=sorted(TABLES), action="append")
    options = parser.parse_args()
    for name in options.only or list(TABLES):
        TABLES[name](options.data)


if __name__ == "__main__":
    main()
