"""Redactors that do not do their work, for the audit: one fails, one finds nothing."""

from __future__ import annotations

from dataclasses import dataclass

from companion.models import RawMessage
from companion.ports import FoundEntity


@dataclass(frozen=True)
class FailingRedactor:
    """Raise an error instead of finding anything."""

    error: Exception

    def find(self, raw: RawMessage) -> tuple[FoundEntity, ...]:  # noqa: ARG002
        """Fail."""
        raise self.error


class BlindRedactor:
    """Find nothing: the planted leak to the model."""

    def find(self, raw: RawMessage) -> tuple[FoundEntity, ...]:  # noqa: ARG002
        """Find nothing."""
        return ()
