"""Label Studio's JSON for sound and film: labelled stretches of time, both ways.

Format: "Label Studio JSON format of annotated tasks" and the tags AudioPlus/Audio with Labels, and
Video with TimelineLabels (whose ranges are frames). A tier is a control tag (``from_name``), the
text of an annotation its label.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classwatch.core.errors import InputError
from classwatch.exchange.eaf import Annotation, Tier
from classwatch.exchange.encodings import decode, note_of, read_bytes
from classwatch.exchange.tiers import Coding, Written, coding_of, in_order, to_ms
from classwatch.store.jsonio import parse_json

_REMEDY = "export from Label Studio as JSON (not JSON-MIN)"
_NO_TEXT = "(no text)"
_TIMED = ("labels", "timelinelabels", "textarea", "choices")


def read_label_studio(path: Path, task: int | None = None, fps: float | None = None) -> Coding:
    """The annotations of one task; predictions where nobody annotated it.

    ``task`` is the id of the task where the file holds several. Of several annotators the last one
    that was not cancelled counts. ``fps`` turns frames of film into time where the file does not
    say ``fps`` itself. Raises InputError naming the file and what is wrong.
    """
    subject = str(path)
    text, encoding = decode(read_bytes(path), subject)
    document = parse_json(text.encode("utf-8"), subject=subject)
    chosen = _task(document, task, subject)
    notes = list(note_of(encoding))
    try:
        regions = _regions(chosen, notes)
        tiers = _tiers(regions, fps or _fps(chosen), notes)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise InputError(
            "is no task of Label Studio with times", subject=subject, remedy=_REMEDY
        ) from None
    media = [Path(str(v)).name for v in _data(chosen).values() if "." in Path(str(v)).name[-5:]]
    return coding_of(tiers, subject, media=media[:1], notes=notes)


def _task(document: Any, task: int | None, subject: str) -> Mapping[str, Any]:
    tasks = document if isinstance(document, list) else [document]
    if not tasks or not all(isinstance(t, dict) for t in tasks):
        raise InputError("holds no task", subject=subject, remedy=_REMEDY)
    if task is None and len(tasks) == 1:
        found: Mapping[str, Any] = tasks[0]
        return found
    for candidate in tasks:
        if task is not None and candidate.get("id") == task:
            chosen: Mapping[str, Any] = candidate
            return chosen
    known = ", ".join(str(t.get("id", "?")) for t in tasks[:20])
    raise InputError(
        f"holds {len(tasks)} tasks" if task is None else f"has no task {task}",
        subject=subject,
        remedy=f"name one with --part; tasks here: {known}",
    )


def _data(task: Mapping[str, Any]) -> Mapping[str, Any]:
    data = task.get("data")
    return data if isinstance(data, dict) else {}


def _fps(task: Mapping[str, Any]) -> float | None:
    value = _data(task).get("fps")
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _regions(task: Mapping[str, Any], notes: list[str]) -> Sequence[Mapping[str, Any]]:
    given = [a for a in task.get("annotations") or [] if not a.get("was_cancelled")]
    if len(given) > 1:
        notes.append(f"{len(given)} people annotated the task: the last one's work was read")
    if not given:
        given = list(task.get("predictions") or [])
        notes.append("nobody annotated the task: predictions were read")
    return list(given[-1]["result"]) if given else []


def _tiers(regions: Sequence[Mapping[str, Any]], fps: float | None, notes: list[str]) -> list[Tier]:
    found: dict[str, list[Annotation]] = {}
    other = 0
    for region in regions:
        kind, value = str(region.get("type", "")), region.get("value", {})
        if kind not in _TIMED or not ({"start", "end"} <= value.keys() or "ranges" in value):
            other += 1
            continue
        texts = value.get(kind, value.get("text", []))
        label = " | ".join(texts) if isinstance(texts, list) else str(texts)
        label = "" if label == _NO_TEXT else label
        own = found.setdefault(str(region.get("from_name", "labels")), [])
        own += [Annotation(start_s, end_s, label) for start_s, end_s in _times(value, fps)]
    if any("ranges" in region.get("value", {}) for region in regions):
        notes.append("times come from numbers of frames: they are right to one frame")
    if other:
        notes.append(f"{other} entries without times were left out")
    return [Tier(name, in_order(items)) for name, items in found.items()]


def _times(value: Mapping[str, Any], fps: float | None) -> list[tuple[float, float]]:
    if "ranges" not in value:
        return [(float(value["start"]), float(value["end"]))]
    if fps is None:
        raise InputError(
            "its times are frames of a film and nothing says how many there are in a second",
            remedy="give --fps, or put fps into the data of the task",
        )
    # Frames are counted from 1, and the last one belongs to the range.
    return [((float(r["start"]) - 1) / fps, float(r["end"]) / fps) for r in value["ranges"]]


def write_label_studio(coding: Coding) -> Written:
    """One task whose predictions are the coding: people correct them in Label Studio.

    Lost: participants, and which texts a tier may have (the labelling set-up of the project says
    that). The project needs one ``<Labels name=TIER toName="audio">`` for each tier.
    """
    results: list[dict[str, Any]] = []
    for tier in coding.tiers:
        for item in in_order(tier.annotations):
            start_s, end_s = to_ms(item.start_s) / 1000, to_ms(item.end_s) / 1000
            label = item.text or _NO_TEXT
            results.append(
                {
                    "id": _id(tier.name, start_s, end_s, label, len(results)),
                    "from_name": tier.name,
                    "to_name": "audio",
                    "type": "labels",
                    "value": {"start": start_s, "end": end_s, "channel": 0, "labels": [label]},
                }
            )
    losses = ["participants and vocabularies of tiers are not kept"]
    if any(not a.text for t in coding.tiers for a in t.annotations):
        losses.append(f"annotations without text are called {_NO_TEXT}")
    task = {
        "data": {"audio": coding.media[0] if coding.media else ""},
        "predictions": [{"model_version": "classwatch", "result": results}],
    }
    text = json.dumps([task], ensure_ascii=False, indent=1) + "\n"
    return Written(text.encode("utf-8", "replace"), tuple(losses))


def _id(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()[:10]
