"""The evals as coordinators see them: started beside the program, watched, read, and extended by cases of their own."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from companion.adapters.evals_runner import EvalsRunner
from companion.adapters.presidio_redactor import PresidioRedactor
from companion.curation.quality import QualityDesk
from companion.errors import CompanionError, NotAllowed, RedactionFailed
from companion.models import RawMessage
from companion.models_quality import OwnCase
from companion.models_staff import Caller, Role
from companion.session import ChatSession
from companion.settings import ROOT
from companion.stages.redaction import redact

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


def test_a_run_is_watched_and_read_and_then_asks_the_own_cases(process: EvalsRunner) -> None:
    process.add_case(NIGHTS)
    process.start(("reply",))
    process.start(("reply",))  # a second click while it runs changes nothing
    give_up = time.monotonic() + 150
    while process.standing().is_running and time.monotonic() < give_up:
        time.sleep(0.2)

    shipped, own = process.runs()

    assert process.standing().problem is None
    assert process.standing().done == process.standing().total == 1
    assert {each.suite for each in shipped.figures} == {"reply"}
    assert shipped.report is not None
    assert "Companion" in shipped.report.read_text("utf-8")
    assert (own.of_own_cases, {each.suite for each in own.figures}) == (True, {"retrieval"})


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


def test_the_same_question_is_kept_once(process: EvalsRunner) -> None:
    process.add_case(NIGHTS)

    assert process.add_case(OwnCase(NIGHTS.text, ())) == 1
    assert process.own_cases() == (OwnCase(NIGHTS.text, ()),)


def test_a_damaged_file_of_cases_is_named_and_left_as_it_is(process: EvalsRunner, tmp_path: Path) -> None:
    (tmp_path / "own_cases.jsonl").write_text("{half", "utf-8")

    with pytest.raises(CompanionError, match=r"own_cases\.jsonl"):
        process.add_case(NIGHTS)
    assert (tmp_path / "own_cases.jsonl").read_text("utf-8") == "{half"


def test_without_the_evals_the_reason_is_told(tmp_path: Path) -> None:
    with pytest.raises(CompanionError, match="not installed"):
        EvalsRunner(tmp_path, ROOT / "knowledge", tmp_path).start(())


def test_names_are_hidden_before_a_case_is_kept(process: EvalsRunner) -> None:
    redactor = PresidioRedactor(deadline_s=5.0)
    desk = QualityDesk(process, lambda text: redact(RawMessage(text), ChatSession(), redactor).text)

    desk.add_case(COORDINATOR, "sarah whitfield keeps adding nights", ["night-shift-sleep-by-day"])

    (kept,) = desk.own_cases(COORDINATOR)
    assert "whitfield" not in kept.text


def test_a_case_is_not_kept_when_redaction_fails(process: EvalsRunner) -> None:
    def fails(text: str) -> str:
        raise RedactionFailed("down")

    desk = QualityDesk(process, fails)

    with pytest.raises(RedactionFailed):
        desk.add_case(COORDINATOR, "sarah whitfield", [])
    assert desk.own_cases(COORDINATOR) == ()


def test_a_peer_may_neither_start_nor_read(process: EvalsRunner) -> None:
    desk = QualityDesk(process, str)

    with pytest.raises(NotAllowed):
        desk.start(PEER)
    with pytest.raises(NotAllowed):
        desk.runs(PEER)
