"""The command line: rows in, rows out, findings as rows, exit codes 0, 1 and 2, and nothing but rows on stdout."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from small_companion import ARTICLES
from typer.testing import CliRunner

from companion.bootstrap import App, build
from companion.cli import cli
from companion.settings import ROOT

SHIFTS = "my charge nurse sarah whitfield keeps adding night shifts"
Run = Callable[..., Result]


@pytest.fixture
def run(app: App, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a way to run a command over the small knowledge folder, whose index is built; the slow models are loaded once for all."""
    monkeypatch.setenv("COMPANION_STATE_DIR", str(app.settings.state_dir))
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "COMPANION_COUNTRY"):
        monkeypatch.delenv(name, raising=False)

    def build_with_loaded_models(*arguments: Any, **options: Any) -> App:
        built = build(*arguments, **options)
        for name in ("once_redactor", "once_embedder", "once_speller", "once_turn_reader"):
            setattr(built.parts, name, getattr(app.parts, name))
        return built

    monkeypatch.setattr("companion.bootstrap.build", build_with_loaded_models)

    def run_command(*arguments: str, typed: str | bytes = "", knowledge: Path | None = app.settings.knowledge_dir) -> Result:
        options = ["--knowledge", str(knowledge)] if knowledge else []
        return CliRunner().invoke(cli, [arguments[0], *options, *arguments[1:]], input=typed)

    return run_command


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def lines(*fields: object) -> str:
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in fields)


def test_turns_writes_one_row_per_row_in_order_and_goes_on_after_bad_ones(run: Run) -> None:
    given = lines({"id": "a", "text": SHIFTS}, "no json", {"id": "b", "text": ""}, "", {"id": "c"}, {"id": "d", "text": "tired"})

    result = run("turns", "-", typed=given)

    found = rows(result)
    assert [row["id"] for row in found] == ["a", None, "b", "c", "d"]
    assert ["error" in row for row in found] == [False, True, True, True, False]
    assert result.exit_code == 1


def test_row_of_a_turn_has_the_fields_of_the_design(run: Run) -> None:
    (row,) = rows(run("turns", "-", typed=lines({"id": "a", "text": SHIFTS})))

    assert list(row) == [
        "id", "redacted", "entities", "triage", "topics", "passages", "reply", "citations", "groups", "human", "crisis_lines", "writer",
        "timings_ms",
    ]  # fmt: skip
    assert set(row["timings_ms"]) == {"redact", "triage", "retrieve", "reply", "suggest", "total"}
    assert set(row["triage"]) == {"level", "score", "reasons"}
    assert all(set(passage) == {"doc", "section", "score"} for passage in row["passages"])
    assert set(row["citations"]) <= {passage["doc"] for passage in row["passages"]}


def test_row_of_a_turn_hides_the_name_and_gives_its_place(run: Run) -> None:
    result = run("turns", "-", typed=lines({"id": "a", "text": SHIFTS}))

    (row,) = rows(result)
    (entity,) = row["entities"]
    assert SHIFTS[entity["start"] : entity["end"]] == "sarah whitfield"
    assert "whitfield" not in result.stdout.lower()
    assert result.exit_code == 0


@pytest.mark.parametrize(("country", "has_lines"), [("GB", True), ("gb", True), ("ZZ", False), (None, False)])
def test_crisis_row_brings_the_lines_of_its_country(country: str | None, has_lines: bool, run: Run) -> None:
    (row,) = rows(run("turns", "-", typed=lines({"id": "a", "text": "i want to kill myself", "country": country})))

    assert (row["triage"]["level"], row["writer"], row["human"]) == ("risk", "fixed", "urgent")
    assert bool(row["crisis_lines"]) is has_lines


def test_history_is_read_before_the_message(run: Run) -> None:
    given = lines({"id": "a", "text": "yes", "history": ["everyone would be better off without me"]}, {"id": "b", "text": "yes"})

    first, second = rows(run("turns", "-", typed=given))

    assert first["triage"]["level"] != "none"
    assert second["triage"]["level"] == "none"


def test_each_row_is_a_chat_of_its_own(run: Run) -> None:
    given = lines({"id": "a", "text": SHIFTS}, {"id": "b", "text": "my charge nurse priya nair shouts"})

    first, second = rows(run("redact", "-", typed=given))

    assert "[Person A]" in first["redacted"]
    assert "[Person A]" in second["redacted"]


@pytest.mark.parametrize(
    "text",
    ["\ud800 tired", "\u202eTIRED\u202c", "\U0001f622" * 50, "<script>alert(1)</script> tired", "a\tb\nc tired", "\u6211\u5f88\u7d2f"],
)
def test_odd_text_gives_a_row(text: str, run: Run) -> None:
    result = run("turns", "-", typed=lines({"id": "a", "text": text}))

    (row,) = rows(result)
    assert row["id"] == "a"
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("odd_id", [None, 7, 1.5, ["x"], {"a": 1}, "\ud800", "\u6211"])
def test_id_comes_back_as_it_was(odd_id: object, run: Run) -> None:
    (row,) = rows(run("redact", "-", typed=lines({"id": odd_id, "text": "tired"})))

    assert row["id"] == odd_id


def test_redact_writes_its_three_fields(run: Run) -> None:
    result = run("redact", "-", typed=lines({"id": "a", "text": SHIFTS}))

    (row,) = rows(result)
    assert list(row) == ["id", "redacted", "entities"]
    assert row["redacted"] == "my charge nurse [Person A] keeps adding night shifts"


def test_file_that_is_no_text_is_named_without_a_traceback(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'{"id": "a", "text": "\xff\xfe"}\n' + lines({"id": "b", "text": "tired"}).encode())

    result = run("redact", str(tmp_path / "in.jsonl"))

    assert [row["id"] for row in rows(result)] == ["a", "b"]
    assert result.exit_code == 0


def test_byte_order_mark_and_windows_line_ends_do_no_harm(run: Run) -> None:
    given = "\ufeff" + lines({"id": "a", "text": "tired"}, {"id": "b", "text": "tired"}).replace("\n", "\r\n")

    assert [row["id"] for row in rows(run("redact", "-", typed=given.encode()))] == ["a", "b"]


def test_search_writes_best_rows_first(run: Run) -> None:
    result = run("search", "-k", "3", "i cannot sleep after my night shifts")

    found = rows(result)
    assert len(found) == 3
    assert [list(row) for row in found] == [["doc", "section", "score", "text"]] * 3
    assert [row["score"] for row in found] == sorted((row["score"] for row in found), reverse=True)
    assert result.exit_code == 0


def test_ask_prints_answer_sources_and_what_was_hidden(run: Run) -> None:
    result = run("ask", "my manager sarah whitfield keeps moving the deadline")

    assert result.exit_code == 0
    assert "[1]" in result.stdout
    assert "From the library" in result.stdout
    assert "[Person A]" in result.stdout


def test_ask_shows_crisis_lines_and_never_another_countrys(run: Run) -> None:
    known, unknown = run("ask", "--country", "gb", "i want to kill myself"), run("ask", "i want to kill myself")

    assert "116 123" in known.stdout
    assert "116 123" not in unknown.stdout
    assert "findahelpline.com" in unknown.stdout


@pytest.mark.parametrize("text", ["", "x" * 100_000, "\x01\x02" * 100])
def test_ask_refuses_kindly_what_it_cannot_read(text: str, run: Run) -> None:
    result = run("ask", text)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "crisis lines" in result.stderr.lower()


def test_check_finds_no_error_in_what_we_ship(run: Run) -> None:
    result = run("check", knowledge=None)

    assert [row for row in rows(result) if row["severity"] == "error"] == []
    assert result.exit_code == 0


BREAKING: dict[str, tuple[str, Callable[[str], str]]] = {
    # what is wrong: (file, change)
    "article without title": (f"articles/{ARTICLES[0]}", lambda text: text.replace("title:", "titel:", 1)),
    "group without name": ("groups.yaml", lambda text: text.replace("name:", "nmae:", 1)),
    "line without number": ("crisis_lines.yaml", lambda text: text.replace("dial:", "dail:", 1)),
    "unknown topic": (f"articles/{ARTICLES[0]}", lambda text: text.replace("topics: [", "topics: [no_such_topic, ", 1)),
    "no yaml": ("doors.yaml", lambda text: text + "\n: : [\n"),
    "no triage rules": ("triage_rules.yaml", lambda text: ""),
}


@pytest.mark.parametrize("case", BREAKING)
def test_check_names_file_line_and_remedy_of_a_mistake(case: str, run: Run, app: App, tmp_path: Path) -> None:
    file, change = BREAKING[case]
    folder = Path(shutil.copytree(app.settings.knowledge_dir, tmp_path / "knowledge"))
    (folder / file).write_text(change((folder / file).read_text("utf-8")), "utf-8")

    result = run("check", knowledge=folder)

    found = [row for row in rows(result) if row["severity"] == "error"]
    assert result.exit_code == 1
    assert any(file.split("/")[-1] in row["file"] and row["line"] >= 1 and row["problem"] and row["remedy"] for row in found)


@pytest.mark.parametrize(
    "arguments",
    [
        ["turns"],
        ["search"],
        ["no-such-command"],
        ["search", "-k", "0", "x"],
        ["turns", "no/such/file"],
        ["check", "--knowledge", "no/such/folder"],
    ],
)
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, arguments).exit_code == 2


def test_index_says_what_it_built(run: Run) -> None:
    result = run("index")

    assert result.exit_code == 0
    assert result.stdout == ""
    assert f"already up to date, {len(ARTICLES)} articles" in result.stderr


def test_doctor_finds_this_installation_well(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANION_COUNTRY", "GB")

    result = run("doctor")

    parts = [
        "python",
        "sqlite",
        "state folder",
        "knowledge",
        "crisis lines",
        "redaction",
        "embedding",
        "reader of turns",
        "index",
        "database",
        "language model",
    ]
    found = {row["part"]: row["ok"] for row in rows(result)}
    assert found == dict.fromkeys([*parts, "sample groups", "access log", "server key"], True)
    assert result.exit_code == 0


def test_doctor_names_an_endpoint_that_does_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("COMPANION_COUNTRY", "GB")

    result = run("doctor")

    (bad,) = [row for row in rows(result) if not row["ok"]]
    assert (bad["part"], result.exit_code) == ("language model", 1)
    assert bad["remedy"]


def test_every_command_explains_itself() -> None:
    for command in ("serve", "ask", "turns", "redact", "search", "check", "index", "doctor"):
        result = CliRunner().invoke(cli, [command, "--help"])

        assert result.exit_code == 0
        assert "--knowledge" in result.stdout


def test_paths_of_this_machine_are_in_no_finding(run: Run) -> None:
    assert str(ROOT) not in run("check").stdout
