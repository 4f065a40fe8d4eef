"""Groups are suggested with a true reason, only when they fit and can be joined; otherwise none is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.bootstrap import App
from companion.bootstrap_meetings import group_languages, groups_instead, groups_wished
from companion.models import Exchange, RedactedMessage
from companion.models_groups import GroupMatch, PeerGroup, Rhythm, Suggested
from companion.models_wishes import ANY_LANGUAGE, GroupWishes, HelpKind, TimeOfDay
from companion.session import ChatSession
from companion.stages.matching import GroupQuery, can_be_joined, match_groups, shelve_groups, suggest_groups

LABELS = {"shift_work": "shift work", "sleep": "sleep", "grief": "loss and grief", "new_parent": "new parents"}
REASONS = {"shared": "You wrote about {topics}.", "similar": "It resembles {topics}."}
NIGHT = "I cannot sleep after my night shifts"


def group(name: str, description: str, *topics: str) -> PeerGroup:
    rhythm = Rhythm("week", "Tuesday", "19:30", "Europe/London", 60)
    return PeerGroup(name, description, topics, "everyone", rhythm, "remote", 12, "en", "trained peer", "open", members=5)


NIGHT_OWLS = group("Night owls", "For people who work night shifts and cannot sleep in the day.", "shift_work", "sleep")
GRIEVING = group("After a loss", "For people who have lost someone, at work or at home.", "grief")
PARENTS = group("New parents", "For people back at work with a baby.", "new_parent")
ALL = (PARENTS, NIGHT_OWLS, GRIEVING)


def match(
    text: str,
    embedder: MiniLMEmbedder,
    *,
    groups: Sequence[PeerGroup] = ALL,
    topics: Sequence[str] = (),
    threshold: float = 0.12,
    limit: int = 2,
    before: Sequence[str] = (),
) -> tuple[GroupMatch, ...]:
    shelf = shelve_groups(tuple(groups), LABELS, REASONS, embedder.embed_passages)
    said = (*(RedactedMessage(each) for each in before), RedactedMessage(text))
    query = GroupQuery(embedder.embed_message(said[-1]), topics, said)
    return match_groups(query, shelf, threshold=threshold, limit=limit)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (NIGHT, "Night owls"),
        ("my mother died and I have to work as if nothing happened", "After a loss"),
        ("back from maternity leave, the baby wakes me and I have to be in meetings", "New parents"),
    ],
)
def test_best_group_comes_first(text: str, name: str, embedder: MiniLMEmbedder) -> None:
    found = match(text, embedder)

    assert found[0].group.name == name
    assert [m.score for m in found] == sorted((m.score for m in found), reverse=True)
    assert all(0.12 <= m.score <= 1.0 for m in found)


@pytest.mark.parametrize("text", ["give me a pancake recipe", "the printer is out of paper", "?", ""])
def test_no_group_is_suggested_when_none_fits(text: str, embedder: MiniLMEmbedder) -> None:
    assert match(text, embedder) == ()


@pytest.mark.parametrize(
    ("changes", "is_joinable"),
    [
        ({}, True),
        ({"members": None}, True),  # nobody counted
        ({"members": 11}, True),
        ({"members": 12}, False),
        ({"members": 13}, False),
        ({"status": "full"}, False),
        ({"status": "closed"}, False),
        ({"status": "paused"}, False),
    ],
)
def test_only_open_groups_with_a_seat_are_suggested(changes: dict[str, object], is_joinable: bool, embedder: MiniLMEmbedder) -> None:
    owls = replace(NIGHT_OWLS, **changes)  # type: ignore[arg-type]

    names = [m.group.name for m in match(NIGHT, embedder, groups=(owls, PARENTS, GRIEVING))]

    assert can_be_joined(owls) is is_joinable
    assert ("Night owls" in names) is is_joinable


def test_group_of_another_language_is_left_out(embedder: MiniLMEmbedder) -> None:
    assert match(NIGHT, embedder, groups=(replace(NIGHT_OWLS, language="de"),)) == ()


def test_shared_topic_lifts_a_group(embedder: MiniLMEmbedder) -> None:
    without = match(NIGHT, embedder, groups=(NIGHT_OWLS,), threshold=0.0)[0].score

    main = match(NIGHT, embedder, groups=(NIGHT_OWLS,), threshold=0.0, topics=("shift_work", "grief"))[0].score
    second = match(NIGHT, embedder, groups=(NIGHT_OWLS,), threshold=0.0, topics=("grief", "shift_work"))[0].score
    both = match(NIGHT, embedder, groups=(NIGHT_OWLS,), threshold=0.0, topics=("shift_work", "sleep"))[0].score

    assert without < second < main <= both


@pytest.mark.parametrize(
    ("topics", "reason"),
    [
        (("shift_work",), "You wrote about shift work."),
        (("sleep", "shift_work"), "You wrote about sleep and shift work."),
        (("grief", "sleep"), "You wrote about sleep."),  # only what is true of this group
        (("grief",), "It resembles shift work and sleep."),
        ((), "It resembles shift work and sleep."),
    ],
)
def test_reason_names_what_is_shared(topics: tuple[str, ...], reason: str, embedder: MiniLMEmbedder) -> None:
    (found,) = match(NIGHT, embedder, groups=(NIGHT_OWLS,), topics=topics)

    assert found.reason == reason


def test_reason_reads_as_words_without_a_label(embedder: MiniLMEmbedder) -> None:
    (found,) = match(NIGHT, embedder, groups=(replace(NIGHT_OWLS, topics=("night_work",)),), topics=("night_work",))

    assert found.reason == "You wrote about night work."


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_at_most_as_many_as_asked(limit: int, embedder: MiniLMEmbedder) -> None:
    twins = [replace(NIGHT_OWLS, name=f"Night owls {n}") for n in range(4)]

    assert len(match(NIGHT, embedder, groups=twins, limit=limit)) == limit


def test_without_an_embedding_no_group_is_suggested(embedder: MiniLMEmbedder) -> None:
    shelf = shelve_groups(ALL, LABELS, REASONS, embedder.embed_passages)

    assert match_groups(GroupQuery(None, ("shift_work",)), shelf, threshold=0.0, limit=2) == ()


def test_without_groups_none_is_suggested(embedder: MiniLMEmbedder) -> None:
    shelf = shelve_groups((), LABELS, REASONS, embedder.embed_passages)

    assert match_groups(GroupQuery(np.ones(384, np.float32), ()), shelf, threshold=0.0, limit=2) == ()


def test_a_way_of_saying_it_brings_a_group_up_that_its_description_would_not(embedder: MiniLMEmbedder) -> None:
    text = "wide awake at noon and the bins are being collected"
    plain = replace(NIGHT_OWLS, description="A circle for people on the other side of the clock.")
    taught = replace(plain, asked_as=("wide awake at noon", "the bin lorry wakes me after work"))

    before, after = (match(text, embedder, groups=(PARENTS, each, GRIEVING), threshold=0.0)[0] for each in (plain, taught))

    assert after.group.name == "Night owls"
    assert 1 - after.score < (1 - before.score) / 4  # a quarter of the doubt


def test_where_a_full_group_fits_best_the_others_have_no_lead(embedder: MiniLMEmbedder) -> None:
    full = replace(NIGHT_OWLS, name="Owls of the north", status="full")

    alone = match(NIGHT, embedder, groups=(NIGHT_OWLS, PARENTS, GRIEVING))[0]
    beside_the_full_one = match(NIGHT, embedder, groups=(full, NIGHT_OWLS, PARENTS, GRIEVING))[0]

    assert beside_the_full_one.group == alone.group == NIGHT_OWLS
    assert beside_the_full_one.score < alone.score


def suggested(embedder: MiniLMEmbedder, *groups: PeerGroup) -> Suggested:
    shelf = shelve_groups(groups, LABELS, {**REASONS, "full": "It is full, and there is a list."}, embedder.embed_passages)
    return suggest_groups(GroupQuery(embedder.embed_message(RedactedMessage(NIGHT)), ("sleep",)), shelf, threshold=0.12, limit=2)


@pytest.mark.parametrize(
    ("changes", "is_named"),
    [({"status": "full"}, True), ({"members": 12}, True), ({"status": "paused"}, False), ({"status": "closed", "members": 12}, False)],
)
def test_where_nothing_else_fits_a_full_group_is_named_with_its_waiting_list(
    changes: dict[str, object], is_named: bool, embedder: MiniLMEmbedder
) -> None:
    found = suggested(embedder, replace(NIGHT_OWLS, **changes), GRIEVING)  # type: ignore[arg-type]

    assert found.groups == ()
    assert [match.reason for match in found.full] == ["You wrote about sleep. It is full, and there is a list."] * is_named
    assert found.named == found.full


def test_a_full_group_is_not_named_beside_one_that_can_be_joined(embedder: MiniLMEmbedder) -> None:
    found = suggested(embedder, replace(NIGHT_OWLS, name="Owls of the north", status="full"), NIGHT_OWLS)

    assert [match.group for match in found.named] == [NIGHT_OWLS]
    assert found.full == ()


def test_a_chat_about_colleagues_hears_of_the_full_group_and_its_waiting_list(app: App) -> None:
    turn = app.companion.respond("workmate hasnt spoken to me in a fortnight", ChatSession())

    assert turn.groups == ()
    assert [match.group.name for match in turn.full_groups] == ["Same Team, Hard Days"]
    assert turn.full_groups[0].reason.endswith("It is full just now, and there is a waiting list.")


def test_with_what_can_be_joined_set_aside_the_full_group_that_fits_is_named(app: App) -> None:
    session = ChatSession()
    session.not_these = {group.key for group in app.catalogue.groups if can_be_joined(group)}

    assert wished_groups(app, GroupWishes("conflict_with_peer")) == ["Same Team, Hard Days"]
    assert [match.group.status for match in groups_wished(app, GroupWishes("conflict_with_peer"), session)] == ["full"]


def test_what_came_before_helps_to_find_the_group(embedder: MiniLMEmbedder) -> None:
    shelf = shelve_groups(ALL, LABELS, REASONS, embedder.embed_passages)
    message = RedactedMessage("how do others cope with it")
    alone, leaning = (
        GroupQuery(embedder.embed_message(message), (), (message,), in_context=context)
        for context in (None, embedder.embed_message(RedactedMessage(NIGHT)))
    )

    assert [m.group.name for m in match_groups(alone, shelf, threshold=0.12, limit=1)] != ["Night owls"]
    assert [m.group.name for m in match_groups(leaning, shelf, threshold=0.12, limit=1)] == ["Night owls"]


def test_a_tapped_topic_counts_for_the_groups_that_meet_on_it(embedder: MiniLMEmbedder) -> None:
    shelf = shelve_groups(ALL, LABELS, {**REASONS, "chosen": "{topics}", "wished": "{facets}"}, embedder.embed_passages)
    embedding = embedder.embed_message(RedactedMessage("I would like to meet people"))

    guessed, tapped = (
        {m.group.name: m.score for m in match_groups(GroupQuery(embedding, (), wishes=GroupWishes(topic)), shelf, threshold=0.0, limit=3)}
        for topic in (None, "sleep")
    )

    assert tapped["Night owls"] > 3 * guessed.get("Night owls", 0.0)  # too little to be shown, unless it was tapped


def test_a_group_that_could_hurt_waits_until_somebody_speaks_of_it(embedder: MiniLMEmbedder) -> None:
    for_the_bereaved = replace(GRIEVING, only_when_said=("died", "lost my (mum|dad)"))
    quiet = "I am sad and everything at home is different now"

    assert match(quiet, embedder, groups=[for_the_bereaved], threshold=0.0) == ()
    assert match("I lost my mum in spring", embedder, groups=[for_the_bereaved], threshold=0.0) != ()
    assert match(quiet, embedder, groups=[for_the_bereaved], threshold=0.0, before=["my brother died"]) != ()


# --- a few taps, and not this one ---------------------------------------------------------------------------------------


def wished_groups(app: App, wishes: GroupWishes, *said: str) -> list[str]:
    return [match.group.name for match in groups_wished(app, wishes, chat_of(*said))]


def chat_of(*said: str) -> ChatSession:
    session = ChatSession()
    session.exchanges = [Exchange(RedactedMessage(text), "") for text in said]
    return session


def test_a_few_taps_find_the_group_on_the_chosen_topic_with_reasons(app: App) -> None:
    best = groups_wished(app, GroupWishes("burnout", HelpKind.LISTEN, "remote", TimeOfDay.DAYTIME), ChatSession())[0]

    assert best.group.name == "Running on Empty"
    assert best.reason == "It meets on what you chose, burnout. As you wished, there is listening and a meeting during the day."


def test_a_group_that_waits_for_its_word_is_found_by_who_taps_its_topic(app: App) -> None:
    assert wished_groups(app, GroupWishes("grief"))[0] == "Empty Chair"


@pytest.mark.parametrize(("how", "left_out"), [("remote", "onsite"), ("onsite", "remote")])
def test_how_to_meet_leaves_out_what_cannot_be_reached(app: App, how: str, left_out: str) -> None:
    for topic in app.catalogue.topics:
        found = groups_wished(app, GroupWishes(topic.slug, format=how), ChatSession())
        assert left_out not in {match.group.format for match in found}


def test_a_topic_that_no_group_meets_on_finds_none(app: App) -> None:
    assert wished_groups(app, GroupWishes("other")) == []


@pytest.mark.parametrize(
    ("tapped", "said", "found"),
    [
        (None, (), "en"),
        (None, ("ich kann nach der arbeit nicht mehr abschalten und bin müde",), "de"),
        (None, ("ich kann nach der arbeit nicht mehr abschalten und bin müde", "ok danke"), "de"),
        (None, ("ich kann nach der arbeit nicht mehr abschalten und bin müde", "sorry I will write in English now"), "en"),
        ("es", (), "es"),
        ("en", ("ich kann nach der arbeit nicht mehr abschalten und bin müde",), "en"),
    ],
)
def test_groups_speak_the_language_that_was_tapped_or_else_of_the_chat(
    app: App, tapped: str | None, said: tuple[str, ...], found: str
) -> None:
    matches = groups_wished(app, GroupWishes("burnout", language=tapped), chat_of(*said))

    assert {match.group.language for match in matches} == {found}


def test_to_whom_every_language_is_as_good_groups_of_several_are_found(app: App) -> None:
    topics = [topic.slug for topic in app.catalogue.topics]

    found = [groups_wished(app, GroupWishes(slug, language=ANY_LANGUAGE), ChatSession()) for slug in topics]

    assert len({match.group.language for matches in found for match in matches}) > 1


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("burnout", "It meets on what you chose, burnout. As you wished, there is talk in Spanish."),
        ("grief", "It speaks Spanish. It meets on language and culture and shift work."),
    ],
)
def test_reason_names_the_language_and_claims_no_likeness(app: App, topic: str, reason: str) -> None:
    best = groups_wished(app, GroupWishes(topic, language="es"), ChatSession())[0]

    assert best.group.name == "Entre Turnos"
    assert best.reason == reason


def test_only_languages_in_which_a_group_meets_are_offered(app: App) -> None:
    assert group_languages(app)[0] == "en"
    assert set(group_languages(app)) == {group.language for group in app.catalogue.groups if group.status != "closed"}


def test_a_tapped_language_counts_in_the_chat_too(app: App) -> None:
    session = ChatSession()
    session.group_wishes = GroupWishes(language="de")

    turn = app.companion.respond("i have been tired for months and weekends do not help, no energy left for anything", session)

    assert {match.group.language for match in turn.groups} <= {"de"}


def test_taps_find_groups_that_can_be_joined_or_else_one_full_one_alone(app: App) -> None:
    found = [groups_wished(app, GroupWishes(topic.slug), ChatSession()) for topic in app.catalogue.topics]

    statuses = {tuple(sorted({match.group.status for match in matches})) for matches in found}
    assert statuses <= {("open",), ("full",), ()}
    assert ("open",) in statuses
    assert all(len(matches) == 1 for matches in found if matches and matches[0].group.status == "full")


def test_not_this_one_gives_way_to_the_next_best(app: App) -> None:
    session = ChatSession()
    turn = app.companion.respond("i have been tired for months and weekends do not help, no energy left for anything", session)
    first = turn.groups[0].group
    session.not_these.add(first.key)

    instead = groups_instead(app, turn, session)

    assert first not in {match.group for match in instead}
    again = app.companion.respond("still no energy left for anything", session)
    assert first not in {match.group for match in again.groups}


def test_how_somebody_would_like_to_meet_counts_in_the_chat_too(app: App) -> None:
    session = ChatSession()
    session.group_wishes = GroupWishes(format="onsite")

    turn = app.companion.respond("i have been tired for months and weekends do not help, no energy left for anything", session)

    assert "remote" not in {match.group.format for match in turn.groups}


def test_ending_the_chat_forgets_the_wishes() -> None:
    session = ChatSession()
    session.group_wishes, session.not_these = GroupWishes(format="onsite"), {"night-circle"}

    session.erase()

    assert (session.group_wishes, session.not_these) == (None, set())
