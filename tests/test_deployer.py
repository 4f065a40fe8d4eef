"""What ships for those who run Companion is whole, points at what exists, and never reaches a reply."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from companion.library.reading import read_library
from companion.settings import ROOT
from evals.suites import SUITES

DEPLOYER = ROOT / "knowledge" / "deployer"
DOCUMENTS = sorted(DEPLOYER.glob("*.md"))
SAFETY_CASE = (DEPLOYER / "safety_case.md").read_text("utf-8")
LAWS = "Article 50|Article 5(1)(f)|GDPR|General Business Law|SB 243|HB 2225|SB 1546|HB 452|Illinois".split("|")


def named_tests(text: str) -> list[str]:
    """Return every `tests/….py` or `tests/….py::test` that a text names."""
    return re.findall(r"`(tests/[\w/]+\.py(?:::\w+)?)`", text)


@pytest.mark.parametrize("name", ["safety_case", "dpia_template", "worker_notice", "go_live_checklist"])
def test_document_ships_and_says_who_reviewed_it(name: str) -> None:
    text = (DEPLOYER / f"{name}.md").read_text("utf-8")

    front = text.split("---\n")[1]
    assert re.search(r"^version: \d+$", front, re.MULTILINE)
    assert re.search(r"^date: 20\d\d-\d\d-\d\d$", front, re.MULTILINE)
    assert re.search(r"^reviewed by: \S", front, re.MULTILINE)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_test_that_a_document_names_exists(path: Path) -> None:
    for named in named_tests(path.read_text("utf-8")):
        file, _, function = named.partition("::")
        defined = {node.name for node in ast.parse((ROOT / file).read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}
        assert not function or function in defined, named


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_suite_and_file_that_a_document_names_exists(path: Path) -> None:
    text = path.read_text("utf-8")

    assert set(re.findall(r"`python -m evals (\w+)", text)) <= set(SUITES)
    for file in re.findall(r"`((?:prompts|knowledge|evals|tests)/[\w./]+)`", text):
        assert (ROOT / file).exists(), file


def test_each_hazard_has_a_control_a_check_and_says_what_is_left() -> None:
    rows = [line.strip("|").split("|") for line in SAFETY_CASE.splitlines() if line.startswith("| ")]
    hazards = [row for row in rows if row[0].strip() not in {"hazard", "---"}]

    assert len(hazards) >= 15
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in hazards)
    assert all("python -m evals" in row[2] or named_tests(row[2]) for row in hazards)


@pytest.mark.parametrize("suite", ["triage", "guards", "injection", "conversations", "honesty", "redaction"])
def test_the_safety_case_rests_on_the_suites_for_safety(suite: str) -> None:
    assert f"`python -m evals {suite}`" in SAFETY_CASE


@pytest.mark.parametrize("law", LAWS)
def test_the_checklist_has_a_line_for_each_law(law: str) -> None:
    checklist = (DEPLOYER / "go_live_checklist.md").read_text("utf-8")

    assert any(law in line for line in checklist.splitlines() if line.startswith("| "))


def test_the_library_never_reads_these_documents() -> None:
    library = read_library(ROOT / "knowledge")

    assert library.articles
    assert not [article.path for article in library.articles if "deployer" in str(article.path)]
    assert not [finding for finding in library.findings if "deployer" in finding.file]
