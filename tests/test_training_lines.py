"""The practice room reads what a peer's line does: by written rules, also without a model, and by the nearest examples with one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.errors import KnowledgeError
from companion.library.line_rules_file import load_example_lines, load_line_rules
from companion.models import RedactedMessage
from companion.models_lines import LineLabel
from companion.settings import ROOT
from companion.training.lines import LineScorer, NearestLines
from evals.scores import Result, results_of
from evals.subject import KnownFacts
from evals.suites import SUITES
from evals.thresholds import Verdict, judge, read_thresholds

TRAINING = ROOT / "knowledge" / "training"
R, O, C, A = LineLabel.REFLECTION, LineLabel.OPEN_QUESTION, LineLabel.CLOSED_QUESTION, LineLabel.AFFIRMATION  # noqa: E741
ADVICE, SMALL, SECRET, PLAIN, OTHER = (
    LineLabel.ADVICE_EARLY,
    LineLabel.MINIMISING,
    LineLabel.SECRECY_PROMISE,
    LineLabel.ASKS_PLAINLY,
    LineLabel.OTHER,
)


@pytest.fixture(scope="module")
def rules_alone() -> LineScorer:
    return LineScorer(load_line_rules(TRAINING / "line_rules.yaml"))


@pytest.fixture(scope="module")
def scorer(rules_alone: LineScorer, embedder: MiniLMEmbedder) -> LineScorer:
    examples = load_example_lines(TRAINING / "lines.yaml")
    vectors = embedder.embed_passages([text for text, _ in examples])
    labels = tuple(label for _, label in examples)
    return replace(rules_alone, nearest=NearestLines(vectors, labels, lambda line: embedder.embed_message(RedactedMessage(line))))


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ("Are you thinking about suicide?", {PLAIN, C}),
        ("are you thinking of killing yourself", {PLAIN, C}),
        ("Some people in your place think of suicide. Do you?", {PLAIN, C}),
        ("Are you safe?", {C}),  # kind, and not plain
        ("You won't do anything silly, will you?", {SMALL, C}),
        ("I promise I won't tell anyone.", {SECRET}),
        ("I can't promise that. If you're in danger I have to get help.", {OTHER}),  # a limit, no promise
        ("You should talk to HR.", {ADVICE}),
        ("Have you tried lavender?", {ADVICE}),  # in the shape of a question
        ("You should be proud of that.", {A}),  # "should" without advice
        ("Tell me more.", {O}),
        ("What was that like?", {O}),
        ("How many hours was that?", {C}),
        ("Would you like to talk about it?", {C}),
        ("At least it's Friday.", {SMALL}),
        ("Thank you for trusting me.", {A}),
        ("You sound worn out. What would help tonight?", {R, O}),
        ("", {OTHER}),
        ("...", {OTHER}),
    ],
)
def test_rules_alone_tell_what_a_plain_case_does(line: str, labels: set[LineLabel], rules_alone: LineScorer) -> None:
    assert rules_alone.read(line, "I can't do this any more.").labels == labels


@pytest.mark.parametrize(
    ("line", "states_limit"),
    [
        ("I can't promise to keep everything secret, but I can promise to be honest with you.", True),
        ("Everything stays confidential unless there is a risk to life.", True),
        ("I can keep most things to myself, but if someone is in danger I need to get help.", True),
        ("I promise I won't tell.", False),
        ("Ok.", False),
    ],
)
def test_an_honest_limit_is_heard_and_is_no_promise_of_secrecy(line: str, states_limit: bool, scorer: LineScorer) -> None:
    reading = scorer.read(line, "Promise you won't tell anyone.")

    assert reading.states_limit is states_limit
    assert not (states_limit and SECRET in reading.labels)


@pytest.mark.parametrize("line", ["That sounds tough.", "I can hear how tired you are.", "I'm sorry to hear that.", "You're not alone."])
def test_a_kind_line_is_never_taken_for_one_that_makes_it_smaller(line: str, scorer: LineScorer) -> None:
    assert SMALL not in scorer.read(line, "Five nights, and one to go.").labels


def test_a_statement_about_death_is_no_question_about_suicide(scorer: LineScorer) -> None:
    assert PLAIN not in scorer.read("You don't want to die, you want this to stop.", "I can't tell the two apart.").labels


def test_advice_that_was_asked_for_is_not_early(rules_alone: LineScorer) -> None:
    line = "You could talk to the union."

    assert rules_alone.read(line, "My shifts are cut.").labels == {ADVICE}
    assert rules_alone.read(line, "Any ideas what I can do?").labels == {OTHER}


def test_a_line_that_does_two_things_tells_which_sentence_does_which(rules_alone: LineScorer) -> None:
    reading = rules_alone.read("You feel alone with it. You should join a club.", "Nobody talks to me.")

    assert reading.sentence_with(R) == "You feel alone with it."
    assert reading.sentence_with(ADVICE) == "You should join a club."
    assert reading.sentence_with(PLAIN) is None


def test_a_reflection_without_you_is_found_by_meaning_only(scorer: LineScorer, rules_alone: LineScorer) -> None:
    line, before = "Months of loneliness in a house full of people.", "We are five at home and nobody speaks."

    assert rules_alone.read(line, before).labels == {OTHER}
    assert scorer.read(line, before).labels == {R}


def test_a_page_that_was_pasted_in_is_read_in_part(rules_alone: LineScorer) -> None:
    reading = rules_alone.read("What happened? " * 5_000)

    assert len(reading.sentences) == 12


# --- measured ------------------------------------------------------------------------------------------------------------------------


def figures(scorer: LineScorer) -> dict[str, tuple[Result, Verdict]]:
    """Return every judged figure of the suite over the test half of the dataset."""

    class Reads:
        def label_line(self, line: str, before: str) -> frozenset[LineLabel]:
            return scorer.read(line, before).labels

    suite = SUITES["training"]
    cases = [suite.judge(sample, Reads(), KnownFacts()) for sample in suite.samples() if sample.split == "test"]  # type: ignore[arg-type]
    judged = judge(results_of(suite.name, suite.metrics, cases, "test"), read_thresholds())
    return {one.result.metric.name: (one.result, one.verdict) for one in judged}


def test_the_suite_passes_as_shipped_and_fails_when_a_scorer_loses_a_rule(scorer: LineScorer) -> None:
    sound = figures(scorer)
    without = {label: rule for label, rule in scorer.rules.rules.items() if label is not LineLabel.ASKS_PLAINLY}

    broken = figures(replace(scorer, rules=replace(scorer.rules, rules=without)))

    assert Verdict.FAIL not in {verdict for _, verdict in sound.values()}
    assert {name for name, (_, verdict) in broken.items() if verdict is Verdict.FAIL} == {"kappa_asks_plainly"}


# --- the files ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("floor: 0.35", "floor: low", "'floor': must be a number from 0 to 1"),
        ("  affirmation:\n", "  praise:\n", "'praise': is not known here"),
        ("- cheer up", "- (cheer up", "has no closing"),
        ('"{suicide}"', '"{suicid}"', "names {suicid}"),
    ],
)
def test_a_mistake_in_the_rules_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "line_rules.yaml"
    path.write_text((TRAINING / "line_rules.yaml").read_text("utf-8").replace(old, new), "utf-8")

    with pytest.raises(KnowledgeError, match=r"line_rules\.yaml, line") as raised:
        load_line_rules(path)

    assert said in str(raised.value)


def test_an_example_under_two_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lines.yaml"
    path.write_text((TRAINING / "lines.yaml").read_text("utf-8").replace("- Chin up.", "- Okay."), "utf-8")

    with pytest.raises(KnowledgeError, match="also stands under minimising"):
        load_example_lines(path)


def test_no_example_stands_in_the_dataset() -> None:
    examples = {text.casefold() for text, _ in load_example_lines(TRAINING / "lines.yaml")}

    assert examples & {sample.text.casefold() for sample in SUITES["training"].samples()} == set()
