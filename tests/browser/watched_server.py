"""Run `companion serve` under a watch: any attempt to reach another machine, or to look a name up, is written down and refused.

Used as a script: `python watched_server.py LOG serve --port N`.
"""

from __future__ import annotations

import ipaddress
import sys

_LOCAL_NAMES = {"localhost", "", None, "127.0.0.1", "::1", b"localhost"}


def watch(log: str) -> None:
    """Refuse and write down every connection and name look-up that leaves this machine."""

    def hook(event: str, args: tuple[object, ...]) -> None:
        target = _target(event, args)
        if target is None or _is_local(target):
            return
        with open(log, "a", encoding="utf-8") as out:
            out.write(f"{event} {target!r}\n")
        raise ConnectionRefusedError(f"{event} is refused in this test")

    sys.addaudithook(hook)


def _target(event: str, args: tuple[object, ...]) -> object:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        return address[0] if isinstance(address, tuple) else None
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        return args[0]
    return None


def _is_local(target: object) -> bool:
    if target in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(target)).is_loopback or str(target) in {"0.0.0.0", "::"}
    except ValueError:
        return False


if __name__ == "__main__":
    watch(sys.argv.pop(1))
    from companion.cli import main

    main()
