"""Fitting on speakers who are easy to tell apart, interrupted or not, and the file made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from classwatch.speech.embedders.onnx import load_embedder
from classwatch.speech.recognisers.fbank import POVEY, filter_banks
from classwatch.train.voices.export import export
from classwatch.train.voices.fit import CHECKPOINT, Pieces, Recipe, Run, new_run, train, train_step
from classwatch.train.voices.network import DIMENSIONS, VoiceNetwork
from classwatch.train.voices.speakers import Heard

RECIPE = Recipe(made=3, steps=8, batch=8)
SPEAKERS, EACH, FRAMES = 4, 3, 100


def modulated(speaker: int, rng: np.random.Generator) -> np.ndarray:
    """Frames (k, 80) in which another quarter of the bands moves for every speaker."""
    banks = 0.1 * rng.standard_normal((FRAMES, 80))
    banks[:, 20 * speaker : 20 * speaker + 20] += rng.standard_normal((FRAMES, 1))
    return banks


def easy() -> Heard:
    rng = np.random.default_rng(0)
    pieces = [modulated(k, rng) for k in range(SPEAKERS) for _ in range(EACH)]
    return Heard(
        np.concatenate(pieces).astype(np.float16),
        np.arange(len(pieces) + 1) * FRAMES,
        np.repeat(np.arange(SPEAKERS), EACH),
    )


def weights(run: Run) -> dict[str, torch.Tensor]:
    return {**run.network.state_dict(), "middles": run.middles.data}


def test_an_interrupted_run_ends_as_one_that_was_not(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    whole = new_run(SPEAKERS, RECIPE)
    train(easy(), whole, RECIPE, tmp_path)
    broken = new_run(SPEAKERS, RECIPE)
    broken.network.train()
    for _ in range(3):
        train_step(broken, Pieces(easy(), RECIPE), RECIPE)
    broken.save(tmp_path / "cut.pt")
    resumed = new_run(SPEAKERS, RECIPE)
    resumed.restore(tmp_path / "cut.pt")
    assert resumed.step == 3
    train(easy(), resumed, RECIPE, tmp_path)
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(resumed)[name]), name
    assert (tmp_path / CHECKPOINT).is_file()


def test_easy_speakers_are_told_apart(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    recipe = Recipe(made=3, steps=60, batch=12)
    run = new_run(SPEAKERS, recipe)
    train(easy(), run, recipe, tmp_path)
    run.network.eval()
    rng = np.random.default_rng(9)
    fresh = np.stack([modulated(k, rng) for k in (0, 0, 1, 1, 2, 2, 3, 3)]).astype(np.float32)
    with torch.no_grad():
        vectors = run.network(torch.from_numpy(fresh - fresh.mean(axis=1, keepdims=True)))
    alike = (vectors @ vectors.T).numpy()
    np.fill_diagonal(alike, -1.0)
    assert alike.argmax(axis=1).tolist() == [1, 0, 3, 2, 5, 4, 7, 6]


def test_the_file_hears_what_the_network_hears(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    torch.manual_seed(0)
    network = VoiceNetwork().eval()
    export(network, tmp_path / "voices.onnx")
    export(network, tmp_path / "again.onnx")
    assert (tmp_path / "voices.onnx").read_bytes() == (tmp_path / "again.onnx").read_bytes()
    assert (tmp_path / "voices.onnx").stat().st_size < 2_000_000
    embedder = load_embedder(tmp_path / "voices.onnx", "cpu")
    rng = np.random.default_rng(1)
    for length in (12_000, 36_000):
        piece = (0.1 * rng.standard_normal(length)).astype(np.float32)
        banks = filter_banks(piece, 1.0, POVEY)
        with torch.no_grad():
            expected = network(torch.from_numpy(banks - banks.mean(axis=0))[None])[0].numpy()
        assert expected.shape == (DIMENSIONS,)
        assert embedder.embed([piece])[0] == pytest.approx(expected, abs=1e-4)
