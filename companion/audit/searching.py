"""Search bytes and files for canaries, in all their forms at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from companion.audit.canaries import Canary, forms_by_canary

_WINDOW = 8
"""Bytes that are compared at once, as one number; the shortest form of a canary that is looked for. A name of seven letters is not
looked for by its family name alone."""
_CHUNK = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Hit:
    """Say which canary was found where. place: a file below the audited folders, or the name of a record of bytes."""

    canary: Canary
    place: str


class CanarySearch:
    """Look for canaries: every eight bytes of the text are compared with the first eight bytes of every form, then the rest."""

    def __init__(self, canaries: Sequence[Canary]) -> None:
        """Prepare the forms."""
        self._forms: dict[int, list[tuple[bytes, Canary]]] = {}
        for form, canary in forms_by_canary(canaries, _WINDOW).items():
            self._forms.setdefault(_as_number(form), []).append((form, canary))
        self._heads = np.array(sorted(self._forms), dtype=np.uint64)
        self._longest = max((len(form) for forms in self._forms.values() for form, _ in forms), default=_WINDOW)

    def in_bytes(self, content: bytes, place: str) -> Iterator[Hit]:
        """Yield each canary that occurs, once. Letters count in any case."""
        seen: set[int] = set()
        lowered = content.lower()
        for start in range(0, len(lowered), _CHUNK):
            part = lowered[start : start + _CHUNK + self._longest]
            for canary in self._in_part(part):
                if canary.number not in seen:
                    seen.add(canary.number)
                    yield Hit(canary, place)

    def in_files(self, files: Iterable[Path], root: Path) -> Iterator[Hit]:
        """Yield the hits in files' names and contents; a file that vanishes meanwhile is passed over."""
        for file in files:
            place = str(file.relative_to(root))
            try:
                yield from self.in_bytes(place.encode() + b"\n" + file.read_bytes(), place)
            except OSError:
                continue

    def _in_part(self, part: bytes) -> Iterator[Canary]:
        if len(part) < _WINDOW:
            return
        numbers = np.zeros(len(part) - _WINDOW + 1, dtype=np.uint64)
        letters = np.frombuffer(part, dtype=np.uint8)
        for offset in range(_WINDOW):
            numbers = (numbers << np.uint64(8)) | letters[offset : offset + len(numbers)]
        for at in np.flatnonzero(np.isin(numbers, self._heads)):
            for form, canary in self._forms[int(numbers[at])]:
                if part[at : at + len(form)] == form:
                    yield canary


def files_below(*folders: Path) -> list[Path]:
    """Return all files below some folders."""
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]


def fingerprints(files: Iterable[Path]) -> Mapping[Path, str]:
    """Return file → SHA-256, to tell later which files were written to."""
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _as_number(form: bytes) -> int:
    return int.from_bytes(form[:_WINDOW], "big")
