"""Ours beside plain set-ups: a broken baseline scores worse, the lead is paired, and any folder with judgements can be tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from sample_articles import article
from typer.testing import CliRunner

from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.models import Article
from evals import __main__ as command
from evals.baselines import PlainRag, WordsAlone, indexed_text
from evals.comparison import Comparison, System, compared, difference, print_comparisons, rows_of
from evals.errors import DatasetError, UsageError
from evals.head_to_head import OURS, OwnCorpus, compare_on
from evals.trec import Question, document_names, judged_questions, read_qrels, read_queries

TEXTS = {
    "sleep": "# Sleep after nights\n\nDark curtains and a cool room help you to sleep after a night shift.",
    "boss": "# A boss who shouts\n\nWrite down when your manager shouted and who was there.",
    "rent": "# Money is short\n\nAsk your landlord about the rent before the debt grows.",
}
QUESTIONS = (
    Question("q1", "how do i sleep after a night shift", {"sleep": 1}),
    Question("q2", "my manager shouted at me", {"boss": 1}),
    Question("q3", "i cannot pay the rent", {"rent": 1}),
)


class AlwaysTheSame:
    """Be a broken baseline: whatever is asked, the same articles come up in the same order."""

    def search(self, text: str, k: int, history: Sequence[str] = ()) -> tuple[str, ...]:
        return ("rent", "boss", "sleep")[:k]


class FindsNothing:
    """Be a baseline that fails on every question."""

    def search(self, text: str, k: int, history: Sequence[str] = ()) -> None:
        return None


@pytest.fixture(scope="module")
def plain(embedder: MiniLMEmbedder) -> PlainRag:
    return PlainRag(TEXTS, embedder)


# --- baselines ---------------------------------------------------------------------------------------------------------------------


def test_the_plain_vector_search_finds_what_a_message_is_about(plain: PlainRag) -> None:
    assert plain.search("i lie awake all day after working at night", 3)[0] == "sleep"


def test_words_alone_find_what_shares_a_word_and_nothing_else() -> None:
    words = WordsAlone(TEXTS)

    assert words.search("the rent is due", 3) == ("rent",)
    assert words.search("qwertz", 3) == ()


def test_a_baseline_names_each_article_once_and_no_more_than_asked(embedder: MiniLMEmbedder) -> None:
    long = {"long": " ".join(["Sleep comes slowly after a night shift."] * 200), **TEXTS}

    found = PlainRag(long, embedder).search("sleep after a night shift", 2)

    assert len(found) == len(set(found)) == 2


def test_a_baseline_is_given_everything_that_our_own_index_is_given() -> None:
    one = article(asked_as=("cant kip after nights",))

    text = indexed_text(one)

    assert all(part in text for part in (one.title, one.summary, "cant kip after nights", one.body))


# --- the comparison ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", [AlwaysTheSame(), FindsNothing()], ids=["always the same", "finds nothing"])
def test_a_broken_baseline_scores_worse(broken: AlwaysTheSame | FindsNothing, plain: PlainRag) -> None:
    ours, theirs = compare_on(QUESTIONS, {OURS: plain, "broken": broken}, "three").rows

    assert ours.values["mrr"].value == 1.0
    assert theirs.values["mrr"].value < 0.7
    assert theirs.lead["mrr"].value == pytest.approx(ours.values["mrr"].value - theirs.values["mrr"].value)


def test_a_search_that_fails_counts_as_finding_nothing() -> None:
    (row,) = compare_on(QUESTIONS, {OURS: FindsNothing()}, "three").rows

    assert {one.value for one in row.values.values()} == {0.0}


def test_a_small_but_steady_lead_is_told_from_chance_though_the_intervals_overlap() -> None:
    theirs = [0.1, 0.4, 0.5, 0.9] * 10
    ours = [value + 0.05 + 0.001 * place for place, value in enumerate(theirs)]

    lead = difference(ours, theirs)

    assert lead.is_above_zero
    assert lead.interval.low > 0.04


def test_a_lead_on_a_few_questions_and_a_loss_on_others_is_no_lead() -> None:
    lead = difference([1.0, 0.0, 1.0, 0.0, 0.6], [0.0, 1.0, 0.0, 1.0, 0.5])

    assert not lead.is_above_zero
    assert not lead.is_below_zero


def test_systems_that_answered_different_questions_are_not_compared() -> None:
    figures = dict.fromkeys(("recall_at_3", "recall_at_10", "mrr", "ndcg_at_10"), 1.0)

    with pytest.raises(ValueError, match="same ones"):
        compared("dev", [System("one", [figures]), System("other", [figures, figures])])


def test_the_table_and_the_rows_name_every_system_and_its_lead(plain: PlainRag) -> None:
    comparison = compare_on(QUESTIONS, {OURS: plain, "broken": AlwaysTheSame()}, "three")

    shown = printed(comparison)
    rows = list(rows_of(comparison))

    assert all(part in shown for part in ("three, n = 3", OURS, "broken", "ours leads by", "+0."))
    assert [("lead" in row) for row in rows] == [False] * 4 + [True] * 4


def printed(comparison: Comparison) -> str:
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as capture:
        print_comparisons("Side by side", [comparison], console)
    return capture.get()


# --- judgements in TREC form -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("q1 0 sleep 1\nq1 0 boss\n", r":2: there are 3 fields"),
        ("q1 0 sleep 1 extra\n", r":1: there are 5 fields"),
        ("q1 0 sleep good\n", r":1: the grade 'good'"),
        ("\nq1 0 sleep 1\nq1 0 sleep 0\n", r":3: sleep is judged a second time for q1"),
        ("\n\n", "nothing is judged"),
    ],
    ids=["too few fields", "too many fields", "no grade", "judged twice", "empty"],
)
def test_malformed_judgements_are_named_with_line_and_remedy(content: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.qrels"
    path.write_text(content)

    with pytest.raises(DatasetError, match=complaint):
        read_qrels(path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("q1\thow do i sleep\nq2 no tab here\n", r":2: there is no question id, tab and question"),
        ("q1\t\n", r":1: there is no question id"),
        ("q1\tone\nq1\ttwo\n", r":2: the id q1 is used a second time"),
        ("", "no questions"),
    ],
    ids=["no tab", "no text", "id twice", "empty"],
)
def test_malformed_questions_are_named_with_line_and_remedy(content: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(content)

    with pytest.raises(DatasetError, match=complaint):
        read_queries(path)


def test_judgements_are_read_as_editors_on_windows_leave_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.qrels"
    path.write_bytes("\ufeffq1\t0\tsleep\t2\r\nq1 0 boss -1\r\n".encode())

    assert read_qrels(path) == {"q1": {"sleep": 2, "boss": 0}}


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        read_qrels(tmp_path / "gone.qrels")


def placed(path: str) -> Article:
    return replace(article(), id=path.replace("/", "-").rpartition(".")[0], path=path)


def test_a_document_is_named_by_its_path_or_by_a_file_name_that_no_other_has() -> None:
    names = document_names([placed("nights/sleep.md"), placed("days/sleep.md"), placed("days/rent.txt")])

    assert names["days/rent.txt"] == names["days/rent"] == names["rent"] == names["rent.txt"] == "days-rent"
    assert names["nights/sleep"] == "nights-sleep"
    assert "sleep" not in names


def test_unknown_documents_are_counted_once_and_left_out(tmp_path: Path) -> None:
    qrels, queries = tmp_path / "mine.qrels", tmp_path / "mine.tsv"
    qrels.write_text("q1 0 sleep 1\nq1 0 gone 1\nq2 0 lost 1\nq3 0 sleep 1\n")
    queries.write_text("q1\thow do i sleep\nq2\twhere is it\n")

    judged = judged_questions(qrels, queries, [placed("sleep.md")])

    assert [(question.id, dict(question.grades)) for question in judged.questions] == [("q1", {"sleep": 1})]
    assert [warning for warning in judged.warnings if "2 documents" in warning and "gone" in warning]
    assert [warning for warning in judged.warnings if "1 judged questions have no text" in warning]


def test_a_folder_that_fits_none_of_the_judgements_is_refused_with_an_example(tmp_path: Path) -> None:
    qrels, queries = tmp_path / "mine.qrels", tmp_path / "mine.tsv"
    qrels.write_text("q1 0 elsewhere 1\n")
    queries.write_text("q1\thow do i sleep\n")

    with pytest.raises(DatasetError, match="elsewhere"):
        judged_questions(qrels, queries, [placed("sleep.md")])


# --- on the command line -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the options for a plain folder of three texts with judged questions."""
    folder, qrels, queries = tmp_path / "texts", tmp_path / "mine.qrels", tmp_path / "mine.tsv"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.{'txt' if name == 'rent' else 'md'}").write_text(text)
    qrels.write_text("".join(f"{question.id} 0 {doc} 1\n" for question in QUESTIONS for doc in question.grades))
    queries.write_text("".join(f"{question.id}\t{question.text}\n" for question in QUESTIONS))
    monkeypatch.setattr("evals.subject.ROOT", tmp_path)
    monkeypatch.setattr("companion.settings.Settings.catalogue_dir", command.RUNS.parent.parent / "knowledge")
    return ["--corpus", str(folder), "--qrels", str(qrels), "--queries", str(queries)]


def test_any_folder_with_judgements_is_compared(corpus: list[str]) -> None:
    result = CliRunner().invoke(command.app, ["retrieval", *corpus])

    assert result.exit_code == 0, result.output
    assert all(part in result.output for part in ("texts, n = 3", OURS, "BM25 alone", "LangChain", "1.000"))


@pytest.mark.parametrize(("left_out", "suites"), [("--qrels", ["retrieval"]), ("--corpus", ["retrieval"]), (None, ["triage"]), (None, [])])
def test_options_that_do_not_go_together_are_refused(left_out: str | None, suites: list[str], corpus: list[str]) -> None:
    place = corpus.index(left_out) if left_out else len(corpus)

    result = CliRunner().invoke(command.app, [*suites, *corpus[:place], *corpus[place + 2 :]])

    assert result.exit_code == 2


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "any"
    file.write_text("q1 0 a 1")

    with pytest.raises(UsageError, match="no such folder"):
        OwnCorpus.from_options(tmp_path / "gone", file, file)
