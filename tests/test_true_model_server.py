"""Opt-in (`-m llm`): the protocol against a true server, llama.cpp by way of xllamacpp, with a true language model of 135 million parameters.

The model writes poorly, which is welcome here: whatever it says, only checked sentences or the curated reply may reach the screen. Its packages may
live in another environment: COMPANION_TEST_LLM_PYTHON names that environment's interpreter. CONTRIBUTING says how to set it up.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from pydantic import SecretStr
from recording_relay import RecordingRelay
from small_companion import companion_with

from companion.adapters.openai_writer import Endpoint, OpenAIWriter
from companion.bootstrap import App
from companion.events import ReplyRestarted, SentenceReady, TurnEvent
from companion.guard_rules import Rule
from companion.models import ReplyRequest, ReplySentence, Turn, WriterName
from companion.prompts import load_prompt
from companion.searching import nearness
from companion.session import ChatSession
from companion.settings import ROOT
from companion.stages.grounding import SentenceGuard

pytestmark = [pytest.mark.llm, pytest.mark.timeout(1800)]  # on a busy machine a reply takes a minute

PATIENCE_S = 400.0
NOT_INSTALLED = 3
ON_THE_LIBRARY = (
    "off nights at 7 and wide awake by 11 every day",
    "my boss changes the deadline every single day",
    "everything is urgent and i dont know where to begin",
)
NAMES = "my manager Priya Sharma (priya.sharma@example.org, 07700 900123) changes the deadline every single day"


@pytest.fixture(scope="module")
def relay() -> Iterator[RecordingRelay]:
    python = os.environ.get("COMPANION_TEST_LLM_PYTHON", sys.executable)
    command = [python, str(ROOT / "tools" / "serve_small_model.py")]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    address = server.stdout.readline().strip()
    if not address:
        _, told = server.communicate(timeout=30)
        (pytest.skip if server.returncode == NOT_INSTALLED else pytest.fail)(told.strip())
    with RecordingRelay(address) as relay:
        yield relay
    server.communicate(timeout=30)  # closes its standard input, which ends it


@pytest.fixture(scope="module")
def writer(relay: RecordingRelay) -> OpenAIWriter:
    patient = Endpoint(relay.base_url, SecretStr("none"), "small", 10.0, PATIENCE_S, PATIENCE_S, PATIENCE_S)
    return OpenAIWriter(patient, load_prompt(ROOT / "prompts", "reply"))


@dataclass
class Overheard:
    """A writer that passes another one's sentences on and keeps them."""

    writer: OpenAIWriter
    proposed: list[ReplySentence] = field(default_factory=list)

    @property
    def name(self) -> WriterName:
        return self.writer.name

    def write(self, request: ReplyRequest) -> Iterator[ReplySentence]:
        for sentence in self.writer.write(request):
            self.proposed.append(sentence)
            yield sentence


@dataclass(frozen=True)
class Held:
    """What happened in one turn: its events but the last, the turn, and what the model proposed."""

    events: list[TurnEvent]
    turn: Turn
    proposed: list[ReplySentence]


@pytest.fixture(scope="module")
def held(app: App, writer: OpenAIWriter) -> list[Held]:
    """Give the turn of each message on the library, the model writing."""
    turns = []
    for message in ON_THE_LIBRARY:
        overheard = Overheard(writer)
        *events, last = companion_with(app, model_writer=lambda overheard=overheard: overheard).stream(message, ChatSession())
        turns.append(Held(events, last.turn, overheard.proposed))
    return turns


def test_a_true_server_streams_word_by_word_and_sentences_come_of_it(held: list[Held], relay: RecordingRelay) -> None:
    assert bytes(relay.answered).count(b"chat.completion.chunk") > 10 * len(held)
    assert relay.answers > 10 * len(held)  # in as many pieces, not whole
    assert [sentence for one in held for sentence in one.proposed if re.search(r"[a-z]{3}", sentence.text)]


def test_the_request_is_what_the_api_asks_for_and_is_accepted(held: list[Held], relay: RecordingRelay) -> None:
    assert re.search(rb"^POST /v1/chat/completions HTTP/1\.1\r$", bytes(relay.asked), re.MULTILINE)
    assert set(re.findall(rb"^HTTP/1\.1 (\d+)", bytes(relay.answered), re.MULTILINE)) == {b"200"}


def test_what_reaches_the_screen_is_the_model_s_or_the_curated_writer_s(held: list[Held]) -> None:
    for one in held:
        is_withdrawn = any(isinstance(event, ReplyRestarted) for event in one.events)
        assert one.turn.reply.writer is (WriterName.CURATED if is_withdrawn else WriterName.MODEL)
        assert (one.turn.reply.notice is not None) is is_withdrawn
        assert one.turn.reply.citations


def test_every_sentence_that_was_shown_passes_a_fresh_guard(app: App, held: list[Held]) -> None:
    for one in held:
        is_reviewed = one.turn.reply.writer is WriterName.CURATED
        guard = SentenceGuard(one.turn.passages, app.words.guard_rules, nearness(app.parts), is_reviewed=is_reviewed)
        assert [guard.check(sentence) for sentence in one.turn.reply.sentences] == list(one.turn.reply.sentences)


def test_every_sentence_of_the_model_is_shown_or_was_kept_back_by_the_guard(app: App, held: list[Held]) -> None:
    for one in held:
        guard = SentenceGuard(one.turn.passages, app.words.guard_rules, nearness(app.parts))
        allowed = [checked.text for sentence in one.proposed if (checked := guard.check(sentence)) is not None]
        assert [event.text for event in one.events if isinstance(event, SentenceReady)][: len(allowed)] == allowed


def test_a_guard_that_lets_nothing_through_leaves_no_word_of_the_model(app: App, writer: OpenAIWriter) -> None:
    rules = app.words.guard_rules
    strict = replace(
        rules, needs_source=(Rule("all", re.compile(".")),), banned=(*rules.banned, Rule("all", re.compile("."), own_words=True))
    )
    companion = companion_with(app, words={"guard_rules": strict}, model_writer=lambda: writer)

    events = list(companion.stream(ON_THE_LIBRARY[1], ChatSession()))

    assert [event for event in events if isinstance(event, ReplyRestarted)]
    assert events[-1].turn.reply.writer is WriterName.CURATED


def test_no_name_address_or_number_goes_to_the_server(app: App, writer: OpenAIWriter, relay: RecordingRelay) -> None:
    relay.asked.clear()

    companion_with(app, model_writer=lambda: writer).respond(NAMES, ChatSession())

    assert b"changes the deadline every single day" in relay.asked
    assert [word for word in (b"priya", b"sharma", b"07700", b"900123") if word in bytes(relay.asked).lower()] == []


def test_somebody_at_risk_is_not_told_to_the_server(app: App, writer: OpenAIWriter, relay: RecordingRelay) -> None:
    relay.asked.clear()

    turn = companion_with(app, model_writer=lambda: writer).respond("i want to kill myself tonight", ChatSession())

    assert (turn.reply.writer, turn.triage.level.is_at_risk) == (WriterName.FIXED, True)
    assert bytes(relay.asked) == b""
