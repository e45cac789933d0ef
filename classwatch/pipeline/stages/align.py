"""Streams put on one clock by their sound, where nobody said how they lie."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from classwatch.core.errors import InputError
from classwatch.core.issues import Issue, Severity
from classwatch.core.lesson import StreamSpec
from classwatch.media.align import Shift, find_shift
from classwatch.media.audio import write_audio
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.clocks import CLOCKS, StreamClock
from classwatch.pipeline.stages.media import read_media
from classwatch.store.artifacts import save_document
from classwatch.store.audio import AudioFile


def run_align(context: StageContext) -> None:
    """Find the streams without an offset by what they hear together with the first that hears.

    That one is also where the lesson's sound is taken from, so its clock runs true by definition.
    """
    streams = {s.name: s for s in context.lesson.streams}
    media = context.stream_inputs("media")
    hearing = [streams[name] for name, folder in media.items() if read_media(folder).audio]
    clocks = {s.name: (s.offset_s, 0.0) for s in context.lesson.streams}
    if hearing:
        reference, others = hearing[0], hearing[1:]
        shifts = _shifts(context, reference, others)
        known = [s for s in others if s.offset_given and s.name in shifts]
        start_s = reference.offset_s
        if not reference.offset_given and known:
            # The sound's own stream is the one without an offset: it is placed by another's.
            start_s = known[0].offset_s - shifts[known[0].name].shift_s
        clocks[reference.name] = (start_s, 0.0)
        for stream in others:
            if not stream.offset_given and stream.name in shifts:
                shift = shifts[stream.name]
                clocks[stream.name] = (start_s + shift.shift_s, shift.drift_ppm)
    silent = [s for s in context.lesson.streams if s not in hearing and not s.offset_given]
    for stream in silent:
        context.report(_not_found(stream))
    earliest = min(offset_s for offset_s, _ in clocks.values())
    save_document(
        context.out,
        CLOCKS,
        tuple(
            StreamClock(name, round(offset_s - min(earliest, 0.0), 6), drift_ppm)
            for name, (offset_s, drift_ppm) in clocks.items()
        ),
    )


def _shifts(
    context: StageContext, reference: StreamSpec, others: list[StreamSpec]
) -> dict[str, Shift]:
    """Shift of each stream that has to be placed, or that places the reference."""
    wanted = [s for s in others if not (s.offset_given and reference.offset_given)]
    shifts: dict[str, Shift] = {}
    if not wanted:
        return shifts
    with TemporaryDirectory(dir=context.out) as folder:
        first = _sound(context, reference, Path(folder))
        for done, stream in enumerate(wanted, start=1):
            sound = _sound(context, stream, Path(folder))
            found = None
            if first is not None and sound is not None:
                with AudioFile(first) as left, AudioFile(sound) as right:
                    found = find_shift(left, right)
            if found is not None:
                shifts[stream.name] = found
            if not stream.offset_given:
                context.report(
                    _not_found(stream) if found is None else _found(stream, reference, found)
                )
            context.progress(done / len(wanted))
    return shifts


def _sound(context: StageContext, stream: StreamSpec, folder: Path) -> Path | None:
    """The stream's sound, or None where it cannot be read: the sound stage then says why."""
    path = folder / f"{stream.name}.flac"
    try:
        write_audio(stream.path, path, track=context.config.media.audio_track)
    except InputError:
        return None
    return path


def _found(stream: StreamSpec, reference: StreamSpec, shift: Shift) -> Issue:
    return Issue(
        "align.found",
        Severity.INFO if shift.confidence >= 0.5 else Severity.WARNING,
        "align",
        f"stream {stream.name} was placed by its sound: it starts {shift.shift_s:+.3f} s against "
        f"{reference.name} and its clock drifts by {shift.drift_ppm:g} ppm; "
        f"{shift.confidence:.0%} of {shift.places} places agree",
        remedy="give offset_s in the manifest to fix it by hand",
        detail={
            "stream": stream.name,
            "reference": reference.name,
            "shift_s": shift.shift_s,
            "drift_ppm": shift.drift_ppm,
            "agreeing": round(shift.confidence * 100),
            "places": shift.places,
        },
    )


def _not_found(stream: StreamSpec) -> Issue:
    return Issue(
        "align.not_found",
        Severity.WARNING,
        "align",
        f"stream {stream.name} has too little sound in common with the others to be placed; it is "
        f"taken to start at {stream.offset_s:g} s",
        remedy="give offset_s in the manifest",
        detail={"stream": stream.name, "offset_s": stream.offset_s},
    )
