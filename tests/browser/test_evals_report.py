"""The report of the evals is one file that opens anywhere: without a network, in a real browser, from a figure to the cases behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect
from test_eval_runs import case, run_of

from evals.past_runs import read_run
from evals.report import write_run
from evals.tables import PlainTable

FAILING = 205
JUDGE = PlainTable("What a judge says", ("asks", "yes"), (("Answers this message", "0.5"),), notes=("3 answers were no verdict.",))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of the second of two runs, compared with the first; 205 cases fail in it, one of them with a script for a text."""
    runs = tmp_path_factory.mktemp("runs")
    write_run(run_of(case("well", 0, 0)), runs / "1")
    failing = [case(f"failing-{number}", 0, 0) for number in range(FAILING - 1)]
    hostile = case("<script>document.title = 'taken over'</script>", 0, 0)
    run = run_of(hostile, case("well", 1, 0), *failing, days=1)
    return write_run(run, runs / "2", compared_with=read_run(runs / "1"), beside=[JUDGE])[1]


@pytest.fixture
def asked() -> list[str]:
    """Addresses beyond the file that the page asked for, and what went wrong in it."""
    return []


@pytest.fixture
def page(new_page: Callable[..., Page], report: Path, asked: list[str]) -> Page:
    """The report in a browser without a network."""
    page = new_page(viewport={"width": 1440, "height": 900}, offline=True)

    def note(request: Request) -> None:
        if request.url != report.as_uri():
            asked.append(request.url)

    page.on("request", note)
    page.on("pageerror", lambda error: asked.append(str(error)))
    page.on("console", lambda message: asked.append(message.text) if message.type == "error" else None)
    page.goto(report.as_uri())
    return page


def test_it_draws_its_plots_and_asks_nobody_for_anything(page: Page, asked: list[str]) -> None:
    expect(page.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()
    expect(page.get_by_text("Right ones found").first).to_be_visible()

    assert asked == []
    assert page.title().startswith("Companion evals")


def test_a_press_on_a_figure_shows_the_cases_behind_it_and_one_more_leads_back(page: Page) -> None:
    cases = page.locator("section.cases:target")
    expect(cases).to_have_count(0)

    page.get_by_role("link", name=f"{FAILING} cases behind Right ones found").click()

    expect(cases).to_be_visible()
    expect(cases.get_by_text("text of failing-7", exact=True)).to_be_visible()
    expect(cases.get_by_text(f"The first 200 of {FAILING} are shown")).to_be_visible()
    expect(cases.locator("article")).to_have_count(200)
    cases.get_by_role("link", name="Back to the figures").click()
    expect(cases).to_have_count(0)


def test_what_others_say_and_what_changed_stand_in_it(page: Page) -> None:
    page.get_by_role("link", name="Beside others: What a judge says").click()
    expect(page.get_by_role("cell", name="Answers this message")).to_be_in_viewport()
    expect(page.get_by_text("3 answers were no verdict.")).to_be_visible()

    page.get_by_role("link", name="What changed since").click()
    expect(page.get_by_role("heading", name="Got better (1)")).to_be_in_viewport()
