"""Plots of the report, drawn by plotly in the page itself; its library is written into the page, which opens without a network."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from evals.past_runs import PastRun

_FEWEST_RUNS = 2
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
