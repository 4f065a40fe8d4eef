"""What keeps an edit of fixed words and prompts safe: nothing that the program fills in or points at gets lost, and nothing stays "read" unread.

A leaf of plain functions; `curation/words_desk.py` uses them when a text is looked at and when it is published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

FIXED = "prompts/fixed/"
NOT_READ = "nobody yet; a clinician must read this before use"
"""What stands as `reviewed_by` until somebody with the training has read the words."""
_CLINICAL = ("crisis_", "harm_", "triage_down", "redaction_down", "aftercare", "protocol")
_GAP = re.compile(r"\{[a-z_]+\}")
_VERSION = re.compile(r"^(version: *)(\d+)[ \t]*$", re.MULTILINE)
_REVIEWED_BY = re.compile(r"^reviewed_by:.*$", re.MULTILINE)
_REVIEWED_ON = re.compile(r"^reviewed_on:.*$", re.MULTILINE)
_POINTERS = {
    "crisis lines": re.compile(r"\blines\b", re.IGNORECASE),
    "emergency number": re.compile(r"\bemergency number\b", re.IGNORECASE),
    "Talk to a person": re.compile(r"\btalk to a person\b|\ba (?:peer|person)\b", re.IGNORECASE),
}
"""What crisis words must go on pointing at; the page puts the lines of the country beside them."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Hold something that an edit loses. kind: "gap", "pointer" or "entry"; each has its words in `prompts/fixed/console_words.yaml`."""

    kind: str
    what: str


def needs_clinician(path: str) -> bool:
    """Tell whether the words of a file meet people in danger, so that a clinician must read them before use."""
    return path.startswith(FIXED) and path.removeprefix(FIXED).startswith(_CLINICAL)


def losses(path: str, before: str, after: str) -> tuple[Loss, ...]:
    """Return what the program fills in, shows or points at before an edit and would not after it; empty when nothing is lost."""
    return tuple(_losses(path, before, after))


def _losses(path: str, before: str, after: str) -> Iterator[Loss]:
    yield from (Loss("gap", gap) for gap in sorted(set(_GAP.findall(before)) - set(_GAP.findall(after))))
    if path.endswith(".yaml"):
        yield from (Loss("entry", name) for name in sorted(_names(before) - _names(after)))
    if needs_clinician(path):
        for name, pattern in _POINTERS.items():
            if pattern.search(before) and not pattern.search(after):
                yield Loss("pointer", name)


def _names(text: str) -> set[str]:
    """Return the names of all entries that are no list, "kinds.safety" for one within another; none of a text that is no YAML."""
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError:
        return set()
    return set(_below(read, "")) if isinstance(read, Mapping) else set()


def _below(entries: Mapping[object, object], above: str) -> Iterator[str]:
    for name, value in entries.items():
        yield f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _below(value, f"{above}{name}.")


def is_same_but_facts(before: str, after: str) -> bool:
    """Tell whether nothing but the version and who has read it differs, as when a clinician signs."""
    return _without_facts(before) == _without_facts(after)


def as_changed(before: str, after: str) -> str:
    """Return a text with its version raised and, where other words were read by somebody, marked as not read yet.

    A text whose words stayed as they were is returned as it is.
    """
    if is_same_but_facts(before, after):
        return after
    old, new = _VERSION.search(before), _VERSION.search(after)
    if old and new and int(new[2]) <= int(old[2]):
        after = _VERSION.sub(rf"\g<1>{int(old[2]) + 1}", after, count=1)
    if _REVIEWED_ON.search(after):  # prompts for a model have an author alone
        after = _REVIEWED_BY.sub(f'reviewed_by: "{NOT_READ}"', after, count=1)
        after = _REVIEWED_ON.sub('reviewed_on: ""', after, count=1)
    return after


def _without_facts(text: str) -> str:
    for fact in (_VERSION, _REVIEWED_BY, _REVIEWED_ON):
        text = fact.sub("", text, count=1)
    return text.strip()
