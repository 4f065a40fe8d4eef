"""Questions and judgements as TREC writes them: `qid 0 docid grade` per line, and `qid<TAB>text` per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from companion.models import Article
from evals.errors import DatasetError

QRELS_FORM = 'Write "question-id 0 document-id grade", e.g. "q1 0 night-shifts 1".'
QUERIES_FORM = 'Write "question-id", a tab, and the question, e.g. "q1<TAB>how do I sleep after nights".'


@dataclass(frozen=True, slots=True)
class Question:
    """Hold a question with its judged articles. grades: article id → 1 or more, the higher the better."""

    id: str
    text: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class JudgedQuestions:
    """Hold the questions that can be measured, and what was left out, in words."""

    questions: tuple[Question, ...]
    warnings: tuple[str, ...]


def read_qrels(path: Path) -> Mapping[str, Mapping[str, int]]:
    """Return question id → document id → grade; grades below 0 count as 0.

    Raises: DatasetError naming the line that is malformed, or that judges a document again.
    """
    judged: dict[str, dict[str, int]] = {}
    for place, line in _lines(path):
        fields = line.split()
        if len(fields) != 4:
            raise DatasetError(f"{place}: there are {len(fields)} fields instead of 4. {QRELS_FORM}")
        question, _, document, grade = fields
        try:
            value = max(0, int(grade))
        except ValueError as exc:
            raise DatasetError(f"{place}: the grade {grade!r} is no whole number. {QRELS_FORM}") from exc
        if document in judged.setdefault(question, {}):
            raise DatasetError(f"{place}: {document} is judged a second time for {question}. Keep one of the two lines.")
        judged[question][document] = value
    if not judged:
        raise DatasetError(f"{path}: nothing is judged. {QRELS_FORM}")
    return judged


def read_queries(path: Path) -> Mapping[str, str]:
    """Return question id → question.

    Raises: DatasetError naming the line that is malformed, or that uses an id again.
    """
    questions: dict[str, str] = {}
    for place, line in _lines(path):
        question, tab, text = line.partition("\t")
        if not tab or not question.strip() or not text.strip():
            raise DatasetError(f"{place}: there is no question id, tab and question. {QUERIES_FORM}")
        if question.strip() in questions:
            raise DatasetError(f"{place}: the id {question.strip()} is used a second time. Give every question its own id.")
        questions[question.strip()] = text.strip()
    if not questions:
        raise DatasetError(f"{path}: no questions. {QUERIES_FORM}")
    return questions


def judged_questions(qrels: Path, queries: Path, articles: Iterable[Article]) -> JudgedQuestions:
    """Return the questions that have at least one right document among the articles.

    Raises: DatasetError when a file is malformed, or nothing is left to measure.
    """
    judged, texts, names = read_qrels(qrels), read_queries(queries), document_names(articles)
    unknown = list(dict.fromkeys(document for grades in judged.values() for document in grades if document not in names))
    textless = [question for question in judged if question not in texts]
    questions = []
    for question, grades in judged.items():
        known = {names[document]: grade for document, grade in grades.items() if document in names}
        if question in texts and any(known.values()):
            questions.append(Question(question, texts[question], known))
    if not questions:
        example = f" The first unknown document is {unknown[0]!r}." if unknown else ""
        raise DatasetError(
            f"{qrels}: no question has a right document in the folder.{example} A document is named by its file name without ending, or by "
            f"its path below the folder; a question by the id that stands in {queries.name}."
        )
    return JudgedQuestions(tuple(questions), tuple(_warnings(qrels, queries, unknown, textless, len(judged) - len(questions))))


def document_names(articles: Iterable[Article]) -> Mapping[str, str]:
    """Return every way to name a document → article id: its path below the folder, with or without ending, and its file name when no other has it."""
    names: dict[str, str] = {}
    stems: dict[str, list[str]] = {}
    for article in articles:
        path = article.path.removeprefix("articles/")
        without_ending = path.rpartition(".")[0] or path
        names |= dict.fromkeys((article.path, path, without_ending), article.id)
        for short in {Path(path).name, Path(path).stem}:
            stems.setdefault(short, []).append(article.id)
    return {short: ids[0] for short, ids in stems.items() if len(ids) == 1} | names


def _warnings(qrels: Path, queries: Path, unknown: list[str], textless: list[str], n_left_out: int) -> Iterator[str]:
    if unknown:
        yield f"{qrels.name}: {len(unknown)} documents are not in the folder, or their file names are not unique, the first is {unknown[0]}."
    if textless:
        yield f"{queries.name}: {len(textless)} judged questions have no text, the first is {textless[0]}."
    if n_left_out:
        yield f"{n_left_out} judged questions are left out, since no right document of theirs can be found or they have no text."


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise DatasetError(f"{path}: cannot be read ({type(exc).__name__}). Give a UTF-8 text file.") from exc
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield f"{path}:{number}", line.rstrip("\r")
