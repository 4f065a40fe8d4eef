"""Never a group that one's own manager leads, as far as the deployer's directory of roles allows to know.

The employee may say where they work. That stays in the memory of their chat: it comes here as an argument, is looked up, and is neither stored
nor logged. Nobody can be asked who is whose manager; the answer is about groups only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from companion.models_directory import RoleDirectory
from companion.models_groups import PeerGroup
from companion.network.permissions import Permission, for_anyone
from companion.ports_meetings import FacilitationStore
from companion.ports_people import StaffDirectory


@dataclass(frozen=True)
class OwnManagerService:
    """Tell which groups are led by the manager of a department. directory, groups: as they are now."""

    directory: Callable[[], RoleDirectory]
    leading: FacilitationStore
    staff: StaffDirectory
    groups: Callable[[], Sequence[PeerGroup]]

    @for_anyone(Permission.JOIN_GROUP)
    def departments(self) -> tuple[str, ...]:
        """Return what an employee may choose from; nothing when the deployer has no directory, or it names nobody in charge."""
        directory = self.directory()
        return directory.departments if directory.by_account or directory.by_group else ()

    @for_anyone(Permission.JOIN_GROUP)
    def led_by_manager_of(self, department: str) -> frozenset[str]:
        """Return the keys of the groups led by somebody who manages a department or one that it is a part of. Raises: StoreUnavailable."""
        accounts, named = self.directory().managers_of(department)
        found = {group.key for group in self.groups() if {group.key.casefold(), group.name.casefold()} & named}
        for username in accounts:
            account = self.staff.find(username)
            if account is not None:
                found.update(self.leading.led_by(account.member.id))
        return frozenset(found)
