"""A script in the making: sentences one after the other on an estimated clock."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from classwatch.simulate.generate.banks import (
    Bank,
    Pause,
    Profile,
    Subject,
    Topic,
    load_turn_taking,
)
from classwatch.simulate.generate.config import GeneratorConfig
from classwatch.simulate.script import (
    Act,
    ActKind,
    Language,
    Moment,
    Murmur,
    Noise,
    Person,
    Phase,
    PhaseKind,
    Playback,
    Room,
    Utterance,
)

T = TypeVar("T")
TEACHER = "T"
CLASS = "all_students"
_CHARACTERS_PER_S = 4.9
_WORDS_PER_S = 3.5
"""Paces of the synthesised voices, measured over generated lessons."""


def seeded(seed: int, name: str) -> np.random.Generator:
    """Random numbers of their own for one concern, the same on every machine."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def estimate_s(text: str, language: Language) -> float:
    """About how long a sentence takes to say: 4.9 characters or 3.5 words a second."""
    if language == "zh":
        return 0.2 + sum(c.isalnum() for c in text) / _CHARACTERS_PER_S
    return 0.2 + len(text.split()) / _WORDS_PER_S


@dataclass(frozen=True, slots=True)
class Said:
    """Something to be said. Empty ``language``: that of the lesson."""

    text: str
    labels: Mapping[str, str] = field(default_factory=dict)
    language: Language | None = None
    level_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """An utterance on the estimated clock, and the phase it belongs to."""

    id: str
    speaker: str
    start_s: float
    end_s: float
    phase: PhaseKind


class Draft:
    """Everything that has been decided about a lesson so far."""

    def __init__(
        self,
        config: GeneratorConfig,
        bank: Bank,
        profile: Profile,
        subject: Subject,
        people: tuple[Person, ...],
        room: Room,
    ) -> None:
        self.config = config
        self.bank = bank
        self.profile = profile
        self.subject = subject
        self.people = people
        self.room = room
        self.students = tuple(p.id for p in people if p.id != TEACHER)
        self.rng = seeded(config.seed, "talk")
        self.body_rng = seeded(config.seed, "body")
        self.topic: Topic = subject.topics[0]
        self.phase = PhaseKind.LECTURE
        self.utterances: list[Utterance] = []
        self.placed: list[Placed] = []
        self.phases: list[Phase] = []
        self.stations: list[Act] = []
        """Where the teacher stands; every other act of the teacher overrides it."""
        self.station_until_s = 0.0
        self.background: list[Act] = []
        self.foreground: list[Act] = []
        self.noises: list[Noise] = []
        self.murmurs: list[Murmur] = []
        self.playbacks: list[Playback] = []
        self._pauses = load_turn_taking().pauses
        self._decks: dict[str, list[int]] = {}
        self._last: dict[str, int] = {}

    @property
    def now_s(self) -> float:
        """Estimated end of what has been said."""
        return self.placed[-1].end_s if self.placed else 0.0

    def say(self, who: str, said: Said, after: str | float) -> str:
        """Add an utterance ``after`` a kind of pause or some seconds; its id."""
        gap_s = self.pause(after) if isinstance(after, str) else round(after, 2)
        if not self.utterances:
            gap_s = max(0.5, gap_s)
        name = f"u{len(self.utterances) + 1}"
        labels = dict(sorted(said.labels.items()))
        if not any(mark in said.text for mark in "?？"):
            # Some sentences of a kind ask, others only invite.
            labels.pop("question", None)
        utterance = Utterance(
            id=name,
            speaker=who,
            text=said.text,
            language=said.language,
            gap_s=gap_s,
            level_db=said.level_db,
            labels=labels,
        )
        start_s = max(0.0, self.now_s + gap_s)
        length_s = estimate_s(said.text, said.language or self.config.language)
        self.utterances.append(utterance)
        self.placed.append(Placed(name, who, start_s, start_s + length_s, self.phase))
        return name

    def pause(self, kind: str) -> float:
        """Seconds of a pause, negative for an overlap, rounded to 10 ms."""
        return draw_pause(self._pauses[kind], self.rng)

    def common(self, kind: str) -> str:
        """A sentence of the common ones."""
        return self.pick(kind, self.bank.common[kind])

    def pick(self, name: str, items: Sequence[T]) -> T:
        """One of ``items``; all others come before the same one comes again."""
        deck = self._decks.setdefault(name, [])
        if not deck:
            deck.extend(int(i) for i in self.rng.permutation(len(items)))
            if deck[-1] == self._last.get(name):
                deck.insert(0, deck.pop())
        self._last[name] = deck.pop()
        return items[self._last[name]]

    def chance(self, share: float) -> bool:
        """True in ``share`` of the cases."""
        return bool(self.rng.random() < share)

    def begin_phase(self, kind: PhaseKind) -> None:
        """What follows belongs to a phase of ``kind``, from the start of the next utterance."""
        self.phase = kind
        start: Moment = f"u{len(self.utterances) + 1}.start" if self.utterances else 0.0
        if self.phases and self.phases[-1].kind is kind:
            return
        self.phases.append(Phase(kind=kind, start=start))

    def do(self, who: str | tuple[str, ...], kind: ActKind, start: str, end: str) -> None:
        """Add an act that overrides whatever the person does in the background."""
        self.foreground.append(Act(who=who, kind=kind, start=start, end=end))


def draw_pause(pause: Pause, rng: np.random.Generator) -> float:
    """A draw in seconds, negative for an overlap, rounded to 10 ms; outliers are drawn again."""
    if pause.overlap_share and rng.random() < pause.overlap_share:
        return -round(float(rng.uniform(*pause.overlap_s)), 2)
    while True:
        value = float(pause.median_s * np.exp(pause.sigma * rng.standard_normal()))
        if pause.least_s <= value <= pause.most_s:
            return round(value, 2)


def at(name: str, edge: str, shift_s: float = 0.0) -> str:
    """The moment ``shift_s`` after an utterance's ``start`` or ``end``."""
    shift = round(shift_s, 2)
    return f"{name}.{edge}{shift:+g}" if shift else f"{name}.{edge}"
