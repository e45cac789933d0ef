"""What a generated lesson is to be like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from classwatch.core.errors import UsageError
from classwatch.simulate.generate.banks import load_bank, load_profiles
from classwatch.simulate.script import Camera, CameraKind, Language

Age = Literal["primary", "lower", "upper"]
_LIMITS = {"minutes": (0.5, 60.0), "students": (2, 60), "snr_db": (-5.0, 60.0)}
_ID = re.compile(r"[\w][\w.-]{0,99}")


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """A lesson to generate. The length is met to about a tenth: voices decide in the end.

    ``profile`` and ``subject`` are names in ``configs/simulate``; an empty ``subject`` is drawn
    from the seed, an empty ``lesson_id`` is made of profile, language and seed. Raises UsageError
    for what does not exist or is out of range.
    """

    profile: str = "mixed"
    language: Language = "zh"
    minutes: float = 3.0
    students: int = 24
    age: Age = "primary"
    subject: str = ""
    seed: int = 0
    snr_db: float = 20.0
    cameras: tuple[Camera, ...] = field(default_factory=lambda: default_cameras(("front", "rear")))
    lesson_id: str = ""

    def __post_init__(self) -> None:
        _one_of("profile", self.profile, tuple(load_profiles().profiles))
        subjects = tuple(load_bank(self.language).subjects)
        if self.subject:
            _one_of("subject", self.subject, subjects)
        for name, (least, most) in _LIMITS.items():
            if not least <= getattr(self, name) <= most:
                raise UsageError(f"{name} must be between {least:g} and {most:g}")
        if not 0 <= self.seed < 2**32:
            raise UsageError("the seed must be a whole number from 0 to 4294967295")
        if self.lesson_id and not _ID.fullmatch(self.lesson_id):
            raise UsageError("a lesson id is made of letters, digits, _ . and -")

    @property
    def name(self) -> str:
        """The lesson's id."""
        return self.lesson_id or f"{self.profile}-{self.language}-{self.seed}"


def default_cameras(
    kinds: Sequence[str], *, size: tuple[int, int] = (1280, 720), fps: float = 5.0
) -> tuple[Camera, ...]:
    """One camera of each kind, named after it; ``size`` is width and height in pixels.

    Cuts of a mix are left to ``generate``; here a mix shows the first other camera throughout.
    Raises UsageError for an unknown kind, or a mix without anything to cut to.
    """
    found: list[Camera] = []
    for kind in kinds:
        _one_of("camera", kind, tuple(k.value for k in CameraKind))
        if kind in (c.name for c in found):
            raise UsageError(f"the camera {kind} is named twice")
        found.append(
            Camera(name=kind, kind=CameraKind(kind), width_px=size[0], height_px=size[1], fps=fps)
        )
    if any(c.kind is CameraKind.MIX for c in found) and len(found) == 1:
        raise UsageError("a mix needs other cameras to cut to", remedy="--cameras front,rear,mix")
    return tuple(found)


def _one_of(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise UsageError(f"there is no {what} {name!r}", remedy=f"one of {', '.join(known)}")
