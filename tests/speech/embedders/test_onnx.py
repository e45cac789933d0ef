"""Speaker networks: what they are given, what comes of it, and files that are none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import ModelError
from classwatch.speech.embedders.onnx import load_embedder
from classwatch.speech.recognisers.fbank import HAMMING, POVEY, filter_banks
from tests.speech.tiny_embedder import THREE_D, constant_network, variance_network, voice


def test_a_vector_has_length_one(tmp_path: Path) -> None:
    embedder = load_embedder(constant_network(tmp_path / "n.onnx", (3.0, 0.0, -4.0)), "cpu")
    found = embedder.embed([voice(500, 1.0, 0), voice(900, 2.0, 1)])
    assert found == pytest.approx(np.array([[0.6, 0.0, -0.8]] * 2))
    assert found.dtype == np.float32


@pytest.mark.parametrize(
    ("notes", "name", "window", "scale"),
    [
        (THREE_D, "x", POVEY, 1.0),
        ({}, "feature", POVEY, 1.0),
        ({"framework": "wespeaker"}, "x", HAMMING, 32768.0),
        ({}, "feats", HAMMING, 32768.0),
    ],
)
def test_each_network_hears_what_it_was_trained_on(
    tmp_path: Path,
    notes: Mapping[str, str],
    name: str,
    window: np.ndarray[tuple[int], np.dtype[np.float64]],
    scale: float,
) -> None:
    piece = voice(700, 1.5, 3)
    variance = filter_banks(piece, scale, window).astype(np.float64).var(axis=0)
    embedder = load_embedder(variance_network(tmp_path / "n.onnx", notes, name=name), "cpu")
    found = embedder.embed([piece])[0]
    assert found == pytest.approx(variance / np.linalg.norm(variance), abs=1e-4)
    other = HAMMING if window is POVEY else POVEY
    wrong = filter_banks(piece, scale, other).astype(np.float64).var(axis=0)
    assert np.abs(found - wrong / np.linalg.norm(wrong)).max() > 1e-3


def test_kaldis_own_window_by_its_definition() -> None:
    frame = voice(1000, 0.025, 4)
    banks = filter_banks(frame, 1.0, POVEY)[0]
    n = np.arange(400)
    x = frame.astype(np.float64) - frame.astype(np.float64).mean()
    x = np.concatenate([[0.03 * x[0]], x[1:] - 0.97 * x[:-1]])
    x *= (0.5 - 0.5 * np.cos(2 * np.pi * n / 399)) ** 0.85
    bins_hz = np.arange(256) * 16_000 / 512
    power = [abs((x * np.exp(-2j * np.pi * hz / 16_000 * n)).sum()) ** 2 for hz in bins_hz]
    mel = 1127 * np.log(1 + bins_hz / 700)
    low, high = 1127 * np.log(1 + 20 / 700), 1127 * np.log(1 + 8000 / 700)
    width = (high - low) / 81
    centre = low + 40 * width  # Of band 39.
    weights = np.maximum(0, 1 - np.abs(mel - centre) / width)
    assert banks[39] == pytest.approx(np.log(weights @ power), abs=1e-4)


def test_a_short_piece_is_repeated_and_an_answer_of_zeros_stays_one(tmp_path: Path) -> None:
    embedder = load_embedder(variance_network(tmp_path / "n.onnx"), "cpu")
    short = voice(700, 0.1, 5)
    # 8,000 samples of 1,600 are that piece five times over.
    assert embedder.embed([short]) == pytest.approx(embedder.embed([np.tile(short, 5)]))
    assert not embedder.embed([np.zeros(16_000, np.float32)]).any()


def test_files_that_are_no_speaker_network(tmp_path: Path) -> None:
    path = tmp_path / "n.onnx"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match=r"n\.onnx.*cannot read"):
        load_embedder(path, "cpu")
    with pytest.raises(ModelError, match="framework nemo"):
        load_embedder(variance_network(path, {"framework": "nemo"}), "cpu")
    with pytest.raises(ModelError, match="no speaker network"):
        load_embedder(variance_network(path, bands=560), "cpu")
    endless = load_embedder(constant_network(path, (float("nan"), 1.0)), "cpu")
    with pytest.raises(ModelError, match="no number"):
        endless.embed([voice(700, 1.0, 6)])
