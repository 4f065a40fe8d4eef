"""What redaction finds in a message between two people before it goes over. The writer decides; nothing is hidden without them."""

from __future__ import annotations

from collections.abc import Collection

from companion.bootstrap import App
from companion.errors import CompanionError
from companion.models import Entity, EntityType, TriageLevel
from companion.session import ChatSession
from companion.stages.redaction import clean_input, in_given_text, redact
from companion.stages.triage import assess

_COARSE = frozenset({EntityType.LOCATION, EntityType.ORGANISATION, EntityType.PROJECT, EntityType.URL, EntityType.TICKET})
"""Kinds that lead to nobody by themselves. Two people who talk about work would be stopped at every other line."""


def direct_details(app: App, text: str, settled: Collection[str]) -> tuple[Entity, ...]:
    """Return the names, numbers and addresses in a text that lead to somebody, with offsets into it; empty when redaction is not working.

    settled: words that the writer has decided to send, or that belong to the two themselves, casefolded. Empty as well when the rules of
    triage see danger in the text: it goes at once, whatever it names.
    """
    try:
        raw = clean_input(text, app.settings.max_message_chars)
        if assess(raw, (), app.words.triage_rules, None, None).level is not TriageLevel.NONE:
            return ()
        found = redact(raw, ChatSession(kept_words=set(settled)), app.parts.redactor())
        return tuple(entity for entity in in_given_text(text, found.entities) if entity.type not in _COARSE)
    except CompanionError:
        return ()
