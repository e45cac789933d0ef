"""What kind of sound each half second is: one voice, chorus, babble, playback, music, noise.

A small network over the figures of ``speech.sound_features`` gives probabilities; a path through
them (Viterbi) keeps kinds from changing every half second. It is the second opinion on voice
activity (applause and music are no speech) and says which speech is nobody's single voice.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.loudness import floor_of
from classwatch.core.speech import NOT_SPEECH, SoundKind, SoundSpan, SpeechActivity
from classwatch.core.time import Intervals, intersect, intervals, normalise, subtract, union
from classwatch.models.shipped import SPEECH_SOUNDS, shipped
from classwatch.speech.network import SmallNetwork, load_network
from classwatch.speech.paths import likeliest_path
from classwatch.speech.sound import Sound
from classwatch.speech.sound_features import NAMES, STEP_S, window_features, with_surroundings
from classwatch.speech.vad import inside_share

FILE = "sounds.npz"
STAY = 4.0
"""Cost of a change of kind, in nats."""
_SURE = 0.5
"""Mean probability from which a kind of sound takes a stretch out of the speech, or adds a crowd
that no voice was detected in."""
_SURE_ALONE = 0.8
"""A crowd that is so sure counts without any voice detected near it."""
_VOICES = 0.05
"""Where it is open what kind of crowd speaks, the network must hear single voices at times: it
never does in applause, which it half takes for a crowd."""
_PLAYED = 0.86
"""Share of the probability of music that detected speech gives to playback."""
_SHORTEST_S = 0.25
_SHORTEST_CROWD_S = 0.5
_OUT_DB = 8.0
_DIP_S = 0.4
_ANSWER_S = 3.0
_MURMUR_DB = 10.0
_NEVER = -20.0
_FLOOR_DB = -60.0
"""The room's level where a recording has no moment without speech."""
_REMEDY = "reinstall classwatch, or make the file again with `python -m classwatch.train.sounds`"


def load_sound_model(path: Path) -> SmallNetwork:
    """Read a model. ``ModelError`` naming the file when it is missing, damaged or no such model."""
    return load_network(path, 2 * len(NAMES), SoundKind, _REMEDY)


@cache
def _shipped() -> SmallNetwork:
    return load_sound_model(shipped(SPEECH_SOUNDS).path)


def classify_sounds(
    audio: Sound, activity: SpeechActivity, model: SmallNetwork | None = None
) -> tuple[SoundSpan, ...]:
    """Kinds of sound over the whole recording, in order, without gaps; times on a 0.5 s grid.

    Where all is quiet for 10 s the kind is noise, unlooked at.

    ``model`` None takes the shipped one. Raises ``ModelError`` where that cannot be loaded.
    """
    floor_db = activity.noise_db if np.isfinite(activity.noise_db) else _FLOOR_DB
    looked_at = union(activity.speech, _loud(activity, -np.inf))
    features = with_surroundings(window_features(audio, floor_db, looked_at))
    used = model or _shipped()
    looked = np.isfinite(features).all(axis=1)
    log_shares = np.full((len(features), len(used.labels)), _NEVER)
    log_shares[:, used.labels.index(SoundKind.NOISE)] = 0.0
    log_shares[looked] = used.log_probabilities(features[looked])
    _believe_detection(log_shares, used.labels, activity.speech)
    path = likeliest_path(log_shares, STAY)
    return _spans(path, np.exp(log_shares), used.labels, audio.duration_s)


def _believe_detection(
    log_shares: NDArray[np.float64], labels: tuple[str, ...], speech: Intervals
) -> None:
    """Music in which speech is detected all the time is a voice out of a loudspeaker.

    The network of kinds takes such voices for music, detection seldom takes music for a voice:
    ``_PLAYED`` of what is music's share in ``log_shares`` (n, labels) becomes playback's.
    """
    if not {SoundKind.MUSIC, SoundKind.PLAYBACK} <= set(labels):
        return
    music, playback = labels.index(SoundKind.MUSIC), labels.index(SoundKind.PLAYBACK)
    filled = inside_share(speech, len(log_shares), STEP_S) >= 1.0
    given = log_shares[filled, music]
    log_shares[filled, playback] = np.logaddexp(
        log_shares[filled, playback], given + np.log(_PLAYED)
    )
    log_shares[filled, music] = given + np.log1p(-_PLAYED)


def _spans(
    path: NDArray[np.intp],
    shares: NDArray[np.float64],
    labels: tuple[str, ...],
    duration_s: float,
) -> tuple[SoundSpan, ...]:
    if len(path) == 0:
        return ()
    found = []
    order = [labels.index(kind) for kind in SoundKind]
    for rows in np.split(np.arange(len(path)), np.flatnonzero(np.diff(path)) + 1):
        kind = int(path[rows[0]])
        means = [round(float(mean), 4) for mean in shares[rows].mean(axis=0)]
        end_s = min(float(rows[-1] + 1) * STEP_S, duration_s)
        own = tuple(means[at] for at in order)
        found.append(
            SoundSpan(float(rows[0]) * STEP_S, end_s, SoundKind(labels[kind]), means[kind], own)
        )
    return tuple(found)


def of_kinds(sounds: tuple[SoundSpan, ...], *kinds: SoundKind, at_least: float = 0.0) -> Intervals:
    """Rows (n, 2) of the stretches of ``kinds`` that are at least so probable."""
    return intervals(
        (s.start_s, s.end_s) for s in sounds if s.kind in kinds and s.certainty >= at_least
    )


def speech_by_sound(activity: SpeechActivity, sounds: tuple[SoundSpan, ...]) -> SpeechActivity:
    """The activity without music and noise, and with crowds that voice activity detection misses.

    Detectors are trained on single voices and often miss a chorus or a class that talks. Such a
    stretch is added where it stands out of the room by 8 dB, and babble only down to 10 dB below
    the usual level of speech: a murmur is no talk; and only where a voice was detected in it or
    just before, or it is surely a crowd, as noise alone must never become speech. What is left of
    an interval and is shorter than 0.25 s goes with it, since the grid of the kinds is coarser than
    the edges of speech. The level of speech is measured anew.
    """
    kept = subtract(activity.speech, of_kinds(sounds, *NOT_SPEECH, at_least=_SURE))
    whole = {(float(a), float(b)) for a, b in activity.speech}
    rows = [(a, b) for a, b in kept.tolist() if b - a >= _SHORTEST_S or (a, b) in whole]
    quiet_db = activity.speech_db - _MURMUR_DB if np.isfinite(activity.speech_db) else -np.inf
    near = tuple(
        s for s in sounds if s.certainty >= _SURE_ALONE or _speech_near(activity.speech, s)
    )
    near = tuple(s for s in near if s.probability >= _SURE or s.share(SoundKind.VOICE) >= _VOICES)
    crowd = of_kinds(near, SoundKind.BABBLE, at_least=_SURE)
    together = of_kinds(near, SoundKind.CHORUS, SoundKind.PLAYBACK, at_least=_SURE)
    added = union(
        intersect(crowd, _loud(activity, quiet_db)), intersect(together, _loud(activity, -np.inf))
    )
    added = added[added[:, 1] - added[:, 0] >= _SHORTEST_CROWD_S]
    speech = union(intervals(rows), added)
    within = inside_share(speech, len(activity.level_db), activity.level_step_s) >= 0.5
    speech_db = float(np.median(activity.level_db[within])) if within.any() else float("nan")
    return replace(activity, speech=speech, speech_db=speech_db)


def _speech_near(speech: Intervals, span: SoundSpan) -> bool:
    """Whether speech was detected in a stretch or shortly before: crowds answer somebody."""
    before_s = span.start_s - _ANSWER_S
    return bool(((speech[:, 0] < span.end_s) & (speech[:, 1] > before_s)).any())


def _loud(activity: SpeechActivity, least_db: float) -> Intervals:
    """Stretches that stand out of the room and reach ``least_db``, short dips closed."""
    step_s = activity.level_step_s
    limit_db = max(floor_of(activity.level_db, activity.noise_db) + _OUT_DB, least_db)
    at = np.flatnonzero(activity.level_db >= limit_db)
    return normalise(np.stack([at * step_s, (at + 1) * step_s], axis=1), join_gap_s=_DIP_S)
