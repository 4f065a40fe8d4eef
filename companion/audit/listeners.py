"""Two small servers on loopback that the audited program talks to: a language model and a receiver of notices. They keep every byte."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

_REPLY = "It sounds as if a lot has come together. What weighs on you most?"
_MOODS = ("answers", "answers", "answers", "refuses", "answers", "breaks off", "answers", "babbles", "answers", "says nothing")
"""How the model behaves in turn; real servers do all of this."""


class Listener:
    """Receive requests and keep them. received: raw bytes of each request, oldest first."""

    def __init__(self, *, is_model: bool) -> None:
        self.received: list[bytes] = []
        self.is_model = is_model
        self.is_closing = threading.Event()
        self._server = _Server(self)

    def __enter__(self) -> Listener:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.is_closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Return the port on 127.0.0.1."""
        return int(self._server.server_port)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: Listener) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.listener = listener

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: the audited program is killed in the middle, and hangs up on a model that is too slow."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Keep a request and answer it."""
        listener = self.server.listener
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        listener.received.append(f"{self.requestline}\r\n{self.headers}".encode() + body)
        with contextlib.suppress(OSError):
            if listener.is_model:
                self._answer_as_model(_MOODS[len(listener.received) % len(_MOODS)])
            else:
                self._say(200, b"{}")

    do_GET = do_POST  # noqa: N815 - the name is the library's

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""

    def _answer_as_model(self, mood: str) -> None:
        if mood == "refuses":
            self._say(500, b'{"error": {"message": "refused"}}')
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if mood == "says nothing":
            self.server.listener.is_closing.wait(1.0)
            self.close_connection = True
            return
        for word in (_REPLY if mood != "babbles" else "and so on " * 400).split(" "):
            self._send({"choices": [{"index": 0, "delta": {"role": "assistant", "content": f"{word} "}, "finish_reason": None}]})
            if mood == "breaks off":
                self.close_connection = True
                return
        self._send({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self._chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, event: dict[str, object]) -> None:
        whole = {"id": "a", "object": "chat.completion.chunk", "created": 0, "model": "audit", **event}
        self._chunk(f"data: {json.dumps(whole)}\n\n".encode())

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        self.wfile.flush()

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
