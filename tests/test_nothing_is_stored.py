"""Promises P2, P16 and P17: what people write lies in no file and no log, and what is erased is gone to the last byte."""

from __future__ import annotations

import base64
import gzip
import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from canaries import Canary, CanaryMaker, Kind, cells_of, files_below, find, forms_of
from small_companion import companion_with, failing
from sqlalchemy import event

from companion.adapters.argon2_code_box import Argon2CodeBox
from companion.adapters.in_memory import RecordingNotifier, SetClock
from companion.bootstrap import App
from companion.bootstrap_people import People, open_people
from companion.errors import CompanionError, NotFound
from companion.logs import install_logging
from companion.models import RedactedMessage
from companion.models_keeping import CodeTries, KeptPage, KeptTurn
from companion.models_people import Asker, PeerSeat, Wish
from companion.models_staff import OPERATOR, Caller, DutyStatus, NewMember, Role
from companion.session import ChatSession
from companion.settings import ROOT, load_settings
from companion.stages.redaction import clean_input, redact

MESSAGES = 216
SENTENCES = {
    Kind.NAME: "my manager {} keeps moving the deadline",
    Kind.EMAIL: "she wrote to {} about my sick leave",
    Kind.PHONE: "he rings me at night from {}",
    Kind.EMPLOYEE: "my employee number is {} and i cannot sleep",
    Kind.CARD: "i paid it with my card {} and now there is nothing left",
    Kind.SECRET: "what nobody knows: {}, and it keeps me awake",
}


@dataclass
class Flood:
    """Hold a server after many people wrote to it: where it keeps things, what it logged, and what must be nowhere."""

    people: People
    folders: tuple[Path, ...]
    log: bytes
    canaries: tuple[Canary, ...]

    def places(self) -> Iterator[tuple[str, bytes]]:
        yield from files_below(*self.folders, besides="models/*.onnx")
        yield "log", self.log


@pytest.fixture(scope="module")
def flood(app: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flood]:
    """Let people write at DEBUG: chats, comments, letters, talks, kept chats, wrong names, and errors that quote them."""
    folder, maker, log = tmp_path_factory.mktemp("flood"), CanaryMaker(1), io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level, logging.getLogRecordFactory(), sys.excepthook, sys.unraisablehook
    install_logging(logging.DEBUG, log)
    people = open_people(load_settings(state_dir=folder, peer_max_per_day=1000), SetClock(), RecordingNotifier())
    people = replace(people, keeping=replace(people.keeping, codes=Argon2CodeBox(memory_kib=64, passes=1)))
    canaries = [canary for _ in range(MESSAGES // len(Kind)) for canary in maker.one_of_each()]
    for canary in canaries:
        app.companion.respond(SENTENCES[canary.kind].format(canary.text), ChatSession())
    rest = [*_write_to_people(people, app, maker), *_break_things(people, app, maker)]
    written = log.getvalue().encode()
    logging.captureWarnings(False)
    logging.getLogger().handlers[:], level, factory, sys.excepthook, sys.unraisablehook = before
    logging.getLogger().setLevel(level)
    logging.setLogRecordFactory(factory)
    yield Flood(people, (folder, app.settings.state_dir), written, (*canaries, *rest))
    people.close()


def _write_to_people(people: People, app: App, maker: CanaryMaker) -> Iterator[Canary]:
    """Write comments, letters, a talk in both directions, and kept chats; what people write to people is not redacted."""
    operator = OPERATOR
    peer = people.staff.add_member(
        operator, NewMember("sam", "a long enough password", "Sam", frozenset({Role.PEER}), people.sweeper.clock.now().date())
    )
    seat_of = Caller(frozenset({Role.PEER}), peer.id, "Sam")
    people.duty.set_status(seat_of, DutyStatus.ON_DUTY)
    for canary in (*maker.one_of_each(), *maker.one_of_each()):
        yield canary
        comment = redact(clean_input(SENTENCES[canary.kind].format(canary.text), 1000), ChatSession(), app.parts.redactor())
        people.feedback.give(is_useful=False, comment=comment)
        asked = people.handovers.request(canary.text, urgent=False, country="GB", wish=Wish.LISTEN)
        seat: PeerSeat = people.handovers.claim(seat_of, asked.handover_id)
        people.handovers.post(Asker(asked.token), f"from me: {canary.text}")
        people.handovers.post(seat, f"to you: {canary.text}")
        people.handovers.close(seat)
        message = app.companion.respond(canary.text, ChatSession()).message
        people.keeping.keep(KeptPage(turns=(KeptTurn(canary.text, message, ()),), typed=(canary.text,)))


def _break_things(people: People, app: App, maker: CanaryMaker) -> Iterator[Canary]:
    """Make every part fail with a message that quotes a person."""
    for canary in maker.one_of_each():
        yield canary
        fault = failing(ValueError(f"could not read {canary.text}"))
        for part in ("redactor", "embedder", "risk_model", "stacks", "groups"):
            try:
                companion_with(app, **{part: fault}).respond(canary.text, ChatSession())
            except Exception as exc:
                logging.getLogger("companion.ui.pages").error("a page could not be drawn", exc_info=exc)
        for name in ("openai", "httpx", "chromadb", "streamlit", "sqlalchemy.engine"):
            logging.getLogger(name).error("request %s", canary.text)
        with pytest.raises(CompanionError):
            people.staff.sign_in(canary.text, canary.text)
        with pytest.raises(CompanionError):
            people.handovers.status(Asker(canary.text))


# --- P2 --------------------------------------------------------------------------------------------------------------


def test_what_people_write_lies_in_no_file_and_no_log(flood: Flood) -> None:
    assert len(flood.canaries) >= 200
    assert len(flood.log) > 1000

    assert find(flood.canaries, flood.places()) == ()


def test_the_letters_are_there_but_only_who_holds_the_key_reads_them(flood: Flood) -> None:
    names = [place for place, content in files_below(*flood.folders) if b"handovers" in content]

    assert any(name.startswith("companion.db") for name in names)


FORMS = sorted({form for kind in Kind for form in forms_of(CanaryMaker(2).make(kind))})


@pytest.mark.parametrize("form", FORMS)
def test_the_search_finds_a_planted_leak_in_every_form(form: str, tmp_path: Path) -> None:
    planted = [canary for canary in CanaryMaker(3).one_of_each() if form in forms_of(canary)]
    for canary in planted:
        (tmp_path / f"{canary.kind}.bin").write_bytes(b"\x07" * 5_000_003 + forms_of(canary)[form] + b"\x07" * 99)

    hits = find(planted, files_below(tmp_path))

    assert {(hit.canary, hit.place) for hit in hits} == {(canary, f"{canary.kind}.bin") for canary in planted}


@pytest.mark.parametrize("before", range(4))
def test_a_leak_inside_a_longer_base64_text_is_found(before: int) -> None:
    canary = CanaryMaker(4).make(Kind.SECRET)

    encoded = base64.b64encode(b"x" * before + canary.text.encode() + b" and more")

    assert {hit.canary for hit in find([canary], [("log", encoded)])} == {canary}


def test_a_leak_across_two_chunks_of_the_search_is_found() -> None:
    canary = CanaryMaker(5).make(Kind.SECRET)

    assert find([canary], [("file", b"." * 3_999_990 + canary.text.encode())]) != ()


def test_the_search_finds_nothing_where_nothing_is() -> None:
    maker = CanaryMaker(6)

    assert find(maker.one_of_each(), [("other", "\n".join(c.text for c in maker.one_of_each()).encode())]) == ()


def test_canaries_are_unique() -> None:
    maker = CanaryMaker(7)
    made = [maker.make(kind).text.casefold() for _ in range(300) for kind in Kind]

    assert len(set(made)) == len(made)


def test_what_the_search_cannot_see_is_named() -> None:
    """Compressed bytes hide a canary; nothing that Companion writes about people is compressed."""
    canary = CanaryMaker(8).make(Kind.SECRET)

    assert find([canary], [("gz", gzip.compress(canary.text.encode() * 3))]) == ()


# --- P16: retention ----------------------------------------------------------------------------------------------------


@dataclass
class Kept:
    """Hold a server with one of everything that it keeps about people, and the bytes that stand for it."""

    people: People
    folder: Path
    clock: SetClock
    traces: dict[str, list[bytes]]
    handover_id: str
    code: str

    def left(self) -> set[str]:
        """Return of what any byte is left, in the files of the database with their logs."""
        content = b"".join(path.read_bytes() for path in sorted(self.folder.glob("companion.db*")))
        return {what for what, traces in self.traces.items() if any(trace in content for trace in traces)}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    clock = SetClock()
    people = open_people(load_settings(state_dir=tmp_path), clock, RecordingNotifier())
    people = replace(people, keeping=replace(people.keeping, codes=Argon2CodeBox(memory_kib=64, passes=1)))
    asked = people.handovers.request("the heron under the lake", urgent=False, country=None, wish=Wish.UNSURE)
    handover = people.handovers.store.get(asked.handover_id)
    people.feedback.give(is_useful=True, comment=RedactedMessage("it helped a little"))
    today = clock.now().date()
    entry = people.feedback.store.entries(today, today)[0]
    made = people.keeping.keep(KeptPage(typed=("the heron under the lake",)))
    chat = people.keeping.store.find(made.copy.place)
    assert chat is not None
    assert entry.sealed_comment is not None
    traces = {
        "letter": [handover.sealed_letter, handover.sealed_key.sealed],
        "comment": [entry.sealed_comment, entry.id.encode()],
        "kept chat": [chat.sealed[:48], chat.sealed[-48:], chat.place.encode()],
    }
    people.handovers.withdraw(asked.token)
    yield Kept(people, tmp_path, clock, traces, asked.handover_id, made.code)
    people.close()


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (0, {"letter", "comment", "kept chat"}),
        (6, {"letter", "comment", "kept chat"}),
        (8, {"comment", "kept chat"}),
        (30, {"comment", "kept chat"}),
        (31, {"comment"}),
        (365, {"comment"}),
        (366, set()),
    ],
)
def test_everything_goes_on_its_day_to_the_last_byte(days: int, left: set[str], kept: Kept) -> None:
    kept.clock.advance(timedelta(days=days))

    kept.people.sweeper.sweep()
    is_overwritten = kept.people.database.compact()

    assert is_overwritten
    assert kept.left() == left


def test_the_access_log_keeps_a_year_and_stays_provable(kept: Kept) -> None:
    kept.people.erasure.erase_handover(OPERATOR, kept.handover_id)
    kept.clock.advance(timedelta(days=366))
    kept.people.handovers.request("again", urgent=False, country=None, wish=Wish.UNSURE)

    kept.people.sweeper.sweep()

    assert kept.people.access_log.is_intact(OPERATOR)


def test_bytes_that_may_still_be_there_are_not_called_overwritten(kept: Kept) -> None:
    @event.listens_for(kept.people.database._engine, "checkout")
    def impatient(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=0").fetchall()

    with sqlite3.connect(kept.folder / "companion.db") as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM handovers").fetchone()
        kept.people.handovers.request("meanwhile", urgent=False, country=None, wish=Wish.UNSURE)

        is_overwritten = kept.people.database.compact()

    assert not is_overwritten


# --- P17: on request -----------------------------------------------------------------------------------------------------


def purge(folder: Path, *arguments: str, typed: str | None = None) -> tuple[int, dict[str, object]]:
    command = [sys.executable, "-m", "companion.cli", "purge", *arguments]
    own = os.environ | {"COMPANION_STATE_DIR": str(folder)}
    done = subprocess.run(command, cwd=ROOT, env=own, input=typed, capture_output=True, text=True, check=False)
    rows = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return done.returncode, json.loads(rows[-1]) if rows else {"said": done.stderr}


def test_one_command_erases_a_hand_over_and_the_log_keeps_that_it_was_done(kept: Kept) -> None:
    code, told = purge(kept.folder, "--handover", kept.handover_id)

    assert (code, told["erased_on_request"], told["overwritten"]) == (0, 1, True)
    assert kept.left() == {"comment", "kept chat"}
    rows = kept.people.access_log.entries.about(kept.handover_id)
    assert [(row.role, row.act, row.kind) for row in rows] == [(Role.OPERATOR, "erased", "hand-over")]
    with pytest.raises(NotFound):
        kept.people.handovers.store.get(kept.handover_id)


def test_an_unknown_hand_over_is_named_and_nothing_is_erased(kept: Kept) -> None:
    code, told = purge(kept.folder, "--handover", "0" * 32)

    assert code == 1
    assert "does not exist" in str(told["said"])
    assert kept.left() == {"letter", "comment", "kept chat"}


def test_a_kept_chat_is_erased_by_its_code_which_is_never_an_argument(tmp_path: Path) -> None:
    people = open_people(load_settings(state_dir=tmp_path))
    code = people.keeping.keep(KeptPage(typed=("words",))).code
    people.close()

    status, told = purge(tmp_path, "--code", typed=f"{code}\n")

    assert (status, told["erased_on_request"]) == (0, 1)
    people = open_people(load_settings(state_dir=tmp_path))
    assert people.keeping.store.count() == 0
    with pytest.raises(NotFound):
        people.keeping.open(code, CodeTries())
    people.close()


def test_every_cell_of_the_tables_can_be_searched_too(kept: Kept) -> None:
    planted = Canary(Kind.SECRET, kept.handover_id)

    hits = find([planted], cells_of(kept.people.database))

    assert "handovers.id" in {hit.place for hit in hits}
    assert find([Canary(Kind.SECRET, "the heron under the lake")], cells_of(kept.people.database)) == ()
