"""What comes back, believed only as far as it can be checked."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from classwatch.core.codes import ActCode, Bloom, Openness, QuestionPurpose, Sihe
from classwatch.core.errors import DataError
from classwatch.discourse.llm.prompt import MOST_CHARACTERS, Batch, codes_for
from classwatch.discourse.told import Told
from classwatch.discourse.units import Unit
from classwatch.store.jsonio import parse_json

_E = TypeVar("_E", bound=StrEnum)
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
_SPACE = re.compile(r"\s+")


class Flaw(StrEnum):
    """Why an utterance keeps the code of the embedded classifier."""

    UNREACHABLE = "unreachable"
    """No answer, or an error, however often it was asked."""
    MALFORMED = "malformed"
    """The answer is not the JSON that was asked for."""
    MISSING = "missing"
    """The answer leaves the utterance out, or codes it twice."""
    CODE = "code"
    """The code is not in the codebook, or not for who speaks."""
    QUOTE = "quote"
    """The quoted words are not in the utterance."""
    BUDGET = "budget"
    """The budget was spent."""


def read_reply(
    content: str, units: Sequence[Unit], batch: Batch, model: str
) -> Mapping[int, Told | Flaw] | None:
    """Codes by number of the unit, for every unit asked; None where the answer is malformed.

    Entries for anything that was not asked are passed over, whatever they say.
    """
    entries = _entries(content)
    if entries is None:
        return None
    by_id: dict[int, list[Mapping[str, Any]]] = {}
    for entry in entries:
        number = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(number, int) and not isinstance(number, bool):
            by_id.setdefault(number, []).append(entry)
    found: dict[int, Told | Flaw] = {}
    for number, unit in enumerate(batch.asked, start=1):
        own = by_id.get(number, [])
        found[unit] = _told(own[0], units[unit], model) if len(own) == 1 else Flaw.MISSING
    return found


def _entries(content: str) -> list[Any] | None:
    """The list ``codes`` of the JSON object in a text that may hold more around it."""
    text = _THOUGHTS.sub("", content).strip()
    for candidate in (text, text[text.find("{") : text.rfind("}") + 1]):
        try:
            value = parse_json(candidate, subject="answer")
        except DataError:
            continue
        codes = value.get("codes") if isinstance(value, dict) else None
        return codes if isinstance(codes, list) else None
    return None


def _told(entry: Mapping[str, Any], unit: Unit, model: str) -> Told | Flaw:
    act = _one_of(ActCode, entry.get("act"))
    if act is None or act not in codes_for(unit.role):
        return Flaw.CODE
    quote = entry.get("quote")
    if not isinstance(quote, str) or not _within(quote, unit.text[:MOST_CHARACTERS]):
        return Flaw.QUOTE
    told = Told(act, f"llm:{model}", quote.strip(), _confidence(entry.get("confidence")))
    if act is not ActCode.ASKS:
        return told
    return Told(
        told.act,
        told.rule,
        told.quote,
        told.confidence,
        purpose=_one_of(QuestionPurpose, entry.get("purpose")),
        openness=_one_of(Openness, entry.get("openness")),
        bloom=_one_of(Bloom, entry.get("bloom")),
        sihe=_one_of(Sihe, entry.get("sihe")),
    )


def _one_of(kind: type[_E], value: object) -> _E | None:
    return kind(value) if isinstance(value, str) and value in set(kind) else None


def _within(quote: str, text: str) -> bool:
    """Whether the words are in the text; spaces do not count, nothing is no quote."""
    wanted = _SPACE.sub("", quote)
    return bool(wanted) and wanted in _SPACE.sub("", text)


def _confidence(value: object) -> float:
    """A share; 0.5 where the model names none that can be one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0.5
    return min(1.0, max(0.0, float(value)))
