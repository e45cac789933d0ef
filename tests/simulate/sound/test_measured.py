from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from classwatch.core.errors import InputError
from classwatch.simulate.script import Room
from classwatch.simulate.sound.measured import direct_share, load_responses
from classwatch.simulate.sound.places import hall_of_room
from classwatch.simulate.sound.room import Acoustics
from tests.simulate.sound.made import RATE

FRONT = (0.0, 2.7, 0.4)


def write(path: Path, echo: float) -> None:
    """50 ms nothing, a click, and an echo of that strength 30 ms later."""
    samples = np.zeros(RATE // 2, np.float32)
    samples[800], samples[1280] = 0.5, 0.5 * echo
    soundfile.write(path, samples, RATE)


def test_responses_go_from_near_to_far(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", 0.9)
    write(tmp_path / "b.wav", 0.1)
    found = load_responses(tmp_path)
    # The near one is b: 1 / (1 + 0.01) of its energy is direct; of a's it is 1 / (1 + 0.81).
    assert [direct_share(r) for r in found] == pytest.approx([0.990, 0.552], abs=0.01)


def test_a_measured_response_keeps_time_and_loudness_of_the_place(tmp_path: Path) -> None:
    write(tmp_path / "near.wav", 0.1)
    write(tmp_path / "far.wav", 0.9)
    hall = hall_of_room(Room())
    made = Acoustics(hall, 0.6, 1)
    real = Acoustics(hall, 0.6, 1, load_responses(tmp_path))
    for source, echo in (((0.0, 1.5, 1.2), 0.1), ((2.0, 1.1, hall.depth_m - 0.5), 0.9)):
        one, other = made.response(source, FRONT), real.response(source, FRONT)
        assert other.arrival == one.arrival
        energies = [np.sum(np.square(r.samples, dtype=np.float64)) for r in (one, other)]
        assert energies[0] == pytest.approx(energies[1], rel=1e-3)
        direct, later = other.samples[other.arrival], other.samples[other.arrival + 480]
        assert later / direct == pytest.approx(echo, rel=0.02)


def test_unusable_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no room responses"):
        load_responses(tmp_path)
    soundfile.write(tmp_path / "nothing.wav", np.zeros(1000, np.float32), RATE)
    with pytest.raises(InputError, match=r"nothing\.wav"):
        load_responses(tmp_path)


@pytest.mark.shared
def test_published_responses_can_be_used(shared: Path) -> None:
    found = load_responses(shared / "data" / "noise_rir" / "speechbrain" / "RIRs")
    assert len(found) == 4
    shares = [direct_share(r) for r in found]
    assert shares == sorted(shares, reverse=True)
    acoustics = Acoustics(hall_of_room(Room()), 0.6, 1, found)
    assert np.isfinite(acoustics.response((0.0, 1.5, 1.2), FRONT).samples).all()
