"""Whoever asks for groups or for others, without saying what about, is shown the way to all of them; who says what about, whether one fits."""

from __future__ import annotations

import pytest
from small_companion import companion_with, failing

from companion.bootstrap import App
from companion.bootstrap_words import plain_answers
from companion.errors import EmbeddingFailed
from companion.models import RedactedMessage, WriterName
from companion.session import ChatSession
from companion.settings import ROOT
from companion.suggesting import asks_for_groups, topic_asked_for

KNOWN = plain_answers(ROOT / "prompts", has_model=False)
ASKS = """
can you put me in touch with others?
can you put me in touch with others or groups
Could you connect me with other people like me?
are there any groups?
Is there a group I can join
is there a support group for this?
what groups are there
which groups do you have
do you have peer groups here
how do i find a group
where can I join a group?
I'd like to join a group
I need a group
i'm looking for a support group
I want to meet other people who feel the same
i'd like to talk to others in the same boat
are there others like me here
is there anyone else going through this?
show me the groups
groups please
it has been a long week. can you put me in touch with others?
gibt es hier Gruppen?
kannst du mich mit anderen in Kontakt bringen
¿hay grupos aquí?
¿puedes ponerme en contacto con otras personas?
y a-t-il des groupes ici ?
vous pouvez me mettre en contact avec d'autres ?
""".strip().splitlines()
DOES_NOT = """
is there a group for people on nights
want to start a group for the drivers, how does it work
Is there anyone else who feels hollow by Wednesday?
my group at work leaves me out
they put me in touch with the wrong people
can you put me in touch with someone
i want to talk to a person
is there anyone here
the groups of patients keep growing
she asked is there a group
I need people to do their job
i would like to meet my targets for once
can i join the meeting from home
are there others who snapped today at the till
I lead a group and it is falling apart
""".strip().splitlines()


@pytest.mark.parametrize("text", ASKS)
def test_asking_for_groups_is_heard(text: str) -> None:
    assert asks_for_groups(RedactedMessage(text), KNOWN)


@pytest.mark.parametrize("text", DOES_NOT)
def test_what_names_a_topic_or_is_about_something_else_is_an_ordinary_message(text: str) -> None:
    assert not asks_for_groups(RedactedMessage(text), KNOWN)


def test_the_first_message_meets_the_way_to_all_groups_and_no_guess(app: App) -> None:
    turn = app.companion.respond("can you put me in touch with others?", ChatSession())

    assert (turn.asks_for_groups, turn.groups, turn.full_groups) == (True, (), ())
    assert turn.reply.writer is WriterName.FIXED
    assert "All groups" in turn.reply.text


def test_what_was_said_before_is_what_the_groups_are_asked_about(app: App) -> None:
    session = ChatSession()
    app.companion.respond("i cannot sleep in the day after my night shifts", session)

    turn = app.companion.respond("can you put me in touch with others?", session)

    assert turn.asks_for_groups
    assert turn.groups[0].group.name == "After the Night Shift"


def test_an_ordinary_message_opens_no_way_to_all_groups(app: App) -> None:
    assert not app.companion.respond("i cannot sleep in the day after my night shifts", ChatSession()).asks_for_groups


# --- a group about something ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Is there a group for people who keep bees?", "people who keep bees"),
        ("hi, are there any support groups here about gambling", "gambling"),
        ("do you have a peer group for night staff", "night staff"),
        ("any group for vegans?", "vegans"),
        ("I'm looking for a group for carers", "carers"),
        ("can i join a group that i can join on grief", "grief"),
        ("I'd like to join a group for new dads", "new dads"),
        ("how do i find a group with other welders", "other welders"),
        # what it is about stands elsewhere, or nowhere
        ("is there a group for me", None),
        ("is there a group for this", None),
        ("is there a group for people who have been through one", None),
        ("are there any groups?", None),
        # no question for a group
        ("the group for night staff keeps me out", None),
        ("how do i start a group for carers", None),
        ("she asked is there a group for carers", None),
        ("i need a group of three to lift the bed", None),
    ],
)
def test_what_a_group_is_asked_to_be_about_is_read_from_the_question(text: str, topic: str | None) -> None:
    found = topic_asked_for(RedactedMessage(text), KNOWN)

    assert (found.text if found else None) == topic


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("is there a group for night staff?", "After the Night Shift"),
        ("i'm looking for a group for carers", "Working and Caring"),
        ("is there a group about chronic pain", "Body in the Way"),
    ],
)
def test_a_group_that_is_asked_for_and_exists_is_named_first(text: str, group: str, app: App) -> None:
    turn = app.companion.respond(text, ChatSession())

    assert [match.group.name for match in turn.groups][:1] == [group]
    assert (turn.asks_for_groups, turn.lacks_group, turn.reply.writer) == (True, False, WriterName.FIXED)
    assert turn.reply.text.startswith("What stands below may fit")


@pytest.mark.parametrize("about", ["people who keep bees", "stamp collectors", "lawyers", "people going through a divorce", "gambling"])
def test_where_none_fits_the_reply_says_so_and_names_the_ways_on(about: str, app: App) -> None:
    turn = app.companion.respond(f"is there a group for {about}?", ChatSession())

    assert (turn.groups, turn.full_groups, turn.asks_for_groups, turn.lacks_group) == ((), (), True, True)
    for said in ("none that fits", "All groups", "let a coordinator know", "how do I start a group"):
        assert said in turn.reply.text


def test_what_cannot_be_looked_through_is_not_called_unfitting(app: App) -> None:
    companion = companion_with(app, embedder=failing(EmbeddingFailed("down")))

    turn = companion.respond("is there a group for carers?", ChatSession())

    assert (turn.asks_for_groups, turn.lacks_group) == (True, False)
    assert "none that fits" not in turn.reply.text


# --- the turns before -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["that again, and it gets worse", "it was the same this week", "how do others cope with that"])
def test_a_short_message_is_read_with_the_turn_before(text: str, app: App) -> None:
    session = ChatSession()
    app.companion.respond("i cannot sleep in the day after my night shifts", session)

    leaning, alone = app.companion.respond(text, session), app.companion.respond(text, ChatSession())

    assert [match.group.name for match in leaning.groups][:1] == ["After the Night Shift"]
    assert "After the Night Shift" not in [match.group.name for match in alone.groups]
