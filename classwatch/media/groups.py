"""Ends of groups of pictures that nothing is wanted from are not decoded.

A keyframe needs nothing that came before it. Once the last picture that is wanted of a group has
come out of the decoder, and the next one that is wanted lies behind the next keyframe, the packets
between are left out and the decoder begins anew, just as after seeking there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame

_MOST_BYTES = 16_000_000
"""Packets that are held to see where their group ends."""
_ROUNDING = 1e-6


class UntrueKeyframeError(Exception):
    """A packet is marked as a keyframe and is none: nothing can be left out of this file."""


@dataclass(slots=True)
class Awaited:
    """What is wanted next: the time of a picture (or the first one after it), in seconds.

    Whoever picks pictures moves ``time_s`` on; whoever decodes leaves out what lies before.
    """

    time_s: float
    every_s: float
    _anew_s: float | None = None

    def lies_behind(self, keyframe_s: float) -> bool:
        """Whether nothing before a keyframe is wanted any more."""
        return keyframe_s <= self.time_s + _ROUNDING * self.every_s

    def begin_anew(self, keyframe_s: float) -> None:
        """Decoding goes on from a keyframe, with something left out before it."""
        self._anew_s = keyframe_s

    def check(self, frame: VideoFrame, time_s: float) -> None:
        """Raise ``UntrueKeyframeError`` unless what comes first after a gap is its keyframe."""
        expected_s, self._anew_s = self._anew_s, None
        if expected_s is None:
            return
        if not frame.key_frame or abs(time_s - expected_s) > _ROUNDING:
            raise UntrueKeyframeError


def without_ends(
    walk: Iterator[Packet[Any]],
    awaited: Awaited,
    seconds: Callable[[int], float],
    begin_anew: Callable[[], None],
) -> Iterator[Packet[Any]]:
    """The packets without those that nothing wanted needs; ``begin_anew`` empties the decoder."""
    for group, next_s in _groups(walk, seconds):
        for packet in group:
            if next_s is not None and awaited.lies_behind(next_s):
                begin_anew()
                awaited.begin_anew(next_s)
                break
            yield packet


def _groups(
    walk: Iterator[Packet[Any]], seconds: Callable[[int], float]
) -> Iterator[tuple[list[Packet[Any]], float | None]]:
    """Packets from one keyframe to the next with the time of that one; None where it is not known:
    at the end of the file, or because the group is too large to be held."""
    group: list[Packet[Any]] = []
    size = 0
    for packet in walk:
        if group and packet.is_keyframe and packet.pts is not None:
            yield group, seconds(packet.pts)
            group, size = [], 0
        elif size > _MOST_BYTES:
            yield group, None
            group, size = [], 0
        group.append(packet)
        size += packet.size
    if group:
        yield group, None
