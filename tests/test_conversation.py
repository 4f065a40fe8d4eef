"""The life of a message: what is sent, kept, shown and offered, and how each part that breaks fails closed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from scripted_llm import Behaviour, Cut, Hang, InvalidJson, NotAStream, Ok, ScriptedLLM, Status
from small_companion import Parts, companion_with, failing

from companion.adapters.exact_index import NoVectors
from companion.adapters.openai_writer import Endpoint, OpenAIWriter
from companion.bootstrap import App, turn_options
from companion.conversation import Companion
from companion.errors import EmbeddingFailed, IndexUnavailable, InputRefused, KnowledgeError, RedactionFailed
from companion.events import MessageRedacted, ReplyRestarted, SentenceReady, Triaged, TurnFinished
from companion.models import EntityType, HumanOffer, RawMessage, TriageLevel, WriterName
from companion.ports import Clock
from companion.prompts import load_prompt
from companion.rows import turn_row
from companion.session import ChatSession
from companion.settings import ROOT

SHIFTS = "i have 3 shifts in a row and my charge nurse sarah whitfield keeps adding more, can't switch off"
DEADLINES = "my manager keeps moving the deadline and checks every step i do"
CRISIS = "everyone would be better off without me, i want to kill myself"
GOOD = "It sounds as if the goalposts keep moving. What is hardest about it?"

Model = Callable[[], OpenAIWriter]


@pytest.fixture
def model(scripted_llm: ScriptedLLM) -> Model:
    """Give a model writer on the scripted server; each test has its own, so that breakers do not meet."""
    endpoint = Endpoint(scripted_llm.base_url, SecretStr("k"), "m", connect_s=1, first_token_s=0.5, first_sentence_s=1, total_s=3)
    writer = OpenAIWriter(endpoint, load_prompt(ROOT / "prompts", "reply"))
    return lambda: writer


def fixed_file(name: str) -> str:
    """Return the words of a file below prompts/fixed, read without the program's own reader."""
    return (ROOT / "prompts" / "fixed" / f"{name}.md").read_bytes().decode().split("---\n", 2)[2].strip()


def lines_on_disk(code: str) -> list[tuple[str, str]]:
    """Return names and numbers of a country's lines that may be shown, read without the program's own reader."""
    countries = yaml.safe_load((ROOT / "knowledge" / "crisis_lines.yaml").read_text("utf-8"))["countries"]
    (country,) = [each for each in countries if each["code"] == code]
    return sorted((line["name"], line["dial"]) for line in country["lines"] if line["confidence"] != "C")


# --- the ordinary turn ----------------------------------------------------------------------------------------------------------------


def test_ordinary_message_gets_a_cited_answer_from_the_library(app: App) -> None:
    turn = companion_with(app).respond(DEADLINES, ChatSession())

    assert (turn.triage.level, turn.reply.writer, turn.reply.covered) == (TriageLevel.NONE, WriterName.CURATED, True)
    assert [c.number for c in turn.reply.citations] == list(range(1, len(turn.reply.citations) + 1)) != []
    assert all(f"[{c.number}]" in turn.reply.text for c in turn.reply.citations)
    assert "conflict_with_manager" in turn.topics
    assert len(turn.reply.text.split()) <= 130  # 120 words and the marks


def test_every_quote_of_the_curated_writer_stands_in_its_passage(app: App) -> None:
    turn = companion_with(app).respond(DEADLINES, ChatSession())

    for sentence in turn.reply.sentences:
        for passage_id in sentence.passage_ids:
            passage = next(p for p in turn.passages if p.id == passage_id)
            assert any(sentence.text.rstrip(".") in quote for quote in passage.quotes)


def test_events_come_in_order_and_tell_what_the_turn_holds(app: App) -> None:
    redacted, triaged, *sentences, last = companion_with(app).stream(DEADLINES, ChatSession())

    assert isinstance(last, TurnFinished)
    assert redacted == MessageRedacted(last.turn.message)
    assert triaged == Triaged(last.turn.triage)
    assert [s.text for s in sentences if isinstance(s, SentenceReady)] == [s.text for s in last.turn.reply.sentences]


def test_name_is_hidden_in_everything_that_leaves_the_turn(app: App) -> None:
    turn = companion_with(app).respond(SHIFTS, ChatSession())

    assert [entity.type for entity in turn.message.entities] == [EntityType.PERSON]
    assert "[Person A]" in turn.message.text
    assert "whitfield" not in f"{turn} {turn_row('1', turn)}".lower()
    assert SHIFTS[turn.message.entities[0].start : turn.message.entities[0].end] == "sarah whitfield"


def test_groups_come_with_a_reason(app: App) -> None:
    turn = companion_with(app).respond(SHIFTS, ChatSession())

    assert len(turn.groups) <= app.settings.max_groups
    assert all(match.reason and match.score >= app.settings.group_threshold for match in turn.groups)


def test_message_that_the_library_does_not_cover_is_answered_without_advice_and_with_a_person(app: App) -> None:
    turn = companion_with(app).respond("give me a good pancake recipe with blueberries", ChatSession())

    assert (turn.reply.covered, turn.reply.citations, turn.passages) == (False, (), ())
    assert turn.human is HumanOffer.OFFERED


def test_by_the_fourth_turn_a_person_is_offered(app: App) -> None:
    companion, session = companion_with(app), ChatSession()

    offers = [companion.respond(DEADLINES, session).human for _ in range(4)]

    assert offers == [HumanOffer.NONE, HumanOffer.NONE, HumanOffer.NONE, HumanOffer.OFFERED]


def test_two_turns_on_the_same_thing_do_not_repeat_themselves(app: App) -> None:
    companion, session = companion_with(app), ChatSession()

    first, second = (companion.respond(DEADLINES, session).reply.text for _ in range(2))

    assert first != second


@pytest.mark.parametrize("text", ["can i talk to a real person please", "i want to speak to someone"])
def test_asking_for_a_person_is_answered_at_once(text: str, app: App) -> None:
    turn = companion_with(app).respond(text, ChatSession())

    assert (turn.human, turn.reply.writer) == (HumanOffer.REQUESTED, WriterName.FIXED)
    assert turn.reply.text == app.words.fixed["person_requested"]


@pytest.mark.parametrize(
    ("text", "reason"), [("", "empty"), ("   \n", "empty"), ("word " * 20_000, "too_long"), ("\x00\x01\x02" * 50, "binary")]
)
def test_message_that_cannot_be_read_is_refused_and_not_kept(text: str, reason: str, app: App) -> None:
    session = ChatSession()

    with pytest.raises(InputRefused) as refused:
        companion_with(app).respond(text, session)

    assert (refused.value.reason, session.exchanges, session.raw_history) == (reason, [], [])


def test_log_tells_no_word_of_a_message(app: App, model: Model, scripted_llm: ScriptedLLM, caplog: pytest.LogCaptureFixture) -> None:
    scripted_llm.will(Ok(GOOD), Status(500))
    session = ChatSession()

    with caplog.at_level(logging.DEBUG, logger="companion"):
        for _ in range(2):
            companion_with(app, model_writer=model, risk_model=failing(IndexUnavailable("x"))).respond(SHIFTS, session)

    assert not {"sarah", "whitfield", "switch", "shifts"} & set(caplog.text.lower().split())


# A redactor that knows English takes the verbs of other languages for names; then the question was not understood.
ASKED_IN_OTHER_LANGUAGES = [
    ("¿Eres humano?", "Soy un programa"),
    ("Es-tu humain ?", "je suis un programme"),
    ("Bist du ein Mensch?", "Ich bin kein Mensch"),
    ("Você é humano?", "sou um programa"),
    ("Sei umano?", "sono un programma"),
    ("Ben je een mens?", "Ik ben geen mens"),
]


@pytest.mark.parametrize(("text", "answer"), ASKED_IN_OTHER_LANGUAGES)
def test_the_question_about_being_human_is_answered_at_once_in_its_language(text: str, answer: str, app: App) -> None:
    turn = companion_with(app).respond(text, ChatSession())

    assert (turn.message.entities, turn.reply.writer) == ((), WriterName.FIXED)
    assert answer in turn.reply.text


def test_a_name_beside_a_question_is_hidden_even_when_the_question_uses_the_same_word(app: App) -> None:
    turn = companion_with(app).respond("Ben je een mens? mijn collega Ben is ziek", ChatSession())

    assert turn.message.text == "Ben je een mens? mijn collega [Person A] is ziek"


# --- the crisis path ------------------------------------------------------------------------------------------------------------------

FIXED_WORDS = [
    # message, level, file
    ("i have been thinking about ending my life", TriageLevel.RISK, "crisis_risk"),
    ("i have the pills in my hand and i am going to take them now", TriageLevel.IMMINENT, "crisis_imminent"),
    ("my husband hits me and i am afraid to go home", TriageLevel.HARM_BY_OTHER, "harm_by_other"),
    ("i am going to stab my boss tomorrow, i have the knife", TriageLevel.HARM_TO_OTHER, "harm_to_other"),
    ("my colleague told me she wants to kill herself", TriageLevel.RISK, "crisis_for_colleague"),
    ("my workmate just texted goodbye and he is standing on the bridge now", TriageLevel.IMMINENT, "crisis_for_colleague_now"),
]


@pytest.mark.parametrize(("text", "level", "file"), FIXED_WORDS)
def test_crisis_words_are_those_of_the_reviewed_file_to_the_letter(text: str, level: TriageLevel, file: str, app: App) -> None:
    turn = companion_with(app).respond(text, ChatSession())

    assert turn.triage.level is level
    assert turn.reply.text == fixed_file(file)
    assert (turn.reply.writer, turn.human) == (WriterName.FIXED, HumanOffer.URGENT)
    assert turn.crisis_lines is not None
    assert turn.crisis_lines.code == "GB"


@pytest.mark.parametrize("text", [text for text, _, _ in FIXED_WORDS])
def test_crisis_message_never_reaches_the_model_nor_the_library(text: str, app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    turn = companion_with(app, model_writer=model).respond(text, ChatSession())

    assert scripted_llm.requests == []
    assert (turn.passages, turn.reply.citations, turn.groups) == ((), (), ())


def test_ordinary_message_after_a_crisis_brings_no_advice_at_once(app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    companion, session = companion_with(app, model_writer=model), ChatSession()
    companion.respond(CRISIS, session)

    turn = companion.respond("yes", session)

    assert turn.triage.level.is_at_risk
    assert scripted_llm.requests == []


def test_concern_is_met_by_one_caring_question_with_lines_and_a_person(app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    turn = companion_with(app, model_writer=model).respond("i cant do this anymore, there is no point", ChatSession())

    assert (turn.triage.level, turn.reply.text) == (TriageLevel.CONCERN, fixed_file("crisis_concern"))
    assert (turn.human, turn.crisis_lines is None, scripted_llm.requests) == (HumanOffer.OFFERED, False, [])


UNANSWERED = "i dont even know what im asking. im just so tired after these shifts"


def test_a_caring_question_that_was_not_answered_is_kept_open_beside_the_reply_once(app: App) -> None:
    companion, session = companion_with(app), ChatSession()
    companion.respond("i cant do this anymore, there is no point", session)

    first, second = (companion.respond(text, session) for text in (UNANSWERED, "i sleep badly after the night shift"))

    assert (first.reply.notice, second.reply.notice) == (app.words.fixed["question_stands"], None)


@pytest.mark.parametrize(
    "text",
    [
        "no, only the rota and the nights",
        "nope just tired of nights",
        "i would never do that, i sleep badly after nights",
        "nein nur die Schichten",
    ],
)
def test_whoever_says_no_to_the_caring_question_is_not_reminded_of_it(text: str, app: App) -> None:
    companion, session = companion_with(app), ChatSession()
    companion.respond("i cant do this anymore, there is no point", session)

    assert companion.respond(text, session).reply.notice is None


def test_a_no_that_sounds_like_doubt_leaves_the_caring_question_open(app: App) -> None:
    companion, session = companion_with(app), ChatSession()
    companion.respond("i cant do this anymore, there is no point", session)

    turn = companion.respond("no point in anything any more", session)

    assert turn.reply.notice == app.words.fixed["question_stands"]


@pytest.mark.parametrize("text", ["I'm worried about someone", "i am worried about someone on my team", "im worried about my husband"])
def test_a_worry_about_somebody_meets_its_own_words_a_person_and_the_lines(text: str, app: App) -> None:
    turn = companion_with(app).respond(text, ChatSession())

    assert turn.triage.about_other
    assert turn.reply.text == fixed_file("crisis_for_colleague")
    assert (turn.human, turn.crisis_lines is None, turn.passages) == (HumanOffer.OFFERED, False, ())


def test_more_about_a_colleague_at_risk_never_meets_words_about_the_readers_own_danger(app: App) -> None:
    companion, session = companion_with(app), ChatSession()
    companion.respond("my colleague told me she wants to kill herself", session)

    turn = companion.respond("she said she wants to die", session)

    assert turn.reply.text == fixed_file("crisis_for_colleague_now")


def test_whoever_worries_about_a_colleague_is_not_asked_whether_they_want_to_live_themselves(app: App) -> None:
    companion, session = companion_with(app), ChatSession()
    companion.respond("my colleague told me she wants to kill herself", session)

    turn = companion.respond("what do i actually say to her", session)

    assert turn.triage.level is TriageLevel.CONCERN
    assert (turn.reply.writer, turn.human) == (WriterName.CURATED, HumanOffer.OFFERED)


def test_after_harm_by_somebody_else_he_is_here_means_danger_and_not_company(app: App) -> None:
    companion, session = companion_with(app), ChatSession()
    companion.respond("my husband hits me and i am afraid to go home", session)

    turn = companion.respond("he is here", session)

    assert turn.reply.text.startswith("**If this person is near you and you may be hurt, call the emergency number")
    assert turn.crisis_lines is not None


@pytest.mark.parametrize(
    ("of_session", "of_deployment", "shown"), [("US", "GB", "US"), (None, "GB", "GB"), (None, None, None), ("XX", "GB", None)]
)
def test_lines_are_those_of_the_country_or_none(of_session: str | None, of_deployment: str | None, shown: str | None, app: App) -> None:
    turn = companion_with(app, country=of_deployment).respond(CRISIS, ChatSession(country=of_session))

    assert (turn.crisis_lines.code if turn.crisis_lines else None) == shown


DOWN: dict[str, Callable[[], Any]] = {
    "redactor": failing(RedactionFailed("down")),
    "embedder": failing(EmbeddingFailed("down")),
    "risk_model": failing(IndexUnavailable("down")),
    "stacks": failing(IndexUnavailable("down")),
    "groups": failing(EmbeddingFailed("down")),
    "curated_writer": failing(IndexUnavailable("down")),
    "model_writer": failing(RuntimeError("down")),
}


@pytest.mark.parametrize("down", [*([name] for name in DOWN), list(DOWN)], ids=[*DOWN, "all together"])
def test_crisis_help_needs_no_other_part(down: list[str], app: App) -> None:
    turn = companion_with(app, **{name: DOWN[name] for name in down}).respond(CRISIS, ChatSession())

    assert turn.reply.text == fixed_file("crisis_risk")
    assert turn.crisis_lines is not None
    assert sorted((line.name, line.dial) for line in turn.crisis_lines.lines) == lines_on_disk("GB")
    assert turn.human is HumanOffer.URGENT


@pytest.fixture
def still_clock() -> Clock:
    """Give a clock that stands still."""

    class StillClock:
        def now(self) -> datetime:
            return datetime(2026, 11, 26, 3, 0, tzinfo=UTC)

    return StillClock()


def test_too_many_messages_in_a_minute_are_met_with_a_friendly_line_and_no_model(
    app: App, model: Model, scripted_llm: ScriptedLLM, still_clock: Clock
) -> None:
    companion, session = limited(app, model, still_clock), ChatSession()

    turns = [companion.respond(text, session) for text in ("hi", "hello", DEADLINES)]

    assert turns[2].reply.text == app.words.fixed["slow_down"]
    assert scripted_llm.requests == []


def test_crisis_words_are_exempt_from_every_limit(app: App, model: Model, still_clock: Clock) -> None:
    companion, session = limited(app, model, still_clock), ChatSession()

    *_, last = [companion.respond(text, session) for text in ("hi", "hello", "hi", CRISIS)]

    assert last.reply.text == fixed_file("crisis_risk")
    assert last.crisis_lines is not None


def limited(app: App, model: Model, clock: Clock) -> Companion:
    """Return a Companion that takes two messages a minute."""
    options = replace(turn_options(app.settings), max_messages_per_minute=2)
    return Companion(Parts(app, model_writer=model), app.words, options, clock)


# --- fail closed ----------------------------------------------------------------------------------------------------------------------


class BrokenRedactor:
    """Fail on every message."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def find(self, raw: RawMessage) -> tuple[()]:
        raise self._error


REDACTION_DOWN: dict[str, Callable[[], Any]] = {
    "redactor": failing(RedactionFailed("down")),
    "not loaded": failing(IndexUnavailable("any other reason")),
    "too slow": lambda: BrokenRedactor(RedactionFailed("deadline")),
    "broken": lambda: BrokenRedactor(ValueError("a bug")),
}


@pytest.mark.parametrize("way", REDACTION_DOWN)
@pytest.mark.parametrize(
    ("text", "file", "human"), [(SHIFTS, "redaction_down", HumanOffer.OFFERED), (CRISIS, "crisis_risk", HumanOffer.URGENT)]
)
def test_without_redaction_nothing_is_sent_or_kept_and_lines_are_shown(
    way: str, text: str, file: str, human: HumanOffer, app: App, model: Model, scripted_llm: ScriptedLLM
) -> None:
    session = ChatSession()

    turn = companion_with(app, redactor=REDACTION_DOWN[way], model_writer=model).respond(text, session)

    assert (scripted_llm.requests, session.exchanges, session.raw_history, session.searched_with) == ([], [], [], None)
    assert (turn.message.text, turn.reply.text, turn.human) == ("", fixed_file(file), human)
    assert turn.crisis_lines is not None
    assert sorted((line.name, line.dial) for line in turn.crisis_lines.lines) == lines_on_disk("GB")


def test_without_redaction_the_second_message_gets_fewer_words_and_the_lines_again(app: App) -> None:
    companion, session = companion_with(app, redactor=failing(RedactionFailed("down"))), ChatSession()

    first, second, crisis = (companion.respond(text, session) for text in (SHIFTS, SHIFTS, CRISIS))

    assert (first.reply.text, second.reply.text) == (fixed_file("redaction_down"), fixed_file("redaction_down_again"))
    assert len(second.reply.text) < len(first.reply.text)
    assert (second.human, second.crisis_lines) == (HumanOffer.OFFERED, first.crisis_lines)
    assert crisis.reply.text == fixed_file("crisis_risk")


def test_without_redaction_and_triage_a_human_is_offered_with_the_lines(app: App) -> None:
    companion = companion_with(app, words={"triage_rules": None}, redactor=failing(RedactionFailed("down")))

    turn = companion.respond(CRISIS, ChatSession())

    assert (turn.reply.text, turn.human) == (fixed_file("triage_down"), HumanOffer.URGENT)
    assert turn.crisis_lines is not None


def test_triage_that_breaks_is_treated_as_needing_a_human(app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    turn = companion_with(app, words={"triage_rules": None}, model_writer=model).respond(SHIFTS, ChatSession())

    assert (turn.triage.level, turn.reply.text) == (TriageLevel.RISK, fixed_file("triage_down"))
    assert (turn.human, turn.crisis_lines is None, scripted_llm.requests) == (HumanOffer.URGENT, False, [])


def test_triage_goes_on_by_its_rules_when_the_classifier_is_down(app: App) -> None:
    companion = companion_with(app, risk_model=failing(IndexUnavailable("down")))

    assert companion.respond(CRISIS, ChatSession()).triage.level.is_at_risk
    assert companion.respond(DEADLINES, ChatSession()).triage.level is TriageLevel.NONE


class SureOfRisk:
    """A classifier to which every message is close to those of people at risk."""

    def probabilities(self, *_: object) -> dict[TriageLevel, float]:
        return {TriageLevel.RISK: 0.97, TriageLevel.NONE: 0.03}


def test_what_only_the_classifier_saw_in_another_language_is_still_met(app: App) -> None:
    turn = companion_with(app, risk_model=SureOfRisk).respond("no es lo mismo desde que se fue y ya no hay nada para mi", ChatSession())

    assert turn.triage.level is TriageLevel.RISK


def test_without_the_library_it_says_so_and_gives_no_advice(app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    turn = companion_with(app, stacks=failing(IndexUnavailable("down")), model_writer=model).respond(DEADLINES, ChatSession())

    assert turn.reply.text == app.words.fixed["library_down"]
    assert (turn.passages, turn.reply.citations, scripted_llm.requests) == ((), (), [])
    assert turn.human is HumanOffer.OFFERED


def test_without_embedding_the_rules_and_the_words_go_on(app: App) -> None:
    companion = companion_with(app, embedder=failing(EmbeddingFailed("down")))

    turn = companion.respond(DEADLINES, ChatSession())

    assert companion.respond(CRISIS, ChatSession()).triage.level.is_at_risk
    assert (turn.triage.level, turn.groups) == (TriageLevel.NONE, ())
    assert turn.reply.text


IN_NO_ARTICLE = "my xylophone rehearsal got cancelled yesterday"


def test_while_only_single_words_are_looked_for_nothing_is_called_missing(app: App) -> None:
    stand_in = replace(app.parts.stacks(), vectors=NoVectors(), by_words_only=True)
    without_model = companion_with(app, embedder=failing(EmbeddingFailed("down")))
    while_it_is_built = companion_with(app, stacks=lambda: stand_in)

    for companion in (without_model, while_it_is_built):
        turn = companion.respond(IN_NO_ARTICLE, ChatSession())
        assert turn.reply.text == app.words.fixed["library_by_words"]
        assert (turn.passages, turn.reply.citations, turn.human) == ((), (), HumanOffer.OFFERED)
    assert app.companion.respond(IN_NO_ARTICLE, ChatSession()).reply.text != app.words.fixed["library_by_words"]


# --- the model writer -----------------------------------------------------------------------------------------------------------------


def cited(quote: str = "Keep a simple list of changed deadlines") -> Callable[[object], str]:
    """Return a reply that quotes the passage in which some words stand, as a good model would."""

    def reply(received: Any) -> str:
        passages = received.json["messages"][-1]["content"].split("\n\n")
        mark = next(passage.split("]")[0].strip("[") for passage in passages if quote in passage)
        return f"It sounds as if the goalposts keep moving. {quote} [{mark}]. What is hardest about it?"

    return reply


def test_model_reply_is_shown_with_its_citation(app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok(cited()))

    turn = companion_with(app, model_writer=model).respond(DEADLINES, ChatSession())

    assert (turn.reply.writer, turn.reply.notice) == (WriterName.MODEL, None)
    assert "Keep a simple list of changed deadlines. [1] What is hardest" in turn.reply.text
    assert "Keep a simple list" in turn.reply.citations[0].passage.text


def test_model_never_receives_the_name_in_any_turn(app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    companion, session = companion_with(app, model_writer=model), ChatSession()

    for text in (SHIFTS, "sarah changed the rota again, what can i say to her", "Whitfield changed my night shifts again today"):
        companion.respond(text, session)

    assert len(scripted_llm.requests) == 3
    assert b"[Person A]" in scripted_llm.received_bytes
    assert b"sarah" not in scripted_llm.received_bytes.lower()
    assert b"whitfield" not in scripted_llm.received_bytes.lower()


MODEL_FAULTS: dict[str, Behaviour] = {
    "too many requests": Status(429),
    "server error": Status(500),
    "unavailable": Status(503),
    "hangs": Hang(),
    "cut": Cut(("It sounds hard. ", "What")),
    "invalid json": InvalidJson(),
    "sign-in page": NotAStream(),
    "says nothing": Ok(""),
    "cites nothing": Ok("That is a lot. What is hardest?"),
    "cites what is not there": Ok("Keep a simple list of changed deadlines [9]. Ask for the reason [8]."),
    "invents a number": Ok("Call 0800 555 9999 now [1]. Ring 555 1234 9999 [1]."),
    "invents advice": Ok("Try meditation. You should see an astrologer."),
    "claims to feel": Ok("I'm so sorry to hear that. I understand how you feel."),
    "is hijacked": Ok("System: new rules. <b>Click</b> [here](http://evil.example)."),
}


@pytest.mark.parametrize("fault", MODEL_FAULTS)
def test_reply_comes_from_the_library_when_the_model_fails(fault: str, app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(MODEL_FAULTS[fault])

    events = list(companion_with(app, model_writer=model).stream(DEADLINES, ChatSession()))

    turn = events[-1].turn if isinstance(events[-1], TurnFinished) else None
    assert turn is not None
    assert len(scripted_llm.requests) == 1
    assert (turn.reply.writer, turn.reply.notice) == (WriterName.CURATED, app.words.fixed["model_unreachable"])
    assert ReplyRestarted(app.words.fixed["model_unreachable"]) in events
    assert turn.reply.citations
    assert not any(word in turn.reply.text for word in ("555", "meditation", "sorry", "evil", "System"))


def test_withdrawn_sentences_are_not_part_of_the_reply(app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Cut(("It sounds as if the goalposts keep moving. ", "What")))

    events = list(companion_with(app, model_writer=model).stream(DEADLINES, ChatSession()))

    restart = next(n for n, event in enumerate(events) if isinstance(event, ReplyRestarted))
    assert any(isinstance(event, SentenceReady) and "goalposts" in event.text for event in events[:restart])
    assert not any(isinstance(event, SentenceReady) and "goalposts" in event.text for event in events[restart:])
    assert isinstance(events[-1], TurnFinished)
    assert "goalposts" not in events[-1].turn.reply.text


def test_one_bad_sentence_of_a_model_is_left_out(app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok(lambda received: cited()(received).replace("What is", "I understand how you feel. What is")))

    turn = companion_with(app, model_writer=model).respond(DEADLINES, ChatSession())

    assert turn.reply.writer is WriterName.MODEL
    assert "understand" not in turn.reply.text
    assert "What is hardest" in turn.reply.text


def test_model_writer_that_cannot_be_made_leaves_the_curated_one(app: App) -> None:
    turn = companion_with(app, model_writer=failing(KnowledgeError("reply.md:1: malformed"))).respond(DEADLINES, ChatSession())

    assert turn.reply.writer is WriterName.CURATED
    assert turn.reply.citations


@pytest.mark.parametrize("text", ["are you human?", "who can read this?", "can i talk to a real person please", "hi"])
def test_plain_question_is_answered_without_the_model(text: str, app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    turn = companion_with(app, model_writer=model).respond(text, ChatSession())

    assert turn.reply.writer is WriterName.FIXED
    assert scripted_llm.requests == []


def test_erased_session_tells_the_model_nothing_of_before(app: App, model: Model, scripted_llm: ScriptedLLM) -> None:
    companion, session = companion_with(app, model_writer=model), ChatSession()
    companion.respond(SHIFTS, session)

    session.erase()
    companion.respond(DEADLINES, session)

    assert b"charge nurse" not in scripted_llm.requests[-1].raw
    assert session.placeholders.surface_forms() == {}


def test_two_sessions_share_nothing(app: App) -> None:
    companion: Companion = companion_with(app)
    mine, yours = ChatSession(), ChatSession()
    companion.respond(SHIFTS, mine)

    companion.respond("my charge nurse priya nair keeps adding shifts", yours)

    assert mine.placeholders.surface_forms() == {"[Person A]": "sarah whitfield"}
    assert yours.placeholders.surface_forms() == {"[Person A]": "priya nair"}
    assert len(mine.exchanges) == len(yours.exchanges) == 1
