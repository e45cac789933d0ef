from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from classwatch.core.errors import InputError, ResourceError
from classwatch.media.audio import write_audio
from classwatch.media.write import (
    PictureFormat,
    Piece,
    PieceWriter,
    SoundTrack,
    exact_rate,
    join,
)
from tests.made_media import beeps, read_stamp, stamp

SIZE = (192, 128)


def pieces(folder: Path, counts: list[int], fps: Fraction, crf: int = 20) -> list[Piece]:
    """Pieces whose pictures carry their number within the whole."""
    made: list[Piece] = []
    first = 0
    for count in counts:
        path = folder / f"{first}.mp4"
        with PieceWriter(path, PictureFormat(*SIZE, fps, crf)) as writer:
            for number in range(first, first + count):
                writer.add(stamp(number, SIZE))
        made.append(Piece(path, first))
        first += count
    return made


@pytest.mark.parametrize("fps", [5.0, 12.5, 29.97, 0.4])
def test_every_picture_is_shown_at_its_number_over_the_rate(tmp_path: Path, fps: float) -> None:
    rate = exact_rate(fps)
    join(tmp_path / "whole.mp4", pieces(tmp_path, [12, 12, 1], rate), rate)
    with av.open(str(tmp_path / "whole.mp4")) as container:
        track = container.streams.video[0]
        shown = [
            (frame.pts * track.time_base, read_stamp(frame.to_ndarray(format="rgb24")))
            for frame in container.decode(track)
        ]
    assert shown == [(n / rate, n) for n in range(25)]
    assert float(rate) == fps


def test_sound_stays_with_the_picture(tmp_path: Path) -> None:
    fps = Fraction(10)
    sound = SoundTrack(beeps(6.0, [0.0, 1.5, 5.2], rate_hz=16_000), 16_000)
    whole = tmp_path / "whole.mp4"
    join(whole, pieces(tmp_path, [25, 35], fps), fps, sound)
    write_audio(whole, tmp_path / "sound.wav")
    heard = read_onsets(tmp_path / "sound.wav")
    assert heard == pytest.approx([0.0, 1.5, 5.2], abs=0.02)


def read_onsets(path: Path) -> np.ndarray:
    import soundfile

    from tests.made_media import onsets_s

    samples, rate = soundfile.read(path, dtype="float32")
    return onsets_s(samples, rate_hz=rate)


def test_same_pieces_give_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        sound = SoundTrack(beeps(2.0, [1.0], rate_hz=48_000), 48_000)
        join(folder / "whole.mp4", pieces(folder, [7, 3], Fraction(5)), Fraction(5), sound)
        written.append((folder / "whole.mp4").read_bytes())
    assert written[0] == written[1]


_ENCODE = """
import sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from classwatch.media.write import Piece, PieceWriter, PictureFormat, SoundTrack, join

rng = np.random.default_rng(3)
base = np.cumsum(rng.normal(0, 2, (180, 320, 3)), axis=1) * 3 + 120
noise = rng.normal(0, 6, (12, 180, 320, 3))
out = Path(sys.argv[1])
with PieceWriter(out / "piece.mp4", PictureFormat(320, 180, Fraction(2), 26)) as writer:
    for n in range(12):
        picture = np.clip(base + noise[n], 0, 255).astype(np.uint8)
        picture[60:120, 20 * n : 20 * n + 40] = 250
        writer.add(picture)
sound = SoundTrack(rng.normal(0, 0.1, 96_000).astype(np.float32), 16_000)
join(out / "whole.mp4", [Piece(out / "piece.mp4", 0)], Fraction(2), sound)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="fills fresh memory by a setting of glibc")
def test_the_bytes_do_not_depend_on_what_memory_held_before(tmp_path: Path) -> None:
    written = []
    for filling in ("0", "85", "200"):
        folder = tmp_path / filling
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-c", _ENCODE, str(folder)],
            env=os.environ | {"MALLOC_PERTURB_": filling},
            check=True,
        )
        written.append((folder / "whole.mp4").read_bytes())
    assert written[0] == written[1] == written[2]


def test_a_piece_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first = pieces(tmp_path, [5], Fraction(5))[0]
    path = tmp_path / "a" / "other.mp4"
    with PieceWriter(path, PictureFormat(64, 64, Fraction(5), 20)) as writer:
        writer.add(np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(InputError, match="another way") as caught:
        join(tmp_path / "whole.mp4", [first, Piece(path, 5)], Fraction(5))
    assert caught.value.subject == str(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceError) as caught:
        PieceWriter(tmp_path / "none" / "a.mp4", PictureFormat(64, 64, Fraction(5), 20))
    assert caught.value.subject == str(tmp_path / "none" / "a.mp4")


def test_pictures_of_another_size_and_odd_sizes_are_mistakes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even"):
        PieceWriter(tmp_path / "a.mp4", PictureFormat(63, 64, Fraction(5), 20))
    with PieceWriter(tmp_path / "a.mp4", PictureFormat(64, 64, Fraction(5), 20)) as writer:
        with pytest.raises(ValueError, match="expected a picture of shape"):
            writer.add(np.zeros((64, 66, 3), np.uint8))
        writer.add(np.zeros((64, 64, 3), np.uint8))
