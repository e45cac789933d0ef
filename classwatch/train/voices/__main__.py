"""Train a voice network: ``python -m classwatch.train.voices DATA --work FOLDER``.

``DATA`` holds ``speech/`` and ``noise_rir/``. Speakers and checkpoints lie in ``--work``, and a run
that was interrupted goes on there. Writes ``voices.onnx``, which ``classwatch models import
voices.onnx --name NAME --task speaker`` takes and ``speakers.model=NAME`` uses, and prints how it
does on held-out real voices beside the method that ships.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from classwatch.simulate.sound.espeak import EspeakEngine
from classwatch.speech.embedders.onnx import load_embedder
from classwatch.speech.embedding import ByEmbedding
from classwatch.train.sounds.material import load_material
from classwatch.train.voices.export import export
from classwatch.train.voices.fit import CHECKPOINT, Recipe, new_run, train
from classwatch.train.voices.scores import error_rate, held_out
from classwatch.train.voices.speakers import make_speakers

NETWORK = "voices.onnx"
_SIMILARITIES = (0.2, 0.3, 0.4, 0.5, 0.6)


def main() -> None:
    """Make speakers, fit, export, score."""
    parser = argparse.ArgumentParser(description="Train a network that tells voices apart.")
    parser.add_argument("data", type=Path, help="folder with speech/ and noise_rir/")
    parser.add_argument("--work", type=Path, required=True, help="speakers, checkpoints, network")
    parser.add_argument("--made", type=int, default=1200, help="synthetic speakers")
    parser.add_argument("--steps", type=int, default=4000, help="steps of 128 pieces")
    parser.add_argument("--lessons", type=int, default=10, help="held-out lessons to score on")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    material = load_material(options.data, "train")
    heard = make_speakers(EspeakEngine(), material, options.work / "speakers", options.made)
    recipe = Recipe(options.made, options.steps, seed=options.seed)
    run = new_run(int(heard.speaker.max()) + 1, recipe)
    if (options.work / CHECKPOINT).is_file():
        run.restore(options.work / CHECKPOINT)
    train(heard, run, recipe, options.work)
    export(run.network, options.work / NETWORK)
    lessons = held_out(options.data, options.lessons)
    print(f"without a network: error {error_rate(lessons, None, 0.4):.3f}")
    teller = ByEmbedding(load_embedder(options.work / NETWORK, "cpu"))
    for similarity in _SIMILARITIES:
        rate = error_rate(lessons, teller, similarity)
        print(f"speakers.min_similarity={similarity}: error {rate:.3f}")


if __name__ == "__main__":
    main()
