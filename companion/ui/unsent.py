"""What one side of a talk has typed and not sent yet, because it names somebody or could not be delivered. In memory of the page only."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from companion.models import Entity, EntityType


@dataclass(frozen=True, slots=True)
class HeldText:
    """Hold one message that was not sent. details: what was found in it, with offsets into it; empty for one that only waits or failed.

    key: marks every attempt to send it, so that it is stored once.
    """

    text: str = field(repr=False)
    details: tuple[Entity, ...] = ()
    key: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)


@dataclass(slots=True)
class Sending:
    """Hold what one side has not sent yet, oldest first. settled: words not to ask about any more, casefolded."""

    held: list[HeldText] = field(default_factory=list, repr=False)
    settled: frozenset[str] = field(default_factory=frozenset, repr=False)


@dataclass(frozen=True, slots=True)
class Side:
    """Hold one side of a talk that is about to send.

    post: sends a text under a key and tells whether it was stored. look: finds the details in a text, given the settled words.
    """

    sending: Sending
    post: Callable[[str, str], bool]
    look: Callable[[str, frozenset[str]], tuple[Entity, ...]]

    def take(self, text: str, *, is_urgent: bool) -> None:
        """Send a text, or hold it when it names somebody; what is typed while another is held waits behind it, so that the order stays.

        An urgent talk is never held up.
        """
        details = () if is_urgent else self.look(text, self.sending.settled)
        waits = bool(details or self.sending.held)
        self.sending.held.append(HeldText(text, details))
        if is_urgent or not waits:
            self.send_as_typed()

    def send_as_typed(self) -> None:
        """Send all that is held as it was typed, and ask no more about what it names."""
        for each in self.sending.held:
            self.sending.settled |= words_of(*(each.text[detail.start : detail.end] for detail in each.details))
        self._send(lambda each: each.text)

    def send_hidden(self, word_for: Callable[[EntityType], str]) -> None:
        """Send all that is held with the details hidden."""
        self._send(lambda each: without(each.text, each.details, word_for))

    def drop(self) -> None:
        """Send nothing of what is held."""
        self.sending.held.clear()

    def _send(self, said: Callable[[HeldText], str]) -> None:
        """Send in order; what cannot be delivered stays, with all behind it."""
        while self.sending.held and self.post(said(self.sending.held[0]), self.sending.held[0].key):
            self.sending.held.pop(0)


def without(text: str, details: Sequence[Entity], word_for: Callable[[EntityType], str]) -> str:
    """Return a text in which each detail is replaced by the word for its kind in brackets, such as "[a name]"."""
    for entity in sorted(details, key=lambda each: each.start, reverse=True):
        text = f"{text[: entity.start]}[{word_for(entity.type)}]{text[entity.end :]}"
    return text


def words_of(*surfaces: str) -> frozenset[str]:
    """Return names with each of their parts, casefolded: who sent "Sarah Whitfield" is not asked about "sarah"."""
    return frozenset(word for surface in surfaces for word in (surface.casefold(), *re.findall(r"\w+", surface.casefold())))
