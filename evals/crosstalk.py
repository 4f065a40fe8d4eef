"""Promise P13: nobody ever sees what somebody else typed. Many browsers at once, each with details of its own, lose and regain their connection.

python -m evals.crosstalk --sessions 200 --turns 20      # starts a server of its own, searches every frame of every browser
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer
from rich.console import Console

from companion.audit.canaries import Canary, forms_of, make_canaries
from companion.audit.searching import CanarySearch
from evals.browsers import BrowserStuck, PagelessBrowser
from evals.served import served

RECONNECTS = 0.25
"""Share of turns after which the connection is lost. Chosen by us: far more than a phone on a train."""
_SEED = 13
_PATIENCE_S = 300.0
"""Two hundred browsers that never stop to think are more than two cores answer at once; here it counts what they see, not how soon."""


@dataclass(frozen=True, slots=True)
class Crosstalk:
    """Hold what was seen.

    own: browsers that were shown their own words, as they must be. foreign: (browser, whose detail it received). nudges: pages that stood still
    and were drawn anew.
    """

    browsers: int
    turns: int
    reconnects: int
    frame_bytes: int
    own: int
    foreign: tuple[tuple[int, int], ...]
    stuck: int
    nudges: int = 0


@dataclass(frozen=True, slots=True)
class _Visit:
    frames: bytes
    turns: int
    reconnects: int
    is_stuck: bool
    nudges: int


async def measure_crosstalk(url: str, sessions: int, turns: int) -> Crosstalk:
    """Let `sessions` browsers write `turns` messages each, at the same time, and search what each received for the others' details."""
    canaries = distinct_canaries(sessions * turns)
    own = [canaries[number * turns : (number + 1) * turns] for number in range(sessions)]
    visits = await asyncio.gather(*(_visit(url, mine, random.Random(number)) for number, mine in enumerate(own)))  # noqa: S311 - when a line drops
    search, owner = CanarySearch(canaries), {canary.number: number for number, mine in enumerate(own) for canary in mine}
    seen = [{owner[hit.canary.number] for hit in search.in_bytes(visit.frames, str(number))} for number, visit in enumerate(visits)]
    return Crosstalk(
        browsers=sessions,
        turns=sum(visit.turns for visit in visits),
        reconnects=sum(visit.reconnects for visit in visits),
        frame_bytes=sum(len(visit.frames) for visit in visits),
        own=sum(number in found for number, found in enumerate(seen)),
        foreign=tuple((number, other) for number, found in enumerate(seen) for other in sorted(found - {number})),
        stuck=sum(visit.is_stuck for visit in visits),
        nudges=sum(visit.nudges for visit in visits),
    )


def distinct_canaries(count: int) -> tuple[Canary, ...]:
    """Return canaries of which no form is shared: invented people may share a family name, which would look like somebody else's words."""
    found: list[Canary] = []
    taken: set[bytes] = set()
    for canary in make_canaries(4 * count, _SEED):
        forms = {form.lower() for form in forms_of(canary)}
        if not forms & taken:
            taken |= forms
            found.append(canary)
        if len(found) == count:
            break
    return tuple(replace(canary, number=number) for number, canary in enumerate(found))


async def _visit(url: str, mine: Sequence[Canary], drawn: random.Random) -> _Visit:
    browser = PagelessBrowser(url, keeps_frames=True, patience_s=_PATIENCE_S)
    turns = reconnects = 0
    try:
        await browser.open()
        await browser.accept_notice()
        for canary in mine:
            await browser.say(canary.sentence)
            turns += 1
            if drawn.random() < RECONNECTS:
                await browser.close()
                await browser.open()
                reconnects += 1
    except (BrowserStuck, OSError):
        return _Visit(b"".join(browser.received), turns, reconnects, is_stuck=True, nudges=browser.nudges)
    finally:
        await browser.close()
    return _Visit(b"".join(browser.received), turns, reconnects, is_stuck=False, nudges=browser.nudges)


def main(
    sessions: Annotated[int, typer.Option(min=2, help="Browsers at the same time.")] = 200,
    turns: Annotated[int, typer.Option(min=1, help="Messages of each.")] = 20,
) -> None:
    """Measure, print, and exit 1 when anybody received somebody else's words or a browser got stuck."""
    with served() as url:
        seen = asyncio.run(measure_crosstalk(url, sessions, turns))
    Console().print(
        f"{seen.browsers} browsers, {seen.turns} turns, {seen.reconnects} reconnects, {seen.frame_bytes / 1e6:.0f} MB of frames: "
        f"{len(seen.foreign)} received somebody else's words, {seen.own} their own, {seen.stuck} got stuck."
    )
    raise typer.Exit(1 if seen.foreign or seen.stuck else 0)


if __name__ == "__main__":
    typer.run(main)
