"""Pictures and sound of single moments, small enough to stand inside a page."""

from __future__ import annotations

import base64
import io
import tempfile
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ClasswatchError
from classwatch.core.lesson import StreamSpec
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.store.audio import AudioFile

PICTURE_PX = 960
"""Longer side of a picture in the page."""
LONGEST_S = 6.0
"""Longest piece of sound in the page."""
LEAD_S = 0.7
_QUALITY = 72


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of a lesson's sound as a WAV data address, from ``start_s`` to ``end_s``."""

    address: str
    start_s: float
    end_s: float


def picture_address(stream: StreamSpec, time_s: float) -> str:
    """The picture shown at ``time_s`` of the lesson as a JPEG data address; "" without one.

    A page must not fail because one recording cannot be read: it shows the moment without it.
    """
    from classwatch.media.plan import Chunk, plan_decoding
    from classwatch.media.probe import probe
    from classwatch.media.video import sample_frames

    at_s = max(0.0, time_s - stream.offset_s)
    try:
        plan = plan_decoding(
            stream.path, probe(stream.path), every_s=1.0, chunk_s=20.0, skip="none"
        )
        index = int(max(0.0, at_s - plan.start_s))
        cover = next((c for c in plan.chunks if c.first <= index < c.last), plan.chunks[-1])
        # A grid of its own that begins just before the picture.
        own = replace(plan, start_s=max(0.0, at_s - 1e-3), chunks=(Chunk(0, 1, cover.seek_s),))
        frame = next(sample_frames(stream.path, own, own.chunks[0], fit_px=PICTURE_PX), None)
    except ClasswatchError:
        return ""
    return "" if frame is None else _jpeg(frame.rgb)


def _jpeg(rgb: NDArray[np.uint8]) -> str:
    import cv2

    pixels = np.ascontiguousarray(rgb[:, :, ::-1])
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return _address("image/jpeg", data.tobytes()) if done else ""


def sounds(
    streams: Sequence[StreamSpec], spans: Sequence[tuple[float, float]]
) -> Mapping[tuple[float, float], Sound]:
    """The pieces of the lesson's sound around ``spans``; empty where there is no sound.

    The first stream that has sound is decoded once.
    """
    from classwatch.media.audio import write_audio

    if not spans:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sound.flac"
        for stream in streams:
            try:
                write_audio(stream.path, target)
            except ClasswatchError:
                continue
            with AudioFile(target) as file:
                return {span: _sound(file, span, stream.offset_s) for span in spans}
    return {}


def _sound(file: AudioFile, span: tuple[float, float], offset_s: float) -> Sound:
    start_s = max(0.0, span[0] - LEAD_S - offset_s)
    end_s = min(start_s + LONGEST_S, span[1] + LEAD_S - offset_s, file.duration_s)
    samples = file.read(start_s, end_s)
    return Sound(_wav(samples), start_s + offset_s, max(start_s, end_s) + offset_s)


def _wav(samples: NDArray[np.float32]) -> str:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        whole = np.round(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2")
        file.writeframes(whole.tobytes())
    return _address("audio/wav", out.getvalue())


def _address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
