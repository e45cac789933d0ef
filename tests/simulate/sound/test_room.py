from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from classwatch.core.errors import ModelError
from classwatch.simulate.script import Room
from classwatch.simulate.sound.places import Place, hall_of_room
from classwatch.simulate.sound.room import Acoustics, absorption, rt60
from tests.simulate.sound.made import RATE

FRONT: Place = (0.0, 2.7, 0.4)
TEACHER: Place = (0.25, 1.5, 1.25)
PUPIL: Place = (-2.0, 1.1, 6.0)


def room(rt60_s: float = 0.6, seed: int = 1, **sizes: int) -> Acoustics:
    return Acoustics(hall_of_room(Room.model_validate(sizes)), rt60_s, seed)


@pytest.mark.parametrize("rt60_s", [0.3, 0.5, 0.8, 1.2])
@pytest.mark.parametrize("sizes", [{}, {"rows": 3, "columns": 3}, {"rows": 8, "columns": 8}])
def test_reverberation_time_as_another_program_measures_it(
    rt60_s: float, sizes: dict[str, int]
) -> None:
    from pyroomacoustics.experimental import measure_rt60

    acoustics = room(rt60_s, **sizes)
    for source in (TEACHER, PUPIL if sizes.get("rows") != 3 else (1.0, 1.1, 5.0)):
        made = acoustics.response(source, FRONT)
        measured_s = measure_rt60(made.samples.astype(np.float64), fs=RATE, decay_db=20)
        assert measured_s == pytest.approx(rt60_s, rel=0.15)
        assert rt60(made.samples) == pytest.approx(measured_s, rel=0.03)


def test_rt60_of_a_known_decay() -> None:
    time_s = np.arange(2 * RATE) / RATE
    noise = np.random.default_rng(0).standard_normal(2 * RATE)
    decay = (noise * np.exp(-math.log(1000) / 0.7 * time_s)).astype(np.float32)
    assert rt60(decay) == pytest.approx(0.7, rel=0.03)
    assert math.isnan(rt60(np.zeros(100, np.float32)))


def test_direct_sound_arrives_after_the_way_and_falls_with_distance() -> None:
    acoustics = room()
    levels = []
    for distance_m in (0.5, 1.0, 2.0):
        made = acoustics.response((0.0, 1.6, 3.0), (0.0, 1.6, 3.0 + distance_m))
        assert made.arrival == round(distance_m / 343 * RATE)
        direct = made.samples[made.arrival - 8 : made.arrival + 9]
        assert abs(int(np.abs(direct).argmax()) - 8) <= 1
        levels.append(math.sqrt(float(np.sum(np.square(direct)))))
    assert levels[0] / levels[1] == pytest.approx(2.0, rel=0.1)
    assert levels[1] / levels[2] == pytest.approx(2.0, rel=0.15)
    assert levels[1] == pytest.approx(1.0, rel=0.1)


def test_far_away_the_echo_outweighs_the_direct_sound() -> None:
    acoustics = room()

    def direct_share(source: Place) -> float:
        made = acoustics.response(source, FRONT)
        energy = np.square(made.samples, dtype=np.float64)
        return float(energy[: made.arrival + 40].sum() / energy.sum())

    assert direct_share((0.1, 2.4, 0.6)) > 0.8
    assert direct_share(PUPIL) < 0.3


def test_no_click_and_no_jump_where_the_mirror_images_end() -> None:
    made = room(0.9).response(PUPIL, FRONT)
    step = RATE // 100
    energy = np.square(made.samples[made.arrival :], dtype=np.float64)
    level = 10 * np.log10(energy[: len(energy) // step * step].reshape(-1, step).mean(1))
    # From 20 to 200 ms the level falls steadily: by 60 dB in 0.9 s, so 12 dB, and never jumps.
    assert level[2:4].mean() - level[18:20].mean() == pytest.approx(10.7, abs=4)
    assert np.abs(np.diff(level[2:20])).max() < 6


def test_the_same_place_gives_the_same_bytes_and_another_seed_others() -> None:
    first = room().response(PUPIL, FRONT).samples
    assert first.tobytes() == room().response(PUPIL, FRONT).samples.tobytes()
    assert first.tobytes() != room(seed=2).response(PUPIL, FRONT).samples.tobytes()


def test_a_mouth_at_the_microphone_does_no_harm() -> None:
    made = room().response(FRONT, FRONT)
    assert np.isfinite(made.samples).all()
    # As near as 0.1 m, so 10 times as strong as at 1 m.
    direct = made.samples[: made.arrival + 9]
    assert math.sqrt(float(np.sum(np.square(direct)))) == pytest.approx(10, rel=0.15)


def test_eyring_by_hand() -> None:
    # 10 x 8 x 3 m: V 240 m3, S 268 m2; 0.161 V / (S 0.6) = 0.240, so 1 - exp(-0.240) = 0.214.
    hall = hall_of_room(Room(width_m=10, depth_m=8, height_m=3))
    assert absorption(hall, 0.6) == pytest.approx(0.214, abs=0.002)


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyroomacoustics", None)
    with pytest.raises(ModelError, match=r"classwatch\[sim\]"):
        room().response(PUPIL, FRONT)
