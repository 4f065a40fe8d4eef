"""Judge by its letters whether a word that stands in no list looks like a name: "qilantha" does, "consentrate" does not.

The weights come from `tools/train_name_shapes.py`: a logistic regression over runs of two to four letters, trained on Companion's own
lists of names against English words and made-up slips of them.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from functools import lru_cache
from pathlib import Path

from companion.errors import RedactionFailed

BUCKETS = 1 << 13
"""How many groups the runs of letters are hashed into. Chosen by us: 11 kB, and no measurable loss against twice as many."""
_MAX_CHARS = 30


def buckets_of(word: str) -> frozenset[int]:
    """Return the groups that a folded word's runs of two to four letters fall into, its ends marked; each 0 to BUCKETS - 1."""
    framed = f"^{word}$"
    return frozenset(
        zlib.crc32(framed[start : start + length].encode()) % BUCKETS for length in (2, 3, 4) for start in range(len(framed) - length + 1)
    )


class NameShapes:
    """Answer how much a word looks like a name. Read-only after it is built, so safe for all threads.

    Raises: RedactionFailed when the file is missing or broken.
    """

    def __init__(self, path: Path) -> None:
        try:
            loaded = json.loads(path.read_text(encoding="utf-8"))
            self._scale, self._intercept = float(loaded["scale"]), float(loaded["intercept"])
            self._weights = memoryview(base64.b64decode(loaded["weights"], validate=True)).cast("b")
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise RedactionFailed(f"{path.name} of redaction cannot be read; reinstall Companion") from exc
        if len(self._weights) != BUCKETS:
            raise RedactionFailed(f"{path.name} of redaction does not fit this version; reinstall Companion")
        self.likeness = lru_cache(maxsize=20_000)(self._likeness)

    def _likeness(self, word: str) -> float:
        """Return 0 to 1: how likely the letters are a name's; 0 for a word of more than 30 letters."""
        if len(word) > _MAX_CHARS:
            return 0.0
        total = self._intercept + self._scale * sum(self._weights[bucket] for bucket in buckets_of(word))
        return 1 / (1 + math.exp(-total))
