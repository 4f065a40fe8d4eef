"""The letter that is drafted from a chat: at most three lines, in the employee's own redacted words."""

from __future__ import annotations

import pytest

from companion.bootstrap import App
from companion.session import ChatSession
from companion.settings import ROOT
from companion.ui.hand_over import letter_from
from companion.ui.text import Words, load_words

LONG = "the rota changed again and nobody asked us " * 30


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words(ROOT / "prompts")


@pytest.mark.parametrize(
    "said",
    [
        [],
        ["   "],
        ["i cannot switch off"],
        ["i cannot switch off", "my charge nurse [Person A] keeps adding shifts"],
        # what people paste has lines of its own
        ["first line\n\nsecond line\r\nthird line", LONG, "so it goes on\n" * 40],
        ["長い" * 400, "短い"],
    ],
)
def test_the_letter_has_at_most_three_lines_and_stays_short(said: list[str], words: Words) -> None:
    letter = letter_from(said, words)

    assert 1 <= len(letter.strip().splitlines()) <= 3
    assert len(letter) <= 600


def test_the_letter_begins_with_the_first_message_and_goes_on_with_the_newest(words: Words) -> None:
    letter = letter_from(["it began in spring", "in between", "and now i dread mondays"], words)

    assert letter.index("it began in spring") < letter.index("and now i dread mondays")
    assert "in between" not in letter


def test_what_was_gravest_stands_in_it_when_it_was_said_in_between(words: Words) -> None:
    said = ["it began in spring", "i think about not being here", "thanks, that helps"]
    letter = letter_from(said, words, gravest_at=1)

    assert letter.index("it began in spring") < letter.index("i think about not being here")
    assert "thanks, that helps" not in letter
    assert len(letter.strip().splitlines()) == 3


@pytest.mark.parametrize("gravest_at", [0, 2])
def test_what_was_gravest_stands_once_when_it_was_first_or_last(gravest_at: int, words: Words) -> None:
    letter = letter_from(["i do not want to live", "in between", "i have not slept"], words, gravest_at=gravest_at)

    assert letter.count("i do not want to live") == letter.count("i have not slept") == 1


def test_the_chat_knows_in_memory_which_message_was_gravest_and_forgets_it_with_the_rest(app: App) -> None:
    session = ChatSession()
    for message in ("the rota changed again", "everyone would be better off without me", "yes", "are you a real person"):
        app.companion.respond(message, session)
    assert session.gravest_at == 1
    session.erase()
    assert session.gravest_at is None


def test_bare_answers_stand_in_no_letter(words: Words) -> None:
    letter = letter_from(["it began in spring", "and now i dread mondays", "ok thanks", "yes"], words)

    assert "and now i dread mondays" in letter
    assert "yes" not in letter.split()
    assert letter_from(["it began in spring", "yes"], words).count("it began in spring") == 1


def test_placeholders_stand_whole_or_not_at_all(words: Words) -> None:
    for before in range(200, 245):
        letter = letter_from(["x" * before + " [Person A] keeps adding shifts " + LONG], words)

        assert letter.count("[") == letter.count("[Person A]") == letter.count("]")


def test_braces_in_a_message_are_left_alone(words: Words) -> None:
    assert "{last}" in letter_from(["the template says {last}", "and i am tired"], words).splitlines()[0]
