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
    """Return what changed between two texts, word by word, in reading order."""
    old, new = _WORDS_AND_SPACES.findall(before), _WORDS_AND_SPACES.findall(after)
    stretches = []
    for kind, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            stretches.append(Stretch("same", "".join(old[old_from:old_to])))
            continue
        if old_to > old_from:
            stretches.append(Stretch("gone", "".join(old[old_from:old_to])))
        if new_to > new_from:
            stretches.append(Stretch("new", "".join(new[new_from:new_to])))
    return tuple(stretches)
