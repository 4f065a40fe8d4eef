"""Match a message with peer groups, with a reason in plain words, or say that none fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from companion.models import Matrix, RedactedMessage, Vector
from companion.models_groups import GroupMatch, PeerGroup
from companion.models_wishes import ANY_LANGUAGE, GroupWishes, time_of
from companion.phrases import Phrases
from companion.session import ChatSession
from companion.spelling import PlainText, Spelling, read

_TOPIC_SHARE = 0.3
"""What sharing the message's main topic adds to a group's closeness. This and the next two chosen by us on evals/datasets/groups.jsonl, dev."""
_SAYING_SHARE = 0.6
"""What the closest way of saying it counts beside the group's description, when a group has such ways."""
_MARGIN = 0.15
"""A second suggestion is made only this close to the first; a far one mostly embarrasses."""
_OTHER_TIMES, _OTHER_HELP = 0.1, 0.08
"""What meeting at another time, or offering another help than wished, takes off. Chosen by us: enough to change places, not to hide what fits."""
_NO_SPELLING = Spelling((), {}, ())
_NO_WISHES = GroupWishes()


@dataclass(frozen=True, slots=True)
class GroupShelf:
    """Hold the peer groups and their vectors: float32, (n_groups, dim), in the order of `groups`.

    topic_labels: slug → words for a sentence ("shift work"). reasons: templates with {topics} from `prompts/fixed/reasons.yaml`: `shared`,
    `similar`. sayings: float32, (n_sayings, dim), the groups' `asked_as`, group after group. conditions: per group the phrases of which one
    must have been said, None for a group that is for anyone.
    """

    groups: tuple[PeerGroup, ...]
    vectors: Matrix
    topic_labels: Mapping[str, str]
    reasons: Mapping[str, str]
    sayings: Matrix
    conditions: tuple[Phrases | None, ...]


def shelve_groups(
    groups: tuple[PeerGroup, ...], topic_labels: Mapping[str, str], reasons: Mapping[str, str], embed: Callable[[Sequence[str]], Matrix]
) -> GroupShelf:
    """Return groups ready for matching. embed: texts → float32, (n_texts, dim), rows L2-normalised."""
    about = embed([group_text(group, topic_labels) for group in groups])
    sayings = embed([saying for group in groups for saying in group.asked_as])
    conditions = tuple(Phrases(group.only_when_said) if group.only_when_said else None for group in groups)
    return GroupShelf(groups, about, topic_labels, reasons, sayings, conditions)


def group_text(group: PeerGroup, topic_labels: Mapping[str, str]) -> str:
    """Return the text that stands for a group when it is embedded."""
    about = ", ".join(topic_labels.get(slug, slug.replace("_", " ")) for slug in group.topics)
    return f"{group.name}. {group.description} For {group.for_whom}. About {about}."


def can_be_joined(group: PeerGroup) -> bool:
    """Tell whether a group is open and has a seat."""
    return group.status == "open" and (group.members is None or group.members < group.capacity)


@dataclass(frozen=True, slots=True)
class GroupQuery:
    """Hold what a message asks of the groups.

    embedding: of the message, None when the model is down. topics: its slugs, the main one first. said: the earlier messages and this one,
    for groups that are suggested only to people who spoke of something. language: of the chat, two letters; groups that speak another one
    are left out, unless a language was tapped. wishes: what was told in a few taps. not_these: keys of groups that are not to be shown.
    """

    embedding: Vector | None
    topics: Sequence[str]
    said: Sequence[RedactedMessage] = ()
    language: str = "en"
    wishes: GroupWishes = _NO_WISHES
    not_these: frozenset[str] = frozenset()


def wished_by(session: ChatSession) -> tuple[GroupWishes, frozenset[str]]:
    """Return what a chat knows of the person's wishes: how they would like to meet, and the groups not to show, their own manager's among them."""
    return session.group_wishes or _NO_WISHES, session.led_by_own_manager | session.not_these


def match_groups(query: GroupQuery, shelf: GroupShelf, *, threshold: float, limit: int) -> tuple[GroupMatch, ...]:
    """Return at most `limit` groups that can be joined, best first; empty when none reaches the threshold or the embedding is missing.

    threshold: on the score, 0 to 1.
    """
    if query.embedding is None or not shelf.groups:
        return ()
    plain = [read(message.text, _NO_SPELLING) for message in query.said]
    matches = [
        GroupMatch(group, _score(closeness, group, query), _reason(group, query, shelf))
        for group, closeness, condition in zip(shelf.groups, _closeness(query.embedding, shelf), shelf.conditions, strict=True)
        if _may_be_shown(group, query) and (_is_met(condition, plain) or query.wishes.topic == group.topics[0])
    ]
    best_first = sorted(matches, key=lambda match: -match.score)
    enough = max(threshold, best_first[0].score - _MARGIN) if best_first else threshold
    return tuple(match for match in best_first[:limit] if match.score >= enough)


def _may_be_shown(group: PeerGroup, query: GroupQuery) -> bool:
    """Tell whether a group can be joined, speaks the language, is wanted, and can be reached as wished."""
    is_reached = query.wishes.format is None or group.format in {query.wishes.format, "hybrid"}
    return can_be_joined(group) and _is_understood(group, query) and group.key not in query.not_these and is_reached


def _is_understood(group: PeerGroup, query: GroupQuery) -> bool:
    return (query.wishes.language or query.language) in {ANY_LANGUAGE, group.language}


def _is_met(condition: Phrases | None, plain: Sequence[PlainText]) -> bool:
    return condition is None or any(condition.found_in(text) for text in plain)


def _closeness(embedding: Vector, shelf: GroupShelf) -> list[float]:
    """Return how close the message is to each group, about 0 to 1: to its description, and to the closest way of saying it."""
    about = shelf.vectors @ embedding
    said = shelf.sayings @ embedding if len(shelf.sayings) else np.zeros(0, dtype=np.float32)
    found, at = [], 0
    for group, similarity in zip(shelf.groups, about, strict=True):
        own = said[at : at + len(group.asked_as)]
        at += len(group.asked_as)
        closest = float(own.max()) if len(own) else float(similarity)
        found.append((1 - _SAYING_SHARE) * float(similarity) + _SAYING_SHARE * closest)
    return found


def _score(closeness: float, group: PeerGroup, query: GroupQuery) -> float:
    bonus = sum(_TOPIC_SHARE / (1 + place) for place, slug in enumerate(query.topics) if slug in group.topics)
    malus = _OTHER_TIMES if query.wishes.times not in {None, time_of(group)} else 0.0
    malus += _OTHER_HELP if query.wishes.help is not None and group.offers and query.wishes.help not in group.offers else 0.0
    return round(float(np.clip(closeness + min(bonus, _TOPIC_SHARE) - malus, 0.0, 1.0)), 4)


def _reason(group: PeerGroup, query: GroupQuery, shelf: GroupShelf) -> str:
    shared = [slug for slug in query.topics if slug in group.topics] or list(group.topics[:2])
    kind = _kind_of_reason(group, query, shelf.reasons)
    template = shelf.reasons[kind].replace("{language}", _language(group, shelf))
    reason = template.replace("{topics}", _joined([shelf.topic_labels.get(slug, slug.replace("_", " ")) for slug in shared]))
    met = [
        f"wish_{wish.value}"
        for wish in (query.wishes.help, query.wishes.times)
        if wish is not None and wish in (*group.offers, time_of(group))
    ]
    facets = [shelf.reasons[name] for name in met if name in shelf.reasons]
    if kind != "language" and query.wishes.language == group.language and "wish_language" in shelf.reasons:
        facets.append(shelf.reasons["wish_language"].replace("{language}", _language(group, shelf)))
    return f"{reason} {shelf.reasons['wished'].replace('{facets}', _joined(facets))}" if facets else reason


def _kind_of_reason(group: PeerGroup, query: GroupQuery, reasons: Mapping[str, str]) -> str:
    if query.wishes.topic in group.topics:
        return "chosen"
    if any(slug in group.topics for slug in query.topics):
        return "shared"
    # Across languages no likeness is read: the language is why the group is shown.
    is_for_its_language = group.language != "en" and group.language == (query.wishes.language or query.language)
    return "language" if is_for_its_language and "language" in reasons else "similar"


def _language(group: PeerGroup, shelf: GroupShelf) -> str:
    return shelf.reasons.get(f"language_{group.language}", group.language)


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
