"""Suggest peer groups in a turn: what was said, how somebody would like to meet, and the hour on their clock become one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from companion.fixed_answers import matching_answer
from companion.library.meeting_times import OwnTime
from companion.models import RedactedMessage, Vector
from companion.models_groups import Suggested
from companion.ports import Embedder
from companion.searching import available
from companion.session import ChatSession
from companion.stages.answers import PlainAnswers, other_language
from companion.stages.matching import GroupQuery, GroupShelf, suggest_groups, wished_by

ASKED_FOR = 0.5
"""Whoever asks to see groups, or taps a topic, is shown one at half the chance at which it would be brought up unasked. Chosen by us."""
_DEFAULT_LANGUAGE = "en"
_GROUPS = "groups"
"""Id of the fixed answer in `prompts/fixed/answers.yaml`; `groups.de` is the same one in German."""

_GROUP_ABOUT = "group_about"


class GroupParts(Protocol):
    """Hand out the peer groups; part of `conversation.Parts`."""

    def groups(self) -> GroupShelf:
        """Return the peer groups. Raises: EmbeddingFailed."""
        ...

    def embedder(self) -> Embedder:
        """Return the embedding model. Raises: EmbeddingFailed."""
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

    def suggest(self, parts: GroupParts, read: Read, session: ChatSession, now: datetime) -> Suggested:
        """Return what fits a message; nothing when none fits, nothing can be embedded, or the page stands after crisis words."""
        if session.staying_after is not None:
            return Suggested()  # also after a worry about somebody else, which is no time for groups
        return self._find(parts, self._query(read, (*_said(session), read.message), session, now))

    def beside_fixed_words(self, parts: GroupParts, read: Read, session: ChatSession, now: datetime) -> Suggested:
        """Return what stands beside fixed words: groups of another language, and for who asks for groups those that fit their topic, or else
        what came before.
        """
        topic = topic_asked_for(read.message, self.answers)
        if topic is not None:
            return self._about(parts, topic, session, now)
        if asks_for_groups(read.message, self.answers) and session.searched_with is not None:
            # "put me in touch with others" says nothing of what it is about; what was said before does.
            query = self._query(Read(read.message, session.searched_with), _said(session), session, now)
            return self._find(parts, query, share=ASKED_FOR)
        return self.suggest(parts, read, session, now) if other_language(read.message, self.answers) else Suggested()

    def in_words(self, message: RedactedMessage, plain: str, found: Suggested) -> str:
        """Return the fixed words for a message: for who asks for a group about something, whether one fits. plain: those that are said else."""
        if topic_asked_for(message, self.answers) is None:
            return plain
        if not found.was_looked:
            return next((answer.reply for answer in self.answers.answers if answer.id == _GROUPS), plain)
        answer = matching_answer(message, self.answers.answers)
        return answer.reply_found if answer is not None and answer.reply_found and found.named else plain

    def _about(self, parts: GroupParts, topic: RedactedMessage, session: ChatSession, now: datetime) -> Suggested:
        embedder = available(parts.embedder, "group matching")
        if embedder is None:
            return Suggested(was_looked=False)
        return self._find(parts, self._query(Read(topic, embedder.embed_message(topic)), (*_said(session), topic), session, now))

    def _query(self, read: Read, said: Sequence[RedactedMessage], session: ChatSession, now: datetime) -> GroupQuery:
        other = other_language(read.message, self.answers)
        wishes, not_these = wished_by(session)
        spoken, clock = other.code if other else _DEFAULT_LANGUAGE, own_time(session, now)
        return GroupQuery(read.embedding, read.topics, said, spoken, wishes, not_these, read.in_context, clock)

    def _find(self, parts: GroupParts, query: GroupQuery, share: float = 1.0) -> Suggested:
        shelf = available(parts.groups, "group matching")
        if shelf is None:
            return Suggested(was_looked=False)
        # Groups of another language are offered whatever they are about: there are few.
        threshold = self.threshold * share if query.language == _DEFAULT_LANGUAGE else 0.0
        return suggest_groups(query, shelf, threshold=threshold, limit=self.limit)


def asks_for_groups(message: RedactedMessage, answers: PlainAnswers) -> bool:
    """Tell whether a message asks for groups, or to meet others, without saying what about."""
    answer = matching_answer(message, answers.answers)
    return answer is not None and answer.id.partition(".")[0] == _GROUPS


def topic_asked_for(message: RedactedMessage, answers: PlainAnswers) -> RedactedMessage | None:
    """Return what a message that asks for a group wants it to be about, such as "night staff"; None when it asks for none, or for any."""
    answer = matching_answer(message, answers.answers)
    if answer is None or answer.id != _GROUP_ABOUT:
        return None
    topic = answer.about(message.text)
    return RedactedMessage(topic) if topic else None


def _said(session: ChatSession) -> tuple[RedactedMessage, ...]:
    return tuple(exchange.message for exchange in session.exchanges)


def own_time(session: ChatSession, now: datetime) -> OwnTime | None:
    """Return the clock of a chat's person, or None when their browser did not tell it."""
    return OwnTime(ZoneInfo(session.timezone), now) if session.timezone else None
