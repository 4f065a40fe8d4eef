"""Folders as they really are: each mess gives one finding with file, line and remedy; everything else is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_articles import FACTS, article_text, write_article
from test_document_converters import pdf_file, word_file, word_paragraph

from companion.adapters.document_converters import DocumentConverters
from companion.library.chunks import cut
from companion.library.findings import Finding
from companion.library.reading import LOOSE_TOPIC, Reading, read_library
from companion.models import Article

TOPICS = frozenset({"shift_work", "sleep"})
FRONT = article_text().split("---\n")[1]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / "articles" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def facts(article_id: str) -> str:
    return FRONT.replace("id: night-shift", f"id: {article_id}")


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(DocumentConverters(tmp_path_factory.mktemp("converted")).words_of)


# --- other kinds with a sidecar -----------------------------------------------------------------------------------------

KINDS: dict[str, Callable[[], bytes]] = {
    "leaflet.txt": lambda: b"Lie down before the shift.",
    "leaflet.html": lambda: b"<h2>What helps right now</h2><p>Lie down before the shift.</p>",
    "leaflet.pdf": lambda: pdf_file("Lie down before the shift."),
    "leaflet.docx": lambda: word_file(word_paragraph("What helps right now", "Heading2") + word_paragraph("Lie down before the shift.")),
    "plain.md": lambda: b"Lie down before the shift.",
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_with_facts_beside_it_is_an_article(tmp_path: Path, reading: Reading, name: str) -> None:
    write(tmp_path, name, KINDS[name]())
    write(tmp_path, f"{name}.meta.yaml", facts("leaflet"))

    library = read_library(tmp_path, topics=TOPICS, read=reading.article)

    assert library.findings == ()
    (found,) = library.articles
    assert (found.id, found.title, found.path) == ("leaflet", FACTS["title"], f"articles/{name}")
    assert "Lie down before the shift." in found.body


def test_headings_of_a_web_page_become_sections(tmp_path: Path, reading: Reading) -> None:
    write(tmp_path, "leaflet.html", KINDS["leaflet.html"]())
    write(tmp_path, "leaflet.html.meta.yaml", facts("leaflet"))

    (found,) = read_library(tmp_path, topics=TOPICS, read=reading.article).articles

    assert [passage.section for passage in cut(found)] == ["What helps right now"]


# --- mess ---------------------------------------------------------------------------------------------------------------

MESS: dict[str, tuple[dict[str, str | bytes], str, str]] = {
    # files, the file that is named, words of the problem
    "a pdf without facts": ({"a.pdf": pdf_file("Words.")}, "a.pdf", "no facts about this file"),
    "facts that cannot be read": ({"a.txt": "Words.", "a.txt.meta.yaml": "id: [a"}, "a.txt.meta.yaml", "YAML"),
    "facts with a mistake": ({"a.txt": "Words.", "a.txt.meta.yaml": facts("A!")}, "a.txt.meta.yaml", "id"),
    "facts in latin-1": (
        {"a.txt": "Words.", "a.txt.meta.yaml": facts("a").replace("Nights", "Nächte").encode("latin-1")},
        "a.txt.meta.yaml",
        "facts",
    ),
    "facts without a file": ({"a.pdf.meta.yaml": facts("a")}, "a.pdf.meta.yaml", "no file 'a.pdf'"),
    "no words": ({"a.txt": " \n", "a.txt.meta.yaml": facts("a")}, "a.txt", "no words"),
    "a scanned picture": ({"a.pdf": pdf_file(""), "a.pdf.meta.yaml": facts("a")}, "a.pdf", "scanned picture"),
    "a damaged word file": ({"a.docx": b"PK no", "a.docx.meta.yaml": facts("a")}, "a.docx", "damaged"),
    "five megabytes of text": ({"a.md": article_text() + "x" * 5_000_000}, "a.md", "larger than 2 MB"),
    "another kind": ({"a.xlsx": b"x"}, "a.xlsx", "kind .xlsx are not read"),
    "no ending": ({"notes": b"x"}, "notes", "without an ending"),
    "an empty file": ({"a.md": ""}, "a.md", "missing at the top"),
}


@pytest.mark.parametrize("case", MESS)
def test_each_mess_gives_one_finding_and_the_rest_is_read(tmp_path: Path, reading: Reading, case: str) -> None:
    files, named, problem = MESS[case]
    for name, content in files.items():
        write(tmp_path, name, content)
    write_article(tmp_path, "good.md")

    library = read_library(tmp_path, topics=TOPICS, read=reading.article)

    (finding,) = library.findings
    assert finding.file == f"articles/{named}"
    assert problem in finding.problem
    assert finding.line >= 1
    assert finding.remedy
    assert [found.id for found in library.articles] == ["night-shift"]


def test_a_loop_of_links_is_not_followed(tmp_path: Path) -> None:
    write_article(tmp_path, "good.md")
    (tmp_path / "articles" / "loop").symlink_to(tmp_path / "articles")

    library = read_library(tmp_path)

    assert [found.id for found in library.articles] == ["night-shift"]
    assert [(finding.file, finding.severity) for finding in library.findings] == [("articles/loop", "warning")]


def test_a_link_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    outside = write(tmp_path / "elsewhere", "secret.md", article_text())
    write_article(tmp_path / "here", "good.md", article_text(id="good"))
    (tmp_path / "here" / "articles" / "link.md").symlink_to(outside)

    library = read_library(tmp_path / "here")

    assert [found.id for found in library.articles] == ["good"]
    assert [finding.file for finding in library.findings] == ["articles/link.md"]


def test_a_file_that_vanishes_while_it_is_read_is_one_finding(tmp_path: Path) -> None:
    write_article(tmp_path, "a.md")
    write_article(tmp_path, "b.md", article_text(id="other"))

    def read(path: Path, name: str, topics: frozenset[str] | None) -> Article | Finding:
        if name.endswith("a.md"):
            path.unlink()
        return Reading().article(path, name, topics)

    library = read_library(tmp_path, read=read)

    assert [found.id for found in library.articles] == ["other"]
    assert "taken away" in library.findings[0].problem


def test_spaces_and_pictures_in_names_are_fine(tmp_path: Path) -> None:
    write_article(tmp_path, "späte Schicht/mein Text 😴.md")

    library = read_library(tmp_path)

    assert library.findings == ()
    assert library.articles[0].path == "articles/späte Schicht/mein Text 😴.md"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("| " + " | ".join(f"column {n}" for n in range(300)) + " |\n", id="a wide table"),
        pytest.param("\n".join("  " * n + f"- item {n}" for n in range(200)), id="a deep list"),
        pytest.param("![only a picture](picture.png)", id="only a picture"),
        pytest.param("word " * 20_000, id="one endless paragraph"),
        pytest.param("No heading at all.", id="no heading"),
    ],
)
def test_odd_bodies_are_cut_into_passages_that_a_model_can_read(tmp_path: Path, body: str) -> None:
    write_article(tmp_path, "odd.md", f"---\n{FRONT}---\n{body}")

    (found,) = read_library(tmp_path).articles

    assert all(len(passage.text.split()) <= 140 for passage in cut(found))


# --- loose folders ------------------------------------------------------------------------------------------------------


def test_a_loose_folder_needs_no_facts(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "Nap time.md").write_text("# Naps before nights\n\nLie down early. It helps many.", "utf-8")
    (tmp_path / "pension_basics.txt").write_text("Ask payroll about your pension.", "utf-8")

    library = read_library(tmp_path, is_loose=True)

    assert [(found.id, found.title) for found in library.articles] == [
        ("deep-er-nap-time", "Naps before nights"),
        ("pension-basics", "pension basics"),
    ]
    assert {topic for found in library.articles for topic in found.topics} == {LOOSE_TOPIC}


def test_loose_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a b.md").write_text("One.", "utf-8")
    (tmp_path / "a-b.txt").write_text("Two.", "utf-8")

    library = read_library(tmp_path, is_loose=True)

    assert {found.id: found.body for found in library.articles} == {"a-b": "One.", "a-b-2": "Two."}


def test_facts_at_the_top_count_in_a_loose_folder_too(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(article_text(), "utf-8")

    assert [found.id for found in read_library(tmp_path, is_loose=True).articles] == ["night-shift"]


def test_without_loose_a_text_without_facts_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt", "Lie down early.")

    library = read_library(tmp_path)

    assert library.articles == ()
    assert "notes.txt.meta.yaml" in library.findings[0].remedy


# --- whatever the bytes -------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    content=st.binary(max_size=400) | st.text(max_size=400).map(str.encode),
    kind=st.sampled_from([".md", ".txt", ".markdown"]),
    is_loose=st.booleans(),
)
def test_any_bytes_give_an_article_or_one_finding(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, kind: str, is_loose: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / f"any{kind}"
    path.write_bytes(content)

    found = Reading(is_loose=is_loose).article(path, f"articles/any{kind}")

    assert isinstance(found, Article | Finding)


@settings(max_examples=60, deadline=None)
@given(facts_text=st.text(max_size=300))
def test_any_facts_give_an_article_or_one_finding(tmp_path_factory: pytest.TempPathFactory, facts_text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "any.md"
    path.write_text(f"---\n{facts_text}\n---\nWords.", "utf-8", errors="replace")

    assert isinstance(Reading().article(path, "articles/any.md"), Article | Finding)
