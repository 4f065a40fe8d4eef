"""Walk the chat inside a network namespace of its own, with every packet recorded. Prints one JSON object.

Run by `test_nobody_is_contacted.py` as `unshare --net --map-root-user python isolated_walk.py STATE_DIR LOG`.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright
from walks import AT_RISK, TIRED, Server, past_notice, say

_IFF_UP = 0x1
_SIOCSIFFLAGS = 0x8914
_ALL_PROTOCOLS = 0x0003
_PORT = 8501
_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def bring_loopback_up() -> None:
    """Switch on `lo`, the only interface that a new namespace has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))


class Capture(threading.Thread):
    """Record destination address and port of every IP packet on every interface."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.destinations: set[tuple[str, int]] = set()
        self.packets = 0
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL_PROTOCOLS))

    def run(self) -> None:
        while True:
            frame = self._socket.recv(65535)
            self.packets += 1
            kind = struct.unpack("!H", frame[12:14])[0]
            if kind == 0x0800:
                header = (frame[14] & 0x0F) * 4
                protocol = frame[23]
                port = struct.unpack("!H", frame[14 + header + 2 : 14 + header + 4])[0] if protocol in {6, 17} else 0
                self.destinations.add((socket.inet_ntoa(frame[30:34]), port))
            elif kind == 0x86DD:
                port = struct.unpack("!H", frame[56:58])[0] if frame[20] in {6, 17} else 0
                self.destinations.add((socket.inet_ntop(socket.AF_INET6, frame[38:54]), port))


def main(state_dir: str, log: str) -> None:
    """Serve, walk, and print what was seen."""
    bring_loopback_up()
    capture = Capture()
    capture.start()
    here = Path(__file__).parent
    command = [sys.executable, str(here / "watched_server.py"), log, "serve", "--port", str(_PORT)]
    environment = os.environ | {"COMPANION_STATE_DIR": state_dir, "COMPANION_COUNTRY": "GB", "LANGSMITH_TRACING": "true"}
    process = subprocess.Popen(command, env=environment, cwd=here.parent.parent)
    server = Server(f"http://127.0.0.1:{_PORT}", Path(state_dir))
    try:
        _wait_until_up(server)
        seen = _walk(server)
    finally:
        process.terminate()
        process.wait(timeout=20)
    refused = Path(log).read_text("utf-8") if Path(log).exists() else ""
    others = sorted(f"{address}:{port}" for address, port in capture.destinations if not address.startswith("127.") and address != "::1")
    lookups = sorted(f"{address}:{port}" for address, port in capture.destinations if port == 53)
    print(json.dumps(seen | {"refused": refused, "others": others, "lookups": lookups, "packets": capture.packets}))


def _walk(server: Server) -> dict[str, object]:
    requested: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGS)
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        page.on("request", lambda request: requested.append(request.url))
        past_notice(page, server)
        say(page, f"{TIRED} mail me at jo.bloggs@example.org")
        citations = page.locator(".chip").count()
        say(page, AT_RISK)
        lines = page.locator('.crisis a[href^="tel:"]').count()
        browser.close()
    foreign = [url for url in requested if not url.startswith((server.url, "data:", "blob:", server.url.replace("http", "ws")))]
    return {"citations": citations, "lines": lines, "foreign": foreign}


def _wait_until_up(server: Server) -> None:
    for _ in range(300):
        try:
            urlopen(f"{server.url}/crisis", timeout=1).close()
        except (URLError, OSError):
            time.sleep(0.3)
        else:
            return
    raise TimeoutError("the server did not start")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
