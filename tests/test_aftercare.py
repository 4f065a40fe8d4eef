"""After a crisis message: fixed words and the lines, no library and no model, until the person chooses to go on."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from scripted_llm import ScriptedLLM
from small_companion import companion_with

from companion import conversation
from companion.adapters.openai_writer import Endpoint, OpenAIWriter
from companion.bootstrap import App
from companion.bootstrap_words import aftercare_words
from companion.conversation import Companion
from companion.errors import KnowledgeError
from companion.models import HumanOffer, RedactedMessage, TriageDecision, TriageLevel, Turn, WriterName
from companion.prompts import load_prompt
from companion.session import ChatSession
from companion.settings import ROOT
from companion.stages.aftercare import Stay, words_to_stay
from companion.ui.text import load_words

CRISIS = "everyone would be better off without me, i want to kill myself"
ORDINARY = "my manager keeps moving the deadline and checks every step i do"
WORDS = aftercare_words(ROOT / "prompts")
OWN = Stay(TriageLevel.RISK, TriageLevel.RISK)
REPLIES = {answer.id: answer.reply for answer in WORDS.answers}


def after_a_crisis(app: App, *texts: str) -> tuple[ChatSession, Turn]:
    session = ChatSession()
    companion = companion_with(app)
    companion.respond(CRISIS, session)
    turns = [companion.respond(text, session) for text in texts]
    return session, turns[-1]


def with_model(app: App, llm: ScriptedLLM) -> Companion:
    """Return a Companion whose replies a model would write."""
    writer = OpenAIWriter(Endpoint(llm.base_url, SecretStr("none"), "scripted"), load_prompt(ROOT / "prompts", "reply"))
    return companion_with(app, model_writer=lambda: writer)


def test_a_model_is_asked_when_nothing_is_wrong(app: App, scripted_llm: ScriptedLLM) -> None:
    with_model(app, scripted_llm).respond(ORDINARY, ChatSession())

    assert len(scripted_llm.requests) == 1


def test_an_ordinary_message_after_a_crisis_gets_no_advice_and_keeps_lines_and_person(app: App) -> None:
    _, turn = after_a_crisis(app, ORDINARY)

    assert (turn.reply.writer, turn.reply.citations, turn.groups, turn.passages) == (WriterName.FIXED, (), (), ())
    assert turn.crisis_lines is not None
    assert turn.human is not HumanOffer.NONE
    assert turn.can_go_on


def test_the_library_answers_again_once_the_person_has_chosen_it(app: App) -> None:
    session, _ = after_a_crisis(app, ORDINARY)

    session.go_on()
    turn = companion_with(app).respond(ORDINARY, session)

    assert turn.reply.writer is not WriterName.FIXED or turn.triage.level is not TriageLevel.NONE
    assert not turn.can_go_on


@pytest.mark.parametrize(("question", "truth"), [("are you a real person?", "not a person"), ("who can read this?", "Nobody at work")])
def test_a_question_about_the_program_is_answered_truly_while_staying(app: App, question: str, truth: str) -> None:
    _, turn = after_a_crisis(app, question)

    assert truth in turn.reply.text
    assert turn.crisis_lines is not None


def test_another_crisis_begins_the_staying_anew(app: App) -> None:
    session, _ = after_a_crisis(app, ORDINARY)
    session.go_on()
    companion = companion_with(app)

    companion.respond(CRISIS, session)

    assert companion.respond(ORDINARY, session).can_go_on


# --- a worry about somebody else ---------------------------------------------------------------------------------------------

WORRY, DANGER_OF_ANOTHER = "i'm worried about someone on my team", "my colleague is going to kill himself tonight"
FOR_ANOTHER = {answer.id: answer.reply for answer in (*WORDS.for_another, *WORDS.for_another_now)}


LATER_ON = "he has been so quiet since the summer, and his manager keeps moving every deadline"


@pytest.mark.parametrize("worry", [WORRY, "i think my colleague may kill himself one day", DANGER_OF_ANOTHER])
def test_after_a_worry_about_a_colleague_no_model_writes_until_the_person_has_chosen(
    app: App, scripted_llm: ScriptedLLM, worry: str
) -> None:
    session, companion = ChatSession(), with_model(app, scripted_llm)

    turns = [companion.respond(text, session) for text in (worry, LATER_ON, ORDINARY, ORDINARY)]
    before = len(scripted_llm.requests)
    session.go_on()
    companion.respond("thank you. my own sleep after nights is bad as well", session)

    assert turns[0].triage.about_other
    assert [(turn.groups, turn.human is HumanOffer.NONE) for turn in turns] == [((), False)] * 4
    assert {turn.reply.writer for turn in turns} <= {WriterName.FIXED, WriterName.CURATED}
    assert (before, len(scripted_llm.requests)) == (0, 1)


def test_while_a_colleague_is_in_danger_only_fixed_words_answer_with_lines_and_a_person(app: App) -> None:
    session, companion = ChatSession(), companion_with(app)

    companion.respond(DANGER_OF_ANOTHER, session)
    turn = companion.respond(LATER_ON, session)

    assert turn.reply.text in WORDS.stay_for_another
    assert (turn.crisis_lines is not None, turn.human is not HumanOffer.NONE, turn.can_go_on) == (True, True, True)


def test_whoever_worries_about_another_has_the_library_back_with_one_tap(app: App) -> None:
    session, companion = ChatSession(), companion_with(app)
    first = companion.respond(WORRY, session)

    session.go_on()
    turn = companion.respond(ORDINARY, session)

    assert first.can_go_on
    assert turn.reply.writer is not WriterName.FIXED


def test_own_danger_is_met_while_staying_with_a_worry_about_another(app: App) -> None:
    session, companion = ChatSession(), companion_with(app)
    companion.respond(WORRY, session)

    turn = companion.respond(CRISIS, session)

    assert turn.reply.text in {app.words.fixed["crisis_risk"], app.words.fixed["crisis_imminent"]}
    assert not session.stays_for_another


def test_what_only_sounds_like_danger_is_read_as_about_the_other(app: App) -> None:
    session, companion = ChatSession(), companion_with(app)
    companion.respond("i think my colleague may kill himself one day", session)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversation, "assess", lambda *_: TriageDecision(TriageLevel.IMMINENT, 0.7, ("planted",), is_guess=True))
        turn = companion.respond("what do i say to him tomorrow morning", session)

    assert turn.reply.text in WORDS.stay_for_another
    assert (turn.human, turn.crisis_lines is not None) == (HumanOffer.URGENT, True)


def test_a_worry_about_another_does_not_take_the_place_of_ones_own_danger(app: App) -> None:
    session, _ = after_a_crisis(app, WORRY)

    assert session.staying_after is not None
    assert not session.stays_for_another


NOW, LATER = TriageLevel.IMMINENT, TriageLevel.RISK
ABOUT_ANOTHER = [
    # level of the worry, what is typed, the answer it gets
    (LATER, "yes", "they_are_safe"),
    (LATER, "yes, he is at home with his wife", "they_are_safe"),
    (LATER, "she's with me", "they_are_safe"),
    (LATER, "I'm with him", "they_are_safe"),
    (LATER, "he's at home, his mum is with him, i rang her", "they_are_safe"),
    (LATER, "no", "they_are_not_safe"),
    (LATER, "I don't know", "they_are_not_safe"),
    (LATER, "I can't reach her", "they_are_not_safe"),
    (LATER, "he isn't answering", "they_are_not_safe"),
    (NOW, "yes", "they_are_found"),
    (NOW, "he's in his car", "they_are_found"),
    (NOW, "no idea where he is", "they_are_nowhere"),
    # near misses
    (LATER, "he is not himself", None),
    (LATER, "he is safe as houses but his brother hit him again last night at the pub", None),
    (NOW, "he has the pills", None),
]


@pytest.mark.parametrize(("level", "typed", "answer"), ABOUT_ANOTHER)
def test_an_answer_about_somebody_else_is_understood(level: TriageLevel, typed: str, answer: str | None) -> None:
    said = words_to_stay(RedactedMessage(typed), WORDS, (), Stay(level, TriageLevel.RISK, for_another=True))

    assert said == (FOR_ANOTHER[answer] if answer else None)


# --- unsure twice ---------------------------------------------------------------------------------------------------------------


def test_no_model_writes_to_a_concern_even_when_the_caring_question_was_just_asked(app: App, scripted_llm: ScriptedLLM) -> None:
    unsure = TriageDecision(TriageLevel.CONCERN, 0.5, ("planted",))
    session, companion = ChatSession(), with_model(app, scripted_llm)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversation, "assess", lambda *_: unsure)
        first, second = companion.respond("i do not know any more", session), companion.respond(ORDINARY, session)

    assert first.reply.text == app.words.fixed["crisis_concern"]
    assert (second.reply.writer, second.human) == (WriterName.CURATED, HumanOffer.OFFERED)
    assert scripted_llm.requests == []


def test_the_same_words_are_not_said_twice_in_a_row(app: App) -> None:
    session, _ = after_a_crisis(app, ORDINARY, ORDINARY, ORDINARY)

    replies = [exchange.reply for exchange in session.exchanges[1:]]
    assert len(set(replies)) == len(replies)


def test_ending_the_chat_ends_the_staying(app: App) -> None:
    session, _ = after_a_crisis(app, ORDINARY)

    session.erase()

    assert session.staying_after is None


@pytest.mark.parametrize("place", [0, 1, 2])
def test_each_button_of_the_page_has_a_reply_of_its_own(place: int) -> None:
    button = load_words(ROOT / "prompts").phrases("crisis.nearby_answers")[place]

    said = words_to_stay(RedactedMessage(button), WORDS, (), OWN)

    assert said == list(REPLIES.values())[place]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("yes my wife is here", "with_me"),
        ("my mum is next door", "with_me"),
        ("im alone", "alone"),
        ("no, nobody", "alone"),
        ("no one is here", "alone"),
        ("I'd rather not say", "rather_not"),
        # near misses: words for triage, not answers to the question
        ("i am alone and i have the pills", None),
        ("nobody would miss me", None),
        ("yes", None),
        ("my wife left me", None),
        ("my wife is dead", None),
    ],
)
def test_a_typed_answer_is_understood(typed: str, answer: str | None) -> None:
    said = words_to_stay(RedactedMessage(typed), WORDS, (), OWN)

    assert said == (REPLIES[answer] if answer else None)


DANGER, ALONE, SOMETHING_ELSE = "danger_is_near", "alone_and_harmed", None
AFTER_HARM = [
    ("he is here", DANGER),
    ("my husband just came home", DANGER),
    ("I can hear him outside", DANGER),
    ("im not safe", DANGER),
    ("I am alone", ALONE),
    ("my sister is with me", SOMETHING_ELSE),
    ("he is a nurse as well", SOMETHING_ELSE),
]


@pytest.mark.parametrize(("typed", "answer"), AFTER_HARM)
def test_somebody_near_is_no_comfort_after_harm_by_somebody_else(typed: str, answer: str | None) -> None:
    replies = {each.id: each.reply for each in WORDS.when_harmed}

    said = words_to_stay(RedactedMessage(typed), WORDS, (), Stay(TriageLevel.HARM_BY_OTHER, TriageLevel.NONE))

    assert said == (replies[answer] if answer else WORDS.stay[0])


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    folder.mkdir()
    (folder / "aftercare.yaml").write_text("answers: [{id: x}]\nstay: [a]\n", "utf-8")

    with pytest.raises(KnowledgeError, match="aftercare"):
        aftercare_words(folder.parent)


def test_are_you_human_is_answered_truly_also_after_the_person_chose_to_go_on(app: App) -> None:
    session = ChatSession()
    app.companion.respond("everyone would be better off without me", session)
    session.go_on()

    asked = app.companion.respond("are you human?", session)
    doubted = app.companion.respond("i want it all to stop. are you human?", session)

    farewell = app.companion.respond("thank you for everything, goodbye", session)

    assert "software" in asked.reply.text
    assert farewell.triage.level is not TriageLevel.NONE
    assert doubted.triage.level is not TriageLevel.NONE
