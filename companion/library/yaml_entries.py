"""Read the YAML files that coordinators edit, so that every mistake is named by file, line, entry, field and remedy.

Scalars are taken as they are written: `NO` stays Norway and does not become "false", `0800` keeps its zero, `20:30` stays a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn, TypeVar

import yaml

from companion.errors import KnowledgeError
from companion.library.quick_yaml import loader_for

Built = TypeVar("Built")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Entry:
    """Give typed access to one mapping of a knowledge file.

    Every accessor raises KnowledgeError naming file, line, entry, field and remedy.
    """

    def __init__(self, node: yaml.MappingNode, file: str, label: str) -> None:
        self.file = file
        self.label = label
        self.line = node.start_mark.line + 1
        self._node = node
        self._fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value in self._fields:
                self.refuse(key.value, "stands twice in this entry; keep one of the two", key.start_mark.line + 1)
            self._fields[key.value] = value

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the fields in file order."""
        return tuple(self._fields)

    def refuse(self, field: str, remedy: str, line: int | None = None) -> NoReturn:
        """Raise the KnowledgeError for a field of this entry."""
        at = line or (self._fields[field].start_mark.line + 1 if field in self._fields else self.line)
        raise KnowledgeError(f"{self.file}, line {at}, {self.label}, field '{field}': {remedy}.")

    def allow_only(self, fields: Iterable[str]) -> None:
        """Refuse misspelt and unknown fields."""
        known = sorted(fields)
        for field, node in self._fields.items():
            if field not in known:
                self.refuse(field, f"is not known here; the fields are {', '.join(known)}", node.start_mark.line + 1)

    def optional(self, field: str) -> str | None:
        """Return a text as written, or None when the field is missing or empty."""
        node = self._fields.get(field)
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.refuse(field, "must be one text, not a list; write it on one line after the colon")
        written = str(node.value).strip()
        return None if written in ("", "null", "~") else written

    def text(self, field: str) -> str:
        """Return a text that must be there."""
        written = self.optional(field)
        if written is None:
            self.refuse(field, f"is missing or empty; add a line `{field}: …` to this entry")
        return written

    def one_of(self, field: str, choices: Sequence[str]) -> str:
        """Return a text that must be one of the choices."""
        written = self.text(field)
        if written not in choices:
            self.refuse(field, f"must be one of {', '.join(choices)}")
        return written

    def texts(self, field: str, *, required: bool = True) -> tuple[str, ...]:
        """Return a list of texts in file order; empty only when not required."""
        node = self._fields.get(field)
        if node is None and not required:
            return ()
        if not isinstance(node, yaml.SequenceNode) or (required and not node.value):
            self.refuse(field, f"must be a list, such as `{field}: [first, second]`")
        if any(not isinstance(item, yaml.ScalarNode) or not str(item.value).strip() for item in node.value):
            self.refuse(field, "must be a list of plain texts; put texts with special characters in quotation marks")
        return tuple(str(item.value).strip() for item in node.value)

    def whole_number(self, field: str, *, low: int, high: int) -> int:
        """Return a whole number between low and high, both included."""
        written = self.text(field)
        if not written.isdecimal() or not low <= int(written) <= high:
            self.refuse(field, f"must be a whole number from {low} to {high}")
        return int(written)

    def optional_whole_number(self, field: str, *, low: int, high: int) -> int | None:
        """Return a whole number, or None when the field is missing or empty."""
        return None if self.optional(field) is None else self.whole_number(field, low=low, high=high)

    def optional_day(self, field: str) -> date | None:
        """Return a date written as 2026-11-23, or None when the field is missing or empty."""
        written = self.optional(field)
        if written is None:
            return None
        try:
            return date.fromisoformat(written) if _DAY.fullmatch(written) else self.refuse(field, "must be a date like 2026-11-23")
        except ValueError:
            self.refuse(field, "is no day of the calendar; write year-month-day like 2026-11-23")

    def entry(self, field: str) -> Entry:
        """Return a mapping that must be there."""
        node = self._fields.get(field)
        if not isinstance(node, yaml.MappingNode):
            self.refuse(field, f"must hold fields of its own, indented below `{field}:`")
        return Entry(node, self.file, f"{self.label}, {field}")

    def entries(self, field: str, named_by: str) -> tuple[Entry, ...]:
        """Return a list of mappings in file order; `named_by` is the field that names an entry in messages."""
        node = self._fields.get(field)
        if not isinstance(node, yaml.SequenceNode):
            self.refuse(field, f"must be a list of entries, each beginning with `- {named_by}: …`")
        return _entries(node, self.file, named_by, f"{self.label}, ")

    def text_lists(self, field: str) -> Mapping[str, tuple[str, ...]]:
        """Return a mapping of names to lists of texts, such as `words: {pills: [pills, tablets]}`."""
        inner = self.entry(field)
        return {name: inner.texts(name) for name in inner.names}


def read_text(path: Path) -> str:
    """Return what a file holds. Raises: KnowledgeError when it is missing or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise KnowledgeError(f"{path.name}: the file is missing; restore it in {path.parent.name}/ from a release.") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise KnowledgeError(f"{path.name}: the file cannot be read; save it as UTF-8 text and check its permissions.") from exc


def read_document(path: Path) -> yaml.Node:
    """Return the root node of a YAML file.

    Raises: KnowledgeError when the file is missing, not UTF-8, empty or not YAML.
    """
    return parse_document(read_text(path), path.name)


def parse_document(text: str, file: str) -> yaml.Node:
    """Return the root node of a YAML text. file: the name that problems carry.

    Raises: KnowledgeError when the text is empty or not YAML.
    """
    try:
        root = yaml.compose(text, Loader=loader_for(text))
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise KnowledgeError(
            f"{file}, line {line}: not valid YAML ({exc.problem}). Check the indentation above; put texts with ':' or '#' in quotes."
        ) from exc
    except RecursionError as exc:
        raise KnowledgeError(f"{file}: entries are nested too deeply; look for lines that begin with many spaces or brackets.") from exc
    except yaml.YAMLError as exc:
        raise KnowledgeError(f"{file}: not valid YAML; look for control characters and save it again as plain text.") from exc
    if root is None:
        raise KnowledgeError(f"{file}, line 1: the file is empty; restore it from a release.")
    return root


def read_entry(path: Path) -> Entry:
    """Return a file whose top level is a mapping.

    Raises: KnowledgeError.
    """
    return parse_entry(read_text(path), path.name)


def parse_entry(text: str, file: str) -> Entry:
    """Return a text whose top level is a mapping. file: the name that problems carry.

    Raises: KnowledgeError.
    """
    root = parse_document(text, file)
    if not isinstance(root, yaml.MappingNode):
        raise KnowledgeError(f"{file}, line 1: the file must begin with a field name and a colon, not with a list.")
    return Entry(root, file, "the file")


def read_entries(path: Path, named_by: str) -> tuple[Entry, ...]:
    """Return the entries of a file whose top level is a list, in file order.

    Raises: KnowledgeError.
    """
    root = read_document(path)
    if not isinstance(root, yaml.SequenceNode):
        raise KnowledgeError(f"{path.name}, line 1: the file must be a list; begin each entry with `- {named_by}: …`.")
    return _entries(root, path.name, named_by, "")


def build_all(entries: Iterable[Entry], build: Callable[[Entry], Built]) -> tuple[Built, ...]:
    """Build every entry and report all mistakes of a file at once, one per line.

    Raises: KnowledgeError.
    """
    built: list[Built] = []
    problems: list[str] = []
    for entry in entries:
        try:
            built.append(build(entry))
        except KnowledgeError as exc:
            problems.append(str(exc))
    if problems:
        raise KnowledgeError("\n".join(problems))
    return tuple(built)


def _entries(node: yaml.SequenceNode, file: str, named_by: str, context: str) -> tuple[Entry, ...]:
    entries = []
    for position, item in enumerate(node.value, start=1):
        if not isinstance(item, yaml.MappingNode):
            raise KnowledgeError(f"{file}, line {item.start_mark.line + 1}: entry {position} must begin with `- {named_by}: …`.")
        name = next((value.value for key, value in item.value if key.value == named_by and isinstance(value, yaml.ScalarNode)), "")
        entries.append(Entry(item, file, f"{context}entry {position}" + (f" ({name})" if name else "")))
    return tuple(entries)
