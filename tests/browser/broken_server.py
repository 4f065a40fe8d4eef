"""Run `companion serve` with parts that break while it runs: those named in a file, one a line, read anew at each use.

Used as a script: `python broken_server.py FILE serve --port N`. The faults stand where a vendor's own failure would arise: the part cannot be
had, every statement of the database ends in an error, no channel takes a notice. A model endpoint breaks by itself when nobody listens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from companion.adapters.apprise_notifier import LogNotifier
from companion.errors import CompanionError, EmbeddingFailed, IndexUnavailable, NotifierFailed, RedactionFailed
from companion.live_parts import LiveParts, TurnParts

PARTS = ("redactor", "classifier", "embedder", "index", "database", "notifier")
_OF_A_TURN: dict[str, tuple[str, CompanionError]] = {
    # method of the parts of a turn → fault, and what it raises
    "redactor": ("redactor", RedactionFailed("down")),
    "risk_model": ("classifier", IndexUnavailable("down")),
    "embedder": ("embedder", EmbeddingFailed("down")),
    "stacks": ("index", IndexUnavailable("down")),
    "curated_writer": ("index", IndexUnavailable("down")),
}


def break_parts(faults: Path) -> None:
    """Have every part look at the file before it does anything."""

    def is_broken(fault: str) -> bool:
        return fault in faults.read_text("utf-8").split()

    def breaking(method: Callable[..., Any], fault: str, error: CompanionError) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            if is_broken(fault):
                raise error
            return method(*args, **kwargs)

        return called

    for name, (fault, error) in _OF_A_TURN.items():
        for owner in (LiveParts, TurnParts):
            if name in vars(owner):
                setattr(owner, name, breaking(getattr(owner, name), fault, error))
    LiveParts.library = breaking(LiveParts.library, "index", IndexUnavailable("down"))  # type: ignore[method-assign]
    LogNotifier.send = breaking(LogNotifier.send, "notifier", NotifierFailed("down"))  # type: ignore[method-assign]

    @event.listens_for(Engine, "before_cursor_execute")
    def _fail(*_: object) -> None:
        if is_broken("database"):
            raise OperationalError("a statement", None, Exception("down"))


if __name__ == "__main__":
    break_parts(Path(sys.argv.pop(1)))
    from companion.cli import main

    main()
