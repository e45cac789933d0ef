"""What is said about a file against how it was made."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.media.audio import write_audio
from classwatch.media.container import media_streams, opened
from classwatch.media.plan import plan_decoding
from classwatch.media.probe import probe
from classwatch.media.times import from_index, scan
from classwatch.media.video import sample_frames
from tests.made_media import Picture, Sound, beeps, evenly, make

ODD = Path(__file__).resolve().parents[3] / "shared/data/media_odd"
ODD_FILES = sorted(p for p in ODD.rglob("*") if p.is_file()) if ODD.is_dir() else []


def test_spans_rates_and_counts_are_those_of_the_making(tmp_path: Path) -> None:
    picture = Picture(evenly(25, 6), options={"g": "40", "bf": "2"})
    sound = Sound([(Fraction(5, 2), beeps(3, [], rate_hz=44_100))], 44_100)
    info = probe(make(tmp_path / "a.mkv", picture, [sound]))
    assert info.video is not None
    assert (info.video.codec, info.video.width_px, info.video.height_px) == ("h264", 192, 128)
    assert info.video.nominal_fps == pytest.approx(25)
    assert not info.video.variable_rate
    assert info.video.frame_count == 150
    assert info.video.keyframe_interval_s == pytest.approx(1.6)
    assert info.video.span.start_s == 0
    assert info.video.span.end_s == pytest.approx(6, abs=0.002)
    (audio,) = info.audio
    assert (audio.index, audio.codec, audio.channels, audio.sample_rate_hz) == (0, "aac", 1, 44_100)
    assert audio.span.start_s == pytest.approx(2.5, abs=0.03)
    assert audio.span.end_s == pytest.approx(5.5, abs=0.05)
    assert info.duration_s == info.video.span.end_s


def test_the_clock_starts_with_the_first_track(tmp_path: Path) -> None:
    picture = Picture(evenly(25, 4, Fraction(3, 2)))
    info = probe(make(tmp_path / "a.mkv", picture, [Sound([(Fraction(0), beeps(4, []))])]))
    assert info.video is not None
    assert info.video.span.start_s == pytest.approx(1.5, abs=0.03)
    assert info.audio[0].span.start_s == 0


def test_an_uneven_rate_is_told_from_an_even_one(tmp_path: Path) -> None:
    ms = [0]
    for k in range(200):
        ms.append(ms[-1] + (33 if k % 3 else 80))
    uneven = Picture([Fraction(t, 1000) for t in ms], time_base=Fraction(1, 1000))
    even = Picture(evenly(Fraction(30_000, 1001), 7), time_base=Fraction(1, 1000))
    for name, picture, expected in (("u.mkv", uneven, True), ("e.mkv", even, False)):
        video = probe(make(tmp_path / name, picture)).video
        assert video is not None
        assert video.variable_rate is expected


@pytest.mark.parametrize("turn_deg", [0, 90, 180, 270])
def test_size_is_that_of_the_turned_picture(tmp_path: Path, turn_deg: int) -> None:
    video = probe(make(tmp_path / "a.mp4", Picture(evenly(25, 0.4), rotation_deg=turn_deg))).video
    assert video is not None
    assert video.rotation_deg == turn_deg
    size = (video.width_px, video.height_px)
    assert size == ((128, 192) if turn_deg in (90, 270) else (192, 128))


def test_without_a_scan_the_header_answers(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", Picture(evenly(25, 6)), [Sound([(Fraction(0), beeps(6, []))])])
    scanned, quick = probe(path), probe(path, scan_packets=False)
    assert quick.video is not None
    assert scanned.video is not None
    assert quick.video.span.end_s == pytest.approx(scanned.video.span.end_s, abs=0.05)
    assert quick.video.keyframe_interval_s is None
    assert quick.duration_s == pytest.approx(scanned.duration_s, abs=0.05)


@pytest.mark.parametrize(
    "picture",
    [
        Picture(evenly(25, 6), options={"g": "40", "bf": "3"}),
        Picture(evenly(Fraction(30_000, 1001), 6), options={"x264-params": "open-gop=1"}),
        Picture(evenly(25, 6, Fraction(2)), options={"g": "1"}),
        Picture([Fraction(k * k, 100) for k in range(60)], options={"g": "10", "bf": "0"}),
    ],
    ids=["b-frames", "ntsc", "late", "uneven"],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_the_index_tells_what_reading_every_packet_tells(
    tmp_path: Path, picture: Picture, name: str
) -> None:
    path = make(tmp_path / name, picture, [Sound([(Fraction(0), beeps(6, []))])])
    with opened(path) as container:
        streams = media_streams(container)
        index = from_index(path, container, streams)
        read = scan(path, container, streams)
    assert index is not None
    assert index.keys() == read.keys()
    for stream, track in read.items():
        assert sorted(index[stream].pts) == sorted(track.pts)
        assert sorted(index[stream].key_pts) == sorted(track.key_pts)
        assert index[stream].end == track.end


def test_a_file_cut_short_behind_its_index_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    picture = Picture(evenly(25, 20), options={"g": "25", "bf": "0"})
    path = make(tmp_path / "a.mp4", picture, container_options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    video = probe(path).video
    assert video is not None
    assert 5 < video.span.end_s < 16
    assert video.frame_count == pytest.approx(video.span.end_s * 25, abs=1)


def _refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        probe(path)
    assert caught.value.subject == str(path)
    assert caught.value.remedy
    return caught.value


def test_what_is_not_a_recording_is_refused_in_words(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mp4", Picture(evenly(25, 2)))
    contents = {
        "空.mp4": (b"", "empty"),
        "-text.mp4": (b"not a video\n" * 50, "text file"),
        "list.m3u8": (b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/a.ts\n", "text file"),
        "list.concat": (b"ffconcat version 1.0\nfile 'whole.mp4'\n", "text file"),
        "noise.mp4": (bytes(range(256)) * 40, "not known"),
        "cut 😀.mp4": (whole.read_bytes()[:-400], "moov"),
    }
    for name, (data, reason) in contents.items():
        path = tmp_path / name
        path.write_bytes(data)
        assert reason in _refused(path).message
    assert "folder" in _refused(tmp_path).message
    assert "not exist" in _refused(tmp_path / "none.mp4").message


def test_a_single_picture_is_not_a_lesson(tmp_path: Path) -> None:
    import av
    import numpy as np

    grey = np.full((32, 32, 3), 90, np.uint8)
    for name in ("a.png", "a.jpg"):
        path = tmp_path / name
        av.VideoFrame.from_ndarray(grey, format="rgb24").save(str(path))
        assert "single picture" in _refused(path).message


def test_a_name_that_looks_like_an_address_is_only_a_name(tmp_path: Path) -> None:
    for name in ("http:a.mp4", "concat:a|b.mp4", "a%03d.mp4", "-i.mp4", "a'b\"c.mp4"):
        source = make(tmp_path / "plain.mp4", Picture(evenly(25, 0.2)))
        path = source.rename(tmp_path / name)
        video = probe(path).video
        assert video is not None
        assert video.frame_count == 5


def test_protected_samples_are_not_shown_as_pictures(shared: Path) -> None:
    folder = shared / "data/media_odd/mp4parse"
    schemes = {"av1-clearkey-cbcs-video.mp4": "cbcs", "bipbop-cenc-audioinit.mp4": "cenc"}
    for name, scheme in schemes.items():
        assert f"encrypted ({scheme})" in _refused(folder / name).message


def test_a_header_without_pictures_is_refused(shared: Path) -> None:
    # The header promises 5,544 pictures and 231 s; the file ends after the header.
    path = shared / "data/media_odd/mp4parse/invalid_userdata.mp4"
    assert "no picture and no sound" in _refused(path).message
    assert "no picture and no sound" in _refused_quick(path).message


def _refused_quick(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        probe(path, scan_packets=False)
    return caught.value


def test_cover_art_is_not_video(shared: Path) -> None:
    video = probe(shared / "data/media_odd/mp4parse/metadata.mp4").video
    assert video is not None
    assert video.codec == "h264"


@pytest.mark.parametrize("path", ODD_FILES, ids=lambda p: p.name)
def test_every_odd_file_is_read_or_refused_with_a_remedy(path: Path, tmp_path: Path) -> None:
    refusal = None
    try:
        _use(path, tmp_path / "sound.flac")
    except InputError as error:
        refusal = error
    if refusal is not None:
        assert refusal.subject == str(path)
        assert refusal.message
        assert refusal.remedy


def _use(path: Path, out: Path) -> None:
    info = probe(path)
    assert info.duration_s > 0
    for audio in info.audio:
        assert 0 <= audio.span.start_s <= audio.span.end_s <= info.duration_s
    if info.video is not None:
        plan = plan_decoding(path, info, every_s=0.5, chunk_s=2)
        frames = [f for c in plan.chunks for f in sample_frames(path, plan, c, fit_px=320)]
        assert frames
        times = [f.time_s for f in frames]
        assert times == sorted(set(times))
        assert info.video.span.start_s - 0.001 <= times[0]
        assert times[-1] < info.video.span.end_s + 0.001
    if info.audio:
        facts = write_audio(path, out)
        assert facts.duration_s == pytest.approx(info.audio[0].span.end_s, abs=0.08)


@pytest.mark.parametrize(
    ("name", "seconds", "pictures"),
    [("chaplin.mp4", 9.64, 241), ("no_duration.webm", 4.94, 74), ("example.mp4", 2.0, 50)],
)
def test_known_lengths_of_real_files(
    shared: Path, name: str, seconds: float, pictures: int
) -> None:
    info = probe(shared / "data/media_odd/moviepy" / name)
    assert info.duration_s == pytest.approx(seconds, abs=0.01)
    assert info.video is not None
    assert info.video.frame_count == pictures
