"""Quality in the console: start the evals, watch them, read their figures in plain words and over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from companion.curation.quality import Line, over_time
from companion.errors import CompanionError
from companion.models_quality import OwnCase, QualityFigure, QualityRun, RunStanding
from companion.ui.coordinator.console import Console
from companion.ui.local_time import day_and_time
from companion.ui.staff_sign_in import demand_signed_in

_TICK_S = 2.0
_QUICK = ("reply", "groups", "honesty")
_PROBLEM = "quality_problem"


def draw_quality(console: Console) -> None:
    """Draw the part for this run."""
    words = console.words
    st.markdown(words("quality.intro"))
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(problem)
    standing = console.curation.quality.standing(console.caller)
    with st.container(horizontal=True, key="quality_acts"):
        run_all, run_quick = partial(_start, console, ()), partial(_start, console, _QUICK)
        st.button(words("quality.run_all"), key="quality_all", type="primary", on_click=run_all, disabled=standing.is_running)
        st.button(words("quality.run_quick"), key="quality_quick", on_click=run_quick, disabled=standing.is_running)
    _watch(console, standing)
    _draw_own_cases(console)
    runs = console.curation.quality.runs(console.caller)
    shipped = [run for run in runs if not run.of_own_cases]
    own = [run for run in runs if run.of_own_cases]
    if not shipped:
        st.markdown(words("quality.none"))
    for title, some in (("quality.last", shipped), ("quality.last_own", own)):
        if some:
            _draw_run(console, title, some)


def _start(console: Console, suites: Sequence[str]) -> None:
    try:
        demand_signed_in(console.people)
        console.curation.quality.start(console.caller, suites)
    except CompanionError as exc:
        st.session_state[_PROBLEM] = console.words("quality.not_started", problem=exc)


def _watch(console: Console, standing: RunStanding) -> None:
    """Show how far a run is, and draw the page anew when it has ended."""
    words, was_running = console.words, standing.is_running

    @st.fragment(run_every=_TICK_S if was_running else None)
    def tick() -> None:
        now = console.curation.quality.standing(console.caller)
        if was_running and not now.is_running:
            st.rerun()
        if now.is_running:
            _draw_progress(console, now)
        elif now.problem:
            st.error(words("quality.failed", problem=now.problem))

    tick()


def _draw_progress(console: Console, now: RunStanding) -> None:
    """Say what a run is doing: opening what it needs while nobody knows how many messages there are, answering them, judging what came back."""
    words = console.words
    if not now.total:
        st.progress(0.0, text=words("quality.beginning"))
    elif now.done >= now.total:
        st.progress(1.0, text=words("quality.finishing", all=now.total))
    else:
        st.progress(now.done / now.total, text=words("quality.running", done=now.done, all=now.total))


def _draw_own_cases(console: Console) -> None:
    words = console.words
    try:
        cases = console.curation.quality.own_cases(console.caller)
    except CompanionError as exc:
        st.error(str(exc))
        return
    with st.expander(words("quality.own_cases", count=len(cases))):
        st.markdown(words("quality.own_cases_how"))
        for case in cases:
            st.text(f"{' ⏎ '.join((*case.history, case.text))}: {_expected(console, case)}")


def _expected(console: Console, case: OwnCase) -> str:
    """Return in one line what should come of a case."""
    words, parts = console.words, []
    if case.relevant is not None:
        parts.append(", ".join(case.relevant) or words("quality.own_nothing"))
    if case.level is not None:
        parts.append(words("effect.level", level=words.branch("effect.levels").get(case.level, case.level)))
    if case.groups is not None:
        parts.append(words("effect.groups", names=", ".join(case.groups)) if case.groups else words("effect.no_groups"))
    return "; ".join(parts)


def _draw_run(console: Console, title: str, runs: Sequence[QualityRun]) -> None:
    """Draw the newest figure of every measure, since a quick run asks only a part, and what changed since the one before."""
    words, newest = console.words, runs[-1]
    st.subheader(words(title, when=day_and_time(newest.started)), anchor=False)
    lines = over_time(runs)
    failed = [line[-1][1] for line in lines.values() if line[-1][1].has_failed]
    if failed:
        st.error(words("quality.below", count=len(failed), names="; ".join(figure.title for figure in failed)))
    else:
        st.success(words("quality.all_well"))
    st.table([_row(console, [figure for _, figure in line]) for line in lines.values()])
    for suites, run in _reports(runs).items():
        if run.report is not None:
            label = words("quality.report") + (f" ({suites})" if run.of_own_cases else "")
            page = run.report.read_bytes()
            st.download_button(label, page, f"quality-{run.started:%Y-%m-%d}.html", "text/html", key=f"{title}_report_{suites}")
    _draw_history(console, title, lines)


def _reports(runs: Sequence[QualityRun]) -> Mapping[str, QualityRun]:
    """Return the newest run; of one's own cases the newest for each suite, since each has a page of its own."""
    by_suites = {", ".join(sorted({figure.suite for figure in run.figures})): run for run in runs}
    return by_suites if runs[-1].of_own_cases else {"": runs[-1]}


def _row(console: Console, figures: Sequence[QualityFigure]) -> dict[str, str]:
    words, now = console.words, figures[-1]
    sign = "≥" if now.higher_is_better else "≤"
    change = now.value - figures[-2].value if len(figures) > 1 else 0.0
    better = change > 0 if now.higher_is_better else change < 0
    arrow = "" if abs(change) < 0.0005 else words("quality.better" if better else "quality.worse", by=f"{abs(change):.1%}")
    return {
        words("quality.what"): now.title,
        words("quality.value"): f"{now.value:.1%}",
        words("quality.range"): f"{now.low:.0%} – {now.high:.0%} (n = {now.n})",
        words("quality.bar"): f"{sign} {now.bar:.0%}" if now.bar is not None else "",
        words("quality.change"): arrow,
        words("quality.verdict"): str(words.branch("quality.verdicts").get(now.verdict, "")),
    }


def _draw_history(console: Console, title: str, by_measure: Mapping[tuple[str, str], Line]) -> None:
    """Draw one measure over time, chosen by its name."""
    words = console.words
    lines = {name: line for (_, name), line in by_measure.items() if len(line) > 1}
    if not lines:
        return
    chosen = st.selectbox(words("quality.history"), list(lines), key=f"{title}_history")
    points = lines[chosen]
    values = {"x": [day_and_time(when) for when, _ in points], chosen: [figure.value for _, figure in points]}
    st.line_chart(values, x="x", y=chosen, height=220)
    st.caption(words("quality.history_how"))
