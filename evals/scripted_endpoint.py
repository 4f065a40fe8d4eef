"""An OpenAI-compatible endpoint on loopback whose replies are written by code: what a language model would do, without one.

The name of the model in a request chooses who writes. Nothing leaves this machine.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ScriptedWriter = Callable[[Sequence[Mapping[str, str]]], str]
"""Write a reply to the messages of a request, each with `role` and `content`, oldest first."""
_FRAGMENT_CHARS = 7
"""Small enough that words and numbers are cut in two between fragments, as true servers do."""


class ScriptedEndpoint:
    """Serve on a free port of 127.0.0.1 until closed, or until the program ends. writers: model name → who writes."""

    def __init__(self, writers: Mapping[str, ScriptedWriter]) -> None:
        self._server = _Server(writers)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        """Return what to set OPENAI_BASE_URL to."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, writers: Mapping[str, ScriptedWriter]) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.writers = writers

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: readers hang up as soon as their reply is full."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Stream the reply of the writer that the request names; 404 for an unknown one."""
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        writer = self.server.writers.get(asked.get("model", ""))
        if writer is None:
            self.send_error(404)
            return
        with suppress(OSError):  # the reader hung up, since its reply was full
            self._stream(writer(asked["messages"]))

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def _stream(self, reply: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(reply), _FRAGMENT_CHARS):
            self._send_event({"role": "assistant", "content": reply[start : start + _FRAGMENT_CHARS]}, None)
        self._send_event({}, "stop")
        self._send_chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _send_event(self, delta: Mapping[str, str], finish_reason: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        event = {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": "scripted", "choices": [choice]}
        self._send_chunk(f"data: {json.dumps(event)}\n\n".encode())

    def _send_chunk(self, content: bytes) -> None:
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        self.wfile.flush()
