"""A server in a process of its own: how soon the first page and the first answer come, its memory, and many browsers at once."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from evals.bench.figures import Figure, percentile
from evals.browsers import NUDGE_AFTER_S, BrowserStuck, PagelessBrowser
from evals.served import served

THINK_S = (15.0, 45.0)
"""A browser waits so many seconds before each message: a reply of a hundred words takes half a minute to read, another message to type."""
TURNS_EACH = 2
_FAULTLESS_UP_TO = 200
"""Browsers on one process that must be served without an error (DESIGN 9)."""
_FIRST = "i cannot switch off after work"


def measure_start(state_dir: Path) -> Iterator[Figure]:
    """Yield the times and the memory of a cold start over an index that stands. The first page counts from when its notice can be pressed."""
    began = time.perf_counter()
    with served(COMPANION_STATE_DIR=str(state_dir)) as url:
        with urlopen(_page(url), timeout=60) as page:  # noqa: S310 - our own server on loopback
            page.read()
        yield Figure("start", "first page, its empty frame", time.perf_counter() - began, "s")
        usable, answered = asyncio.run(_first_answer(url))
        yield Figure("start", "first page, can be used", usable - began, "s", 2.0)
        yield Figure("start", "first answer", answered - began, "s", 4.0)
        yield Figure("start", "memory after the first answer", _memory_mb(url), "MB", 500.0)


async def _first_answer(url: str) -> tuple[float, float]:
    """Return when the notice could be pressed and when the first message was answered, by `time.perf_counter`."""
    async with PagelessBrowser(url) as browser:
        await browser.see_notice()
        usable = time.perf_counter()
        await browser.accept_notice()
        await browser.say(_FIRST)
        return usable, time.perf_counter()


@dataclass(frozen=True, slots=True)
class _Visits:
    """Hold what all browsers of one count saw. waits: seconds of every reply. took_s: from the first page to the last reply. memory_mb: while all are open."""

    waits: tuple[float, ...]
    stuck: int
    redrawn: int
    resent: int
    took_s: float
    memory_mb: float


def measure_sessions(
    state_dir: Path, counts: Sequence[int], texts: Sequence[str], think_s: tuple[float, float] = THINK_S
) -> Iterator[Figure]:
    """Yield, for each count of browsers on one process, errors, p50 and p95 of a reply, replies a second, and memory per session.

    An error is a browser that got stuck, but also a page that stood still for 20 s and was drawn anew, and a message that had to be sent again. think_s:
    least and most seconds before each message.
    """
    for count in counts:
        with served(COMPANION_STATE_DIR=str(state_dir)) as url:
            asyncio.run(_first_answer(url))
            before = _memory_mb(url)
            seen = asyncio.run(_visits(url, count, texts, think_s))
        errors = 0.0 if count <= _FAULTLESS_UP_TO else None
        name = f"{count} browsers"
        yield Figure("sessions", f"{name}, stuck", float(seen.stuck), "browsers", errors)
        yield Figure("sessions", f"{name}, stood still for {NUDGE_AFTER_S:.0f} s, drawn anew", float(seen.redrawn), "times", errors)
        yield Figure("sessions", f"{name}, messages sent again", float(seen.resent), "times", errors)
        if seen.waits:
            yield Figure("sessions", f"{name}, reply on the page, p50", percentile(seen.waits, 50), "s")
            yield Figure("sessions", f"{name}, reply on the page, p95", percentile(seen.waits, 95), "s")
            yield Figure("sessions", f"{name}, answered at this pace", len(seen.waits) / seen.took_s, "turns/s", None, is_rate=True)
        yield Figure("sessions", f"{name}, memory per session", (seen.memory_mb - before) / count, "MB", 2.0)


async def _visits(url: str, count: int, texts: Sequence[str], think_s: tuple[float, float]) -> _Visits:
    browsers, began = [PagelessBrowser(url) for _ in range(count)], time.perf_counter()
    talks = [_talk(browser, texts, think_s, random.Random(number)) for number, browser in enumerate(browsers)]  # noqa: S311 - think time
    found = await asyncio.gather(*talks)
    took_s, memory = time.perf_counter() - began, _memory_mb(url)
    for browser in browsers:
        await browser.close()
    resent = sum(browser.resent for browser in browsers)
    redrawn = sum(browser.nudges for browser in browsers) - resent
    waits = tuple(wait for one, _ in found for wait in one)
    return _Visits(waits, sum(is_stuck for _, is_stuck in found), redrawn, resent, took_s, memory)


async def _talk(
    browser: PagelessBrowser, texts: Sequence[str], think_s: tuple[float, float], chance: random.Random
) -> tuple[list[float], bool]:
    waits: list[float] = []
    try:
        await asyncio.sleep(chance.uniform(0, think_s[1]))
        await browser.open()
        await browser.accept_notice()
        for _ in range(TURNS_EACH):
            await browser.idle(chance.uniform(*think_s))
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
