"""A knowledge folder is read whole: one bad file becomes one finding with file, line and remedy, and hides nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sample_articles import TODAY, article, article_text, write_article

from companion.library.documents import Library, Severity, parse_article
from companion.library.reading import MAX_FILE_BYTES, read_library
from companion.models import Article

TOPICS = frozenset({"shift_work", "sleep"})
GOOD = article_text()


def edited(before: str, after: str) -> str:
    assert before in GOOD
    return GOOD.replace(before, after)


BAD_FILES = {
    # name: (content, line, words of the problem)
    "empty": ("", 1, "missing at the top"),
    "blank lines only": ("\n\n\n", 1, "missing at the top"),
    "no facts": ("## What this is like\nTired.", 1, "missing at the top"),
    "facts never closed": ("---\nid: a\ntitle: b\n", 1, "missing at the top"),
    "facts are a list": ("---\n- id\n- title\n---\nText", 2, "not a list of"),
    "facts are empty": ("---\n\n---\nText", 2, "not a list of"),
    "colon in a value": (edited("title: Sleeping", "title: Sleep: Sleeping"), 3, "YAML"),
    "open bracket": (edited("language: en", "language: [en"), 8, "YAML"),
    "tab as indent": (edited("- shift_work", "\t- shift_work"), 5, "YAML"),
    "no such day": (edited("reviewed_on: 2026-11-01", "reviewed_on: 2026-13-01"), 2, "YAML"),
    "nested without end": (edited("language: en", "language: " + "[" * 9000), 2, "YAML"),
    "control character": (edited("language: en", "language: en\x00"), 2, "YAML"),
    "missing title": (article_text(title=None), 2, "title"),
    "missing review date": (article_text(review_by=None), 2, "review_by"),
    "unknown field": (edited("owner:", "author:"), 19, "author"),
    "capitals in the id": (edited("id: night-shift", "id: Night Shift"), 2, "id"),
    "title too long": (article_text(title="x" * 71), 3, "title"),
    "no such grade": (edited("evidence: guideline", "evidence: proven"), 13, "evidence"),
    "source without year": (edited("  year: 2020\n", ""), 14, "year"),
    "source link without scheme": (edited("  year: 2020\n", "  year: 2020\n  url: www.example.org\n"), 14, "url"),
    "no topic": (article_text(topics=[]), 4, "topics"),
    "five topics": (article_text(topics=["sleep"] * 5), 4, "topics"),
    "unknown topic": (edited("- sleep", "- sleeep"), 4, "sleeep"),
    "opening is no sentence": (edited("upside down.", "upside down"), 9, "openings"),
    "latin-1": (edited("Nights turn", "N\u00e4chte turn").encode("latin-1"), 1, "UTF-8"),
    "utf-16": (GOOD.encode("utf-16"), 1, "UTF-8"),
    "huge": (GOOD + "x" * MAX_FILE_BYTES, 1, "larger than 2 MB"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_file_gives_one_finding_and_the_rest_is_read(case: str, tmp_path: Path) -> None:
    content, line, problem = BAD_FILES[case]
    write_article(tmp_path, "a-bad.md", content)
    write_article(tmp_path, "good.md")

    library = read_library(tmp_path, topics=TOPICS)

    (finding,) = library.findings
    assert (finding.file, finding.line, finding.severity) == ("articles/a-bad.md", line, Severity.ERROR)
    assert problem in finding.problem
    assert finding.remedy.endswith(".")
    assert [found.id for found in library.articles] == ["night-shift"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("\ufeff" + GOOD, id="byte order mark"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="windows line ends"),
        pytest.param(GOOD.replace("\n", "\r"), id="old mac line ends"),
        pytest.param(GOOD.replace("---\n", "---  \n"), id="blanks behind the dashes"),
        pytest.param(GOOD.rstrip("\n"), id="no newline at the end"),
        pytest.param(edited("title: Sleeping after the night shift", 'title: "Sleep: after the night shift"'), id="colon in quotes"),
        pytest.param(edited("licence: Apache-2.0\n", ""), id="no licence"),
        pytest.param(edited("Nights turn", "N\u00e4chte \U0001f319 turn"), id="umlaut and emoji"),
    ],
)
def test_unusual_but_sound_file_is_read(content: str, tmp_path: Path) -> None:
    write_article(tmp_path, "odd/one.md", content)

    library = read_library(tmp_path, topics=TOPICS)

    assert library.findings == ()
    (found,) = library.articles
    assert found.body == article().body
    assert found.path == "articles/odd/one.md"


def test_second_file_with_a_known_id_is_named(tmp_path: Path) -> None:
    write_article(tmp_path, "first.md")
    write_article(tmp_path, "second.md", article_text(title="The same id again"))

    library = read_library(tmp_path)

    assert [found.path for found in library.articles] == ["articles/first.md"]
    (finding,) = library.findings
    assert (finding.file, finding.line) == ("articles/second.md", 2)
    assert "articles/first.md" in finding.problem


def test_instructions_to_authors_are_no_article(tmp_path: Path) -> None:
    write_article(tmp_path, "README.md", "How to write an article.")

    assert read_library(tmp_path) == Library((), ())


def test_missing_folder_is_an_empty_library(tmp_path: Path) -> None:
    assert read_library(tmp_path / "nowhere") == Library((), ())


def test_file_that_may_not_be_read_is_a_finding(tmp_path: Path) -> None:
    write_article(tmp_path, "good.md")
    (tmp_path / "articles" / "gone.md").symlink_to(tmp_path / "articles" / "gone.md")

    library = read_library(tmp_path)

    assert [found.id for found in library.articles] == ["night-shift"]


@pytest.mark.parametrize("between", ["", "\n", "\n\n\n", "  \n\n", "\n \t \n"])
def test_body_line_points_at_the_first_line_of_the_body(between: str) -> None:
    text = article_text().replace("---\n## What", f"---\n{between}## What")

    found = parse_article(text, "a.md")

    assert isinstance(found, Article)
    assert text.splitlines()[found.body_line - 1] == "## What this is like"


@pytest.mark.parametrize(
    ("changes", "is_citable"),
    [
        ({}, True),
        ({"review_by": TODAY}, True),  # still good on the day itself
        ({"review_by": TODAY - timedelta(days=1)}, False),
        ({"licence": ""}, False),
        ({"sources": ()}, False),
    ],
)
def test_only_licensed_sourced_articles_in_date_are_citable(changes: dict[str, object], is_citable: bool) -> None:
    found = replace(article(), **changes)  # type: ignore[arg-type]

    assert bool(Library((found,), ()).citable(TODAY)) is is_citable
