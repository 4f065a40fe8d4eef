"""Groups, doors, countries and crisis lines, edited entry by entry.

Every save reads the file anew and changes one entry in it, so that two coordinators who edit different entries both keep their work. When
the same entry has changed since it was opened, nothing is written and the form shows both. The new text must pass the program's own loader
before it replaces the file: a catalogue that could not be read would leave employees without crisis lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from companion.errors import EditConflict, FormRefused, KnowledgeError, NotFound, StoreUnavailable
from companion.models_catalogue import EntryKey, EntryKind, Fields
from companion.models_staff import Caller
from companion.network.permissions import Permission, requires
from companion.ports_catalogue import CatalogueFolder, CatalogueText

_ATTEMPTS = 5
_FIELD_PROBLEM = re.compile(r"field '(?P<field>[^']+)': (?P<problem>.+)", re.DOTALL)
MIN_REASON_CHARS = 10
"""Chosen by us: long enough for a few words, so that nobody removes a door or a line by a slip."""


class Recorder(Protocol):
    """Keep what a file was and became."""

    def __call__(self, caller: Caller, path: str, before: str, after: str, note: str) -> None:
        """Record one change in the history and, without content, in the access log. Raises: StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """Hold an entry as it was when its form was opened. fields: empty for a new one."""

    key: EntryKey
    fields: Fields


@dataclass(frozen=True)
class CatalogueDesk:
    """Read, save and remove entries of the catalogue.

    refresh: makes the running program read its files again. record: keeps the history.
    """

    folder: CatalogueFolder
    text: CatalogueText
    record: Recorder
    refresh: Callable[[], object]

    @requires(Permission.CURATE)
    def entries(self, caller: Caller, kind: EntryKind, country: str = "") -> tuple[OpenEntry, ...]:  # noqa: ARG002
        """Return all entries of a kind, in file order. country: code of the country whose lines are wanted.

        Raises: KnowledgeError, NotFound.
        """
        return self._entries(self._read(kind.file), kind, country)

    @requires(Permission.CURATE)
    def save(self, caller: Caller, opened: OpenEntry, fields: Fields, note: str) -> OpenEntry:
        """Write an entry, new or changed, and return it as it now stands.

        Raises: FormRefused for a field that cannot stay so; EditConflict; KnowledgeError; StoreUnavailable when the history cannot be kept,
        in which case nothing is written.
        """
        key = _key_of(opened, fields)
        self._replace(caller, opened, lambda text: self._with(text, opened, key, fields), note)
        return OpenEntry(key, fields)

    @requires(Permission.CURATE)
    def text_with(self, caller: Caller, opened: OpenEntry, fields: Fields) -> str:  # noqa: ARG002
        """Return the text that the file would have after a save, to see what it would change. Nothing is written.

        Raises: FormRefused for a field that cannot stay so; KnowledgeError; NotFound.
        """
        file = opened.key.kind.file
        text = self._with(self._read(file), opened, _key_of(opened, fields), fields)
        self._check(file, text)
        return text

    @requires(Permission.CURATE)
    def remove(self, caller: Caller, opened: OpenEntry, reason: str) -> None:
        """Take an entry out of its file. It stays in the history, from which it can be restored.

        Raises: FormRefused without a reason; EditConflict; KnowledgeError; NotFound; StoreUnavailable.
        """
        if len(reason.strip()) < MIN_REASON_CHARS:
            raise FormRefused("reason", "is needed: a few words for those who look at the history later.")
        self._replace(caller, opened, lambda text: self.text.without_entry(text, opened.key), reason.strip())

    @requires(Permission.CURATE)
    def current(self, caller: Caller, key: EntryKey) -> OpenEntry | None:  # noqa: ARG002
        """Return an entry as it stands in the file now, or None when it is gone. Raises: KnowledgeError."""
        fields = self._find(self._read(key.kind.file), key)
        return None if fields is None else OpenEntry(key, fields)

    def _with(self, text: str, opened: OpenEntry, key: EntryKey, fields: Fields) -> str:
        if key.name != opened.key.name and self._find(text, key) is not None:
            raise FormRefused(key.kind.named_by, "is taken by another entry; choose a different one.")
        return self.text.with_entry(text, opened.key if opened.fields else key, fields)

    def _replace(self, caller: Caller, opened: OpenEntry, change: Callable[[str], str], note: str) -> None:
        file = opened.key.kind.file
        for _ in range(_ATTEMPTS):
            before = self._read(file)
            self._demand_unchanged(before, opened)
            after = change(before)
            if after == before:
                return
            self._check(file, after)
            if self.folder.replace(file, after, instead_of=before):
                self._keep(caller, file, before, after, note)
                self.refresh()
                return
        raise EditConflict(f"{file}: others keep changing this file at the same moment; try again.")

    def _read(self, file: str) -> str:
        text = self.folder.read(file)
        if text is None:
            raise KnowledgeError(f"{file}: the file is missing. Restore it from the history or from a release.")
        return text

    def _keep(self, caller: Caller, file: str, before: str, after: str, note: str) -> None:
        try:
            self.record(caller, file, before, after, note)
        except StoreUnavailable:
            self.folder.replace(file, before, instead_of=after)
            raise

    def _demand_unchanged(self, text: str, opened: OpenEntry) -> None:
        now = self._find(text, opened.key)
        if (now or {}) != opened.fields:
            raise EditConflict(f"{opened.key.kind.file}: {opened.key.name} has been changed by somebody else since you opened it.")

    def _check(self, file: str, text: str) -> None:
        try:
            self.folder.check(file, text)
        except KnowledgeError as exc:
            match = _FIELD_PROBLEM.search(str(exc))
            if match is None:
                raise
            raise FormRefused(match["field"], match["problem"].splitlines()[0]) from exc

    def _entries(self, text: str, kind: EntryKind, country: str) -> tuple[OpenEntry, ...]:
        rows = self.text.entries(text, kind, country)
        return tuple(OpenEntry(EntryKey(kind, str(fields.get(kind.named_by, "")), country), fields) for fields in rows)

    def _find(self, text: str, key: EntryKey) -> Fields | None:
        try:
            entries = self._entries(text, key.kind, key.country)
        except NotFound:
            return None
        return next((entry.fields for entry in entries if entry.key.name == key.name), None)


def _key_of(opened: OpenEntry, fields: Fields) -> EntryKey:
    """Return the key of an entry with these fields. Raises: FormRefused without a name."""
    key = EntryKey(opened.key.kind, str(fields.get(opened.key.kind.named_by, "")).strip(), opened.key.country)
    if not key.name:
        raise FormRefused(key.kind.named_by, "is missing; every entry needs one.")
    return key
