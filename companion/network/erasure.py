"""Erasure on request: the operator deletes one hand-over, and the access log keeps that it was done, without content."""

from __future__ import annotations

from dataclasses import dataclass

from companion.models_staff import AccessEntry, Caller, Role
from companion.network.permissions import Permission, requires
from companion.ports import Clock
from companion.ports_people import AccessLog, HandoverStore


@dataclass(frozen=True)
class ErasureService:
    """Serve the operator who was asked to erase. All methods may raise StoreUnavailable."""

    handovers: HandoverStore
    access_log: AccessLog
    clock: Clock

    @requires(Permission.ERASE_ON_REQUEST)
    def erase_handover(self, caller: Caller, handover_id: str) -> None:
        """Delete a letter with its talk and everything about it. Raises: NotFound."""
        self.handovers.get(handover_id)
        self.handovers.erase((handover_id,))
        self.access_log.append(AccessEntry(self.clock.now(), caller.pseudonym, Role.OPERATOR, "erased", "hand-over", handover_id))
