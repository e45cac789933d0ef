"""Where one camera cannot tell which of two adults teaches, the ones after it are not asked."""

from __future__ import annotations

from pathlib import Path

from classwatch.core.lesson import StreamSpec
from classwatch.core.media import StreamRole
from classwatch.pipeline.stages.facts import teacher_known

STREAMS = tuple(
    StreamSpec(name=role.value, role=role, path=Path(f"{role.value}.mp4"))
    for role in (StreamRole.STUDENT_CAM, StreamRole.TEACHER_CAM)
)


def test_a_doubt_of_the_teachers_camera_holds_for_the_others() -> None:
    assert teacher_known(STREAMS, {"teacher_cam"}) == set()
    assert teacher_known(STREAMS, {"student_cam", "teacher_cam"}) == set()


def test_a_doubt_of_the_classs_camera_leaves_the_teachers_alone() -> None:
    assert teacher_known(STREAMS, {"student_cam"}) == {"teacher_cam"}
    assert teacher_known(STREAMS, set()) == {"student_cam", "teacher_cam"}
