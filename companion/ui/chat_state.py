"""What one open page holds: the chat, what of it is on the screen, and which view is open. In memory only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from companion.insight.referrals import Referral
from companion.models import EntityType
from companion.models_giveaway import GiveawayReading
from companion.models_groups import GroupMatch
from companion.models_keeping import KeptCopy
from companion.models_people import Message, Wish
from companion.session import ChatSession
from companion.ui.turn_stream import TurnStream
from companion.ui.unsent import Sending


class View(StrEnum):
    """Name what fills the page."""

    CHAT = "chat"
    HELD = "held"
    ACCESS = "access"
    PERSON = "person"
    KEEP = "keep"
    RETURN = "return"
    GROUPS = "groups"
    GROUP = "group"
    INTAKE = "intake"
    MENTORING = "mentoring"
    ENDED = "ended"


class ScrollTo(StrEnum):
    """Name where the browser scrolls to."""

    TOP = "top"
    TURN = "turn"


class Thumb(StrEnum):
    """Name the answers to "was this of use?"."""

    UP = "up"
    DOWN = "down"


@dataclass(slots=True)
class ShownTurn:
    """Hold one turn as shown. raw: as typed, for the employee's own view only.

    instead: groups found after one was set aside; None before. wished: whether a group about it was wished for.
    """

    number: int
    raw: str = field(repr=False)
    stream: TurnStream
    thumb: Thumb | None = None
    feedback_done: str | None = None
    instead: tuple[GroupMatch, ...] | None = None
    wished: bool = False


@dataclass(frozen=True, slots=True)
class LetterWarning:
    """Hold what the give-away guard found, and the text of the letter it was found in."""

    letter: str = field(repr=False)
    reading: GiveawayReading = field(repr=False)


@dataclass(slots=True)
class PersonRequest:
    """Hold what the page knows of the request to a person: the draft before, the token after sending.

    warning: what the give-away guard found in the letter when it was to be sent. settled_letter: the text that the person has
    decided about, so that they are not asked twice. sending: messages to the person that wait for a tap.
    """

    draft: str | None = field(default=None, repr=False)
    urgent: bool = False
    token: str | None = field(default=None, repr=False)
    letter: str | None = field(default=None, repr=False)
    asked_at: datetime | None = None
    wish: Wish = Wish.UNSURE
    avoid_unit: str | None = None
    asks_to_close: bool = False
    asks_for_another: bool = False
    was_of_use: bool | None = None
    felt_heard: bool | None = None
    messages: list[Message] = field(default_factory=list, repr=False)
    warning: LetterWarning | None = field(default=None, repr=False)
    settled_letter: str | None = field(default=None, repr=False)
    sending: Sending = field(default_factory=Sending, repr=False)


@dataclass(slots=True, weakref_slot=True, eq=False)
class ChatState:
    """Hold everything one page needs between reruns.

    token: what the page shows to have itself erased. ended_tokens: of talks with a person that have ended and may still be stored.
    had_request: whether this page has ever had a request to a person; its tab remembers the place of one, and must forget it then.
    kept: the copy under a return code, if one was made or opened here. fresh_code: the code itself, while it is shown. places: key of a group →
    the code that proves a place in it, for groups joined or opened here. fresh_place: group and code while that is shown. group_key: of the
    group that is open. tapped, thanked: groups whose last meeting was answered about, or that were thanked, here. joined_here: groups joined
    on this page, of which nobody can have seen a meeting.
    has_left: whether a group was left a moment ago. mentoring_code: proves a place in mentoring that was begun or opened here.
    fresh_mentoring_code: as fresh_place. pair_sending: what was typed there and not sent yet. asked_name: a name for a group that looks real.
    wished_topics: of groups wished for here.
    """

    session: ChatSession = field(default_factory=ChatSession)
    turns: list[ShownTurn] = field(default_factory=list)
    request: PersonRequest = field(default_factory=PersonRequest)
    ended_tokens: tuple[str, ...] = field(default=(), repr=False)
    had_request: bool = False
    kept: KeptCopy | None = None
    fresh_code: str | None = field(default=None, repr=False)
    places: dict[str, str] = field(default_factory=dict, repr=False)
    fresh_place: tuple[str, str] | None = field(default=None, repr=False)
    group_key: str | None = None
    tapped: set[str] = field(default_factory=set)
    thanked: set[str] = field(default_factory=set)
    joined_here: set[str] = field(default_factory=set)
    has_left: bool = False
    mentoring_code: str | None = field(default=None, repr=False)
    fresh_mentoring_code: str | None = field(default=None, repr=False)
    pair_sending: Sending = field(default_factory=Sending, repr=False)
    asked_name: str | None = field(default=None, repr=False)
    wished_topics: set[str] = field(default_factory=set)
    view: View = View.CHAT
    token: str = field(default="", repr=False)
    accepted_at: datetime | None = None
    last_used_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_erased: bool = False
    referrals_noted: set[Referral] = field(default_factory=set)
    scroll_mark: int = 0
    scroll_to: ScrollTo = ScrollTo.TOP

    def needs_notice(self, now: datetime, every: timedelta) -> bool:
        """Tell whether the notice must be read (again) before writing."""
        return self.accepted_at is None or now - self.accepted_at >= every

    def scroll(self, to: ScrollTo) -> None:
        """Have the browser scroll once, when this run has been drawn."""
        self.scroll_mark += 1
        self.scroll_to = to

    def show(self, view: View) -> None:
        """Open a view, from its top."""
        self.view = view
        self.scroll(ScrollTo.TOP)

    @property
    def running(self) -> ShownTurn | None:
        """Return the turn that is still being answered, if any."""
        return self.turns[-1] if self.turns and self.turns[-1].stream.is_running else None

    @property
    def is_heavy(self) -> bool:
        """Tell whether this page is no place for small questions: after a message at risk, while a person is asked for, or in a talk."""
        at_risk = (shown.stream.turn is not None and shown.stream.turn.triage.level.is_at_risk for shown in self.turns)
        return self.session.staying_after is not None or self.request.token is not None or any(at_risk)

    def hide(self, word: str) -> None:
        """Hide a word of the employee's choice from now on, and in what earlier turns left in memory."""
        self.session.kept_words.discard(word.casefold())
        self.session.hidden_words.add(word.casefold())
        placeholder = self.session.placeholders.for_detail(EntityType.HIDDEN, word)
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        self.session.exchanges[:] = [
            replace(exchange, message=replace(exchange.message, text=pattern.sub(lambda _: placeholder, exchange.message.text)))
            for exchange in self.session.exchanges
        ]

    def keep(self, word: str) -> None:
        """Leave a word visible from now on."""
        self.session.hidden_words.discard(word.casefold())
        self.session.kept_words.add(word.casefold())

    def forget_place(self, group_key: str) -> None:
        """Forget the code of a place that was given up."""
        self.places.pop(group_key, None)
        if self.fresh_place is not None and self.fresh_place[0] == group_key:
            self.fresh_place = None

    def erase(self) -> None:
        """Forget the chat at once. A turn still being written ends in an orphaned session and is dropped with it."""
        country = self.session.country
        self.session.erase()
        self.session = ChatSession(country=country)
        self.turns.clear()
        self.request.draft = self.fresh_code = self.fresh_place = self.group_key = None
        self.mentoring_code = self.fresh_mentoring_code = self.asked_name = None
        self.pair_sending = Sending()
        self.places.clear()
        self.tapped.clear()
        self.joined_here.clear()
        self.wished_topics.clear()
        self.thanked.clear()
        if self.kept is not None:
            self.kept = replace(self.kept, key=None)  # it can be erased from here, not read any more
        self.is_erased = True
