"""Match a message with peer groups, with a reason in plain words, or say that none fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from companion.models import GroupMatch, Matrix, PeerGroup, Vector

_TOPIC_SHARE = 0.3
"""What sharing the message's main topic adds to a group's cosine similarity. Chosen by us on evals/datasets/groups.jsonl, dev split."""
_MARGIN = 0.2
"""A second suggestion is made only this close to the first; a far one mostly embarrasses. Chosen by us on the same data."""


@dataclass(frozen=True, slots=True)
class GroupShelf:
    """Hold the peer groups and their vectors: float32, (n_groups, dim), in the order of `groups`.

    topic_labels: slug → words for a sentence ("shift work"). reasons: templates with {topics} from `prompts/fixed/reasons.yaml`: `shared`,
    `similar`.
    """

    groups: tuple[PeerGroup, ...]
    vectors: Matrix
    topic_labels: Mapping[str, str]
    reasons: Mapping[str, str]


def group_text(group: PeerGroup, topic_labels: Mapping[str, str]) -> str:
    """Return the text that stands for a group when it is embedded."""
    about = ", ".join(topic_labels.get(slug, slug.replace("_", " ")) for slug in group.topics)
    return f"{group.name}. {group.description} For {group.for_whom}. About {about}."


def can_be_joined(group: PeerGroup) -> bool:
    """Tell whether a group is open and has a seat."""
    return group.status == "open" and (group.members is None or group.members < group.capacity)


def match_groups(
    embedding: Vector | None, topics: Sequence[str], shelf: GroupShelf, *, threshold: float, limit: int, language: str = "en"
) -> tuple[GroupMatch, ...]:
    """Return at most `limit` groups that can be joined, best first; empty when none reaches the threshold or the embedding is missing.

    topics: slugs of the message, the main one first. threshold: on the score, 0 to 1. language: of the message, two letters; groups that
    speak another one are left out.
    """
    if embedding is None or not shelf.groups:
        return ()
    similarities = shelf.vectors @ embedding
    matches = [
        GroupMatch(group, _score(float(similarity), group, topics), _reason(group, topics, shelf))
        for group, similarity in zip(shelf.groups, similarities, strict=True)
        if can_be_joined(group) and group.language == language
    ]
    best_first = sorted(matches, key=lambda match: -match.score)
    enough = max(threshold, best_first[0].score - _MARGIN) if best_first else threshold
    return tuple(match for match in best_first[:limit] if match.score >= enough)


def _score(similarity: float, group: PeerGroup, topics: Sequence[str]) -> float:
    bonus = sum(_TOPIC_SHARE / (1 + place) for place, slug in enumerate(topics) if slug in group.topics)
    return round(float(np.clip(similarity + min(bonus, _TOPIC_SHARE), 0.0, 1.0)), 4)


def _reason(group: PeerGroup, topics: Sequence[str], shelf: GroupShelf) -> str:
    shared = [slug for slug in topics if slug in group.topics] or list(group.topics[:2])
    words = [shelf.topic_labels.get(slug, slug.replace("_", " ")) for slug in shared]
    joined = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    template = shelf.reasons["shared" if any(slug in group.topics for slug in topics) else "similar"]
    return template.replace("{topics}", joined)
