"""What is wrong with a knowledge file, in words that say where it stands and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Say whether a finding keeps the file from being used."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Tell one thing wrong in a knowledge file. line: from 1. remedy: what to do about it, in plain words. rule: id of the lint rule."""

    file: str
    line: int
    severity: Severity
    problem: str
    remedy: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.problem} {self.remedy}"


def error(name: str, line: int, problem: str, remedy: str) -> Finding:
    """Return a finding that keeps a file from being used."""
    return Finding(name, line, Severity.ERROR, problem, remedy)


def warning(name: str, line: int, problem: str, remedy: str) -> Finding:
    """Return a finding about a file that is used all the same."""
    return Finding(name, line, Severity.WARNING, problem, remedy)
