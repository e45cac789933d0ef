"""What the files hold, and the lesson's sound on the lesson clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from classwatch.core.issues import Issue, Severity
from classwatch.core.lesson import StreamSpec
from classwatch.core.media import SAMPLE_RATE_HZ, MediaInfo, StreamRole
from classwatch.core.time import Interval, complement
from classwatch.media.audio import write_audio
from classwatch.media.probe import probe
from classwatch.pipeline.stage import StageContext
from classwatch.store.artifacts import load_document, save_document
from classwatch.store.documents import MEDIA_INFO, DocumentSchema

SOUND_FILE = "sound.flac"


@dataclass(frozen=True, slots=True)
class SoundRecord:
    """Where the lesson's sound came from. ``stream`` is "" when no stream has any.

    ``heard`` is the time covered by recorded samples, on the lesson clock; the stored file fills
    the rest with silence.
    """

    stream: str
    track: int
    duration_s: float
    heard: tuple[Interval, ...]


SOUND_RECORD: DocumentSchema[SoundRecord] = DocumentSchema(
    "sound", 1, SoundRecord, "Which stream the lesson's sound was taken from."
)


def read_media(folder: Path) -> MediaInfo:
    """The probed file of a media stage."""
    return load_document(folder, MEDIA_INFO)


def run_media(context: StageContext) -> None:
    """Probe one file."""
    stream = context.stream_spec()
    info = probe(stream.path)
    if info.video is None and stream.role is not StreamRole.AUDIO:
        context.report(
            Issue(
                "media.no_picture",
                Severity.WARNING,
                "media",
                f"stream {stream.name} has no picture",
                detail={"stream": stream.name},
            )
        )
    if info.video is not None and info.video.variable_rate:
        context.report(
            Issue(
                "media.variable_rate",
                Severity.INFO,
                "media",
                f"stream {stream.name} has a variable frame rate; times are its own timestamps",
                detail={"stream": stream.name},
            )
        )
    save_document(context.out, MEDIA_INFO, info)


def run_sound(context: StageContext) -> None:
    """Take the sound of the first stream that has any, shifted to the lesson clock."""
    for name, folder in context.stream_inputs("media").items():
        stream = next(s for s in context.lesson.streams if s.name == name)
        if read_media(folder).audio:
            save_document(context.out, SOUND_RECORD, _take(context, stream))
            return
    context.report(
        Issue(
            "sound.absent",
            Severity.ABSTAINED,
            "sound",
            "no stream of this lesson has sound; everything about talk is left out",
            remedy="add a stream with sound to the manifest, for example with role audio",
        )
    )
    save_document(context.out, SOUND_RECORD, SoundRecord("", -1, 0.0, ()))


def _take(context: StageContext, stream: StreamSpec) -> SoundRecord:
    facts = write_audio(
        stream.path,
        context.out / SOUND_FILE,
        track=context.config.media.audio_track,
        progress=context.progress,
    )
    context.report(*facts.issues)
    if stream.offset_s > 0:
        _prepend_silence(context.out / SOUND_FILE, stream.offset_s)
    sounding = complement(facts.gaps, Interval(0.0, facts.duration_s)) + stream.offset_s
    heard = tuple(Interval(float(a), float(b)) for a, b in sounding)
    return SoundRecord(stream.name, facts.track, facts.duration_s + stream.offset_s, heard)


def _prepend_silence(path: Path, seconds: float) -> None:
    import numpy as np
    import soundfile

    shifted = path.with_suffix(".shifted.flac")
    block = 1 << 20
    with (
        soundfile.SoundFile(path) as source,
        soundfile.SoundFile(shifted, "w", SAMPLE_RATE_HZ, 1, "PCM_16") as target,
    ):
        left = round(seconds * SAMPLE_RATE_HZ)
        while left > 0:
            target.write(np.zeros(min(left, block), np.int16))
            left -= block
        for samples in source.blocks(block, dtype="int16"):
            target.write(samples)
    shifted.replace(path)
