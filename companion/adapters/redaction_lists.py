"""Read `knowledge/redaction.yaml`: what this deployment wants hidden, and what it never wants hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from companion.errors import KnowledgeError
from companion.library.quick_yaml import quick_load
from companion.models import EntityType

_KINDS: Mapping[str, EntityType] = {
    "sites": EntityType.LOCATION,
    "organisations": EntityType.ORGANISATION,
    "systems": EntityType.ORGANISATION,
    "projects": EntityType.PROJECT,
    "people": EntityType.PERSON,
}
_SIGNS: Mapping[str, str] = {"9": r"\d", "A": "[A-Za-z]", "*": "[A-Za-z0-9]"}


@dataclass(frozen=True, slots=True)
class RedactionLists:
    """Hold a deployment's own lists.

    hide: names by kind. keep: single words, lower case. id_shapes: like "EMP-99999", where 9 is a digit, A a letter and * either.
    """

    hide: Mapping[EntityType, tuple[str, ...]] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()
    id_shapes: tuple[str, ...] = ()

    def id_pattern(self) -> re.Pattern[str] | None:
        """Return one pattern for all id shapes, or None when there are none."""
        if not self.id_shapes:
            return None
        shapes = ("".join(_SIGNS.get(sign, re.escape(sign)) for sign in shape) for shape in self.id_shapes)
        return re.compile(rf"(?<!\w)(?:{'|'.join(shapes)})(?!\w)", re.IGNORECASE)


def load_redaction_lists(path: Path) -> RedactionLists:
    """Return the lists of a file; empty ones when there is no such file.

    Raises: KnowledgeError naming the file, the line or key, and the remedy.
    """
    if not path.exists():
        return RedactionLists()
    try:
        loaded = quick_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as exc:
        line = getattr(getattr(exc, "problem_mark", None), "line", 0) + 1
        raise KnowledgeError(f"{path.name}, line {line}: not readable as YAML. Put names that hold a colon or a quote in quotes.") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise KnowledgeError(f"{path.name}: cannot be read as a UTF-8 text file.") from exc
    if not isinstance(loaded, dict) or not isinstance(loaded.get("hide", {}) or {}, dict):
        raise KnowledgeError(f"{path.name}, line 1: must hold the keys `hide`, `keep` and `id_shapes`.")
    hide = loaded.get("hide") or {}
    unknown = sorted((set(loaded) - {"hide", "keep", "id_shapes"}) | (set(hide) - set(_KINDS)), key=str)
    if unknown:
        raise KnowledgeError(
            f"{path.name}: unknown key `{unknown[0]}`. Under `hide` stand {', '.join(_KINDS)}; beside it `keep` and `id_shapes`."
        )
    found: dict[EntityType, tuple[str, ...]] = {}
    for key, kind in _KINDS.items():
        found[kind] = found.get(kind, ()) + _names(path, key, hide.get(key))
    keep = frozenset(word for name in _names(path, "keep", loaded.get("keep")) for word in name.casefold().split())
    return RedactionLists(hide=found, keep=keep, id_shapes=_names(path, "id_shapes", loaded.get("id_shapes")))


def _names(path: Path, key: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) and len(item.strip()) > 1 for item in value):
        raise KnowledgeError(f"{path.name}: `{key}` must be a list of names, each on its own line after a dash, of two letters or more.")
    return tuple(item.strip() for item in value)
