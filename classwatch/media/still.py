"""A single picture as a recording of one second, without coding it anew."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from classwatch.core.errors import InputError

STILL_SUFFIXES = frozenset((".jpg", ".jpeg", ".png"))
STILL_S = 1.0
"""How long the recording of a still lasts."""

_RATE = Fraction(1)


def wrap_still(picture: Path, target: Path) -> None:
    """Write ``target`` (QuickTime): the picture's own JPEG or PNG data as the only frame.

    Nothing is decoded or coded, so that an analysis sees the very pixels of the file. Raises
    InputError where the picture cannot be read.
    """
    import av

    try:
        with (
            av.open(str(picture)) as source,
            av.open(str(target), "w", format="mov", options={"fflags": "+bitexact"}) as sink,
        ):
            stream = sink.add_stream_from_template(source.streams.video[0])
            stream.time_base = Fraction(1, 1000)
            packet = next(p for p in source.demux(source.streams.video[0]) if p.size)
            packet.stream = stream
            packet.time_base = Fraction(1, 1000)
            packet.pts = packet.dts = 0
            packet.duration = round(STILL_S * 1000)
            sink.mux(packet)
    except (av.error.FFmpegError, StopIteration, IndexError, OSError) as error:
        raise InputError(
            f"the picture cannot be read: {error}",
            subject=str(picture),
            remedy="give a JPEG or PNG file",
        ) from error
