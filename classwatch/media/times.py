"""When the packets of each track are shown, from the index or from the packets themselves."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classwatch.media.container import encrypted, only, packets

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream


@dataclass(slots=True)
class TrackTimes:
    """Timestamps of one track's packets, in units of its time base.

    ``end`` is the latest timestamp and ``last_duration`` how long that packet lasts (0: unknown).
    """

    pts: array[int] = field(default_factory=lambda: array("q"))
    key_pts: array[int] = field(default_factory=lambda: array("q"))
    end: int | None = None
    last_duration: int = 0

    def add(self, time: int, duration: int, *, key: bool) -> None:
        """Note one packet."""
        self.pts.append(time)
        if key:
            self.key_pts.append(time)
        if self.end is None or time >= self.end:
            self.end, self.last_duration = time, duration

    def intervals(self) -> NDArray[np.int64]:
        """Distances between neighbouring distinct timestamps, in order of presentation."""
        times = np.unique(np.asarray(self.pts, dtype=np.int64))
        distances: NDArray[np.int64] = times[1:] - times[:-1]
        return distances


def scan(path: Path, container: InputContainer, streams: Sequence[Stream]) -> dict[int, TrackTimes]:
    """Times by stream index, from reading every packet; packets that edit lists hide are left out.

    ``InputError`` where a packet is encrypted.
    """
    only(container, *streams)
    times = {stream.index: TrackTimes() for stream in streams}
    for packet in packets(container, *streams):
        if packet.size == 0:
            continue
        if packet.has_sidedata("encryption_info"):
            raise encrypted(path, "common encryption")
        time = packet.pts if packet.pts is not None else packet.dts
        if time is not None and not packet.is_discard:
            times[packet.stream_index].add(time, packet.duration or 0, key=bool(packet.is_keyframe))
    return times


def from_index(
    path: Path, container: InputContainer, streams: Sequence[Stream]
) -> dict[int, TrackTimes] | None:
    """Times by stream index, from the index of an MP4 or MOV file, without reading its media.

    ``None`` where the index does not list every packet, or one of them lies beyond the end of the
    file. The index holds decoding times; moved so that the first picture lies at the start of the
    track, they are the presentation times in another order, exactly so for a constant rate.
    """
    if "mov" not in container.format.name.split(","):
        return None
    size = path.stat().st_size
    times = {}
    for stream in streams:
        entries = stream.index_entries
        if not stream.duration or not stream.frames or len(entries) != stream.frames:
            return None
        shown = [e for e in entries if not e.is_discard]
        if not shown or any(e.pos + e.size > size for e in shown):
            return None
        start = stream.start_time or 0
        delay = start - shown[0].timestamp if stream.type == "video" else 0
        track = times[stream.index] = TrackTimes()
        end = start + stream.duration
        for entry in shown:
            time = entry.timestamp + delay
            track.add(time, max(0, end - time), key=bool(entry.is_keyframe))
    return times
