"""Bring a file into the library: take its words over, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companion.errors import KnowledgeError
from companion.models_staff import Caller
from companion.network.permissions import Permission, requires


@dataclass(frozen=True)
class UploadDesk:
    """Read uploaded files. words_in: returns the words of a file as Markdown, by its name and bytes. Raises: KnowledgeError."""

    words_in: Callable[[str, bytes], str]
    max_bytes: int

    @requires(Permission.CURATE)
    def words_of(self, caller: Caller, name: str, content: bytes) -> str:  # noqa: ARG002
        """Return the words of a file as Markdown, without the facts that may stand at its top.

        Raises: KnowledgeError for a file that is too large, of an unknown kind, damaged, or without words.
        """
        if len(content) > self.max_bytes:
            raise KnowledgeError(f"{name}: the file is larger than {self.max_bytes // 1_000_000} MB. Split it.")
        return self.words_in(name, content)
