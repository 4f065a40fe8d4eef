"""Load the rules that score a peer's lines, and the examples beside them, with errors that name line, field and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from companion.library.yaml_entries import Entry, read_entry
from companion.models_lines import LineLabel, LineRule, LineRules, NearestBars, QuestionRules
from companion.phrases import Phrases
from companion.spelling import Spelling

_LABELS = tuple(label.value for label in LineLabel if label is not LineLabel.OTHER and label is not LineLabel.CLOSED_QUESTION)
_TOP = ("version", "words", "spellings", "rules", "questions", "sure_reflections", "states_limit", "nearest")
_BARS = ("floor", "speaks_of_you", "echo")
_BY_EXAMPLE = (
    LineLabel.REFLECTION,
    LineLabel.AFFIRMATION,
    LineLabel.ADVICE_EARLY,
    LineLabel.MINIMISING,
    LineLabel.SECRECY_PROMISE,
    LineLabel.OTHER,
)
"""What a statement may be told by; questions, the one about suicide above all, are told by their words only."""
_Words = Mapping[str, tuple[str, ...]]


def load_line_rules(path: Path) -> LineRules:
    """Load `line_rules.yaml`.

    Raises: KnowledgeError.
    """
    root = read_entry(path)
    root.allow_only(_TOP)
    words = root.text_lists("words")
    written = root.entry("rules")
    written.allow_only(_LABELS)
    rules = {LineLabel(name): _rule(written.entry(name), words) for name in _LABELS}
    asked = root.entry("questions")
    asked.allow_only(("leads", "opens", "closes"))
    leads, opens, closes = (_phrases(asked, name, words) for name in ("leads", "opens", "closes"))
    sure, limit = _phrases(root, "sure_reflections", words), _phrases(root, "states_limit", words)
    spellings = root.entry("spellings")
    replaced = {name: spellings.text(name) for name in spellings.names}
    compiled = [sure, limit, leads, opens, closes, *(phrases for rule in rules.values() for phrases in _all_of(rule))]
    vocabulary = set[str]().union(*(phrases.vocabulary for phrases in compiled))
    nearest = root.entry("nearest")
    nearest.allow_only(_BARS)
    return LineRules(
        version=root.text("version"),
        spelling=Spelling(vocabulary - replaced.keys(), replaced, ()),
        rules=rules,
        questions=QuestionRules(leads, opens, closes),
        sure_reflections=sure,
        states_limit=limit,
        bars=NearestBars(**{name: _share(nearest, name) for name in _BARS}),
    )


def load_example_lines(path: Path) -> tuple[tuple[str, LineLabel], ...]:
    """Load `lines.yaml`: example sentences with their labels, in file order.

    Raises: KnowledgeError, also when a label has no example, or a sentence stands under two.
    """
    root = read_entry(path)
    root.allow_only(label.value for label in _BY_EXAMPLE)
    found: dict[str, LineLabel] = {}
    for label in _BY_EXAMPLE:
        for text in root.texts(label.value):
            if found.setdefault(text, label) is not label:
                root.refuse(label.value, f"'{text[:40]}' also stands under {found[text].value}; keep it under one label")
    return tuple(found.items())


def _rule(entry: Entry, words: _Words) -> LineRule:
    entry.allow_only(("phrases", "unless", "unless_asked"))
    undone = _phrases(entry, "unless", words) if "unless" in entry.names else None
    asked = _phrases(entry, "unless_asked", words) if "unless_asked" in entry.names else None
    return LineRule(_phrases(entry, "phrases", words), undone, asked)


def _phrases(entry: Entry, field: str, words: _Words) -> Phrases:
    try:
        return Phrases(entry.texts(field), words)
    except ValueError as exc:
        entry.refuse(field, f"{exc}; the forms are explained at the top of the file")


def _share(entry: Entry, field: str) -> float:
    written = entry.text(field)
    try:
        share = float(written)
    except ValueError:
        entry.refuse(field, "must be a number from 0 to 1, such as 0.6")
    if not 0 <= share <= 1:
        entry.refuse(field, "must be a number from 0 to 1, such as 0.6")
    return share


def _all_of(rule: LineRule) -> list[Phrases]:
    return [phrases for phrases in (rule.phrases, rule.unless, rule.unless_asked) if phrases is not None]
