"""Cells of speech that are nobody's single voice: chorus, babble, or a loudspeaker."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.speech import SoundKind, SoundSpan, SpeakerRole
from classwatch.speech.speakers import VoiceTurns

ROLES = {
    SoundKind.CHORUS: SpeakerRole.CHORAL,
    SoundKind.BABBLE: SpeakerRole.STUDENTS,
    SoundKind.PLAYBACK: SpeakerRole.PLAYBACK,
}
"""The role of speech that no single person in the room makes."""
PLAYED = "P"
"""Speaker of what is played; chorus and babble have none."""
SURE = 0.5
"""Mean probability from which a kind decides over the voice that clustering heard."""


@dataclass(frozen=True, slots=True, eq=False)
class Attributed:
    """Voices without the cells that are nobody's, and what those cells are.

    ``role`` (n,) holds a role for cells with ``voices.voice`` -1 and None for others; ``share``
    (n,) its probability; ``under`` (n,) int32 the voice that clustering heard in each cell, also
    where it was taken away, -1 where there was none or all of it was taken away.
    """

    voices: VoiceTurns
    role: tuple[SpeakerRole | None, ...]
    share: NDArray[np.float64]
    under: NDArray[np.int32]


def attribute(voices: VoiceTurns, sounds: tuple[SoundSpan, ...]) -> Attributed:
    """Take cells from their voices where the sound is of many people or of a loudspeaker.

    Cells that clustering already gave to several people stay so, except where the sound is
    clearly one voice: then they belong to the voice beside them in the same stretch of speech.
    Voices are numbered anew where one loses all its cells.
    """
    role: list[SpeakerRole | None] = [None] * len(voices)
    share = np.zeros(len(voices))
    voice = voices.voice.copy()
    for at, span in enumerate(sounds_at(voices, sounds)):
        found = None if span is None or span.certainty < SURE else span
        if found is not None and found.kind in ROLES:
            role[at], share[at], voice[at] = ROLES[found.kind], found.certainty, -1
        elif voice[at] < 0 and found is not None and found.kind is SoundKind.VOICE:
            voice[at] = _beside(voices, at)
        if voice[at] < 0 and role[at] is None:
            role[at], share[at] = SpeakerRole.STUDENTS, 0.5
    heard, number = _numbered(voices, voice)
    under = np.where(heard.voice >= 0, heard.voice, number[voices.voice])
    return Attributed(heard, tuple(role), share, under.astype(np.int32))


def sounds_at(voices: VoiceTurns, sounds: tuple[SoundSpan, ...]) -> list[SoundSpan | None]:
    """The sound at the middle of every cell."""
    if not sounds:
        return [None] * len(voices)
    starts = np.array([s.start_s for s in sounds])
    middle_s = voices.span.mean(axis=1)
    rows = np.searchsorted(starts, middle_s, side="right") - 1
    return [
        sounds[int(r)] if r >= 0 and m < sounds[int(r)].end_s else None
        for r, m in zip(rows, middle_s, strict=True)
    ]


def _beside(voices: VoiceTurns, at: int) -> int:
    """The voice of the nearest cell of the same stretch that has one, -1 without any."""
    same = np.flatnonzero((voices.run == voices.run[at]) & (voices.voice >= 0))
    return int(voices.voice[same[np.abs(same - at).argmin()]]) if len(same) else -1


def _numbered(voices: VoiceTurns, voice: NDArray[np.int32]) -> tuple[VoiceTurns, NDArray[np.int32]]:
    """The voices with new numbers for those that have a cell left, in order of first appearance,
    and the new number of every old one (-1 for those without, and for nobody)."""
    heard, first = np.unique(voice[voice >= 0], return_index=True)
    order = heard[np.argsort(first, kind="stable")]
    # One more than there are voices, so that nobody (-1) stays nobody.
    number = np.full(voices.voice_count + 1, -1, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    certainty = np.where((voice >= 0) & (voices.voice < 0), 0.5, voices.certainty)
    now, second = number[voice], number[voices.second]
    if len(second):
        second[(now < 0) | (second == now)] = -1
    renumbered = replace(
        voices,
        voice=now,
        certainty=certainty,
        second=second,
        distance=voices.distance[np.ix_(order, order)],
    )
    return renumbered, number
