"""Errors that reach a user, each with the exit code a shell sees.

A message names the thing (usually a file), says what is wrong, and gives a remedy.
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_SOME_FAILED = 1
EXIT_BUG = 70


class ClasswatchError(Exception):
    """A failure that was foreseen; anything else is a bug (exit code 70)."""

    exit_code = EXIT_BUG
    retryable = False

    def __init__(self, message: str, *, subject: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.subject = subject
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.subject}: {self.message}" if self.subject else self.message
        return f"{head} ({self.remedy})" if self.remedy else head

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword-only fields do not survive pickling between processes otherwise.
        return (_rebuild, (type(self), self.message, self.subject, self.remedy))


def _rebuild(
    kind: type[ClasswatchError], message: str, subject: str, remedy: str
) -> ClasswatchError:
    return kind(message, subject=subject, remedy=remedy)


class UsageError(ClasswatchError):
    """The command or the configuration cannot be carried out as written."""

    exit_code = 2


class InputError(ClasswatchError):
    """A file given by the user cannot be read as what it claims to be."""

    exit_code = 3


class DataError(InputError):
    """An artifact or a table does not hold what its schema promises."""


class ModelError(ClasswatchError):
    """A model is missing, unverified or cannot be loaded."""

    exit_code = 4


class ResourceError(ClasswatchError):
    """Disk, memory, time or permission ran out; the same call may work later."""

    exit_code = 5
    retryable = True
