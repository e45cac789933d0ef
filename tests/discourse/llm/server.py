"""A real HTTP server that answers like a language model would, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """One HTTP answer. ``drip_s`` pauses between single bytes."""

    content: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    wait_s: float = 0.0
    drip_s: float = 0.0

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        message = {"choices": [{"message": {"content": self.content}}]}
        return json.dumps(message).encode()


Behaviour = Callable[[dict[str, Any]], Reply]


@dataclass
class Server:
    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def asked_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The utterances that a request asks for."""
    found: list[dict[str, Any]] = json.loads(body["messages"][1]["content"])["asked"]
    return found


def entry(item: dict[str, Any], act: str | None = None, **rest: Any) -> dict[str, Any]:
    """A proper answer for one utterance, unless told otherwise."""
    usual = "t_directs" if item["role"] == "teacher" else "s_responds"
    return {
        "id": item["id"],
        "act": act or usual,
        "quote": item["text"][:2],
        "confidence": 0.9,
        "purpose": None,
        "openness": None,
        "bloom": None,
        "sihe": None,
        **rest,
    }


def codes(entries: list[dict[str, Any]]) -> Reply:
    return Reply(json.dumps({"codes": entries}, ensure_ascii=False))


def good(body: dict[str, Any]) -> Reply:
    return codes([entry(item) for item in asked_of(body)])


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Server]:
    """The server on a free port of this machine."""
    server = Server("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(body)
            server.headers.append(dict(self.headers))
            reply = behaviour(body)
            time.sleep(reply.wait_s)
            data = reply.body()
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if not reply.drip_s:
                    self.wfile.write(data)
                    return
                for at in range(len(data)):
                    self.wfile.write(data[at : at + 1])
                    self.wfile.flush()
                    time.sleep(reply.drip_s)
            except OSError:
                return

        def log_message(self, *args: object) -> None:
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
