"""A screen's own stream: its slides are found without a pose model, and read where asked."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.events import EventKind
from classwatch.store import schemas
from classwatch.store.convert import events_from
from classwatch.store.documents import SLIDES, read_document
from classwatch.store.parquet import read_table
from tests.pipeline.runs import NO_MODELS, analyze

WORDS = ("Fractions", "One half", "Homework")
SLIDE_S = 6


def screen(folder: Path) -> Path:
    """Three slides of six seconds each, four pictures a second."""
    import av
    import cv2

    path = folder / "screen.mp4"
    with av.open(str(path), "w") as sink:
        stream = sink.add_stream("mpeg4", rate=4)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.bit_rate = 4_000_000
        for number, word in enumerate(WORDS):
            shade = (250, 235, 250 - 60 * number)
            picture = np.full((360, 640, 3), shade, np.uint8)
            for row in range(number + 1):
                cv2.putText(picture, word, (60, 100 + 90 * row), 0, 2.0, (20, 20, 90), 5)
            for _ in range(SLIDE_S * 4):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))
    (folder / "lesson.yaml").write_text(
        "- {lesson_id: talk, files: [{path: screen.mp4, role: screen}]}\n", encoding="utf-8"
    )
    return folder / "lesson.yaml"


def test_changes_of_slides_to_one_sampling_step(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert analyze(screen(tmp_path), out=out).exit_code == 0
    events = events_from(read_table(out / "talk" / "events.parquet", schemas.EVENTS))
    changes = [e.start_s for e in events if e.kind is EventKind.SLIDE_CHANGE]
    assert changes == pytest.approx([SLIDE_S, 2 * SLIDE_S], abs=1.0)
    on_s = sum(e.end_s - e.start_s for e in events if e.kind is EventKind.SCREEN_ON)
    assert on_s == pytest.approx(3 * SLIDE_S, abs=1.0)
    assert not (out / "talk" / "slides.json").exists()


def test_reading_without_the_extra_says_how_to_get_it(tmp_path: Path) -> None:
    if find_spec("rapidocr_onnxruntime"):
        pytest.skip("RapidOCR is installed")
    result = analyze(screen(tmp_path), out=tmp_path / "out", sets=(*NO_MODELS, "slides.text=on"))
    assert result.exit_code == 1
    error = result.outcomes[0].error
    assert error is not None
    assert error.exit_code == 4
    assert "classwatch[ocr]" in error.remedy


def test_words_with_times(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr_onnxruntime")
    out = tmp_path / "out"
    result = analyze(screen(tmp_path), out=out, sets=(*NO_MODELS, "slides.text=on"))
    assert result.exit_code == 0
    slides = read_document(out / "talk" / "slides.json", SLIDES)
    assert [" ".join(dict.fromkeys(s.lines)) for s in slides] == list(WORDS)
    assert [s.start_s for s in slides] == pytest.approx([0, SLIDE_S, 2 * SLIDE_S], abs=1.0)
    assert slides[-1].end_s == pytest.approx(3 * SLIDE_S, abs=0.5)
    assert all(s.confidence > 0.8 for s in slides)
