"""The evals as coordinators see them: started beside the program, watched, read, and extended by cases of their own."""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from companion.adapters.evals_runner import PACKAGES, EvalsRunner
from companion.adapters.presidio_redactor import PresidioRedactor
from companion.curation.quality import QualityDesk, over_time
from companion.errors import CompanionError, NotAllowed, RedactionFailed
from companion.models import RawMessage
from companion.models_quality import OwnCase
from companion.models_staff import Caller, Role
from companion.session import ChatSession
from companion.settings import ROOT
from companion.stages.redaction import redact
from evals.suites import SUITES

COORDINATOR = Caller(frozenset({Role.COORDINATOR}), "c1", "Wren")
PEER = Caller(frozenset({Role.PEER}), "p1", "Heron")
NIGHTS = OwnCase("wide awake after nights, what now", ("night-shift-sleep-by-day",))


@pytest.fixture
def process(tmp_path: Path) -> EvalsRunner:
    return EvalsRunner(tmp_path, ROOT / "knowledge", ROOT, niceness=0)


def written(folder: Path, name: str, *figures: dict[str, object], started: str = "2026-11-20T09:00:00+00:00", **head: object) -> None:
    run = folder / "runs" / name
    run.mkdir(parents=True)
    rows = [{"kind": "run", "started": started, **head}, *figures]
    (run / "run.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (run / "report.html").write_text("<p>all of it</p>", "utf-8")


def figure(metric: str = "top_1", verdict: str = "pass", split: str = "test") -> dict[str, object]:
    return {
        "kind": "metric", "suite": "groups", "metric": metric, "title": "First suggestion fits", "split": split, "n": 10, "value": 0.7,
        "low": 0.5, "high": 0.8, "threshold": 0.6, "goal": None, "higher_is_better": True, "verdict": verdict,
    }  # fmt: skip


@pytest.mark.timeout(300)
def test_a_run_is_watched_and_read_and_then_asks_the_own_cases(process: EvalsRunner, tmp_path: Path) -> None:
    process.add_case(NIGHTS)
    process.start(("giveaway",))
    process.start(("giveaway",))  # a second click while it runs changes nothing
    give_up = time.monotonic() + 280
    while process.standing().is_running and time.monotonic() < give_up:
        time.sleep(0.2)

    shipped, own = process.runs()

    assert process.standing().problem is None
    assert process.standing().done == process.standing().total == 1
    assert {each.suite for each in shipped.figures} == {"giveaway"}
    assert shipped.report is not None
    assert "Companion" in shipped.report.read_text("utf-8")
    assert (own.of_own_cases, {each.suite for each in own.figures}) == (True, {"retrieval"})
    assert any((tmp_path / "state").iterdir())  # everything is written there; beside the program nothing may be writable


def test_only_headlines_of_the_held_out_half_are_shown_and_a_broken_run_is_passed_over(process: EvalsRunner, tmp_path: Path) -> None:
    written(
        tmp_path, "2", figure("top_1", "FAIL"), figure("top_1.office"), figure("top_1", split="dev"), started="2026-11-21T09:00:00+00:00"
    )
    written(tmp_path, "1", figure())
    written(tmp_path, "0")
    (tmp_path / "runs" / "0" / "run.jsonl").write_text("{half", "utf-8")

    first, second = process.runs()

    assert first.started < second.started
    assert [each.has_failed for each in (*first.figures, *second.figures)] == [False, True]


@pytest.mark.parametrize("other", [{"writer": "model"}, {"knowledge": "/srv/other"}, {"rows": "changed"}])
def test_what_was_measured_otherwise_stands_on_no_line(other: dict[str, str], process: EvalsRunner, tmp_path: Path) -> None:
    for day, changed in (("20", {}), ("21", other), ("22", {})):
        about = {"writer": "curated", "knowledge": "knowledge", "rows": "same"} | changed
        asked = {"kind": "suite", "suite": "groups", "dataset_sha": about.pop("rows")}
        written(tmp_path, day, asked, figure(), started=f"2026-11-{day}T09:00:00+00:00", **about)

    (line,) = over_time(process.runs()).values()

    assert [when.day for when, _ in line] == [20, 22]


def test_the_same_question_is_kept_once(process: EvalsRunner) -> None:
    process.add_case(NIGHTS)

    assert process.add_case(OwnCase(NIGHTS.text, ())) == 1
    assert process.own_cases() == (OwnCase(NIGHTS.text, ()),)


def test_a_case_keeps_the_messages_before_it_and_asks_each_suite_that_it_names(process: EvalsRunner, tmp_path: Path) -> None:
    followed = OwnCase("better off without me", None, history=("long week",), level="risk", groups=())
    process.add_case(NIGHTS)

    assert process.add_case(followed) == 2
    assert process.own_cases() == (NIGHTS, followed)
    for suite, name in (("retrieval", "own_cases.jsonl"), ("triage", "own_cases_triage.jsonl"), ("groups", "own_cases_groups.jsonl")):
        (row,) = SUITES[suite].samples(tmp_path / name)  # as `python -m evals SUITE --data FILE` reads it
        assert row.history == (() if suite == "retrieval" else ("long week",))


def test_the_same_words_after_other_ones_are_another_case(process: EvalsRunner) -> None:
    process.add_case(NIGHTS)

    assert process.add_case(replace(NIGHTS, history=("on nights since may",))) == 2


def test_a_case_that_asks_nothing_is_refused(process: EvalsRunner) -> None:
    with pytest.raises(CompanionError, match="at least one"):
        QualityDesk(process, tuple).add_case(COORDINATOR, OwnCase("hello", None))


def test_a_damaged_file_of_cases_is_named_and_left_as_it_is(process: EvalsRunner, tmp_path: Path) -> None:
    (tmp_path / "own_cases.jsonl").write_text("{half", "utf-8")

    with pytest.raises(CompanionError, match=r"own_cases\.jsonl"):
        process.add_case(NIGHTS)
    assert (tmp_path / "own_cases.jsonl").read_text("utf-8") == "{half"


def test_without_the_evals_it_is_told_what_to_install(tmp_path: Path) -> None:
    bare = EvalsRunner(tmp_path, ROOT / "knowledge", ROOT, packages=("json", "no_such_package"))

    with pytest.raises(CompanionError, match=r"no_such_package missing.*pip install -c constraints\.txt -e '\.\[evals\]'"):
        bare.start(())


def test_without_the_folder_of_the_evals_the_reason_is_told(tmp_path: Path) -> None:
    with pytest.raises(CompanionError, match="folder evals/ is missing"):
        EvalsRunner(tmp_path, ROOT / "knowledge", tmp_path).start(())


def test_a_state_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "quality").write_text("a file where the folder should be")

    with pytest.raises(CompanionError, match="cannot be written"):
        EvalsRunner(tmp_path / "quality", ROOT / "knowledge", ROOT).start(())


def test_the_documented_installations_bring_what_a_run_needs() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["evals"]

    assert set(PACKAGES) == {re.split(r"[<>=]", name)[0].replace("-", "_") for name in extra}
    for file in ("Makefile", "Dockerfile"):
        installs = [line for line in (ROOT / file).read_text().splitlines() if "install" in line and " -e " in line]
        assert installs
        assert all("evals" in line for line in installs), file


def test_names_are_hidden_before_a_case_is_kept(process: EvalsRunner) -> None:
    redactor, session = PresidioRedactor(deadline_s=5.0), ChatSession()

    def hidden(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(redact(RawMessage(text), session, redactor).text for text in texts)

    desk = QualityDesk(process, hidden)

    desk.add_case(COORDINATOR, replace(NIGHTS, text="she keeps adding nights", history=("my boss is sarah whitfield",)))

    (kept,) = desk.own_cases(COORDINATOR)
    assert "whitfield" not in "".join((*kept.history, kept.text))
    assert kept.history == ("my boss is [Person A]",)


def test_a_case_is_not_kept_when_redaction_fails(process: EvalsRunner) -> None:
    def fails(texts: Sequence[str]) -> tuple[str, ...]:
        raise RedactionFailed("down")

    desk = QualityDesk(process, fails)

    with pytest.raises(RedactionFailed):
        desk.add_case(COORDINATOR, NIGHTS)
    assert desk.own_cases(COORDINATOR) == ()


def test_a_peer_may_neither_start_nor_read(process: EvalsRunner) -> None:
    desk = QualityDesk(process, tuple)

    with pytest.raises(NotAllowed):
        desk.start(PEER)
    with pytest.raises(NotAllowed):
        desk.runs(PEER)
