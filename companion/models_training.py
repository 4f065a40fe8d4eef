"""The values of the course for peers: modules with a quiz, who passed which, and what a coordinator may know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from types import MappingProxyType

from companion.models import Source
from companion.models_staff import Role

PASS_SHARE = 0.8
"""Share of a quiz that must be right, 0 to 1. Chosen by us: of six questions one may go wrong, and the words after it teach that one."""


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """Hold one question. right: place of the right choice, from 0. why: shown after the answer, whichever it was."""

    ask: str
    choices: tuple[str, ...]
    right: int
    why: str


@dataclass(frozen=True, slots=True)
class TrainingModule:
    """Hold one module of the course. order: from 1. minutes: to read it and answer. body: Markdown. path: file below the training folder."""

    id: str
    title: str
    order: int
    minutes: int
    summary: str
    for_roles: frozenset[Role]
    sources: tuple[Source, ...]
    licence: str
    owner: str
    reviewed_on: date
    review_by: date
    reviewed_by_clinician: bool
    quiz: tuple[QuizQuestion, ...]
    body: str
    path: str

    @property
    def needed(self) -> int:
        """Return how many answers must be right to pass."""
        return ceil(len(self.quiz) * PASS_SHARE)


@dataclass(frozen=True, slots=True)
class Course:
    """Hold the modules by order, and the pages at hand: what to keep in view while talking, and the questions after a talk ("" when missing)."""

    modules: tuple[TrainingModule, ...] = ()
    on_duty: str = ""
    debrief: str = ""

    def for_roles(self, roles: frozenset[Role]) -> tuple[TrainingModule, ...]:
        """Return the modules that somebody with these roles learns, by order."""
        return tuple(module for module in self.modules if module.for_roles & roles)

    def module(self, module_id: str) -> TrainingModule | None:
        """Return one module, or None when there is none of this id."""
        return next((module for module in self.modules if module.id == module_id), None)


@dataclass(frozen=True, slots=True)
class QuizOutcome:
    """Hold how a quiz went. right: per question, in order. needed: how many must be right."""

    right: tuple[bool, ...]
    needed: int

    @property
    def passed(self) -> bool:
        """Tell whether enough answers were right."""
        return sum(self.right) >= self.needed


@dataclass(frozen=True, slots=True)
class LearnerStanding:
    """Hold all that a coordinator learns of a member's training: whether every module of the roles is passed, and since when.

    finished_on: day of the last module that was passed; None unless all are. Never which answers were wrong, never a practice.
    """

    staff_id: str
    pseudonym: str
    finished_on: date | None
    signed_off_on: date | None

    @property
    def all_passed(self) -> bool:
        """Tell whether every module is passed."""
        return self.finished_on is not None


@dataclass(frozen=True, slots=True)
class OwnTraining:
    """Hold what a learner sees: the modules of the own roles by order, and the day on which each was passed."""

    modules: tuple[TrainingModule, ...]
    passed_on: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
