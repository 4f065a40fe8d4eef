"""What an edit of the library would change for the people who ask: a list of questions, answered before and after.

The questions are the development half of the evaluation data. Its test half is left alone: a coordinator who saw it while editing would tune
the library on the very questions that are to judge it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from companion.curation.reply_faults import Banned, faults_of
from companion.errors import KnowledgeError
from companion.models import Turn
from companion.models_groups import group_key

_FILES = ("retrieval.jsonl", "groups.jsonl", "reply.jsonl", "triage.jsonl")
_SPLIT = "dev"
MOST_PER_FILE = 150
"""Chosen by us: all files together are then answered twice within about half a minute, and a coordinator waits for it. `python -m evals` asks
every question."""


class ChangeKind(StrEnum):
    """Say what changed for a question, weightiest first."""

    SAFETY = "safety"
    ANSWERED = "answered"
    CITATION = "citation"
    GROUPS = "groups"
    WORDING = "wording"


class Verdict(StrEnum):
    """Say whether a labelled question came out better or worse; unknown without a label."""

    BETTER = "better"
    WORSE = "worse"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """Hold one question. history: earlier messages. relevant: ids of articles that answer it, best first. level: right triage level.

    is_of_the_library: whether the library should have an answer, also where no article is named. groups: keys of the groups that fit, empty when
    none does, None when nobody said. embarrassing: keys of groups that would hurt or puzzle.
    """

    id: str
    text: str
    history: tuple[str, ...] = ()
    relevant: tuple[str, ...] = ()
    level: str | None = None
    is_of_the_library: bool = False
    groups: frozenset[str] | None = None
    embarrassing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what a person would have been shown. groups: their names. group_keys: what they are known by, whatever their names are.

    faults: what a reader would hold against the reply (`reply_faults.py`).
    """

    level: str
    covered: bool
    cited: tuple[str, ...]
    groups: tuple[str, ...]
    reply: str
    faults: frozenset[str] = frozenset()
    group_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Hold one question that comes out differently."""

    question: Question
    before: Outcome
    after: Outcome
    kind: ChangeKind
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Effect:
    """Hold what an edit does. asked: how many questions were put. changes: weightiest kind first."""

    asked: int
    changes: tuple[Change, ...]

    def of_kind(self, kind: ChangeKind) -> tuple[Change, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)

    @property
    def worse(self) -> tuple[Change, ...]:
        """Return the changes for the worse."""
        return tuple(change for change in self.changes if change.verdict is Verdict.WORSE)


Respond = Callable[[Question], Turn | None]
"""Answer a question in a fresh chat; None when it is refused."""


def read_questions(folder: Path) -> tuple[Question, ...]:
    """Return the questions of a folder of evaluation data.

    Raises: KnowledgeError when none of the files is there or a row is damaged.
    """
    files = [folder / name for name in _FILES if (folder / name).is_file()]
    if not files:
        raise KnowledgeError(f"{folder.name}: no questions to try an edit on. Set COMPANION_PREVIEW_QUESTIONS_DIR to evals/datasets.")
    return tuple(question for file in files for question in _spread(list(_read(file))))


def _spread(questions: list[Question]) -> list[Question]:
    """Return at most `MOST_PER_FILE` questions, taken evenly from the whole, the same ones each time."""
    step = max(1, -(-len(questions) // MOST_PER_FILE))
    return questions[::step]


def _read(file: Path) -> Iterator[Question]:
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            if row["split"] == _SPLIT:
                yield _question(row)
        except (ValueError, KeyError, TypeError) as exc:
            raise KnowledgeError(f"{file.name}:{number}: the row cannot be read. Restore the file from the repository.") from exc


def _question(row: Mapping[str, object]) -> Question:
    level = row.get("level")
    relevant, has_answer = _texts(row, "relevant"), bool(row.get("must_points"))
    groups = _keys(row, "groups") if "groups" in row else None
    about = (relevant, str(level) if level else None, has_answer, groups, _keys(row, "embarrassing"))
    return Question(str(row["id"]), str(row["text"]), _texts(row, "history"), *about)


def _keys(row: Mapping[str, object], name: str) -> frozenset[str]:
    return frozenset(group_key(group) for group in _texts(row, name))


def _texts(row: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = row.get(name) or []
    if not isinstance(found, list):
        raise TypeError(name)
    return tuple(str(item) for item in found)


def effect_of(
    questions: tuple[Question, ...],
    before: Respond,
    after: Respond,
    *,
    say: Callable[[int], None],
    is_stopped: Callable[[], bool],
    banned: Banned | None = None,
) -> Effect:
    """Return what comes out differently.

    say: told how many questions are done. is_stopped: asked before each question; once it says yes, what is known so far is returned.
    banned: names the rule in use that a text breaks; the edit's own rules judge nothing, or deleting a rule would make replies better.
    """
    changes: list[Change] = []
    asked = 0
    for question in questions:
        if is_stopped():
            break
        old, new = outcome_of(before(question), banned), outcome_of(after(question), banned)
        kind = kind_of_change(old, new)
        if kind is not None:
            changes.append(Change(question, old, new, kind, verdict_on(question, old, new)))
        asked += 1
        say(asked)
    order = list(ChangeKind)
    return Effect(asked, tuple(sorted(changes, key=lambda change: order.index(change.kind))))


def outcome_of(turn: Turn | None, banned: Banned | None = None) -> Outcome:
    """Return what a person was shown in a turn; a refused message shows nothing."""
    if turn is None:
        return Outcome("refused", False, (), (), "")
    cited = tuple(dict.fromkeys(citation.passage.doc for citation in turn.reply.citations))
    groups = tuple(match.group.name for match in turn.groups)
    level, text, keys = turn.triage.level.value, turn.reply.text, tuple(match.group.key for match in turn.groups)
    return Outcome(level, turn.reply.covered, cited, groups, text, faults_of(text, level, is_quoted=bool(cited), banned=banned), keys)


def kind_of_change(before: Outcome, after: Outcome) -> ChangeKind | None:
    """Return the weightiest thing that differs, or None when a person would see the same."""
    if before.level != after.level:
        return ChangeKind.SAFETY
    if before.covered != after.covered:
        return ChangeKind.ANSWERED
    if before.cited != after.cited:
        return ChangeKind.CITATION
    if before.group_keys != after.group_keys:
        return ChangeKind.GROUPS
    return ChangeKind.WORDING if before.reply != after.reply else None


def verdict_on(question: Question, before: Outcome, after: Outcome) -> Verdict:
    """Return whether a question came out better or worse: by its label, and where that tells nothing, by the faults of the reply."""
    by_label = Verdict.UNKNOWN
    if question.level is not None:
        by_label = _compared(_miss(question.level, before.level), _miss(question.level, after.level))
    elif question.relevant:
        by_label = _compared(_place(question, before), _place(question, after))
    elif question.groups is not None:
        by_label = _compared(_mismatch(question, before), _mismatch(question, after))
    elif question.is_of_the_library:
        by_label = _compared(int(not before.covered), int(not after.covered))
    return by_label if by_label is not Verdict.UNKNOWN else _compared(len(before.faults), len(after.faults))


def _compared(before: int, after: int) -> Verdict:
    """Compare two distances from what is right: smaller is better."""
    return Verdict.UNKNOWN if before == after else Verdict.BETTER if after < before else Verdict.WORSE


def _miss(right: str, level: str) -> int:
    return 0 if level == right else 1


def _mismatch(question: Question, outcome: Outcome) -> int:
    """Return 0 when a group that fits is suggested, or none where none fits; 1 when not; 2 when one hurts or puzzles."""
    shown, fitting = set(outcome.group_keys), question.groups or frozenset()
    if shown & question.embarrassing:
        return 2
    return 0 if (shown & fitting if fitting else not shown) else 1


def _place(question: Question, outcome: Outcome) -> int:
    """Return at which place of the citations a right article stands; beyond the last one when none does."""
    places = [place for place, doc in enumerate(outcome.cited) if doc in question.relevant]
    return min(places, default=len(outcome.cited) + 1 if outcome.cited else 9)
