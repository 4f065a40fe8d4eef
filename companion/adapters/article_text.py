"""Take an article's text apart into facts and words, and put it together again with only what changed being different."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from companion.models_curation import ArticleFacts, FactValue

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)(.*)\Z", re.DOTALL)
_DATES = frozenset({"reviewed_on", "review_by"})
_ON_ONE_LINE = frozenset({"topics"})
_SPOKEN = frozenset({"asked_as"})


class ArticleRoundTrip:
    """Split and join articles; fulfils `ArticleText`."""

    def split(self, text: str) -> tuple[ArticleFacts, str] | None:
        """Return the facts and the words of an article, or None when the facts cannot be read."""
        read = _read(text)
        if read is None:
            return None
        root, body = read
        return {str(name): _plain(value) for name, value in root.items()}, body.strip()

    def joined(self, text: str, facts: ArticleFacts, body: str) -> str:
        """Return the text with these facts and words; facts that are the same stay as they are written, empty ones go."""
        root, _ = _read(text) or (CommentedMap(), "")
        for name in [name for name in root if facts.get(str(name)) in (None, "", ())]:
            del root[name]
        for name, value in facts.items():
            if value not in ("", ()) and (name not in root or _plain(root[name]) != value):
                root[name] = _node(name, value)
        out = io.StringIO()
        _yaml().dump(root, out)
        return f"---\n{out.getvalue()}---\n{body.strip()}\n"


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10**6
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _read(text: str) -> tuple[CommentedMap, str] | None:
    match = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    if match is None:
        return None
    try:
        root = _yaml().load(match[1])
    except (YAMLError, ValueError):
        return None
    return (root, match[2]) if isinstance(root, CommentedMap) else None


def _plain(value: Any) -> FactValue:
    if isinstance(value, CommentedSeq):
        items = [_plain(item) for item in value]
        if all(isinstance(item, Mapping) for item in items):
            return tuple(item for item in items if isinstance(item, Mapping))
        return tuple(str(item) for item in items)
    if isinstance(value, CommentedMap):
        return {str(name): "" if item is None else str(item) for name, item in value.items()}
    return "" if value is None else str(value)


def _node(name: str, value: FactValue) -> Any:
    if isinstance(value, tuple):
        items = CommentedSeq(CommentedMap(_source(item)) if isinstance(item, Mapping) else _line(name, item) for item in value)
        if name in _ON_ONE_LINE:
            items.fa.set_flow_style()
        return items
    if name in _DATES and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value  # the reader names what is wrong with it
    return value


def _source(fields: Mapping[str, str]) -> dict[str, object]:
    return {name: int(value) if name == "year" and value.isdecimal() else value for name, value in fields.items() if value}


def _line(name: str, text: str) -> object:
    return DoubleQuotedScalarString(text) if name in _SPOKEN else text
