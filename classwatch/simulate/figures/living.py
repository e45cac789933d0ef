"""What moves while a pose is kept: swaying, writing, talking; functions of time alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.body import Side
from classwatch.simulate.figures.channels import SLICES, WIDTH
from classwatch.simulate.script import ActKind

Array = NDArray[np.float64]

JAW_OPEN_RAD = 0.22
_FADE_S = 0.35
"""Head and hands begin to move this long before a word and come to rest as long after it."""
_SYLLABLES_HZ = 4.2
_UNEVEN = {1: (0.31, 0.9), 6: (0.83, 0.4), 4: (1.7, 0.15)}
"""How far syllables are ahead or late: waves by phase, with rate in Hz and size in syllables."""
_LOOK_SHARE = 0.55
"""Share of the way to the teacher that the head turns; the eyes do the rest."""
_LOOK_MAX_RAD = math.radians(48)
_LOOKING = frozenset({ActKind.LISTEN, ActKind.RAISE_HAND, ActKind.CHIN, ActKind.STAND})
_SURVEYING = frozenset({ActKind.FACE, ActKind.PODIUM, ActKind.POINT})
"""A teacher's look goes over the class from side to side."""
_FREE_HANDS = frozenset({ActKind.FACE, ActKind.GESTURE, ActKind.STAND, ActKind.PODIUM})
"""On their feet, with hands that can go along with what is said."""
_STILL_HANDS = 0.2
"""Share of people whose hands rest while they talk."""
_LIFT_M = (0.03, 0.22, 0.17)
"""How far the liveliest hand leaves its rest while talking: out, up and ahead ..."""
_BEAT_M = 0.07
"""... and beats up and down about that."""
_BEAT_HZ = (0.5, 0.9)


def _at(name: str, number: int = 0) -> int:
    return int(SLICES[name].start) + number


_SPINE, _HEAD = _at("spine"), _at("head")


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """When somebody's voice is heard: ``starts_s`` and ``ends_s`` (n,), ascending."""

    starts_s: Array
    ends_s: Array

    @staticmethod
    def of(spans_s: Iterable[tuple[float, float]]) -> Speech:
        """Speech during these stretches; those that touch or overlap become one."""
        joined: list[list[float]] = []
        for start_s, end_s in sorted(spans_s):
            if joined and start_s <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], end_s)
            else:
                joined.append([start_s, end_s])
        array = np.array(joined, np.float64).reshape(-1, 2)
        return Speech(array[:, 0], array[:, 1])

    def nearness(self, time_s: float) -> float:
        """1 while heard, falling to 0 within a short time before and after."""
        after = int(np.searchsorted(self.starts_s, time_s, "right"))
        gap_s = math.inf
        if after:
            gap_s = max(0.0, time_s - float(self.ends_s[after - 1]))
        if after < len(self.starts_s):
            gap_s = min(gap_s, float(self.starts_s[after]) - time_s)
        return max(0.0, 1.0 - gap_s / _FADE_S)

    def heard(self, time_s: float) -> bool:
        """Whether the voice sounds at ``time_s``."""
        after = int(np.searchsorted(self.starts_s, time_s, "right"))
        return after > 0 and time_s < self.ends_s[after - 1]


class Life:
    """The small movements of one person; ``seed`` gives them phases of their own."""

    def __init__(self, seed: tuple[int, ...], speech: Speech) -> None:
        rng = np.random.default_rng(seed)
        self._phases = rng.uniform(0, 1, 8)
        self._speech = speech
        # Hands move almost only while their owner speaks (McNeill, Hand and Mind, 1992: nine of
        # ten gestures). How much is an assumption: evenly from a little to a lot, one in five none.
        self._liveliness = 0.0 if rng.random() < _STILL_HANDS else float(rng.uniform(0.25, 1.0))
        self._second_hand = float(rng.uniform(0.0, 1.0))
        self._beat_hz = float(rng.uniform(*_BEAT_HZ))

    def _wave(self, frequency_hz: float, time_s: float, phase: int) -> float:
        return math.sin(2 * math.pi * (frequency_hz * time_s + float(self._phases[phase])))

    def sway(self, time_s: float) -> Array:
        """What everybody does all the time, as an addition to a row of channels (WIDTH,)."""
        row = np.zeros(WIDTH)
        wave = self._wave
        row[_SPINE] = 0.02 * wave(0.11, time_s, 0) + 0.006 * wave(0.28, time_s, 1)
        row[_SPINE + 2] = 0.015 * wave(0.07, time_s, 2)
        row[_HEAD] = 0.03 * wave(0.13, time_s, 3) + 0.012 * wave(0.41, time_s, 4)
        row[_HEAD + 1] = 0.07 * wave(0.06, time_s, 5) + 0.03 * wave(0.19, time_s, 6)
        row[_HEAD + 2] = 0.02 * wave(0.09, time_s, 7)
        return row

    def talk(self, time_s: float, *, hands: bool) -> Array:
        """Mouth, head and, for ``hands``, wrists of somebody talking."""
        row = np.zeros(WIDTH)
        near = self._speech.nearness(time_s)
        if near <= 0:
            return row
        wave = self._wave
        row[_HEAD] = near * (0.035 * wave(1.1, time_s, 2) + 0.02 * wave(0.47, time_s, 5))
        row[_HEAD + 1] = near * 0.05 * wave(0.35, time_s, 0)
        if hands:
            for k, side in enumerate("LR"):
                row[_at(f"wrist.{side}", 1)] = near * 0.02 * (1 + wave(0.8, time_s, k))
                row[_at(f"wrist.{side}", 2)] = near * 0.015 * wave(0.5, time_s, 3 + k)
        row[SLICES["jaw"]] = self.jaw_rad(time_s)
        return row

    def jaw_rad(self, time_s: float) -> float:
        """How far the jaw is open: closed and opened with each syllable while the voice is heard.

        No two syllables last alike: a mouth that kept time would look still to a camera that takes
        a picture every half second.
        """
        if not self._speech.heard(time_s):
            return 0.0
        late = sum(size * self._wave(hz, time_s, k) for k, (hz, size) in _UNEVEN.items())
        beat = abs(math.sin(math.pi * (_SYLLABLES_HZ * time_s + late)))
        return JAW_OPEN_RAD * (0.1 + 0.9 * beat * (0.7 + 0.3 * self._wave(0.9, time_s, 7)))

    def beating(self, kind: ActKind, side: Side, time_s: float) -> Array:
        """The hands that go along with the talk of somebody on their feet; ``side`` the more."""
        row = np.zeros(WIDTH)
        near = self._speech.nearness(time_s)
        if near <= 0 or kind not in _FREE_HANDS:
            return row
        # Gestures come in bouts of some seconds.
        bout = min(max(0.6 + 0.8 * self._wave(0.12, time_s, 1), 0.0), 1.0)
        for k, each in enumerate("LR"):
            share = 1.0 if each == side else self._second_hand
            size = self._liveliness * share * near * bout
            wrist = _at(f"wrist.{each}")
            out, up, ahead = (size * way for way in _LIFT_M)
            row[wrist] = out if each == "L" else -out
            row[wrist + 1] = up + size * _BEAT_M * self._wave(self._beat_hz, time_s, 6 + k)
            row[wrist + 2] = ahead + size * 0.5 * _BEAT_M * self._wave(self._beat_hz, time_s, 2 + k)
        return row

    def doing(self, kind: ActKind, side: Side, time_s: float) -> Array:
        """What hands and head do in ``kind``."""
        row = np.zeros(WIDTH)
        wave = self._wave
        wrist = _at(f"wrist.{side}")
        if kind is ActKind.WRITE:
            row[wrist] = 0.008 * wave(1.7, time_s, 0) + 0.02 * wave(0.15, time_s, 1)
            row[wrist + 2] = 0.006 * wave(2.3, time_s, 2)
        elif kind is ActKind.GESTURE:
            row[_HEAD + 1] = 0.20 * wave(0.06, time_s, 1) + 0.14 * wave(0.17, time_s, 3)
            for k, (each, frequency_hz) in enumerate((("R", 0.6), ("L", 0.45))):
                row[_at(f"wrist.{each}", 1)] = 0.04 * wave(frequency_hz, time_s, 3 + k)
                row[_at(f"wrist.{each}")] = 0.03 * wave(0.7 * frequency_hz, time_s, 4 + k)
        elif kind is ActKind.BOARD:
            row[wrist] = 0.08 * wave(0.25, time_s, 1) + 0.01 * wave(1.9, time_s, 4)
            row[wrist + 1] = 0.025 * wave(1.3, time_s, 2)
        elif kind in _SURVEYING:
            row[_HEAD + 1] = 0.20 * wave(0.06, time_s, 1) + 0.14 * wave(0.17, time_s, 3)
        elif kind is ActKind.RAISE_HAND:
            row[wrist] = 0.02 * wave(0.5, time_s, 3)
        elif kind is ActKind.DEVICE:
            row[_at("curl.R")] = 0.1 * wave(0.9, time_s, 3)
        return row


def looking(kind: ActKind, yaw: float, towards: tuple[float, float]) -> Array:
    """The head turned to what is ``towards`` (x, z, from the person) in kinds that look ahead."""
    row = np.zeros(WIDTH)
    if kind in _LOOKING:
        angle = math.atan2(towards[0], towards[1]) - yaw
        angle = (angle + math.pi) % (2 * math.pi) - math.pi
        # Nobody turns round for somebody behind: beyond a right angle the look fades out.
        fade = min(max((math.radians(150) - abs(angle)) / math.radians(50), 0.0), 1.0)
        angle = min(max(_LOOK_SHARE * angle, -_LOOK_MAX_RAD), _LOOK_MAX_RAD) * fade
        row[_HEAD + 1] = angle
    return row
