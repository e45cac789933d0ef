from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classwatch.core.errors import ModelError
from classwatch.discourse.classifiers import FILES, load_classifiers
from classwatch.discourse.features import feature_sets, hashed
from classwatch.discourse.linear import LinearModel, load_model, save_model
from classwatch.models.shipped import shipped_text_models


def model(**change: object) -> LinearModel:
    parts = {
        "name": "toy",
        "feature_set": "zh_chars",
        "labels": ("no", "yes"),
        "weights": np.zeros((1, 64), dtype=np.float16),
        "bias": np.zeros(1, dtype=np.float32),
    }
    return LinearModel(**(parts | change))  # type: ignore[arg-type]


def test_a_score_worked_out_by_hand() -> None:
    # "^好$" has six pieces: ^ 好 $ ^好 好$ ^好$; each weighs 1/sqrt(6) of a weight of 1.
    pieces = ["^", "好", "$", "^好", "好$", "^好$"]
    buckets = {zlib.crc32(p.encode()) % 2**20 for p in pieces}
    assert len(buckets) == 6
    weights = np.zeros((1, 2**20), dtype=np.float16)
    weights[0, sorted(buckets)] = 1.0
    shares = model(weights=weights).probabilities("好。")
    assert shares[1] == pytest.approx(1 / (1 + np.exp(-6 / np.sqrt(6))))
    assert shares.sum() == pytest.approx(1.0)
    assert model(weights=weights).best("好！")[0] == "yes"


@given(st.text(max_size=40), st.sampled_from(feature_sets()))
def test_any_text_has_features_within_the_buckets(text: str, feature_set: str) -> None:
    for block in hashed(feature_set, text, 97):
        assert (np.diff(block) > 0).all()
        assert ((block >= 0) & (block < 97)).all()


@given(st.text(alphabet="好的吗，。？ AbC", max_size=20))
def test_punctuation_and_capitals_tell_the_models_nothing(text: str) -> None:
    for feature_set in ("zh_chars", "zh_question", "en_question"):
        bare = text.lower()
        for mark in "，。？":
            bare = bare.replace(mark, " " if feature_set.startswith("en") else "")
        one, other = (hashed(feature_set, t, 4096) for t in (text, bare))
        assert all((a == b).all() for a, b in zip(one, other, strict=True))


def test_what_was_written_is_read_back_and_the_bytes_are_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    own = model(weights=rng.normal(size=(1, 64)).astype(np.float16))
    for name in ("a.npz", "b.npz"):
        save_model(tmp_path / name, own)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = load_model(tmp_path / "a.npz")
    assert again.labels == own.labels
    assert (again.weights == own.weights).all()


def test_a_damaged_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, labels=np.array([{"a": 1}], dtype=object))
    foreign = tmp_path / "foreign.npz"
    np.savez(foreign, name=np.array("x"))
    cut = tmp_path / "cut.npz"
    save_model(cut, model())
    cut.write_bytes(cut.read_bytes()[:100])
    text = tmp_path / "text.npz"
    text.write_text("hello")
    for path in (pickled, foreign, cut, text, tmp_path / "none.npz"):
        with pytest.raises(ModelError) as caught:
            load_model(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"feature_set": "none"},
        {"labels": ("a", "b", "c")},
        {"weights": np.full((1, 64), np.inf, dtype=np.float16)},
        {"bias": np.zeros(2, dtype=np.float32)},
    ],
)
def test_a_model_that_does_not_fit_together_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        model(**change)


def test_the_shipped_models_are_small_verified_and_loaded() -> None:
    models = shipped_text_models()
    loaded = load_classifiers(models)
    for field, (name, file) in FILES.items():
        own = getattr(loaded, field)
        assert own.name == field
        folder = next(m.path for m in models if m.name == name)
        assert (folder / file).stat().st_size < 2_000_000
    assert load_classifiers(()).acts_zh is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("你真是太棒了，回答得非常好", "commending"),
        ("把这句话记在笔记本上", "note-taking"),
        ("比如说我们吃的苹果", "example-giving"),
        ("我们先来复习一下上节课学的内容", "reviewing"),
    ],
)
def test_plain_sentences_get_their_class(text: str, label: str) -> None:
    classifier = load_classifiers(shipped_text_models()).acts_zh
    assert classifier is not None
    assert classifier.best(text)[0] == label
