"""What people who try the program for the first time send first."""

from __future__ import annotations

import pytest

from companion.bootstrap import App
from companion.models import TriageLevel
from companion.prompts import fixed_entries
from companion.session import ChatSession
from companion.settings import ROOT

STARTERS = fixed_entries(ROOT / "prompts", "ui")["chat"]["starters"]  # type: ignore[index]
FIRST_WORDS = ("hi", "ok", "so tired", "i hate it here", "help", "she did it again today", "tried that, doesnt work")


@pytest.mark.parametrize("text", [*STARTERS, *FIRST_WORDS])
def test_first_words_meet_no_question_about_their_own_death(app: App, text: str) -> None:
    turn = app.companion.respond(text, ChatSession())

    assert turn.triage.level is TriageLevel.NONE or turn.triage.about_other  # a worry about a colleague meets the words for that
    assert turn.reply.covered or turn.human.value == "offered"


def test_nobody_is_asked_the_same_question_twice_in_a_row(app: App) -> None:
    session = ChatSession()
    first = app.companion.respond("i dont want to wake up tomorrow", session)

    yes = app.companion.respond("yes", session)
    no = app.companion.respond("no not like that im just tired", session)

    assert first.triage.level is yes.triage.level is TriageLevel.RISK
    assert len({first.reply.text, yes.reply.text, no.reply.text}) == 3
    assert "are you thinking about" not in no.reply.text
