"""Seal every data key anew with the current server key, so that an old one can be dropped. The words themselves are not touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from companion.models_staff import Caller
from companion.network.permissions import Permission, requires
from companion.ports_people import Box, KeyShelf

_BATCH = 200


@dataclass(frozen=True)
class KeyRotation:
    """Serve the operator who changes the server key.

    shelves: every kind of row that carries a sealed data key. overwrite: called at the end, so that the old sealed keys are gone from disk.
    """

    shelves: Mapping[str, KeyShelf]
    box: Box
    overwrite: Callable[[], object]

    @requires(Permission.ROTATE_KEYS)
    def rotate(self, caller: Caller) -> Mapping[str, int]:  # noqa: ARG002
        """Reseal what another key sealed and return how many by kind. Killed in the middle, it goes on where it stopped when called again.

        Raises: SettingsError when a server key is missing that still seals something; StoreUnavailable.
        """
        counts = {kind: self._reseal(shelf) for kind, shelf in self.shelves.items()}
        self.overwrite()
        return counts

    @requires(Permission.ROTATE_KEYS)
    def left(self, caller: Caller) -> int:  # noqa: ARG002
        """Return how many kinds of row still hold a key that another server key sealed. Raises: StoreUnavailable."""
        return sum(bool(shelf.sealed_otherwise(self.box.key_id, 1)) for shelf in self.shelves.values())

    def _reseal(self, shelf: KeyShelf) -> int:
        count = 0
        while found := shelf.sealed_otherwise(self.box.key_id, _BATCH):
            for ref, key in found:
                count += shelf.replace_key(ref, key, self.box.reseal(key))
        return count
