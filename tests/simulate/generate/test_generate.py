"""Generated lessons: valid, deterministic, and as their data files say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from statistics import NormalDist, median
from typing import Any

import numpy as np
import pytest

from classwatch.core.errors import UsageError
from classwatch.core.time import total_s
from classwatch.simulate.generate import GeneratorConfig, default_cameras, generate
from classwatch.simulate.generate.banks import Pause, load_bank, load_profiles, load_turn_taking
from classwatch.simulate.generate.draft import draw_pause
from classwatch.simulate.read import script_yaml
from classwatch.simulate.script import ActKind, PhaseKind, Script, Utterance
from classwatch.simulate.sound.estimate import estimate_all
from classwatch.simulate.sound.speak import speak_all
from classwatch.simulate.timeline import Spoken, Timeline, resolve
from classwatch.simulate.truth.measures import speech_truth

PROFILES = sorted(load_profiles().profiles)


def lesson(profile: str, language: Any, seed: int, minutes: float = 10.0) -> Timeline:
    script = generate(GeneratorConfig(profile, language, minutes, seed=seed, cameras=()))
    return resolve(script, estimate_all(script))


@pytest.mark.parametrize("seed", range(50))
def test_every_seed_gives_a_script_that_can_be_placed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    script = generate(
        GeneratorConfig(
            profile=PROFILES[seed % len(PROFILES)],
            language=("zh", "en")[seed % 2],
            minutes=float(rng.uniform(0.5, 4.0)),
            students=int(rng.integers(2, 50)),
            age=("primary", "lower", "upper")[seed % 3],
            seed=seed,
            cameras=default_cameras(("front", "rear", "mix")),
        )
    )
    timeline = resolve(script, estimate_all(script))
    assert timeline.utterances[-1].end_s <= timeline.duration_s
    # Voices may be half as fast or twice as fast as estimated: anchors must hold all the same.
    for pace in (0.5, 2.0):
        resolve(script, {n: _paced(s, pace) for n, s in estimate_all(script).items()})


def _paced(spoken: Spoken, pace: float) -> Spoken:
    return Spoken(spoken.duration_s * pace, ((0.0, spoken.duration_s * pace),))


def test_the_same_seed_gives_the_same_script_and_another_another() -> None:
    texts = [script_yaml(generate(GeneratorConfig("mixed", "zh", 3, seed=s))) for s in (5, 5, 6)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("profile", PROFILES)
def test_shares_of_talk_lie_in_the_bands_of_the_profile(profile: str) -> None:
    bands = load_profiles().profiles[profile].bands
    for language, seed in (("zh", 1), ("zh", 2), ("en", 3), ("en", 4)):
        timeline = lesson(profile, language, seed)
        speech = speech_truth(timeline)
        seconds = {"teacher": 0.0, "student": 0.0, "choral": 0.0, "playback": 0.0}
        for turn in speech.turns:
            seconds[turn.role.value] += turn.end_s - turn.start_s
        talk_s = sum(seconds.values()) - seconds["playback"]
        shares = {role: own / talk_s for role, own in seconds.items()}
        shares["silence"] = 1 - total_s(speech.voiced) / timeline.duration_s
        for name in ("teacher", "student", "choral", "silence"):
            low, high = getattr(bands, name)
            assert low <= shares[name] <= high, f"{name} of {profile}, {language}, seed {seed}"


def gaps(script: Script) -> Iterator[tuple[Utterance, Utterance]]:
    yield from pairwise(script.utterances)


@pytest.fixture(scope="module")
def dialogues() -> list[Script]:
    config = [GeneratorConfig("dialogue", "zh", 12, seed=s, cameras=()) for s in range(6)]
    return [generate(c) for c in config]


def test_waiting_and_reacting_are_as_long_as_the_data_say(dialogues: list[Script]) -> None:
    pauses = load_turn_taking().pauses
    waits, reactions = [], []
    for script in dialogues:
        for before, after in gaps(script):
            asked = before.labels.get("question") in ("open", "closed") and before.speaker == "T"
            called = after.speaker == "T" and after.labels.get("fias") == "6"
            if asked and called:
                waits.append(after.gap_s)
            if before.speaker not in ("T", "all_students") and "feedback" in after.labels:
                reactions.append(after.gap_s)
    assert len(waits) > 60
    assert median(waits) == pytest.approx(pauses["wait"].median_s, rel=0.2)
    # Half of the draws that are no overlap are shorter than the median.
    kept = [g for g in reactions if g > 0]
    assert median(kept) == pytest.approx(pauses["reaction"].median_s, rel=0.2)


def test_overlaps_are_as_many_and_as_long_as_the_data_say(dialogues: list[Script]) -> None:
    pause = load_turn_taking().pauses["reaction"]
    reactions = [
        after.gap_s
        for script in dialogues
        for before, after in gaps(script)
        if before.speaker != "T" and "feedback" in after.labels
    ]
    overlaps = [-g for g in reactions if g < 0]
    # A share of 0.08 of 200 has a standard deviation of 0.019; three of them either way.
    spread = 3 * (pause.overlap_share * (1 - pause.overlap_share) / len(reactions)) ** 0.5
    assert abs(len(overlaps) / len(reactions) - pause.overlap_share) < spread
    assert all(pause.overlap_s[0] <= o <= pause.overlap_s[1] for o in overlaps)


def test_a_pause_is_log_normal_within_its_limits() -> None:
    pause = Pause(median_s=1.0, sigma=0.5, least_s=0.2, most_s=5.0)
    rng = np.random.default_rng(1)
    draws = np.array([draw_pause(pause, rng) for _ in range(4000)])
    assert draws.min() >= 0.2
    assert draws.max() <= 5.0
    for share in (0.1, 0.5, 0.9):
        expected = np.exp(0.5 * NormalDist().inv_cdf(share))
        assert np.quantile(draws, share) == pytest.approx(expected, rel=0.08)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_lesson_lasts_about_as_long_as_asked(language: Any) -> None:
    pytest.importorskip("espeakng_loader")
    script = generate(GeneratorConfig("dialogue", language, 3, seed=2, cameras=()))
    spoken = {name: sound.spoken for name, sound in speak_all(script).items()}
    assert resolve(script, spoken).duration_s == pytest.approx(180, rel=0.15)


def test_who_answers_has_been_called_and_stands_meanwhile() -> None:
    timeline = lesson("dialogue", "zh", 3)
    stands = [a for a in timeline.acts if a.act.kind is ActKind.STAND]
    spoken = {
        (s, u.start_s): u for u in timeline.utterances for s in u.speakers if len(u.speakers) == 1
    }
    assert len(stands) > 10
    for stand in stands:
        own = [u for (who, _), u in spoken.items() if who in stand.actors]
        assert any(stand.start_s <= u.start_s and u.end_s <= stand.end_s + 0.7 for u in own)


def test_hands_go_up_after_a_question_and_come_down_again() -> None:
    timeline = lesson("dialogue", "en", 2)
    ends = [u.end_s for u in timeline.utterances if "question" in u.utterance.labels]
    hands = [a for a in timeline.acts if a.act.kind is ActKind.RAISE_HAND]
    assert len(hands) > 50
    for hand in hands:
        assert any(-0.3 <= hand.start_s - end_s <= 12 for end_s in ends)
        assert hand.end_s - hand.start_s < 40


def test_practice_is_silent_writing_with_the_teacher_among_the_desks() -> None:
    timeline = lesson("practice", "zh", 5)
    phases = [p for p in timeline.phases if p.part.kind is PhaseKind.PRACTICE]
    assert phases
    for phase in phases:
        inside = (phase.start_s, phase.end_s)
        own = [a for a in timeline.acts if inside[0] <= a.start_s and a.end_s <= inside[1] + 5]
        writing = [a for a in own if a.act.kind is ActKind.WRITE and len(a.actors) > 1]
        assert writing
        assert writing[0].end_s - writing[0].start_s > 0.6 * (inside[1] - inside[0])
        assert any(str(a.act.place).startswith("beside:") for a in own if a.actors == ("T",))


def test_groups_murmur() -> None:
    timeline = lesson("group", "zh", 5)
    groups_s = sum(p.end_s - p.start_s for p in timeline.phases if p.part.kind == "group")
    murmur_s = sum(m.end_s - m.start_s for m in timeline.murmurs)
    assert 0.6 * groups_s < murmur_s <= groups_s


def test_a_mix_cuts_between_the_other_cameras_in_shots_of_five_seconds_or_more() -> None:
    cameras = default_cameras(("front", "rear", "mix"))
    script = generate(GeneratorConfig("dialogue", "zh", 5, seed=1, cameras=cameras))
    cuts = script.cameras[2].cuts
    assert {c.camera for c in cuts} == {"front", "rear"}
    assert all(a.camera != b.camera for a, b in pairwise(cuts))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sentences_that_ask_carry_a_mark_and_others_do_not(language: Any) -> None:
    bank = load_bank(language)
    for subject in bank.subjects.values():
        for topic in subject.topics:
            assert all("?" in a.say or "？" in a.say for a in topic.ask)
            assert all("?" in r or "？" in r for r in topic.rhetorical)
            for line in topic.explain:
                says, excused = (line, None) if isinstance(line, str) else (line.say, line.question)
                assert excused == "none" or not ("?" in says or "？" in says)
    assert {"mathematics", "chinese", "english", "science"} == set(bank.subjects)


@pytest.mark.parametrize(
    ("update", "what"),
    [
        ({"profile": "party"}, "profile"),
        ({"subject": "alchemy"}, "subject"),
        ({"minutes": 0.1}, "minutes"),
        ({"students": 1}, "students"),
        ({"seed": -1}, "seed"),
        ({"lesson_id": "../x"}, "lesson id"),
    ],
)
def test_what_cannot_be_generated_is_refused(update: dict[str, Any], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        GeneratorConfig(**({"cameras": ()} | update))
