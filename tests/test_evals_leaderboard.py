"""The leaderboard says what was measured; stock set-ups are asked as they are; the published datasets carry a version and do not leak."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from test_evals import FACTS, ROWS, Faultless, IgnoresRisk

from companion.models import Article, Passage, WriterName
from companion.settings import ROOT
from evals.datasets_version import dataset_version
from evals.leaderboard import FIGURES, board_of, measure, write_board
from evals.plain_systems import StockRag, stock_messages, turn_of
from evals.runner import Task
from evals.samples import DATASETS, Split
from evals.scripted_writers import careful
from evals.suites import SUITES
from evals.thresholds import read_thresholds

PASSAGES = (
    Passage("sleep#1", "sleep", "Sleep", "", "Write one line before bed. Then rest.", topics=("sleep",)),
    Passage("work#1", "work", "Work", "", "Sort the tasks. Rest.", topics=("workload",)),
)


def test_a_better_system_has_a_better_line_on_the_board() -> None:
    task = Task(SUITES["triage"], tuple(ROWS["triage"]), "0" * 12)

    board = board_of(measure({"good": Faultless(), "blind": IgnoresRisk()}, [task], lambda _name: None), "abc")

    (line,) = [line for line in board.splitlines() if "met with crisis words" in line]
    cells = [cell.strip() for cell in line.split("|")[3:6]]
    assert cells[0] == "1"
    assert (cells[1][:5], cells[2][:5]) == ("1.000", "0.000")
    assert "(0.21–1.00)" in cells[1]  # Wilson, 1 of 1


def test_a_board_goes_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "board.md"
    page.write_text("before\n<!-- board -->\nold\n<!-- end of board -->\nafter\n")

    write_board("new", page)
    write_board(r"new \1 again", page)

    assert page.read_text() == "before\n<!-- board -->\nnew \\1 again\n<!-- end of board -->\nafter\n"


def test_every_figure_of_the_board_belongs_to_a_suite() -> None:
    declared = {(suite, metric.name) for suite in FIGURES for metric in SUITES[suite].metrics}

    assert {(suite, figure) for suite, figures in FIGURES.items() for figure in figures} <= declared


def test_the_published_board_names_the_version_and_every_figure() -> None:
    board = (ROOT / "evals" / "LEADERBOARD.md").read_text()

    titles = [metric.title for suite, figures in FIGURES.items() for metric in SUITES[suite].metrics if metric.name in figures]
    assert f"Datasets {dataset_version()}" in board
    assert [title for title in titles if title not in board] == []


def test_a_models_words_come_as_they_are_with_the_marks_that_name_a_passage() -> None:
    turn = turn_of("cant sleep", "I am human. Write one line before bed [1]. Take pills [7].", PASSAGES)

    assert turn.reply.text == "I am human. Write one line before bed. [1] Take pills."
    assert [citation.passage.doc for citation in turn.reply.citations] == ["sleep"]
    assert turn.reply.writer is WriterName.MODEL


def test_a_reply_without_a_full_stop_is_not_lost() -> None:
    assert "no idea" in turn_of("x", "I have no idea", PASSAGES).reply.text


def test_the_stock_set_up_answers_from_what_it_found() -> None:
    class Finds:
        def chunks(self, text: str, k: int) -> list[tuple[str, str]]:
            return [("sleep", "# Sleep\n\nof the night.\n\n- Write one line before bed.\n- Then rest for a while.")][:k]

    articles = {"sleep": Article.__new__(Article)}
    for name, value in (("id", "sleep"), ("title", "Sleep"), ("topics", ("sleep",))):
        object.__setattr__(articles["sleep"], name, value)
    asked: list[str] = []

    def write(messages: Sequence[object]) -> str:
        asked.append(str(messages[-1].content))  # type: ignore[attr-defined]
        return careful([{"role": "user", "content": asked[-1]}])

    turn = StockRag(Finds(), articles, FACTS, write).answer("cant sleep", ())  # type: ignore[arg-type]

    assert "[1] Sleep: Write one line before bed. Then rest for a while." in asked[0]
    assert turn is not None
    assert [sentence.text for sentence in turn.reply.sentences if sentence.passage_ids] == ["Write one line before bed."]


def test_earlier_messages_come_before_the_question() -> None:
    messages = stock_messages("and now?", ("first", "second"), PASSAGES)

    assert [message.type for message in messages] == ["system", "human", "ai", "human", "ai", "human"]
    assert str(messages[-1].content).endswith("and now?")


@pytest.mark.parametrize("text", ["- Write one line before bed.", "* Write one line before bed.", "Write one line before bed."])
def test_the_scripted_model_quotes_an_item_without_its_list_mark(text: str) -> None:
    reply = careful([{"role": "user", "content": f"Passages:\n[1] Sleep. What helps: {text}\n\ncant sleep"}])

    assert " Write one line before bed [1]." in reply
    assert "- W" not in reply


# --- the published datasets --------------------------------------------------------------------------------------------------------


def test_the_version_is_two_numbers_and_stands_in_the_card() -> None:
    assert re.fullmatch(r"\d+\.\d+", dataset_version())
    assert f"({dataset_version()})" in (DATASETS / "DATA_CARD.md").read_text()


def test_the_card_names_every_dataset() -> None:
    card = (DATASETS / "DATA_CARD.md").read_text()

    assert [path.name for path in DATASETS.glob("*.jsonl") if f"`{path.name}`" not in card] == []


def test_every_suite_is_judged_and_has_its_fault_planted() -> None:
    planted = set(re.findall(r'^        \("(\w+)", \w+\(', (ROOT / "tests" / "test_evals.py").read_text(), re.MULTILINE))

    assert set(SUITES) <= planted
    assert set(SUITES) <= set(read_thresholds())


def test_what_is_tuned_on_in_one_suite_is_not_judged_in_another() -> None:
    texts: dict[Split, dict[str, set[str]]] = {split: {} for split in Split}
    for name in ("triage", "retrieval", "groups", "reply", "honesty", "redaction"):
        for sample in SUITES[name].samples():
            words = re.sub(r"\W+", " ", " ".join((*sample.history, sample.text)).casefold()).strip()
            if len(words.split()) >= 5:  # "hi" and "how old are you" are anybody's
                texts[sample.split].setdefault(words, set()).add(name)

    crossing = {
        (words, name, other)
        for words, names in texts[Split.TEST].items()
        for name in names
        for other in texts[Split.DEV].get(words, set())
        if name != other
    }

    assert crossing == set()
