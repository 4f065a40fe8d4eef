"""A relay on loopback between a program and a server: passes every byte on, and keeps what went each way."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit


class RecordingRelay:
    """Listen on a free port of 127.0.0.1 and pass everything on to a server until closed. url: of the server, with its path.

    asked, answered: the bytes that went to the server and came back; answers: in how many pieces they came.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server, self._path = (parts.hostname or "127.0.0.1", parts.port or 80), parts.path
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.asked, self.answered, self.answers = bytearray(), bytearray(), 0

    @property
    def base_url(self) -> str:
        """Return what to set OPENAI_BASE_URL to."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}{self._path}"

    def __enter__(self) -> RecordingRelay:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._server)
                threading.Thread(target=self._pass_on, args=(near, far, self._note_asked), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(far, near, self._note_answered), daemon=True).start()

    def _note_asked(self, piece: bytes) -> None:
        self.asked += piece

    def _note_answered(self, piece: bytes) -> None:
        self.answered += piece
        self.answers += 1

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket, note: Callable[[bytes], None]) -> None:
        with contextlib.suppress(OSError):  # either side hung up
            while piece := source.recv(65536):
                note(piece)
                target.sendall(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
