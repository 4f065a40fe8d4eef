"""What stands in the folder of one generation, and whether it is still as it was written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from companion.errors import EmbeddingFailed, IndexUnavailable

LAYOUT = 2
"""Raise it when the files of a generation change their meaning; an older index is then rebuilt."""
_MANIFEST = "manifest.json"
_CHROMA = "chroma"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Say what a generation is.

    model_id: embedding model with the hash of its weights. risk: key of triage's classifier. has_older_risk: whether the exemplars have changed
    since. base: generation that this one changes, or None when it is whole. hidden: ids of articles of the base that were changed or removed.
    n_changed: articles of the change, removed ones included. hashes: article id → hash of its content. checksums: file → SHA-256.
    collections: name of the vectors' collections in Chroma.
    """

    name: str
    layout: int
    model_id: str
    risk: str
    has_older_risk: bool
    base: str | None
    hidden: Sequence[str]
    n_changed: int
    hashes: Mapping[str, str]
    checksums: Mapping[str, str]
    collections: str | None = None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a generation's manifest, the last of its files: without it the folder counts as half built. Raises: OSError."""
    draft = folder / f"{_MANIFEST}.new"
    content = json.dumps(asdict(manifest)).encode()
    draft.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    os.replace(draft, folder / _MANIFEST)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a generation, or None when it is missing, damaged or of another layout."""
    try:
        checksum, _, content = (folder / _MANIFEST).read_bytes().partition(b"\n")
        if checksum.decode("ascii") != hashlib.sha256(content).hexdigest():
            return None
        found = Manifest(**json.loads(content))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.layout == LAYOUT and found.name == folder.name else None


def fitting_manifest(folder: Path, model_id: str) -> Manifest:
    """Return the manifest of a generation that was made with this embedding model.

    Raises: IndexUnavailable when there is none; EmbeddingFailed when it was made with another model.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise IndexUnavailable("the index is missing or damaged; run `companion index --rebuild`")
    if manifest.model_id != model_id:
        raise EmbeddingFailed(f"the index was made with {manifest.model_id}, not with {model_id}; run `companion index --rebuild`")
    return manifest


def checksums_of(folder: Path) -> dict[str, str]:
    """Return file → SHA-256 of all files in a folder. Raises: OSError."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files if path.name != _MANIFEST}


def verify(folder: Path, manifest: Manifest, *, is_chroma: bool) -> None:
    """Pass when the files are as they were written. is_chroma: look at Chroma's files, else at all others.

    Raises: IndexUnavailable naming the first file that is not.
    """
    for name, wanted in manifest.checksums.items():
        if name.startswith(f"{_CHROMA}/") is is_chroma:
            try:
                is_same = _sha256(folder / name) == wanted
            except OSError:
                is_same = False
            if not is_same:
                raise IndexUnavailable(f"the index's file {name} is missing or damaged; run `companion index --rebuild`")


@contextmanager
def working_folder(index: Path) -> Iterator[Path]:
    """Give a folder of this process alone, removed at the end or, should the process be killed, by the next one that asks.

    Raises: OSError.
    """
    drop_abandoned(index)
    folder = index / f"open-{os.getpid()}-{uuid4().hex[:6]}"
    folder.mkdir(mode=0o700)
    lock = FileLock(folder / "used.lock")
    lock.acquire(timeout=0)
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def drop_abandoned(index: Path) -> None:
    """Remove working folders whose processes are gone."""
    for folder in index.glob("open-*"):
        lock = FileLock(folder / "used.lock")
        with suppress(Timeout, OSError):
            if not (folder / "used.lock").exists():  # just being made, or all but removed
                continue
            lock.acquire(timeout=0)
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
