"""Cuts and setups, on made and rendered pictures whose cuts are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.core.shots import Looks
from classwatch.media.looks import look
from classwatch.media.plan import plan_decoding
from classwatch.media.probe import probe
from classwatch.media.shots import find_stretches
from classwatch.media.video import sample_frames

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
EVERY_S = 0.5
Picture = NDArray[np.uint8]


def looks_of(path: Path) -> Looks:
    plan = plan_decoding(path, probe(path), every_s=EVERY_S, chunk_s=600)
    frames = [f for c in plan.chunks for f in sample_frames(path, plan, c, fit_px=640)]
    return Looks.of(np.asarray([f.time_s for f in frames]), [look(f.rgb) for f in frames])


def made(pictures: list[Picture]) -> Looks:
    return Looks.of(np.arange(len(pictures), dtype=float), [look(p) for p in pictures])


def room(seed: int) -> Picture:
    """Blocks of brightness, as different from another seed's as two rooms are."""
    blocks = np.random.default_rng(seed).integers(30, 220, (6, 8, 3))
    picture = np.repeat(np.repeat(blocks, 60, 0), 80, 1).astype(np.uint8)
    return np.roll(picture, (23 * seed, 37 * seed), axis=(0, 1))


def test_cuts_of_a_directors_mix() -> None:
    # samples/directed/script.yaml: rear until 8 s, then front and rear by turns.
    found = find_stretches(looks_of(SAMPLES / "directed" / "mix.mp4"))
    assert [s.setup for s in found] == [0, 1, 0, 1, 0, 1]
    truth = truth_of_cuts()
    assert [s.first * EVERY_S for s in found[1:]] == pytest.approx(truth, abs=EVERY_S)


def truth_of_cuts() -> list[float]:
    """Times at which the picture of the mix leaves one of its cameras for the other."""
    looks = {n: looks_of(SAMPLES / "directed" / f"{n}.mp4") for n in ("front", "rear", "mix")}
    away = {
        n: np.abs(looks["mix"].light.astype(float) - looks[n].light).mean(axis=(1, 2))
        for n in ("front", "rear")
    }
    rear = away["rear"] < away["front"]
    return (np.flatnonzero(rear[1:] != rear[:-1]) * EVERY_S + EVERY_S).tolist()


@pytest.mark.parametrize("name", ["clips/board/rear.mp4", "clips/among-desks/rear.mp4"])
def test_a_camera_that_stands_still_never_cuts(name: str) -> None:
    assert len(find_stretches(looks_of(SAMPLES / name))) == 1


def test_light_and_a_walker_are_no_cuts() -> None:
    pictures = []
    for step in range(8):
        picture = room(1)
        picture[100:360, 60 * step : 60 * step + 120] = 20
        dim = 0.5 if step in (3, 4) else 1.0
        pictures.append((picture * dim).astype(np.uint8))
    assert len(find_stretches(made(pictures))) == 1


def test_one_strange_picture_is_a_shot_of_its_own() -> None:
    found = find_stretches(made([room(1), room(1), room(2), room(1), room(1)]))
    assert [(s.first, s.last, s.setup) for s in found] == [(0, 2, 0), (2, 3, 1), (3, 5, 0)]


def test_nothing_and_black() -> None:
    assert find_stretches(made([])) == ()
    black = np.zeros((90, 160, 3), np.uint8)
    assert len(find_stretches(made([black] * 5))) == 1


def test_ink_is_what_strokes_add() -> None:
    board = np.full((540, 960, 3), 230, np.uint8)
    written = board.copy()
    written[200:203, 300:500] = 40
    before, after = look(board), look(written)
    changed = np.argwhere(after[1] > before[1])
    # Row 200 of 540 in 27 rows, columns 300 to 500 of 960 in 48.
    assert set(changed[:, 0]) == {10}
    assert (changed[:, 1].min(), changed[:, 1].max()) == (15, 24)
    assert np.abs(after[0].astype(int) - before[0]).max() <= 40
