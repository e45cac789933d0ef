"""The number of pieces in a batch, from published figures and from what a driver answers."""

from __future__ import annotations

import pytest

from classwatch.speech.recognisers.memory import batch_size, free_gpu_mb, free_mb

LARGE_MB, SMALL_MB = 3_090.0, 480.0


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        (80_000.0, 32),
        (24_000.0, 32),
        (3_000.0, 1),
        (0.0, 1),
    ],
)
def test_large_model_on_gpus_of_all_sizes(free: float, expected: int) -> None:
    assert batch_size(LARGE_MB, free, on_gpu=True) == expected


def test_a_batch_of_eight_fits_where_it_is_known_to() -> None:
    # faster-whisper's own figures: large-v2 with 8 pieces peaks at 6.1 GB on an 8 GB card.
    assert 1 <= batch_size(LARGE_MB, 8_000.0, on_gpu=True) <= 12
    # small with 8 pieces peaks at 3.6 GB on a processor; 16 GB leave room, 2 GB do not.
    assert batch_size(SMALL_MB, 12_000.0, on_gpu=False) == 8
    assert batch_size(SMALL_MB, 2_000.0, on_gpu=False) == 1


def test_more_memory_never_makes_the_batch_smaller() -> None:
    sizes = [batch_size(LARGE_MB, free, on_gpu=True) for free in range(0, 40_000, 500)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 5


def test_what_the_driver_answers() -> None:
    assert free_gpu_mb("8000\n7000\n") == pytest.approx(8388.608)
    assert free_gpu_mb("[N/A]\n") == 0.0
    assert free_gpu_mb("") == 0.0


def test_free_memory_of_this_machine() -> None:
    assert 10.0 < free_mb("cpu") < 100_000_000.0
