"""The catalogue's files on disk: read, checked with the program's own loaders, and replaced in one step."""

from __future__ import annotations

import os
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
_PATIENCE_S = 10.0


class FolderOfCatalogue:
    """Read and replace the catalogue's files below one knowledge folder; fulfils `CatalogueFolder`."""

    def __init__(self, knowledge: Path, lock: Path) -> None:
        """Use a knowledge folder; lock: a file that all processes which write there share."""
        self._knowledge = knowledge
        self._lock = lock

    def read(self, file: str) -> str:
        """Return the text of a file below `knowledge/`."""
        try:
            return self._path(file).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as exc:
            raise KnowledgeError(f"{file}: the file cannot be read as UTF-8 text. Restore it, or save it again as UTF-8.") from exc

    def check(self, file: str, text: str) -> None:
        """Pass when the program could use this text as that file."""
        with tempfile.TemporaryDirectory(prefix="companion-check-") as folder:
            draft = Path(folder) / file
            draft.write_text(text, encoding="utf-8")
            _LOADERS[file](draft)

    def replace(self, file: str, text: str, *, instead_of: str) -> bool:
        """Replace a file's text at once and for good; tell whether it still was `instead_of`, else nothing is written."""
        path = self._path(file)
        try:
            self._lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._lock, timeout=_PATIENCE_S):
                if self.read(file) != instead_of:
                    return False
                _write(path, text)
                return True
        except (OSError, Timeout) as exc:
            raise KnowledgeError(
                f"{file}: the file cannot be written. Check the rights of the knowledge folder and free disk space."
            ) from exc

    def _path(self, file: str) -> Path:
        if file not in _LOADERS:
            raise KnowledgeError(f"{file}: no file of the catalogue.")
        return self._knowledge / file


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.chmod(path.stat().st_mode & 0o777)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
