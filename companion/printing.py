"""Print turns and progress for people at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, track

from companion.models import Citation, CountryLines, HumanOffer, Turn
from companion.models_groups import GroupMatch

if TYPE_CHECKING:
    from companion.bootstrap import App
    from companion.ports import Progress as ReportProgress
    from companion.session import ChatSession


def print_turn(turn: Turn, session: ChatSession, app: App) -> None:
    """Print a turn: the reply, its sources, groups, the way to a human, and what was hidden."""
    console = Console(highlight=False, width=min(100, Console().width))
    console.print()
    console.print(escape(turn.reply.text.replace("**", "")))
    if turn.reply.notice:
        console.print(f"\n[dim]{escape(turn.reply.notice)}[/dim]")
    if turn.crisis_lines or turn.triage.level.is_at_risk:
        _print_lines(console, turn.crisis_lines, app)
    _print_citations(console, turn.reply.citations, app)
    _print_groups(console, turn.groups or turn.full_groups)
    if turn.human is not HumanOffer.NONE:
        console.print(f"\n[bold]A person[/bold]: {turn.human.value}")
    _print_hidden(console, turn, session)


def _print_citations(console: Console, citations: Sequence[Citation], app: App) -> None:
    if citations:
        console.print("\n[bold]From the library[/bold]")
    for citation in citations:
        article = app.article(citation.passage.doc)
        source = article.sources[0]
        console.print(f"  [{citation.number}] {escape(article.title)} · {escape(citation.passage.section)}", markup=False)
        console.print(
            f"      [dim]evidence: {article.evidence} · reviewed {article.reviewed_on} · {escape(source.publisher)}, "
            f"{escape(source.title)} ({source.year})[/dim]"
        )


def _print_groups(console: Console, matches: Sequence[GroupMatch]) -> None:
    if matches:
        console.print("\n[bold]Peer groups[/bold]")
    for match in matches:
        rhythm = match.group.rhythm
        when = f"every {rhythm.every}, {rhythm.weekday} {rhythm.time} ({rhythm.timezone}), {rhythm.minutes} minutes"
        console.print(f"  {escape(match.group.name)} · {when} · {match.group.format}")
        console.print(f"      [dim]{escape(match.reason)}[/dim]")


def _print_lines(console: Console, lines: CountryLines | None, app: App) -> None:
    directory = app.catalogue.crisis_lines.directory
    console.print("\n[bold]Crisis lines[/bold]")
    if lines is None:
        console.print(f"  No lines are listed for this country, or none was named with --country. {directory.name}: {directory.url}")
        return
    console.print(f"  {lines.country} emergency number: {lines.emergency}")
    for line in lines.lines:
        note = "" if line.is_confirmed else "  [dim](not yet confirmed by your organisation)[/dim]"
        text = f" · {escape(line.text)}" if line.text else ""
        console.print(f"  {escape(line.name)}: {escape(line.dial)}{text}{note}")


def _print_hidden(console: Console, turn: Turn, session: ChatSession) -> None:
    if not turn.message.entities:
        return
    surfaces = session.placeholders.surface_forms()
    shown = dict.fromkeys(entity.placeholder for entity in turn.message.entities)
    hidden = ", ".join(f"{placeholder} for “{surfaces.get(placeholder, '…')}”" for placeholder in shown)
    console.print(f"\n[bold]Hidden before anything else saw it[/bold]: {escape(hidden)}")
    console.print(f"[dim]What was read: {escape(turn.message.text)}[/dim]")


@contextmanager
def progress_bar(*, is_shown: bool) -> Iterator[ReportProgress]:
    """Yield a function that draws a bar on stderr when called with (done, all)."""
    if not is_shown:
        yield lambda _done, _all: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("indexing", total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def progress_over(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines with a bar on stderr when that is a terminal."""
    is_quiet = not sys.stderr.isatty()
    yield from track(lines, description="rows", console=Console(stderr=True), transient=True, disable=is_quiet)
