"""What the training of peers needs from the outside world, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Protocol

from companion.models import Vector
from companion.models_practice import ColleagueLine
from companion.models_training import Course


class CourseSource(Protocol):
    """Hand out the course as it stands in `knowledge/training` now."""

    def course(self) -> Course:
        """Return the modules that can be used. Raises: KnowledgeError."""
        ...


class TrainingStore(Protocol):
    """Keep which module a member passed and when; nothing else about the learning. All methods raise StoreUnavailable."""

    def record_pass(self, staff_id: str, module_id: str, passed_on: date) -> None:
        """Store the day on which a module was passed; a later pass of the same module replaces the earlier day. Raises: NotFound."""
        ...

    def passes_of(self, staff_id: str) -> Mapping[str, date]:
        """Return module id → day."""
        ...

    def all_passes(self) -> Mapping[str, Mapping[str, date]]:
        """Return staff id → module id → day, for everybody who passed any."""
        ...


class ColleagueWriter(Protocol):
    """Word what a simulated colleague says."""

    def word(self, line: ColleagueLine) -> str:
        """Return the words, which still have to be guarded. Raises: WriterFailed, within the deadline of a reply."""
        ...


LineEmbedder = Callable[[str], Vector | None]
"""Returns the meaning of one practice line, worked out on this machine: float32, (dim,), L2-normalised; None when no model can be had, so that the
written rules stand alone."""
