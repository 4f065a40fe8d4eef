"""Quality in the console: start the evals, watch them, read their figures in plain words and over time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.models_quality import QualityFigure, QualityRun, RunStanding
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
            share = now.done / now.total if now.total else 0.0
            st.progress(min(1.0, share), text=words("quality.running", done=now.done, all=now.total or "?"))
        elif now.problem:
            st.error(words("quality.failed", problem=now.problem))

    tick()


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
            st.text(f"{case.text}: {', '.join(case.relevant) or words('quality.own_nothing')}")


def _draw_run(console: Console, title: str, runs: Sequence[QualityRun]) -> None:
    """Draw the newest figure of every measure, since a quick run asks only a part, and what changed since the one before."""
    words, newest = console.words, runs[-1]
    st.subheader(words(title, when=day_and_time(newest.started)), anchor=False)
    by_measure: dict[tuple[str, str], list[tuple[str, QualityFigure]]] = {}
    for run in runs:
        for figure in run.figures:
            by_measure.setdefault((figure.suite, figure.title), []).append((day_and_time(run.started), figure))
    failed = [figures[-1][1] for figures in by_measure.values() if figures[-1][1].has_failed]
    if failed:
        st.error(words("quality.below", count=len(failed), names="; ".join(figure.title for figure in failed)))
    else:
        st.success(words("quality.all_well"))
    st.table([_row(console, [figure for _, figure in figures]) for figures in by_measure.values()])
    if newest.report is not None:
        page = newest.report.read_bytes()
        st.download_button(words("quality.report"), page, f"quality-{newest.started:%Y-%m-%d}.html", "text/html", key=f"{title}_report")
    _draw_history(console, title, by_measure)


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


def _draw_history(console: Console, title: str, by_measure: dict[tuple[str, str], list[tuple[str, QualityFigure]]]) -> None:
    """Draw one measure over time, chosen by its name."""
    words = console.words
    lines = {name: figures for (_, name), figures in by_measure.items() if len(figures) > 1}
    if not lines:
        return
    chosen = st.selectbox(words("quality.history"), list(lines), key=f"{title}_history")
    points = lines[chosen]
    st.line_chart({"x": [when for when, _ in points], chosen: [figure.value for _, figure in points]}, x="x", y=chosen, height=220)
