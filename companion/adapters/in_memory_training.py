"""A store of training in memory, for tests and as the plainest reading of the port."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from companion.adapters.in_memory_staff import MemoryStaffDirectory


class MemoryTrainingStore:
    """Keep passes in memory."""

    def __init__(self, directory: MemoryStaffDirectory) -> None:
        """Start empty. directory: whose accounts may pass a module."""
        self._directory = directory
        self._passes: dict[str, dict[str, date]] = {}

    def record_pass(self, staff_id: str, module_id: str, passed_on: date) -> None:
        """Store the day on which a module was passed, in place of an earlier one. Raises: NotFound."""
        self._directory.get(staff_id)
        self._passes.setdefault(staff_id, {})[module_id] = passed_on

    def passes_of(self, staff_id: str) -> Mapping[str, date]:
        """Return module id → day."""
        return dict(self._passes.get(staff_id, {}))

    def all_passes(self) -> Mapping[str, Mapping[str, date]]:
        """Return staff id → module id → day, for everybody who passed any."""
        return {staff_id: dict(passed) for staff_id, passed in self._passes.items()}
