"""The coordinators' own cases: one file of JSON lines for each suite of the evals that asks them, as `python -m evals SUITE --data FILE` reads it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from companion.errors import CompanionError
from companion.models_quality import OwnCase

_FILES: Mapping[str, str] = {"retrieval": "own_cases.jsonl", "triage": "own_cases_triage.jsonl", "groups": "own_cases_groups.jsonl"}
"""Suite → file. The first kept its name from when there was no other."""
_LABELS: Mapping[str, Callable[[OwnCase], dict[str, Any] | None]] = {
    "retrieval": lambda case: None if case.relevant is None else {"relevant": list(case.relevant), "topics": []},
    "triage": lambda case: None if case.level is None else {"level": case.level},
    "groups": lambda case: None if case.groups is None else {"groups": list(case.groups), "embarrassing": []},
}
"""Suite → what its row says beside the messages, None when the case does not ask it."""


class OwnCaseFiles:
    """Read and write them below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self) -> Mapping[str, Path]:
        """Return suite → its file, for the suites that have cases."""
        return {suite: path for suite in _FILES if (path := self._path(suite)).is_file() and self._rows(suite)}

    def read(self) -> tuple[OwnCase, ...]:
        """Return the cases, each once, whatever it asks; those of one file in the order they were added.

        Raises: CompanionError when a file is damaged.
        """
        found: dict[tuple[str, ...], OwnCase] = {}
        for suite in _FILES:
            for row in self._rows(suite):
                case = _case_of(suite, row, self._path(suite).name)
                known = found.get(_asked(case), OwnCase(case.text, None, history=case.history))
                found[_asked(case)] = _both(known, case)
        return tuple(found.values())

    def add(self, case: OwnCase) -> int:
        """Keep a case, each file written in one piece, and return how many there are now; one with the same messages takes the place of the earlier.

        Raises: CompanionError when a file is damaged, or cannot be written.
        """
        cases = [*(known for known in self.read() if _asked(known) != _asked(case)), case]
        for suite, label in _LABELS.items():
            rows = [_row(each, asked) for each in cases if (asked := label(each)) is not None]
            if rows or self._path(suite).is_file():
                self._write(suite, rows)
        return len(cases)

    def _write(self, suite: str, rows: Sequence[dict[str, Any]]) -> None:
        path = self._path(suite)
        draft = path.with_name(f"{path.name}.draft")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
            draft.replace(path)
        except OSError as exc:
            raise CompanionError("the case could not be written; check the state folder's permissions") from exc

    def _rows(self, suite: str) -> list[dict[str, Any]]:
        path = self._path(suite)
        try:
            return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as exc:
            raise _damaged(path.name) from exc

    def _path(self, suite: str) -> Path:
        return self._folder / _FILES[suite]


def _asked(case: OwnCase) -> tuple[str, ...]:
    return (*case.history, case.text)


def _both(known: OwnCase, more: OwnCase) -> OwnCase:
    told = {name: value for name in ("relevant", "level", "groups") if (value := getattr(more, name)) is not None}
    return replace(known, **told)


def _row(case: OwnCase, label: dict[str, Any]) -> dict[str, Any]:
    number = hashlib.sha256("\n".join(_asked(case)).encode()).hexdigest()[:10]
    return {"id": f"own-{number}", "split": "test", "text": case.text, "history": list(case.history), "tags": ["own"], **label}


def _case_of(suite: str, row: dict[str, Any], file: str) -> OwnCase:
    try:
        history = tuple(map(str, row.get("history", ())))
        match suite:
            case "triage":
                return OwnCase(str(row["text"]), None, history=history, level=str(row["level"]))
            case "groups":
                return OwnCase(str(row["text"]), None, history=history, groups=tuple(map(str, row["groups"])))
            case _:
                return OwnCase(str(row["text"]), tuple(map(str, row["relevant"])), history=history)
    except (KeyError, TypeError, AttributeError) as exc:
        raise _damaged(file) from exc


def _damaged(file: str) -> CompanionError:
    return CompanionError(f"{file}: cannot be read; correct or remove the line that is no JSON")
