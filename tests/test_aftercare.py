"""After a crisis message: fixed words and the lines, no library and no model, until the person chooses to go on."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_companion import companion_with

from companion.bootstrap import App
from companion.bootstrap_words import aftercare_words
from companion.errors import KnowledgeError
from companion.models import HumanOffer, RedactedMessage, TriageLevel, Turn, WriterName
from companion.session import ChatSession
from companion.settings import ROOT
from companion.stages.aftercare import words_to_stay
from companion.ui.text import load_words

CRISIS = "everyone would be better off without me, i want to kill myself"
ORDINARY = "my manager keeps moving the deadline and checks every step i do"
WORDS = aftercare_words(ROOT / "prompts")
REPLIES = {answer.id: answer.reply for answer in WORDS.answers}


def after_a_crisis(app: App, *texts: str) -> tuple[ChatSession, Turn]:
    session = ChatSession()
    companion = companion_with(app)
    companion.respond(CRISIS, session)
    turns = [companion.respond(text, session) for text in texts]
    return session, turns[-1]


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


def test_worry_about_a_colleague_does_not_take_the_library_away(app: App) -> None:
    session = ChatSession()
    companion = companion_with(app)

    first = companion.respond("i think my colleague is going to kill himself", session)

    assert first.triage.about_other
    assert session.staying_after is None


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

    said = words_to_stay(RedactedMessage(button), WORDS, (), after=TriageLevel.RISK, now=TriageLevel.RISK)

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
    said = words_to_stay(RedactedMessage(typed), WORDS, (), after=TriageLevel.RISK, now=TriageLevel.RISK)

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

    said = words_to_stay(RedactedMessage(typed), WORDS, (), after=TriageLevel.HARM_BY_OTHER, now=TriageLevel.NONE)

    assert said == (replies[answer] if answer else WORDS.stay[0])


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    folder.mkdir()
    (folder / "aftercare.yaml").write_text("answers: [{id: x}]\nstay: [a]\n", "utf-8")

    with pytest.raises(KnowledgeError, match="aftercare"):
        aftercare_words(folder.parent)
