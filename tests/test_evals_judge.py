"""A judge is heard, doubted and never obeyed: its runs are compared, its answers held against labels, and no exit code hangs on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path

import pytest
from faultless import ROWS, Faultless
from typer.testing import CliRunner

from companion.prompts import load_prompt
from companion.settings import ROOT
from evals import __main__ as command
from evals import endpoints
from evals.errors import DatasetError
from evals.judge import CRITERIA, Judge, JudgedReply, Verdict, ask_judge, read_labelled, read_verdict, write_judged
from evals.scripted_endpoint import ScriptedEndpoint, ScriptedWriter
from evals.scripted_judge import form_judge

YES = dict.fromkeys(CRITERIA, True)
NO = dict.fromkeys(CRITERIA, False)
GOOD = JudgedReply(
    id="a", message="cant sleep", passages=("[1] Sleep: Write one line.",), reply="Write one line [1].", labels=Verdict(**YES)
)
BAD = GOOD.model_copy(update={"id": "b", "reply": "Get a grip.", "labels": Verdict(**NO)})


class Serving:
    """Serve judges written by a test."""

    def __init__(self) -> None:
        self.opened: list[ScriptedEndpoint] = []

    def __call__(self, writer: ScriptedWriter) -> Judge:
        self.opened.append(ScriptedEndpoint({"judge": writer}))
        return Judge(load_prompt(ROOT / "prompts", "judge"), self.opened[-1].base_url, None, "judge")


@pytest.fixture
def judge_who() -> Iterator[Serving]:
    serving = Serving()
    yield serving
    for endpoint in serving.opened:
        endpoint.close()


def always(answer: object) -> ScriptedWriter:
    return lambda _messages: answer if isinstance(answer, str) else json.dumps(answer)


def by_the_label(messages: Sequence[Mapping[str, str]]) -> str:
    return json.dumps(NO if "Get a grip" in messages[-1]["content"] else YES)


@pytest.mark.parametrize("talk", ["{}", "Sure!\n```json\n{}\n```", '{{"thought": 1}} then {}'])
def test_a_verdict_is_found_in_the_talk_around_it(talk: str) -> None:
    assert read_verdict(talk.replace("{}", json.dumps(NO), 1).replace("{{", "{").replace("}}", "}")) == Verdict(**NO)


@pytest.mark.parametrize("answer", ["", "yes", "{", json.dumps({"kind": True}), json.dumps(YES | {"kind": "yes"}), json.dumps([YES])[:-9]])
def test_anything_else_is_no_verdict(answer: str) -> None:
    assert read_verdict(answer) is None


def test_a_judge_who_agrees_with_every_label_is_shown_to(judge_who: Serving) -> None:
    report = ask_judge("labelled", judge_who(by_the_label), (GOOD, BAD) * 5, 2)

    assert {figure.criterion: (figure.agreement, figure.kappa) for figure in report.figures} == dict.fromkeys(CRITERIA, (1.0, 1.0))


def test_a_judge_who_likes_everything_agrees_by_half_and_has_no_kappa(judge_who: Serving) -> None:
    report = ask_judge("labelled", judge_who(always(YES)), (GOOD, BAD) * 5, 1)

    assert {(figure.value, figure.agreement, figure.kappa) for figure in report.figures} == {(1.0, 0.5, None)}


def test_runs_that_differ_are_shown_as_a_spread(judge_who: Serving) -> None:
    moods = cycle([YES, YES, NO])

    report = ask_judge("one reply", judge_who(lambda _messages: json.dumps(next(moods))), (GOOD,), 3)

    assert {(one.value, one.lowest, one.highest, one.unsettled) for one in report.figures} == {(1.0, 0.0, 1.0, 1.0)}


def test_answers_that_are_no_verdict_are_counted_and_judge_nothing(judge_who: Serving) -> None:
    report = ask_judge("labelled", judge_who(always("I would rather not say.")), (GOOD, BAD), 2)

    assert (report.asked, report.unreadable, report.figures) == (4, 4, ())


def test_an_endpoint_that_is_gone_judges_nothing() -> None:
    endpoint = ScriptedEndpoint({"judge": form_judge})
    endpoint.close()

    judge = Judge(load_prompt(ROOT / "prompts", "judge"), endpoint.base_url, None, "judge")

    assert judge.verdict(GOOD) is None


def test_a_reply_cannot_open_a_gap_of_the_prompt(judge_who: Serving) -> None:
    seen: list[str] = []

    def keep(messages: Sequence[Mapping[str, str]]) -> str:
        seen.append(messages[-1]["content"])
        return json.dumps(YES)

    judge_who(keep).verdict(GOOD.model_copy(update={"message": "see {reply}", "reply": "SECRET"}))

    assert seen[0].count("SECRET") == 1
    assert "see {reply}" in seen[0]


def test_the_judge_without_a_model_knows_form_and_not_kindness(judge_who: Serving) -> None:
    report = ask_judge("labelled", judge_who(form_judge), read_labelled(), 1)

    agreement = {figure.criterion: figure.agreement or 0.0 for figure in report.figures}
    assert agreement["one_way_on"] > 0.9
    assert agreement["kind"] < 0.9


def test_the_figures_are_kept_beside_the_run(judge_who: Serving, tmp_path: Path) -> None:
    write_judged([ask_judge("labelled", judge_who(by_the_label), (GOOD, BAD), 1)], tmp_path)

    rows = [json.loads(line) for line in (tmp_path / "judge.jsonl").read_text().splitlines()]
    assert [(row["criterion"], row["n"], row["agreement"]) for row in rows] == [(name, 2, 1.0) for name in CRITERIA]


@pytest.mark.parametrize("opinion", [YES, NO])
def test_no_exit_code_hangs_on_the_judge(opinion: dict[str, bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = tmp_path / "mine.jsonl"
    rows.write_text(ROWS["reply"][0].model_dump_json())
    monkeypatch.setattr(command, "open_subject", lambda settings, progress: Faultless())
    monkeypatch.setattr(endpoints, "form_judge", always(opinion))

    arguments = ["reply", "--data", str(rows), "--out", str(tmp_path / "runs"), "--judge", "--judge-runs", "1"]
    result = CliRunner().invoke(command.app, arguments)

    assert result.exit_code == 0
    (kept,) = tmp_path.glob("runs/*/judge.jsonl")
    assert {row["value"] for line in kept.read_text().splitlines() if (row := json.loads(line))["replies"] == "reply, test"} == {
        float(opinion["kind"])
    }


@pytest.mark.parametrize("arguments", [["reply", "--live"], ["reply", "--live", "--judge"], ["reply", "--live", "--writer", "model"]])
def test_live_needs_an_endpoint_and_something_to_ask_it(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    assert CliRunner().invoke(command.app, arguments).exit_code == 2


def test_live_asks_the_configured_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = ScriptedEndpoint({"theirs": by_the_label})
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("OPENAI_MODEL", "theirs")

    live = endpoints.Endpoints(is_live=True)
    settings = live.settings(None, "model")
    judge, name = live.judge(settings)

    assert (settings.openai_model, settings.openai_base_url, name) == ("theirs", endpoint.base_url, "theirs")
    assert judge.verdict(BAD) == Verdict(**NO)
    endpoint.close()


def test_without_live_a_configured_endpoint_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    settings = endpoints.Endpoints(is_live=False).settings(None, "model")

    assert settings.openai_base_url != "http://127.0.0.1:9/v1"
    assert settings.has_model


def test_the_labelled_replies_are_enough_and_of_both_kinds() -> None:
    rows = read_labelled()

    assert len(rows) >= 60
    assert len({row.id for row in rows}) == len({(row.message, row.reply) for row in rows}) == len(rows)
    assert all(4 < sum(getattr(row.labels, name) for row in rows) < len(rows) - 4 for name in CRITERIA)
    assert {row.author for row in rows} == {"language model"}


def test_a_reply_without_labels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.jsonl").write_text(GOOD.model_copy(update={"labels": None}).model_dump_json())

    with pytest.raises(DatasetError, match="labels"):
        read_labelled(tmp_path / "labels.jsonl")
