"""The model writer streams cited sentences from any OpenAI-compatible endpoint, and every fault of one ends in WriterFailed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from pydantic import SecretStr
from scripted_llm import Babble, Behaviour, Cut, EmptyChoices, Hang, InvalidJson, NotAStream, Ok, ScriptedLLM, Stall, Status

from companion.adapters.openai_writer import CircuitBreaker, Endpoint, OpenAIWriter
from companion.adapters.sentence_stream import MAX_REPLY_CHARS
from companion.errors import WriterFailed
from companion.models import (
    Entity,
    EntityType,
    Exchange,
    Passage,
    RedactedMessage,
    ReplyRequest,
    ReplySentence,
    TriageDecision,
    TriageLevel,
    WriterName,
)
from companion.prompts import load_prompt
from companion.sent import SentLedger
from companion.settings import ROOT

PROMPT = load_prompt(ROOT / "prompts", "reply")
KEY = "key-that-only-the-endpoint-sees"
NIGHT = Passage("night#2", "night", "Sleeping after the night shift", "What helps", "Wear dark glasses on the way home.")
BOSS = Passage("boss#1", "boss", "A manager who shouts", "What helps", "Write down what the manager said.")
MESSAGE = RedactedMessage("my charge nurse [Person A] keeps adding shifts", (Entity(16, 31, EntityType.PERSON, "[Person A]"),))
REQUEST = ReplyRequest(
    message=MESSAGE,
    history=(),
    passages=(NIGHT, BOSS),
    triage=TriageDecision(TriageLevel.NONE, 0.0),
    topics=("shift_work",),
    turn_number=1,
    offer_human=False,
)
GOOD = "It sounds as if [Person A] leaves you no rest. Wear dark glasses on the way home [1]. What keeps you awake?"


def endpoint(server: ScriptedLLM, **limits: float) -> Endpoint:
    """Return an endpoint with deadlines that suit a test."""
    quick = {"connect_s": 2.0, "first_token_s": 2.0, "first_sentence_s": 3.0, "total_s": 5.0} | limits
    return Endpoint(server.base_url, SecretStr(KEY), "test-model", **quick)


def writer(server: ScriptedLLM, **limits: float) -> OpenAIWriter:
    return OpenAIWriter(endpoint(server, **limits), PROMPT)


def sent_messages(server: ScriptedLLM, request: ReplyRequest = REQUEST) -> list[dict[str, str]]:
    list(writer(server).write(request))
    messages: list[dict[str, str]] = server.requests[-1].json["messages"]
    return messages


def test_sentences_stream_with_the_passages_behind_them(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok(GOOD))

    found = list(writer(scripted_llm).write(REQUEST))

    assert found == [
        ReplySentence("It sounds as if [Person A] leaves you no rest."),
        ReplySentence("Wear dark glasses on the way home.", ("night#2",)),
        ReplySentence("What keeps you awake?"),
    ]


def test_first_sentence_is_given_before_the_stream_ends(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Stall(("It is late. ", "What")))

    assert next(writer(scripted_llm).write(REQUEST)).text == "It is late."


def test_writer_says_that_it_is_the_model(scripted_llm: ScriptedLLM) -> None:
    assert writer(scripted_llm).name is WriterName.MODEL


# --- what is sent ---------------------------------------------------------------------------------------------------------------------


def test_the_stable_part_comes_first_and_the_message_last(scripted_llm: ScriptedLLM) -> None:
    history = (Exchange(RedactedMessage("first message"), "first reply"),)

    messages = sent_messages(scripted_llm, replace(REQUEST, history=history))

    assert [m["role"] for m in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert messages[0]["content"] == PROMPT.sections["system"]
    assert messages[2]["content"] == PROMPT.sections["example_reply"]
    assert [m["content"] for m in messages[3:5]] == ["first message", "first reply"]
    assert messages[-1]["content"].endswith(MESSAGE.text)


def test_passages_are_numbered_from_one(scripted_llm: ScriptedLLM) -> None:
    last = sent_messages(scripted_llm)[-1]["content"]

    assert f"[1] {NIGHT.title}. {NIGHT.section}: {NIGHT.text}" in last
    assert f"[2] {BOSS.title}. {BOSS.section}: {BOSS.text}" in last


def test_uncovered_message_says_so_to_the_model(scripted_llm: ScriptedLLM) -> None:
    assert "does not cover" in sent_messages(scripted_llm, replace(REQUEST, passages=()))[-1]["content"]


@pytest.mark.parametrize("offer", [True, False])
def test_offer_of_a_person_is_asked_for_only_when_due(offer: bool, scripted_llm: ScriptedLLM) -> None:
    last = sent_messages(scripted_llm, replace(REQUEST, offer_human=offer))[-1]["content"]

    assert (PROMPT.sections["offer"] in last) is offer


def test_only_the_last_six_exchanges_are_sent(scripted_llm: ScriptedLLM) -> None:
    history = tuple(Exchange(RedactedMessage(f"message {n}"), f"reply {n}") for n in range(10))

    contents = [m["content"] for m in sent_messages(scripted_llm, replace(REQUEST, history=history))]

    assert contents[3:-1] == [text for n in range(4, 10) for text in (f"message {n}", f"reply {n}")]


def test_request_streams_is_short_and_holds_no_tools(scripted_llm: ScriptedLLM) -> None:
    sent_messages(scripted_llm)

    (received,) = scripted_llm.requests
    assert received.path == "/v1/chat/completions"
    assert (received.json["stream"], received.json["model"]) == (True, "test-model")
    assert 100 <= received.json.get("max_completion_tokens", received.json.get("max_tokens")) <= 1000
    assert {"tools", "functions", "tool_choice", "user", "metadata", "store"}.isdisjoint(received.json)


def test_the_key_is_in_one_header_only_and_no_name_anywhere(scripted_llm: ScriptedLLM) -> None:
    sent_messages(scripted_llm)

    (received,) = scripted_llm.requests
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.raw.count(KEY.encode()) == 1
    assert b"sarah" not in scripted_llm.received_bytes.lower()
    assert os.uname().nodename.encode() not in received.body


@pytest.mark.parametrize(
    "text",
    [
        '{"lc":1,"type":"secret","id":["OPENAI_API_KEY"]}',
        "{passages} {closing} {0} {} {{x}}",
        "{history}",
        "</s><|im_end|>",
        '"quotes" and \\backslashes\\ and \n lines',
        "\u202e\U0001f622",
    ],
)
def test_what_people_type_stays_text(text: str, scripted_llm: ScriptedLLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-of-the-environment")
    request = replace(REQUEST, message=RedactedMessage(text), history=(Exchange(RedactedMessage(text), text),))
    request = replace(request, passages=(replace(NIGHT, text=text),))

    messages = sent_messages(scripted_llm, request)

    assert messages[-1]["content"].endswith(text)
    assert [m["content"] for m in messages[3:5]] == [text, text]
    assert f"What helps: {text}" in messages[-1]["content"]
    assert b"secret-of-the-environment" not in scripted_llm.received_bytes


TRACED = """
import sys
from companion.settings import silence_vendors
silence_vendors()
from test_openai_writer import REQUEST, OpenAIWriter, Endpoint, PROMPT, SecretStr
found = list(OpenAIWriter(Endpoint(sys.argv[1], SecretStr("k"), "m"), PROMPT).write(REQUEST))
from langchain_core.tracers.langchain import wait_for_all_tracers
wait_for_all_tracers()
print(len(found))
"""


def test_tracing_switched_on_in_the_environment_sends_nothing(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok(GOOD))
    spy = scripted_llm.base_url
    tracing = dict.fromkeys(("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING_V2"), "true")
    keys = {"LANGSMITH_ENDPOINT": spy, "LANGCHAIN_ENDPOINT": spy, "LANGSMITH_API_KEY": "k", "LANGCHAIN_API_KEY": "k"}
    environment = {"PATH": "", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", **tracing, **keys}

    done = subprocess.run([sys.executable, "-c", TRACED, spy], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "3"
    assert [request.path for request in scripted_llm.requests] == ["/v1/chat/completions"]


# --- faults ---------------------------------------------------------------------------------------------------------------------------

FAULTS: dict[str, tuple[Behaviour, dict[str, float]]] = {
    "too many requests": (Status(429), {}),
    "key refused": (Status(401), {}),
    "server error": (Status(500), {}),
    "unavailable": (Status(503), {}),
    "hangs": (Hang(), {"first_token_s": 0.3}),
    "stalls at once": (Stall(()), {"first_token_s": 0.3}),
    "stalls in the first sentence": (Stall(("It sounds", " as")), {"first_token_s": 0.3}),
    "stalls in the second sentence": (Stall(("It is late. ", "What")), {"first_token_s": 0.3}),
    "cut in the first sentence": (Cut(("It sounds", " as")), {}),
    "cut in the second sentence": (Cut(("It is late. ", "What")), {}),
    "invalid json": (InvalidJson(), {}),
    "empty choices": (EmptyChoices(), {}),
    "empty text": (Ok(""), {}),
    "one endless sentence": (Babble(), {}),
    "a sign-in page": (NotAStream(), {}),
    "an answer in one piece": (NotAStream("application/json", json.dumps({"choices": [{"message": {"content": "Hi."}}]})), {}),
    "an empty page": (NotAStream("text/event-stream", ""), {}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_of_the_endpoint_ends_in_writer_failed(fault: str, scripted_llm: ScriptedLLM) -> None:
    behaviour, limits = FAULTS[fault]
    scripted_llm.will(behaviour)

    with pytest.raises(WriterFailed) as raised:
        list(writer(scripted_llm, **limits).write(REQUEST))

    assert MESSAGE.text not in str(raised.value)
    assert len(scripted_llm.requests) == 1  # no silent retry


def test_endpoint_that_is_not_there_ends_in_writer_failed() -> None:
    nowhere = Endpoint("http://127.0.0.1:9/v1", SecretStr("k"), "m", connect_s=0.5)

    with pytest.raises(WriterFailed):
        list(OpenAIWriter(nowhere, PROMPT).write(REQUEST))


def test_slow_drip_without_a_sentence_is_given_up(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok("word " * 100_000, size=2))

    with pytest.raises(WriterFailed):
        list(writer(scripted_llm, first_sentence_s=0.3).write(REQUEST))


def test_babble_in_sentences_is_cut_off(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Babble(text="Go on and on. "))

    found = list(writer(scripted_llm).write(REQUEST))

    assert sum(len(sentence.text) for sentence in found) <= MAX_REPLY_CHARS


# --- the breaker ----------------------------------------------------------------------------------------------------------------------


def fail(model: OpenAIWriter, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WriterFailed):
            list(model.write(REQUEST))


def test_endpoint_that_failed_five_times_is_left_alone(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Status(500))
    model = writer(scripted_llm)

    fail(model, 7)

    assert len(scripted_llm.requests) == 5


def test_one_success_forgives_earlier_failures(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(*[Status(500)] * 4, Ok(GOOD), Status(500))
    model = writer(scripted_llm)

    fail(model, 4)
    list(model.write(REQUEST))
    fail(model, 4)

    assert len(scripted_llm.requests) == 9


def test_reader_who_has_read_enough_is_no_failure(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok(GOOD))
    model = writer(scripted_llm)

    for _ in range(6):
        sentences = model.write(REQUEST)
        next(sentences)
        sentences.close()  # type: ignore[attr-defined]

    assert len(list(model.write(REQUEST))) == 3


def test_breaker_closes_again_after_its_pause() -> None:
    breaker = CircuitBreaker(limit=2, pause_s=0.0)

    breaker.record(succeeded=False)
    breaker.record(succeeded=False)

    assert not breaker.is_open


def test_after_the_pause_one_failed_probe_opens_the_breaker_again() -> None:
    seconds = [0.0]
    breaker = CircuitBreaker(limit=5, pause_s=30.0, now=lambda: seconds[0])
    for _ in range(5):
        breaker.record(succeeded=False)

    seconds[0] = 31.0
    was_open_for_the_probe = breaker.is_open
    breaker.record(succeeded=False)

    assert (was_open_for_the_probe, breaker.is_open) == (False, True)


def test_after_the_pause_one_good_probe_forgives_everything() -> None:
    seconds = [0.0]
    breaker = CircuitBreaker(limit=5, pause_s=30.0, now=lambda: seconds[0])
    for _ in range(5):
        breaker.record(succeeded=False)

    seconds[0] = 31.0
    breaker.record(succeeded=True)
    for _ in range(4):
        breaker.record(succeeded=False)

    assert not breaker.is_open


def test_more_replies_at_once_than_allowed_fail_at_once_and_blame_nobody(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok(GOOD))
    model = OpenAIWriter(replace(endpoint(scripted_llm), at_once=1), PROMPT)
    first = model.write(REQUEST)
    next(first)

    for _ in range(6):
        with pytest.raises(WriterFailed, match="as many replies"):
            list(model.write(REQUEST))
    first.close()  # type: ignore[attr-defined]

    assert len(list(model.write(REQUEST))) == 3


def test_breaker_opens_at_its_limit_and_not_before() -> None:
    breaker = CircuitBreaker(limit=2, pause_s=60.0)

    states = []
    for _ in range(2):
        breaker.record(succeeded=False)
        states.append(breaker.is_open)

    assert states == [False, True]


# --- the ledger of what was sent ---------------------------------------------------------------------------------------------------------


def test_the_ledger_holds_the_very_bytes_that_the_endpoint_received(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok(GOOD))
    request = replace(REQUEST, ledger=SentLedger())

    list(writer(scripted_llm).write(request))

    assert [(sent.host, sent.body) for sent in request.ledger.entries] == [("127.0.0.1", scripted_llm.requests[-1].body)]
    assert KEY.encode() not in request.ledger.entries[0].body


def test_what_was_sent_to_a_failing_endpoint_stays_in_the_ledger(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Status(500))
    request = replace(REQUEST, ledger=SentLedger())

    with pytest.raises(WriterFailed):
        list(writer(scripted_llm).write(request))

    assert [sent.body for sent in request.ledger.entries] == [scripted_llm.requests[-1].body]


def test_nothing_stands_in_the_ledger_when_no_connection_came_about() -> None:
    nowhere = Endpoint("http://127.0.0.1:9/v1", SecretStr(KEY), "test-model", connect_s=1.0)
    request = replace(REQUEST, ledger=SentLedger())

    with pytest.raises(WriterFailed):
        list(OpenAIWriter(nowhere, PROMPT).write(request))

    assert request.ledger.entries == ()


def test_each_turn_sees_only_what_left_for_itself(scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok(GOOD))
    first, second = replace(REQUEST, ledger=SentLedger()), replace(REQUEST, ledger=SentLedger())
    shared = writer(scripted_llm)

    list(shared.write(first))
    list(shared.write(second))

    assert (len(first.ledger.entries), len(second.ledger.entries)) == (1, 1)
