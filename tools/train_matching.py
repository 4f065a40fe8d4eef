"""Learn how much each sign of `companion/group_fit.py` counts, and print the weights to be written there.

Run from the repository's root after a change of the signs or of the messages: `PYTHONPATH=. python tools/train_matching.py` (some minutes). It reads
tools/matching_messages.yaml, the messages outside the library in evals/datasets/retrieval.jsonl (dev), and the groups' own sayings, a tenth of them
at a time, which are then missing from the groups. It never reads a test row or evals/datasets/groups.jsonl; what comes out is judged there.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from companion.bootstrap import App, build
from companion.errors import InputRefused
from companion.group_fit import FitWeights
from companion.models import TriageLevel
from companion.session import ChatSession
from companion.settings import ROOT, load_settings, silence_vendors
from companion.stages.matching import GroupQuery, GroupShelf, shelve_groups, signs_of

MESSAGES = ROOT / "tools" / "matching_messages.yaml"
SIGNS = [each.name for each in fields(FitWeights) if each.name != "base"]
FOLDS = 10
SAYING_COUNTS = 0.3
"""How much a saying counts beside a message: sayings of one author resemble each other more than people's messages do. Chosen by us."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Hold a message and the name of the group it fits, "" for none. before: an earlier message. counts: its weight."""

    text: str
    group: str
    before: tuple[str, ...] = ()
    counts: float = 1.0


def main() -> None:
    """Ask a Companion for each message, fit, and print the weights."""
    silence_vendors()
    with tempfile.TemporaryDirectory() as folder:
        app = build(load_settings(state_dir=Path(folder), openai_base_url=None, openai_api_key=None))
        app.warm_up()
        whole = app.parts.groups()
        lessons = [(query, whole, lesson) for lesson in written() if (query := asked(app, lesson))]
        lessons += list(held_out(app, whole))
        app.parts.close()
    rows = np.array([[signs[name] for name in SIGNS] for query, shelf, _ in lessons for signs in english(query, shelf)])
    fits = np.array([name == lesson.group for _, shelf, lesson in lessons for name in names(shelf)])
    counts = np.array([lesson.counts for _, shelf, lesson in lessons for _ in names(shelf)])
    scale = StandardScaler().fit(rows)
    model = LogisticRegression(max_iter=2000).fit(scale.transform(rows), fits, sample_weight=counts)
    weights = model.coef_[0] / scale.scale_
    base = model.intercept_[0] - float(weights @ scale.mean_)
    print(f"{len(lessons)} messages: base={base:.2f}, " + ", ".join(f"{name}={w:.2f}" for name, w in zip(SIGNS, weights, strict=True)))


def written() -> Iterator[Lesson]:
    """Yield the messages that were written for learning, and those outside the library."""
    found = yaml.safe_load(MESSAGES.read_text(encoding="utf-8"))
    for group, texts in found["by_group"].items():
        yield from (Lesson(text, "" if group == "none" else group) for text in texts)
    yield from (Lesson(text, "" if group == "none" else group, (before,)) for before, text, group in found["after"])
    for line in (ROOT / "evals" / "datasets" / "retrieval.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["split"] == "dev" and not row["relevant"]:
            yield Lesson(row["text"], "", tuple(row.get("history", ())))


def held_out(app: App, whole: GroupShelf) -> Iterator[tuple[GroupQuery, GroupShelf, Lesson]]:
    """Yield each English saying with a shelf that lacks it."""
    for fold in range(FOLDS):
        kept = tuple(
            replace(group, asked_as=tuple(saying for row, saying in enumerate(group.asked_as) if row % FOLDS != fold))
            for group in whole.groups
        )
        shelf = shelve_groups(kept, whole.topic_labels, whole.reasons, app.parts.embedder().embed_passages)
        for group in whole.groups:
            for saying in group.asked_as[fold::FOLDS] if group.language == "en" else ():
                lesson = Lesson(saying, group.name, counts=SAYING_COUNTS)
                if query := asked(app, lesson):
                    yield query, shelf, lesson


def asked(app: App, lesson: Lesson) -> GroupQuery | None:
    """Return what a message asks of the groups, or None when it asks nothing: triage or a fixed answer has the word."""
    session = ChatSession()
    try:
        for earlier in lesson.before:
            app.companion.respond(earlier, session)
        turn = app.companion.respond(lesson.text, session)
    except InputRefused:
        return None
    if turn.triage.level is not TriageLevel.NONE:
        return None
    said = tuple(exchange.message for exchange in session.exchanges)
    return GroupQuery(app.parts.embedder().embed_message(turn.message), turn.topics, said, in_context=session.searched_with)


def english(query: GroupQuery, shelf: GroupShelf) -> Iterator[dict[str, float]]:
    """Yield the signs of the groups that speak English."""
    return (signs for group, signs in zip(shelf.groups, signs_of(query, shelf), strict=True) if group.language == "en")


def names(shelf: GroupShelf) -> Sequence[str]:
    """Return the names of the groups that speak English."""
    return [group.name for group in shelf.groups if group.language == "en"]


if __name__ == "__main__":
    main()
