"""No log carries a person's words: not ours, not a library's, not a traceback's, at any level."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from companion.adapters.sql_store import Database
from companion.errors import StoreUnavailable
from companion.logs import JsonLines, Told, install_logging, trace_of
from companion.models import RedactedMessage, TriageLevel
from companion.settings import ROOT

CANARY = "sarah whitfield canary-5f1e"
LIBRARIES = ("httpx", "openai._base_client", "langchain", "chromadb.api", "streamlit", "sqlalchemy.engine", "presidio-analyzer", "asyncio")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Install logging at DEBUG, give what is written, and put everything back."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.getLogRecordFactory(), sys.excepthook, threading.excepthook, sys.unraisablehook
    ours = logging.getLogger("companion")
    own_level = ours.level
    ours.setLevel(logging.NOTSET)  # the evals, run in this process by other tests, silence it
    stream = io.StringIO()
    install_logging(logging.DEBUG, stream)
    yield stream
    ours.setLevel(own_level)
    logging.captureWarnings(False)
    logging.raiseExceptions = True
    root.handlers[:], level, factory, sys.excepthook, threading.excepthook, sys.unraisablehook = before
    root.setLevel(level)
    logging.setLogRecordFactory(factory)


def rows(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except type(error) as exc:
        return exc


@pytest.mark.parametrize("library", LIBRARIES)
def test_of_a_library_only_who_where_and_how_serious_is_written(library: str, written: io.StringIO) -> None:
    logging.getLogger(library).setLevel(logging.DEBUG)

    logging.getLogger(library).error("POST %s", CANARY, exc_info=raised(ValueError(CANARY)), stack_info=True)

    row = rows(written)[0]
    assert "canary" not in written.getvalue()
    assert (row["level"], row["logger"], row["event"]) == ("ERROR", library, "(withheld)")
    assert row["trace"].startswith("ValueError at tests/test_logs.py:")


def test_a_librarys_own_handler_sees_nothing_either(written: io.StringIO) -> None:
    own, logger = io.StringIO(), logging.getLogger("library.with.own.handler")
    logger.addHandler(logging.StreamHandler(own))
    logger.propagate = False

    logger.error("said: %s", CANARY, exc_info=raised(ValueError(CANARY)))

    assert "withheld" in own.getvalue()
    assert "canary" not in own.getvalue()


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        (7, "7"),
        (12.5, "12.5"),
        (TriageLevel.NONE, "none"),
        (StoreUnavailable("the database did not answer."), "the database did not answer."),
        (Told("articles/sleep.md"), "articles/sleep.md"),
        (CANARY, "(str)"),
        ("sarah", "(str)"),
        (RedactedMessage(CANARY), "(RedactedMessage)"),
        ([CANARY], "(list)"),
        (ValueError(CANARY), "ValueError"),
    ],
)
def test_of_our_own_arguments_only_what_cannot_be_words_is_written(argument: object, shown: str, written: io.StringIO) -> None:
    logging.getLogger("companion.stages.reply").warning("seen: %s", argument)

    assert rows(written)[0]["event"] == f"seen: {shown}"


def test_a_trace_names_kinds_and_places_of_an_error_and_its_causes() -> None:
    exc = raised(RuntimeError(CANARY), raised(KeyError(CANARY)))

    trace = trace_of(exc)

    assert "RuntimeError at tests/test_logs.py:" in trace
    assert " <- KeyError at tests/test_logs.py:" in trace
    assert "canary" not in trace


def thread_that_dies() -> None:
    def die() -> None:
        raise ValueError(CANARY)

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()


FAULTS: dict[str, Callable[[], object]] = {
    "uncaught": lambda: sys.excepthook(ValueError, raised(ValueError(CANARY)), None),
    "in a thread": thread_that_dies,
    "a warning": lambda: warnings.warn(CANARY, stacklevel=1),
    "arguments that do not fit": lambda: logging.getLogger("companion.x").error(*("%d %d", CANARY)),
    "a mapping": lambda: logging.getLogger("companion.x").error("%(text)s", {"text": CANARY}),
}


@pytest.mark.filterwarnings("always")
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_goes_wrong_no_word_reaches_the_log(fault: str, written: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    FAULTS[fault]()

    assert "canary" not in written.getvalue() + "".join(capsys.readouterr())


def test_a_program_that_dies_prints_no_word() -> None:
    code = f"from companion.logs import install_logging; install_logging(10)\ntext = {CANARY!r}\nraise ValueError(text)"

    died = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert died.returncode == 1
    assert "not caught: ValueError" in died.stderr
    assert "canary" not in died.stderr + died.stdout


def test_the_database_logs_no_value_even_when_it_echoes(written: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    database = Database("sqlite://")

    with pytest.raises(StoreUnavailable) as caught, database.write() as connection:
        connection.exec_driver_sql("INSERT INTO staff (id) VALUES (?)", (CANARY,))

    assert "canary" not in written.getvalue() + str(caught.value)
    assert caught.value.__cause__ is None


def test_each_line_is_json_with_a_time_in_utc(written: io.StringIO) -> None:
    logging.getLogger("companion.x").info("turns: %d", 3)

    row = rows(written)[0]

    assert row["at"].endswith("+00:00")
    assert {"level", "logger", "place", "event"} <= row.keys()
    assert isinstance(logging.getLogger().handlers[0].formatter, JsonLines)


SOURCES = sorted((ROOT / "companion").rglob("*.py"))
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
                continue
            if ast.unparse(node.func.value).startswith(("log", "logging.getLogger")):
                yield f"{path.name}:{node.lineno}", node


def test_every_log_message_in_the_source_is_a_plain_text_with_gaps() -> None:
    calls = list(log_calls())

    assert len(calls) > 10
    assert [place for place, call in calls if not (isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str))] == []
