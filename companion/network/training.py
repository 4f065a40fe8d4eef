"""The course of a peer: what is passed, and what a coordinator may know of it. Answers and practices are never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from companion.errors import NotFound
from companion.models_staff import Caller, Role, StaffMember
from companion.models_training import LearnerStanding, OwnTraining, QuizOutcome, TrainingModule
from companion.network.permissions import Permission, requires
from companion.ports import Clock
from companion.ports_people import StaffDirectory
from companion.ports_training import CourseSource, TrainingStore

_LEARNERS = frozenset({Role.PEER, Role.FACILITATOR})


@dataclass(frozen=True)
class TrainingService:
    """Serve learners and coordinators. All methods may raise StoreUnavailable and KnowledgeError."""

    store: TrainingStore
    staff: StaffDirectory
    source: CourseSource
    clock: Clock

    @requires(Permission.LEARN)
    def mine(self, caller: Caller) -> OwnTraining:
        """Return the modules of the caller's roles, and which of them are passed."""
        modules = self.source.course().for_roles(caller.roles)
        known = {module.id for module in modules}
        passed = self.store.passes_of(caller.staff_id or "")
        return OwnTraining(modules, {module_id: day for module_id, day in passed.items() if module_id in known})

    @requires(Permission.LEARN)
    def answer(self, caller: Caller, module_id: str, answers: Sequence[int | None]) -> QuizOutcome:
        """Judge a quiz; when enough is right, store that the module was passed today, and nothing else.

        answers: per question the place of the choice, from 0; None for one left out, which counts as wrong.

        Raises: NotFound for a module that is not among the caller's; ValueError for another number of answers than questions.
        """
        module = next((each for each in self.source.course().for_roles(caller.roles) if each.id == module_id), None)
        if module is None:
            raise NotFound(f"there is no module {module_id} for you.")
        outcome = judged(module, answers)
        if outcome.passed:
            self.store.record_pass(caller.staff_id or "", module_id, self.clock.now().date())
        return outcome

    @requires(Permission.MANAGE_STAFF)
    def standings(self, caller: Caller) -> tuple[LearnerStanding, ...]:  # noqa: ARG002
        """Return of every peer and facilitator whether all modules are passed, and since when; by pseudonym."""
        passes, course = self.store.all_passes(), self.source.course()
        return tuple(
            _standing(member, course.for_roles(member.roles), passes.get(member.id, {}))
            for member in self.staff.members()
            if member.roles & _LEARNERS and not member.is_suspended
        )


def judged(module: TrainingModule, answers: Sequence[int | None]) -> QuizOutcome:
    """Return how a quiz went. Raises: ValueError for another number of answers than questions."""
    right = tuple(question.right == answer for question, answer in zip(module.quiz, answers, strict=True))
    return QuizOutcome(right, module.needed)


def _standing(member: StaffMember, modules: Sequence[TrainingModule], passed: Mapping[str, date]) -> LearnerStanding:
    days = [passed[module.id] for module in modules if module.id in passed]
    finished_on = max(days) if days and len(days) == len(modules) else None
    return LearnerStanding(member.id, member.pseudonym, finished_on, member.trained_since)
