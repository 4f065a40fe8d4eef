"""Prompts and fixed words are read as they were written, and every mistake in their files is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.crisis_words import FIXED_NAMES
from companion.errors import KnowledgeError
from companion.prompts import fixed_entries, fixed_text, load_prompt
from companion.settings import ROOT


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_sections_of_a_prompt_are_found_by_their_headings(tmp_path: Path) -> None:
    write(tmp_path, "reply.md", "---\nversion: 3\n---\n# System\nBe plain.\n\n# Example reply\nYes {x} # no heading\n")

    prompt = load_prompt(tmp_path, "reply")

    assert (prompt.name, prompt.version) == ("reply", "3")
    assert prompt.sections == {"system": "Be plain.", "example_reply": "Yes {x} # no heading"}


def test_the_real_prompt_has_every_section_the_writer_uses() -> None:
    wanted = {"system", "example_passages", "example_message", "example_reply", "offer", "passages", "message"}

    assert wanted <= load_prompt(ROOT / "prompts", "reply").sections.keys()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "# System\nNo facts.",
        "---\nreviewed_by: x\n---\n# System\nx",
        b"\xff\xfe\x00",
        "---\nversion: [\n---\n# System\nx",
        "---\nfoo\n---\nx",
    ],
)
def test_malformed_prompt_is_named(content: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"reply\.md"):
        load_prompt(write(tmp_path, "reply.md", content), "reply")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Plain words.", "Plain words."),
        ("---\nversion: 1\n---\nWords **as** written.\n\nTwo.\n", "Words **as** written.\n\nTwo."),
        ("\ufeff---\r\nversion: 1\r\n---\r\nOne.\r\n\r\nTwo.\r\n", "One.\n\nTwo."),
        ("---\nversion: 1\n---\n<!-- for editors -->\nShown.", "Shown."),
    ],
)
def test_fixed_words_are_shown_as_written(content: str, words: str, tmp_path: Path) -> None:
    assert fixed_text(write(tmp_path, "fixed/a.md", content), "a") == words


@pytest.mark.parametrize("content", ["", "---\nversion: 1\n---\n", "<!-- only a remark -->", b"\xff\xfe\x00"])
def test_empty_or_unreadable_fixed_words_are_refused(content: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"a\.md"):
        fixed_text(write(tmp_path, "fixed/a.md", content), "a")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"crisis_risk\.md"):
        fixed_text(tmp_path, "crisis_risk")


@pytest.mark.parametrize("name", FIXED_NAMES)
def test_every_fixed_text_of_a_turn_is_there_in_plain_text(name: str) -> None:
    words = fixed_text(ROOT / "prompts", name)

    assert not any(mark in words for mark in ("<", "{", "http", "TODO"))
    assert not any(character.isdigit() for character in words)  # numbers come from crisis_lines.yaml only


@pytest.mark.parametrize(
    ("content", "line"),
    [("a: [", 1), ("a: b: c", 1), ("ok: 1\n- x\n", 2), ("- a\n- b\n", 1), ("", 1), ("text", 1)],
)
def test_malformed_entries_are_named_with_their_line(content: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=rf"fixed/words\.yaml:{line}:") as raised:
        fixed_entries(write(tmp_path, "fixed/words.yaml", content), "words")

    assert str(raised.value).endswith(".")
