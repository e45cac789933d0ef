"""Who teaches, who answers: network, rule and what needs less, on lessons nobody was fitted on.

``python -m tests.benchmarks.roles DATA [--lessons 16] [--minutes 3] [--first-mixed 300]
[--first-simulated 7100]`` makes lessons from real voices, rooms and noises of side ``test`` and
simulated lessons, with seeds from the first on, and prints a table of each. Mixed seeds 0 to 7 and
100 to 107 and simulated ones below 7000 were heard in fitting or in choosing thresholds; of others
only simulated seed 7106 taught anything: that a class in sight is a lesson. Two more tables part
the same lessons: those in which the teacher is the only adult heard and nothing is played, and
those with a second adult or playback. Baselines: all speech is the
commonest role's (the teacher's); what is louder than halfway between the loud and the quiet is the
teacher's; two groups of cepstra of which the larger is the teacher's. Intervals are 95 %, by
drawing whole lessons.

Murmurs of simulated lessons are not scored: their truth calls them neither speech nor silence. A
last table scores them as silence, where several students heard in them are an error.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from classwatch.config.schema import SpeakersConfig
from classwatch.core.motion import Motion
from classwatch.core.speech import SpeakerRole, Turn
from classwatch.core.time import Intervals, intervals
from classwatch.evaluate.bootstrap import interval
from classwatch.evaluate.scores.diarisation import RoleDiarisation
from classwatch.evaluate.scores.roles import SpeakerRoles
from classwatch.evaluate.tally import Scorer, Tally, pool
from classwatch.speech.role_network import shipped_network
from classwatch.speech.roles import assign_roles
from classwatch.train.roles.examples import misheard, misseen
from classwatch.train.roles.lessons import HeardLesson, mixed_lesson, simulated_lesson
from classwatch.train.roles.moving import moving
from classwatch.train.sounds.material import load_material

MIXED_FROM, SIMULATED_FROM = 300, 7100
MINUTES = 3.0
_MORE_VOICES = (SpeakerRole.ADULT, SpeakerRole.PLAYBACK)
_SHOWN = (
    ("accuracy", SpeakerRoles(), "speech.roles.accuracy", ""),
    ("kappa", SpeakerRoles(), "speech.roles.kappa", ""),
    ("teacher share, error", SpeakerRoles(), "speech.roles.teacher_share_error", ""),
    ("role DER", RoleDiarisation(0.25), "speech.role_der@collar=0.25,overlap", ""),
    ("chorus F1", SpeakerRoles(fine=True), "speech.roles.f1@fine", "role choral"),
    ("other adult F1", SpeakerRoles(fine=True), "speech.roles.f1@fine", "role adult"),
)
Way = Callable[[HeardLesson], Sequence[Turn]]


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Cells of speech, and which of them are the teacher's."""

    span: Intervals
    teacher: np.ndarray

    def turns(self) -> list[Turn]:
        """One turn per cell."""
        roles = (SpeakerRole.STUDENT, SpeakerRole.TEACHER)
        return [
            Turn(a, b, roles[int(t)], "", 1.0)
            for (a, b), t in zip(self.span.tolist(), self.teacher, strict=True)
        ]


def majority(lesson: HeardLesson) -> list[Turn]:
    """All speech is the teacher's."""
    return _Cells(lesson.voices.span, np.ones(len(lesson.voices), np.bool_)).turns()


def loudness(lesson: HeardLesson) -> list[Turn]:
    """Louder than halfway between the 10th and the 90th percentile of speech is the teacher."""
    level_db = lesson.voices.level_db
    low, high = np.percentile(level_db, [10, 90])
    return _Cells(lesson.voices.span, level_db >= (low + high) / 2).turns()


def two_groups(lesson: HeardLesson) -> list[Turn]:
    """K-means of mean cepstra (standardised), two groups: the one with more time is the teacher."""
    from scipy.cluster.vq import kmeans2

    assert lesson.cepstra is not None
    table = lesson.cepstra - lesson.cepstra.mean(axis=0)
    table /= table.std(axis=0) + 1e-9
    _, group = kmeans2(table, 2, minit="++", rng=np.random.default_rng(1))
    length_s = lesson.voices.span[:, 1] - lesson.voices.span[:, 0]
    larger = np.bincount(group, length_s, minlength=2).argmax()
    return _Cells(lesson.voices.span, group == larger).turns()


def rule(lesson: HeardLesson) -> Sequence[Turn]:
    """Whoever leads teaches."""
    return assign_roles(_sound(lesson).known, SpeakersConfig()).turns


def network(lesson: HeardLesson) -> Sequence[Turn]:
    """The shipped network, from sound alone."""
    return assign_roles(_sound(lesson).known, SpeakersConfig(), shipped_network()).turns


def with_motion(lesson: HeardLesson) -> Sequence[Turn]:
    """The same with arms and mouths as cameras see them, and nothing else of the pictures."""
    return assign_roles(
        replace(_sound(lesson), motions=_drawn(lesson)).known, SpeakersConfig(), shipped_network()
    ).turns


def with_words(lesson: HeardLesson) -> Sequence[Turn]:
    """The same with words as a recogniser hears them."""
    return _informed(lesson, words=True, pictures=False)


def with_pictures(lesson: HeardLesson) -> Sequence[Turn]:
    """The same with events as detectors see them."""
    return _informed(lesson, words=False, pictures=True)


def with_both(lesson: HeardLesson) -> Sequence[Turn]:
    """The same with words and events."""
    return _informed(lesson, words=True, pictures=True)


def _sound(lesson: HeardLesson) -> HeardLesson:
    return replace(lesson, transcript=None, events=None, motions=())


def without_motion(lesson: HeardLesson) -> Sequence[Turn]:
    """Words and events, without arms and mouths."""
    return _informed(lesson, words=True, pictures=True, motion=False)


def _informed(
    lesson: HeardLesson, *, words: bool, pictures: bool, motion: bool = True
) -> Sequence[Turn]:
    rng = np.random.default_rng(7)
    assert lesson.transcript is not None
    assert lesson.events is not None
    told = replace(
        lesson,
        transcript=misheard(lesson.transcript, rng) if words else None,
        events=tuple(misseen(lesson.events, lesson.duration_s, rng)) if pictures else None,
    )
    if pictures and motion:
        told = replace(told, motions=_drawn(told))
    return assign_roles(told.known, SpeakersConfig(), shipped_network()).turns


def _drawn(lesson: HeardLesson) -> tuple[Motion, ...]:
    rng = np.random.default_rng([8, zlib.crc32(lesson.name.encode())])
    return moving(lesson.truth, lesson.events or (), lesson.duration_s, rng)


def best_possible(lesson: HeardLesson) -> list[Turn]:
    """Every cell of detected speech with its true role: what voice detection and cells allow."""
    found = []
    for start_s, end_s in lesson.voices.span.tolist():
        seconds: dict[SpeakerRole, float] = {}
        for t in lesson.truth:
            shared = min(t.end_s, end_s) - max(t.start_s, start_s)
            seconds[t.role] = seconds.get(t.role, 0.0) + max(shared, 0.0)
        role = max(seconds, key=lambda r: (seconds[r], r.value))
        found.append(Turn(start_s, end_s, role, "", 1.0))
    return found


SOUND_WAYS: tuple[tuple[str, Way], ...] = (
    ("commonest role", majority),
    ("loudness", loudness),
    ("two groups of cepstra", two_groups),
    ("rule", rule),
    ("network, sound", network),
    ("network, sound and movement", with_motion),
)
INFORMED_WAYS: tuple[tuple[str, Way], ...] = (
    ("network, sound and words", with_words),
    ("network, sound and pictures", with_pictures),
    ("network, all but movement", without_motion),
    ("network, all", with_both),
)
LIMIT: tuple[tuple[str, Way], ...] = (("true role of each cell", best_possible),)


def table(lessons: Sequence[HeardLesson], ways: Sequence[tuple[str, Way]]) -> list[str]:
    """Lines of a Markdown table: a row for each way, figures with intervals."""
    lines = ["| roles by | " + " | ".join(name for name, *_ in _SHOWN) + " |"]
    lines.append("|---" * (len(_SHOWN) + 1) + "|")
    for name, way in ways:
        turns = [way(lesson) for lesson in lessons]
        cells = [_cell(lessons, turns, *shown[1:]) for shown in _SHOWN]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _cell(
    lessons: Sequence[HeardLesson],
    turns: Sequence[Sequence[Turn]],
    scorer: SpeakerRoles | RoleDiarisation,
    metric: str,
    group: str,
) -> str:
    tallies: list[Tally] = [
        scorer.count(lesson.truth, found, lesson.scored)
        for lesson, found in zip(lessons, turns, strict=True)
    ]
    return _shown(tallies, scorer, metric, group)


def _shown(tallies: Sequence[Tally], scorer: Scorer, metric: str, group: str) -> str:
    figures = {(f.metric, f.group): f.value for f in scorer.figures(pool(tallies))}
    value = figures[metric, group]
    if value is None:
        return "-"
    bounds = {(i.metric, i.group): i for i in interval(tallies, scorer)}[metric, group]
    if bounds.low is None or bounds.high is None:
        return f"{value:.3f}"
    return f"{value:.3f} [{bounds.low:.3f}, {bounds.high:.3f}]"


def strata(lessons: Sequence[HeardLesson]) -> tuple[tuple[str, list[HeardLesson]], ...]:
    """The lessons with one adult and nothing played, and those with more."""
    more = [any(turn.role in _MORE_VOICES for turn in lesson.truth) for lesson in lessons]
    return (
        ("one adult, nothing played", [x for x, m in zip(lessons, more, strict=True) if not m]),
        ("a second adult or playback", [x for x, m in zip(lessons, more, strict=True) if m]),
    )


def _print(
    name: str,
    lessons: Sequence[HeardLesson],
    ways: Sequence[tuple[str, Way]],
    parts: Sequence[tuple[str, Way]],
) -> None:
    """All lessons by ``ways``, then each stratum by ``parts``."""
    print(f"\n{name}, {len(lessons)} lessons", *table(lessons, ways), sep="\n", flush=True)
    for kind, own in strata(lessons):
        if own:
            print(f"\n{name}: {kind}, {len(own)} lessons", *table(own, parts), sep="\n", flush=True)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description="Score roles on made lessons.")
    parser.add_argument("data", type=Path, help="folder with speech/ and noise_rir/")
    parser.add_argument("--lessons", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--first-mixed", type=int, default=MIXED_FROM)
    parser.add_argument("--first-simulated", type=int, default=SIMULATED_FROM)
    options = parser.parse_args()
    seeds, minutes = range(options.lessons), options.minutes
    material = load_material(options.data, "test")
    first = options.first_mixed
    mixed = [mixed_lesson(material, "test", first + n, 60.0 * minutes) for n in seeds]
    own = (*SOUND_WAYS[-3:], *LIMIT)
    _print("mixed", mixed, (*SOUND_WAYS, *LIMIT), own)
    simulated = [simulated_lesson(options.first_simulated + n, minutes) for n in seeds]
    own = (*SOUND_WAYS[-3:], INFORMED_WAYS[-1], *LIMIT)
    _print("simulated", simulated, (*SOUND_WAYS, *INFORMED_WAYS, *LIMIT), own)
    silent = [replace(lesson, murmurs=intervals()) for lesson in simulated]
    print("\nmurmurs as silence", *table(silent, (INFORMED_WAYS[-1], *LIMIT)), sep="\n")


if __name__ == "__main__":
    main()
