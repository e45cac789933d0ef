import numpy as np

from classwatch.speech.voiceprint import _mel_filters


def test_mel_filters_are_those_of_librosa() -> None:
    from librosa.filters import mel

    theirs = mel(
        sr=16_000, n_fft=512, n_mels=32, fmin=100.0, fmax=7600.0, htk=True, norm=None, dtype=float
    )
    np.testing.assert_allclose(_mel_filters(), theirs.T, atol=1e-12)
