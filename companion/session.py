"""What one chat holds, in memory only, until End chat, a closed tab or 30 idle minutes.

Nothing here is ever written to disk. The raw words behind placeholders live here so that the employee's own browser can show them;
no other part of the program reads `Placeholders.surface_forms`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from string import ascii_uppercase

from companion.models import EntityType, Exchange, RedactedMessage, TriageLevel, Vector
from companion.models_wishes import GroupWishes
from companion.pace import Pace

_LABELS = {
    EntityType.PERSON: "Person",
    EntityType.EMAIL: "an e-mail address",
    EntityType.PHONE: "a phone number",
    EntityType.EMPLOYEE_ID: "an employee number",
    EntityType.HANDLE: "a handle",
    EntityType.TICKET: "a ticket number",
    EntityType.MEDICAL_RECORD: "a record number",
    EntityType.ADDRESS: "an address",
    EntityType.LOCATION: "Place",
    EntityType.ORGANISATION: "Organisation",
    EntityType.PROJECT: "Project",
    EntityType.DATE_OF_BIRTH: "a date of birth",
    EntityType.NATIONAL_ID: "an identity number",
    EntityType.CARD: "a card number",
    EntityType.IBAN: "a bank account",
    EntityType.IP_ADDRESS: "a network address",
    EntityType.MAC_ADDRESS: "a device address",
    EntityType.URL: "a link",
    EntityType.PLATE: "a number plate",
    EntityType.SECRET: "a password or key",
    EntityType.HIDDEN: "hidden",
}
_LETTERED = {EntityType.PERSON, EntityType.LOCATION, EntityType.ORGANISATION, EntityType.PROJECT}


def letters(index: int) -> str:
    """Return A, B … Z, AA, AB … for 0, 1 … 25, 26, 27 …"""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = ascii_uppercase[rest] + name
    return name


class Placeholders:
    """Give every personal detail one gender-neutral placeholder for the whole session.

    "Sarah Whitfield" becomes "[Person A]"; a later "sarah" becomes "[Person A]" too, as long as only one known person has that name.
    """

    def __init__(self) -> None:
        self._by_surface: dict[tuple[EntityType, str], str] = {}
        self._surfaces: dict[str, str] = {}
        self._counts: dict[EntityType, int] = {}

    def for_detail(self, kind: EntityType, surface: str) -> str:
        """Return the placeholder of a detail, e.g. "[Person A]" or "[an e-mail address]"; the same detail always gets the same."""
        key = (kind, _normalise(surface))
        known = self._by_surface.get(key) or self._same_person(kind, key[1])
        if known is None:
            known = self._new_placeholder(kind)
            self._surfaces[known] = surface
        elif len(surface) > len(self._surfaces[known]):
            self._surfaces[known] = surface
        self._by_surface[key] = known
        return known

    def surface_forms(self) -> dict[str, str]:
        """Return placeholder → the longest form typed. For the employee's own browser view only."""
        return dict(self._surfaces)

    def forms_in_replies(self) -> dict[str, str]:
        """Return placeholder → what the employee's own browser shows in its place: names as typed, the bare label of a number or secret."""
        lettered = {placeholder for (kind, _), placeholder in self._by_surface.items() if kind in _LETTERED}
        return {
            placeholder: surface if placeholder in lettered else placeholder.strip("[]") for placeholder, surface in self._surfaces.items()
        }

    def entries(self) -> tuple[tuple[EntityType, str, str], ...]:
        """Return every known detail as (kind, compared form, placeholder), in order of appearance."""
        return tuple((kind, form, placeholder) for (kind, form), placeholder in self._by_surface.items())

    @classmethod
    def restored(cls, entries: Iterable[tuple[EntityType, str, str]], surfaces: Iterable[tuple[str, str]]) -> Placeholders:
        """Return placeholders as they were. entries: see `entries`. surfaces: placeholder and the form typed."""
        placeholders = cls()
        for kind, form, placeholder in entries:
            is_new = placeholder not in placeholders._by_surface.values()
            placeholders._counts[kind] = placeholders._counts.get(kind, 0) + is_new
            placeholders._by_surface[(kind, form)] = placeholder
        placeholders._surfaces = dict(surfaces)
        return placeholders

    def known_names(self) -> tuple[str, ...]:
        """Return the names of people hidden so far, lower case, in order of appearance. For redaction, which finds them again."""
        return tuple(surface for kind, surface in self._by_surface if kind is EntityType.PERSON)

    def _new_placeholder(self, kind: EntityType) -> str:
        index = self._counts.get(kind, 0)
        self._counts[kind] = index + 1
        label = _LABELS[kind]
        if kind in _LETTERED:
            return f"[{label} {letters(index)}]"
        return f"[{label}]" if index == 0 else f"[{label} {index + 1}]"

    def _same_person(self, kind: EntityType, surface: str) -> str | None:
        if kind is not EntityType.PERSON:
            return None
        words = set(surface.split())
        fullest: dict[str, set[str]] = {}
        for (other_kind, other), placeholder in self._by_surface.items():
            if other_kind is kind:
                fullest[placeholder] = max(fullest.get(placeholder, set()), set(other.split()), key=len)
        matches = [placeholder for placeholder, known in fullest.items() if words <= known or known <= words]
        return matches[0] if len(matches) == 1 else None


_WORDS_THAT_SAY_SOMETHING = 3
"""Fewer are an answer to the question before, and mean nothing in a letter. Chosen by us."""


def _normalise(surface: str) -> str:
    lowered = re.sub(r"(?:'|\u2019)s?$", "", surface.casefold())
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s@.+-]", "", lowered)).strip(" .")


@dataclass(slots=True)
class ChatSession:
    """Hold one employee's chat.

    country: ISO 3166-1 alpha-2 or None when unknown. hidden_words, kept_words: what the employee chose to hide or to leave visible,
    casefolded. exchanges: oldest first, redacted. raw_history is needed by triage, which reads earlier turns as typed. searched_with: what
    the library was last searched with, for short follow-ups.
    """

    placeholders: Placeholders = field(default_factory=Placeholders)
    country: str | None = None
    hidden_words: set[str] = field(default_factory=set)
    kept_words: set[str] = field(default_factory=set)
    exchanges: list[Exchange] = field(default_factory=list)
    raw_history: list[str] = field(default_factory=list, repr=False)
    searched_with: Vector | None = field(default=None, repr=False)
    pace: Pace = field(default_factory=Pace)
    group_wishes: GroupWishes | None = None
    """How the person would like to meet, told in a few taps; without the topic, which holds for the taps alone."""
    not_these: set[str] = field(default_factory=set)
    """Keys of groups that the person does not want to be shown."""
    timezone: str | None = None
    """IANA zone that the person's browser tells, so that no meeting at night is suggested first. In memory only; None when it is not known."""
    works_in: str | None = None
    """Department that the person named, so as not to meet their own manager. In memory only, and read by nothing but that."""
    led_by_own_manager: frozenset[str] = frozenset()
    """Keys of the groups that follow from it."""
    staying_after: TriageLevel | None = None
    """Level of the last crisis message, until the person chooses to go on with the library; None otherwise. In memory only, like all here."""
    stays_for_another: bool = False
    """Whether that message was a worry about somebody else than the writer."""

    gravest_at: int | None = None
    """Place in `exchanges` of the message that triage read as the gravest, the first of equals; None while all were harmless. In memory only: a
    letter to a person is drafted with these words, since what was said first and last may not be what weighs. An answer of a word or two
    ("yes") says nothing without its question."""
    _gravity: int = 0

    is_told_of_redaction: bool = False
    """Whether the person has read that hiding names does not work, so that the second time fewer words will do."""

    def go_on(self) -> None:
        """Let the library and the writers answer again; only the person's own choice leads here."""
        self.staying_after, self.stays_for_another = None, False

    def stay(self, level: TriageLevel, *, for_another: bool) -> None:
        """Let only fixed words answer from now on. A worry about somebody else does not take the place of the writer's own danger."""
        if not for_another or self.staying_after is None or self.stays_for_another:
            self.staying_after, self.stays_for_another = level, for_another

    @property
    def replies(self) -> tuple[str, ...]:
        """Return what was said to the person so far, oldest first."""
        return tuple(exchange.reply for exchange in self.exchanges)

    def remember(
        self, typed: str, message: RedactedMessage, reply: str, searched_with: Vector | None, level: TriageLevel = TriageLevel.NONE
    ) -> None:
        """Keep one finished exchange for the turns that follow. level: of the message."""
        if level.severity > self._gravity and len(message.text.split()) >= _WORDS_THAT_SAY_SOMETHING:
            self.gravest_at, self._gravity = len(self.exchanges), level.severity
        self.raw_history.append(typed)
        self.exchanges.append(Exchange(message, reply))
        self.searched_with = searched_with

    def erase(self) -> None:
        """Forget everything at once."""
        self.placeholders = Placeholders()
        self.hidden_words.clear()
        self.kept_words.clear()
        self.exchanges.clear()
        self.raw_history.clear()
        self.searched_with = None
        self.gravest_at, self._gravity = None, 0
        self.go_on()
        self.group_wishes = self.works_in = self.timezone = None
        self.led_by_own_manager = frozenset()
        self.not_these.clear()
