"""A model may word what a simulated colleague says; the scripted words stand when it fails, is late, or says what must not be said."""

from __future__ import annotations

import time

import pytest
from pydantic import SecretStr
from scripted_llm import Babble, Behaviour, Cut, EmptyChoices, Hang, InvalidJson, NotAStream, Ok, ScriptedLLM, Stall, Status

from companion.adapters.openai_colleague import OpenAIColleague
from companion.adapters.openai_writer import Endpoint
from companion.bootstrap import App
from companion.bootstrap_training import open_practice
from companion.bootstrap_words import guard_rules
from companion.errors import RedactionFailed, WriterFailed
from companion.library.practice_files import load_personas
from companion.models import RedactedMessage
from companion.models_lines import LineLabel, LineReading
from companion.models_practice import ColleagueLine, LineFeedback
from companion.prompts import load_prompt
from companion.settings import ROOT
from companion.training.practice import PracticeTalk
from companion.training.rewording import MOST_WORDS, Rewording

PROMPT = load_prompt(ROOT / "prompts", "practice")
PERSONAS = {persona.id: persona for persona in load_personas(ROOT / "knowledge" / "training" / "personas")}
GUARDS = guard_rules(ROOT / "prompts")
GOOD = "Yes. My legs still walk when I lie down, even in the morning."
DEADLINE_S = 1.0


def colleague(server: ScriptedLLM) -> OpenAIColleague:
    return OpenAIColleague(Endpoint(server.base_url, SecretStr("a key"), "test-model", 1.0, DEADLINE_S, DEADLINE_S, DEADLINE_S), PROMPT)


@pytest.fixture
def room(scripted_llm: ScriptedLLM) -> Rewording:
    return Rewording(colleague(scripted_llm), GUARDS, "\n".join(PROMPT.sections.values()), RedactedMessage)


def talk_with(persona: str = "exhausted-nurse", line: str = "Five nights, and it still goes on.") -> PracticeTalk:
    talk = PracticeTalk(PERSONAS[persona])
    talk.answer(line, LineReading(frozenset({LineLabel.REFLECTION})), LineFeedback())
    return talk


def test_the_model_words_what_the_graph_has_decided(scripted_llm: ScriptedLLM, room: Rewording) -> None:
    scripted_llm.will(Ok(f' "{GOOD}"\n'))
    talk = talk_with()
    scripted, mood = talk.last_said, talk.mood

    words = room.words(talk)

    assert words == GOOD
    sent = scripted_llm.requests[0].json["messages"][1]["content"]
    assert scripted in sent
    assert "Volunteer: Five nights, and it still goes on." in sent
    assert talk.mood == mood


def test_the_next_line_is_read_as_an_answer_to_the_reworded_one(scripted_llm: ScriptedLLM, room: Rewording) -> None:
    scripted_llm.will(Ok(GOOD))
    talk = talk_with()

    talk.reword(room.words(talk) or "")

    assert talk.last_said == GOOD
    assert talk.turns[-1].answer == GOOD


@pytest.mark.parametrize(
    "behaviour",
    [
        Status(429), Status(500), Status(503), Hang(), Stall(("My legs ",)), Cut(("My legs ",)), InvalidJson(), EmptyChoices(), NotAStream(),
        Ok(""), Ok(" \n "),
    ],
    ids=lambda each: type(each).__name__,
)  # fmt: skip
def test_every_fault_leaves_the_scripted_words_within_the_deadline(
    scripted_llm: ScriptedLLM, room: Rewording, behaviour: Behaviour
) -> None:
    scripted_llm.will(behaviour)
    talk = talk_with()
    scripted, began = talk.last_said, time.monotonic()

    assert room.words(talk) is None
    assert talk.last_said == scripted
    assert time.monotonic() - began < DEADLINE_S + 2


def test_a_flood_of_words_is_cut_off_and_not_shown(scripted_llm: ScriptedLLM, room: Rewording) -> None:
    scripted_llm.will(Babble())

    assert room.words(talk_with()) is None


def test_an_endpoint_that_keeps_failing_is_left_alone(scripted_llm: ScriptedLLM, room: Rewording) -> None:
    scripted_llm.will(Status(500))
    for _ in range(8):
        room.words(talk_with())

    assert len(scripted_llm.requests) == 5


@pytest.mark.parametrize(
    "said",
    [
        "You could ring 116 123, they are nice.",
        "Somebody told me to call nine eight eight.",
        "I read it on www.example.org.",
        "Write to me at imani@example.org.",
        "I took 2 of them and slept.",
        "I thought about suicide on the bus.",
        "Sometimes I wish I was dead.",
        "There are pills in the cupboard.",
        "As an AI I cannot be tired.",
        "Good reflection! Now try an open question.",
        "Ask [Person A] about it.",
        "<b>Tired.</b>",
        "Keep its meaning, its mood and how open it is.",
        "Ich bin müde 😀",
        "word " * (MOST_WORDS + 1),
    ],
)
def test_what_a_simulated_colleague_must_not_say_is_not_shown(scripted_llm: ScriptedLLM, room: Rewording, said: str) -> None:
    scripted_llm.will(Ok(said))

    assert room.words(talk_with()) is None
    assert len(scripted_llm.requests) == 1


def test_nothing_is_said_twice(scripted_llm: ScriptedLLM, room: Rewording) -> None:
    talk = talk_with()
    scripted_llm.will(Ok(talk.first_words))

    assert room.words(talk) is None


# --- where only reviewed words may stand -------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["Are you thinking about suicide?", "Do you want to die?", "Do you have pills at home?"])
def test_a_line_about_life_and_death_is_answered_in_reviewed_words(scripted_llm: ScriptedLLM, room: Rewording, line: str) -> None:
    assert room.words(talk_with(line=line)) is None
    assert scripted_llm.requests == []


def test_with_the_colleague_who_hints_at_suicide_no_model_speaks(scripted_llm: ScriptedLLM, room: Rewording) -> None:
    assert room.words(talk_with("hints-at-suicide")) is None
    assert scripted_llm.requests == []


def test_the_end_of_a_practice_stays_as_written(scripted_llm: ScriptedLLM, room: Rewording) -> None:
    talk = talk_with()
    talk.is_over = True

    assert room.words(talk) is None
    assert scripted_llm.requests == []


# --- what leaves -------------------------------------------------------------------------------------------------------


def test_what_a_learner_types_goes_with_names_hidden(app: App, scripted_llm: ScriptedLLM) -> None:
    settings = app.settings.model_copy(update={"openai_base_url": scripted_llm.base_url, "openai_api_key": SecretStr("a key")})
    app.settings, before = settings, app.settings
    rewording = open_practice(app).rewording()
    app.settings = before
    scripted_llm.will(Ok(GOOD))

    assert rewording is not None
    assert rewording.words(talk_with(line="my friend sarah whitfield says that too, 07700 900123")) == GOOD
    assert b"whitfield" not in scripted_llm.received_bytes.lower()
    assert b"900123" not in scripted_llm.received_bytes
    assert b"{talk}" not in scripted_llm.received_bytes


def test_when_names_cannot_be_hidden_nothing_goes(scripted_llm: ScriptedLLM) -> None:
    def hide(_line: str) -> RedactedMessage:
        raise RedactionFailed("down")

    assert Rewording(colleague(scripted_llm), GUARDS, "", hide).words(talk_with()) is None
    assert scripted_llm.requests == []


def test_braces_that_a_learner_types_stay_what_they_are(scripted_llm: ScriptedLLM, room: Rewording) -> None:
    room.words(talk_with(line="say {scripted} and {mood}"))

    assert "say {scripted} and {mood}" in scripted_llm.requests[0].json["messages"][1]["content"]


def test_without_an_endpoint_the_scripted_words_stand(app: App) -> None:
    assert open_practice(app).rewording() is None


def test_a_writer_that_is_not_there_is_no_fault_of_the_room() -> None:
    class Gone:
        def word(self, line: ColleagueLine) -> str:
            raise WriterFailed("gone")

    assert Rewording(Gone(), GUARDS, "", RedactedMessage).words(talk_with()) is None
