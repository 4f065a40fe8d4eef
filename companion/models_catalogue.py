"""The values around the catalogue's forms: which entry of which file, and what its fields hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FieldValue = str | int | tuple[str, ...] | Mapping[str, str | int]
Fields = Mapping[str, FieldValue]
"""Field name → value as it stands in the file. A field that is missing there is missing here; None never occurs."""


class EntryKind(StrEnum):
    """Name what a form edits."""

    GROUP = "group"
    DOOR = "door"
    COUNTRY = "country"
    LINE = "line"

    @property
    def file(self) -> str:
        """Name the file below `knowledge/` that holds entries of this kind."""
        return {"group": "groups.yaml", "door": "doors.yaml"}.get(self.value, "crisis_lines.yaml")

    @property
    def named_by(self) -> str:
        """Name the field that tells entries of this kind apart."""
        return {"door": "id", "country": "code"}.get(self.value, "name")


@dataclass(frozen=True, slots=True)
class EntryKey:
    """Point at one entry. name: value of the field that tells entries apart. country: code of the country that a line belongs to."""

    kind: EntryKind
    name: str
    country: str = ""
