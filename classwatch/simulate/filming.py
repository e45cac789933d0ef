"""The film of a made lesson: the one place where sound and pictures meet."""

from __future__ import annotations

from pathlib import Path

from classwatch.core.progress import Progress
from classwatch.media.write import SoundTrack
from classwatch.simulate.film.shoot import FilmOptions, shoot
from classwatch.simulate.sound.mix import Mix
from classwatch.simulate.timeline import Timeline


def film(
    timeline: Timeline, sound: Mix, work: Path, options: FilmOptions, progress: Progress
) -> dict[str, Path]:
    """Film every camera into ``work`` (``<camera>.mp4``); the folder of truth by camera.

    A film that was finished before is taken as it is: ``work`` belongs to one script and one set
    of figures. Errors as of ``film.shoot.shoot``.
    """
    names = [camera.name for camera in timeline.script.cameras]
    folders = {name: work / "film" / "truth" / name for name in names}
    done = work / "film.done"
    if done.is_file() and all((work / f"{name}.mp4").is_file() for name in names):
        return folders
    tracks = {t.name: SoundTrack(t.samples, sound.rate_hz) for t in sound.tracks}
    result = shoot(timeline, tracks, work / "film", options, progress)
    for stream in result.streams:
        stream.media.replace(work / stream.media.name)
    done.touch()
    return {stream.name: stream.truth for stream in result.streams}
