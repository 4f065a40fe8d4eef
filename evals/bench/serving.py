"""A server in a process of its own: how soon the first page and the first answer come, its memory, and many browsers at once."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from evals.bench.figures import Figure, percentile
from evals.browsers import BrowserStuck, PagelessBrowser
from evals.served import served

THINK_S = (15.0, 45.0)
"""A browser waits so many seconds before each message: a reply of a hundred words takes half a minute to read, another message to type."""
TURNS_EACH = 2
_FIRST = "i cannot switch off after work"


def measure_start(state_dir: Path) -> Iterator[Figure]:
    """Yield the times and the memory of a cold start over an index that stands."""
    began = time.perf_counter()
    with served(COMPANION_STATE_DIR=str(state_dir)) as url:
        with urlopen(_page(url), timeout=60) as page:  # noqa: S310 - our own server on loopback
            page.read()
        yield Figure("start", "first page", time.perf_counter() - began, "s", 2.0)
        asyncio.run(_first_answer(url))
        yield Figure("start", "first answer", time.perf_counter() - began, "s", 4.0)
        yield Figure("start", "memory after the first answer", _memory_mb(url), "MB", 500.0)


async def _first_answer(url: str) -> None:
    async with PagelessBrowser(url) as browser:
        await browser.accept_notice()
        await browser.say(_FIRST)


def measure_sessions(state_dir: Path, counts: Sequence[int], texts: Sequence[str]) -> Iterator[Figure]:
    """Yield, for each count of browsers on one process, errors, p50 and p95 of a reply, and memory per session."""
    for count in counts:
        with served(COMPANION_STATE_DIR=str(state_dir)) as url:
            asyncio.run(_first_answer(url))
            before = _memory_mb(url)
            waits, stuck, after = asyncio.run(_visits(url, count, texts))
        errors = 0.0 if count <= 200 else None
        yield Figure("sessions", f"{count} browsers, stuck", float(stuck), "browsers", errors)
        if waits:
            yield Figure("sessions", f"{count} browsers, reply on the page, p50", percentile(waits, 50), "s")
            yield Figure("sessions", f"{count} browsers, reply on the page, p95", percentile(waits, 95), "s")
        yield Figure("sessions", f"{count} browsers, memory per session", (after - before) / count, "MB", 2.0)


async def _visits(url: str, count: int, texts: Sequence[str]) -> tuple[list[float], int, float]:
    """Return the seconds of every reply, how many browsers got stuck, and the server's memory in MB while all are open."""
    browsers = [PagelessBrowser(url) for _ in range(count)]
    talks = [_talk(browser, texts, random.Random(number)) for number, browser in enumerate(browsers)]  # noqa: S311 - think time
    found = await asyncio.gather(*talks)
    memory = _memory_mb(url)
    for browser in browsers:
        await browser.close()
    return [wait for waits, _ in found for wait in waits], sum(is_stuck for _, is_stuck in found), memory


async def _talk(browser: PagelessBrowser, texts: Sequence[str], chance: random.Random) -> tuple[list[float], bool]:
    waits: list[float] = []
    try:
        await asyncio.sleep(chance.uniform(0, THINK_S[1]))
        await browser.open()
        await browser.accept_notice()
        for _ in range(TURNS_EACH):
            await browser.idle(chance.uniform(*THINK_S))
            waits.append(await browser.say(chance.choice(texts)))
    except (BrowserStuck, OSError, TimeoutError):
        return waits, True
    return waits, False


def _page(url: str) -> str:
    return url.replace("ws://", "http://").removesuffix("/_stcore/stream") + "/"


def _memory_mb(url: str) -> float:
    """Return the resident memory of the process that listens at an address, in MB."""
    port = int(url.split(":")[2].split("/", maxsplit=1)[0])
    return max((_resident_mb(int(pid)) for pid in os.listdir("/proc") if pid.isdigit() and _serves(int(pid), port)), default=0.0)


def _serves(pid: int, port: int) -> bool:
    try:
        return f"--port\0{port}\0".encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def prepared_state() -> TemporaryDirectory[str]:
    """Return a folder of its own for the state of the servers that are measured."""
    return TemporaryDirectory(prefix="companion-bench-")
