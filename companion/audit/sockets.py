"""Watch the sockets of this process: where it connects, which names it looks up, and every byte that Python hands to a socket."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
from pathlib import Path
from typing import Any

_LOCK = threading.Lock()


def record_sockets(folder: Path) -> None:
    """Write from now on all bytes sent to `sent.bin`, and each look-up or connection beyond loopback to `reached.txt`.

    What a C library sends by itself, such as the driver of PostgreSQL, is seen as a connection but not as bytes.
    """
    sent, reached = folder / "sent.bin", folder / "reached.txt"

    def note(content: Any) -> None:
        with _LOCK, sent.open("ab") as file:
            file.write(bytes(content))

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto"}:
            address = arguments[1]
            place = str(address[0]) if isinstance(address, tuple) else ""
        elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            place = str(arguments[0] or "")
        else:
            return
        if place and not _is_here(place):
            with _LOCK, reached.open("a", encoding="utf-8") as file:
                file.write(f"{event} {place}\n")

    sys.addaudithook(watch)
    _wrap("send", note)
    _wrap("sendall", note)
    _wrap("sendto", note)


def _wrap(name: str, note: Any) -> None:
    original = getattr(socket.socket, name)

    def sending(self: socket.socket, content: Any, *more: Any) -> Any:
        note(content)
        return original(self, content, *more)

    setattr(socket.socket, name, sending)


def _is_here(place: str) -> bool:
    if place == "localhost":
        return True
    try:
        return ipaddress.ip_address(place).is_loopback
    except ValueError:
        return False
