"""The small models that come with the program."""

from __future__ import annotations

from classwatch.core.errors import ModelError
from classwatch.models.entries import ModelFile
from classwatch.models.registry import Registry

BODY_JOINTS = "body-joints"
CLASSPOSE = "classpose"
DISCOURSE_EN = "discourse-en"
DISCOURSE_ZH = "discourse-zh"
SPEECH_ROLES = "speech-roles"
SPEECH_SOUNDS = "speech-sounds"
STUDENT_ACTS = "student-acts"
TEACHER_ACTS = "teacher-acts"


def shipped(name: str) -> ModelFile:
    """The verified model ``name``; its digest belongs into the key of whatever uses it.

    Raises ``ModelError`` where it is missing or has another digest.
    """
    registry = Registry.load()
    model = registry.find(name, registry.entry(name).task)
    if model is None:
        raise ModelError("is not here", subject=name, remedy="reinstall classwatch")
    return model


def shipped_text_models() -> tuple[ModelFile, ...]:
    """The models that judge sentences, each as ``shipped`` finds it."""
    return shipped(DISCOURSE_EN), shipped(DISCOURSE_ZH)
