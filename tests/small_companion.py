"""A whole Companion over a small copy of the real knowledge folder, with parts that a test can break."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from companion.bootstrap import App
from companion.conversation import Companion, TurnOptions, Words
from companion.errors import CompanionError
from companion.settings import ROOT
from companion.stages.retrieval import RetrievalOptions

ARTICLES = (
    "shift_work/night-shift-sleep-by-day.md",
    "shift_work/shifts-family-and-being-called-in.md",
    "sleep/sleep-racing-mind-at-night.md",
    "conflict_with_manager/micromanaged-and-moving-deadlines.md",
    "workload/workload-everything-urgent.md",
    "grief/grief-colleague-or-pet.md",
)


def write_small_knowledge(folder: Path) -> Path:
    """Copy the real knowledge folder with a few of its articles, so that an index is built within seconds."""
    shutil.copytree(ROOT / "knowledge", folder, ignore=shutil.ignore_patterns("articles"))
    for name in ARTICLES:
        target = folder / "articles" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "knowledge" / "articles" / name, target)
    return folder


def failing(error: CompanionError | Exception) -> Callable[[], Any]:
    """Return a part that cannot be had."""

    def fail() -> Any:
        raise error

    return fail


class Parts:
    """Hand out the parts of a running Companion, some of them replaced."""

    def __init__(self, app: App, **replaced: Callable[[], Any]) -> None:
        self._app = app
        self._replaced = replaced

    def __getattr__(self, name: str) -> Callable[[], Any]:
        found: Callable[[], Any] = self._replaced.get(name) or getattr(self._app.parts, name)
        return found


def companion_with(app: App, words: dict[str, Any] | None = None, country: str | None = "GB", **replaced: Callable[[], Any]) -> Companion:
    """Return a Companion with some parts or words replaced."""
    settings = app.settings
    retrieval = RetrievalOptions(settings.score_threshold, settings.lexical_weight, settings.passages_per_reply)
    options = TurnOptions(settings.max_message_chars, retrieval, settings.group_threshold, settings.max_groups, country)
    changed: Words = replace(app.words, **(words or {}))
    return Companion(Parts(app, **replaced), changed, options, app.clock)
