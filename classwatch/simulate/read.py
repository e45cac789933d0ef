"""Lesson scripts from and to YAML files, with every cross-reference checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from classwatch.config.yamlfile import parse_yaml, read_text
from classwatch.core.errors import InputError
from classwatch.simulate.script import (
    STUDENT_ACTS,
    TEACHER_ACTS,
    Act,
    Camera,
    CameraKind,
    Person,
    PersonKind,
    Room,
    Script,
    Utterance,
    split_anchor,
)

MAX_BYTES = 16_000_000
_SHOWN = 8
FAR_PREFIX = "far-"
"""How ids of people in the far room begin."""
EVERYBODY = "all_students"


def read_script(path: Path) -> Script:
    """The script in a YAML file.

    Raises InputError naming the file, the place inside (``utterances[3].speaker``), what is wrong
    there, and a remedy; ResourceError where the file cannot be opened.
    """
    return parse_script(read_text(path, MAX_BYTES), str(path))


def parse_script(text: str, subject: str) -> Script:
    """The script in YAML ``text``; errors as in ``read_script``, naming ``subject``."""
    content = parse_yaml(text, subject)
    if not isinstance(content, dict):
        raise InputError(
            "a script is a mapping with lesson_id, people, phases, …",
            subject=subject,
            remedy="`classwatch simulate --write-script-only FILE` writes one to start from",
        )
    try:
        script = Script.model_validate(content)
    except ValidationError as error:
        raise _invalid(_complaints(error), subject) from None
    check_script(script, subject)
    return script


def check_script(script: Script, subject: str = "") -> None:
    """Raise InputError with every cross-reference of ``script`` that leads nowhere.

    Checked are what single fields cannot show: ids used twice, unknown people, seats outside the
    room or taken twice, acts that do not fit who does them, cuts between cameras that do not
    exist, choruses with adults, anchors to utterances that do not exist.
    """
    found = [f"{place}: {what}" for check in _CHECKS for place, what in check(script)]
    if found:
        raise _invalid(found, subject or script.lesson_id)


def script_yaml(script: Script) -> str:
    """YAML that ``parse_script`` reads back as an equal script; the same script, the same text.

    What has its default value is left out.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes every value out: the reader takes no aliases."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    content = {"version": script.version} | script.model_dump(mode="json", exclude_defaults=True)
    text: str = yaml.dump(
        content,
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=100,
    )
    return text


def _invalid(complaints: Sequence[str], subject: str) -> InputError:
    more = f"; and {len(complaints) - _SHOWN} more" if len(complaints) > _SHOWN else ""
    return InputError(
        "; ".join(complaints[:_SHOWN]) + more,
        subject=subject,
        remedy="correct the script; docs/simulating.md describes every part of it",
    )


def _complaints(error: ValidationError) -> list[str]:
    """One line for each place; of the branches of a union only the one that goes deepest."""
    found: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        place = _place(item["loc"])
        said = item["msg"].removeprefix("Value error, ")
        found[place] = said if place not in found else f"{found[place]}, or {said}"
    return [f"{place}: {what}" for place, what in found.items()]


def _place(loc: Sequence[str | int]) -> str:
    """``utterances[3].speaker``; names that pydantic gives the branches of unions are left out."""
    text = ""
    for step in loc:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier() and step not in ("str", "float", "int", "bool", "tuple"):
            text += f".{step}"
    return text.lstrip(".") or "script"


_Complaints = Iterator[tuple[str, str]]


def _twice(names: Sequence[tuple[str, str]]) -> _Complaints:
    seen: dict[str, str] = {}
    for place, name in names:
        if name in seen:
            yield place, f"{name!r} is also {seen[name]}"
        seen.setdefault(name, place)


def _unique_names(script: Script) -> _Complaints:
    yield from _twice([(f"people[{i}].id", p.id) for i, p in enumerate(script.people)])
    yield from _twice([(f"utterances[{i}].id", u.id) for i, u in enumerate(script.utterances)])
    yield from _twice([(f"cameras[{i}].name", c.name) for i, c in enumerate(script.cameras)])
    microphones = script.sound.microphones
    names = [(f"sound.microphones[{i}].name", m.name) for i, m in enumerate(microphones)]
    yield from _twice(names)


def _reserved_ids(script: Script) -> _Complaints:
    for i, person in enumerate(script.people):
        if person.id == EVERYBODY:
            yield f"people[{i}].id", f"{EVERYBODY!r} means the whole class"
        if person.id.startswith(FAR_PREFIX) and script.far_room is None:
            yield f"people[{i}].id", "there is no far_room"


def _seats(script: Script) -> _Complaints:
    taken: list[tuple[str, str]] = []
    for i, person in enumerate(script.people):
        place = f"people[{i}].seat"
        room = _room_of(script, person)
        if person.kind is PersonKind.STUDENT and not person.seat:
            yield place, "a student needs a seat"
        if person.seat:
            if person.kind is PersonKind.TEACHER:
                yield place, "a teacher has no seat"
            yield from _seat(place, person.seat, room)
            far = person.id.startswith(FAR_PREFIX)
            taken.append((place, f"far {person.seat}" if far else person.seat))
    yield from _twice(taken)


def _room_of(script: Script, person: Person) -> Room:
    far = person.id.startswith(FAR_PREFIX) and script.far_room is not None
    return script.far_room if far and script.far_room else script.room


def _seat(place: str, seat: str, room: Room) -> _Complaints:
    row, column = (int(part) for part in seat.removeprefix("r").split("c"))
    if not (1 <= row <= room.rows and 1 <= column <= room.columns):
        yield place, f"{seat} is outside the room's {room.rows} rows of {room.columns} seats"


def _utterances(script: Script) -> _Complaints:
    kinds = {p.id: p.kind for p in script.people}
    for i, utterance in enumerate(script.utterances):
        place = f"utterances[{i}].speaker"
        yield from _known(place, utterance.speaker, kinds)
        yield from _chorus(place, utterance, kinds)


def _known(place: str, who: object, kinds: dict[str, PersonKind]) -> _Complaints:
    if who == EVERYBODY:
        if PersonKind.STUDENT not in kinds.values():
            yield place, "there are no students in `people`"
        return
    for name in (who,) if isinstance(who, str) else _names(who):
        if name not in kinds:
            yield place, f"{name!r} is nobody in `people`"


def _names(who: object) -> tuple[str, ...]:
    return who if isinstance(who, tuple) else ()


def _chorus(place: str, utterance: Utterance, kinds: dict[str, PersonKind]) -> _Complaints:
    for name in _names(utterance.speaker):
        if kinds.get(name, PersonKind.STUDENT) is not PersonKind.STUDENT:
            yield place, f"{name!r} is no student; only students speak in chorus"
    if len(set(_names(utterance.speaker))) != len(_names(utterance.speaker)):
        yield place, "somebody is named twice"


def _acts(script: Script) -> _Complaints:
    kinds = {p.id: p.kind for p in script.people}
    for i, act in enumerate(script.acts):
        yield from _known(f"acts[{i}].who", act.who, kinds)
        for name in _actors(act, script):
            student = kinds.get(name) is PersonKind.STUDENT
            if name in kinds and act.kind not in (STUDENT_ACTS if student else TEACHER_ACTS):
                whose = "a student" if student else "an adult"
                yield f"acts[{i}].kind", f"{act.kind.value!r} is nothing that {whose} does"
                break
        if isinstance(act.place, str):
            yield from _seat(f"acts[{i}].place", act.place.removeprefix("beside:"), script.room)


def _actors(act: Act, script: Script) -> tuple[str, ...]:
    if act.who == EVERYBODY:
        return tuple(p.id for p in script.people if p.kind is PersonKind.STUDENT)
    return (act.who,) if isinstance(act.who, str) else act.who


def _sources(script: Script) -> _Complaints:
    people = {p.id for p in script.people}
    microphones = {m.name for m in script.sound.microphones}
    for i, microphone in enumerate(script.sound.microphones):
        if microphone.worn_by is not None and microphone.worn_by not in people:
            place = f"sound.microphones[{i}].worn_by"
            yield place, f"{microphone.worn_by!r} is nobody in `people`"
    for i, camera in enumerate(script.cameras):
        if camera.microphone is not None and camera.microphone not in microphones:
            yield f"cameras[{i}].microphone", f"there is no microphone {camera.microphone!r}"
        if camera.room not in (0, 1) or (camera.room == 1 and script.far_room is None):
            yield f"cameras[{i}].room", f"there is no room {camera.room}"
        yield from _cuts(script, i, camera)


def _cuts(script: Script, index: int, camera: Camera) -> _Complaints:
    place = f"cameras[{index}].cuts"
    mix = camera.kind is CameraKind.MIX
    if mix != bool(camera.cuts):
        yield place, "a mix needs cuts" if mix else "only a mix has cuts"
    others = {c.name for c in script.cameras if c.kind is not CameraKind.MIX}
    for j, cut in enumerate(camera.cuts):
        if cut.camera not in others:
            yield f"{place}[{j}].camera", f"{cut.camera!r} is no camera that can be cut to"


def _anchors(script: Script) -> _Complaints:
    known = {u.id for u in script.utterances}
    for place, moment in _moments(script):
        if isinstance(moment, str) and split_anchor(moment)[0] not in known:
            yield place, f"{moment!r} refers to no utterance"


def _moments(script: Script) -> Iterator[tuple[str, float | str]]:
    lists: dict[str, Sequence[Any]] = {
        "phases": script.phases,
        "utterances": script.utterances,
        "acts": script.acts,
        "noises": script.noises,
        "murmurs": script.murmurs,
        "playbacks": script.playbacks,
    }
    lists |= {f"cameras[{i}].cuts": camera.cuts for i, camera in enumerate(script.cameras)}
    for name, parts in lists.items():
        for i, part in enumerate(parts):
            for edge in ("start", "end"):
                moment = getattr(part, edge, None)
                if moment is not None:
                    yield f"{name}[{i}].{edge}", moment
    if script.end is not None:
        yield "end", script.end


_CHECKS: tuple[Callable[[Script], _Complaints], ...] = (
    _unique_names,
    _reserved_ids,
    _seats,
    _utterances,
    _acts,
    _sources,
    _anchors,
)
