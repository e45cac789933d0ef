from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.core.codes import HIGH_BLOOM, Bloom
from classwatch.core.errors import InputError
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.discourse.asked import asks
from classwatch.discourse.classifiers import load_classifiers
from classwatch.discourse.questions import question_form
from classwatch.discourse.units import Unit
from classwatch.models.shipped import shipped_text_models
from classwatch.train import discourse_data as data
from classwatch.train.discourse import RECIPES
from classwatch.train.discourse_fit import Recipe, design, fit
from classwatch.train.discourse_noise import with_errors
from classwatch.train.discourse_scores import f1_scores

pytest.importorskip("sklearn", reason="fitting needs scikit-learn")


def test_f1_by_hand() -> None:
    # a: 1 of 2 told right, 1 of 2 found; b: never told; c: told twice, once right.
    scores = f1_scores(["a", "a", "b", "c"], ["a", "c", "a", "c"], ["a", "b", "c"])
    assert scores == pytest.approx([0.5, 0.0, 2 / 3])


def test_fitting_learns_a_plain_rule_and_gives_the_same_model_twice() -> None:
    texts = [f"{'棒' if i % 2 else '记'}{chr(0x4E00 + i)}" for i in range(60)]
    labels = ["yes" if i % 2 else "no" for i in range(60)]
    recipe = Recipe("toy", "zh_chars", ("no", "yes"), 4096, 10.0)
    one, other = fit(recipe, texts, labels), fit(recipe, texts, labels)
    assert (one.weights == other.weights).all()
    assert one.best("很棒")[0] == "yes"
    assert one.best("记住")[0] == "no"


def test_training_and_use_weigh_features_alike() -> None:
    recipe = Recipe("toy", "zh_question", ("no", "yes"), 512, 1.0)
    texts = ["什么是分数", "今天下雨", "为什么呢", "打开书"]
    model = fit(recipe, texts, ["yes", "no", "yes", "no"])
    scores = design("zh_question", texts, 512) @ model.weights[0].astype(float) + model.bias[0]
    told = [model.probabilities(text)[1] for text in texts]
    assert told == pytest.approx(list(1 / (1 + np.exp(-scores))))


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.3])
def test_errors_come_at_their_rate(rate: float) -> None:
    texts = ["".join(chr(0x4E00 + (i * 7 + j) % 3000) for j in range(50)) for i in range(200)]
    spoiled = with_errors(texts, rate, 3, words=False)
    # A substitution rarely draws the same character, so what is left unchanged tells the rate.
    kept = np.mean(
        [len(set(a) & set(b)) / len(set(a)) for a, b in zip(texts, spoiled, strict=True)]
    )
    wrong = rate * 0.85  # insertions keep the character
    assert kept == pytest.approx(1 - wrong, abs=0.02)
    assert with_errors(texts, rate, 3, words=False) == spoiled


def test_errors_take_punctuation_and_capitals_away() -> None:
    assert with_errors(["Why, it's OK?"], 0.0, 1, words=True) == ("why it's ok",)
    assert with_errors(["为什么，呢？"], 0.0, 1, words=False) == ("为什么呢",)


def test_missing_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        data.read_dialogid(tmp_path, "train")
    assert str(tmp_path) in str(caught.value)


@pytest.mark.shared
def test_the_shipped_model_holds_its_level_on_unseen_teachers(shared: Path) -> None:
    test = data.read_dialogid(shared / "data/transcripts/dialogid_zh", "dev")
    model = load_classifiers(shipped_text_models()).acts_zh
    assert model is not None
    scores = f1_scores(test.labels, [model.best(t)[0] for t in test.texts], data.DIALOGID_LABELS)
    assert np.mean(scores) >= 0.80
    assert min(scores) >= 0.65


@pytest.mark.shared
def test_chinese_questions_are_found_without_their_marks(shared: Path) -> None:
    test = data.read_dialogid_questions(shared / "data/transcripts/dialogid_zh", "dev")
    classifiers = load_classifiers(shipped_text_models())
    told = []
    for text in with_errors(test.texts, 0.0, 1, words=False):
        form = question_form(text, "zh")
        unit = Unit(0.0, 1.0, SpeakerRole.TEACHER, text, "zh", Origin.SUPPLIED, form)
        told.append("question" if asks(unit, classifiers)[0] else "other")
    assert f1_scores(test.labels, told, ["question"])[0] >= 0.84


@pytest.mark.shared
@pytest.mark.slow
def test_bloom_levels_of_unseen_tasks(shared: Path) -> None:
    texts = data.read_bloom(shared / "data/transcripts/bloom_en")
    assert len(texts) == 600
    fold = np.arange(600) % 3
    right = level = 0
    for f in range(3):
        rows = np.flatnonzero(fold != f).tolist()
        known = [texts.texts[i] for i in rows]
        model = fit(RECIPES["bloom_en"], known, [texts.labels[i] for i in rows])
        for i in np.flatnonzero(fold == f).tolist():
            told, true = Bloom(model.best(texts.texts[i])[0]), Bloom(texts.labels[i])
            right += told is true
            level += (told in HIGH_BLOOM) == (true in HIGH_BLOOM)
    assert right / 600 >= 0.76
    assert level / 600 >= 0.85
