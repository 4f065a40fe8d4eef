"""Promise P13 over real websockets: many browsers at once, lost connections, and nobody receives somebody else's words.

`python -m evals.crosstalk` does the same with 200 browsers and 20 messages each.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from walks import Server

from companion.audit.canaries import make_canaries
from evals import crosstalk
from evals.crosstalk import Crosstalk, measure_crosstalk


def websocket_of(server: Server) -> str:
    return f"{server.url.replace('http', 'ws', 1)}/_stcore/stream"


def crosstalk_on(server: Server, browsers: int, messages: int) -> Crosstalk:
    """Measure in a thread of its own, since Playwright keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(measure_crosstalk(websocket_of(server), browsers, messages))).result()


def test_nobody_receives_what_somebody_else_typed(server: Server) -> None:
    seen = crosstalk_on(server, 12, 4)

    assert (seen.turns, seen.stuck, seen.own) == (48, 0, 12)
    assert seen.reconnects > 0
    assert seen.foreign == ()


def test_a_planted_leak_would_be_seen(server: Server, monkeypatch: object) -> None:
    both_type_the_same = [make_canaries(1, 13)[0]] * 2
    monkeypatch.setattr(crosstalk, "distinct_canaries", lambda _count: make_twins(both_type_the_same))  # type: ignore[attr-defined]

    seen = crosstalk_on(server, 2, 1)

    assert seen.foreign != ()


def make_twins(canaries: list[object]) -> list[object]:
    """Return two canaries of different people with the same words, as if one page had been shown the other's."""
    from dataclasses import replace

    return [replace(canary, number=number) for number, canary in enumerate(canaries)]  # type: ignore[type-var]
