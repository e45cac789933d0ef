"""What a lesson's cameras are to an analysis: file, role, and the name that keys its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from classwatch.core.media import StreamRole
from classwatch.simulate.script import CameraKind, Script

ROLES: Mapping[CameraKind, StreamRole] = {
    CameraKind.FRONT: StreamRole.STUDENT_CAM,
    CameraKind.REAR: StreamRole.TEACHER_CAM,
    CameraKind.TRACKING: StreamRole.TEACHER_CAM,
    CameraKind.SIDE: StreamRole.MIXED,
    CameraKind.SCREEN: StreamRole.SCREEN,
    CameraKind.MIX: StreamRole.MIXED,
}


@dataclass(frozen=True, slots=True)
class MediaStream:
    """One media file. ``source`` is a camera of the script, or a microphone where ``role`` is
    AUDIO; ``name`` is what an analysis calls the stream."""

    source: str
    name: str
    role: StreamRole

    @property
    def file(self) -> str:
        """File name in the lesson's folder."""
        return f"{self.source}.{'wav' if self.role is StreamRole.AUDIO else 'mp4'}"


def media_streams(script: Script, *, picture: bool) -> tuple[MediaStream, ...]:
    """The lesson's files in the order of its manifest: its cameras, or its microphones without
    ``picture`` or without cameras.

    Names follow the rule of ``exchange.manifest``: the role, then ``_2``, ``_3`` for more of one
    role, so that tables of the truth and of an analysis have the same keys.
    """
    if picture and script.cameras:
        sources = [(camera.name, ROLES[camera.kind]) for camera in script.cameras]
    else:
        sources = [(m.name, StreamRole.AUDIO) for m in script.sound.microphones]
    counts: dict[StreamRole, int] = {}
    found = []
    for source, role in sources:
        counts[role] = counts.get(role, 0) + 1
        name = role.value if counts[role] == 1 else f"{role.value}_{counts[role]}"
        found.append(MediaStream(source, name, role))
    return tuple(found)
