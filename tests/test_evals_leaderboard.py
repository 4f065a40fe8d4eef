"""The leaderboard says what was measured; stock set-ups are asked as they are; the published datasets carry a version and do not leak."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from faultless import FACTS, GOOD, ROWS, Faultless, IgnoresRisk

from companion.models import Article, Passage, Reply, WriterName
from companion.settings import ROOT
from evals.datasets_version import dataset_version, fingerprint, newest_entry, rows_table, sums, table_of
from evals.leaderboard import FIGURES, board_of, measure, sample_of, write_board
from evals.plain_systems import StockRag, stock_messages, turn_of
from evals.runner import Task
from evals.samples import DATASETS
from evals.scripted_writers import careful
from evals.suites import SUITES

PASSAGES = (
    Passage("sleep#1", "sleep", "Sleep", "", "Write one line before bed. Then rest.", topics=("sleep",)),
    Passage("work#1", "work", "Work", "", "Sort the tasks. Rest.", topics=("workload",)),
)


def test_a_better_system_has_a_better_line_on_the_board() -> None:
    task = Task(SUITES["triage"], tuple(ROWS["triage"]), "0" * 12)

    board = board_of(measure({"good": Faultless(), "blind": IgnoresRisk()}, [task], lambda _name: None), "abc")

    (line,) = [line for line in board.splitlines() if "met with crisis words" in line]
    cells = [cell.strip() for cell in line.split("|")[3:6]]
    assert cells[0] == "3"
    assert (cells[1][:5], cells[2][:5]) == ("1.000", "0.000")
    assert "(0.44–1.00)" in cells[1]  # Wilson, 3 of 3


def test_a_board_goes_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "board.md"
    page.write_text("before\n<!-- board -->\nold\n<!-- end of board -->\nafter\n")

    write_board("new", page)
    write_board(r"new \1 again", page)

    assert page.read_text() == "before\n<!-- board -->\nnew \\1 again\n<!-- end of board -->\nafter\n"


def test_the_board_of_a_true_model_has_a_place_of_its_own(tmp_path: Path) -> None:
    page = tmp_path / "board.md"
    page.write_text("<!-- board -->\nscripted\n<!-- end of board -->\nand\n<!-- board of a true model -->\nold\n<!-- end of board -->\n")

    write_board("new", page, is_live=True)

    assert "scripted\n" in page.read_text()
    assert "<!-- board of a true model -->\nnew\n<!-- end of board -->" in page.read_text()


def test_a_drawn_sample_is_the_same_for_every_system_and_the_board_says_how_many() -> None:
    tasks = [Task(SUITES["triage"], tuple(ROWS["triage"]), "0" * 12)]

    (first,), (again,), (whole,) = sample_of(tasks, 3), sample_of(tasks, 3), sample_of(tasks, None)

    assert first.samples == again.samples
    assert (len(first.samples), len(whole.samples)) == (3, len(ROWS["triage"]))
    assert ", at most 3 rows a suite of the test half, drawn with seed 7, commit abc," in board_of({}, "abc", 3)


def test_the_board_tells_how_many_replies_are_the_models_own() -> None:
    class Fails(Faultless):
        def reply(self, text: str) -> Reply:
            return replace(GOOD, notice="put together from the library")

    class Writes(Faultless):
        def reply(self, text: str) -> Reply:
            return replace(GOOD, writer=WriterName.MODEL)

    measured = measure(
        {"a": Fails(), "b": Writes(), "c": Faultless()}, [Task(SUITES["reply"], tuple(ROWS["reply"]), "0")], lambda _name: None
    )

    (line,) = [line for line in board_of(measured, "abc").splitlines() if "in the model's words" in line]
    assert [cell.strip()[:5] for cell in line.split("|")[4:7]] == ["0.000", "1.000", "–"]


@pytest.mark.parametrize(
    ("said", "covered"),
    [("I don't know.", False), ("That is not mentioned in the context.", False), ("I don't know much. Rest [1].", True), ("Rest.", True)],
)
def test_a_stock_model_that_says_it_does_not_know_counts_as_admitting(said: str, covered: bool) -> None:
    assert turn_of("x", said, PASSAGES).reply.covered is covered


def test_every_figure_of_the_board_belongs_to_a_suite() -> None:
    declared = {(suite, metric.name) for suite in FIGURES for metric in SUITES[suite].metrics}

    assert {(suite, figure) for suite, figures in FIGURES.items() for figure in figures} <= declared


def test_the_published_board_says_which_version_it_was_measured_on_and_every_figure() -> None:
    board = (ROOT / "evals" / "LEADERBOARD.md").read_text()
    card = (DATASETS / "DATA_CARD.md").read_text()

    titles = [metric.title for suite, figures in FIGURES.items() for metric in SUITES[suite].metrics if metric.name in figures]
    head = re.search(r"^Datasets (\d+\.\d+), test half, commit \w+\+?, \d+ \w+ \d{4}\. ↓: less is better\.$", board, re.MULTILINE)
    assert head, "the first line of the board is written by `python -m evals leaderboard`, not by hand"
    assert re.search(rf"^\| [\d., ]*\b{re.escape(head[1])}\b", card, re.MULTILINE)
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


def test_no_row_changes_without_a_new_version_and_a_line_in_the_card() -> None:
    card = (DATASETS / "DATA_CARD.md").read_text()

    told = "run `python -m evals.datasets_version`, and do what it says"
    assert (DATASETS / "SHA256SUMS").read_text() == sums(), told
    assert newest_entry(card) == (dataset_version(), fingerprint()), told
    assert table_of(card) == rows_table(), told


def test_a_single_letter_of_a_row_changes_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "split": "dev"}\n')
    before = fingerprint(tmp_path)

    (tmp_path / "a.jsonl").write_text('{"id": "b", "split": "dev"}\n')

    assert fingerprint(tmp_path) != before


def test_rows_are_counted_in_each_half(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"split": "dev"}\n{"split": "test"}\n{"split": "test"}\n')
    (tmp_path / "b.jsonl").write_text('{"id": "no halves"}\n')

    assert rows_table(tmp_path).splitlines()[2:] == ["| `a.jsonl` | 3 | 1 | 2 |", "| `b.jsonl` | 1 | – | – |"]


@pytest.mark.parametrize("page", ["evals/datasets/DATA_CARD.md", "evals/README.md"])
def test_the_card_and_the_readme_name_every_dataset(page: str) -> None:
    words = (ROOT / page).read_text()

    assert [path.name for path in DATASETS.glob("*.jsonl") if f"| `{path.name}` |" not in words] == []


def test_the_licence_lies_beside_the_files() -> None:
    assert (DATASETS / "LICENSE.md").read_text() == (ROOT / "evals" / "LICENSE.md").read_text()
