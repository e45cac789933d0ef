"""What is left out at the ends of groups of pictures, and when nothing may be."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from classwatch.media.container import opened, packets, picture_stream
from classwatch.media.groups import Awaited, without_ends
from classwatch.media.plan import Skip, plan_decoding
from classwatch.media.probe import probe
from classwatch.media.video import sample_frames
from tests.made_media import Picture, evenly, make, read_stamp

GROUP = {"g": "50", "bf": "0", "sc_threshold": "0"}


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 s at 25 pictures a second, a keyframe every 2 s."""
    path = tmp_path_factory.mktemp("groups") / "lesson.mp4"
    make(path, Picture(evenly(25, 12), options=GROUP))
    return path


def _kept(path: Path, wanted_s: list[float]) -> list[float]:
    """Times of the packets that are let through when each picture comes out at once."""
    awaited = Awaited(wanted_s[0], 1.0)
    kept = []
    with opened(path) as container:
        picture = picture_stream(container)
        assert picture is not None
        base = picture.time_base or Fraction(1)
        walk = packets(container, picture)
        for packet in without_ends(walk, awaited, lambda pts: float(pts * base), lambda: None):
            if packet.pts is None:
                continue
            kept.append(float(packet.pts * base))
            while wanted_s and kept[-1] >= wanted_s[0]:
                wanted_s = wanted_s[1:]
                awaited.time_s = wanted_s[0] if wanted_s else 1e9
    return kept


def test_after_the_last_wanted_picture_of_a_group_comes_the_next_group(lesson: Path) -> None:
    kept = _kept(lesson, [0.0, 1.0, 2.0, 3.0, 7.5])
    grid = [k / 25 for k in range(300)]
    # To 1 s, 2 to 3 s, from the keyframe at 6 s to the first picture at 7.5 s, and the last group.
    wanted = [t for t in grid if t <= 1 or 2 <= t <= 3 or 6 <= t <= 7.52 or t >= 10]
    assert kept == pytest.approx(wanted)


def test_pictures_are_those_of_decoding_everything(lesson: Path) -> None:
    plan = plan_decoding(lesson, probe(lesson), every_s=1.2, chunk_s=60.0)
    shown = [f for chunk in plan.chunks for f in sample_frames(lesson, plan, chunk, fit_px=192)]
    assert [read_stamp(f.rgb) for f in shown] == [round(1200 * k) for k in range(10)]


def test_false_keyframes_cost_time_but_no_picture(lesson: Path, tmp_path: Path) -> None:
    path = tmp_path / "false.nut"
    with av.open(str(lesson)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is None:
                continue
            packet.stream = stream
            packet.is_keyframe = True
            target.mux(packet)
    with av.open(str(path)) as copy:
        assert all(p.is_keyframe for p in copy.demux(video=0) if p.size)
    plan = plan_decoding(path, probe(path), every_s=1.2, chunk_s=60.0)
    plan = replace(plan, skip=Skip.NONREF)
    shown = [f for chunk in plan.chunks for f in sample_frames(path, plan, chunk, fit_px=192)]
    assert [read_stamp(f.rgb) for f in shown] == [round(1200 * k) for k in range(10)]
