"""Match a message with peer groups, with a reason in plain words, or say that none fits. How the score is made: `companion/group_fit.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from companion.group_facets import FACETS, Facet, facets_of, spoken_facets
from companion.group_fit import Signs, TellingWords, ToldApart, chance, lead, nearness, shared
from companion.library.meeting_times import NIGHT_WORK, OwnTime, is_at_night, time_of, works_nights
from companion.models import Matrix, RedactedMessage, Vector
from companion.models_groups import GroupMatch, PeerGroup, Suggested
from companion.models_wishes import ANY_LANGUAGE, GroupWishes
from companion.phrases import Phrases
from companion.session import ChatSession
from companion.spelling import PlainText, Spelling, read

_MUCH_LESS = 0.6
"""A second suggestion has at least this share of the first one's chance; what fits far less mostly embarrasses. Chosen by us on the dev rows."""
_OTHER_TIMES, _OTHER_HELP = 1.0, 0.8
"""What meeting at another time, or offering another help than wished, takes off the log odds. Chosen by us: enough to change places, not to hide
what fits."""
_CHOSEN = 2.0
"""What meeting on a tapped topic adds to the log odds: somebody who chose it need not be guessed at. Chosen by us."""
_NO_SPELLING = Spelling((), {}, ())
_NO_WISHES = GroupWishes()


@dataclass(frozen=True, slots=True)
class GroupShelf:
    """Hold the peer groups and their vectors: float32, (n_groups, dim), in the order of `groups`.

    topic_labels: slug → words for a sentence ("shift work"). reasons: templates with {topics} from `prompts/fixed/reasons.yaml`: `shared`,
    `similar`, and with {facets}: `roles`, `goals`, `projects`; `full`. sayings: float32, (n_sayings, dim), the groups' `asked_as`, group after group.
    conditions: per group the phrases of which one must have been said, None for a group that is for anyone. telling: what the words of a
    message tell about the groups. apart: what its meaning tells. facets: per group its roles, goals and projects.
    """

    groups: tuple[PeerGroup, ...]
    vectors: Matrix
    topic_labels: Mapping[str, str]
    reasons: Mapping[str, str]
    sayings: Matrix
    conditions: tuple[Phrases | None, ...]
    telling: TellingWords
    apart: ToldApart
    facets: tuple[tuple[Facet, ...], ...]


def shelve_groups(
    groups: tuple[PeerGroup, ...], topic_labels: Mapping[str, str], reasons: Mapping[str, str], embed: Callable[[Sequence[str]], Matrix]
) -> GroupShelf:
    """Return groups ready for matching. embed: texts → float32, (n_texts, dim), rows L2-normalised."""
    about = embed([group_text(group, topic_labels) for group in groups])
    sayings = embed([saying for group in groups for saying in group.asked_as])
    conditions = tuple(Phrases(group.only_when_said) if group.only_when_said else None for group in groups)
    texts = [[_plain(text).words for text in (group_text(group, topic_labels), *group.asked_as)] for group in groups]
    facets = tuple(facets_of(group) for group in groups)
    apart = ToldApart(about, sayings, [len(group.asked_as) for group in groups])
    return GroupShelf(groups, about, topic_labels, reasons, sayings, conditions, TellingWords(texts), apart, facets)


def group_text(group: PeerGroup, topic_labels: Mapping[str, str]) -> str:
    """Return the text that stands for a group when it is embedded."""
    about = ", ".join(topic_labels.get(slug, slug.replace("_", " ")) for slug in group.topics)
    facets = [f"{intro} {', '.join(words)}." for intro, words in _facet_texts(group) if words]
    return " ".join([f"{group.name}. {group.description} For {group.for_whom}. About {about}.", *facets])


def _facet_texts(group: PeerGroup) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("Who comes:", group.roles), ("They want to", group.goals), ("They are part of", group.projects))


def can_be_joined(group: PeerGroup) -> bool:
    """Tell whether a group is open and has a seat."""
    return group.status == "open" and (group.members is None or group.members < group.capacity)


def is_full(group: PeerGroup) -> bool:
    """Tell whether a group that takes people in has no seat, as far as the list knows: one can wait for a place."""
    return group.status == "full" or (group.status == "open" and not can_be_joined(group))


@dataclass(frozen=True, slots=True)
class GroupQuery:
    """Hold what a message asks of the groups.

    embedding: of the message, None when the model is down. topics: its slugs, the main one first. said: the earlier messages and this one,
    for groups that are suggested only to people who spoke of something. language: of the chat, two letters; groups that speak another one
    are left out, unless a language was tapped. wishes: what was told in a few taps. not_these: keys of groups that are not to be shown.
    in_context: the message in plain words, leaning on the one before, as the library was searched with it; None when it was not.
    own_time: the clock of whoever asks; None when it is not known, and then no hour is odd.
    """

    embedding: Vector | None
    topics: Sequence[str]
    said: Sequence[RedactedMessage] = ()
    language: str = "en"
    wishes: GroupWishes = _NO_WISHES
    not_these: frozenset[str] = frozenset()
    in_context: Vector | None = None
    own_time: OwnTime | None = None


def wished_by(session: ChatSession) -> tuple[GroupWishes, frozenset[str]]:
    """Return what a chat knows of the person's wishes: how they would like to meet, and the groups not to show, their own manager's among them."""
    return session.group_wishes or _NO_WISHES, session.led_by_own_manager | session.not_these


def suggest_groups(query: GroupQuery, shelf: GroupShelf, *, threshold: float, limit: int) -> Suggested:
    """Return the groups that can be joined, as `match_groups` finds them; where there is none, the full one that fits best."""
    groups = match_groups(query, shelf, threshold=threshold, limit=limit)
    return Suggested(groups) if groups else Suggested(full=match_groups(query, shelf, threshold=threshold, limit=1, which=is_full))


def match_groups(
    query: GroupQuery, shelf: GroupShelf, *, threshold: float, limit: int, which: Callable[[PeerGroup], bool] = can_be_joined
) -> tuple[GroupMatch, ...]:
    """Return at most `limit` groups, best first; empty when none reaches the threshold or the embedding is missing.

    Groups that meet at night on the own clock come last, unless whoever asks works nights. threshold: on the score, the chance that the
    group fits, 0 to 1. which: tells the groups that are meant.
    """
    if query.embedding is None or not shelf.groups:
        return ()
    best_first = sorted(
        (
            (score, row)
            for row, (group, (score, is_for_them)) in enumerate(zip(shelf.groups, scored(query, shelf), strict=True))
            if is_for_them and which(group) and _may_be_shown(group, query)
        ),
        key=lambda each: -each[0],
    )
    by_day = [each for each in best_first if not _is_at_an_odd_hour(shelf.groups[each[1]], query)]
    at_night = [each for each in best_first if each not in by_day]
    # A better one at night takes nothing from those by day.
    fitting = [each for each in by_day if each[0] >= max(threshold, by_day[0][0] * _MUCH_LESS)]
    fitting += [each for each in at_night if each[0] >= max(threshold, best_first[0][0] * _MUCH_LESS)]
    return tuple(GroupMatch(shelf.groups[row], round(score, 4), _reason(row, query, shelf)) for score, row in fitting[:limit])


def _is_at_an_odd_hour(group: PeerGroup, query: GroupQuery) -> bool:
    """Tell whether a group meets at night on the own clock of somebody who is not known to work then."""
    if query.own_time is None or query.wishes.topic == NIGHT_WORK or not is_at_night(query.own_time.of(group.rhythm)):
        return False
    return not works_nights(_plain(message.text) for message in query.said)


def scored(query: GroupQuery, shelf: GroupShelf) -> list[tuple[float, bool]]:
    """Return per group the chance that it fits, 0 to 1, and whether it may be spoken of: what it waits for was said. Needs an embedding."""
    return [
        (chance(signs, less=_less(group, query)), condition is None or signs["spoken"] > 0)
        for group, signs, condition in zip(shelf.groups, signs_of(query, shelf), shelf.conditions, strict=True)
    ]


def signs_of(query: GroupQuery, shelf: GroupShelf) -> list[dict[str, float]]:
    """Return the signs of each group, by the names of `FitWeights`; none without an embedding.

    A group that is full or paused is weighed as well: where it fits best, the others have no lead.
    """
    if query.embedding is None:
        return []
    plain = [_plain(message.text) for message in query.said]
    embedding = query.embedding if query.in_context is None else np.mean([query.embedding, query.in_context], axis=0)
    near = nearness(
        (shelf.vectors @ embedding).astype(np.float64), _cosines(shelf.sayings, embedding), [len(group.asked_as) for group in shelf.groups]
    )
    if query.wishes.language == ANY_LANGUAGE:
        near = _as_near_in_other_languages(near, query, shelf)
    are_understood = [_is_understood(group, query) for group in shelf.groups]
    leads, apart = lead(near, are_understood), shelf.apart.weigh(embedding, [group.language == query.language for group in shelf.groups])
    telling = shelf.telling.weigh(plain[-1].words if plain else ())
    return [
        {
            "near": float(near[row]),
            "lead": float(leads[row]),
            "apart": float(apart[row]),
            "topics": shared(query.topics, group.topics),
            "words": float(telling[row]),
            "spoken": float(_is_said(group, condition, query, plain)),
            "named": float(bool(spoken_facets(facets, plain))),
        }
        for row, (group, condition, facets) in enumerate(zip(shelf.groups, shelf.conditions, shelf.facets, strict=True))
    ]


def _as_near_in_other_languages(near: Signs, query: GroupQuery, shelf: GroupShelf) -> Signs:
    """Let the groups of other languages on the tapped topic be as near as the nearest of the message's own: across languages no likeness is read."""
    own = [value for value, group in zip(near, shelf.groups, strict=True) if group.language == query.language]
    is_meant = [group.language != query.language and query.wishes.topic in group.topics for group in shelf.groups]
    return np.where(np.array(is_meant), max(own, default=0.0), near)


def _is_said(group: PeerGroup, condition: Phrases | None, query: GroupQuery, plain: Sequence[PlainText]) -> bool:
    """Tell whether what a group waits for was said, or its topic tapped; never for a group that waits for nothing."""
    return condition is not None and (query.wishes.topic == group.topics[0] or any(condition.found_in(text) for text in plain))


def _cosines(rows: Matrix, embedding: Vector) -> Signs:
    return (rows @ embedding).astype(np.float64) if len(rows) else np.zeros(0)


def _plain(text: str) -> PlainText:
    return read(text, _NO_SPELLING)


def _less(group: PeerGroup, query: GroupQuery) -> float:
    less = -_CHOSEN if query.wishes.topic in group.topics else 0.0
    less += _OTHER_TIMES if query.wishes.times not in {None, time_of(group, query.own_time)} else 0.0
    return less + (_OTHER_HELP if query.wishes.help is not None and group.offers and query.wishes.help not in group.offers else 0.0)


def _may_be_shown(group: PeerGroup, query: GroupQuery) -> bool:
    """Tell whether a group speaks the language, is wanted, and can be reached as wished."""
    is_reached = query.wishes.format is None or group.format in {query.wishes.format, "hybrid"}
    return _is_understood(group, query) and group.key not in query.not_these and is_reached


def _is_understood(group: PeerGroup, query: GroupQuery) -> bool:
    return (query.wishes.language or query.language) in {ANY_LANGUAGE, group.language}


def _reason(row: int, query: GroupQuery, shelf: GroupShelf) -> str:
    group, reasons = shelf.groups[row], shelf.reasons
    shared = [slug for slug in query.topics if slug in group.topics] or list(group.topics[:2])
    kind = _kind_of_reason(group, query, reasons)
    template = reasons[kind].replace("{language}", _language(group, shelf))
    sentences = [template.replace("{topics}", _joined([shelf.topic_labels.get(slug, slug.replace("_", " ")) for slug in shared]))]
    heard = spoken_facets(shelf.facets[row], [_plain(message.text) for message in query.said])
    sentences += [reasons[field].replace("{facets}", _joined(heard[field])) for field in FACETS if field in heard and field in reasons]
    met = _met_wishes(group, query, shelf, names_language=kind != "language")
    sentences += [reasons["wished"].replace("{facets}", _joined(met))] if met else []
    return " ".join([*sentences, *([reasons["full"]] if is_full(group) and "full" in reasons else [])])


def _met_wishes(group: PeerGroup, query: GroupQuery, shelf: GroupShelf, *, names_language: bool) -> list[str]:
    wishes, reasons = query.wishes, shelf.reasons
    has = (*group.offers, time_of(group, query.own_time))
    names = [f"wish_{wish.value}" for wish in (wishes.help, wishes.times) if wish is not None and wish in has]
    met = [reasons[name] for name in names if name in reasons]
    if names_language and wishes.language == group.language and "wish_language" in reasons:
        met.append(reasons["wish_language"].replace("{language}", _language(group, shelf)))
    return met


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
