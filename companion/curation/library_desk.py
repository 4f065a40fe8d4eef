"""The library as a coordinator works on it: how every file stands, opening, drafting, publishing, retiring, restoring.

The folder of text files is the truth. Publishing writes the file, keeps a version, and lets the running program read it again. What was
opened travels with the edit: when the file has another text by then, nothing is written and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from companion.curation.history import History, Stretch, compare
from companion.errors import EditConflict, FormRefused, NotFound, StoreUnavailable, WrongState
from companion.library.documents import Finding, Severity
from companion.library.lint import REVIEW_SOON
from companion.models import Article
from companion.models_curation import Act, KnowledgeDraft, KnowledgeVersion, LibraryRow, OpenDocument, Standing
from companion.models_staff import Caller
from companion.network.permissions import Permission, requires
from companion.ports import Clock
from companion.ports_curation import ArticleText, KnowledgeFiles

ARTICLES = "articles"
RETIRED = "retired"
"""Folder beside `articles`; nothing in it is ever read for employees."""
_MAX_CHARS = 200_000
"""A guard against a pasted book; an article of 700 words has about 5,000 characters."""


@dataclass(frozen=True, slots=True)
class Review:
    """Hold what the program makes of a text. article: None when it cannot be read. findings: in order of the text."""

    article: Article | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return the findings that keep the text from being cited."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


class Reviewer(Protocol):
    """Read a text as the program would."""

    def __call__(self, path: str, text: str, today: date) -> Review:
        """Return the article with its findings; the path may be one that is not there yet."""
        ...


@dataclass(frozen=True)
class LibraryDesk:
    """Work on the files of the library. Methods may raise StoreUnavailable and KnowledgeError.

    refresh: makes the running program read its files again; returns what keeps it from using them, nothing when all is well.
    """

    files: KnowledgeFiles
    history: History
    texts: ArticleText
    review_text: Reviewer
    refresh: Callable[[], Sequence[str] | None]
    clock: Clock

    # --- looking ---------------------------------------------------------------------------------------------------------

    @requires(Permission.CURATE)
    def rows(self, caller: Caller) -> tuple[LibraryRow, ...]:  # noqa: ARG002
        """Return how every file of the library stands, those that are not cited first."""
        today = self._today()
        rows = [self._row(path, today) for path in self.files.paths(ARTICLES)]
        rows += [LibraryRow(path, _title_of(path), (), Standing.RETIRED) for path in self.files.paths(RETIRED)]
        return tuple(sorted(rows, key=lambda row: (row.standing is Standing.RETIRED, row.is_cited, row.title.casefold())))

    @requires(Permission.CURATE)
    def open(self, caller: Caller, path: str) -> OpenDocument:  # noqa: ARG002
        """Return a file as it is now, and keep it as a version when it was changed outside the console.

        Raises: NotFound.
        """
        text = self.files.read(path)
        if text is None:
            raise NotFound(f"{path}: the file is not there any more.")
        self.history.notice(path, text)
        return OpenDocument(path, text)

    @requires(Permission.CURATE)
    def review(self, caller: Caller, path: str, text: str) -> Review:  # noqa: ARG002
        """Return what the program makes of a text before it is published."""
        return self.review_text(path, text, self._today())

    @requires(Permission.CURATE)
    def versions(self, caller: Caller, path: str) -> tuple[KnowledgeVersion, ...]:  # noqa: ARG002
        """Return all versions of a file, newest first."""
        return self.history.store.versions(path)

    @requires(Permission.CURATE)
    def compared(self, caller: Caller, before: str, after: str) -> tuple[Stretch, ...]:  # noqa: ARG002
        """Return what changed between two texts, word by word."""
        return compare(before, after)

    # --- drafts ----------------------------------------------------------------------------------------------------------

    @requires(Permission.CURATE)
    def keep_draft(self, caller: Caller, opened: OpenDocument, text: str) -> None:
        """Keep a text without publishing it; the person's earlier draft of this file is replaced."""
        self.history.store.keep_draft(KnowledgeDraft(opened.path, caller.staff_id or "", self.clock.now(), opened.text or "", text))

    @requires(Permission.CURATE)
    def draft(self, caller: Caller, path: str) -> KnowledgeDraft | None:
        """Return the caller's draft of a file, or None."""
        return self.history.store.draft(path, caller.staff_id or "")

    @requires(Permission.CURATE)
    def drafts(self, caller: Caller) -> tuple[KnowledgeDraft, ...]:
        """Return all drafts of the caller, newest first."""
        return self.history.store.drafts(caller.staff_id or "")

    @requires(Permission.CURATE)
    def drop_draft(self, caller: Caller, path: str) -> None:
        """Forget the caller's draft of a file."""
        self.history.store.drop_draft(path, caller.staff_id or "")

    # --- writing ---------------------------------------------------------------------------------------------------------

    @requires(Permission.CURATE)
    def publish(self, caller: Caller, opened: OpenDocument, text: str, note: str = "") -> OpenDocument:
        """Write a text as the file, and return the file as it now stands.

        Raises: FormRefused while an error stands in the text; EditConflict when the file has another text than when it was opened, in which
        case the text is kept as a draft.
        """
        text = _tidied(text)
        review = self.review_text(opened.path, text, self._today())
        if review.errors:
            first = review.errors[0]
            raise FormRefused("", f"line {first.line}: {first.problem} {first.remedy}")
        return self._write(caller, opened, text, note, Act.PUBLISHED)

    @requires(Permission.CURATE)
    def restore(self, caller: Caller, opened: OpenDocument, version: KnowledgeVersion) -> OpenDocument:
        """Make an earlier version the file's text again, as a new version. Raises: as `publish`."""
        return self._write(caller, opened, version.text, f"as of version {version.number}", Act.RESTORED)

    @requires(Permission.CURATE)
    def retire(self, caller: Caller, opened: OpenDocument, reason: str) -> str:
        """Take a file out of the library into the folder of retired ones and return where it is now; it is never cited from there.

        Raises: FormRefused without a reason; EditConflict.
        """
        if not reason.strip():
            raise FormRefused("reason", "is needed: a few words for those who look at the history later.")
        return self._move(caller, opened, RETIRED + opened.path.removeprefix(ARTICLES), reason.strip(), Act.RETIRED)

    @requires(Permission.CURATE)
    def bring_back(self, caller: Caller, opened: OpenDocument) -> str:
        """Put a retired file back where it was and return where it is now. Raises: EditConflict, WrongState when its place is taken."""
        return self._move(caller, opened, ARTICLES + opened.path.removeprefix(RETIRED), "", Act.BROUGHT_BACK)

    # --- inside ----------------------------------------------------------------------------------------------------------

    def _write(self, caller: Caller, opened: OpenDocument, text: str, note: str, act: Act) -> OpenDocument:
        if text == opened.text:
            return opened
        if not self.files.replace(opened.path, text, instead_of=opened.text):
            self.keep_draft(caller, opened, text)
            raise EditConflict(f"{opened.path}: somebody else has changed this file since you opened it.")
        try:
            self.history.record(caller, opened.path, opened.text, text, note, act)
        except StoreUnavailable:
            self.files.replace(opened.path, opened.text, instead_of=text)
            raise
        self.history.store.drop_draft(opened.path, caller.staff_id or "")
        return OpenDocument(opened.path, text, held_back=" ".join(self.refresh() or ()))

    def _move(self, caller: Caller, opened: OpenDocument, target: str, note: str, act: Act) -> str:
        if opened.text is None or target == opened.path:
            raise WrongState("there is nothing to move.")
        if not self.files.replace(target, opened.text, instead_of=None):
            raise WrongState(f"{target}: there is a file of this name already. Rename one of the two.")
        if not self.files.replace(opened.path, None, instead_of=opened.text):
            self.files.replace(target, None, instead_of=opened.text)
            raise EditConflict(f"{opened.path}: somebody else has changed this file since you opened it.")
        self.history.record(caller, target, None, opened.text, note, act)
        self.refresh()
        return target

    def _row(self, path: str, today: date) -> LibraryRow:
        text = self.files.read(path) or ""
        review = self.review_text(path, text, today)
        problems = tuple(f"line {f.line}: {f.problem} {f.remedy}" for f in (*review.errors, *(set_of_warnings(review))))
        article = review.article
        if article is None:
            return LibraryRow(path, _title_of(path), (), Standing.UNREADABLE, problems=problems)
        standing = standing_of(article, review, today)
        return LibraryRow(path, article.title, article.topics, standing, article.owner, article.review_by, problems)

    def _today(self) -> date:
        return self.clock.now().date()


def set_of_warnings(review: Review) -> tuple[Finding, ...]:
    """Return the findings that do not keep a text from being cited."""
    return tuple(finding for finding in review.findings if finding.severity is not Severity.ERROR)


def standing_of(article: Article, review: Review, today: date) -> Standing:
    """Return how an article stands, the weightiest reason against citing it first."""
    if review.errors:
        return Standing.HAS_ERRORS
    if not article.licence:
        return Standing.UNLICENSED
    if not article.sources:
        return Standing.UNSOURCED
    if today > article.review_by:
        return Standing.REVIEW_OVERDUE
    return Standing.REVIEW_SOON if today + REVIEW_SOON > article.review_by else Standing.CITED


def _tidied(text: str) -> str:
    if len(text) > _MAX_CHARS:
        raise FormRefused("", f"The text has more than {_MAX_CHARS} characters. Split it into articles.")
    return text.replace("\r\n", "\n").rstrip() + "\n"


def _title_of(path: str) -> str:
    return path.rsplit("/", 1)[-1]
