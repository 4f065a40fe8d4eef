"""Promises P5 and P8 at their full size: kills in the middle of writing, and claims of many peers at the same instant.

python -m evals.faults --seeds 50 --writes 1000 --rounds 1000                    # SQLite in a temporary folder
python -m evals.faults --rounds 1000 --seeds 50 --database postgresql://…        # a database that may be written to
"""

from __future__ import annotations

import random
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from sqlalchemy import text

from companion.bootstrap_people import People, open_people
from companion.errors import NotAllowed, WrongState
from companion.models_people import Asker, HandoverState, Wish
from companion.models_staff import Account, Caller, DutyStatus, Role, StaffMember
from companion.settings import ROOT, Settings, load_settings

MOST_PEERS = 32
_WRITER = """
import sys
from pathlib import Path
from companion.bootstrap_people import open_people
from companion.models_people import Asker
from companion.settings import load_settings
people = open_people(load_settings(state_dir=Path(sys.argv[1]), database_url=sys.argv[3] or None))
for number in range(int(sys.argv[4])):
    text = f"{sys.argv[2][:8]} message {number}"
    people.handovers.post(Asker(sys.argv[2]), text)
    print(text, flush=True)
"""


@dataclass(frozen=True, slots=True)
class Kills:
    """Hold what kills brought: messages acknowledged before them, and of these how many were missing or doubled afterwards.

    unsound: after how many kills SQLite's `PRAGMA integrity_check` found anything; PostgreSQL has no such check and counts 0.
    """

    runs: int
    acknowledged: int
    missing: int
    doubled: int
    unsound: int


@dataclass(frozen=True, slots=True)
class Claims:
    """Hold what claims at the same instant brought. wrong: rounds with no winner, with several, or with another holder than the winner."""

    rounds: int
    claims: int
    wrong: int


def kill_writers(settings: Settings, runs: int, writes: int) -> Kills:
    """Let a process write, kill it with SIGKILL at a random point, and look whether every acknowledged message is there exactly once."""
    acknowledged = missing = doubled = unsound = 0
    people = open_people(settings)
    for seed in track(range(runs), description="kills", console=Console(stderr=True)):
        token = people.handovers.request("I would like to talk.", urgent=False, country=None, wish=Wish.UNSURE).token
        said = _killed_after(settings, token, writes, random.Random(seed).randrange(1, writes))  # noqa: S311 - when it is killed
        kept = [message.text for message in people.handovers.messages(Asker(token))]
        acknowledged += len(said)
        missing += sum(known not in kept for known in said)
        doubled += len(kept) - len(set(kept))
        unsound += not _is_sound(people)
        people.handovers.erase(token)
    people.close()
    return Kills(runs, acknowledged, missing, doubled, unsound)


def race_for_claims(settings: Settings, rounds: int) -> Claims:
    """Let 2 to 32 peers claim one request at the same instant, again and again."""
    people = open_people(settings.model_copy(update={"peer_max_per_day": 10**9, "peer_rest_minutes": 0}))
    peers = [_peer(people, number) for number in range(MOST_PEERS)]
    claims = wrong = 0
    with ThreadPoolExecutor(MOST_PEERS) as pool:
        for seed in track(range(rounds), description="claims", console=Console(stderr=True)):
            asked = people.handovers.request("I would like to talk.", urgent=True, country=None, wish=Wish.UNSURE)
            racing = random.Random(seed).sample(peers, random.Random(seed).randint(2, MOST_PEERS))  # noqa: S311 - how many race
            winners = _race(people, racing, asked.handover_id, pool)
            holder = people.handovers.store.get(asked.handover_id)
            is_right = len(winners) == 1 and holder.state is HandoverState.CLAIMED and holder.peer_id == winners[0].staff_id
            claims, wrong = claims + len(racing), wrong + (not is_right)
            people.handovers.erase(asked.token)
    people.close()
    return Claims(rounds, claims, wrong)


def _is_sound(people: People) -> bool:
    if not people.database.is_sqlite:
        return True
    with people.database.read() as connection:
        return [row[0] for row in connection.execute(text("PRAGMA integrity_check"))] == ["ok"]


def _killed_after(settings: Settings, token: str, writes: int, kill_at: int) -> list[str]:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    command = [sys.executable, "-c", _WRITER, str(settings.state_dir), token, url, str(writes)]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        for line in writer.stdout or ():
            said.append(line.rstrip("\n"))
            if len(said) == kill_at:
                writer.kill()
    return [line for line in said if line.startswith(token[:8])]


def _race(people: People, racing: Sequence[Caller], handover_id: str, pool: ThreadPoolExecutor) -> list[Caller]:
    barrier = threading.Barrier(len(racing))

    def claim(peer: Caller) -> Caller | None:
        barrier.wait()
        try:
            people.handovers.claim(peer, handover_id)
        except (NotAllowed, WrongState):
            return None
        return peer

    return [peer for peer in pool.map(claim, racing) if peer is not None]


def _peer(people: People, number: int) -> Caller:
    name, roles = f"racer-{secrets.token_hex(4)}-{number}", frozenset({Role.PEER})
    member = StaffMember(secrets.token_hex(16), name, name, roles, date(2026, 1, 1), DutyStatus.ON_DUTY, datetime.now(UTC))
    people.staff.directory.add(Account(member, "no password"))
    return Caller(roles, member.id, name)


def main(
    seeds: Annotated[int, typer.Option(help="How many processes are killed.")] = 50,
    writes: Annotated[int, typer.Option(help="How many messages each would write.")] = 1000,
    rounds: Annotated[int, typer.Option(help="How many requests are raced for.")] = 1000,
    database: Annotated[str | None, typer.Option(help="SQLAlchemy URL; without it SQLite in a temporary folder.")] = None,
) -> None:
    """Measure P5 and P8; exit 1 when anything was lost, doubled, or won twice."""
    with tempfile.TemporaryDirectory(prefix="companion-faults-") as folder:
        settings = load_settings(state_dir=Path(folder), database_url=database)
        kills, claims = kill_writers(settings, seeds, writes), race_for_claims(settings, rounds)
    console = Console()
    console.print(
        f"kills: {kills.runs}, acknowledged {kills.acknowledged}, missing {kills.missing}, doubled {kills.doubled}, unsound {kills.unsound}"
    )
    console.print(f"claims: {claims.rounds} rounds, {claims.claims} claims, wrong {claims.wrong}")
    raise typer.Exit(1 if kills.missing or kills.doubled or kills.unsound or claims.wrong else 0)


if __name__ == "__main__":
    typer.run(main)
