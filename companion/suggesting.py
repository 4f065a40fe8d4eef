"""Suggest peer groups in a turn: what was said, how somebody would like to meet, and the hour on their clock become one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from companion.library.meeting_times import OwnTime
from companion.models import RedactedMessage, Vector
from companion.models_groups import GroupMatch
from companion.searching import available
from companion.session import ChatSession
from companion.stages.answers import PlainAnswers, other_language
from companion.stages.matching import GroupQuery, GroupShelf, match_groups, wished_by


class GroupParts(Protocol):
    """Hand out the peer groups; part of `conversation.Parts`."""

    def groups(self) -> GroupShelf:
        """Return the peer groups. Raises: EmbeddingFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """Hold what the turn knows of a message. embedding, topics, in_context: as in `GroupQuery`."""

    message: RedactedMessage
    embedding: Vector | None
    topics: Sequence[str] = ()
    in_context: Vector | None = None


@dataclass(frozen=True, slots=True)
class Suggesting:
    """Find groups for messages. threshold: on the chance that a group fits, 0 to 1. limit: how many at most."""

    answers: PlainAnswers
    threshold: float
    limit: int

    def suggest(self, parts: GroupParts, read: Read, session: ChatSession, now: datetime) -> tuple[GroupMatch, ...]:
        """Return the groups that fit a message, best first; none when none fits, or nothing can be embedded."""
        shelf = available(parts.groups, "group matching")
        if shelf is None:
            return ()
        other = other_language(read.message, self.answers)  # its groups are offered whatever they are about: there are few
        wishes, not_these = wished_by(session)
        query = GroupQuery(
            read.embedding,
            read.topics,
            (*(exchange.message for exchange in session.exchanges), read.message),
            other.code if other else "en",
            wishes,
            not_these,
            read.in_context,
            own_time(session, now),
        )
        return match_groups(query, shelf, threshold=0.0 if other else self.threshold, limit=self.limit)


def own_time(session: ChatSession, now: datetime) -> OwnTime | None:
    """Return the clock of a chat's person, or None when their browser did not tell it."""
    return OwnTime(ZoneInfo(session.timezone), now) if session.timezone else None
