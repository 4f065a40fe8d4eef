"""The roster as a service: peers plan their weekly shifts, coordinators see the gaps, employees learn when somebody is there next."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from companion.errors import InputRefused, NotAllowed
from companion.models_duty import CoverageGap, ShiftTime, WeeklyShift
from companion.models_staff import Caller, Role
from companion.network.assignment import is_trained
from companion.network.duty import staff_id_of
from companion.network.permissions import Permission, for_anyone, requires
from companion.network.roster import COVERAGE_SPAN, MINUTES_A_DAY, gaps, next_staffed, occurrences
from companion.ports import Clock
from companion.ports_duty import DutyBook
from companion.ports_people import StaffDirectory

SHORTEST_SHIFT_MINUTES = 15
LAST_WEEKDAY = 6


@dataclass(frozen=True)
class RosterService:
    """Keep the weekly roster. All methods may raise StoreUnavailable."""

    book: DutyBook
    staff: StaffDirectory
    clock: Clock

    @for_anyone(Permission.ASK_FOR_PERSON)
    def next_staffed(self) -> datetime | None:
        """Return when somebody is planned to be there, now if somebody is planned now; None when nobody is within two weeks. A plan only."""
        now = self.clock.now()
        shift = next_staffed(self._of_trained(now), now)
        return max(now, shift.starts_at) if shift else None

    @requires(Permission.SET_OWN_DUTY)
    def mine(self, caller: Caller) -> tuple[WeeklyShift, ...]:
        """Return the caller's weekly shifts, by weekday and start."""
        return tuple(shift for shift in self.book.shifts() if shift.staff_id == staff_id_of(caller))

    @requires(Permission.SET_OWN_DUTY)
    def plan(self, caller: Caller, *, weekday: int, starts: time, minutes: int, timezone: str) -> WeeklyShift:
        """Store a weekly shift of the caller. weekday: 0 is Monday; starts, minutes: by the clock on the wall in `timezone`.

        Raises: InputRefused (not_a_weekday, not_a_length, not_a_timezone).
        """
        if not 0 <= weekday <= LAST_WEEKDAY:
            raise InputRefused("not_a_weekday")
        if not SHORTEST_SHIFT_MINUTES <= minutes <= MINUTES_A_DAY:
            raise InputRefused("not_a_length")
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError) as exc:
            raise InputRefused("not_a_timezone") from exc
        shift = WeeklyShift(secrets.token_hex(16), staff_id_of(caller), weekday, starts, minutes, timezone)
        self.book.add_shift(shift)
        return shift

    @requires(Permission.SET_OWN_DUTY)
    def cancel(self, caller: Caller, shift_id: str) -> None:
        """Delete a weekly shift of the caller. Raises: NotAllowed when it is somebody else's."""
        if any(shift.id == shift_id and shift.staff_id != caller.staff_id for shift in self.book.shifts()):
            raise NotAllowed("only its owner may cancel a shift.")
        self.book.remove_shift(shift_id)

    @requires(Permission.SEE_LOAD)
    def coming(self, caller: Caller) -> tuple[ShiftTime, ...]:  # noqa: ARG002
        """Return who is planned within the next seven days, earliest first."""
        now = self.clock.now()
        return occurrences(self._of_trained(now), now, now + COVERAGE_SPAN)

    @requires(Permission.SEE_LOAD)
    def gaps(self, caller: Caller) -> tuple[CoverageGap, ...]:  # noqa: ARG002
        """Return when nobody is planned within the next seven days; one gap over all means that there is no roster."""
        now = self.clock.now()
        return gaps(self._of_trained(now), now, now + COVERAGE_SPAN)

    def _of_trained(self, now: datetime) -> tuple[WeeklyShift, ...]:
        """Return the shifts of those who may talk; who was suspended or whose sign-off ended covers nothing."""
        able = {member.id for member in self.staff.members() if Role.PEER in member.roles and is_trained(member, now)}
        return tuple(shift for shift in self.book.shifts() if shift.staff_id in able)
