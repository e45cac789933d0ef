from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.script import Script
from classwatch.simulate.sound.mix import Mix, mix
from classwatch.simulate.sound.places import places_of
from classwatch.simulate.sound.speak import Speaker, SpokenSound
from classwatch.simulate.timeline import Timeline, resolve
from tests.simulate.sound.made import PEOPLE, RATE, band_db, cut, level_db, produced, said, script

QUESTION = "二分之一加三分之一等于多少？谁来回答？"
ANSWER = "老师，等于六分之五。"


def dialogue(**parts: object) -> Script:
    utterances = [
        said("t", QUESTION, "u1", start=2.0),
        said("s0", ANSWER, "u2", gap_s=1.5),
        said("s4", "我不同意，应该是六分之一。", "u3", gap_s=-0.8),
        said("t", "我们再想一想。", "u4", gap_s=1.0),
    ]
    return script(**{"utterances": utterances, "end": "u4.end+3", **parts})


@pytest.fixture(scope="module")
def lesson() -> tuple[Timeline, dict[str, SpokenSound], Mix]:
    return produced(dialogue())


@pytest.fixture(scope="module")
def quiet() -> Mix:
    """The same lesson with next to no noise."""
    return produced(dialogue(sound={"snr_db": 60.0}))[2]


def voiced_mask(timeline: Timeline) -> np.ndarray:
    mask = np.zeros(round(timeline.duration_s * RATE), bool)
    for timed in timeline.utterances:
        for a, b in timed.spoken.voiced:
            mask[round((timed.start_s + a) * RATE) : round((timed.start_s + b) * RATE)] = True
    return mask


def test_length_rate_and_peak(lesson: tuple[Timeline, dict[str, SpokenSound], Mix]) -> None:
    timeline, _, mixed = lesson
    track = mixed.tracks[0]
    assert mixed.rate_hz == RATE
    assert track.samples.dtype == np.float32
    assert len(track.samples) == round(timeline.duration_s * RATE)
    assert 20 * np.log10(np.abs(track.samples).max()) == pytest.approx(-3.0, abs=0.01)


@pytest.mark.parametrize("snr_db", [5.0, 20.0])
def test_signal_to_noise_is_the_scripts(snr_db: float, quiet: Mix) -> None:
    timeline, _, mixed = produced(dialogue(sound={"snr_db": snr_db}))
    track, mask = mixed.tracks[0], voiced_mask(timeline)
    clean = quiet.tracks[0]
    # Noise before anybody speaks, speech from the clean take at the same gain.
    scale_db = track.speech_db - clean.speech_db
    noise_db = level_db(cut(track.samples, 0.1, 1.9))
    assert level_db(clean.samples[mask]) + scale_db - noise_db == pytest.approx(snr_db, abs=0.5)
    # Independent of what the track says of itself: powers of speech and noise add up.
    total = 10 ** (level_db(track.samples[mask]) / 10)
    noise = 10 ** (noise_db / 10)
    assert 10 * np.log10((total - noise) / noise) == pytest.approx(snr_db, abs=0.7)


def test_silence_is_the_noise_floor_and_nothing_else(
    lesson: tuple[Timeline, dict[str, SpokenSound], Mix],
) -> None:
    timeline, _, mixed = lesson
    track = mixed.tracks[0]
    before = level_db(cut(track.samples, 0.0, 1.9))
    after = level_db(cut(track.samples, timeline.utterances[-1].end_s + 1.0, timeline.duration_s))
    assert before == pytest.approx(track.noise_db, abs=0.4)
    assert after == pytest.approx(track.noise_db, abs=0.4)


def test_speech_begins_at_the_microphone_when_the_timeline_says(quiet: Mix) -> None:
    samples = quiet.tracks[0].samples
    step = RATE // 200
    energy = np.square(samples[: len(samples) // step * step]).reshape(-1, step).mean(1)
    floor = energy[: round(1.9 * 200)].max()
    onset_s = np.flatnonzero(energy > 10 * floor)[0] / 200
    assert onset_s == pytest.approx(2.0, abs=0.03)


def test_two_speak_at_once_where_the_script_says() -> None:
    sound = {
        "snr_db": 60.0,
        "microphones": [{"name": "m0", "worn_by": "s0"}, {"name": "m4", "worn_by": "s4"}],
    }
    timeline, _, mixed = produced(dialogue(sound=sound))
    first, second = timeline.utterances[1], timeline.utterances[2]
    assert first.end_s - second.start_s == pytest.approx(0.8, abs=0.002)
    own, other = mixed.track("m0").samples, mixed.track("m4").samples

    def difference(start_s: float, end_s: float) -> float:
        return level_db(cut(own, start_s, end_s)) - level_db(cut(other, start_s, end_s))

    # Each microphone is near one mouth: in the overlap neither is alone.
    alone = difference(first.start_s + 0.8, second.start_s)
    both = difference(second.start_s, first.end_s)
    reply = difference(first.end_s + 0.3, second.end_s)
    assert alone > both + 4
    assert both > reply + 4


def test_near_is_louder_than_far_and_worn_is_cleanest() -> None:
    microphones = [
        {"name": "front"},
        {"name": "back", "place": [0.0, 9.0]},
        {"name": "clip", "worn_by": "t"},
    ]
    timeline, _, mixed = produced(dialogue(sound={"microphones": microphones}))
    assert [t.name for t in mixed.tracks] == ["front", "back", "clip"]
    start_s, end_s = timeline.utterances[0].start_s, timeline.utterances[0].end_s

    def snr_db(name: str) -> float:
        samples = mixed.track(name).samples
        return level_db(cut(samples, start_s, end_s)) - level_db(cut(samples, 0.1, 1.9))

    assert snr_db("clip") > snr_db("front") + 6
    assert snr_db("front") > snr_db("back") + 1
    assert mixed.track(None).name == "front"
    with pytest.raises(KeyError):
        mixed.track("nowhere")


def test_the_same_script_gives_the_same_bytes(
    lesson: tuple[Timeline, dict[str, SpokenSound], Mix],
) -> None:
    timeline, _, mixed = produced(dialogue())
    assert timeline == lesson[0]
    assert mixed.tracks[0].samples.tobytes() == lesson[2].tracks[0].samples.tobytes()
    other = produced(dialogue(seed=6))[2]
    assert mixed.tracks[0].samples.tobytes() != other.tracks[0].samples.tobytes()


def test_short_noises_stand_where_the_script_puts_them() -> None:
    kinds = ["chair", "tap", "click", "door", "paper", "bell"]
    noises = [{"kind": k, "start": 2.0 + 3.0 * i} for i, k in enumerate(kinds)]
    _, _, mixed = produced(script(noises=noises, end=21.0, sound={"snr_db": 40.0}))
    samples = mixed.tracks[0].samples
    floor = level_db(cut(samples, 0.0, 1.9))
    for i, kind in enumerate(kinds):
        at_s = 2.0 + 3.0 * i
        peak = np.abs(cut(samples, at_s, at_s + 1.0)).max()
        assert 20 * np.log10(peak) > floor + 14, kind
        assert level_db(cut(samples, at_s - 0.3, at_s - 0.05)) < floor + 1.5, kind


def test_murmur_is_steady_lower_than_speech_and_ends() -> None:
    parts = {"murmurs": [{"start": "u4.end+1", "end": "u4.end+9", "voices": 8}]}
    lesson = dialogue(**parts, end="u4.end+12", sound={"snr_db": 40.0})
    timeline, _, mixed = produced(lesson)
    start_s, end_s = timeline.murmurs[0].start_s, timeline.murmurs[0].end_s
    samples = mixed.tracks[0].samples
    seconds = [level_db(cut(samples, s, s + 1)) for s in np.arange(start_s + 1, end_s - 1)]
    assert np.ptp(seconds) < 8
    assert np.mean(seconds) < mixed.tracks[0].speech_db
    assert np.mean(seconds) > mixed.tracks[0].noise_db + 15
    after = level_db(cut(samples, end_s + 1.2, timeline.duration_s))
    assert after == pytest.approx(mixed.tracks[0].noise_db, abs=0.6)


@pytest.mark.slow
def test_a_long_murmur_of_many_voices_needs_little_memory() -> None:
    lesson = script(murmurs=[{"start": 1.0, "end": 601.0, "voices": 12}], end=602.0)
    speaker = Speaker(lesson)
    timeline = resolve(lesson, {})
    tracemalloc.start()
    mixed = mix(timeline, {}, places_of(timeline), speaker)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # One voice of 600 s alone is 38 MB; all twelve, held at once, would be 460 MB.
    assert peak_bytes < 250e6
    samples = mixed.tracks[0].samples
    minutes = [level_db(cut(samples, s, s + 60)) for s in range(1, 600, 60)]
    assert np.ptp(minutes) < 1.5


def test_playback_is_band_limited_and_repeats_its_text() -> None:
    text = "春天来了，花儿开了，小鸟唱歌。"
    playback = {"start": 2.0, "end": 14.0, "text": text}
    parts = {"playbacks": [playback], "end": 16.0, "sound": {"snr_db": 60.0}}
    _, _, mixed = produced(script(**parts))
    _, _, spoken = produced(
        script(utterances=[said("t", text, start=2.0)], end=16.0, sound={"snr_db": 60.0})
    )

    def treble(samples: np.ndarray) -> float:
        return band_db(samples, 6800, 7800) - band_db(samples, 500, 4000)

    loudspeaker = treble(cut(mixed.tracks[0].samples, 2.0, 5.0))
    assert loudspeaker < treble(cut(spoken.tracks[0].samples, 2.0, 5.0)) - 10
    texts = mixed.played[0].texts
    assert len(texts) >= 2
    assert texts[0].text == text
    assert texts[0].start_s == 2.0
    # The last one is cut off: only words that were finished are true.
    assert texts[-1].end_s == pytest.approx(14.0, abs=0.01) or texts[-1].text == text
    for played in texts:
        assert all(2.0 <= w.start_s < w.end_s <= 14.001 for w in played.words)
        level = level_db(cut(mixed.tracks[0].samples, played.start_s, played.start_s + 1))
        assert level > mixed.tracks[0].noise_db + 25
    assert level_db(cut(mixed.tracks[0].samples, 15.0, 16.0)) < mixed.tracks[0].noise_db + 1


def test_music_says_nothing() -> None:
    parts = {"playbacks": [{"start": 1.0, "end": 4.0}], "end": 5.0}
    _, _, mixed = produced(script(**parts))
    assert mixed.played[0].texts == ()
    assert level_db(cut(mixed.tracks[0].samples, 1.5, 3.5)) > mixed.tracks[0].noise_db + 6


def test_a_lesson_in_which_nobody_speaks_is_noise() -> None:
    _, _, mixed = produced(script(end=3.0))
    track = mixed.tracks[0]
    assert np.isnan(track.speech_db)
    assert 20 * np.log10(np.abs(track.samples).max()) == pytest.approx(-3.0, abs=0.01)


def test_sounds_end_with_the_lesson() -> None:
    murmur = [{"start": 1.0, "end": 6.0, "voices": 3}]
    timeline, _, mixed = produced(script(murmurs=murmur, end=2.0))
    assert timeline.duration_s == 2.0
    assert len(mixed.tracks[0].samples) == 2 * RATE


def test_an_utterance_beyond_the_end_is_refused() -> None:
    with pytest.raises(InputError, match="ends at 2 s, utterance u1 later"):
        produced(script(utterances=[said("t", QUESTION, start=1.0)], end=2.0))


def test_two_rooms_hear_each_other_through_loudspeakers() -> None:
    far = {"id": "far-s", "kind": "student", "seat": "r1c1"}
    lesson = script(
        people=[*PEOPLE, far],
        far_room={"rows": 3, "columns": 4},
        utterances=[said("far-s", ANSWER, start=2.0)],
        sound={"snr_db": 60.0, "microphones": [{"name": "near"}, {"name": "far-mic"}]},
    )
    timeline, _, mixed = produced(lesson)
    end_s = timeline.utterances[0].end_s

    def treble(name: str) -> float:
        samples = cut(mixed.track(name).samples, 2.0, end_s)
        return band_db(samples, 6800, 7800) - band_db(samples, 500, 4000)

    assert level_db(cut(mixed.track("near").samples, 2.0, end_s)) > -45
    assert treble("near") < treble("far-mic") - 10


def test_a_detector_finds_the_speech_of_a_dialogue(
    lesson: tuple[Timeline, dict[str, SpokenSound], Mix],
) -> None:
    from classwatch.config.schema import VadConfig
    from classwatch.core.time import intersect, total_s
    from classwatch.simulate.sound.truth import speech
    from classwatch.speech.vad import detect_speech
    from tests.speech.sounds import Samples

    timeline, _, mixed = lesson
    found = detect_speech(Samples(mixed.tracks[0].samples), VadConfig()).speech
    truth = speech(timeline)
    assert total_s(intersect(found, truth)) >= 0.95 * total_s(truth)
    assert total_s(found) < 1.25 * total_s(truth)


@pytest.mark.shared
def test_a_lesson_in_measured_rooms(shared: Path) -> None:
    folder = shared / "data" / "noise_rir" / "speechbrain" / "RIRs"
    timeline, _, mixed = produced(dialogue(sound={"responses": str(folder)}))
    made = produced(dialogue())[2]
    mask = voiced_mask(timeline)
    noise_db = level_db(cut(mixed.tracks[0].samples, 0.1, 1.9))
    assert level_db(mixed.tracks[0].samples[mask]) - noise_db == pytest.approx(20, abs=0.7)
    assert mixed.tracks[0].samples.tobytes() != made.tracks[0].samples.tobytes()


@pytest.mark.shared
def test_recorded_voices_are_mixed_like_made_ones(shared: Path, tmp_path: Path) -> None:
    source = shared / "data" / "speech" / "mandarin_wenet" / "aishell-BAC009S0724W0121.wav"
    (tmp_path / "u1.wav").symlink_to(source)
    people = [
        {"id": "t", "kind": "teacher", "voice": {"recordings": str(tmp_path)}},
        {"id": "s0", "kind": "student", "seat": "r2c2"},
    ]
    lines = [
        said("t", "广州市房地产中介协会分析", start=1.5),
        said("s0", ANSWER, "u2", gap_s=1.0),
    ]
    timeline, _, mixed = produced(script(people=people, utterances=lines))
    track, mask = mixed.tracks[0], voiced_mask(timeline)
    floor = level_db(cut(track.samples, 0.1, 1.4))
    assert floor == pytest.approx(track.noise_db, abs=0.4)
    assert level_db(track.samples[mask]) - floor == pytest.approx(20, abs=0.7)
    first = timeline.utterances[0]
    assert 2.0 < first.spoken.duration_s < 4.3
    assert level_db(cut(track.samples, first.start_s, first.end_s)) > floor + 15
