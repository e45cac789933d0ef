"""Asking the endpoint: bounded in time, size, number and patience."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from classwatch.config.schema import DiscourseConfig
from classwatch.core.errors import DataError
from classwatch.discourse.llm.endpoint import Endpoint
from classwatch.discourse.llm.reply import Flaw
from classwatch.store.jsonio import canonical_json, parse_json

if TYPE_CHECKING:
    import httpx

KEY_VARIABLE = "CLASSWATCH_LLM_KEY"
MOST_BYTES = 1_000_000
"""A longer answer is cut off and counts as none."""
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_NO_SCHEMA = frozenset({400, 422, 501})
"""What servers answer that do not know ``response_format``."""
_LONGEST_WAIT_S = 30.0
_CHARACTERS_A_TOKEN = 2
"""Estimate where the server does not count: between Chinese (1) and English (4)."""


class NoAnswerError(Exception):
    """There is no answer to be had; ``flaw`` says why."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


class _TryAgainError(Exception):
    """This try failed; another may do. ``after_s`` is what the server asks to wait, if it does."""

    def __init__(self, after_s: float | None = None) -> None:
        super().__init__()
        self.after_s = after_s


@dataclass(slots=True)
class Client:
    """Asks one endpoint within one lesson's budget. ``tick`` is called before every try."""

    endpoint: Endpoint
    cfg: DiscourseConfig
    first_wait_s: float = 1.0
    tick: Callable[[], None] = lambda: None
    requests: int = 0
    tokens: int = 0
    structured: bool = True
    began_s: float = field(default_factory=time.monotonic)

    def ask(self, body: dict[str, Any]) -> str:
        """The text of the answer. Raises ``NoAnswerError`` when budget or patience is spent."""
        for attempt in range(self.cfg.retries + 1):
            wait_s = min(_LONGEST_WAIT_S, self.first_wait_s * 2**attempt)
            try:
                return self._ask_once(body)
            except _TryAgainError as again:
                wait_s = wait_s if again.after_s is None else min(_LONGEST_WAIT_S, again.after_s)
            if attempt < self.cfg.retries:
                time.sleep(min(wait_s, max(0.0, self._left_s())))
        raise NoAnswerError(Flaw.UNREACHABLE)

    def _left_s(self) -> float:
        return self.cfg.max_seconds - (time.monotonic() - self.began_s)

    def _ask_once(self, body: dict[str, Any]) -> str:
        spent = self.requests >= self.cfg.max_requests or self.tokens >= self.cfg.max_tokens
        if spent or self._left_s() <= 0:
            raise NoAnswerError(Flaw.BUDGET)
        self.tick()
        self.requests += 1
        sent = body if self.structured else _without_format(body)
        status, after_s, raw = self._post(canonical_json(sent))
        if status in _NO_SCHEMA and self.structured:
            self.structured = False
            return self._ask_once(body)
        if status in _AGAIN:
            raise _TryAgainError(after_s)
        if status != 200:
            raise NoAnswerError(Flaw.UNREACHABLE)
        return self._content(sent, raw)

    def _content(self, body: dict[str, Any], raw: bytes) -> str:
        try:
            answer: Any = parse_json(raw, subject="answer")
            content = answer["choices"][0]["message"]["content"]
        except (DataError, KeyError, IndexError, TypeError):
            raise NoAnswerError(Flaw.MALFORMED) from None
        if not isinstance(content, str):
            raise NoAnswerError(Flaw.MALFORMED)
        usage = answer.get("usage")
        counted = usage.get("total_tokens") if isinstance(usage, dict) else None
        if not isinstance(counted, int) or isinstance(counted, bool) or counted < 0:
            asked = sum(len(message["content"]) for message in body["messages"])
            counted = (asked + len(content)) // _CHARACTERS_A_TOKEN
        self.tokens += counted
        return content

    def _post(self, data: bytes) -> tuple[int, float | None, bytes]:
        """Status, seconds that the server asks to wait, and body. Raises ``_TryAgainError``."""
        import httpx

        limit_s = min(self.cfg.timeout_s, max(0.1, self._left_s()))
        stop_s = time.monotonic() + limit_s
        # No proxies or redirects: the words of a lesson go to the endpoint and nowhere else.
        with (
            _network_errors(httpx),
            httpx.Client(
                timeout=limit_s,
                trust_env=False,
                follow_redirects=False,
                # Reading the certificates takes longer than many an answer.
                verify=self.endpoint.chat_url.startswith("https:"),
            ) as client,
            client.stream(
                "POST", self.endpoint.chat_url, content=data, headers=_headers()
            ) as response,
        ):
            raw = bytearray()
            for block in response.iter_bytes(65_536):
                raw += block
                if len(raw) > MOST_BYTES:
                    raise NoAnswerError(Flaw.MALFORMED)
                # A server that sends a byte now and then never runs into a timeout of its own.
                if time.monotonic() > stop_s:
                    raise _TryAgainError
            return response.status_code, _seconds(response.headers), bytes(raw)


@contextmanager
def _network_errors(library: Any) -> Iterator[None]:
    try:
        yield
    except (library.HTTPError, library.InvalidURL, library.StreamError, UnicodeError):
        raise _TryAgainError from None


def _headers() -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    key = os.environ.get(KEY_VARIABLE, "").strip()
    return {**headers, "Authorization": f"Bearer {key}"} if key else headers


def _seconds(headers: httpx.Headers) -> float | None:
    try:
        after_s = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return after_s if 0 <= after_s < float("inf") else None


def _without_format(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "response_format"}
