"""Read prompts and fixed words. Every word that people or models see is a file below `prompts/`, with a version where it is a prompt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from companion.errors import KnowledgeError
from companion.library.quick_yaml import quick_load

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*\n(.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Hold one prompt for a model. sections: by `# Heading`, in lower case with underscores."""

    name: str
    version: str
    sections: dict[str, str]


def load_prompt(folder: Path, name: str) -> Prompt:
    """Read `<folder>/<name>.md`.

    Raises: KnowledgeError when the file, its version or a section is missing.
    """
    path = folder / f"{name}.md"
    match = _FRONT_MATTER.match(_read(path))
    version = _version(match[1]) if match else ""
    if match is None or not version:
        raise KnowledgeError(f"{path.name}:1: a prompt begins with ---, `version: …` and ---. Add them.")
    parts = re.split(r"^# (.+)$", match[2], flags=re.MULTILINE)
    sections = {title.strip().lower().replace(" ", "_"): body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}
    return Prompt(name, version, sections)


def _version(facts: str) -> str:
    try:
        read = quick_load(facts)
    except (yaml.YAMLError, ValueError):
        return ""
    return str(read.get("version", "")) if isinstance(read, dict) else ""


def fixed_text(folder: Path, name: str) -> str:
    """Return `<folder>/fixed/<name>.md` without its facts and comments, verbatim otherwise.

    Raises: KnowledgeError when the file is missing or empty.
    """
    path = folder / "fixed" / f"{name}.md"
    text = _read(path)
    match = _FRONT_MATTER.match(text)
    words = re.sub(r"<!--.*?-->", "", match[2] if match else text, flags=re.DOTALL).strip()
    if not words:
        raise KnowledgeError(f"fixed/{path.name}:1: the file is empty. Restore its words; people in a crisis depend on them.")
    return words


def fixed_entries(folder: Path, name: str) -> dict[str, object]:
    """Return the entries of `<folder>/fixed/<name>.yaml`.

    Raises: KnowledgeError when the file is missing or no list of `name: value`.
    """
    path = folder / "fixed" / f"{name}.yaml"
    text = _read(path)
    try:
        entries = quick_load(text)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = min(mark.line + 1, len(text.splitlines()) or 1) if mark else 1  # what is not closed is noticed behind the last line
        raise KnowledgeError(f"fixed/{path.name}:{line}: the YAML cannot be read. Put texts in quotes.") from exc
    if not isinstance(entries, dict):
        raise KnowledgeError(f"fixed/{path.name}:1: expected `name: value` entries.")
    return entries


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig").replace("\r\n", "\n")
    except OSError as exc:
        raise KnowledgeError(f"{path.name}: the file is missing below {path.parent.name}/. Restore it from the repository.") from exc
    except UnicodeDecodeError as exc:
        raise KnowledgeError(f"{path.name}:1: the file is not UTF-8 text. Save it again as UTF-8.") from exc
