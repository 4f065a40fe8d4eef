"""What helped me: a member writes a card, names are hidden before anything is stored, a coordinator reads it, and it becomes citable.

A published card is an article of the library whose evidence is "experience", in the coordinator's words where needed. Declined or published, the
card itself is deleted; waiting ones go after three months.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from companion.curation.library_desk import ARTICLES, LibraryDesk
from companion.errors import FormRefused, NotFound, WrongState
from companion.models import EvidenceGrade, RedactedMessage
from companion.models_curation import ArticleFacts, OpenDocument
from companion.models_groups import group_key
from companion.models_meetings import HelpCard, OpenCard, Standing
from companion.models_staff import Caller
from companion.network.handover_parts import checked_text
from companion.network.meetings import MembershipService
from companion.network.permissions import Permission, for_anyone, requires
from companion.ports_meetings import CardStore
from companion.ports_people import Box

MAX_CARD_CHARS = 800
MIN_TITLE_CHARS = 8
_REVIEWED_FOR = timedelta(days=365)
_PLACEHOLDER = re.compile(r"\[[^\[\]\n]{2,40}\]")


@dataclass(frozen=True)
class CardDesk:
    """Take cards from members and bring them into the library. Methods may raise StoreUnavailable.

    words: the fixed words around a card in the library: `heading`, `summary`, `source`, `publisher`, `licence`, `owner`; asked for anew each time.
    """

    store: CardStore
    memberships: MembershipService
    box: Box
    library: LibraryDesk
    words: Callable[[], Mapping[str, str]]

    @for_anyone(Permission.JOIN_GROUP)
    def write(self, code: str, topic: str, card: RedactedMessage) -> None:
        """Store a card of a member, redacted before; nothing ties it to the member or the group.

        Raises: InputRefused (empty, too_long); NotFound; WrongState for who is no member.
        """
        text = checked_text(card.text, MAX_CARD_CHARS)
        if self.memberships.mine(code).membership.standing is not Standing.MEMBER:
            raise WrongState("only members write cards.")
        card_id, key = secrets.token_hex(16), self.box.new_key()
        sealed = self.box.seal(key, text, _context(card_id))
        self.store.add(HelpCard(card_id, f"{self.memberships.clock.now():%Y-%m}", topic, key, sealed))

    @requires(Permission.CURATE)
    def waiting(self, caller: Caller) -> tuple[OpenCard, ...]:  # noqa: ARG002
        """Return the cards that nobody has decided about, oldest month first."""
        return tuple(self._opened(card) for card in self.store.all())

    @requires(Permission.CURATE)
    def decline(self, caller: Caller, card_id: str) -> None:  # noqa: ARG002
        """Delete a card; one that is gone already is well."""
        self.store.remove(card_id)

    @requires(Permission.CURATE)
    def publish(self, caller: Caller, card_id: str, title: str, text: str) -> OpenDocument:
        """Bring a card into the library under a title, in the words given, and delete the card.

        Raises: NotFound; FormRefused for a title that is too short or taken, a placeholder that is left, or what the library refuses;
        EditConflict; KnowledgeError.
        """
        card = next((each for each in self.store.all() if each.id == card_id), None)
        if card is None:
            raise NotFound("this card is not there any more; another coordinator may have decided about it.")
        title, text = title.strip(), checked_text(text, MAX_CARD_CHARS)
        if len(title) < MIN_TITLE_CHARS:
            raise FormRefused("title", "is too short; write in a few words what the card is about.")
        left = _PLACEHOLDER.search(f"{title} {text}")
        if left:
            raise FormRefused("text", f"still holds {left[0]}; say it without.")
        article_id = f"experience-{re.sub(r'[^a-z0-9]+', '-', group_key(title)).strip('-')}"
        path = f"{ARTICLES}/{card.topic}/{article_id}.md"
        if self.library.files.read(path) is not None:
            raise FormRefused("title", "is taken by another article; choose a different one.")
        words = self.words()
        facts = self._facts(article_id, title, card.topic, words)
        written = self.library.texts.joined("", facts, f"## {words['heading']}\n\n{text}")
        document = self.library.publish(caller, OpenDocument(path, None), written, "from a card")
        self.store.remove(card_id)
        return document

    def _facts(self, article_id: str, title: str, topic: str, words: Mapping[str, str]) -> ArticleFacts:
        today = self.library.clock.now().date()
        source = {"title": words["source"], "publisher": words["publisher"], "year": str(today.year)}
        return {
            "id": article_id,
            "title": title,
            "topics": (topic,),
            "language": "en",
            "summary": words["summary"],
            "evidence": EvidenceGrade.EXPERIENCE.value,
            "sources": (source,),
            "licence": words["licence"],
            "owner": words["owner"],
            "reviewed_on": today.isoformat(),
            "review_by": (today + _REVIEWED_FOR).isoformat(),
        }

    def _opened(self, card: HelpCard) -> OpenCard:
        return OpenCard(card.id, card.month, card.topic, self.box.open(card.sealed_key, card.sealed_text, _context(card.id)))


def _context(card_id: str) -> str:
    return f"card:{card_id}"
