"""The text files of a knowledge folder on disk: read, checked with the program's own loaders, and replaced in one step."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from companion.errors import KnowledgeError
from companion.library.catalogue import load_crisis_lines, load_doors, load_groups

_LOADERS: Mapping[str, Callable[[Path], object]] = {
    "groups.yaml": load_groups,
    "doors.yaml": load_doors,
    "crisis_lines.yaml": load_crisis_lines,
}
_TEXT_SUFFIXES = frozenset({".md", ".txt", ".yaml", ".html", ".htm"})
_PATIENCE_S = 10.0
_SAFE_PART = re.compile(r"[^/\\\0]+")


class KnowledgeFolder:
    """Read and replace files below one knowledge folder; fulfils `KnowledgeFiles` and `CatalogueFolder`.

    Every write holds one lock that all processes share, compares the file with what the writer had seen, and swaps a finished new file in.
    """

    def __init__(self, folder: Path, lock: Path) -> None:
        """Use a knowledge folder. lock: a file outside of it."""
        self._folder = folder
        self._lock = lock

    def read(self, path: str) -> str | None:
        """Return the text of a file, or None when there is none."""
        try:
            return self._file(path).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as exc:
            raise KnowledgeError(f"{path}: the file cannot be read as UTF-8 text. Restore it, or save it again as UTF-8.") from exc

    def check(self, path: str, text: str) -> None:
        """Pass when the program could use this text as that file of the catalogue."""
        with tempfile.TemporaryDirectory(prefix="companion-check-") as folder:
            draft = Path(folder) / path
            draft.write_text(text, encoding="utf-8")
            _LOADERS[path](draft)

    def replace(self, path: str, text: str | None, *, instead_of: str | None) -> bool:
        """Replace a file's text at once and for good; tell whether it still was `instead_of`, else nothing is written."""
        file = self._file(path)
        try:
            self._lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._lock, timeout=_PATIENCE_S):
                if self.read(path) != instead_of:
                    return False
                if text is None:
                    file.unlink()
                else:
                    _write(file, text)
                return True
        except (OSError, Timeout) as exc:
            raise KnowledgeError(
                f"{path}: the file cannot be written. Check the rights of the knowledge folder and free disk space."
            ) from exc

    def paths(self, folder: str) -> tuple[str, ...]:
        """Return the text files below a folder of the knowledge folder, sorted."""
        root = self._folder / folder
        found = (file for file in root.rglob("*") if file.is_file() and not file.is_symlink() and file.suffix.lower() in _TEXT_SUFFIXES)
        return tuple(sorted(file.relative_to(self._folder).as_posix() for file in found))

    def _file(self, path: str) -> Path:
        """Return the file behind a path.

        Raises: KnowledgeError for a path that leads out of the folder, or is no text file.
        """
        parts = path.split("/")
        is_plain = all(_SAFE_PART.fullmatch(part) and part not in {".", ".."} and not part.startswith(".") for part in parts)
        file = self._folder.joinpath(*parts) if is_plain else self._folder
        if not is_plain or file.suffix.lower() not in _TEXT_SUFFIXES:
            raise KnowledgeError(f"{path}: no text file of the knowledge folder.")
        if file.is_symlink() or not file.resolve().is_relative_to(self._folder.resolve()):
            raise KnowledgeError(f"{path}: the file lies outside the knowledge folder; it is not touched.")
        return file


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if file.exists():
            draft.chmod(file.stat().st_mode & 0o777)
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)
