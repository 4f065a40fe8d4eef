"""Load what facilitators have at hand from `knowledge/facilitating/`: agendas, discussion guides, and what to do when a group goes quiet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from companion.errors import KnowledgeError
from companion.library.quick_yaml import quick_load

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*\n(.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FacilitatorText:
    """Hold one text for facilitators.

    minutes: how long it takes; None where it makes no sense. note: for an agenda when to use it, for a guide what it may stir up. body: Markdown.
    """

    title: str
    body: str
    minutes: int | None = None
    note: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FacilitatorTexts:
    """Hold all texts for facilitators, agendas and guides in the order of their file names."""

    agendas: tuple[FacilitatorText, ...]
    guides: tuple[FacilitatorText, ...]
    quiet_group: FacilitatorText


def load_facilitating(folder: Path) -> FacilitatorTexts:
    """Load all texts.

    Raises: KnowledgeError naming file, line and remedy.
    """
    return FacilitatorTexts(
        tuple(_text(path, "use_when") for path in _files(folder / "agendas")),
        tuple(_text(path, "content_note") for path in _files(folder / "guides")),
        _text(folder / "quiet_group.md", None),
    )


def _files(folder: Path) -> list[Path]:
    paths = sorted(folder.glob("*.md"))
    if not paths:
        raise KnowledgeError(f"facilitating/{folder.name}: there is no text. Restore the folder from the repository.")
    return paths


def _text(path: Path, note_field: str | None) -> FacilitatorText:
    """Return one text. note_field: the fact that must be there beside the title, with `minutes`; None for a text without."""
    try:
        match = _FRONT_MATTER.match(path.read_text("utf-8-sig").replace("\r\n", "\n"))
        facts = quick_load(match[1]) if match else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise KnowledgeError(
            f"facilitating/{path.name}:1: the file cannot be read. Save it as UTF-8 with facts between --- lines."
        ) from exc
    if match is None or not isinstance(facts, dict):
        raise KnowledgeError(f"facilitating/{path.name}:1: the file begins with ---, facts such as `title: …`, and ---. Add them.")
    wanted = ("title", "reviewed_on", *(("minutes", note_field) if note_field else ()))
    missing = [name for name in wanted if not facts.get(name)]
    if missing or not match[2].strip():
        lacks = ", ".join(missing) or "a text"
        raise KnowledgeError(f"facilitating/{path.name}:1: {lacks} is missing; {_why(missing)}")
    return FacilitatorText(
        str(facts["title"]), match[2].strip(), _minutes(path, facts), str(facts.get(note_field or "", "")), _topics(facts)
    )


def _why(missing: list[str]) -> str:
    if "content_note" in missing:
        return "say what it may stir up, so that people can decide to stay away."
    return "add it."


def _minutes(path: Path, facts: Mapping[str, object]) -> int | None:
    written = facts.get("minutes")
    if written is None:
        return None
    if not isinstance(written, int) or not 5 <= written <= 240:
        raise KnowledgeError(f"facilitating/{path.name}:1: minutes must be a whole number from 5 to 240.")
    return written


def _topics(facts: Mapping[str, object]) -> tuple[str, ...]:
    topics = facts.get("topics")
    return tuple(str(topic) for topic in topics) if isinstance(topics, list) else ()
