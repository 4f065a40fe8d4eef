"""The version of the published datasets, tied to their bytes: `python -m evals.datasets_version` writes the sums and the table of rows anew."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

from evals.errors import DatasetError
from evals.samples import DATASETS, Split

_SUMS, _CARD = "SHA256SUMS", "DATA_CARD.md"
_FROM, _TO = "<!-- rows -->", "<!-- end of rows -->"
_VERSION_LINE = re.compile(r"^\| (\d+\.\d+) \|.*\| `([0-9a-f]{12})` \|$", re.MULTILINE)


def dataset_version() -> str:
    """Return what `datasets/VERSION` says: major.minor, raised in its second part with every change of a row, in its first with a label rule.

    Raises: DatasetError when the file cannot be read.
    """
    return _read(DATASETS / "VERSION").strip()


def sums(folder: Path = DATASETS) -> str:
    """Return the SHA-256 of each dataset, in the form that `sha256sum -c` reads."""
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in _files(folder))


def fingerprint(folder: Path = DATASETS) -> str:
    """Return 12 hex digits that change with any byte of any dataset."""
    return hashlib.sha256(sums(folder).encode()).hexdigest()[:12]


def newest_entry(card: str) -> tuple[str, str]:
    """Return version and fingerprint of the first line in the card's table of versions.

    Raises: DatasetError when it has none.
    """
    found = _VERSION_LINE.search(card)
    if found is None:
        raise DatasetError(f"{_CARD}: no line of its table of versions can be read. Write `| 0.4 | day | what changed | `fingerprint` |`.")
    return found[1], found[2]


def rows_table(folder: Path = DATASETS) -> str:
    """Return how many rows each dataset has, in all and in each half, as Markdown."""
    lines = ["| file | rows | dev | test |", "|---|---|---|---|"]
    for path in _files(folder):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
        halves = Counter(row.get("split", "") for row in rows)
        dev, test = (f"{halves[split]:,}" if not halves[""] else "–" for split in Split)
        lines.append(f"| `{path.name}` | {len(rows):,} | {dev} | {test} |")
    return "\n".join(lines)


def table_of(card: str) -> str:
    """Return the table of rows that stands in a card, "" when its marks are missing."""
    return card.partition(f"{_FROM}\n")[2].partition(f"\n{_TO}")[0]


def main() -> None:
    """Write `SHA256SUMS` and the card's table, and say what is left to do by hand."""
    (DATASETS / _SUMS).write_text(sums(), encoding="utf-8")
    card = _read(DATASETS / _CARD)
    (DATASETS / _CARD).write_text(card.replace(table_of(card), rows_table()), encoding="utf-8")
    if newest_entry(card) != (dataset_version(), fingerprint()):
        print(f"The rows changed: raise VERSION, and add a line to the table of versions in {_CARD} with `{fingerprint()}`.")


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as exc:
        raise DatasetError(f"evals/datasets/{path.name} cannot be read. Restore it from the repository.") from exc


if __name__ == "__main__":
    main()
