"""The audited program, in a process of its own: types canaries through every way that people have. Run by `companion/audit/privacy.py`.

Reads one `Errand` as JSON from standard input and writes a JSON line for every canary typed, so that whoever started it may kill it midway.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from companion.audit.broken_redactors import BlindRedactor, FailingRedactor
from companion.audit.canaries import Canary, CanaryKind, make_canaries
from companion.audit.sockets import record_sockets
from companion.bootstrap import App, build, turn_options
from companion.bootstrap_curation import Curation, open_curation
from companion.bootstrap_meetings import Meetings, open_meetings
from companion.bootstrap_people import People, open_people
from companion.conversation import Companion
from companion.errors import CompanionError, FormRefused, InputRefused, RedactionFailed
from companion.logs import Told, install_logging
from companion.models_keeping import CodeTries, KeptPage
from companion.models_mentoring import Side
from companion.models_people import Asker, Wish
from companion.models_staff import OPERATOR, Caller, DutyStatus, NewMember, Role
from companion.network.pairing import FEWEST_SESSIONS
from companion.ports import Redactor
from companion.session import ChatSession, letters
from companion.settings import Settings, load_settings, silence_vendors
from companion.stages.redaction import clean_input, redact

PASSWORD = "a password of the audit"  # noqa: S105 - opens an account that lives as long as the audit
CRISIS = "i do not want to live any more. "
_PATIENCE_S = 30.0
_REFUSED_AS_NAMES = frozenset({CanaryKind.EMAIL, CanaryKind.PHONE, CanaryKind.CARD, CanaryKind.IBAN})
ALL = "all"
"""All leaks at once."""

log = logging.getLogger("companion.audit.acting")  # as a program of its own the module is called __main__


@dataclass(frozen=True, slots=True)
class Errand:
    """Say what to type. count, seed: of all canaries; first, last: those of this process, last exclusive. plant: a leak to make, or ""."""

    state_dir: str
    record_dir: str
    model_port: int
    notices_port: int
    count: int
    seed: int
    first: int
    last: int
    plant: str = ""
    knowledge_dir: str = ""


@dataclass
class Actor:
    """Be the people who use the program. reached: canaries that a peer was shown, as their writer chose."""

    app: App
    people: People
    curation: Curation
    meetings: Meetings
    plant: str = ""
    redactor: Redactor | None = None
    notices_port: int = 0
    record_dir: Path = Path()
    session: ChatSession = field(default_factory=ChatSession)
    reached: set[int] = field(default_factory=set)
    peer: Caller = field(default_factory=lambda: OPERATOR)
    coordinator: Caller = field(default_factory=lambda: OPERATOR)

    def type_it(self, canary: Canary) -> str:
        """Type a canary through the way that its number draws, and return the name of that way."""
        ways: dict[str, Callable[[Canary], None]] = {
            "chat": self.chat,
            "crisis": self.crisis,
            "feedback": self.feedback,
            "letter and talk": self.letter_and_talk,
            "kept chat": self.kept_chat,
            "refused input": self.refused,
            "redaction down": self.redaction_down,
            "error that quotes": self.quoting_error,
            "upload": self.upload,
            "group": self.group,
            "mentoring pair": self.mentoring_pair,
        }
        turns = ("chat", "chat", "chat", "chat", *(name for name in ways if name != "chat"))
        name = turns[canary.number % len(turns)]
        ways[name](canary)
        if canary.number % 10 == 9:
            self._end_chat()
        self._leak(canary)
        return name

    def chat(self, canary: Canary) -> None:
        """Write a message to the companion."""
        self._turn(self._companion(self.redactor), canary.sentence)

    def crisis(self, canary: Canary) -> None:
        """Write a message at risk."""
        self._turn(self._companion(self.redactor), CRISIS + canary.sentence, ChatSession())

    def feedback(self, canary: Canary) -> None:
        """Say what would have been better."""
        redacted = redact(clean_input(canary.sentence, 1000), ChatSession(), self.app.parts.redactor())
        self.people.feedback.give(is_useful=False, comment=redacted)

    def letter_and_talk(self, canary: Canary) -> None:
        """Send a letter that names the detail on purpose, and talk with the peer who takes it."""
        asked = self.people.handovers.request(canary.sentence, urgent=bool(canary.number % 2), country="GB", wish=Wish.LISTEN)
        self.people.sweeper.sweep()
        seat = self.people.handovers.claim(self.peer, asked.handover_id)
        letter = self.people.handovers.letter(seat)
        self.people.handovers.post(seat, f"Thank you. You wrote: {canary.value}")
        self.people.handovers.post(Asker(asked.token), canary.sentence)
        heard = self.people.handovers.messages(seat)
        if canary.value in letter and any(canary.value in message.text for message in heard):
            self.reached.add(canary.number)
        self.people.handovers.close(seat)
        if canary.number % 3 == 0:
            self.people.handovers.erase(asked.token)

    def kept_chat(self, canary: Canary) -> None:
        """Keep a chat under a return code, open it again, and sometimes erase it."""
        kept = self.people.keeping.keep(KeptPage(country="GB", typed=(canary.sentence,)))
        page, copy = self.people.keeping.open(kept.code, CodeTries())
        if canary.sentence in page.typed:
            self.reached.add(canary.number)
        if canary.number % 2:
            self.people.keeping.erase(copy)

    def refused(self, canary: Canary) -> None:
        """Send far too much text."""
        self._turn(self._companion(self.redactor), canary.sentence * 200)

    def redaction_down(self, canary: Canary) -> None:
        """Write while redaction is broken."""
        self._turn(self._companion(FailingRedactor(RedactionFailed("the audit switched it off"))), canary.sentence)

    def quoting_error(self, canary: Canary) -> None:
        """Write while a library raises an error whose text quotes the message."""
        self._turn(self._companion(FailingRedactor(ValueError(canary.sentence))), canary.sentence)

    def upload(self, canary: Canary) -> None:
        """Bring in a file that names the detail, and do not publish it."""
        page = f"<h2>{canary.value}</h2><p>{canary.sentence}</p>".encode()
        self.curation.uploads.words_of(self.coordinator, "leaflet.html", page)

    def group(self, canary: Canary) -> None:
        """Join a group, under the detail itself when it is one that is refused as a name, write a card that names it, and leave."""
        memberships = self.curation.cards.memberships
        group = next(group for group in self.app.catalogue.groups if memberships.places(group.key).can_join)
        if canary.kind in _REFUSED_AS_NAMES:
            with contextlib.suppress(InputRefused, FormRefused):
                memberships.leave(memberships.join(group.key, canary.value).code)
        code = memberships.join(group.key, f"heron-{letters(canary.number).lower()}").code
        card = redact(clean_input(canary.sentence, 1000), ChatSession(), self.app.parts.redactor())
        self.curation.cards.write(code, group.topics[0], card)
        memberships.leave(code)

    def mentoring_pair(self, canary: Canary) -> None:
        """Be offered to each other, write the detail to the other of the pair, and sometimes be forgotten."""
        mentoring, channel = self.meetings.mentoring, self.meetings.pair_channel
        topic = self.app.catalogue.topics[0].slug
        codes = [mentoring.join(f"{side.value} {canary.number}", side, (topic,)) for side in Side]
        for code in codes:
            mentoring.answer(code, FEWEST_SESSIONS)
        channel.post(codes[0], canary.sentence)
        if any(canary.value in message.text for message in channel.read(codes[1]).messages):
            self.reached.add(canary.number)
        (mentoring.leave if canary.number % 2 else mentoring.part)(codes[0])

    def _end_chat(self) -> None:
        """End the chat as the page does, and write down what its session still holds, to be searched as well."""
        ended, self.session = self.session, ChatSession()
        ended.erase()
        with (self.record_dir / "ended-sessions.txt").open("a", encoding="utf-8") as file:
            file.write(f"{asdict(ended)} {vars(ended.placeholders)}\n")

    def _turn(self, companion: Companion, text: str, session: ChatSession | None = None) -> None:
        """Answer a message as the page does, in a thread that logs what goes wrong."""
        from companion.ui.turn_stream import TurnStream

        session = session or self.session
        TurnStream(lambda: companion.stream(text, session)).wait(_PATIENCE_S)

    def _companion(self, redactor: Redactor | None) -> Companion:
        """Return the program as the pages use it, or with a broken part."""
        if redactor is None:
            return self.app.companion
        return Companion(_Parts(self.app.parts.for_a_turn(), redactor), self.app.words, turn_options(self.app.settings), self.app.clock)

    def _leak(self, canary: Canary) -> None:
        """Make the leak that a self-test asks for, so that the audit is shown to find it."""
        plants: dict[str, Callable[[], object]] = {
            "log": lambda: log.warning("typed: %s", Told(canary.sentence)),
            "temp": lambda: Path(tempfile.gettempdir(), f"upload-{canary.number}.txt").write_text(canary.sentence, encoding="utf-16"),
            "database": lambda: self.curation.library.history.record(
                self.coordinator, f"articles/{canary.number}.md", None, canary.sentence, ""
            ),
            "notice": lambda: self._tell_outside(canary),
        }
        for name, leak in plants.items():
            if self.plant in {name, ALL}:
                leak()

    def _tell_outside(self, canary: Canary) -> None:
        connection = HTTPConnection("127.0.0.1", self.notices_port, timeout=5)
        connection.request("POST", "/", canary.sentence.encode())
        connection.close()


class _Parts:
    """Hand out the parts of the program with another redactor."""

    def __init__(self, parts: Any, redactor: Any) -> None:
        self._parts = parts
        self._redactor = redactor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parts, name)

    def redactor(self) -> Any:
        """Return the other redactor."""
        return self._redactor


def audit_settings(errand: Errand) -> Settings:
    """Return the settings of the audited program: every part that can carry words is switched on."""
    overrides: dict[str, object] = {
        "state_dir": Path(errand.state_dir),
        "country": "GB",
        "openai_base_url": f"http://127.0.0.1:{errand.model_port}/v1",
        "openai_api_key": "audit",
        "notify_urls": f"json://127.0.0.1:{errand.notices_port}/",
        "first_token_deadline_s": 0.5,
        "reply_deadline_s": 2.0,
        "watch_knowledge": False,
        "database_url": None,
        "chroma_url": None,
        "peer_max_per_day": 1_000_000,  # one peer takes every letter of the audit
        "peer_rest_minutes": 0,
    }
    if errand.knowledge_dir:
        overrides["knowledge_dir"] = Path(errand.knowledge_dir)
    return load_settings(**overrides)


def main() -> None:
    """Run one errand."""
    errand = Errand(**json.load(sys.stdin))
    silence_vendors()
    record = Path(errand.record_dir)
    with (record / f"log-{errand.first}.jsonl").open("w", encoding="utf-8") as stream:
        install_logging(logging.DEBUG, stream)
        record_sockets(record)
        actor = _actor(errand)
        for canary in make_canaries(errand.count, errand.seed)[errand.first : errand.last]:
            _say(partial(actor.type_it, canary), canary, actor)
        actor.people.close()
        actor.app.parts.close()
        stream.flush()


def _say(act: Callable[[], str], canary: Canary, actor: Actor) -> None:
    """Type one canary and tell how it went: its way, whether a human was shown it, and the kind of an error that ended it."""
    try:
        row: dict[str, object] = {"way": act()}
    except CompanionError as exc:
        row = {"way": "failed", "error": type(exc).__name__}
    row |= {"number": canary.number, "kind": CanaryKind(canary.kind).value, "reached": canary.number in actor.reached}
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def _actor(errand: Errand) -> Actor:
    settings = audit_settings(errand)
    app, people = build(settings), open_people(settings)
    app.warm_up()
    blind = BlindRedactor() if errand.plant in {"model", ALL} else None
    curation = open_curation(app, people)
    actor = Actor(app, people, curation, open_meetings(app, people), errand.plant, blind, errand.notices_port, Path(errand.record_dir))
    actor.peer, actor.coordinator = _staff(people, "peer", Role.PEER), _staff(people, "coordinator", Role.COORDINATOR)
    return actor


def _staff(people: People, name: str, role: Role) -> Caller:
    if name not in {member.username for member in people.staff.members(OPERATOR)}:
        people.staff.add_member(OPERATOR, NewMember(name, PASSWORD, name.title(), frozenset({role}), people.duty.clock.now().date()))
    caller = people.staff.sign_in(name, PASSWORD).caller
    if role is Role.PEER:
        people.duty.set_status(caller, DutyStatus.ON_DUTY)
    return caller


if __name__ == "__main__":
    main()
