"""Downloads against a real HTTP server on this machine."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from classwatch.core.errors import ModelError, ResourceError, UsageError
from classwatch.models import registry as registry_module
from classwatch.models.paths import user_models
from classwatch.models.pull import PullOptions, pull
from classwatch.models.registry import Registry, read_ledger

CONTENT = bytes(range(256)) * 4000  # 1,024,000 bytes
QUICK = PullOptions(connect_timeout_s=1.0, read_timeout_s=0.5)


@dataclass
class Server:
    """A web server whose paths behave as the test says; ``asked`` records (path, Range)."""

    url: str = ""
    routes: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.asked.append((self.path, self.headers.get("Range", "")))
            place = self.path.split("/")[1]
            self.close_connection = True
            if place in state.routes:
                state.routes[place](self)
            else:
                self.send_error(404, "Not Found")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_address[1]}"
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, *, ranges: bool, stop_at: int = -1) -> None:
    """Answer with ``body``; cut the connection after ``stop_at`` bytes of this answer."""
    asked = handler.headers.get("Range", "")
    start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and ranges else 0
    handler.send_response(206 if start else 200)
    handler.send_header("Content-Length", str(len(body) - start))
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
    handler.end_headers()
    rest = body[start:]
    handler.wfile.write(rest if stop_at < 0 else rest[:stop_at])


def whole(body: bytes = CONTENT) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, body, ranges=True)


@pytest.fixture
def make_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> Callable[..., None]:
    """Put a registry with one model, served under the given places, where Registry.load looks."""
    monkeypatch.setenv("CLASSWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CLASSWATCH_MODELS", raising=False)
    monkeypatch.setattr(registry_module, "resource_dir", lambda name: tmp_path / "shipped")

    def make(
        *places: str, sha256: str = hashlib.sha256(CONTENT).hexdigest(), size: int | None = None
    ) -> None:
        kinds = ["hf", "hf-mirror", "modelscope", "github"]
        document = {
            "prefer": {"pose": ["net"]},
            "models": [
                {
                    "name": "net",
                    "task": "pose",
                    "format": "onnx",
                    "licence": "MIT",
                    "sources": [
                        {"kind": kind, "base": f"{server.url}/{place}"}
                        for kind, place in zip(kinds, places, strict=False)
                    ],
                    "files": [{"path": "net.onnx", "sha256": [sha256], "size_bytes": size}],
                }
            ],
        }
        (tmp_path / "shipped").mkdir(exist_ok=True)
        (tmp_path / "shipped" / "registry.yaml").write_text(yaml.safe_dump(document))

    return make


def test_a_model_is_downloaded_verified_and_found(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("good", size=len(CONTENT))
    server.routes["good"] = whole()
    seen: list[int] = []
    model = pull("net", QUICK, lambda file, done, total: seen.append(done))
    assert model.path.read_bytes() == CONTENT
    assert model.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert seen[-1] == len(CONTENT)
    assert sorted(p.name for p in model.path.parent.iterdir() if p.suffix == ".part") == []
    assert Registry.load().find("auto", "pose") == model


def test_a_second_pull_asks_nobody(server: Server, make_registry: Callable[..., None]) -> None:
    make_registry("good")
    server.routes["good"] = whole()
    pull("net", QUICK)
    asked = len(server.asked)
    pull("net", QUICK)
    assert len(server.asked) == asked == 1


def test_the_next_mirror_is_tried_after_a_404(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("missing", "good")
    server.routes["good"] = whole()
    assert pull("net", QUICK).path.read_bytes() == CONTENT
    assert [path for path, _ in server.asked] == ["/missing/net.onnx", "/good/net.onnx"]


def test_a_wrong_digest_is_refused_and_every_place_named(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("bad", "missing")
    server.routes["bad"] = whole(b"something else")
    with pytest.raises(ModelError) as caught:
        pull("net", QUICK)
    text = str(caught.value)
    assert f"{server.url}/bad/net.onnx: wrong digest" in text
    assert hashlib.sha256(b"something else").hexdigest() in text
    assert hashlib.sha256(CONTENT).hexdigest() in text
    assert f"{server.url}/missing/net.onnx: HTTP 404" in text
    assert "model net" in text
    assert "classwatch models import" in caught.value.remedy
    assert not (user_models() / "net" / "net.onnx").exists()
    assert Registry.load().find("net", "pose") is None


def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("flaky", size=len(CONTENT))
    server.routes["flaky"] = lambda h: send(h, CONTENT, ranges=True, stop_at=300_000)
    assert pull("net", QUICK).path.read_bytes() == CONTENT
    starts = [int(r.removeprefix("bytes=").rstrip("-") or 0) for _, r in server.asked]
    assert starts == [0, 300_000, 600_000, 900_000]


def test_a_part_left_by_an_earlier_run_is_used(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("good")
    server.routes["good"] = whole()
    part = user_models() / "net" / "net.onnx.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:1000])
    assert pull("net", QUICK).path.read_bytes() == CONTENT
    assert server.asked == [("/good/net.onnx", "bytes=1000-")]


def test_a_part_of_something_else_does_not_spoil_the_download(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("good")
    server.routes["good"] = whole()
    part = user_models() / "net" / "net.onnx.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    assert pull("net", QUICK).path.read_bytes() == CONTENT
    assert [r for _, r in server.asked] == ["bytes=1000-", ""]


def test_a_server_without_ranges_starts_over(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("plain")
    server.routes["plain"] = lambda h: send(h, CONTENT, ranges=False)
    part = user_models() / "net" / "net.onnx.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:1000])
    assert pull("net", QUICK).path.read_bytes() == CONTENT


def test_an_always_truncated_file_fails_with_both_lengths(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("short", size=len(CONTENT))
    server.routes["short"] = lambda h: send(h, CONTENT[:500], ranges=False)
    with pytest.raises(ModelError, match=f"ended after 500 of {len(CONTENT)} bytes"):
        pull("net", QUICK)
    assert len(server.asked) <= 5


def test_a_file_that_never_ends_is_cut_at_its_size(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("long", size=1000)
    server.routes["long"] = whole(b"x" * 5_000_000)
    with pytest.raises(ModelError, match="larger than the 1000 bytes"):
        pull("net", QUICK)


def test_a_silent_server_is_left_in_time(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("hung", "good")

    def hang(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.flush()
        time.sleep(3)

    server.routes["hung"] = hang
    server.routes["good"] = whole()
    started = time.monotonic()
    options = PullOptions(connect_timeout_s=1.0, read_timeout_s=0.3, attempts=2)
    assert pull("net", options).path.read_bytes() == CONTENT
    assert time.monotonic() - started < 3


def test_nobody_listening_is_an_answer_too(make_registry: Callable[..., None]) -> None:
    make_registry("x")
    document = Path(registry_module.resource_dir("models") / "registry.yaml")
    text = document.read_text()
    port = text.split("127.0.0.1:")[1].split("/")[0]
    document.write_text(text.replace(port, "9"))  # the discard port: nobody listens
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9/x/net\.onnx"):
        pull("net", QUICK)


def test_source_limits_the_places(server: Server, make_registry: Callable[..., None]) -> None:
    make_registry("first", "second")
    server.routes["first"] = server.routes["second"] = whole()
    options = PullOptions(source="hf-mirror", connect_timeout_s=1, read_timeout_s=1)
    pull("net", options)
    assert [path for path, _ in server.asked] == ["/second/net.onnx"]
    (user_models() / "net" / "net.onnx").unlink()
    with pytest.raises(UsageError, match="not offered by github") as caught:
        pull("net", PullOptions(source="github"))
    assert "hf, hf-mirror" in caught.value.remedy


def test_an_unknown_digest_needs_trust_and_is_remembered(
    server: Server, make_registry: Callable[..., None]
) -> None:
    make_registry("good", sha256="unknown")
    server.routes["good"] = whole()
    with pytest.raises(ModelError, match="knows no digest") as caught:
        pull("net", QUICK)
    assert "--trust-first-use" in caught.value.remedy
    assert server.asked == []
    trusting = PullOptions(connect_timeout_s=1, read_timeout_s=1, trust_first_use=True)
    model = pull("net", trusting)
    recorded = read_ledger(user_models() / "imported.json")["net"]
    assert recorded.files[0].sha256 == (hashlib.sha256(CONTENT).hexdigest(),)
    model.path.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(ModelError, match="expected " + hashlib.sha256(CONTENT).hexdigest()):
        Registry.load().find("net", "pose")


def test_two_downloads_of_one_model_do_not_meet(
    server: Server, make_registry: Callable[..., None]
) -> None:
    from filelock import FileLock

    make_registry("good")
    server.routes["good"] = whole()
    folder = user_models() / "net"
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"), pytest.raises(ResourceError, match="under way"):
        pull("net", QUICK)
    assert pull("net", QUICK).path.read_bytes() == CONTENT
