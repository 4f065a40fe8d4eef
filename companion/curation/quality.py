"""What coordinators see of the evals: start a run, watch it, read its figures, and add a case of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from companion.errors import CompanionError
from companion.models_quality import OwnCase, QualityFigure, QualityRun, RunStanding
from companion.models_staff import Caller
from companion.network.permissions import Permission, requires
from companion.ports_curation import QualityRunner


@dataclass(frozen=True)
class QualityDesk:
    """Run and show the evals.

    hidden: messages of one person as typed → the same with personal details hidden, since cases are kept in a file; one name gets one placeholder in all.
    """

    runner: QualityRunner
    hidden: Callable[[Sequence[str]], Sequence[str]]

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
    def add_case(self, caller: Caller, case: OwnCase) -> int:  # noqa: ARG002
        """Keep a message and what should come of it, with personal details hidden; return how many cases there are now.

        Raises: RedactionFailed, and then nothing is kept; CompanionError when nothing is asked, or a file cannot be written.
        """
        if case.relevant is None and case.level is None and case.groups is None:
            raise CompanionError("choose at least one thing that every measurement should look at")
        *history, text = self.hidden((*case.history, case.text))
        return self.runner.add_case(replace(case, text=text, history=tuple(history)))

    @requires(Permission.CURATE)
    def own_cases(self, caller: Caller) -> tuple[OwnCase, ...]:  # noqa: ARG002
        """Return the cases that were added, oldest first."""
        return self.runner.own_cases()


Line = tuple[tuple[datetime, QualityFigure], ...]
"""One figure over time, oldest first: when it was measured, and what came out."""


def over_time(runs: Sequence[QualityRun]) -> Mapping[tuple[str, str], Line]:
    """Return suite and title → the figure over time, ending with its newest value; in the order in which the figures first came up.

    Only what may be compared with the newest value stands on a line: the same rows, asked of the same writer, model and knowledge folder. runs: oldest first.
    """
    lines: dict[tuple[str, str], list[tuple[QualityRun, QualityFigure]]] = {}
    for run in runs:
        for figure in run.figures:
            lines.setdefault((figure.suite, figure.title), []).append((run, figure))
    return {name: tuple((run.started, one) for run, one in line if _is_like(run, one, *line[-1])) for name, line in lines.items()}


def _is_like(run: QualityRun, figure: QualityFigure, newest: QualityRun, its_figure: QualityFigure) -> bool:
    return run.kind == newest.kind and figure.rows == its_figure.rows
