"""Subtitles: what other programs read back is what was said."""

from __future__ import annotations

from pathlib import Path

import pysubs2
import pytest
import webvtt

from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript
from classwatch.exchange.subtitles import to_srt, to_vtt
from classwatch.exchange.transcripts import read_transcript

SEGMENTS = (
    Segment(3599.9996, 3601.25, "B & <C> --> D\n\nE", role=SpeakerRole.STUDENT),
    Segment(1.0, 2.5, "同学们好", role=SpeakerRole.TEACHER),
    Segment(5.0, 6.0, "字幕志愿者", suspect="credits"),
    Segment(7.0, 7.0, "short"),
    Segment(8.0, 9.0, "  "),
)
LESSON = Transcript(SEGMENTS, "zh", Origin.PREDICTED, "m")


def test_srt_text() -> None:
    assert to_srt(LESSON) == (
        "1\n00:00:01,000 --> 00:00:02,500\n同学们好\n\n"
        "2\n00:00:07,000 --> 00:00:07,001\nshort\n\n"
        "3\n01:00:00,000 --> 01:00:01,250\nB & <C> → D E\n"
    )


def test_vtt_text() -> None:
    assert to_vtt(LESSON) == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:02.500\n<v teacher>同学们好\n\n"
        "00:00:07.000 --> 00:00:07.001\nshort\n\n"
        "01:00:00.000 --> 01:00:01.250\n<v student>B &amp; &lt;C&gt; --&gt; D E\n"
    )


def test_other_programs_read_them(tmp_path: Path) -> None:
    srt = pysubs2.SSAFile.from_string(to_srt(LESSON), format_="srt")
    assert [(e.start, e.end) for e in srt] == [(1000, 2500), (7000, 7001), (3600000, 3601250)]
    path = tmp_path / "a.vtt"
    path.write_text(to_vtt(LESSON), encoding="utf-8")
    vtt = webvtt.read(str(path))
    assert [c.voice for c in vtt] == ["teacher", None, "student"]
    assert vtt[0].text == "同学们好"


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(to_vtt(LESSON), encoding="utf-8")
    back = read_transcript(path)
    assert [(s.text, s.speaker) for s in back.segments] == [
        ("同学们好", "teacher"),
        ("short", ""),
        ("B & <C> --> D E", "student"),
    ]
    assert [s.start_s for s in back.segments] == pytest.approx([1.0, 7.0, 3600.0])


def test_nothing_said() -> None:
    empty = Transcript((), "", Origin.PREDICTED)
    assert to_srt(empty) == ""
    assert to_vtt(empty) == "WEBVTT\n"
