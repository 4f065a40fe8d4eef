"""What curating the library needs from the outside world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from companion.models_curation import ArticleFacts, KnowledgeDraft, KnowledgeVersion
from companion.models_quality import OwnCase, QualityRun, RunStanding


class VersionStore(Protocol):
    """Keep every version of a knowledge file, and drafts. All methods raise StoreUnavailable."""

    def add(self, version: KnowledgeVersion) -> None:
        """Store a version after all others; its number is given by the store."""
        ...

    def versions(self, path: str) -> tuple[KnowledgeVersion, ...]:
        """Return all versions of a file, newest first."""
        ...

    def latest(self) -> Mapping[str, KnowledgeVersion]:
        """Return the newest version of every file that has one, by path."""
        ...

    def keep_draft(self, draft: KnowledgeDraft) -> None:
        """Store a draft in place of the same person's earlier one of that file."""
        ...

    def draft(self, path: str, staff_id: str) -> KnowledgeDraft | None:
        """Return a person's draft of a file, or None."""
        ...

    def drafts(self, staff_id: str) -> tuple[KnowledgeDraft, ...]:
        """Return all drafts of a person, newest first."""
        ...

    def drop_draft(self, path: str, staff_id: str) -> None:
        """Forget a draft; nothing happens when there is none."""
        ...


class KnowledgeFiles(Protocol):
    """Read and replace text files below the knowledge folder. Paths are relative, with "/" between folders."""

    def read(self, path: str) -> str | None:
        """Return the text of a file, or None when there is none.

        Raises: KnowledgeError when it is no text or lies outside the folder.
        """
        ...

    def replace(self, path: str, text: str | None, *, instead_of: str | None) -> bool:
        """Replace a file's text at once and for good; tell whether it still was `instead_of`, else nothing is written.

        text: None takes the file away. instead_of: None when it must not be there yet.

        Raises: KnowledgeError when it cannot be written.
        """
        ...

    def paths(self, folder: str) -> tuple[str, ...]:
        """Return the text files below a folder of the knowledge folder, sorted."""
        ...


class ArticleText(Protocol):
    """Take an article's text apart and put it together again."""

    def split(self, text: str) -> tuple[ArticleFacts, str] | None:
        """Return the facts and the words of an article, or None when the facts cannot be read."""
        ...

    def joined(self, text: str, facts: ArticleFacts, body: str) -> str:
        """Return the text with these facts and words; what did not change stays as it is written."""
        ...


class GapCounts(Protocol):
    """Count topics that were asked and not covered. All methods raise StoreUnavailable."""

    def add(self, month: str, topic: str) -> None:
        """Count one question. month: "2026-11"."""
        ...

    def counts(self, month: str) -> Mapping[str, int]:
        """Return topic → count of a month."""
        ...

    def months(self) -> tuple[str, ...]:
        """Return the months that have counts, newest first."""
        ...


class QualityRunner(Protocol):
    """Run the evals beside the program, keep their results, and keep the cases that coordinators add."""

    def start(self, suites: Sequence[str]) -> None:
        """Begin a run of these suites, all when empty; then of the own cases, when there are any. Does nothing while one is running.

        Raises: CompanionError when the evals are not installed.
        """
        ...

    def standing(self) -> RunStanding:
        """Return how the run that was started last stands."""
        ...

    def runs(self) -> tuple[QualityRun, ...]:
        """Return the runs that can be read, oldest first."""
        ...

    def add_case(self, case: OwnCase) -> int:
        """Keep a case for all later runs and return how many there are now; the same question replaces an earlier one."""
        ...

    def own_cases(self) -> tuple[OwnCase, ...]:
        """Return the cases that were added, oldest first."""
        ...
