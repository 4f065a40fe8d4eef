"""What may be written to a log: ids, counts, durations and kinds of errors. Never a person's words, wherever a library would put them.

Records are stripped when they are made, before any handler sees them, since libraries bring handlers of their own:
- Of our loggers, the message as it stands in the source; of its arguments numbers, members of enums, what is marked as `Told`, and our own
  errors, whose texts carry no one's words.
- Of all others (httpx, openai, langchain, chromadb, streamlit, sqlalchemy, presidio …) only who logged, where and how serious.
- Of an exception its kind and the places it passed; never its message, never values, for those may quote what somebody wrote.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO

from companion.errors import CompanionError

OURS = "companion"
WITHHELD = "(withheld)"
_MOST_FRAMES = 12
_MOST_CAUSES = 4


class Told(str):
    """Be an id, or a text of our own such as a file's name with a remedy, that may stand in a log. Never wrap a person's words in it."""

    __slots__ = ()


def kind_of(exc: BaseException) -> Told:
    """Return the kind of an error, for a log."""
    return Told(type(exc).__name__)


class JsonLines(logging.Formatter):
    """Write a record as one line of JSON: at (UTC), level, logger, place, event, and for an exception its trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        place = f"{record.filename}:{record.lineno}"
        row = {"at": at, "level": record.levelname, "logger": record.name, "place": place, "event": record.getMessage()}
        return json.dumps(row | ({"trace": record.exc_text} if record.exc_text else {}), ensure_ascii=False)


def install_logging(level: int | str, stream: TextIO | None = None) -> None:
    """Strip every record of this process from now on, and write those from `level` on to `stream`, by default standard error.

    Uncaught exceptions of threads and of the program, and warnings, are written the same way. A second call replaces the first.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.setLogRecordFactory(stripped_record)
    logging.raiseExceptions = False  # a handler that fails would print the arguments
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda told: _log_uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _log_uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def stripped_record(  # noqa: PLR0913, PLR0917 - the signature that logging calls
    name: str,
    level: int,
    path: str,
    line: int,
    message: object,
    arguments: Any,
    exc_info: Any,
    function: str | None = None,
    stack: str | None = None,  # noqa: ARG001 - holds lines of source, never written
    **_: object,
) -> logging.LogRecord:
    """Return a record that carries nothing but what may be written."""
    is_ours = name == OURS or name.startswith(f"{OURS}.")
    shown = _shown_arguments(arguments) if is_ours else None
    record = logging.LogRecord(name, level, path, line, message if is_ours else WITHHELD, shown, None, function)
    record.exc_text = trace_of(exc_info[1]) if exc_info and exc_info[1] is not None else None
    return record


def trace_of(exc: BaseException) -> str:
    """Return the kinds of an exception and of its causes, each with the places it passed: "ValueError at stages/reply.py:12 in draft"."""
    return " <- ".join(_one_trace(each) for each in _chain(exc))


def _chain(exc: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = exc
    for _ in range(_MOST_CAUSES):
        if found is None:
            return
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _one_trace(exc: BaseException) -> str:
    frames = list(traceback.walk_tb(exc.__traceback__))[-_MOST_FRAMES:]
    places = (f"{'/'.join(PurePath(f.f_code.co_filename).parts[-2:])}:{line} in {f.f_code.co_name}" for f, line in frames)
    return f"{type(exc).__name__} at {'; '.join(places)}" if frames else type(exc).__name__


def _shown_arguments(arguments: Any) -> Any:
    if isinstance(arguments, dict):
        return {name: _shown(value) for name, value in arguments.items()}
    return tuple(_shown(value) for value in arguments) if isinstance(arguments, tuple) else ()


def _shown(value: object) -> object:
    """Return a value as it may be written: numbers, names of our own, what is marked; of everything else only the kind."""
    if value is None or isinstance(value, bool | int | float | Told | CompanionError):
        return value
    if isinstance(value, Enum):
        return value.value
    return kind_of(value) if isinstance(value, BaseException) else f"({type(value).__name__})"


def _log_uncaught(kind: type[BaseException], exc: BaseException | None, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(OURS).critical("not caught: %s", Told(kind.__name__), exc_info=exc)
