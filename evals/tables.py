"""A table of words, as the terminal prints it and the report shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class PlainTable:
    """Hold a table whose cells are shown as they are. words: how many columns, from the left, hold words and not figures. notes: lines below it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    notes: tuple[str, ...] = ()


def print_plain(table: PlainTable, console: Console) -> None:
    """Print a table and its notes; a line of its own lies between rows of another first column."""
    shown = Table(title=table.title, title_justify="left", header_style="bold")
    for place, name in enumerate(table.head):
        shown.add_column(name, justify="left" if place < table.words else "right", overflow="fold")
    for row, after in zip(table.rows, (*table.rows[1:], None), strict=True):
        shown.add_row(*row, end_section=table.words > 1 and after is not None and after[0] != row[0])
    console.print(shown)
    _print_lines(table.notes, console)


def _print_lines(lines: Iterable[str], console: Console) -> None:
    for line in lines:
        console.print(line, markup=False, highlight=False)
