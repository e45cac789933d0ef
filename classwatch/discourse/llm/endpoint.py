"""Where the language model is: checked before anything is sent there."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from classwatch.core.errors import UsageError

_SUBJECT = "discourse.base_url"
_REMEDY = "such as http://127.0.0.1:11434/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint; ``loopback`` says that it is on this machine."""

    chat_url: str
    loopback: bool


def open_endpoint(base_url: str, *, offline: bool) -> Endpoint:
    """The endpoint at ``base_url``.

    Errors: ``UsageError`` where it is no plain HTTP address, holds a name or password (they would
    be kept with the results), or is not on this machine and ``offline`` is asked for.
    """
    try:
        parts = urlsplit(base_url.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(f"is no address: {error}", subject=_SUBJECT, remedy=_REMEDY) from None
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError("is no HTTP address", subject=_SUBJECT, remedy=_REMEDY)
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            "must hold no name, password, query or fragment",
            subject=_SUBJECT,
            remedy="a key belongs into the environment variable CLASSWATCH_LLM_KEY",
        )
    loopback = is_loopback(host)
    if offline and not loopback:
        raise UsageError(
            "is not on this machine, and --offline is asked for",
            subject=_SUBJECT,
            remedy="run the model here (127.0.0.1), or leave out --offline or the back end `llm`",
        )
    return Endpoint(parts.geturl().rstrip("/") + "/chat/completions", loopback)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: 127.0.0.0/8, ::1, or ``localhost`` where it means these.

    No other name is looked up: that would ask the network already.
    """
    try:
        return _loops(host)
    except ValueError:
        pass
    if host.casefold() != "localhost":
        return False
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return bool(found) and all(_loops(str(info[4][0])) for info in found)


def _loops(address: str) -> bool:
    number = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(number, "ipv4_mapped", None)
    return (mapped or number).is_loopback
