"""An endpoint that fails in one of ten ways, for measuring how soon a reply comes all the same (promise P6)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_MEGABYTE = 1_000_000
_PATIENCE_S = 30.0
"""How long a hanging request is kept open; longer than any deadline of the writer."""


class FaultyEndpoint:
    """Serve on a free port of 127.0.0.1 and fail in one way until closed. fault: one of `FAULTS`."""

    def __init__(self, fault: str) -> None:
        self._server = _Server(fault)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def base_url(self) -> str:
        """Return what to set OPENAI_BASE_URL to."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        """Stop serving and let go of the requests that hang."""
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, fault: str) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.fail = FAULTS[fault]
        self.closing = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: the writer hangs up at its deadlines."""


class _Exchange(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """Read the request and fail."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with suppress(OSError):
            self.server.fail(self)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def answer(self, content: bytes, kind: str = "text/event-stream", status: int = 200) -> None:
        """Send a whole answer, or what looks like one; the connection closes after it."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def hang(self) -> None:
        """Say nothing more."""
        self.server.closing.wait(_PATIENCE_S)


def _event(text: str | None, **more: object) -> bytes:
    choices = [] if text is None else [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}]
    body = {"id": "faulty", "object": "chat.completion.chunk", "created": 0, "model": "faulty", "choices": choices} | more
    return f"data: {json.dumps(body)}\n\n".encode()


def _status(status: int) -> Callable[[_Exchange], None]:
    return lambda exchange: exchange.answer(b'{"error": {"message": "no"}}', "application/json", status)


def _stall(exchange: _Exchange) -> None:
    exchange.answer(_event("It sounds as if "))
    exchange.hang()


_INVENTED = "Ring 555 1234 9999 now [9]. You should take 20 mg of it [8]. "

FAULTS: Mapping[str, Callable[[_Exchange], None]] = {
    "429": _status(429),
    "500": _status(500),
    "503": _status(503),
    "hangs": _Exchange.hang,
    "stalls in a sentence": _stall,
    "half a stream": lambda exchange: exchange.answer(_event("It sounds hard. ") + _event("What")),
    "invalid JSON": lambda exchange: exchange.answer(b"data: {not json\n\n"),
    "empty choices": lambda exchange: exchange.answer(_event(None) + b"data: [DONE]\n\n"),
    "ten megabytes": lambda exchange: exchange.answer(_event("a " * (5 * _MEGABYTE)) + b"data: [DONE]\n\n"),
    "invented citations and numbers": lambda exchange: exchange.answer(_event(_INVENTED) + b"data: [DONE]\n\n"),
}
