"""The access log as people may read it: who opened what kind of thing when, without content."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from companion.models_staff import AccessEntry, AccessReport, AccessReview, Caller
from companion.network.handover_parts import hash_token
from companion.network.permissions import Permission, for_anyone, requires
from companion.ports_people import AccessLog, HandoverStore


@dataclass(frozen=True)
class AccessService:
    """Show the access log. All methods may raise StoreUnavailable."""

    entries: AccessLog
    handovers: HandoverStore

    @requires(Permission.READ_ACCESS_LOG)
    def recent(self, caller: Caller, *, limit: int = 100) -> tuple[AccessEntry, ...]:  # noqa: ARG002
        """Return the newest rows, newest first, without the id of the hand-over. Anybody may read them; pass EMPLOYEE for an employee."""
        return tuple(replace(entry, ref=None) for entry in self.entries.recent(limit))

    @for_anyone(Permission.READ_ACCESS_LOG)
    def about_mine(self, token: str) -> tuple[AccessEntry, ...]:
        """Return all rows about the employee's own hand-over, oldest first. Raises: NotFound."""
        return self.entries.about(self.handovers.get_by_token(hash_token(token)).id)

    @for_anyone(Permission.READ_ACCESS_LOG)
    def report(self, *, limit: int = 100) -> AccessReport:
        """Return what employees may read: the newest rows by the hour, so that no row tells which request it was, and whether all is whole."""
        entries = (replace(entry, ref=None, at=_hour(entry.at)) for entry in self.entries.recent(limit))
        return AccessReport(tuple(entries), self.entries.is_intact())

    @requires(Permission.VERIFY_ACCESS_LOG)
    def review(self, caller: Caller, *, limit: int = 10_000) -> AccessReview:  # noqa: ARG002
        """Return what an auditor may read: the newest rows to the minute, without the id of a hand-over, counts, and whether all is whole."""
        entries = tuple(replace(entry, ref=None, at=entry.at.replace(second=0, microsecond=0)) for entry in self.entries.recent(limit))
        counts = Counter((entry.kind, entry.act) for entry in entries)
        return AccessReview(entries, self.entries.is_intact(), self.entries.count(), dict(counts.most_common()))

    @requires(Permission.VERIFY_ACCESS_LOG)
    def is_intact(self, caller: Caller) -> bool:  # noqa: ARG002
        """Tell whether no row was altered, or removed from the middle."""
        return self.entries.is_intact()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
