"""The fixed words and prompts as a coordinator works on them: the same desk as the library's, with what keeps such words safe."""

from __future__ import annotations

from companion.curation.library_desk import LibraryDesk, set_of_warnings
from companion.curation.wording import as_changed, needs_clinician
from companion.errors import WrongState
from companion.models_curation import LibraryRow, OpenDocument, Standing
from companion.models_staff import Caller
from companion.network.permissions import Permission, requires

PROMPTS = "prompts"


class WordsDesk(LibraryDesk):
    """Work on the words that people are shown and models are told. Files are neither begun nor taken away here: the program needs each."""

    @requires(Permission.CURATE)
    def rows(self, caller: Caller) -> tuple[LibraryRow, ...]:  # noqa: ARG002
        """Return every file with what is wrong with it, those that a clinician must read first."""
        today = self.clock.now().date()
        rows = []
        for path in self.files.paths(PROMPTS):
            review = self.review_text(path, self.files.read(path) or "", today)
            problems = tuple(f"line {f.line}: {f.problem} {f.remedy}" for f in (*review.errors, *set_of_warnings(review)))
            rows.append(LibraryRow(path, path, (), Standing.HAS_ERRORS if review.errors else Standing.CITED, problems=problems))
        return tuple(sorted(rows, key=lambda row: (not needs_clinician(row.path), row.path)))

    @requires(Permission.CURATE)
    def publish(self, caller: Caller, opened: OpenDocument, text: str, note: str = "") -> OpenDocument:
        """Write a text as the file, its version raised and marked as not read yet when its words changed.

        Raises: as `LibraryDesk.publish`; FormRefused also when something is lost that the program fills in or points at.
        """
        return super().publish(caller, opened, as_changed(opened.text or "", text), note)

    @requires(Permission.CURATE)
    def retire(self, caller: Caller, opened: OpenDocument, reason: str) -> str:  # noqa: ARG002
        """Refuse: the program needs every one of these files. Raises: WrongState."""
        raise WrongState(f"{opened.path}: the program needs this file; it can be changed, and not be retired.")

    @requires(Permission.CURATE)
    def bring_back(self, caller: Caller, opened: OpenDocument) -> str:  # noqa: ARG002
        """Refuse: nothing of it is ever retired. Raises: WrongState."""
        raise WrongState(f"{opened.path}: this file was never retired.")
