"""Speaker labels that people write into transcripts, read as roles."""

from __future__ import annotations

import re

from classwatch.core.speech import SpeakerRole

_TEACHER = re.compile(
    r"(t|teacher|instructor|lecturer|师|教师|老师|.{1,3}老师|执教者?)[\s_#-]*\d{0,2}", re.IGNORECASE
)
_SEVERAL = re.compile(
    r"(students|pupils|class|choral|all|ss|众|齐|齐[答读声]|全班|全体|全体学生|学生们|众生|生齐|"
    r"全体同学)",
    re.IGNORECASE,
)
_STUDENT = re.compile(
    r"(s|st)([\s_#-]*\d{1,3}|[_#-][0-9a-z]{1,4})?|"
    r"(student|pupil|child)[\s_#-]*(\d{1,3}|[a-z])?|"
    r"(生|学生|同学|男生|女生|.{1,3}同学)[\s_#-]*(\d{1,3}|[a-z]|[一二三四五六七八九十甲乙丙丁])?",
    re.IGNORECASE,
)


def role_of_label(label: str) -> SpeakerRole:
    """Role that a label such as ``老师``, ``T``, ``S3``, ``生2`` or ``齐`` stands for."""
    text = label.strip().strip("<>[]()（）【】:：").strip()
    if _TEACHER.fullmatch(text):
        return SpeakerRole.TEACHER
    if _SEVERAL.fullmatch(text):
        return SpeakerRole.STUDENTS
    if _STUDENT.fullmatch(text):
        return SpeakerRole.STUDENT
    return SpeakerRole.UNKNOWN
