"""Measured room responses from files, for lessons that should sound like a real room."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from classwatch.core.errors import InputError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.simulate.sound.recordings import read_sound
from classwatch.simulate.sound.room import Response

_LONGEST_S = 3.0
_BEFORE_S = 0.001
"""Kept of what comes before the direct sound."""
_DIRECT_S = 0.0025
"""What arrives within this of the strongest sample is the direct sound."""


def load_responses(folder: Path) -> tuple[Response, ...]:
    """Responses of all WAV files of ``folder``, from near to far.

    Near is where the direct sound is strong against the echo, as nothing else in such files tells
    the distance. Of stereo files the mean is used; what follows after 3 s is cut. Raises InputError
    where the folder has no WAV file or one cannot be read or is silent.
    """
    paths = sorted(p for p in folder.glob("*.wav") if p.is_file())
    if not paths:
        raise InputError(
            "holds no room responses",
            subject=str(folder),
            remedy="put WAV files of measured responses there, or leave `sound.responses` empty",
        )
    found = [_response(path) for path in paths]
    return tuple(sorted(found, key=direct_share, reverse=True))


def direct_share(response: Response) -> float:
    """Energy of the direct sound against all of the response."""
    energy = np.square(response.samples, dtype=np.float64)
    half = round(_DIRECT_S * SAMPLE_RATE_HZ)
    first = max(0, response.arrival - half)
    return float(energy[first : response.arrival + half].sum() / energy.sum())


def _response(path: Path) -> Response:
    samples = read_sound(path)
    peak = int(np.abs(samples).argmax())
    if samples[peak] == 0.0:
        raise InputError("is silent", subject=str(path), remedy="remove the file")
    first = max(0, peak - round(_BEFORE_S * SAMPLE_RATE_HZ))
    return Response(samples[first : peak + round(_LONGEST_S * SAMPLE_RATE_HZ)], peak - first)
