"""The words on a screen's own stream, slide by slide."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import EventKind
from classwatch.core.media import Frame
from classwatch.core.slides import Slide
from classwatch.media.plan import DecodePlan, plan_decoding
from classwatch.media.video import sample_frames
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.media import read_media
from classwatch.store.artifacts import load_events, save_document
from classwatch.store.documents import SLIDES
from classwatch.vision.ocr import read_lines

_PICTURE_PX = 1280
"""Longer side of the picture that is read."""
_SETTLED_S = 1.0
"""Slides come with animations: they are read this long after they came."""


def run_slides(context: StageContext) -> None:
    """Read every slide once, shortly after it came."""
    stream = context.stream_spec()
    info = read_media(context.inputs[f"media:{context.stream}"])
    if info.video is None:
        save_document(context.out, SLIDES, ())
        return
    every_s = float(context.settings["every_s"])
    plan = plan_decoding(
        stream.path,
        info,
        every_s=every_s,
        chunk_s=context.config.media.chunk_s,
        skip=context.config.media.skip,
    )
    events = load_events(context.inputs[f"people:{context.stream}"])
    changes = [e.start_s for e in events if e.kind is EventKind.SLIDE_CHANGE]
    begin_s = stream.lesson_s(info.video.span.start_s)
    end_s = stream.lesson_s(info.video.span.end_s)
    edges = np.unique([begin_s, *changes, end_s])
    wanted = np.minimum(edges[:-1] + _SETTLED_S, (edges[:-1] + edges[1:]) / 2)
    slides: list[Slide] = []
    for number, frame in _pictures(context, plan, wanted):
        lines = read_lines(frame.rgb)
        sure = float(np.mean([line.confidence for line in lines])) if lines else 0.0
        span = (float(edges[number]), float(edges[number + 1]))
        texts = tuple(line.text for line in lines)
        slides.append(Slide(stream.name, *span, texts, round(sure, 3)))
        context.progress((number + 1) / len(wanted))
    save_document(context.out, SLIDES, tuple(slides))


def _pictures(
    context: StageContext, plan: DecodePlan, wanted_s: NDArray[np.float64]
) -> Iterator[tuple[int, Frame]]:
    """The first picture at or after each wanted lesson time, with its number."""
    stream = context.stream_spec()
    number = 0
    for chunk in plan.chunks:
        for frame in sample_frames(stream.path, plan, chunk, fit_px=_PICTURE_PX):
            while number < len(wanted_s) and stream.lesson_s(frame.time_s) >= wanted_s[number]:
                yield number, frame
                number += 1
