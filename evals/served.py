"""A running Companion in a process of its own, as an employee's browser meets it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from companion.settings import ROOT
from evals.errors import UsageError

_START_WITHIN_S = 120.0


@contextmanager
def served(**environment: str) -> Iterator[str]:
    """Serve on a free port and give the address of its websocket; stop at the end. environment: settings, on top of this process's own.

    Raises: UsageError when it does not come up.
    """
    port = _free_port()
    own = {"COMPANION_STATE_DIR": str(ROOT / "var" / "evals"), "COMPANION_WATCH_KNOWLEDGE": "false"} | environment
    command = [sys.executable, "-m", "companion.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stderr=subprocess.DEVNULL)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"ws://127.0.0.1:{port}/_stcore/stream"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urlopen(address, timeout=2):  # noqa: S310 - our own server on loopback
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise UsageError("the server did not come up; run `companion doctor`.")
