"""Pictures and sound of a moment are those of that moment."""

from __future__ import annotations

import base64
import io
import wave
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.lesson import StreamSpec
from classwatch.core.media import StreamRole
from classwatch.evaluate.output.excerpts import picture_address, sounds
from tests.made_media import Picture, Sound, beeps, evenly, make, onsets_s, read_stamp


def data_of(address: str) -> bytes:
    return base64.b64decode(address.partition(",")[2])


@pytest.mark.parametrize("offset_s", [0.0, 2.0])
@pytest.mark.parametrize("frame", [0, 1, 37, 99])
def test_the_picture_is_the_one_shown_at_that_time(
    tmp_path: Path, frame: int, offset_s: float
) -> None:
    cv2 = pytest.importorskip("cv2")
    path = make(tmp_path / "a.mp4", Picture(evenly(10, 10.0)))
    stream = StreamSpec("cam", path, StreamRole.STUDENT_CAM, offset_s)
    address = picture_address(stream, frame / 10 + offset_s)
    assert address.startswith("data:image/jpeg;base64,")
    picture = cv2.imdecode(np.frombuffer(data_of(address), np.uint8), cv2.IMREAD_COLOR)
    assert read_stamp(picture) == frame * 100, "the pattern holds the time in ms"


def test_a_recording_that_cannot_be_read_gives_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    stream = StreamSpec("cam", tmp_path / "a.mp4", StreamRole.STUDENT_CAM)
    assert picture_address(stream, 1.0) == ""
    assert sounds([stream], [(0.0, 1.0)]) == {}


def test_the_sound_lies_around_its_moment(tmp_path: Path) -> None:
    path = make(
        tmp_path / "a.wav", sounds=[Sound([(0, beeps(20.0, [5.0, 12.0]))], codec="pcm_s16le")]
    )
    stream = StreamSpec("audio", path, StreamRole.AUDIO, offset_s=1.0)
    sound = sounds([stream], [(6.0, 7.0)])[6.0, 7.0]
    with wave.open(io.BytesIO(data_of(sound.address))) as file:
        assert (file.getframerate(), file.getnchannels()) == (16_000, 1)
        raw = file.readframes(file.getnframes())
    samples = np.frombuffer(raw, "<i2").astype(np.float32) / 32768
    # The tone at 5 s of the file is at 6 s of the lesson.
    assert sound.start_s == pytest.approx(5.3)
    assert onsets_s(samples) == pytest.approx([6.0 - sound.start_s], abs=0.01)
    assert len(samples) / 16_000 == pytest.approx(sound.end_s - sound.start_s, abs=1e-3)
