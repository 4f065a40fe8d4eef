"""The question of the week from `knowledge/questions.yaml`: one for each week of the year, the same for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml

from companion.errors import KnowledgeError
from companion.library.quick_yaml import quick_load

WEEKS = 52
"""A year has 52 or 53 weeks (ISO 8601); with 52 questions the first one comes again in a 53rd."""


def load_questions(path: Path) -> tuple[str, ...]:
    """Load the questions in order of the weeks.

    Raises: KnowledgeError.
    """
    try:
        written = quick_load(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise KnowledgeError(f"{path.name}:1: the file cannot be read. Write one question a line, each after a dash.") from exc
    questions = tuple(str(each).strip() for each in written) if isinstance(written, list) else ()
    if len(questions) < WEEKS or not all(questions):
        raise KnowledgeError(f"{path.name}:1: there are {len(questions)} questions; the year needs {WEEKS}. Add some, each after a dash.")
    twice = sorted({each for each in questions if questions.count(each) > 1})
    if twice:
        raise KnowledgeError(f"{path.name}:1: “{twice[0]}” stands there twice; take one out.")
    return questions


def question_of(questions: Sequence[str], day: date) -> str:
    """Return the question of the ISO week in which a day lies."""
    return questions[(day.isocalendar().week - 1) % len(questions)]
