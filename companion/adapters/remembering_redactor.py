"""A redactor that remembers what it found. It is for curated test questions only: nobody's own words may be kept so."""

from __future__ import annotations

from dataclasses import dataclass

from companion.models import RawMessage
from companion.ports import FoundEntity, Redactor

_MOST_REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class RememberingRedactor:
    """Ask the redactor behind it once per text; fulfils `ports.Redactor`.

    known: what was found so far, text → entities; shared, so that the same questions asked again cost nothing.
    """

    redactor: Redactor
    known: dict[str, tuple[FoundEntity, ...]]

    def find(self, raw: RawMessage) -> tuple[FoundEntity, ...]:
        """Return the entities in a curated question."""
        found = self.known.get(raw.text)
        if found is None:
            found = self.redactor.find(raw)
            if len(self.known) < _MOST_REMEMBERED:
                self.known[raw.text] = found
        return found
