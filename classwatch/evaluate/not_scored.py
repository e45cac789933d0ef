"""The answer of a score that has nothing to compare."""

from __future__ import annotations

from classwatch.evaluate.material import Material

_WORDS = {
    "turns": "who speaks when",
    "speech": "where speech is",
    "transcript": "the words",
    "people": "who is in the pictures",
    "events": "the events",
    "measures": "the measures",
}


class NotScored(Exception):  # noqa: N818 - not an error: an answer with its reason
    """One side of a lesson does not know enough for a score; the text says what is missing."""


def unknown(field: str, *, truth: bool, material: Material | None = None) -> NotScored:
    """What to raise where ``field`` of a material is not known."""
    what = _WORDS.get(field, field)
    if truth:
        return NotScored(f"the truth does not say {what}")
    reason = material.why.get(field, "") if material is not None else ""
    return NotScored(f"the results do not have {what}" + (f": {reason}" if reason else ""))
