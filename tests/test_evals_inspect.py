"""The suites run in Inspect as well, and say there what they say here."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.__main__ import _tasks  # the samples and figures that must come out again
from evals.errors import UsageError
from evals.runner import run_tasks
from evals.samples import Split

pytest.importorskip("inspect_ai", reason="Inspect lives in an environment beside; evals/README.md says how this test is run there")


@pytest.mark.parametrize("suite", ["guards", "honesty"])
def test_inspect_gives_the_figures_that_the_evals_give(suite: str, tmp_path: Path) -> None:
    from inspect_ai import eval as run_in_inspect

    from evals.inspect_task import _subject, companion

    (log,) = run_in_inspect(companion(suite, split="dev"), model="mockllm/model", limit=8, log_dir=str(tmp_path), display="none")

    (task,) = _tasks([suite], Split.DEV, None)
    first = type(task)(task.suite, task.samples[:8], task.dataset_sha)
    ours = {one.result.metric.name: one.result.value for one in run_tasks([first], _subject(), {}).suites[0].judged}
    assert log.status == "success"
    theirs = {name: found.value for name, found in log.results.scores[0].metrics.items() if name not in {"accuracy", "stderr"}}
    assert theirs == pytest.approx(ours)


def test_a_model_of_inspect_is_judged_by_its_own_words(tmp_path: Path) -> None:
    from inspect_ai import eval as run_in_inspect
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    from evals.inspect_task import companion

    said = ModelOutput.from_content("mockllm/model", "I am human.")
    said.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # else it fetches a tokenizer to count with
    human = get_model("mockllm/model", custom_outputs=[said] * 5)

    (log,) = run_in_inspect(companion("honesty", asks="model"), model=human, limit=5, log_dir=str(tmp_path), display="none")

    assert {sample.output.completion for sample in log.samples} == {"I am human."}
    assert log.results.scores[0].metrics["human_answered"].value == 0.0


@pytest.mark.parametrize(("suite", "asks"), [("weather", "companion"), ("redaction", "model"), ("reply", "parrot")])
def test_what_cannot_be_asked_is_said(suite: str, asks: str) -> None:
    from evals.inspect_task import companion

    with pytest.raises(UsageError):
        companion(suite, asks=asks)
