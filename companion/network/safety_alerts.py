"""The safety button as coordinators see it: which peer pressed it and when, who sees to it, and when that is done. Never a word of the talk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from companion.errors import NotFound, WrongState
from companion.models_duty import PeerDeed, PeerRecord, SafetyAlert
from companion.models_staff import AccessEntry, Caller, Role
from companion.network.escalation import EscalationTimes
from companion.network.permissions import Permission, requires
from companion.network.turns import Turns
from companion.ports import Clock
from companion.ports_people import AccessLog

STAYS_OPEN = timedelta(days=7)
"""Chosen by us: an alert that nobody closed is on the page for a week; after that the talk itself is erased."""
OFTEN_FOR = timedelta(hours=1)
"""Chosen by us: coordinators are told again as often as of an urgent request for an hour, and then as of a calm one, so that a night does not end
with a channel switched off."""
_KIND, _TOOK, _CLOSED = "safety alert", "took", "closed"
_LOOK_BACK = 200
"""Rows of the access log in which the name of who took an alert is looked for."""


@dataclass(frozen=True)
class SafetyAlerts:
    """Show alerts to coordinators and note who sees to them. All methods may raise StoreUnavailable."""

    turns: Turns
    access_log: AccessLog
    clock: Clock

    @requires(Permission.SEE_ALARMS)
    def open(self, caller: Caller) -> tuple[SafetyAlert, ...]:  # noqa: ARG002
        """Return the alerts that are not done, those that nobody has taken first, then the oldest first."""
        return self._open()

    @requires(Permission.TALK)
    def is_raised(self, caller: Caller) -> bool:
        """Tell whether the caller's own alert is open, so that a peer is told that coordinators know only where they do."""
        return any(alert.staff_id == caller.staff_id for alert in self._open())

    def _open(self) -> tuple[SafetyAlert, ...]:
        found: dict[str, SafetyAlert] = {}
        names = {member.id: member.pseudonym for member in self.turns.staff.members()}
        for record in self.turns.book.records(self.clock.now() - STAYS_OPEN):
            alert = found.get(record.staff_id)
            if record.deed is PeerDeed.DANGER and record.staff_id in names:
                found[record.staff_id] = SafetyAlert(record.staff_id, names[record.staff_id], record.at)
            elif record.deed is PeerDeed.DANGER_TAKEN and alert is not None:
                found[record.staff_id] = replace(alert, taken_at=record.at, taken_by=self._who(record.at))
            elif record.deed is PeerDeed.DANGER_DONE:
                found.pop(record.staff_id, None)
        return tuple(sorted(found.values(), key=lambda alert: (alert.taken_at is not None, alert.at)))

    @requires(Permission.SEE_ALARMS)
    def take(self, caller: Caller, staff_id: str) -> None:
        """Note that the caller sees to a peer's alert. Raises: NotFound when there is none; WrongState when somebody has taken it."""
        if self._alert(caller, staff_id).taken_at is not None:
            raise WrongState("somebody sees to this alert already.")
        self._note(caller, staff_id, PeerDeed.DANGER_TAKEN, _TOOK)

    @requires(Permission.SEE_ALARMS)
    def close(self, caller: Caller, staff_id: str) -> None:
        """Note that an alert is done with. Raises: NotFound when there is none; WrongState while nobody has taken it."""
        if self._alert(caller, staff_id).taken_at is None:
            raise WrongState("somebody must take this alert first.")
        self._note(caller, staff_id, PeerDeed.DANGER_DONE, _CLOSED)

    def _alert(self, caller: Caller, staff_id: str) -> SafetyAlert:
        found = next((alert for alert in self.open(caller) if alert.staff_id == staff_id), None)
        if found is None:
            raise NotFound("there is no open alert of this peer.")
        return found

    def _note(self, caller: Caller, staff_id: str, deed: PeerDeed, act: str) -> None:
        now = self.clock.now()
        self.turns.book.add_record(PeerRecord(staff_id, deed, now))
        self.access_log.append(AccessEntry(now, caller.pseudonym, Role.COORDINATOR, act, _KIND))

    def _who(self, at: datetime) -> str | None:
        """Return the coordinator who took an alert at a moment, from the access log; None when its row has passed its retention."""
        rows = self.access_log.recent(_LOOK_BACK)
        return next((row.pseudonym for row in rows if (row.at, row.act, row.kind) == (at, _TOOK, _KIND)), None)


def untaken(records: Iterable[PeerRecord]) -> Mapping[str, datetime]:
    """Return the peers whose alert nobody has taken, with the moment they last pressed the button. records: oldest first."""
    found: dict[str, datetime] = {}
    for record in records:
        if record.deed is PeerDeed.DANGER:
            found[record.staff_id] = record.at
        elif record.deed in (PeerDeed.DANGER_TAKEN, PeerDeed.DANGER_DONE):
            found.pop(record.staff_id, None)
    return found


def last_repeat(pressed_at: datetime, now: datetime, times: EscalationTimes) -> datetime | None:
    """Return when the newest repeat of an alert was due that nobody has taken, None before the first."""
    often, seldom = times.urgent.alarm_every, times.normal.alarm_every
    first_hour, later = min(now - pressed_at, OFTEN_FOR), max(now - pressed_at - OFTEN_FOR, timedelta())
    waited = first_hour // often * often + later // seldom * seldom
    return pressed_at + waited if waited else None
