"""Turn HTML, PDF and Word files into Markdown, in a child process that may use little and can be killed.

A file that somebody dropped in a folder may be damaged or hostile. The child (`document_worker`) has limits of memory and processor time, opens
no network, runs nothing that stands in a file, and is stopped when it takes too long. pypdf, mammoth and markdownify do the reading.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from companion.errors import KnowledgeError

DEADLINE_S = 30.0
MAX_BYTES = 5_000_000
"""Chosen by us: a leaflet or a policy has a few hundred kilobytes."""
KINDS = frozenset({".html", ".htm", ".pdf", ".docx"})


class DocumentConverters:
    """Convert files and remember what came out by the hash of their bytes, so that a folder is converted once."""

    def __init__(self, cache: Path | None = None) -> None:
        """Remember conversions in a folder; None remembers nothing."""
        self._cache = cache

    def words_of(self, name: str, content: bytes) -> str:
        """Return the words of a file as Markdown.

        name: decides the kind by its ending; stands in error messages.

        Raises: KnowledgeError that says what is wrong with the file and what to do.
        """
        kind = Path(name).suffix.lower()
        if kind not in KINDS:
            raise KnowledgeError(f"{name}: files of this kind cannot be read. Save it as Markdown, text, HTML, PDF or Word (.docx).")
        if len(content) > MAX_BYTES:
            raise KnowledgeError(f"{name}: the file is larger than {MAX_BYTES // 1_000_000} MB. Split it, or take the pictures out.")
        kept = self._cache / f"{hashlib.sha256(kind.encode() + content).hexdigest()}.json" if self._cache else None
        answer = _kept_answer(kept) or _convert(kind, content)
        if kept is not None:
            _keep(kept, answer)
        if "problem" in answer:
            raise KnowledgeError(f"{name}: {answer['problem']}")
        return answer["text"]


def _convert(kind: str, content: bytes) -> dict[str, str]:
    environment = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "companion.adapters.document_worker", kind]
    try:
        ended = subprocess.run(command, input=content, capture_output=True, timeout=DEADLINE_S, check=False, env=environment)
        answer = json.loads(ended.stdout)
    except subprocess.TimeoutExpired:
        return {"problem": "reading the file takes too long. Save it anew, or copy its words into a text file."}
    except (OSError, ValueError):
        return {"problem": "the file is damaged, or too large once it is unpacked. Save it anew, or copy its words into a text file."}
    return {str(name): str(value) for name, value in answer.items()} if isinstance(answer, dict) else {"problem": "the file is damaged."}


def _kept_answer(path: Path | None) -> dict[str, str] | None:
    try:
        answer = json.loads(path.read_text("utf-8")) if path else None
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _keep(path: Path, answer: dict[str, str]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(answer), "utf-8")
        os.replace(draft, path)
    except OSError:
        return  # a cache that cannot be written costs time, nothing else
