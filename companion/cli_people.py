"""`companion peers …`: accounts of peers, facilitators, coordinators and auditors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from companion.cli_privacy import opened_people
from companion.errors import InputRefused
from companion.settings import load_settings

if TYPE_CHECKING:
    from companion.bootstrap_people import People
    from companion.models_staff import NewMember, StaffMember

peers = typer.Typer(help="Accounts of peers, facilitators, coordinators and auditors.", no_args_is_help=True)

Knowledge = Annotated[
    Path | None, typer.Option("--knowledge", metavar="DIR", help="Accepted like by every command; accounts do not depend on it.")
]


@peers.callback()
def _accept_knowledge(knowledge: Knowledge = None) -> None:
    """Accounts of peers, facilitators, coordinators and auditors."""


Username = Annotated[str, typer.Argument(help="Name to sign in with.")]
Pseudonym = Annotated[str, typer.Option(help="Name that employees see.")]
Password = Annotated[
    str,
    typer.Option(
        help="At least 12 characters; asked for when not given.",
        prompt=True,
        confirmation_prompt=True,
        hide_input=True,
        envvar="COMPANION_NEW_PASSWORD",
    ),
]
TrainedSince = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the training sign-off; without it a peer cannot take requests.")
]


@peers.command(name="add-coordinator")
def add_coordinator(username: Username, password: Password, pseudonym: Pseudonym = "Coordinator") -> None:
    """Make the first coordinator's account."""
    from companion.models_staff import OPERATOR

    with _people() as people, _clear_refusals():
        _show(people.staff.add_first_coordinator(OPERATOR, username, password, pseudonym))


@peers.command()
def add(
    username: Username,
    password: Password,
    pseudonym: Pseudonym,
    trained_since: TrainedSince = None,
    role: Annotated[str, typer.Option(help="peer, facilitator, coordinator or auditor.")] = "peer",
) -> None:
    """Make an account, by default a peer's."""
    from companion.models_staff import OPERATOR

    with _people() as people, _clear_refusals():
        _show(people.staff.add_member(OPERATOR, _new_member(username, password, pseudonym, role, trained_since)))


@peers.command(name="list")
def list_members() -> None:
    """List the accounts, one JSON row each."""
    from companion.models_staff import OPERATOR

    with _people() as people:
        for member in people.staff.members(OPERATOR):
            _show(member)


@peers.command()
def trained(username: Username, since: TrainedSince = None) -> None:
    """Record a peer's training sign-off; without --since it is withdrawn."""
    from companion.models_staff import OPERATOR

    with _people() as people:
        people.staff.set_training(OPERATOR, _member_id(people, username), _as_date(since))


@peers.command()
def link(username: Username, code: Annotated[str, typer.Argument(help="The code that the sign-in page shows to this person.")]) -> None:
    """Let the sign-in of your organisation (OpenID Connect) speak for an account."""
    from companion.models_staff import OPERATOR

    with _people() as people:
        try:
            people.staff.link_identity(OPERATOR, _member_id(people, username), code)
        except InputRefused as exc:
            raise typer.BadParameter("copy the whole code from the sign-in page: 32 digits and letters a to f", param_hint="CODE") from exc


@peers.command()
def unlink(username: Username) -> None:
    """Let no outside sign-in speak for an account any more; its sessions end."""
    from companion.models_staff import OPERATOR

    with _people() as people:
        people.staff.unlink_identities(OPERATOR, _member_id(people, username))


def _people() -> AbstractContextManager[People]:
    return opened_people(load_settings())


@contextmanager
def _clear_refusals() -> Iterator[None]:
    try:
        yield
    except InputRefused as exc:
        raise typer.BadParameter(exc.reason.replace("_", " ") + "; a password has at least 12 characters", param_hint="account") from exc


def _member_id(people: People, username: str) -> str:
    from companion.models_staff import OPERATOR

    found = [member for member in people.staff.members(OPERATOR) if member.username == username.strip().casefold()]
    if not found:
        raise typer.BadParameter("no such account; `companion peers list` shows them", param_hint="USERNAME")
    return found[0].id


def _new_member(username: str, password: str, pseudonym: str, role: str, trained_since: datetime | None) -> NewMember:
    from companion.models_staff import NewMember, Role

    allowed = {Role.PEER, Role.FACILITATOR, Role.COORDINATOR, Role.AUDITOR}
    if role not in {known.value for known in allowed}:
        raise typer.BadParameter("peer, facilitator, coordinator or auditor", param_hint="--role")
    return NewMember(username, password, pseudonym, frozenset({Role(role)}), _as_date(trained_since))


def _as_date(day: datetime | None) -> date | None:
    return day.replace(tzinfo=UTC).date() if day else None


def _show(member: StaffMember) -> None:
    row = {
        "id": member.id,
        "username": member.username,
        "pseudonym": member.pseudonym,
        "roles": sorted(role.value for role in member.roles),
        "trained_since": member.trained_since.isoformat() if member.trained_since else None,
        "status": member.status.value,
    }
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
