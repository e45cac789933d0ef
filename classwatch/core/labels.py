"""Speaker labels that people write into transcripts, read as roles."""

from __future__ import annotations

import re

from classwatch.core.speech import SpeakerRole

_TEACHER = re.compile(
    r"(t|teacher|instructor|lecturer|师|教师|老师|.{1,3}老师|执教者?)[\s_#-]*\d{0,2}", re.IGNORECASE
)
_CHORAL = re.compile(r"(choral|chorus|齐|齐[答读声诵]|生齐|众生齐[答读声])", re.IGNORECASE)
_SEVERAL = re.compile(
    r"(students|pupils|class|all|ss|众|全班|全体|全体学生|学生们|众生|全体同学)", re.IGNORECASE
)
_ADULT = re.compile(
    r"(adult|assistant|visitor|observer|助教|来宾|听课教师)([\s_#-]*\d{1,2})?", re.IGNORECASE
)
_PLAYBACK = re.compile(
    r"(playback|video|film|recording|media|tape|视频|录音|录像|播放|影片|媒体)", re.IGNORECASE
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
    # In this order: 听课教师 is no teacher, and 众 is no one student.
    forms = (
        (_ADULT, SpeakerRole.ADULT),
        (_TEACHER, SpeakerRole.TEACHER),
        (_CHORAL, SpeakerRole.CHORAL),
        (_SEVERAL, SpeakerRole.STUDENTS),
        (_STUDENT, SpeakerRole.STUDENT),
        (_PLAYBACK, SpeakerRole.PLAYBACK),
    )
    return next((role for form, role in forms if form.fullmatch(text)), SpeakerRole.UNKNOWN)
