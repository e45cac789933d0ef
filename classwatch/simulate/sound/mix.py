"""The whole lesson as every microphone hears it: one track each, 16 kHz mono.

Clock: the direct sound of every source reaches the first microphone of its room at the moment
that the timeline says; other microphones hear it earlier or later by the way it has to go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.time import Intervals, intervals, normalise
from classwatch.simulate.script import Microphone, NoiseKind, Script
from classwatch.simulate.sound.babble import loops
from classwatch.simulate.sound.measured import load_responses
from classwatch.simulate.sound.noises import add_steady_noise, short_noise
from classwatch.simulate.sound.places import Place, Places
from classwatch.simulate.sound.playback import Played, play_all, through_loudspeaker
from classwatch.simulate.sound.room import Acoustics, Response
from classwatch.simulate.sound.signal import Samples, decibels, gain
from classwatch.simulate.sound.speak import SPEECH_RMS, Speaker, SpokenSound
from classwatch.simulate.sound.voices import rng_of
from classwatch.simulate.timeline import Timeline

_MURMUR_FADE_S = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What one microphone records: ``samples`` (n,) float32 at 16 kHz.

    ``speech_db`` is the level of the utterances over their voiced time (NaN where there is none),
    ``noise_db`` that of the steady noise, both in dBFS of the track.
    """

    name: str
    samples: Samples
    speech_db: float
    noise_db: float


@dataclass(frozen=True, slots=True, eq=False)
class Mix:
    """All tracks in the script's order of microphones, and what came from the loudspeaker."""

    tracks: tuple[Track, ...]
    played: tuple[Played, ...]
    rate_hz: int = SAMPLE_RATE_HZ

    def track(self, name: str | None) -> Track:
        """The track of microphone ``name``, for None the first; KeyError where there is none."""
        for track in self.tracks:
            if name is None or track.name == name:
                return track
        raise KeyError(name)


@dataclass(frozen=True, slots=True, eq=False)
class _Emission:
    """A dry sound at a place of a room, ``samples`` (n,) from ``start_s`` on."""

    hall: int
    place: Place
    start_s: float
    samples: Samples


def mix(
    timeline: Timeline, spoken: Mapping[str, SpokenSound], places: Places, speaker: Speaker
) -> Mix:
    """One track per microphone of the script; the same arguments give the same bytes.

    ``speaker`` has the voices for murmurs and playbacks and knows where relative paths start.
    Raises ModelError where the room acoustics or the voice engine is not installed, InputError for
    a folder of responses that cannot be used.
    """
    script = timeline.script
    played = play_all(timeline, speaker)
    speech = list(_utterances(timeline, spoken, places))
    others = [
        *_playbacks(played, places),
        *_noises(timeline, places),
        *_murmurs(timeline, places, speaker),
    ]
    measured = _measured(script, speaker.folder)
    rooms = tuple(
        Acoustics(hall, script.sound.rt60_s, script.seed, measured) for hall in places.halls
    )
    desk = _Desk(timeline, places, rooms, voiced_time(timeline))
    tracks: list[Track] = []
    noise_rms: float | None = None
    for microphone in script.sound.microphones:
        heard = desk.record(microphone, speech)
        level = desk.level(heard)
        if noise_rms is None:
            reference = level if level > 0 else desk.reference(microphone)
            noise_rms = reference * gain(-script.sound.snr_db)
        heard += desk.record(microphone, others)
        rng = rng_of(script.seed, f"steady:{microphone.name}")
        add_steady_noise(heard, noise_rms, rng)
        scale = gain(script.sound.peak_dbfs) / float(np.abs(heard).max(initial=1e-9))
        heard *= np.float32(scale)
        speech_db = decibels(level * scale) if level > 0 else float("nan")
        tracks.append(Track(microphone.name, heard, speech_db, decibels(noise_rms * scale)))
    return Mix(tuple(tracks), played)


def _measured(script: Script, folder: Path) -> tuple[Response, ...]:
    if not script.sound.responses:
        return ()
    return load_responses(folder / script.sound.responses)


def voiced_time(timeline: Timeline) -> Intervals:
    """When anybody of the script speaks: the voiced stretches of all utterances, normalised."""
    return normalise(
        intervals(
            (u.start_s + a, min(u.start_s + b, timeline.duration_s))
            for u in timeline.utterances
            for a, b in u.spoken.voiced
            if u.start_s + a < timeline.duration_s
        )
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where emissions become the sound of a microphone."""

    timeline: Timeline
    places: Places
    rooms: tuple[Acoustics, ...]
    voiced: Intervals

    def record(self, microphone: Microphone, emissions: list[_Emission]) -> Samples:
        """The emissions (n,) as ``microphone`` hears them, from 0 to the end of the lesson."""
        from scipy.signal import oaconvolve

        track = np.zeros(round(self.timeline.duration_s * SAMPLE_RATE_HZ), np.float32)
        hall = self.places.microphone_hall(microphone)
        for emission in emissions:
            samples, place = emission.samples, emission.place
            if emission.hall != hall:
                # Two rooms hear each other through loudspeakers; the line's delay is taken as 0.
                samples, place = through_loudspeaker(samples), self.places.loudspeaker(hall)
            at = self.places.microphone(microphone, emission.start_s)
            response = self.rooms[hall].response(place, at)
            wet = oaconvolve(samples, response.samples).astype(np.float32)
            first = round(emission.start_s * SAMPLE_RATE_HZ) - self._way(hall, place, emission)
            _add(track, wet, first)
        return track

    def _way(self, hall: int, place: Place, emission: _Emission) -> int:
        """Samples that the sound takes to the first microphone of the room, 0 without one."""
        for microphone in self.timeline.script.sound.microphones:
            if self.places.microphone_hall(microphone) == hall:
                at = self.places.microphone(microphone, emission.start_s)
                return self.rooms[hall].response(place, at).arrival
        return 0

    def level(self, speech: Samples) -> float:
        """RMS of ``speech`` over the voiced time."""
        power, count = 0.0, 0
        for start_s, end_s in self.voiced.tolist():
            cut = speech[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
            power += float(np.sum(np.square(cut, dtype=np.float64)))
            count += len(cut)
        return float(np.sqrt(power / count)) if count else 0.0

    def reference(self, microphone: Microphone) -> float:
        """RMS that a teacher at the front would have, for lessons in which nobody speaks."""
        hall = self.places.microphone_hall(microphone)
        source = self.places.halls[hall].inside((0.25, 1.5, 1.25))
        response = self.rooms[hall].response(source, self.places.microphone(microphone, 0.0))
        return SPEECH_RMS * float(np.sqrt(np.sum(np.square(response.samples, dtype=np.float64))))


def _add(track: Samples, sound: Samples, first: int) -> None:
    """Add ``sound`` from index ``first`` on; what lies outside the track is dropped."""
    skip = max(0, -first)
    last = min(len(track), first + len(sound))
    if last > first + skip:
        track[first + skip : last] += sound[skip : last - first]


def _utterances(
    timeline: Timeline, spoken: Mapping[str, SpokenSound], places: Places
) -> Iterator[_Emission]:
    for timed in timeline.utterances:
        for part in spoken[timed.utterance.id].parts:
            start_s = timed.start_s + part.offset_s
            place = places.mouth(part.person, start_s)
            yield _Emission(places.hall_of(part.person), place, start_s, part.samples)


def _playbacks(played: tuple[Played, ...], places: Places) -> Iterator[_Emission]:
    for playback in played:
        yield _Emission(0, places.loudspeaker(0), playback.start_s, playback.samples)


def _noises(timeline: Timeline, places: Places) -> Iterator[_Emission]:
    hall = places.halls[0]
    seats = places.seats(0)
    fixed = {
        NoiseKind.TAP: (0.3, 1.5, 0.2),
        NoiseKind.DOOR: (-hall.width_m / 2, 1.0, 1.0),
        NoiseKind.BELL: (0.0, hall.height_m - 0.3, hall.depth_m),
    }
    for index, timed in enumerate(timeline.noises):
        noise = timed.part
        rng = rng_of(timeline.script.seed, f"noise:{index}")
        place = fixed.get(noise.kind)
        if place is None:
            x, _, z = seats[int(rng.integers(len(seats)))]
            place = (x, 0.1 if noise.kind is NoiseKind.CHAIR else 0.8, z)
        samples = short_noise(noise.kind, rng, SPEECH_RMS * gain(noise.level_db))
        yield _Emission(0, hall.inside(place), timed.start_s, samples)


def _murmurs(timeline: Timeline, places: Places, speaker: Speaker) -> Iterator[_Emission]:
    script: Script = timeline.script
    seats = places.seats(0)
    for index, timed in enumerate(timeline.murmurs):
        murmur = timed.part
        rng = rng_of(script.seed, f"murmur:{index}")
        where = rng.permutation(len(seats))
        count = round((timed.end_s - timed.start_s) * SAMPLE_RATE_HZ)
        crowd = loops(speaker, murmur.voices, script.language, str(index), murmur.level_db)
        for number, loop in crowd:
            shift = int(rng.integers(len(loop)))
            place = seats[int(where[number % len(where)])]
            for first, samples in _repeated(np.roll(loop, shift), count):
                yield _Emission(0, place, timed.start_s + first / SAMPLE_RATE_HZ, samples)


def _repeated(loop: Samples, count: int) -> Iterator[tuple[int, Samples]]:
    """``loop`` over and over for ``count`` samples, faded at both ends: first index and samples.

    Pieces share the loop's memory, as a murmur may have thirty voices and last for half an hour.
    """
    length = round(_MURMUR_FADE_S * SAMPLE_RATE_HZ)
    for first in range(0, count, len(loop)):
        piece = loop[: count - first]
        if first < length or first + len(piece) > count - length:
            at = first + np.arange(len(piece))
            edge = np.minimum(at + 1, count - at) / (length + 1)
            piece = piece * np.minimum(edge, 1.0).astype(np.float32)
        yield first, piece
