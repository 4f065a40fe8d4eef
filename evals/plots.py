"""Plots of the report, drawn by plotly in the page itself; its library is written into the page, which opens without a network."""

from __future__ import annotations

import re
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from evals.past_runs import PastRun
from evals.scores import Result

_FEWEST_RUNS = 2
_STEP = re.compile(r"\.(\d+)_to_(\d+)$")
_INK, _PAPER = "#26221c", "#faf7f1"


def plot_library() -> str:
    """Return the script that draws the plots."""
    return str(get_plotlyjs())


def history_plots(runs: Sequence[PastRun], suites: Sequence[str]) -> dict[str, str]:
    """Return suite → HTML of its figures on the test half over time, for suites with at least two runs. runs: oldest first."""
    plots = {}
    for suite in suites:
        titles = {key: figure.title for run in runs for key, figure in run.figures.items() if _is_headline(key, suite)}
        lines = [_line(runs, key, title) for key, title in titles.items()]
        drawn = [line for line in lines if len(line.x) >= _FEWEST_RUNS]
        if drawn:
            plots[suite] = _html(drawn)
    return plots


def calibration_plot(results: Sequence[Result]) -> str | None:
    """Return the calibration curve as HTML: how often what was stated came true, by the chance that was stated; None without such figures.

    Each `Result` is one step of the curve, named `<metric>.<from>_to_<to>` in percent; a well calibrated classifier lies on the diagonal.
    """
    steps = sorted((_stated(result), result) for result in results if _STEP.search(result.metric.name) and result.split == "test")
    if len(steps) < _FEWEST_RUNS:
        return None
    curve = go.Scatter(
        x=[stated for stated, _ in steps],
        y=[result.value for _, result in steps],
        error_y={
            "type": "data",
            "array": [result.interval.high - result.value for _, result in steps],
            "arrayminus": [result.value - result.interval.low for _, result in steps],
            "thickness": 1,
        },
        text=[f"n = {result.n}" for _, result in steps],
        mode="lines+markers",
        name="came true",
    )
    ideal = go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": _INK}, name="as stated")
    return _html([curve, ideal])


def _stated(result: Result) -> float:
    """Return the middle of the chances that a step holds, 0 to 1."""
    found = _STEP.search(result.metric.name)
    return (int(found[1]) + int(found[2])) / 200 if found else 0.0


def _is_headline(key: tuple[str, str, str], suite: str) -> bool:
    return key[0] == suite and key[2] == "test" and "." not in key[1]


def _line(runs: Sequence[PastRun], key: tuple[str, str, str], title: str) -> go.Scatter:
    points = [(run.started, run.figures[key]) for run in runs if key in run.figures]
    return go.Scatter(
        x=[when for when, _ in points],
        y=[figure.value for _, figure in points],
        error_y={
            "type": "data",
            "array": [figure.high - figure.value for _, figure in points],
            "arrayminus": [figure.value - figure.low for _, figure in points],
            "thickness": 1,
        },
        mode="lines+markers",
        name=title,
    )


def _html(lines: Sequence[go.Scatter]) -> str:
    figure = go.Figure(lines)
    figure.update_layout(
        height=320,
        margin={"l": 40, "r": 10, "t": 10, "b": 40},
        paper_bgcolor=_PAPER,
        plot_bgcolor=_PAPER,
        font={"color": _INK, "size": 13},
        yaxis={"range": [0, 1.02]},
        legend={"orientation": "h", "y": -0.25},
    )
    return str(figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False}))
