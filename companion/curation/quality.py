"""What coordinators see of the evals: start a run, watch it, read its figures, and add a case of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from companion.models_quality import OwnCase, QualityRun, RunStanding
from companion.models_staff import Caller
from companion.network.permissions import Permission, requires
from companion.ports_curation import QualityRunner


@dataclass(frozen=True)
class QualityDesk:
    """Run and show the evals. hidden: a text as typed → the text with personal details hidden, since cases are kept in a file."""

    runner: QualityRunner
    hidden: Callable[[str], str]

    @requires(Permission.CURATE)
    def start(self, caller: Caller, suites: Sequence[str] = ()) -> None:  # noqa: ARG002
        """Begin a run. Raises: CompanionError when the evals are not installed."""
        self.runner.start(suites)

    @requires(Permission.CURATE)
    def standing(self, caller: Caller) -> RunStanding:  # noqa: ARG002
        """Return how the run that was started last stands."""
        return self.runner.standing()

    @requires(Permission.CURATE)
    def runs(self, caller: Caller) -> tuple[QualityRun, ...]:  # noqa: ARG002
        """Return the runs, oldest first."""
        return self.runner.runs()

    @requires(Permission.CURATE)
    def add_case(self, caller: Caller, text: str, relevant: Sequence[str]) -> int:  # noqa: ARG002
        """Keep a question and the articles that answer it, with personal details hidden; return how many cases there are now.

        Raises: RedactionFailed, and then nothing is kept; CompanionError when the file cannot be written.
        """
        return self.runner.add_case(OwnCase(self.hidden(text), tuple(relevant)))

    @requires(Permission.CURATE)
    def own_cases(self, caller: Caller) -> tuple[OwnCase, ...]:  # noqa: ARG002
        """Return the cases that were added, oldest first."""
        return self.runner.own_cases()
