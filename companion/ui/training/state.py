"""What the parts of the training page share: who learns, what is open, and the practice that goes on. All of it is gone with the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from companion.models_staff import Caller
from companion.models_training import OwnTraining, QuizOutcome
from companion.training.practice import PracticeTalk
from companion.ui.text import Words

if TYPE_CHECKING:
    from companion.bootstrap_people import People
    from companion.bootstrap_training import Training


@dataclass(slots=True)
class LearnerState:
    """Hold what is open on this page. outcome: of the open module's quiz, None before it is sent. tries: renews the fields of the quiz."""

    part: str = "course"
    module_id: str | None = None
    outcome: QuizOutcome | None = None
    answers: tuple[int | None, ...] = ()
    tries: int = 0
    talk: PracticeTalk | None = field(default=None, repr=False)
    problem: str | None = None

    def open_module(self, module_id: str | None) -> None:
        """Open a module of the course, or the list with None."""
        self.part, self.module_id = "course", module_id
        self.ask_again()

    def ask_again(self) -> None:
        """Empty the quiz."""
        self.outcome, self.answers = None, ()
        self.tries += 1


@dataclass(frozen=True, slots=True)
class LearnerPage:
    """Hold what the page needs while it is drawn."""

    people: People
    training: Training
    words: Words
    caller: Caller
    state: LearnerState
    mine: OwnTraining
