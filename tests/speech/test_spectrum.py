import numpy as np
import pytest

from classwatch.speech.spectrum import flatness, mel_filters


@pytest.mark.parametrize(("bands", "low_hz", "high_hz"), [(32, 100.0, 7600.0), (26, 60.0, 8000.0)])
def test_mel_filters_are_those_of_librosa(bands: int, low_hz: float, high_hz: float) -> None:
    from librosa.filters import mel

    theirs = mel(
        sr=16_000,
        n_fft=512,
        n_mels=bands,
        fmin=low_hz,
        fmax=high_hz,
        htk=True,
        norm=None,
        dtype=float,
    )
    np.testing.assert_allclose(mel_filters(bands, low_hz, high_hz), theirs.T, atol=1e-7)


def test_a_spectrum_without_peaks_is_flat_and_one_line_is_not() -> None:
    even, line = np.ones((1, 257)), np.full((1, 257), 1e-6)
    line[0, 40] = 1.0
    assert flatness(even) == pytest.approx(1.0)
    assert flatness(line) < 1e-3
