"""Change single entries in the YAML files of `knowledge/` with ruamel.yaml, which keeps comments, order, quotes and spacing of the rest."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from companion.errors import KnowledgeError, NotFound
from companion.models_catalogue import EntryKey, EntryKind, Fields, FieldValue

_LOOKS_LIKE_A_NUMBER = re.compile(r"[\d\s:+*#.-]+")
_INDENTED_LIST = re.compile(r"^\w+:[ \t]*\n +- ", re.MULTILINE)
_LIKELY_OFFSETS = (2, 0)
_ON_ONE_LINE = frozenset({"topics", "languages", "rhythm", "roles", "goals", "projects"})


class YamlRoundTrip:
    """Read and change entries; fulfils `CatalogueText`."""

    def entries(self, text: str, kind: EntryKind, country: str = "") -> tuple[Fields, ...]:
        """Return the fields of all entries of a kind, in file order."""
        root = _shaped(_read(_yaml(0), text, kind), kind)
        return tuple({name: _plain(value) for name, value in entry.items() if name != "lines"} for entry in _list_of(root, kind, country))

    def with_entry(self, text: str, key: EntryKey, fields: Fields) -> str:
        """Return the text with exactly these fields in the entry; an unknown key adds an entry at the end."""
        root, yaml = _loaded(text, key.kind)
        entries = _list_of(root, key.kind, key.country)
        place = _place(entries, key)
        if place is None:
            _append(entries, _new(fields, key.kind))
        else:
            _set(entries[place], fields)
        return _written(yaml, root)

    def without_entry(self, text: str, key: EntryKey) -> str:
        """Return the text without the entry."""
        root, yaml = _loaded(text, key.kind)
        entries = _list_of(root, key.kind, key.country)
        place = _place(entries, key)
        if place is None:
            raise NotFound(f"{key.kind.file}: there is no {key.kind} {key.name!r} any more.")
        del entries[place]
        return _written(yaml, root)


def _yaml(sequence_offset: int) -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.allow_duplicate_keys = False
    yaml.width = 10**6  # never fold a line that a person wrote as one
    yaml.indent(mapping=2, sequence=2 + sequence_offset, offset=sequence_offset)
    return yaml


def _loaded(text: str, kind: EntryKind) -> tuple[Any, YAML]:
    """Return the document with a writer that writes it back as it stood, as far as its indentation is regular."""
    for offset in _LIKELY_OFFSETS if _INDENTED_LIST.search(text) else reversed(_LIKELY_OFFSETS):
        yaml = _yaml(offset)
        root = _shaped(_read(yaml, text, kind), kind)
        if _written(yaml, root) == text:
            break
    return root, yaml


def _read(yaml: YAML, text: str, kind: EntryKind) -> Any:
    try:
        return yaml.load(text)
    except YAMLError as exc:
        raise KnowledgeError(f"{kind.file}: not valid YAML. Mend it as text, or restore an earlier version.") from exc


def _shaped(root: Any, kind: EntryKind) -> Any:
    if not isinstance(root, CommentedSeq if kind in {EntryKind.GROUP, EntryKind.DOOR} else CommentedMap):
        raise KnowledgeError(f"{kind.file}: the file has another shape than the program knows. Restore an earlier version.")
    return root


def _list_of(root: Any, kind: EntryKind, country: str) -> CommentedSeq:
    if kind in {EntryKind.GROUP, EntryKind.DOOR}:
        return _listed(root)
    countries = _listed(root["countries"])
    if kind is EntryKind.COUNTRY:
        return countries
    found = next((entry for entry in countries if str(entry["code"]) == country), None)
    if found is None:
        raise NotFound(f"{kind.file}: there is no country {country!r} any more.")
    if "lines" not in found or found["lines"] is None:
        found["lines"] = CommentedSeq()
    return _listed(found["lines"])


def _listed(node: Any) -> CommentedSeq:
    if not isinstance(node, CommentedSeq):
        raise KnowledgeError("the file has another shape than the program knows. Restore an earlier version.")
    return node


def _place(entries: CommentedSeq, key: EntryKey) -> int | None:
    return next((place for place, entry in enumerate(entries) if str(entry.get(key.kind.named_by)) == key.name), None)


def _append(entries: CommentedSeq, entry: CommentedMap) -> None:
    if not entries:
        entries.fa.set_block_style()
    entries.append(entry)


def _set(entry: CommentedMap, fields: Fields) -> None:
    for name in [name for name in entry if name not in fields and name != "lines"]:
        del entry[name]
    for name, value in fields.items():
        if name not in entry or _plain(entry[name]) != value:
            _put(entry, name, value)


def _put(entry: CommentedMap, name: str, value: FieldValue) -> None:
    if isinstance(value, Mapping) and isinstance(entry.get(name), CommentedMap):
        _set(entry[name], value)
        return
    if name in entry or "lines" not in entry:
        entry[name] = _node(name, value)
    else:  # a country's own fields stand before its lines
        entry.insert(list(entry).index("lines"), name, _node(name, value))


def _new(fields: Fields, kind: EntryKind) -> CommentedMap:
    entry = CommentedMap()
    for name, value in fields.items():
        entry[name] = _node(name, value)
    if kind is EntryKind.COUNTRY:
        entry["lines"] = CommentedSeq()
    return entry


def _node(name: str, value: FieldValue) -> Any:
    node: CommentedMap | CommentedSeq
    if isinstance(value, Mapping):
        node = CommentedMap((inner, _node(inner, item)) for inner, item in value.items())
    elif isinstance(value, tuple):
        node = CommentedSeq(_node(name, item) for item in value)
    else:
        return _scalar(value)
    if name in _ON_ONE_LINE:
        node.fa.set_flow_style()
    return node


def _scalar(value: str | int) -> Any:
    # Other readers would take a number such as 0800 or a time for something else without its quotes.
    if isinstance(value, int):
        return value
    needs_quotes = _LOOKS_LIKE_A_NUMBER.fullmatch(value) or value.lower() in {"no", "yes", "on", "off"}
    return DoubleQuotedScalarString(value) if needs_quotes else value


def _plain(value: Any) -> FieldValue:
    if isinstance(value, CommentedMap):
        return {str(name): item if isinstance(item, int) else str(item) for name, item in value.items()}
    if isinstance(value, CommentedSeq):
        return tuple(str(item) for item in value)
    return value if isinstance(value, int) and not isinstance(value, bool) else ("" if value is None else str(value))


def _written(yaml: YAML, root: Any) -> str:
    out = io.StringIO()
    yaml.dump(root, out)
    return out.getvalue()
