"""Values made for the tests, and strategies that make them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from classwatch.core.events import Event, EventKind
from classwatch.core.issues import Issue, Severity
from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.media import AudioInfo, MediaInfo, StreamRole, VideoInfo
from classwatch.core.pose import Detections, PoseSeries
from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript, Turn, Word
from classwatch.core.time import Interval
from classwatch.store.records import InputRecord, LessonRecord

numbers = st.floats(-1e9, 1e9, allow_nan=False, allow_infinity=False)
times = st.integers(0, 20_000_000_000).map(lambda us: us / 1e6)
shares = st.integers(0, 1000).map(lambda k: float(np.float32(k / 1000)))
texts = st.text(max_size=12)
spans = st.tuples(times, times).map(lambda pair: (min(pair), max(pair)))
details = st.dictionaries(
    texts, st.one_of(texts, st.integers(-(2**40), 2**40), numbers), max_size=3
)

turns = st.builds(
    lambda span, role, speaker, confidence, origin: Turn(*span, role, speaker, confidence, origin),
    spans,
    st.sampled_from(SpeakerRole),
    texts,
    shares,
    st.sampled_from(Origin),
)

events = st.builds(
    lambda kind, span, stream, track, sure, zone: Event(kind, *span, stream, track, sure, zone),
    st.sampled_from(EventKind),
    spans,
    st.sampled_from(["front", "rear"]),
    st.integers(-1, 500),
    shares,
    texts,
)

words = st.builds(
    lambda span, text, sure: Word(*span, text, sure), spans, texts, st.none() | shares
)
transcripts = st.builds(
    Transcript,
    st.lists(
        st.builds(
            lambda span, text, inner, role: Segment(*span, text, tuple(inner), "zh", role),
            spans,
            texts,
            st.lists(words, max_size=3),
            st.sampled_from(SpeakerRole),
        ),
        max_size=4,
    ).map(tuple),
    texts,
    st.sampled_from(Origin),
    texts,
)

gates = st.builds(Gate, texts, st.none() | numbers, numbers, st.booleans(), texts)
measures = st.builds(
    lambda name, value, rest, found, extra: Measure(
        id=name,
        unit=Unit.SHARE,
        formula="f/1",
        sampling="",
        value=value,
        numerator=rest,
        why=None if value is not None else Why("too_quiet", extra[0]),
        gates=tuple(extra[1]),
        evidence=tuple(Interval(*span) for span in found),
    ),
    texts,
    st.none() | numbers,
    st.none() | numbers,
    st.lists(spans, max_size=3),
    st.tuples(details, st.lists(gates, max_size=2)),
)


def random_poses(seed: int, frames: int, most: int) -> PoseSeries:
    """A series with up to ``most`` bodies in each of ``frames`` pictures."""
    rng = np.random.default_rng(seed)
    per_frame = rng.integers(0, most + 1, frames)
    frame = np.repeat(np.arange(frames), per_frame).astype(np.int32)
    n = len(frame)
    keypoints = rng.uniform(-50, 2000, (n, 17, 3)).astype(np.float32)
    keypoints[:, :, 2] = rng.uniform(0, 1, (n, 17))
    people = Detections(
        rng.uniform(0, 1920, (n, 4)).astype(np.float32),
        rng.uniform(0, 1, n).astype(np.float32),
        keypoints,
    )
    times_s = np.cumsum(rng.uniform(0.03, 2.0, frames))
    return PoseSeries(times_s, frame, people, (1920, 1080), 1.0)


def measure(name: str, value: float | None, *, part: str = "", stream: str = "") -> Measure:
    """A share, or its absence."""
    why = Why("no_camera") if value is None else None
    return Measure(
        id=name,
        unit=Unit.SHARE,
        formula="f/1",
        sampling="",
        value=value,
        part=part,
        stream=stream,
        why=why,
    )


def lesson_record(lesson_id: str) -> LessonRecord:
    """A record with something in every field."""
    media = MediaInfo(
        "mp4",
        60.0,
        VideoInfo("h264", 1920, 1080, 90, 25.0, False, Interval(0.0, 60.0), None, 2.0),
        (AudioInfo(0, "aac", 2, 48_000, Interval(0.02, 59.9), "zh"),),
    )
    return LessonRecord(
        lesson_id=lesson_id,
        metadata={"school": "第一中学", "teacher": "T07"},
        span=Interval(0.0, 60.0),
        inputs=(InputRecord("main", StreamRole.MIXED, "课.mp4", "a" * 64, 10, 0.0, media),),
        config={"vad": {"threshold": 0.5}},
        versions={"classwatch": "0.1.0"},
        issues=(Issue("audio.late", Severity.WARNING, "media", "starts late", detail={"s": 1.5}),),
    )
