"""The Silero voice activity network that ships inside faster-whisper, run in short blocks.

The network carries a state from window to window. After half a minute of quiet that state holds
it down: a short answer after a long silence, just what wait time is measured from, gets a
probability of 0.00 where the same answer heard afresh gets 0.6. It is therefore started anew
every four seconds, with the two seconds before it as warm-up. Answers depend on the sound within
six seconds only, never on where a stretch that was read begins or ends.

It hears everything twice: as it is, and a quarter slower, which counts a little less, and the surer
answer is taken. Slower, children's voices come down to where the network knows voices best, and
reverberant or telephone speech that it takes for none is heard: of single voices in made lessons
93 % of windows instead of 85 %, with as many false ones, measured before it counted less.

Where more power lies below 80 Hz than above, what lies below is taken out before: rumble of
ventilation and handling says nothing of speech but fills the network's lowest band. A recording of
reading whose power lies below 20 Hz is heard for half of its time instead of a twentieth. Elsewhere
nothing is taken out, since the network takes hiss without any low sounds for speech now and then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ

WINDOW = 512
"""Samples per decision of the network (32 ms)."""
WINDOW_S = WINDOW / SAMPLE_RATE_HZ
BLOCK = 125
"""Windows (4 s) after which the network starts anew."""
_WARM_UP = 64
_CONTEXT = 64
_LEAD = _CONTEXT + _WARM_UP * WINDOW
_SLOWER, _PER = 5, 4
"""Samples made of so many: the second hearing is a quarter longer and lower."""
_SLOWER_COUNTS = 0.85
"""Of what it says of the slower sound: white noise gets up to 0.56 there, and 0.09 as it is."""
_LOWEST_HZ = 80.0
Samples = NDArray[np.float32]


@dataclass(slots=True)
class Detector:
    """Runs over a sound stretch by stretch; every stretch but the last holds whole blocks."""

    _before: Samples = field(default_factory=lambda: np.zeros(_CONTEXT, np.float32))

    def probabilities(self, samples: Samples) -> NDArray[np.float32]:
        """Speech probability (n,) of every window of the next stretch.

        Raises ``ModelError`` when the network cannot be loaded.
        """
        session = _session()
        windows = -(-len(samples) // WINDOW)
        lead = len(self._before)
        missing = windows * WINDOW - len(samples)
        whole = np.concatenate([self._before, samples, np.zeros(missing, np.float32)])
        parts = [np.zeros(0, np.float32)]
        for first in range(0, windows, BLOCK):
            last = min(first + BLOCK, windows)
            warm = min(_WARM_UP, first + (lead - _CONTEXT) // WINDOW)
            start = lead + (first - warm) * WINDOW - _CONTEXT
            heard = _without_rumble(whole[start : lead + last * WINDOW])
            parts.append(np.maximum(_run(session, heard), _run_slower(session, heard))[warm:])
        self._before = whole[max(0, len(whole) - _LEAD) :]
        return np.concatenate(parts)


def _without_rumble(samples: Samples) -> Samples:
    """The sound (n,), without what lies below ``_LOWEST_HZ`` where that is most of its power."""
    from scipy.signal import sosfilt

    passed: Samples = sosfilt(_sections(), samples).astype(np.float32)
    most = float(np.square(samples - passed).sum()) > float(np.square(passed).sum())
    return passed if most else samples


@lru_cache(maxsize=1)
def _sections() -> NDArray[np.float64]:
    """Butterworth, fourth order."""
    from scipy.signal import butter

    sections: NDArray[np.float64] = butter(
        4, _LOWEST_HZ, "highpass", fs=SAMPLE_RATE_HZ, output="sos"
    )
    return sections


def _run(session: Any, samples: Samples) -> NDArray[np.float32]:
    # Every window is seen together with the 64 samples before it, as the network was trained.
    view = np.lib.stride_tricks.sliding_window_view(samples, WINDOW + _CONTEXT)[::WINDOW]
    state = np.zeros((1, 1, 128), np.float32)
    feed = {"input": np.ascontiguousarray(view, np.float32), "h": state, "c": state}
    probability, _, _ = session.run(None, feed)
    flat: NDArray[np.float32] = np.asarray(probability, np.float32).reshape(-1)
    return flat


def _run_slower(session: Any, samples: Samples) -> NDArray[np.float32]:
    """The same windows (n,) as ``_run``, from the sound a quarter slower."""
    from scipy.signal import resample_poly

    windows = (len(samples) - _CONTEXT) // WINDOW
    slow = resample_poly(samples, _SLOWER, _PER)[_CONTEXT * _SLOWER // _PER - _CONTEXT :]
    count = -(-windows * _SLOWER // _PER)
    missing = _CONTEXT + count * WINDOW - len(slow)
    found = _run(session, np.pad(slow, (0, max(0, missing))).astype(np.float32))
    middle = (np.arange(windows) + 0.5) * (_SLOWER / _PER) - 0.5
    at_windows = _SLOWER_COUNTS * np.interp(middle, np.arange(count), found)
    return np.asarray(at_windows, np.float32)


@lru_cache(maxsize=1)
def _session() -> Any:
    try:
        from faster_whisper.vad import get_vad_model

        return get_vad_model().session
    except Exception as error:
        raise ModelError(
            f"the voice activity network cannot be loaded: {error}",
            subject="faster-whisper/silero_vad",
            remedy="reinstall faster-whisper, which carries the file in its assets folder",
        ) from error
