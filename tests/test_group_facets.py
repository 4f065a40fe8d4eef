"""Roles, goals and projects of a group: heard in what people write, a reason for a suggestion, and named in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.bootstrap import App
from companion.group_facets import facets_of, spoken_facets
from companion.models import RedactedMessage
from companion.models_groups import GroupMatch, PeerGroup, Rhythm
from companion.session import ChatSession
from companion.spelling import Spelling, read
from companion.stages.matching import GroupQuery, group_text, match_groups, shelve_groups

REASONS = {
    "shared": "You wrote about {topics}.",
    "similar": "It resembles {topics}.",
    "roles": "It is for {facets}.",
    "goals": "People there want to {facets}.",
    "projects": "It is for people who are part of {facets}.",
}
TIRED = "I am tired after every shift"
CIRCLE = PeerGroup(
    "A circle", "For people who are tired after work.", ("burnout",), "everyone",
    Rhythm("week", "Tuesday", "19:30", "Europe/London", 60), "remote", 12, "en", "trained peer", "open",
)  # fmt: skip


def heard(text: str, **facets: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return dict(spoken_facets(facets_of(replace(CIRCLE, **facets)), [read(text, Spelling((), {}, ()))]))  # type: ignore[arg-type]


def found(embedder: MiniLMEmbedder, groups: Sequence[PeerGroup], *said: str) -> tuple[GroupMatch, ...]:
    shelf = shelve_groups(tuple(groups), {}, REASONS, embedder.embed_passages)
    messages = [RedactedMessage(each) for each in said]
    return match_groups(GroupQuery(embedder.embed_message(messages[-1]), (), messages), shelf, threshold=0.0, limit=2)


@pytest.mark.parametrize(
    ("facet", "said", "is_heard"),
    [
        ("nurses", "As a nurse I never sit down", True),
        ("nurse", "we nurses never sit down", True),
        ("bank nurses", "I'm a bank and agency nurse", True),
        ("bank nurses", "the nurse said the bank is closed", False),  # another order
        ("bank nurses", "I went to the bank. The nurse called", False),  # another sentence
        ("sleep by day", "how do i ever sleep in the day", True),  # small words do not matter
        ("people starting on nights", "I am starting on nights in May", True),
        ("secretaries", "I am a secretary", True),
        ("team leads", "my team lead shouts", True),  # whose role it is, nobody can tell: the reason speaks of the group alone
        ("nurses", "my girl is at the nursery", False),
        ("porters", "I reported it", False),
    ],
)
def test_a_facet_is_heard_in_the_singular_and_the_plural_and_in_its_order(facet: str, said: str, is_heard: bool) -> None:
    assert (heard(said, roles=(facet,)) == {"roles": (facet,)}) is is_heard


def test_what_was_heard_is_told_by_field() -> None:
    text = "since the move to the new site I am a porter who wants to sleep"

    assert heard(text, roles=("porters", "nurses"), goals=("sleep",), projects=("the new site",)) == {
        "roles": ("porters",),
        "goals": ("sleep",),
        "projects": ("the new site",),
    }


@pytest.mark.parametrize(
    ("facets", "said", "reason"),
    [
        ({"roles": ("porters",)}, "I am a porter and tired after every shift", "It is for porters."),
        ({"goals": ("leave work at work",)}, "so tired, I cannot leave my work at work", "People there want to leave work at work."),
        (
            {"projects": ("the new rota system",)},
            "the new rota system makes me so tired",
            "It is for people who are part of the new rota system.",
        ),
    ],
)
def test_the_reason_names_what_was_heard(facets: dict[str, tuple[str, ...]], said: str, reason: str, embedder: MiniLMEmbedder) -> None:
    (match,) = found(embedder, [replace(CIRCLE, **facets)], said)  # type: ignore[arg-type]

    assert match.reason == f"It resembles burnout. {reason}"


def test_of_two_groups_that_fit_the_one_for_the_persons_role_comes_first(embedder: MiniLMEmbedder) -> None:
    for_porters, for_cooks = replace(CIRCLE, roles=("porters",)), replace(CIRCLE, roles=("cooks",))

    first = [found(embedder, [for_porters, for_cooks], f"I am a {role} and tired after every shift")[0] for role in ("porter", "cook")]

    assert [match.group for match in first] == [for_porters, for_cooks]


def test_a_role_told_earlier_in_the_chat_counts_too(embedder: MiniLMEmbedder) -> None:
    (alone,), (after,) = (found(embedder, [replace(CIRCLE, roles=("porters",))], *said) for said in ((TIRED,), ("I am a porter", TIRED)))

    assert alone.score < after.score
    assert "porters" in after.reason
    assert "porters" not in alone.reason


def test_facets_are_part_of_what_stands_for_a_group() -> None:
    group = replace(CIRCLE, roles=("porters", "nurses"), goals=("sleep by day",), projects=("the new site",))

    text = group_text(group, {})

    assert all(words in text for words in ("porters, nurses", "sleep by day", "the new site"))
    assert group_text(CIRCLE, {}) == "A circle. For people who are tired after work. For everyone. About burnout."


def test_who_starts_on_nights_is_told_that_the_group_is_for_them(app: App) -> None:
    turn = app.companion.respond("i am starting on nights next month and i dread it, how do people sleep", ChatSession())

    assert turn.groups[0].group.name == "After the Night Shift"
    assert "It is for people starting on nights." in turn.groups[0].reason


def test_every_facet_of_the_groups_that_ship_can_be_heard(app: App) -> None:
    for group in app.catalogue.groups:
        for facet in facets_of(group):
            assert heard(facet.written, **{facet.field: (facet.written,)})
