"""`companion audit privacy`: prove that what people type does not stay and does not leave, or show where it does.

A Companion of its own is started in an empty folder, with every part switched on that could carry words: a language model and a channel for
notices, both played by servers on loopback that keep every byte. In it canaries are typed through all ways that people have; once it is
killed without warning in the middle. Then everything that it wrote, sent or logged is searched. Nothing of the deployment itself is touched.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from companion.audit.acting import ALL, Errand
from companion.audit.canaries import Canary, CanaryKind, make_canaries
from companion.audit.listeners import Listener
from companion.audit.searching import CanarySearch, Hit, files_below, fingerprints
from companion.errors import CompanionError
from companion.settings import ROOT, Settings, child_environment

PLANTS = ("model", "log", "temp", "database", "notice", ALL)
"""Leaks that can be made on purpose, to show that the audit finds them."""
MODEL = "bytes sent to the language model"
NOTICES = "bytes sent to the notice channel"
SOCKETS = "bytes handed to any socket"
NAMES_MISSED_AT_MOST = 0.05
"""Share of names that may pass redaction. Names cannot all be known; PROMISES P1 asks 95 % of those in lower case. Kinds with a fixed form,
such as mail addresses and numbers, must all be hidden."""
SEED = 20261125


@dataclass(frozen=True, slots=True)
class Tally:
    """Count the canaries of one way or kind. typed: how many. reached: shown to the human for whom they were meant."""

    typed: int
    reached: int


@dataclass(frozen=True, slots=True)
class PrivacyAudit:
    """Hold what an audit found.

    hits: canaries in files, notices and sockets, none of which is allowed. model_hits: those in what the model received. reached_outside:
    places beyond this machine that were looked up or connected to. kills: how often the program was killed in the middle.
    """

    ways: Mapping[str, Tally]
    kinds: Mapping[str, int]
    hits: tuple[Hit, ...]
    model_hits: tuple[Hit, ...]
    reached_outside: tuple[str, ...]
    searched_files: int
    searched_bytes: int
    sent_bytes: Mapping[str, int]
    kills: int
    failed: Mapping[str, int] = field(default_factory=dict)

    @property
    def names_missed(self) -> int:
        """Return how many different names reached the language model."""
        return len({hit.canary.number for hit in self.model_hits if hit.canary.kind is CanaryKind.NAME})

    @property
    def leaks(self) -> tuple[Hit, ...]:
        """Return the hits that no allowance covers."""
        numbers = tuple(hit for hit in self.model_hits if hit.canary.kind is not CanaryKind.NAME)
        names = tuple(hit for hit in self.model_hits if hit.canary.kind is CanaryKind.NAME)
        allowed = NAMES_MISSED_AT_MOST * self.kinds.get(CanaryKind.NAME.value, 0)
        return (*self.hits, *numbers, *(names if self.names_missed > allowed else ()))

    @property
    def has_passed(self) -> bool:
        """Tell whether nothing stayed and nothing left."""
        return not self.leaks and not self.reached_outside and not self.failed


def audit_privacy(
    settings: Settings, folder: Path, count: int, *, plant: str = "", progress: Callable[[int, int], None] = lambda _done, _all: None
) -> PrivacyAudit:
    """Carry out an audit in a new folder.

    settings: of the deployment, for its knowledge folder and its built index; its state is not touched. count: canaries, at least 20.

    Raises: CompanionError when the audited program cannot be started.
    """
    state, record, temp = folder / "state", folder / "record", folder / "temp"
    for made in (state, record, temp):
        made.mkdir(parents=True)
    for name in ("index", "models"):
        if (settings.state_dir / name).is_dir():
            shutil.copytree(settings.state_dir / name, state / name, ignore=shutil.ignore_patterns("*.lock"))
    before = fingerprints(files_below(state))
    canaries = make_canaries(count, SEED)
    typed: list[Mapping[str, object]] = []
    with Listener(is_model=True) as model, Listener(is_model=False) as notices:
        half = count // 2
        errand = Errand(
            str(state), str(record), model.port, notices.port, count, SEED, 0, count, plant, knowledge_dir=str(settings.knowledge_dir)
        )
        for row in _typed_by(errand, temp, kill_after=half):
            typed.append(row)
            progress(len(typed), count)
        rest = Errand(**{**asdict(errand), "first": len(typed)})
        for row in _typed_by(rest, temp, kill_after=None):
            typed.append(row)
            progress(len(typed), count)
        sent = {MODEL: b"\n".join(model.received), NOTICES: b"\n".join(notices.received)}
    return _searched(canaries, typed, sent, _Places(state, record, temp, before), folder)


@dataclass(frozen=True, slots=True)
class _Places:
    state: Path
    record: Path
    temp: Path
    before: Mapping[Path, str]


def _searched(
    canaries: Sequence[Canary], typed: Sequence[Mapping[str, object]], sent: Mapping[str, bytes], places: _Places, folder: Path
) -> PrivacyAudit:
    search = CanarySearch(canaries)
    sockets = places.record / "sent.bin"
    all_sent = sockets.read_bytes() if sockets.exists() else b""
    files = [file for file in files_below(places.state, places.temp, places.record) if file != sockets]
    now = fingerprints(files)
    changed = [file for file in files if places.before.get(file) != now[file]]
    model_hits = tuple(search.in_bytes(sent[MODEL], MODEL))
    hits = [*search.in_files(changed, folder), *search.in_bytes(sent[NOTICES], NOTICES)]
    known = {hit.canary.number for hit in (*model_hits, *hits)}
    hits += [hit for hit in search.in_bytes(all_sent, SOCKETS) if hit.canary.number not in known]
    reached = places.record / "reached.txt"
    return PrivacyAudit(
        ways=_tallies(typed),
        kinds=dict(Counter(str(row["kind"]) for row in typed)),
        hits=tuple(hits),
        model_hits=model_hits,
        reached_outside=tuple(sorted(set(reached.read_text("utf-8").splitlines()))) if reached.exists() else (),
        searched_files=len(changed),
        searched_bytes=sum(file.stat().st_size for file in changed),
        sent_bytes={name: len(content) for name, content in {**sent, SOCKETS: all_sent}.items()},
        kills=1,
        failed=dict(Counter(f"{row['number']}: {row['error']}" for row in typed if "error" in row)),
    )


def _tallies(typed: Sequence[Mapping[str, object]]) -> Mapping[str, Tally]:
    ways = sorted({str(row["way"]) for row in typed})
    return {
        way: Tally(sum(row["way"] == way for row in typed), sum(row["way"] == way and bool(row["reached"]) for row in typed))
        for way in ways
    }


def _typed_by(errand: Errand, temp: Path, *, kill_after: int | None) -> Iterator[Mapping[str, object]]:
    """Start the audited program, yield what it reports, and kill it without warning once it has typed `kill_after` canaries."""
    environment = child_environment(TMPDIR=str(temp), PYTHONPATH=str(ROOT))
    command = [sys.executable, "-m", "companion.audit.acting"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=temp, env=environment
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise CompanionError("the audited program could not be started.")
        stdin.write(json.dumps(asdict(errand)))
        stdin.close()
        for done, line in enumerate(stdout, start=1):
            yield json.loads(line)
            if done == kill_after:
                process.send_signal(signal.SIGKILL)
                break
        process.wait()
    if kill_after is None and process.returncode != 0:
        raise CompanionError("the audited program ended early; run `companion doctor`, and read the log in the audit's folder.")
