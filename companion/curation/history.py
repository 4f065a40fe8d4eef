"""The history of knowledge files: every published text with who, when and why.

It is kept in the database, not in git: it works in a container without git, gives all instances one history, and needs nothing from a
coordinator who has never heard of git. The folder may lie in a git repository besides; a change made there is noticed and kept as a version
"changed outside". Versions hold curated words only, nothing about an employee, so they are not deleted.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from companion.models_curation import Act, KnowledgeVersion
from companion.models_staff import AccessEntry, Caller, Role
from companion.ports import Clock
from companion.ports_curation import VersionStore
from companion.ports_people import AccessLog

_WORDS_AND_SPACES = re.compile(r"\s+|[^\s]+")
_ALIKE = 0.7
"""Share of equal words from which two lines count as one that was edited. Chosen by us: below it a mix of words reads worse than both."""
NOBODY = "-"
"""Stands for whoever changed a file outside the console."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hold a stretch of text in a comparison. kind: "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True)
class History:
    """Record versions of files. All methods may raise StoreUnavailable."""

    store: VersionStore
    access_log: AccessLog
    clock: Clock

    def record(self, caller: Caller, path: str, before: str | None, after: str, note: str, act: Act = Act.PUBLISHED) -> None:
        """Keep a version, with what stood there before when that was not known, and note it in the access log."""
        self.notice(path, before)
        now = self.clock.now()
        self.store.add(KnowledgeVersion(path, now, caller.pseudonym, act, note, after))
        self.access_log.append(AccessEntry(now, caller.pseudonym, Role.COORDINATOR, act.value, "knowledge file"))

    def notice(self, path: str, text: str | None) -> None:
        """Keep the text of a file when it is not the newest version: as first seen, or as changed outside the console."""
        if text is None:
            return
        versions = self.store.versions(path)
        if not versions or versions[0].text != text:
            act = Act.OUTSIDE if versions else Act.FOUND
            self.store.add(KnowledgeVersion(path, self.clock.now(), NOBODY, act, "", text))


def compare(before: str, after: str) -> tuple[Stretch, ...]:
    """Return what changed between two texts, in reading order: lines that are alike word by word, others as a whole."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    stretches: list[Stretch] = []
    for kind, *ends in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, added = "".join(old[ends[0] : ends[1]]), "".join(new[ends[2] : ends[3]])
        if kind == "equal":
            stretches.append(Stretch("same", gone))
        else:
            stretches += _changed(gone, added)
    return tuple(stretches)


def _changed(gone: str, added: str) -> list[Stretch]:
    old, new = _WORDS_AND_SPACES.findall(gone), _WORDS_AND_SPACES.findall(added)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return _replaced(gone, added)
    stretches: list[Stretch] = []
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            stretches.append(Stretch("same", "".join(old[old_from:old_to])))
        else:
            stretches += _replaced("".join(old[old_from:old_to]), "".join(new[new_from:new_to]))
    return stretches


def _replaced(gone: str, added: str) -> list[Stretch]:
    return [Stretch(kind, text) for kind, text in (("gone", gone), ("new", added)) if text]
