"""The files below `prompts/` that a coordinator may edit, under the names that the console shows; and a copy of the folder with edits in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from companion.adapters.knowledge_folder import KnowledgeFolder
from companion.errors import KnowledgeError

PROMPTS = "prompts/"
_NOT_FOR_COORDINATORS = ("console_", "ui.", "audit.", "facilitator.", "meetings.", "mentoring.", "training.")
"""Labels of pages: an edit changes no reply, and a lost one takes a page away."""


class PromptFiles:
    """Read and replace prompts and fixed words; fulfils `KnowledgeFiles`. Paths begin with "prompts/", whatever the folder is called."""

    def __init__(self, folder: Path, lock: Path) -> None:
        """Use a prompts folder. lock: a file outside of it that all writers share."""
        self._files = KnowledgeFolder(folder, lock)

    def read(self, path: str) -> str | None:
        """Return the text of a file, or None when there is none. Raises: KnowledgeError."""
        return self._files.read(_inside(path))

    def replace(self, path: str, text: str | None, *, instead_of: str | None) -> bool:
        """Replace a file's text at once; tell whether it still was `instead_of`. Raises: KnowledgeError; also when it would be taken away."""
        if text is None or instead_of is None:
            raise KnowledgeError(f"{path}: files of prompts are neither added nor removed here.")
        return self._files.replace(_inside(path), text, instead_of=instead_of)

    def paths(self, folder: str) -> tuple[str, ...]:
        """Return the files that may be edited, sorted. folder: "prompts"."""
        found = self._files.paths(".") if folder == PROMPTS.rstrip("/") else ()
        return tuple(f"{PROMPTS}{path}" for path in found if not path.removeprefix("fixed/").startswith(_NOT_FOR_COORDINATORS))


@contextmanager
def edited_prompts(folder: Path, edits: Mapping[str, str | None]) -> Iterator[Path]:
    """Give a copy of the prompts folder with some files changed; edits of other folders are passed over. Raises: OSError, KnowledgeError."""
    with TemporaryDirectory(prefix="companion-words-") as apart:
        copy = Path(apart) / "prompts"
        shutil.copytree(folder, copy)
        for path, text in edits.items():
            if path.startswith(PROMPTS) and text is not None:
                (copy / _inside(path)).write_text(text, "utf-8")
        yield copy


def _inside(path: str) -> str:
    if not path.startswith(PROMPTS) or ".." in path.split("/"):
        raise KnowledgeError(f"{path}: no file of the prompts folder.")
    return path.removeprefix(PROMPTS)
