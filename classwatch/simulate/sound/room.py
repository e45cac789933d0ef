"""Room responses: what a click at a mouth becomes at a microphone.

The first 0.1 s are exact mirror images of a rectangular room (Allen & Berkley 1979) by
pyroomacoustics; after that, where thousands of echoes overlap, noise that falls by 60 dB in the
script's reverberation time. Mirror images alone are slow in live rooms, and decay slower than
Sabine's and Eyring's formulas say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.simulate.sound.places import Hall, Place
from classwatch.simulate.sound.signal import Samples
from classwatch.simulate.sound.voices import rng_of

SOUND_SPEED_M_S = 343.0

_ORDER = 12
_MIXING_S = (0.045, 0.085)
"""The mirror images give way to the noise between these times after the direct sound."""
_DRY_ROOM_S = 0.4
"""In rooms with a shorter reverberation time they do so sooner, in proportion."""
_NEAREST_M = 0.1
_CORRECTIONS = 4
_TREBLE_HZ = 3000.0
_BASS_DECAY, _TREBLE_DECAY = 1.08, 0.94
"""Above that frequency air and cloth make the echo shorter; over all bands the factor is 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """``samples`` (n,) at 16 kHz, the direct sound at index ``arrival``; 1 m gives a peak of 1."""

    samples: Samples
    arrival: int


@dataclass(slots=True)
class Acoustics:
    """Responses of one room, each made once. Byte-identical for the same room and places."""

    hall: Hall
    rt60_s: float
    seed: int
    measured: tuple[Response, ...] = ()
    """From near to far, used instead of made ones for everything after the direct sound's way."""
    _made: dict[tuple[Place, Place], Response] = field(default_factory=dict)

    def response(self, source: Place, microphone: Place) -> Response:
        """Response from ``source`` to ``microphone``.

        Raises ModelError where pyroomacoustics is not installed.
        """
        key = (_centimetres(source), _centimetres(microphone))
        if key not in self._made:
            made = self._make(*key)
            self._made[key] = self._measured(made, *key) if self.measured else made
        return self._made[key]

    def _make(self, source: Place, microphone: Place) -> Response:
        source = _apart(source, microphone)
        early = self._mirrored(source, microphone)
        arrival = round(math.dist(source, microphone) / SOUND_SPEED_M_S * SAMPLE_RATE_HZ)
        count = arrival + round(1.1 * self.rt60_s * SAMPLE_RATE_HZ)
        whole = np.zeros(max(count, len(early)), np.float64)
        whole[: len(early)] = early
        noise = rng_of(self.seed, f"echo:{source}:{microphone}").standard_normal(len(whole))
        decay_s = self.rt60_s
        for _ in range(_CORRECTIONS):
            made = self._with_echo(whole, noise, arrival, decay_s)[:count].astype(np.float32)
            measured_s = rt60(made)
            if not 0.05 < abs(measured_s / self.rt60_s - 1.0) < 1.0:
                break
            # In very damped rooms the mirror images alone fall faster: the noise makes up for it.
            decay_s *= self.rt60_s / measured_s
        return Response(made, arrival)

    def _with_echo(self, early: Any, noise: Any, arrival: int, decay_s: float) -> Any:
        """Mirror images passing into ``noise`` that decays in ``decay_s``, equally loud there."""
        late = _decaying(noise, arrival, decay_s)
        fade_in = self._ramp(len(early), arrival)
        window = (fade_in > 0) & (fade_in < 1)
        power = float(np.mean(late[window] ** 2))
        scale = math.sqrt(float(np.mean(early[window] ** 2)) / power) if power > 0 else 0.0
        return early * np.sqrt(1.0 - fade_in) + late * scale * np.sqrt(fade_in)

    def _measured(self, made: Response, source: Place, microphone: Place) -> Response:
        """The measured response for that distance, arriving when and as loud as the made one."""
        hall = self.hall
        longest_m = math.dist((0, 0, 0), (hall.width_m, hall.height_m, hall.depth_m))
        share = min(0.999, math.dist(source, microphone) / longest_m)
        found = self.measured[int(share * len(self.measured))]
        energy = float(np.sum(np.square(made.samples, dtype=np.float64)))
        own = float(np.sum(np.square(found.samples, dtype=np.float64)))
        scaled = found.samples * np.float32(math.sqrt(energy / own))
        start = made.arrival - found.arrival
        samples = np.concatenate([np.zeros(max(0, start), np.float32), scaled[max(0, -start) :]])
        return Response(samples, made.arrival)

    def _mirrored(self, source: Place, microphone: Place) -> Any:
        """Mirror images up to order 12, without the delay of the filters that place them."""
        pra = _pyroomacoustics()
        size = [self.hall.width_m, self.hall.height_m, self.hall.depth_m]
        material = pra.Material(absorption(self.hall, self.rt60_s))
        room = pra.ShoeBox(size, fs=SAMPLE_RATE_HZ, materials=material, max_order=_ORDER)
        shift = np.array([self.hall.width_m / 2, 0.0, 0.0])
        room.add_microphone(np.asarray(microphone) + shift)
        room.add_source(np.asarray(source) + shift)
        room.compute_rir()
        skip = pra.constants.get("frac_delay_length") // 2
        return np.asarray(room.rir[0][0], np.float64)[skip:]

    def _ramp(self, count: int, arrival: int) -> Any:
        """Share (count,) of the energy that the late noise has at each sample."""
        time_s = (np.arange(count) - arrival) / SAMPLE_RATE_HZ
        first_s, last_s = (t * min(1.0, self.rt60_s / _DRY_ROOM_S) for t in _MIXING_S)
        return np.clip((time_s - first_s) / (last_s - first_s), 0.0, 1.0)


def absorption(hall: Hall, rt60_s: float) -> float:
    """Share of energy a wall takes, alike everywhere, by Eyring's formula (1930)."""
    width, height, depth = hall.width_m, hall.height_m, hall.depth_m
    volume = width * height * depth
    surface = 2.0 * (width * height + height * depth + width * depth)
    constant = 24.0 * math.log(10.0) / SOUND_SPEED_M_S
    return 1.0 - math.exp(-constant * volume / (surface * rt60_s))


def rt60(response: Samples, rate_hz: int = SAMPLE_RATE_HZ) -> float:
    """Reverberation time in seconds by Schroeder's backward integral, -5 to -25 dB (ISO 3382 T20).

    NaN where the response does not fall that far.
    """
    energy = np.cumsum(np.square(response[::-1], dtype=np.float64))[::-1]
    if len(energy) == 0 or energy[0] <= 0:
        return math.nan
    level_db = 10.0 * np.log10(np.maximum(energy / energy[0], 1e-12))
    first, last = np.searchsorted(-level_db, [5.0, 25.0])
    if last >= len(level_db) or last - first < 2:
        return math.nan
    slope = np.polyfit(np.arange(first, last) / rate_hz, level_db[first:last], 1)[0]
    return float(-60.0 / slope)


def _decaying(noise: Any, arrival: int, decay_s: float) -> Any:
    """``noise`` (n,) falling by 60 dB in ``decay_s``, treble a little sooner than bass."""
    from scipy.signal import butter, sosfilt

    low = sosfilt(butter(2, _TREBLE_HZ, fs=SAMPLE_RATE_HZ, output="sos"), noise)
    time_s = (np.arange(len(noise)) - arrival) / SAMPLE_RATE_HZ
    # 60 dB are a factor of 1000 on the amplitude.
    rate = math.log(1000.0) / decay_s
    bass = low * np.exp(-rate / _BASS_DECAY * time_s)
    return bass + (noise - low) * np.exp(-rate / _TREBLE_DECAY * time_s)


def _centimetres(place: Place) -> Place:
    x, y, z = place
    return (round(x, 2), round(y, 2), round(z, 2))


def _apart(source: Place, microphone: Place) -> Place:
    """``source`` moved up where it would be inside the microphone."""
    if math.dist(source, microphone) >= _NEAREST_M:
        return source
    return (source[0], source[1] + _NEAREST_M, source[2])


def _pyroomacoustics() -> Any:
    try:
        import pyroomacoustics
    except ImportError as error:
        raise ModelError(
            "room sound cannot be made, pyroomacoustics is not installed",
            subject="pyroomacoustics",
            remedy='pip install "classwatch[sim]"',
        ) from error
    # Sums over threads would depend on their number.
    pyroomacoustics.constants.set("num_threads", 1)
    return pyroomacoustics
