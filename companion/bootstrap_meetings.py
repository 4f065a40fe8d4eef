"""Where the services of peer groups that meet are put together. The database of the human side is shared and opened at first use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

from companion.adapters.ical_calendar import IcalCalendar
from companion.adapters.sql_access_log import SqlAccessLog
from companion.adapters.sql_cards import SqlGroupCounts
from companion.adapters.sql_facilitation import SqlFacilitationStore
from companion.adapters.sql_meetings import SqlMembershipStore
from companion.adapters.sql_mentoring import SqlMentoringStore
from companion.adapters.sql_pair_channels import SqlPairChannelStore
from companion.adapters.sql_staff import SqlStaffDirectory
from companion.bootstrap import App
from companion.bootstrap_people import People
from companion.errors import InputRefused
from companion.library.lint_patterns import planted_in
from companion.models import EntityType, RedactedMessage, Turn
from companion.models_groups import GroupMatch, PeerGroup
from companion.models_meetings import PseudonymLook, Seats
from companion.models_wishes import ANY_LANGUAGE, GroupWishes
from companion.network.facilitation import FacilitationService
from companion.network.line_management import OwnManagerService
from companion.network.meetings import MembershipService
from companion.network.mentoring import MentoringService
from companion.network.pair_channel import PairChannelService
from companion.network.recognition import RecognitionService
from companion.ports_meetings import MeetingCalendar
from companion.session import ChatSession
from companion.stages.answers import other_language
from companion.stages.matching import GroupQuery, suggest_groups, wished_by
from companion.stages.redaction import clean_input, redact
from companion.suggesting import ASKED_FOR, own_time, topic_asked_for

_MAYBE_A_NAME = frozenset({EntityType.PERSON, EntityType.LOCATION, EntityType.ORGANISATION, EntityType.PROJECT})
"""Kinds that a harmless pseudonym may look like; every other kind leads to one person."""
_DEFAULT_LANGUAGE = "en"
_TELLING_WORDS = 4
"""Chosen by us: "ok, danke" after a long English message does not turn a chat into another language's."""


@dataclass(frozen=True)
class Meetings:
    """Hold the services of peer groups. Safe to share between threads; make one per process."""

    memberships: MembershipService
    calendar: MeetingCalendar
    facilitation: FacilitationService
    recognition: RecognitionService
    mentoring: MentoringService
    own_manager: OwnManagerService
    pair_channel: PairChannelService


def open_meetings(app: App, people: People) -> Meetings:
    """Return the services."""
    memberships = open_memberships(app, people)
    facilitation = FacilitationService(
        SqlFacilitationStore(people.database),
        memberships,
        SqlStaffDirectory(people.database),
        SqlAccessLog(people.database, people.box),
        lambda: app.catalogue.groups,
    )
    recognition = RecognitionService(SqlGroupCounts(people.database), memberships)
    book = SqlMentoringStore(people.database)
    mentoring = MentoringService(book, app.clock, partial(_look, app))
    channel = PairChannelService(book.book, SqlPairChannelStore(people.database), people.box, app.clock)
    return Meetings(memberships, IcalCalendar(), facilitation, recognition, mentoring, _own_manager(app, people), channel)


def open_memberships(app: App, people: People) -> MembershipService:
    """Return the service that knows who is in which group."""
    store = SqlMembershipStore(people.database)
    own_manager = _own_manager(app, people)
    return MembershipService(
        store,
        app.clock,
        partial(_seats, app),
        partial(_outside, app),
        partial(_look, app),
        own_managers_groups=own_manager.led_by_manager_of,
    )


def _own_manager(app: App, people: People) -> OwnManagerService:
    leading, staff = SqlFacilitationStore(people.database), SqlStaffDirectory(people.database)
    return OwnManagerService(lambda: app.catalogue.roles, leading, staff, lambda: app.catalogue.groups)


def group_of(app: App, key: str) -> PeerGroup | None:
    """Return a group of `groups.yaml` as it stands now, or None when it is listed no more."""
    return next((group for group in app.catalogue.groups if group.key == key), None)


def _seats(app: App, key: str) -> Seats:
    group = group_of(app, key)
    if group is None:
        return Seats(0, takes_people=False, has_list=False)
    is_open = group.status == "open"
    return Seats(max(0, group.capacity - (group.members or 0)), is_open, is_open or group.status == "full")


def _outside(app: App, key: str) -> int:
    group = group_of(app, key)
    return (group.members or 0) if group else 0


def _look(app: App, pseudonym: str) -> PseudonymLook:
    """Return what redaction finds in a pseudonym. Raises: RedactionFailed; InputRefused for what is no text."""
    if "\n" in pseudonym:
        raise InputRefused("binary")
    # Read alone: in a sentence such as "my name is …" everything is a name, and so would every harmless pseudonym be.
    raw = clean_input(pseudonym, app.settings.max_message_chars)
    kinds = {entity.type for entity in redact(raw, ChatSession(), app.parts.redactor()).entities}
    if kinds - _MAYBE_A_NAME or planted_in(pseudonym):  # others read it as a name: no false number, no link, nothing for a machine
        return PseudonymLook.DETAIL
    return PseudonymLook.NAME if kinds else PseudonymLook.FINE


def language_of(app: App, session: ChatSession) -> str:
    """Return the language of a chat, ISO 639-1: of the last message that tells, English otherwise."""
    for exchange in reversed(session.exchanges):
        if len(exchange.message.text.split()) >= _TELLING_WORDS:
            other = other_language(exchange.message, app.words.answers)
            return other.code if other else _DEFAULT_LANGUAGE
    return _DEFAULT_LANGUAGE


def group_languages(app: App) -> tuple[str, ...]:
    """Return the languages of the groups that are not closed, the one most groups speak first."""
    spoken = Counter(group.language for group in app.catalogue.groups if group.status != "closed")
    return tuple(language for language, _ in spoken.most_common())


def groups_wished(app: App, wishes: GroupWishes, session: ChatSession) -> tuple[GroupMatch, ...]:
    """Return the groups that fit what was told in a few taps and said before, best first; none without a topic.

    Where none of them can be joined, the full one that fits. A chat in another language, or another language tapped, finds its groups
    whatever they are about: there are few.

    Raises: EmbeddingFailed.
    """
    topic = next((topic for topic in app.catalogue.topics if topic.slug == wishes.topic), None)
    if topic is None:
        return ()
    embedding = app.parts.embedder().embed_message(RedactedMessage(f"{topic.label}. {topic.description}"))
    language, said = language_of(app, session), tuple(exchange.message for exchange in session.exchanges)
    clock = own_time(session, app.clock.now())
    query = GroupQuery(embedding, (topic.slug,), said, language, wishes, wished_by(session)[1], own_time=clock)
    is_other = (wishes.language or language) not in {_DEFAULT_LANGUAGE, ANY_LANGUAGE}
    return _named(app, query, threshold=0.0 if is_other else app.settings.group_threshold * ASKED_FOR)


def groups_instead(app: App, turn: Turn, session: ChatSession) -> tuple[GroupMatch, ...]:
    """Return the groups for a turn anew, without those the person does not want, best first; the full one that fits where no other does.

    Raises: EmbeddingFailed.
    """
    topic = topic_asked_for(turn.message, app.words.answers)
    asked = topic or turn.message
    said = (*(exchange.message for exchange in session.exchanges), asked)
    embedding = app.parts.embedder().embed_message(asked)
    language = next((match.group.language for match in (*turn.groups, *turn.full_groups)), _DEFAULT_LANGUAGE)
    is_last = bool(session.exchanges) and session.exchanges[-1].message == turn.message
    before = session.searched_with if is_last else None  # of an earlier turn nobody knows any more what it leant on
    clock = own_time(session, app.clock.now())
    asks_for_any = turn.asks_for_groups and topic is None
    if asks_for_any and session.searched_with is not None:
        embedding = session.searched_with
    query = GroupQuery(embedding, turn.topics, said, language, *wished_by(session), before, clock)
    return _named(app, query, threshold=app.settings.group_threshold * (ASKED_FOR if asks_for_any else 1.0))


def _named(app: App, query: GroupQuery, *, threshold: float) -> tuple[GroupMatch, ...]:
    return suggest_groups(query, app.parts.groups(), threshold=threshold, limit=app.settings.max_groups).named
