"""The command `companion`. Machine output is JSON lines on stdout; progress and messages go to stderr.

Exit codes: 0 all is well, 1 findings or failed rows, 2 wrong usage.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from companion.errors import CompanionError, InputRefused
from companion.logs import install_logging
from companion.settings import Settings, load_settings, silence_vendors

if TYPE_CHECKING:
    from companion.bootstrap import App
    from companion.rows import MessageRow, Row

cli = typer.Typer(
    help="Companion: a conversational peer-support companion for workplaces.", no_args_is_help=True, pretty_exceptions_enable=False
)

KnowledgeOption = Annotated[Path | None, typer.Option("--knowledge", metavar="DIR", help="Knowledge folder to use instead of the default.")]
LooseOption = Annotated[bool, typer.Option("--loose", help="Take any folder of texts, without facts about them.")]
RowsArgument = Annotated[
    typer.FileText,
    typer.Argument(metavar="IN.jsonl", encoding="utf-8-sig", errors="replace", help="JSON lines; - reads standard input."),
]


@cli.command()
def serve(
    knowledge: KnowledgeOption = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
) -> None:
    """Serve the chat in the browser."""
    settings = _settings(knowledge, host=host, port=port)
    from companion.ui.server import serve as serve_pages

    typer.echo(f"Companion is at http://localhost:{settings.port}  (peers: …/peer, coordinators: …/coordinator)", err=True)
    serve_pages(settings)


@cli.command()
def ask(
    text: Annotated[str, typer.Argument(help="What somebody would type.")],
    knowledge: KnowledgeOption = None,
    country: Annotated[str | None, typer.Option(help='Country for crisis lines, two letters like "GB".')] = None,
) -> None:
    """Answer one message readably, with citations, groups and what was hidden."""
    from companion.printing import print_turn
    from companion.session import ChatSession

    with _opened(knowledge) as app:
        session = ChatSession(country=country.upper() if country else None)
        try:
            turn = app.companion.respond(text, session)
        except InputRefused as exc:
            typer.echo(_refusal(app, exc), err=True)
            raise typer.Exit(1) from exc
        print_turn(turn, session, app)


@cli.command()
def turns(rows: RowsArgument, knowledge: KnowledgeOption = None) -> None:
    """Answer every message of a JSON-lines file; one row out per row in, in order."""
    from companion.rows import turn_row
    from companion.session import ChatSession
    from companion.stages.redaction import in_given_text

    def answer(app: App, row: MessageRow) -> Row:
        session = ChatSession(country=row.country)
        for earlier in row.history:
            app.companion.respond(earlier, session)
        turn = app.companion.respond(row.text, session)
        message = replace(turn.message, entities=in_given_text(row.text, turn.message.entities))
        return turn_row(row.id, replace(turn, message=message))

    _each_row(rows, knowledge, answer)


@cli.command()
def redact(rows: RowsArgument, knowledge: KnowledgeOption = None) -> None:
    """Hide personal details in every message of a JSON-lines file."""
    from companion.rows import redacted_row
    from companion.session import ChatSession
    from companion.stages.redaction import clean_input, in_given_text
    from companion.stages.redaction import redact as redact_message

    def hide(app: App, row: MessageRow) -> Row:
        raw = clean_input(row.text, app.settings.max_message_chars)
        message = redact_message(raw, ChatSession(), app.parts.redactor())
        return redacted_row(row.id, replace(message, entities=in_given_text(row.text, message.entities)))

    _each_row(rows, knowledge, hide)


@cli.command()
def search(
    query: Annotated[str, typer.Argument(help="A question as people type it.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    knowledge: KnowledgeOption = None,
    loose: LooseOption = False,
) -> None:
    """Find passages of the library, best first."""
    from companion.rows import passage_row

    with _opened(knowledge, is_loose=loose) as app:
        try:
            found = app.search(query, k)
        except InputRefused as exc:
            raise typer.BadParameter(_refused_row(app, exc).removeprefix("text: "), param_hint="QUERY") from exc
        for passage in found:
            _out(passage_row(passage))


@cli.command()
def check(knowledge: KnowledgeOption = None) -> None:
    """Validate knowledge and prompts; name file, line and remedy of everything that is wrong."""
    from companion.check import check_everything
    from companion.library.documents import Severity

    findings = check_everything(_settings(knowledge))
    for finding in findings:
        _out(
            {"file": finding.file, "line": finding.line, "severity": finding.severity, "problem": finding.problem, "remedy": finding.remedy}
        )
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    typer.echo(f"{errors} errors, {len(findings) - errors} warnings.", err=True)
    raise typer.Exit(1 if errors else 0)


@cli.command()
def index(
    knowledge: KnowledgeOption = None,
    loose: LooseOption = False,
    rebuild: Annotated[bool, typer.Option(help="Build it anew even if nothing changed.")] = False,
) -> None:
    """Build the search index of the knowledge folder; a running server takes it over by itself."""
    from companion.bootstrap_reading import read_articles

    settings = _settings(knowledge, loose_knowledge=loose or None)
    with _opened(knowledge, has_progress=True, is_loose=loose) as app:
        for finding in read_articles(settings).findings:
            typer.echo(str(finding), err=True)
        name, was_built = app.parts.ensure_index(rebuild=rebuild)
        library = app.parts.library().generation.shelf.articles
    typer.echo(f"{name}: {'built' if was_built else 'already up to date'}, {len(library)} articles.", err=True)


@cli.command()
def doctor(knowledge: KnowledgeOption = None) -> None:
    """Test every part of this installation and say what to do about each that fails."""
    from companion.doctor import examine

    is_well = True
    for result in examine(_settings(knowledge)):
        is_well = is_well and result.is_well
        _out({"part": result.part, "ok": result.is_well, "found": result.found, "remedy": result.remedy})
    raise typer.Exit(0 if is_well else 1)


def main() -> None:
    """Run the command line; errors of ours become one line on stderr instead of a traceback."""
    silence_vendors()
    install_logging(logging.ERROR)
    _add_staff_commands()
    try:
        cli()
    except CompanionError as exc:
        typer.echo(f"companion: {exc}", err=True)
        sys.exit(1)


def _settings(knowledge: Path | None, **overrides: object) -> Settings:
    given = {name: value for name, value in overrides.items() if value is not None}
    if knowledge is not None:
        if not knowledge.is_dir():
            raise typer.BadParameter(f"{knowledge} is no folder", param_hint="--knowledge")
        given["knowledge_dir"] = knowledge.resolve()
    return load_settings(**given)


@contextmanager
def _opened(knowledge: Path | None, *, has_progress: bool = False, is_loose: bool = False) -> Iterator[App]:
    from companion.bootstrap import build
    from companion.printing import progress_bar

    settings = _settings(knowledge, loose_knowledge=is_loose or None)
    if is_loose:  # a folder that somebody tries must not take the place of the library that is served
        settings = settings.model_copy(update={"state_dir": settings.state_dir / "loose" / _label(settings.knowledge_dir)})
    with progress_bar(is_shown=has_progress or sys.stderr.isatty()) as progress:
        app = build(settings, progress=progress)
        try:
            if not has_progress:
                app.parts.ensure_index()
            yield app
        finally:
            app.parts.close()


def _label(folder: Path) -> str:
    return hashlib.sha256(str(folder).encode()).hexdigest()[:16]


def _each_row(rows: typer.FileText, knowledge: Path | None, answer: Callable[[App, MessageRow], Row]) -> None:
    from companion.printing import progress_over
    from companion.rows import read_row, row_id

    has_failed = False
    with _opened(knowledge) as app:
        for line in progress_over([line for line in rows if line.strip()]):
            try:
                _out(answer(app, read_row(line)))
            except InputRefused as exc:
                has_failed = True
                _out({"id": row_id(line), "error": _refused_row(app, exc)})
            except CompanionError as exc:
                has_failed = True
                _out({"id": row_id(line), "error": str(exc)})
    raise typer.Exit(1 if has_failed else 0)


def _refusal(app: App, refused: InputRefused) -> str:
    from companion.prompts import fixed_entries

    return str(fixed_entries(app.settings.prompts_dir, "input_refused").get(refused.reason, refused))


def _refused_row(app: App, refused: InputRefused) -> str:
    """Return why a text cannot be read, for a program: the field, the limit and the remedy."""
    limit = app.settings.max_message_chars
    causes = {
        "empty": "text: nothing in it; give at least one word",
        "too_long": f"text: more than {limit} characters; shorten it or set COMPANION_MAX_MESSAGE_CHARS",
        "binary": "text: control characters; give plain text",
    }
    return causes.get(refused.reason, str(refused))


def _add_staff_commands() -> None:
    """Add `companion audit`, `peers`, `purge`, `backup` and `rotate-keys`, which the people side brings along."""
    from companion.cli_audit import audit
    from companion.cli_people import peers
    from companion.cli_privacy import backup, purge, rotate_keys

    cli.add_typer(audit, name="audit")
    cli.add_typer(peers, name="peers")
    cli.command(name="purge")(purge)
    cli.command(name="backup")(backup)
    cli.command(name="rotate-keys")(rotate_keys)


def _out(row: Row) -> None:
    line = json.dumps(row, ensure_ascii=False)
    if any("\ud800" <= character <= "\udfff" for character in line):  # half a character, which UTF-8 cannot hold
        line = json.dumps(row)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
