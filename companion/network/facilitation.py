"""Leading a group: who leads which, how many came, whether it has gone quiet, and two taps from members after a meeting.

A facilitator sees the names that members chose and counts. A coordinator sees who leads and whether a group has gone quiet; nobody sees who came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from companion.errors import FormRefused, InputRefused, NotAllowed, NotFound, WrongState
from companion.library.meeting_dates import days_between
from companion.models_groups import PeerGroup, Rhythm
from companion.models_meetings import GroupStanding, HeldMeeting, LedGroup, Quiet, Standing, UseQuestion
from companion.models_staff import AccessEntry, Caller, Role, StaffMember
from companion.network.meetings import MembershipService
from companion.network.permissions import Permission, for_anyone, requires
from companion.ports_meetings import FacilitationStore
from companion.ports_people import AccessLog, StaffDirectory

FEW_CAME = 3
"""Chosen by us: with two people a meeting is a talk; twice in a row, and those who still come begin to wonder."""
SILENT_AFTER_RHYTHMS = 2
FOR_LEADERS, FOR_OUTSIDERS = 5, 10
"""Answers from which taps are shown to who leads the group, who was there, and to others (DESIGN 5)."""
MOST_ATTENDANCE = 500
SHOWN_MEETINGS = 12
_KIND = "group"


@dataclass(frozen=True)
class FacilitationService:
    """Serve facilitators, and coordinators who say who leads. All methods may raise StoreUnavailable. groups: those listed now."""

    store: FacilitationStore
    memberships: MembershipService
    staff: StaffDirectory
    access_log: AccessLog
    groups: Callable[[], Sequence[PeerGroup]]

    # --- coordinators ------------------------------------------------------------------------------------------------

    @requires(Permission.ASSIGN_LEADERS)
    def facilitators(self, caller: Caller) -> tuple[StaffMember, ...]:  # noqa: ARG002
        """Return the accounts that may lead a group, by pseudonym."""
        return tuple(each for each in self.staff.members() if Role.FACILITATOR in each.roles and not each.is_suspended)

    @requires(Permission.ASSIGN_LEADERS)
    def assign(self, caller: Caller, group_key: str, staff_id: str) -> None:
        """Let a facilitator lead a group. Raises: NotFound; NotAllowed for an account of another role."""
        self._group(group_key)
        if Role.FACILITATOR not in self.staff.get(staff_id).roles:
            raise NotAllowed(f"account {staff_id} is no facilitator; give it that role first.")
        if self.store.assign(group_key, staff_id, self._today()):
            self._log(caller, Role.COORDINATOR, "assigned")

    @requires(Permission.ASSIGN_LEADERS)
    def unassign(self, caller: Caller, group_key: str, staff_id: str) -> None:
        """Let somebody lead a group no more; somebody who did not is well."""
        if self.store.unassign(group_key, staff_id):
            self._log(caller, Role.COORDINATOR, "unassigned")

    @requires(Permission.ASSIGN_LEADERS)
    def leaders(self, caller: Caller, group_key: str) -> tuple[StaffMember, ...]:  # noqa: ARG002
        """Return who leads a group, by pseudonym."""
        return self._leaders(group_key)

    @requires(Permission.ASSIGN_LEADERS)
    def overview(self, caller: Caller) -> tuple[GroupStanding, ...]:  # noqa: ARG002
        """Return how all open and full groups stand, quiet ones first, then by name."""
        shown = [
            GroupStanding(
                group.key,
                group.name,
                tuple(each.pseudonym for each in self._leaders(group.key)),
                self._quiet(group),
                self.store.taps(group.key, FOR_OUTSIDERS),
            )
            for group in self.groups()
            if group.status in {"open", "full"}
        ]
        return tuple(sorted(shown, key=lambda each: (each.quiet is None, each.name.casefold())))

    # --- facilitators ------------------------------------------------------------------------------------------------

    @requires(Permission.LEAD_GROUP)
    def mine(self, caller: Caller) -> tuple[PeerGroup, ...]:
        """Return the listed groups that the caller leads, by name."""
        keys = set(self.store.led_by(caller.staff_id or ""))
        return tuple(sorted((group for group in self.groups() if group.key in keys), key=lambda group: group.name.casefold()))

    @requires(Permission.LEAD_GROUP)
    def open(self, caller: Caller, group_key: str) -> LedGroup:
        """Return what a facilitator sees of a group. Raises: NotFound for a group that is not the caller's."""
        group = self._led(caller, group_key)
        members = [each for each in self.memberships.store.register(group_key).memberships if each.standing is Standing.MEMBER]
        return LedGroup(
            group_key,
            tuple(sorted((each.pseudonym for each in members), key=str.casefold)),
            self.memberships.places(group_key).waiting,
            self.store.meetings(group_key, SHOWN_MEETINGS),
            self._quiet(group),
            self.store.taps(group_key, FOR_LEADERS),
        )

    @requires(Permission.LEAD_GROUP)
    def note_meeting(self, caller: Caller, group_key: str, day: date, attendance: int) -> None:
        """Note how many came on a day; a second note of the day takes the place of the first.

        Raises: NotFound; FormRefused for a day to come or a number below 0 or above 500.
        """
        group = self._led(caller, group_key)
        if day > self._today(group.rhythm):
            raise FormRefused("day", "is still to come.")
        if not 0 <= attendance <= MOST_ATTENDANCE:
            raise FormRefused("attendance", f"must be from 0 to {MOST_ATTENDANCE}.")
        self.store.note_meeting(group_key, HeldMeeting(day, attendance))

    @requires(Permission.LEAD_GROUP)
    def drop_meeting(self, caller: Caller, group_key: str, day: date) -> None:
        """Take a note back. Raises: NotFound."""
        self._led(caller, group_key)
        self.store.drop_meeting(group_key, day)

    @requires(Permission.LEAD_GROUP)
    def free_place(self, caller: Caller, group_key: str, pseudonym: str) -> None:
        """Give up the place of a member who said that they have left and cannot do it themselves. Raises: NotFound."""
        self._led(caller, group_key)
        self.memberships.free(caller, group_key, pseudonym)
        self._log(caller, Role.FACILITATOR, "freed a place")

    # --- members -----------------------------------------------------------------------------------------------------

    @for_anyone(Permission.JOIN_GROUP)
    def is_led(self, group_key: str) -> bool:
        """Tell whether somebody leads a group here, so that members can be told what to expect."""
        return bool(self.store.leaders(group_key))

    @for_anyone(Permission.JOIN_GROUP)
    def tap(self, code: str, answers: Mapping[UseQuestion, bool]) -> None:
        """Count a member's taps after a meeting, without any tie to the member. Raises: NotFound, WrongState for who is no member."""
        if not answers:
            raise InputRefused("empty")
        own = self.memberships.mine(code).membership
        if own.standing is not Standing.MEMBER:
            raise WrongState("only members are asked about a meeting.")
        today = self._today()
        for question, is_yes in answers.items():
            self.store.tap(own.group_key, f"{today.year}-Q{(today.month + 2) // 3}", question, is_yes=is_yes)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _group(self, group_key: str) -> PeerGroup:
        group = next((group for group in self.groups() if group.key == group_key), None)
        if group is None:
            raise NotFound(f"group {group_key} is not listed.")
        return group

    def _led(self, caller: Caller, group_key: str) -> PeerGroup:
        if group_key not in self.store.led_by(caller.staff_id or ""):
            raise NotFound(f"group {group_key} is not led by this facilitator.")
        return self._group(group_key)

    def _leaders(self, group_key: str) -> tuple[StaffMember, ...]:
        found = [self.staff.get(staff_id) for staff_id in self.store.leaders(group_key)]
        return tuple(sorted(found, key=lambda each: each.pseudonym.casefold()))

    def _quiet(self, group: PeerGroup) -> Quiet | None:
        since = min(self.store.leaders(group.key).values(), default=None)
        if since is None and self.memberships.store.register(group.key).taken:
            return Quiet.UNLED
        return quiet(group.rhythm, self.store.meetings(group.key, 2), since, self._today(group.rhythm))

    def _today(self, rhythm: Rhythm | None = None) -> date:
        now = self.memberships.clock.now()
        return (now.astimezone(ZoneInfo(rhythm.timezone)) if rhythm else now).date()

    def _log(self, caller: Caller, role: Role, act: str) -> None:
        """Write that staff changed something about a group; which one stays out, since a small group is nearly a person."""
        self.access_log.append(AccessEntry(self.memberships.clock.now(), caller.pseudonym, role, act, _KIND))


def quiet(rhythm: Rhythm, meetings: Sequence[HeldMeeting], led_since: date | None, today: date) -> Quiet | None:
    """Return why a group is called quiet, or None.

    meetings: the last two, newest first. led_since: from when on somebody could have noted a meeting; nobody leads it: None, and silence
    then tells nothing.
    """
    if len(meetings) > 1 and all(meeting.attendance < FEW_CAME for meeting in meetings[:2]):
        return Quiet.FEW
    last = max([meeting.day for meeting in meetings[:1]] + ([led_since] if led_since else []), default=None)
    is_silent = last is not None and today - last > timedelta(days=SILENT_AFTER_RHYTHMS * days_between(rhythm))
    return Quiet.SILENT if is_silent and led_since is not None else None
