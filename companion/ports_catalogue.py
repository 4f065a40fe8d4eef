"""What the catalogue's forms need from the outside world."""

from __future__ import annotations

from typing import Protocol

from companion.models_catalogue import EntryKey, EntryKind, Fields
from companion.ports_curation import KnowledgeFiles


class CatalogueText(Protocol):
    """Read and change entries in the text of a catalogue file, so that a person who reads the file later sees only the change."""

    def entries(self, text: str, kind: EntryKind, country: str = "") -> tuple[Fields, ...]:
        """Return the fields of all entries of a kind, in file order; of a country's entry without its lines.

        Raises: KnowledgeError when the text is not what the file should be; NotFound for an unknown country.
        """
        ...

    def with_entry(self, text: str, key: EntryKey, fields: Fields) -> str:
        """Return the text with exactly these fields in the entry; an unknown key adds an entry at the end.

        Raises: KnowledgeError as `entries`; NotFound when a line's country is unknown.
        """
        ...

    def without_entry(self, text: str, key: EntryKey) -> str:
        """Return the text without the entry.

        Raises: KnowledgeError as `entries`; NotFound.
        """
        ...


class CatalogueFolder(KnowledgeFiles, Protocol):
    """Read and replace the catalogue's files, and check them before."""

    def check(self, path: str, text: str) -> None:
        """Pass when the program could use this text as that file.

        Raises: KnowledgeError naming line, entry, field and remedy.
        """
        ...
