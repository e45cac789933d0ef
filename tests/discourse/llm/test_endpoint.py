"""Which addresses may be asked."""

from __future__ import annotations

import socket

import pytest

from classwatch.config import Config
from classwatch.core.errors import UsageError
from classwatch.discourse.llm.endpoint import is_loopback, open_endpoint
from classwatch.pipeline.prepare import check_language_model


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "localhost"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "0.0.0.0",
        "::ffff:10.0.0.1",
        "127.0.0.1.example.org",
        "example.org",
        "2130706433",
    ],
)
def test_not_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("no name but localhost may be looked up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert not is_loopback(host)


def test_a_localhost_that_is_elsewhere_is_not_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: elsewhere)
    assert not is_loopback("localhost")


def test_the_path_is_put_after_the_base() -> None:
    endpoint = open_endpoint("http://[::1]:8000/v1/", offline=True)
    assert endpoint.chat_url == "http://[::1]:8000/v1/chat/completions"
    assert not open_endpoint("https://example.org/v1", offline=False).loopback


@pytest.mark.parametrize(
    "url",
    ["", "localhost:80/v1", "ftp://127.0.0.1/", "http://", "http://a:b@127.0.0.1/v1",
     "http://127.0.0.1:99999/v1", "http://127.0.0.1/v1?key=x", "http://[::1/v1"],
)  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(UsageError, match=r"discourse\.base_url"):
        open_endpoint(url, offline=False)


def test_offline_refuses_other_machines_only_where_one_would_be_asked() -> None:
    away = {"base_url": "http://192.0.2.7/v1", "model": "m"}
    embedded = Config.model_validate({"discourse": away})
    check_language_model(embedded, offline=True)
    asked = Config.model_validate({"discourse": {**away, "backend": "llm"}})
    check_language_model(asked, offline=False)
    with pytest.raises(UsageError, match="--offline"):
        check_language_model(asked, offline=True)
    nameless = Config.model_validate({"discourse": {"backend": "llm"}})
    with pytest.raises(UsageError, match=r"discourse\.model"):
        check_language_model(nameless, offline=True)
