"""Utterances of a lesson coded by the language model, as far as it gives usable answers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classwatch.config.schema import DiscourseConfig
from classwatch.core.errors import DataError
from classwatch.core.issues import Issue, Severity
from classwatch.core.progress import Progress, silent
from classwatch.discourse.llm.client import Client, NoAnswerError
from classwatch.discourse.llm.prompt import Batch, batches, request_body
from classwatch.discourse.llm.reply import Flaw, read_reply
from classwatch.discourse.told import Told
from classwatch.discourse.units import Unit
from classwatch.store.cache import Cache
from classwatch.store.files import replace_bytes
from classwatch.store.jsonio import canonical_json, parse_json

ANSWER_FILE = "answer.json"
GIVE_UP_AFTER = 3
"""Requests in a row without any answer, after which the endpoint is taken to be down."""


@dataclass(frozen=True, slots=True, eq=False)
class LlmCodes:
    """Codes by number of the unit; ``left`` counts the units without one, by reason."""

    told: Mapping[int, Told]
    asked: int
    left: Mapping[Flaw, int]


def code_units(
    units: Sequence[Unit],
    client: Client,
    cache: Cache,
    progress: Progress = silent,
) -> LlmCodes:
    """Ask for all units that have words and a role.

    Answers are kept in the cache under what was asked, wherever it was sent; an answer that is
    not usable at all is asked for again in halves. Nothing that goes wrong is an exception.
    """
    run = _Run(units, client, cache)
    planned = batches(units, client.cfg)
    for done, batch in enumerate(planned, start=1):
        run.code(batch)
        progress(done / len(planned))
    told = {at: value for at, value in run.found.items() if isinstance(value, Told)}
    flaws = Counter(value for value in run.found.values() if isinstance(value, Flaw))
    return LlmCodes(told, len(run.found), {flaw: flaws[flaw] for flaw in Flaw if flaws[flaw]})


class _Run:
    def __init__(self, units: Sequence[Unit], client: Client, cache: Cache) -> None:
        self.units, self.client, self.cache = units, client, cache
        self.found: dict[int, Told | Flaw] = {}
        self.silent = 0

    def code(self, batch: Batch) -> None:
        """Code a batch, in halves where its answer is malformed."""
        try:
            answers = self._answers(batch)
        except NoAnswerError as error:
            if error.flaw is Flaw.MALFORMED and len(batch.asked) > 1:
                middle = len(batch.asked) // 2
                self.code(Batch(batch.asked[:middle], batch.before, batch.after))
                self.code(Batch(batch.asked[middle:], batch.before, batch.after))
                return
            self.silent += error.flaw is Flaw.UNREACHABLE
            answers = dict.fromkeys(batch.asked, error.flaw)
        self.found.update(answers)

    def _answers(self, batch: Batch) -> Mapping[int, Told | Flaw]:
        body = request_body(self.units, batch, self.client.cfg)
        key = hashlib.sha256(canonical_json({"llm": 1, "body": body})).hexdigest()
        kept = self.cache.lookup(key)
        if kept is not None:
            known = self._read(_kept_text(kept.path), batch)
            if known is not None:
                return known
            self.cache.remove(key)
        if self.silent >= GIVE_UP_AFTER:
            raise NoAnswerError(Flaw.UNREACHABLE)
        asked: list[Mapping[int, Told | Flaw]] = []

        def make(folder: Path) -> None:
            text = self.client.ask(body)
            self.silent = 0
            answers = self._read(text, batch)
            if answers is None:
                raise NoAnswerError(Flaw.MALFORMED)
            asked.append(answers)
            replace_bytes(folder / ANSWER_FILE, canonical_json({"text": text}))

        entry, _ = self.cache.obtain(key, make)
        if asked:
            return asked[0]
        found = self._read(_kept_text(entry.path), batch)
        if found is None:
            raise NoAnswerError(Flaw.MALFORMED)
        return found

    def _read(self, content: str, batch: Batch) -> Mapping[int, Told | Flaw] | None:
        return read_reply(content, self.units, batch, self.client.cfg.model)


def _kept_text(folder: Path) -> str:
    """The answer that was kept; "" where it cannot be read."""
    try:
        value: Any = parse_json((folder / ANSWER_FILE).read_bytes(), subject=ANSWER_FILE)
        return str(value["text"])
    except (OSError, DataError, KeyError, TypeError):
        return ""


def issues_of(codes: LlmCodes, cfg: DiscourseConfig, *, loopback: bool) -> tuple[Issue, ...]:
    """What a reader of the results should know: who coded how much, and where the words went."""
    left = sum(codes.left.values())
    counts = {flaw.value: codes.left.get(flaw, 0) for flaw in Flaw}
    why = ", ".join(f"{flaw.value} {count}" for flaw, count in codes.left.items())
    found = [
        Issue(
            "codes.llm",
            Severity.WARNING if left else Severity.INFO,
            "codes",
            f"{codes.asked - left} of {codes.asked} utterances were coded by the language model "
            f"{cfg.model}; the embedded classifier coded the others" + (f" ({why})" if why else ""),
            remedy="look at the server and its budget (discourse.*), then run again with --force"
            if left
            else "",
            detail={
                "told": codes.asked - left,
                "asked": codes.asked,
                "left": left,
                "model": cfg.model,
                **counts,
            },
        )
    ]
    if not loopback:
        found.append(
            Issue(
                "codes.llm_remote",
                Severity.WARNING,
                "codes",
                "the words of this lesson were sent to a language model on another machine",
                remedy="run the model on this machine; --offline refuses any other",
            )
        )
    return tuple(found)
