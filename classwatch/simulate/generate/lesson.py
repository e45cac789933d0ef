"""A whole lesson from a configuration."""

from __future__ import annotations

from classwatch.simulate.generate.banks import Bank, ProfilePhase, load_bank, load_profiles
from classwatch.simulate.generate.body import close_stations, idle, noises
from classwatch.simulate.generate.config import GeneratorConfig
from classwatch.simulate.generate.draft import CLASS, TEACHER, Draft, Said, at, seeded
from classwatch.simulate.generate.people import furnish, invite
from classwatch.simulate.generate.quiet import group, playback, practice
from classwatch.simulate.generate.talk import ACTIVITIES, DIRECTS, LECTURES, RESPONDS, tell
from classwatch.simulate.read import check_script
from classwatch.simulate.script import Camera, CameraKind, Cut, PhaseKind, Script, Sound

_QUIET = {
    PhaseKind.PRACTICE: practice,
    PhaseKind.GROUP: group,
    PhaseKind.PLAYBACK: playback,
}
_CLOSING_S = 8.0
_HALF_ACTIVITY_S = 6.0
"""Half of what an activity usually takes: phases end near their time on average."""
_CUT_S = 5.0
"""Shortest shot of a mix."""
_STAGES = {
    "zh": {"primary": ("小学", "五年级"), "lower": ("初中", "八年级"), "upper": ("高中", "高一")},
    "en": {
        "primary": ("primary", "5"),
        "lower": ("lower secondary", "8"),
        "upper": ("upper secondary", "10"),
    },
}


def generate(config: GeneratorConfig) -> Script:
    """A lesson drawn from the data in ``configs/simulate``; the same ``config``, the same script.

    Each pause is drawn from the distribution of its kind (after Landini et al. 2022, arXiv
    2204.00890). The script passes ``check_script``.
    """
    bank = load_bank(config.language)
    profile = load_profiles().profiles[config.profile]
    rng = seeded(config.seed, "topic")
    name = config.subject or sorted(bank.subjects)[int(rng.integers(len(bank.subjects)))]
    room = furnish(config, profile)
    subject = bank.subjects[name]
    draft = Draft(config, bank, profile, subject, invite(config, room), room)
    topics = [subject.topics[int(i)] for i in rng.permutation(len(subject.topics))]
    draft.topic = topics[0]
    _open(draft)
    body_s = config.minutes * 60.0 - draft.now_s - _CLOSING_S
    due_s = draft.now_s
    for number, phase in enumerate(profile.phases):
        if number == (len(profile.phases) + 1) // 2 and config.minutes >= 8:
            draft.topic = topics[-1]
        due_s += phase.share * body_s
        _phase(draft, phase, due_s)
    end = _close(draft)
    idle(draft)
    noises(draft)
    close_stations(draft, end)
    script = _script(draft, end, name, bank)
    check_script(script)
    return script


def _open(draft: Draft) -> None:
    draft.begin_phase(draft.profile.phases[0].kind)
    tell(draft, draft.common("greet"), 1.0, DIRECTS)
    draft.say(CLASS, Said(draft.common("greet_back"), {"fias": RESPONDS}), "choral")
    tell(draft, draft.common("open").format(title=draft.topic.title), "activity")


def _phase(draft: Draft, phase: ProfilePhase, due_s: float) -> None:
    """Fill a phase until the estimated clock reaches ``due_s``."""
    quiet = _QUIET.get(phase.kind)
    left_s = due_s - draft.now_s
    if quiet is not None and left_s > 12.0:
        draft.begin_phase(phase.kind)
        quiet(draft, left_s)
        return
    names = sorted(phase.do)
    if not names or left_s <= _HALF_ACTIVITY_S:
        return
    draft.begin_phase(phase.kind)
    weights = [phase.do[name] for name in names]
    shares = [weight / sum(weights) for weight in weights]
    while draft.now_s < due_s - _HALF_ACTIVITY_S:
        ACTIVITIES[names[int(draft.rng.choice(len(names), p=shares))]](draft)


def _close(draft: Draft) -> str:
    tell(draft, draft.common("summary"), "activity", LECTURES)
    last = tell(draft, draft.common("close"), "same", DIRECTS)
    return at(last, "end", 2.0)


def _script(draft: Draft, end: str, subject: str, bank: Bank) -> Script:
    config = draft.config
    stage, grade = _STAGES[config.language][config.age]
    return Script(
        lesson_id=config.name,
        seed=config.seed,
        language=config.language,
        profile=config.profile,
        metadata={
            "subject": bank.subjects[subject].name,
            "grade": grade,
            "stage": stage,
            "lesson_type": config.profile,
        },
        room=draft.room,
        people=draft.people,
        phases=tuple(draft.phases),
        utterances=tuple(draft.utterances),
        acts=(*draft.background, *draft.stations, *draft.foreground),
        noises=tuple(draft.noises),
        murmurs=tuple(draft.murmurs),
        playbacks=tuple(draft.playbacks),
        sound=Sound(snr_db=config.snr_db),
        cameras=tuple(_with_cuts(draft, camera) for camera in config.cameras),
        end=end,
    )


def _with_cuts(draft: Draft, camera: Camera) -> Camera:
    """A director who shows whoever talks: the class while students do, else the teacher."""
    if camera.kind is not CameraKind.MIX or camera.cuts:
        return camera
    others = [c for c in draft.config.cameras if c.kind is not CameraKind.MIX]
    of_class = [c.name for c in others if c.kind in (CameraKind.FRONT, CameraKind.SIDE)]
    of_teacher = [c.name for c in others if c.name not in of_class] or of_class
    rng = seeded(draft.config.seed, f"cuts {camera.name}")
    shown = of_teacher[0]
    cuts = [Cut(start=0.0, camera=shown)]
    since_s = 0.0
    for said in draft.placed:
        if said.start_s - since_s < _CUT_S:
            continue
        pool = of_teacher if said.speaker == TEACHER else of_class or of_teacher
        if said.speaker == TEACHER and of_class and rng.random() < 0.25:
            pool = of_class
        wanted = pool[int(rng.integers(len(pool)))]
        if wanted != shown:
            cuts.append(Cut(start=at(said.id, "start"), camera=wanted))
            shown, since_s = wanted, said.start_s
    return camera.model_copy(update={"cuts": tuple(cuts)})
