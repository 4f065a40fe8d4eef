"""The output rules of `prompts/guards.yaml`, compiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from companion.clauses import stem_of
from companion.evidence import runs

PROMPT_RUN_WORDS = 5
"""So many words in a row of the model's own instructions are a leak of them. Chosen by us: no quote of the library shares as many."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold one output rule: what matches is not shown (`banned`) or needs the same string in the cited passage (`verbatim_only`).

    own_words: whether the rule is about what the program says itself, so that a quote of the cited passage, word for word, is free of it.
    statements: whether a question may touch it.
    """

    id: str
    pattern: re.Pattern[str]
    own_words: bool = False
    statements: bool = False


@dataclass(frozen=True, slots=True)
class GuardRules:
    """Hold the output rules.

    banned, verbatim_only, needs_source: in the order in which they are looked at; the last are topics of which nothing is said without a source.
    reflections, questions: how a sentence without a source may begin, and
    which words make it a question; None means any. opposites: two sides each, stems of which those of one exclude those of the other.
    capitals: words that may be written with a capital inside a sentence. names: given names and surnames that are hardly ever anything else, lower case.
    prompt_runs: runs of words of the instructions that a model gets. is_word: tells English words, in lower case; everyday: those it lacks.
    """

    banned: tuple[Rule, ...]
    verbatim_only: tuple[Rule, ...]
    reflections: re.Pattern[str] | None = None
    questions: re.Pattern[str] | None = None
    suggestions: re.Pattern[str] | None = None
    opposites: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()
    capitals: frozenset[str] = frozenset()
    names: frozenset[str] = field(default=frozenset(), repr=False)
    prompt_runs: frozenset[tuple[str, ...]] = field(default=frozenset(), repr=False)
    everyday: frozenset[str] = frozenset()
    is_word: Callable[[str], bool] | None = None
    needs_source: tuple[Rule, ...] = ()


def rules_from(
    entries: Mapping[str, object], *, names: frozenset[str] = frozenset(), prompt: str = "", is_word: Callable[[str], bool] | None = None
) -> GuardRules:
    """Return the rules written in `prompts/guards.yaml`.

    names, is_word: see GuardRules. prompt: the instructions that a model gets, which no reply may repeat.

    Raises: KeyError, re.error or TypeError for malformed entries; the caller names the file.
    """
    return GuardRules(
        _rules(entries, "banned"),
        _rules(entries, "verbatim_only"),
        _any_of(entries, "reflections", r"\A\W*(?:{})"),
        _any_of(entries, "questions", r"\b(?:{})\b"),
        _any_of(entries, "suggestions", r"\A\W*(?:{})"),
        tuple(_sides(str(row)) for row in _rows(entries.get("opposites", []), "opposites")),
        frozenset(str(word) for word in _rows(entries.get("capitals", []), "capitals")),
        names,
        _instruction_runs(prompt),
        frozenset(str(word) for word in _rows(entries.get("everyday", []), "everyday")),
        is_word,
        _rules(entries, "needs_source") if "needs_source" in entries else (),
    )


def _sides(row: str) -> tuple[frozenset[str], frozenset[str]]:
    one, bar, other = row.partition("|")
    if not bar or not one.strip() or not other.strip():
        raise TypeError(f'opposites: "{row}" has no two sides. Write "before | after".')
    return _stems_in(one), _stems_in(other)


def _stems_in(side: str) -> frozenset[str]:
    return frozenset(stem_of(word.strip()) for word in side.split(","))


def _instruction_runs(prompt: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of words that a reply may not repeat: all but those in quotation marks, which the prompt offers to be written."""
    offered = (runs(words, PROMPT_RUN_WORDS) for words in re.findall(r'"([^"\n]+)"', prompt))
    return runs(prompt, PROMPT_RUN_WORDS).difference(*offered)


def _rules(entries: Mapping[str, object], name: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            str(row["id"]),
            re.compile(str(row["pattern"]), re.IGNORECASE),
            bool(row.get("own_words")),
            statements=bool(row.get("statements")),
        )
        for row in _rows(entries[name], name)
    )


def _any_of(entries: Mapping[str, object], name: str, frame: str) -> re.Pattern[str] | None:
    if name not in entries:
        return None
    patterns = "|".join(f"(?:{pattern})" for pattern in _rows(entries[name], name))
    return re.compile(frame.replace("{}", patterns), re.IGNORECASE)


def _rows(value: object, name: str) -> list[dict[str, object]]:
    if not isinstance(value, list):
        raise TypeError(f"{name}: expected a list")
    return value
