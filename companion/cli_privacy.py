"""`companion purge` (what retention or a request says must go, now) and `companion rotate-keys` (change the server key)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from companion.settings import Settings, load_settings

if TYPE_CHECKING:
    from companion.bootstrap_people import People

Knowledge = Annotated[Path | None, typer.Option("--knowledge", metavar="DIR", help="Accepted like by every command; not used here.")]


def purge(
    handover: Annotated[
        str | None, typer.Option(metavar="ID", help="Erase this hand-over too; the access log keeps that it was done.")
    ] = None,
    code: Annotated[bool, typer.Option("--code", help="Ask for a return code and erase what is kept under it.")] = False,
    knowledge: Knowledge = None,  # noqa: ARG001 - every command takes it
) -> None:
    """Erase at once everything that retention says must go, and on request one hand-over or kept chat; overwrite what was deleted."""
    from companion.models_staff import OPERATOR

    with opened_people(load_settings()) as people:
        if code:
            _erase_kept_chat(people)
        if handover is not None:
            people.erasure.erase_handover(OPERATOR, handover)
        erased = forgotten = 0
        while count := people.sweeper.sweep():
            erased, forgotten = erased + count.erased, forgotten + count.forgotten
            if not count.erased:
                break
        is_overwritten = people.database.compact()
    if not is_overwritten:
        typer.echo(
            "What was deleted is still in the files: the server is busy, or it is PostgreSQL. See docs/running.md, What is kept.", err=True
        )
    asked = int(handover is not None) + int(code)
    _out({"erased_handovers": erased, "erased_on_request": asked, "forgotten": forgotten, "overwritten": is_overwritten})


def rotate_keys(
    new: Annotated[
        bool, typer.Option("--new", help="Put a new key first into COMPANION_SECRET_KEY_FILE; nothing is sealed anew yet.")
    ] = False,
    drop_old: Annotated[bool, typer.Option("--drop-old", help="Then take the old keys out of COMPANION_SECRET_KEY_FILE.")] = False,
    knowledge: Knowledge = None,  # noqa: ARG001 - every command takes it
) -> None:
    """Seal all data keys anew with the first server key, so that the others can be dropped. It may be interrupted and called again."""
    from companion.bootstrap_keys import renew_key_file, trim_key_file
    from companion.models_staff import OPERATOR

    settings = load_settings()
    if new:
        _out({"new_key": renew_key_file(settings)})
        typer.echo("Restart every server now; then run `companion rotate-keys`.", err=True)
        return
    with opened_people(settings) as people:
        counts = people.keys.rotate(OPERATOR)
        has_left = people.keys.left(OPERATOR) > 0
        key_id = people.box.key_id
    dropped = trim_key_file(settings) if drop_old and not has_left else 0
    _out({"key": key_id, "resealed": dict(counts), "old_keys_needed": has_left, "old_keys_dropped": dropped})
    raise typer.Exit(1 if has_left else 0)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="New file for the copy; it must not exist.")],
    knowledge: Knowledge = None,  # noqa: ARG001 - every command takes it
) -> None:
    """Copy the SQLite database into a file while the server runs. To restore: stop the server, put the copy in its place, start it.

    Letters and talks stay encrypted in the copy; keep the server key apart from it. Delete copies when retention says so: a purge does
    not reach them.
    """
    with opened_people(load_settings()) as people:
        people.database.back_up(target)
    _out({"bytes": target.stat().st_size})


@contextmanager
def opened_people(settings: Settings) -> Iterator[People]:
    """Open the services of the human side for one command."""
    from companion.bootstrap_people import open_people

    people = open_people(settings)
    try:
        yield people
    finally:
        people.close()


def _erase_kept_chat(people: People) -> None:
    from companion.models_keeping import CodeTries

    typed = typer.prompt("Return code", hide_input=True, err=True)  # never an argument, which the shell would remember
    _, copy = people.keeping.open(typed, CodeTries())
    people.keeping.erase(copy)


def _out(row: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
