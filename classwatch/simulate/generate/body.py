"""What people do with their bodies while others talk."""

from __future__ import annotations

from bisect import bisect_right

from classwatch.simulate.generate.banks import load_profiles
from classwatch.simulate.generate.draft import TEACHER, Draft, at
from classwatch.simulate.script import Act, ActKind, Moment, Noise, NoiseKind, Point

_STAY_S = (15.0, 45.0)
_FRONT_X_M = 1.6
_FRONT_Z_M = (0.9, 1.5)


def station(draft: Draft, name: str) -> None:
    """Let the teacher stand at one place in front for a while, and then at another."""
    last = draft.stations[-1] if draft.stations else None
    start_s = draft.placed[-1].start_s
    if last is not None and start_s < draft.station_until_s:
        return
    rng = draft.body_rng
    if last is not None:
        draft.stations[-1] = last.model_copy(update={"end": at(name, "start")})
    place = (
        round(float(rng.uniform(-_FRONT_X_M, _FRONT_X_M)), 2),
        round(float(rng.uniform(*_FRONT_Z_M)), 2),
    )
    start: Moment = at(name, "start") if last is not None else 0.0
    # The end is put in when the teacher goes on; until then the act is open.
    draft.stations.append(
        Act(who=TEACHER, kind=ActKind.FACE, start=start, end=at(name, "end"), place=place)
    )
    draft.station_until_s = start_s + float(rng.uniform(*_STAY_S))


def close_stations(draft: Draft, end: Moment) -> None:
    """The last place is kept until ``end``."""
    if draft.stations:
        draft.stations[-1] = draft.stations[-1].model_copy(update={"end": end})


def standing_at(draft: Draft) -> Point | None:
    """Where the teacher stands now."""
    place = draft.stations[-1].place if draft.stations else None
    return place if isinstance(place, tuple) else None


def gesture(draft: Draft, name: str) -> None:
    """Hands that go with the words, or a look at the board, or none of it."""
    kinds = (ActKind.GESTURE, ActKind.POINT, ActKind.PODIUM, None)
    kind = kinds[int(draft.body_rng.choice(4, p=(0.5, 0.15, 0.1, 0.25)))]
    if kind is None:
        return
    place = standing_at(draft) if kind is ActKind.GESTURE else None
    act = Act(
        who=TEACHER, kind=kind, start=at(name, "start", 0.2), end=at(name, "end"), place=place
    )
    draft.foreground.append(act)


def board(draft: Draft, first: str, last: str, silent_s: float) -> None:
    """Writing on the board from one utterance to some seconds after another, with its taps."""
    end = at(last, "end", silent_s)
    draft.do(TEACHER, ActKind.BOARD, at(first, "start", 0.6), end)
    moment_s = 0.3
    while moment_s < silent_s - 0.2:
        draft.noises.append(Noise(kind=NoiseKind.TAP, start=at(last, "end", moment_s), level_db=-6))
        moment_s += float(draft.body_rng.uniform(0.25, 0.9))


def raise_hands(draft: Draft, question: str, taken: str, chosen: str) -> None:
    """Hands go up after a question and come down when somebody is called.

    The one called is among them, now and then only because of being called.
    """
    rng = draft.body_rng
    count = int(rng.binomial(len(draft.students), draft.profile.hands_share))
    order = [draft.students[int(i)] for i in rng.permutation(len(draft.students))]
    up = [s for s in order if s != chosen][:count]
    if rng.random() < 0.85:
        up.append(chosen)
    starts_s = {p.id: p for p in draft.placed}
    wait_s = starts_s[taken].start_s - starts_s[question].end_s
    for who in sorted(up):
        # Voices may turn out quicker than estimated: a hand must be up before it comes down.
        delay_s = min(float(rng.lognormal(-0.2, 0.6)), 0.6 * max(0.0, wait_s) + 0.3)
        down_s = float(rng.uniform(0.6, 1.8))
        draft.do(
            who, ActKind.RAISE_HAND, at(question, "end", delay_s - 0.2), at(taken, "start", down_s)
        )


def answer_standing(draft: Draft, who: str, called: str, answer: str, last: str) -> None:
    """Stand from being called until the reaction; some stay seated."""
    rng = draft.body_rng
    if rng.random() < 0.15:
        return
    if called == answer:
        draft.do(who, ActKind.STAND, at(answer, "start"), at(last, "end", 0.2))
        return
    start = at(called, "start", float(rng.uniform(0.5, 0.9)))
    draft.do(who, ActKind.STAND, start, at(last, "start", float(rng.uniform(0.4, 1.2))))


def idle(draft: Draft) -> None:
    """Acts of single students in passing, by the rates in the profiles' file."""
    rng = draft.body_rng
    minutes = draft.now_s / 60.0
    scale = len(draft.students) / 30.0
    for item in load_profiles().idle:
        for _ in range(int(rng.poisson(item.per_minute * minutes * scale))):
            moment_s = float(rng.uniform(0.0, max(0.1, draft.now_s - item.seconds[0])))
            length_s = float(rng.uniform(*item.seconds))
            who = draft.students[int(rng.integers(len(draft.students)))]
            length_s = min(length_s, draft.now_s - moment_s)
            placed = draft.placed[max(0, bisect_right(_starts_s(draft), moment_s) - 1)]
            if placed.phase not in item.during:
                continue
            shift_s = moment_s - placed.start_s
            draft.background.append(
                Act(
                    who=who,
                    kind=item.kind,
                    start=at(placed.id, "start", shift_s),
                    end=at(placed.id, "start", shift_s + length_s),
                    side="left" if rng.random() < 0.5 else "right",
                )
            )


def noises(draft: Draft) -> None:
    """Short sounds in passing, by the rates in the profiles' file."""
    rng = draft.body_rng
    for kind, per_minute in sorted(load_profiles().noises.items()):
        for _ in range(int(rng.poisson(per_minute * draft.now_s / 60.0))):
            moment_s = float(rng.uniform(0.0, draft.now_s))
            placed = draft.placed[max(0, bisect_right(_starts_s(draft), moment_s) - 1)]
            start = at(placed.id, "start", moment_s - placed.start_s)
            level_db = round(float(rng.normal(-6.0, 3.0)), 1)
            draft.noises.append(Noise(kind=kind, start=start, level_db=level_db))


def _starts_s(draft: Draft) -> list[float]:
    return [p.start_s for p in draft.placed]
