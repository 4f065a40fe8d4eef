"""An OpenAI-compatible server on loopback that does what a test tells it, and records every byte it receives.

    with ScriptedLLM() as server:
        server.will(Ok("It sounds as if work follows you home. What circles most?"))
        …                       # point OPENAI_BASE_URL at server.base_url
        server.requests[0].json["messages"]

`will` takes one behaviour, used for every request, or several, used in turn (the last one stays). `Ok` takes the text to stream, or a
function from the request to that text.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """Hold one request. headers: by name in lower case. raw: request line, headers and body exactly as they came."""

    path: str
    headers: dict[str, str]
    body: bytes
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Return the body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class Behaviour(ABC):
    """Answer one request."""

    @abstractmethod
    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Write the answer, or do not."""


@dataclass(frozen=True)
class Ok(Behaviour):
    """Stream a text in fragments of `size` characters."""

    text: str | Callable[[Received], str]
    size: int = 7

    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Stream and finish."""
        text = self.text if isinstance(self.text, str) else self.text(server.requests[-1])
        exchange.start_stream()
        for start in range(0, len(text), self.size):
            exchange.send_delta(text[start : start + self.size])
        exchange.send_done()


@dataclass(frozen=True)
class Status(Behaviour):
    """Refuse with a status code: 429, 500, 503 …"""

    code: int

    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Send an error as OpenAI does."""
        exchange.send_whole(self.code, "application/json", json.dumps({"error": {"message": "scripted", "type": "scripted"}}))


@dataclass(frozen=True)
class Hang(Behaviour):
    """Take the request and never answer."""

    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Wait until the test is over."""
        server.is_closing.wait()


@dataclass(frozen=True)
class Stall(Behaviour):
    """Stream some fragments, then fall silent with the connection open."""

    fragments: tuple[str, ...]

    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Stream and wait until the test is over."""
        exchange.start_stream()
        for fragment in self.fragments:
            exchange.send_delta(fragment)
        server.is_closing.wait()


@dataclass(frozen=True)
class Cut(Behaviour):
    """Stream some fragments, then reset the connection."""

    fragments: tuple[str, ...]

    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Stream and reset."""
        exchange.start_stream()
        for fragment in self.fragments:
            exchange.send_delta(fragment)
        exchange.reset()


@dataclass(frozen=True)
class InvalidJson(Behaviour):
    """Stream an event that is not JSON."""

    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Send half an object."""
        exchange.start_stream()
        exchange.send_chunk(b'data: {"choices": [{"delta": {"content": "Hel\n\n')
        exchange.send_done()


@dataclass(frozen=True)
class EmptyChoices(Behaviour):
    """Stream events without choices."""

    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Send events that say nothing."""
        exchange.start_stream()
        for _ in range(3):
            exchange.send_event({**_EVENT, "choices": []})
        exchange.send_done()


@dataclass(frozen=True)
class Babble(Behaviour):
    """Stream `megabytes` of words without a sentence's end, or of `text` again and again."""

    megabytes: int = 10
    text: str = "and so on and on "

    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Send until all is sent or the client hangs up."""
        exchange.start_stream()
        fragment = self.text * (64_000 // len(self.text))
        for _ in range(self.megabytes * 1_000_000 // len(fragment)):
            exchange.send_delta(fragment)
        exchange.send_done()


@dataclass(frozen=True)
class NotAStream(Behaviour):
    """Answer 200 with something that is no event stream, as a captive portal does."""

    content_type: str = "text/html"
    content: str = "<html><body>Please sign in</body></html>"

    def answer(self, exchange: _Exchange, server: ScriptedLLM) -> None:
        """Send the page."""
        exchange.send_whole(200, self.content_type, self.content)


_EVENT = {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server  # type: ignore[assignment]

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def start_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_delta(self, text: str) -> None:
        self.send_event({**_EVENT, "choices": [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}]})

    def send_event(self, event: object) -> None:
        self.send_chunk(f"data: {json.dumps(event)}\n\n".encode())

    def send_chunk(self, content: bytes) -> None:
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        self.wfile.flush()

    def send_done(self) -> None:
        self.send_event({**_EVENT, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.send_chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def send_whole(self, code: int, content_type: str, content: str) -> None:
        body = content.encode()
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        raw = f"{self.requestline}\r\n{self.headers}".encode() + body
        behaviour = self.server.script.take(Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body, raw))
        with contextlib.suppress(OSError):  # the client hung up, which some tests want
            behaviour.answer(self, self.server.script)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, script: ScriptedLLM) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.script = script


class ScriptedLLM:
    """Serve on a free port of 127.0.0.1 until closed. requests: all that came, oldest first."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.is_closing = threading.Event()
        self._behaviours: list[Behaviour] = [Ok("It sounds as if a lot is going on. What is on your mind?")]
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> ScriptedLLM:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        """Return what to set OPENAI_BASE_URL to."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def received_bytes(self) -> bytes:
        """Return every byte received so far."""
        return b"\n".join(request.raw for request in self.requests)

    def will(self, *behaviours: Behaviour) -> None:
        """Set what happens to the requests that follow: one behaviour each, the last one for all after it."""
        self._behaviours = list(behaviours)

    def take(self, request: Received) -> Behaviour:
        """Record a request and return what to do with it."""
        with self._lock:
            self.requests.append(request)
            return self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
