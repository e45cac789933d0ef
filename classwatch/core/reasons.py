"""Why a number may be absent: the stable codes, and how a sentence is made of one.

The sentences themselves are data (``configs/reasons.yaml``), in both languages of the report.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum

from classwatch.core.measures import Why


class Reason(StrEnum):
    """Every code that a ``Why`` may carry; the comment says which blanks its sentence has."""

    NO_SOUND = "no_sound"
    NO_WORDS = "no_words"
    NO_TURNS = "no_turns"
    NO_PICTURE = "no_picture"
    NO_STUDENT_PICTURE = "no_student_picture"
    NO_POSE_MODEL = "no_pose_model"
    NO_SPEECH_MODEL = "no_speech_model"
    NO_TEACHER_SEEN = "no_teacher_seen"
    NO_CLEAR_TEACHER = "no_clear_teacher"
    TWO_ADULTS = "two_adults"
    STAGE_FAILED = "stage_failed"  # stage
    ONE_VOICE = "one_voice"
    TOO_LITTLE_SPEECH = "too_little_speech"  # value, limit (seconds)
    NOISY = "noisy"  # value, limit (dB)
    ROLES_INCOMPLETE = "roles_incomplete"  # value, limit (shares)
    TOO_FEW_SEEN = "too_few_seen"  # value, limit (shares of the pictures)
    POINTS_COARSE = "points_coarse"
    STUDENTS_SMALL = "students_small"  # value, limit (pixels)
    HEADS_UNDECIDED = "heads_undecided"  # value, limit (shares)
    NONE_FOUND = "none_found"  # what
    NO_OVERLAP = "no_overlap"
    PAUSES_COARSE = "pauses_coarse"  # value, limit (seconds)
    PAUSES_UNTIMED = "pauses_untimed"
    TOO_SHORT = "too_short"  # value, limit (windows)
    LANGUAGE = "language"  # language
    TEXT_SPARSE = "text_sparse"  # value, limit (shares)
    NO_CODES = "no_codes"
    CODES_SPARSE = "codes_sparse"  # value, limit (shares)
    CANNOT_TELL = "cannot_tell"
    CLASS_SMALL = "class_small"  # value, limit (students)
    INTERVAL = "interval"  # value, limit (seconds)
    TOO_FEW = "too_few"  # value, limit (occurrences)
    TEACHER_BRIEF = "teacher_brief"  # value, limit (seconds)
    NO_ZONES = "no_zones"
    ZONE_SMALL = "zone_small"
    NO_FRONT_PICTURE = "no_front_picture"
    NO_SCREEN = "no_screen"
    FLOOR_ROUGH = "floor_rough"  # value, limit (relative error)


def reason_text(why: Why, sentences: Mapping[str, str]) -> str:
    """The sentence for ``why``; ``sentences`` maps codes to templates with ``{blanks}``.

    A code without a sentence gives the code itself, a blank without a value stays visible as
    ``?``: a report must never fail because a reason is new.
    """
    template = sentences.get(str(why.code))
    if template is None:
        return str(why.code)
    blanks = _Blanks({name: _shown(value) for name, value in why.detail.items()})
    return template.format_map(blanks)


class _Blanks(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _shown(value: str | float | int) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.3g}" if math.isfinite(value) else "?"
