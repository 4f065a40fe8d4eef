"""Who is in charge of which part of the organisation, as far as the deployer's directory of roles tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RoleDirectory:
    """Hold the directory; empty when the deployer has none.

    departments: names as employees choose them, in file order. part_of: department → the one above it. by_account: username of a facilitator
    (casefolded) → departments that they manage. by_group: key or name of a group (casefolded) → departments that whoever leads it manages,
    for leaders without an account.
    """

    departments: tuple[str, ...] = ()
    part_of: Mapping[str, str] = field(default_factory=dict)
    by_account: Mapping[str, frozenset[str]] = field(default_factory=dict)
    by_group: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def above(self, department: str) -> frozenset[str]:
        """Return a department and all that it is a part of; nothing for one that is not listed."""
        found: set[str] = set()
        here: str | None = department if department in self.departments else None
        while here is not None and here not in found:
            found.add(here)
            here = self.part_of.get(here)
        return frozenset(found)

    def managers_of(self, department: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the usernames, and the keys or names of groups, whose departments include one."""
        above = self.above(department)
        accounts, groups = (
            frozenset(name for name, managed in listed.items() if managed & above) for listed in (self.by_account, self.by_group)
        )
        return accounts, groups
