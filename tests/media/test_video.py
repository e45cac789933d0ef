"""One contract over many kinds of recording: pictures tell their own time, and it is believed."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from av import VideoFrame
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classwatch.core.errors import InputError
from classwatch.core.media import Frame
from classwatch.media.plan import DecodePlan, Skip, plan_decoding
from classwatch.media.probe import probe
from classwatch.media.video import _clock, sample_frames
from tests.made_media import Picture, evenly, flat, make, read_stamp, stamp

B_FRAMES = {"g": "50", "bf": "3"}
NTSC = Fraction(30_000, 1001)


def _uneven(duration_s: float) -> list[Fraction]:
    """Times in ms steps with a pause of four seconds, as a phone records them."""
    rng = np.random.default_rng(7)
    steps = rng.choice([17, 33, 50, 120, 400], size=2000)
    steps[40] = 4000
    times = np.concatenate([[0], np.cumsum(steps)])
    return [Fraction(int(t), 1000) for t in times[times < duration_s * 1000]]


@dataclass(frozen=True)
class Case:
    name: str
    picture: Picture
    container_options: tuple[tuple[str, str], ...] = ()
    several_chunks: bool = True


CASES = [
    Case("plain.mp4", Picture(evenly(25, 12), options={"g": "50", "bf": "0"})),
    Case("b-frames.mp4", Picture(evenly(25, 12), options=B_FRAMES)),
    Case(
        "b-pyramid.mkv",
        Picture(evenly(25, 12), options=B_FRAMES | {"x264-params": "b-pyramid=normal"}),
    ),
    Case(
        "open-gop.mp4",
        Picture(evenly(25, 12), options=B_FRAMES | {"x264-params": "open-gop=1"}),
    ),
    Case("ntsc.mp4", Picture(evenly(NTSC, 12), options=B_FRAMES)),
    Case("uneven.mkv", Picture(_uneven(20), options=B_FRAMES, time_base=Fraction(1, 1000))),
    Case("uneven.mp4", Picture(_uneven(20), options=B_FRAMES)),
    Case("slow.mp4", Picture(evenly(Fraction(2, 5), 40), options={"g": "2", "bf": "0"})),
    Case("late.mp4", Picture(evenly(25, 8, Fraction(5, 2)), options=B_FRAMES)),
    Case("intra.mp4", Picture(evenly(25, 8), options={"g": "1"})),
    Case("one-keyframe.mp4", Picture(evenly(25, 8), options={"g": "999"}), several_chunks=False),
    Case(
        "pieces.mp4",
        Picture(evenly(25, 12), options=B_FRAMES),
        (("movflags", "frag_keyframe+empty_moov"),),
    ),
    Case("stream.ts", Picture(evenly(25, 12), options=B_FRAMES)),
    Case("stream.flv", Picture(evenly(25, 8), options=B_FRAMES), several_chunks=False),
    Case(
        "old.avi",
        Picture(evenly(25, 8), codec="mpeg4", time_base=Fraction(1, 25), options={"bf": "0"}),
        several_chunks=False,
    ),
    Case(
        "motion.avi",
        Picture(evenly(25, 4), codec="mjpeg", pix_fmt="yuvj420p", time_base=Fraction(1, 25)),
        several_chunks=False,
    ),
    Case(
        "mpeg2.mkv",
        Picture(evenly(25, 8), codec="mpeg2video", time_base=Fraction(1, 25), options=B_FRAMES),
    ),
    Case(
        "mpeg4.mp4",
        Picture(evenly(25, 8), codec="mpeg4", time_base=Fraction(1, 25), options=B_FRAMES),
    ),
    Case("vp8.webm", Picture(evenly(25, 8), codec="libvpx", options={"g": "40"})),
    Case("vp9.webm", Picture(evenly(25, 8), codec="libvpx-vp9", options={"g": "40"})),
    Case(
        "hevc.mp4",
        Picture(
            evenly(25, 8),
            codec="libx265",
            options={"x265-params": "keyint=50:bframes=3:log-level=none", "preset": "ultrafast"},
        ),
    ),
    Case(
        "av1.mp4",
        Picture(evenly(25, 4), codec="libsvtav1", options={"g": "40", "preset": "8", "crf": "4"}),
    ),
    Case("ten-bit.mp4", Picture(evenly(25, 4), pix_fmt="yuv420p10le", options=B_FRAMES)),
    Case("turned-90.mp4", Picture(evenly(25, 4), options=B_FRAMES, rotation_deg=90)),
    Case("turned-180.mp4", Picture(evenly(25, 4), options=B_FRAMES, rotation_deg=180)),
    Case("turned-270.mov", Picture(evenly(25, 4), options=B_FRAMES, rotation_deg=270)),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("视频 made")


def _made(folder: Path, case: Case) -> Path:
    path = folder / case.name
    if not path.exists():
        make(path, case.picture, container_options=dict(case.container_options))
    return path


def _all(path: Path, plan: DecodePlan, fit_px: int = 96) -> list[Frame]:
    return [f for chunk in plan.chunks for f in sample_frames(path, plan, chunk, fit_px=fit_px)]


def _wanted(times: Sequence[Fraction], every_s: Fraction) -> list[Fraction]:
    """By hand: the first picture at or after each grid time, each picture once."""
    start = times[0]
    count = int((times[-1] - start) / every_s) + 1
    firsts = [next(t for t in times if t >= start + k * every_s) for k in range(count)]
    return sorted(set(firsts))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
@pytest.mark.parametrize("every", [Fraction(1), Fraction(7, 25)], ids=["1s", "0.28s"])
def test_full_decoding_takes_the_first_picture_at_or_after_each_grid_time(
    folder: Path, case: Case, every: Fraction
) -> None:
    path = _made(folder, case)
    plan = plan_decoding(path, probe(path), every_s=float(every), chunk_s=3, skip="none")
    frames = _all(path, plan)
    # The file's clock starts with its first picture, as there is nothing else in it.
    wanted = [round((t - case.picture.times[0]) * 1000) for t in _wanted(case.picture.times, every)]
    assert [round(f.time_s * 1000) for f in frames] == wanted
    zero_ms = round(case.picture.times[0] * 1000)
    assert [read_stamp(f.rgb) - zero_ms for f in frames] == pytest.approx(wanted, abs=1)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
@pytest.mark.parametrize("skip", ["nonref", "keyframes"])
def test_skipping_never_changes_a_picture_that_is_kept(folder: Path, case: Case, skip: str) -> None:
    path = _made(folder, case)
    info = probe(path)
    tick_s = 0.001
    full = _all(path, plan_decoding(path, info, every_s=tick_s, chunk_s=1e6, skip="none"))
    kept = _all(path, plan_decoding(path, info, every_s=tick_s, chunk_s=1e6, skip=skip))  # type: ignore[arg-type]
    by_time = {f.time_s: f.rgb for f in full}
    assert len(full) == len(case.picture.times)
    assert 0 < len(kept) <= len(full)
    for frame in kept:
        np.testing.assert_array_equal(frame.rgb, by_time[frame.time_s])


@pytest.mark.parametrize("hardware", ["cuda", "qsv", "no_such_device"])
def test_without_the_hardware_asked_for_the_processor_decodes_the_same(
    folder: Path, hardware: str
) -> None:
    path = _made(folder, CASES[0])
    plan = plan_decoding(path, probe(path), every_s=0.2, chunk_s=1e6)
    asked = list(sample_frames(path, plan, plan.chunks[0], fit_px=4096, hardware=hardware))
    _assert_same(asked, list(sample_frames(path, plan, plan.chunks[0], fit_px=4096)))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
@pytest.mark.parametrize("every_s", [0.04, 1.0, 1.7])
def test_chunks_give_what_one_pass_gives(folder: Path, case: Case, every_s: float) -> None:
    path = _made(folder, case)
    info = probe(path)
    single = plan_decoding(path, info, every_s=every_s, chunk_s=1e6)
    several = plan_decoding(path, info, every_s=every_s, chunk_s=2.5)
    assert len(single.chunks) == 1
    if case.several_chunks and every_s <= 1:
        assert len(several.chunks) > 1, several.reason
    _assert_same(_all(path, several), _all(path, single))


def _assert_same(left: list[Frame], right: list[Frame]) -> None:
    assert [f.time_s for f in left] == [f.time_s for f in right]
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a.rgb, b.rgb)


@settings(
    max_examples=24,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(["open-gop.mp4", "uneven.mkv", "stream.ts", "mpeg2.mkv", "slow.mp4"]),
    # Listed, not drawn: every chunk opens the file anew, and thousands of chunks take minutes.
    every_s=st.sampled_from([0.04, 0.1, 1 / 3, 0.7, 1.0, 2.5, 5.0]),
    chunk_s=st.sampled_from([0.35, 0.9, 1.0, 1.7, 4.0, 9.0]),
    skip=st.sampled_from(["none", "nonref", "keyframes"]),
)
def test_any_step_and_any_chunk_length_give_what_one_pass_gives(
    folder: Path, name: str, every_s: float, chunk_s: float, skip: str
) -> None:
    case = next(c for c in CASES if c.name == name)
    path = _made(folder, case)
    info = _probed(path)
    single = plan_decoding(path, info, every_s=every_s, chunk_s=1e6, skip=skip)  # type: ignore[arg-type]
    several = plan_decoding(path, info, every_s=every_s, chunk_s=chunk_s, skip=skip)  # type: ignore[arg-type]
    edges = [c.first for c in several.chunks] + [several.chunks[-1].last]
    assert edges == sorted(set(edges))
    assert edges[0] == 0
    assert [c.last for c in several.chunks[:-1]] == edges[1:-1]
    _assert_same(_all(path, several, 48), _all(path, single, 48))


_probed = cache(probe)


def test_a_sparse_clock_of_29_97_pictures_a_second_stays_exact_for_45_minutes(
    tmp_path: Path,
) -> None:
    times = [Fraction(30 * k) / NTSC for k in range(2697)]
    path = make(tmp_path / "long.mp4", Picture(times, size_px=(96, 64), options={"g": "60"}))
    frames = _all(path, plan_decoding(path, probe(path), every_s=10, chunk_s=600))
    assert frames[-1].time_s > 2680
    for frame in frames:
        assert frame.time_s * 1000 == pytest.approx(read_stamp(frame.rgb), abs=1)
        assert frame.time_s / 1.001 == pytest.approx(round(frame.time_s / 1.001), abs=1e-6)


def test_the_plan_says_what_it_does_and_survives_pickling(folder: Path) -> None:
    expected = {
        "intra.mp4": Skip.KEYFRAMES,  # a keyframe every 0.04 s, a picture wanted every second
        "b-frames.mp4": Skip.NONREF,
        "motion.avi": Skip.KEYFRAMES,
    }
    for name, skip in expected.items():
        path = _made(folder, next(c for c in CASES if c.name == name))
        plan = plan_decoding(path, probe(path), every_s=1, chunk_s=3)
        assert plan.skip is skip
        assert plan.reason
        assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301


@pytest.mark.parametrize(("fps", "skip"), [(1, Skip.NONE), (5, Skip.NONE), (25, Skip.NONREF)])
def test_slow_recordings_have_a_picture_at_every_step(tmp_path: Path, fps: int, skip: Skip) -> None:
    """With B-pictures left out, one a second would lose a third, and five come 0.2 s late."""
    times = [Fraction(k, fps) for k in range(12 * fps)]
    options = {"g": "250", "bf": "3"}
    path = make(tmp_path / "slow.mp4", Picture(times, size_px=(96, 64), options=options))
    plan = plan_decoding(path, probe(path), every_s=1.0, chunk_s=60)
    assert plan.skip is skip
    expected = np.arange(12)
    found = [frame.time_s for frame in _all(path, plan)]
    np.testing.assert_allclose(found, expected, atol=0 if skip is Skip.NONE else 0.08)


def test_keyframes_are_enough_only_where_they_come_as_often_as_the_step(folder: Path) -> None:
    path = _made(folder, next(c for c in CASES if c.name == "plain.mp4"))  # every 2 s
    info = probe(path)
    assert plan_decoding(path, info, every_s=1.9, chunk_s=60).skip is Skip.NONREF
    assert plan_decoding(path, info, every_s=2.0, chunk_s=60).skip is Skip.KEYFRAMES


@pytest.mark.parametrize(
    ("fit_px", "shape", "scale"),
    [(96, (64, 96, 3), 0.5), (192, (128, 192, 3), 1.0), (4000, (128, 192, 3), 1.0)],
)
def test_pictures_are_made_smaller_but_never_larger(
    folder: Path, fit_px: int, shape: tuple[int, int, int], scale: float
) -> None:
    path = _made(folder, next(c for c in CASES if c.name == "plain.mp4"))
    plan = plan_decoding(path, probe(path), every_s=5, chunk_s=60)
    for frame in sample_frames(path, plan, plan.chunks[0], fit_px=fit_px):
        assert frame.rgb.shape == shape
        assert frame.rgb.dtype == np.uint8
        assert frame.rgb.flags.c_contiguous
        assert frame.scale == scale


def test_full_size_pictures_are_let_go_as_soon_as_they_are_used(folder: Path) -> None:
    path = _made(folder, next(c for c in CASES if c.name == "turned-90.mp4"))
    plan = plan_decoding(path, probe(path), every_s=0.04, chunk_s=60, skip="none")
    gc.collect()
    gc.disable()
    try:
        alive = [
            sum(type(thing) is VideoFrame for thing in gc.get_objects())
            for _frame in sample_frames(path, plan, plan.chunks[0], fit_px=96)
        ]
    finally:
        gc.enable()
    assert len(alive) == 100
    assert max(alive) <= min(alive) + 2


LIMITED, FULL = 1, 2
BT709, BT601 = 1, 6


def _rgb(y: float, u: float, v: float, *, full: bool, kr: float, kb: float) -> np.ndarray:
    """ITU-R BT.601 and BT.709: the inverse of Y'CbCr coding, for 8-bit values."""
    luma = y / 255 if full else (y - 16) / 219
    cb = (u - 128) / (255 if full else 224)
    cr = (v - 128) / (255 if full else 224)
    red = luma + 2 * (1 - kr) * cr
    blue = luma + 2 * (1 - kb) * cb
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    return np.clip(np.array([red, green, blue]) * 255, 0, 255)


@pytest.mark.parametrize("size_px", [(192, 128), (1280, 720)])
@pytest.mark.parametrize("matrix", [BT709, BT601, None])
@pytest.mark.parametrize("colour_range", [LIMITED, FULL])
@pytest.mark.parametrize("bits", [8, 10])
def test_colours_follow_the_range_and_matrix_of_the_file(
    tmp_path: Path, size_px: tuple[int, int], matrix: int | None, colour_range: int, bits: int
) -> None:
    y, u, v = 120, 90, 180
    shift = bits - 8
    picture = Picture(
        [Fraction(0)],
        size_px=size_px,
        pix_fmt="yuv420p" if bits == 8 else "yuv420p10le",
        options={"qp": "0", "preset": "ultrafast"},
        draw=lambda _t: flat(y << shift, u << shift, v << shift, size_px, bits=bits),
        colour=(colour_range, matrix or 2),
    )
    path = make(tmp_path / "colour.mp4", picture)
    plan = plan_decoding(path, probe(path), every_s=1, chunk_s=60)
    (frame,) = _all(path, plan)
    as_709 = matrix == BT709 or (matrix is None and size_px[1] >= 720)
    kr, kb = (0.2126, 0.0722) if as_709 else (0.299, 0.114)
    expected = _rgb(y, u, v, full=colour_range == FULL, kr=kr, kb=kb)
    np.testing.assert_allclose(frame.rgb.reshape(-1, 3).mean(axis=0), expected, atol=3)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turn_deg", [0, 90, 180, 270])
def test_every_turn_and_mirror_a_file_can_ask_for_is_carried_out(
    tmp_path: Path, turn_deg: int, mirrored: bool
) -> None:
    stored = stamp(0b1011_0010_1110_0001_0100_0110)
    picture = Picture(
        evenly(25, 0.2),
        rotation_deg=turn_deg,
        mirrored=mirrored,
        draw=lambda _t: VideoFrame.from_ndarray(stored, format="rgb24"),
    )
    path = make(tmp_path / "a.mp4", picture)
    (frame,) = _all(path, plan_decoding(path, probe(path), every_s=1, chunk_s=60), fit_px=192)
    shown = np.rot90(stored, k=-turn_deg // 90)
    shown = shown[:, ::-1] if mirrored else shown
    assert frame.rgb.shape == shown.shape
    assert np.abs(frame.rgb.astype(int) - shown).mean() < 12


def test_pixels_that_are_not_square_are_made_square(tmp_path: Path) -> None:
    picture = Picture(evenly(25, 0.2), options={"x264-params": "sar=4/3"})
    path = make(tmp_path / "wide.mp4", picture)
    info = probe(path)
    assert info.video is not None
    assert (info.video.width_px, info.video.height_px) == (256, 128)
    (frame,) = _all(path, plan_decoding(path, info, every_s=1, chunk_s=60), fit_px=128)
    assert frame.rgb.shape == (64, 128, 3)
    assert read_stamp(frame.rgb) == 0


def test_a_file_without_pictures_cannot_be_planned(shared: Path) -> None:
    path = shared / "data/media_odd/audio/bus.opus"
    with pytest.raises(InputError, match="no pictures"):
        plan_decoding(path, probe(path), every_s=1, chunk_s=60)


@pytest.mark.parametrize(("every_s", "chunk_s"), [(0.0, 60.0), (-1.0, 60.0), (1.0, 0.0)])
def test_a_step_that_does_not_advance_is_refused(
    folder: Path, every_s: float, chunk_s: float
) -> None:
    path = _made(folder, CASES[0])
    with pytest.raises(ValueError, match="positive"):
        plan_decoding(path, probe(path), every_s=every_s, chunk_s=chunk_s)


def _damage(path: Path, start: float, end: float) -> Path:
    """A copy whose bytes in a part of the file are noise."""
    data = bytearray(path.read_bytes())
    first, last = int(len(data) * start), int(len(data) * end)
    data[first:last] = np.random.default_rng(3).bytes(last - first)
    damaged = path.with_name(f"damaged-{path.name}")
    damaged.write_bytes(data)
    return damaged


@pytest.mark.parametrize("name", ["b-frames.mp4", "stream.ts", "b-pyramid.mkv"])
def test_pictures_after_a_damaged_stretch_are_still_read(folder: Path, name: str) -> None:
    path = _damage(_made(folder, next(c for c in CASES if c.name == name)), 0.35, 0.5)
    info = probe(path)
    frames = _all(path, plan_decoding(path, info, every_s=1, chunk_s=1e6))
    assert frames[0].time_s == pytest.approx(0, abs=0.04)
    assert frames[-1].time_s > 9
    whole = [f for f in frames if f.time_s < 3 or f.time_s > 9]
    for frame in whole:
        assert read_stamp(frame.rgb) == pytest.approx(frame.time_s * 1000, abs=1)


@given(
    base=st.fractions(min_value=Fraction(1, 10**6), max_value=1, max_denominator=10**6),
    zero=st.fractions(min_value=-(10**4), max_value=10**4, max_denominator=10**5),
    pts=st.integers(-(10**12), 10**12),
)
def test_the_clock_of_pictures_is_exact_to_the_last_bit(
    base: Fraction, zero: Fraction, pts: int
) -> None:
    assert _clock(base, zero)(pts) == float(pts * base - zero)


def test_a_finished_chunk_leaves_no_decoded_picture_behind(folder: Path) -> None:
    def decoded() -> int:
        things = [thing for thing in gc.get_objects() if type(thing) is VideoFrame]
        return sum(picture.format.name != "rgb24" for picture in things)

    path = _made(folder, next(c for c in CASES if c.name == "plain.mp4"))
    plan = plan_decoding(path, probe(path), every_s=0.2, chunk_s=60)
    gc.collect()
    before = decoded()
    pictures = list(sample_frames(path, plan, plan.chunks[0], fit_px=96))
    assert len(pictures) > 5
    assert decoded() == before
