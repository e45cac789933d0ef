"""What a class murmurs: many quiet voices, each saying ordinary sentences over and over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.simulate.script import PersonKind
from classwatch.simulate.sound.places import FAR
from classwatch.simulate.sound.signal import Samples, gain, level_speech
from classwatch.simulate.sound.speak import SPEECH_RMS, Speaker
from classwatch.simulate.sound.voices import rng_of

SENTENCES: dict[str, tuple[str, ...]] = {
    "zh": (
        "我觉得这个答案不对。",
        "你先说，我再补充。",
        "这一步是怎么来的？",
        "我们可以换一种方法试一试。",
        "你看，这里要先通分。",
        "那就写在第二行吧。",
        "第三题你做完了吗？",
        "我也是这么想的。",
        "等一下，我还没写完。",
        "这个字怎么读？",
        "谁来当我们组的记录员？",
        "好，就按你说的办。",
    ),
    "en": (
        "I think the answer is different.",
        "You go first and then I'll add something.",
        "How did you get this step?",
        "Maybe we can try another way.",
        "Look, it says so in the second line.",
        "Let's write that down.",
        "Have you finished number three?",
        "That is what I thought too.",
        "Wait, I'm not done yet.",
        "How do you spell that word?",
        "Who is going to write for our group?",
        "All right, let's do it your way.",
    ),
}

_LOOP_S = 24.0
"""A voice repeats itself after about this long; no two as long, so the crowd never does."""
_PAUSES_S = (0.2, 1.8)


def loops(
    speaker: Speaker, voices: int, language: str, name: str, level_db: float
) -> Iterator[tuple[int, Samples]]:
    """For each of ``voices`` murmuring voices: its number and a dry loop (n,) at 16 kHz.

    The voices are those of the lesson's students, beginning anywhere; more voices than students
    begin again with them. ``level_db`` is each voice's level against a student who speaks up.
    """
    people = [
        p.id
        for p in speaker.script.people
        if p.kind is PersonKind.STUDENT and not p.id.startswith(FAR)
    ] or [p.id for p in speaker.script.people]
    first = int(rng_of(speaker.script.seed, f"murmur:{name}").integers(len(people)))
    for number in range(voices):
        person = people[(first + number) % len(people)]
        rng = rng_of(speaker.script.seed, f"murmur:{name}:{number}")
        loop = _loop(speaker, person, language, rng)
        voice_db = speaker.voices[person].level_db + level_db
        yield number, level_speech(loop, SPEECH_RMS * gain(voice_db))


def _loop(speaker: Speaker, person: str, language: str, rng: np.random.Generator) -> Samples:
    bank = SENTENCES.get(language, SENTENCES["en"])
    parts: list[Samples] = []
    length = 0
    order = rng.permutation(len(bank)).tolist()
    while length < _LOOP_S * SAMPLE_RATE_HZ:
        if not order:
            order = rng.permutation(len(bank)).tolist()
        phrase = speaker.phrase(bank[order.pop()], language, speaker.voices[person])
        pause = np.zeros(round(float(rng.uniform(*_PAUSES_S)) * SAMPLE_RATE_HZ), np.float32)
        parts += [pause] if phrase is None else [phrase.samples, pause]
        length += sum(len(p) for p in parts[-2:])
    return np.concatenate(parts)
