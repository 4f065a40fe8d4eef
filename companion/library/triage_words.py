"""Load triage's rules and training exemplars from `knowledge/`, with errors that name file, line, entry, field and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from companion.errors import KnowledgeError
from companion.library.yaml_entries import Entry, build_all, parse_entry, read_entry, read_text
from companion.models import TriageLevel
from companion.phrases import Phrases, Wording
from companion.spelling import Spelling
from companion.stages.triage import ClassifierBars, Combination, RiskRule, Softener, TriageRules

_LEVELS = tuple(level.value for level in TriageLevel)
_SAY = ("rules_alone", "confirmed", "earlier_risk", "classifier_siren", "classifier_concern", "classifier_imminent")
_TOP = (
    "version", "reviewed_by", "words", "spellings", "typo_tolerant", "look_alikes", "rules", "softeners", "combinations",
    "confirming_answers", "safe_answers", "denials", "asks_for_person", "classifier", "say",
)  # fmt: skip
_LISTS = ("confirming_answers", "safe_answers", "denials", "asks_for_person")
_Words = Mapping[str, tuple[str, ...]]


def load_triage_rules(path: Path) -> TriageRules:
    """Load `triage_rules.yaml`. The turn and the everyday exemplars both ask for them when a server starts; they are compiled once.

    Raises: KnowledgeError.
    """
    return _rules_of(read_text(path), path.name)


@lru_cache(maxsize=4)
def _rules_of(text: str, file: str) -> TriageRules:
    root = parse_entry(text, file)
    root.allow_only(_TOP)
    words = root.text_lists("words")
    looks = root.entries("look_alikes", "reason")
    look_alikes = _compiled(root, "look_alikes", [p for entry in looks for p in entry.texts("phrases")], words)
    softeners = build_all(root.entries("softeners", "id"), lambda entry: _softener(entry, words))
    known = frozenset(softener.id for softener in softeners)
    rules = build_all(root.entries("rules", "id"), lambda entry: _rule(entry, words, known))
    lists = {name: _compiled(root, name, root.texts(name, required=name != "denials"), words) for name in _LISTS}
    spelling = _spelling(root, [look_alikes, *(rule.phrases for rule in rules), *lists.values(), *_all_of(softeners)])
    say = root.entry("say")
    return TriageRules(
        version=root.text("version"),
        spelling=spelling,
        look_alikes=look_alikes,
        rules=rules,
        softeners=softeners,
        combinations=build_all(root.entries("combinations", "reason"), _combination),
        confirming_answers=lists["confirming_answers"],
        safe_answers=lists["safe_answers"],
        denials=lists["denials"],
        bars=_bars(root.entry("classifier")),
        say={name: say.text(name) for name in _SAY},
        person_requests=Wording(lists["asks_for_person"], spelling),
    )


def load_exemplars(folder: Path) -> tuple[tuple[str, TriageLevel], ...]:
    """Load every `exemplars/*.yaml`: messages to train the classifier on, with their levels, by file name and in file order.

    A message that stands twice counts once.

    Raises: KnowledgeError, also when no file holds a message, or one message has two levels.
    """
    found: dict[str, TriageLevel] = {}
    for path in exemplar_files(folder):
        root = read_entry(path)
        root.allow_only(_LEVELS)
        for level in TriageLevel:
            for text in root.texts(level.value, required=False):
                if found.setdefault(text, level) is not level:
                    root.refuse(level.value, f"'{text[:40]}' also stands under {found[text].value}; keep it under one level")
    if not found:
        raise KnowledgeError(f"{folder.name}/: holds no exemplars of triage; restore triage.yaml.")
    return tuple(found.items())


def exemplar_files(folder: Path) -> tuple[Path, ...]:
    """Return the files from which `load_exemplars` reads, by name; empty when the folder is missing."""
    return tuple(sorted(folder.glob("*.yaml")))


def _rule(entry: Entry, words: _Words, softeners: frozenset[str]) -> RiskRule:
    entry.allow_only(("id", "level", "reason", "phrases", "sign", "softened_by", "about_other", "covers"))
    softened_by = frozenset(entry.texts("softened_by", required=False))
    if softened_by - softeners:
        entry.refuse("softened_by", f"names {', '.join(sorted(softened_by - softeners))}, which is not in the list of softeners")
    return RiskRule(
        id=entry.text("id"),
        level=TriageLevel(entry.one_of("level", _LEVELS)),
        reason=entry.text("reason"),
        phrases=_compiled(entry, "phrases", entry.texts("phrases"), words),
        sign=entry.optional("sign"),
        softened_by=softened_by,
        about_other=(entry.optional("about_other") or "no") == "yes",
        covers=(entry.optional("covers") or "no") == "yes",
    )


def _softener(entry: Entry, words: _Words) -> Softener:
    entry.allow_only(("id", "becomes", "reason", "phrases", "also", "unless"))
    optional = {name: entry.texts(name, required=False) for name in ("also", "unless")}
    return Softener(
        id=entry.text("id"),
        becomes=TriageLevel(entry.one_of("becomes", ("none", "concern"))),
        reason=entry.text("reason"),
        phrases=_compiled(entry, "phrases", entry.texts("phrases"), words),
        also=_compiled(entry, "also", optional["also"], words) if optional["also"] else None,
        unless=_compiled(entry, "unless", optional["unless"], words) if optional["unless"] else None,
    )


def _combination(entry: Entry) -> Combination:
    entry.allow_only(("reason", "signs", "level"))
    return Combination(frozenset(entry.texts("signs")), TriageLevel(entry.one_of("level", _LEVELS)), entry.text("reason"))


def _bars(entry: Entry) -> ClassifierBars:
    likely = ("siren", "siren_imminent", "beside_concern", "concern", "imminent")
    names = (*likely, "tamed_siren", "tamed_concern", "cleared", "reader_share", "reader_share_elsewhere")
    entry.allow_only(names)
    return ClassifierBars(**{name: _share(entry, name) for name in names})


def _share(entry: Entry, field: str) -> float:
    try:
        share = float(entry.text(field))
    except ValueError:
        entry.refuse(field, "must be a number from 0 to 1, such as 0.85")
    if not 0 <= share <= 1:
        entry.refuse(field, "must be a number from 0 to 1, such as 0.85")
    return share


def _compiled(entry: Entry, field: str, phrases: tuple[str, ...] | list[str], words: _Words) -> Phrases:
    try:
        return Phrases(phrases, words)
    except ValueError as exc:
        entry.refuse(field, f"{exc}; the forms are explained at the top of the file")


def _spelling(root: Entry, compiled: list[Phrases]) -> Spelling:
    vocabulary = set().union(*(phrases.vocabulary for phrases in compiled))
    spellings = root.entry("spellings")
    replaced = {name: spellings.text(name) for name in spellings.names}
    unreachable = sorted(vocabulary & replaced.keys())
    if unreachable:
        remedy = "; ".join(f"write '{replaced[word]}' instead of '{word}'" for word in unreachable)
        root.refuse("spellings", f"changes words that stand in phrases, so these phrases would never be found: {remedy}")
    return Spelling(vocabulary, replaced, root.texts("typo_tolerant"))


def _all_of(softeners: tuple[Softener, ...]) -> list[Phrases]:
    return [phrases for each in softeners for phrases in (each.phrases, each.also, each.unless) if phrases is not None]
