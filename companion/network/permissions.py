"""Who may do what: one table, denied by default, and a mark on every public method of a service.

A method without a mark fails `tests/test_staff.py`, so that a new one cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from companion.errors import NotAllowed
from companion.models_people import Asker, PeerSeat
from companion.models_staff import Caller, Role

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")


class Permission(StrEnum):
    """Name what a service method asks for."""

    ASK_FOR_PERSON = "ask for a person"
    SEE_QUEUE = "see the queue"
    TALK = "claim a request and talk"
    SET_OWN_DUTY = "set the own duty status"
    SEE_ALARMS = "see and acknowledge alarms"
    SEE_LOAD = "see how much peers carry"
    MANAGE_STAFF = "manage accounts"
    MAKE_FIRST_COORDINATOR = "make the first coordinator"
    USE_ACCOUNT = "use an account"
    READ_ACCESS_LOG = "read the access log"
    VERIFY_ACCESS_LOG = "verify the access log"
    GIVE_FEEDBACK = "give feedback"
    READ_FEEDBACK = "read counts of feedback"
    ROTATE_KEYS = "rotate the server keys"
    ERASE_ON_REQUEST = "erase on request"
    KEEP_CHAT = "keep a chat under a return code"
    LEARN = "learn, answer a quiz and practise"
    CURATE = "curate the library and the catalogue"
    JOIN_GROUP = "join a peer group"
    LEAD_GROUP = "lead a peer group"
    ASSIGN_LEADERS = "say who leads which group"


_STAFF = frozenset({Permission.USE_ACCOUNT, Permission.READ_ACCESS_LOG})

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.EMPLOYEE: frozenset(
        {
            Permission.ASK_FOR_PERSON,
            Permission.READ_ACCESS_LOG,
            Permission.GIVE_FEEDBACK,
            Permission.KEEP_CHAT,
            Permission.JOIN_GROUP,
        }
    ),
    Role.PEER: _STAFF | {Permission.SEE_QUEUE, Permission.TALK, Permission.SET_OWN_DUTY, Permission.LEARN},
    Role.FACILITATOR: _STAFF | {Permission.LEAD_GROUP, Permission.LEARN},
    Role.COORDINATOR: _STAFF
    | {
        Permission.SEE_ALARMS,
        Permission.SEE_LOAD,
        Permission.MANAGE_STAFF,
        Permission.READ_FEEDBACK,
        Permission.CURATE,
        Permission.ASSIGN_LEADERS,
    },
    Role.AUDITOR: _STAFF | {Permission.VERIFY_ACCESS_LOG},
    Role.OPERATOR: frozenset(
        {
            Permission.MAKE_FIRST_COORDINATOR,
            Permission.MANAGE_STAFF,
            Permission.VERIFY_ACCESS_LOG,
            Permission.ROTATE_KEYS,
            Permission.ERASE_ON_REQUEST,
        }
    ),
}
"""Nobody but a peer reads a letter or a talk; no role sees a person's words without holding that hand-over."""


def may(caller: Caller, permission: Permission) -> bool:
    """Tell whether any role of the caller grants the permission."""
    return any(permission in GRANTS.get(role, frozenset()) for role in caller.roles)


def demand(caller: Caller, permission: Permission) -> None:
    """Pass when the caller has the permission.

    Raises: NotAllowed.
    """
    if not may(caller, permission):
        roles = ", ".join(sorted(caller.roles)) or "nobody"
        raise NotAllowed(f"'{permission}' is not open to: {roles}.")


def requires(
    permission: Permission,
) -> Callable[[Callable[Concatenate[S, Caller, P], R]], Callable[Concatenate[S, Caller, P], R]]:
    """Mark a method whose first argument is the caller, and check the permission before it runs."""

    def mark(method: Callable[Concatenate[S, Caller, P], R]) -> Callable[Concatenate[S, Caller, P], R]:
        @wraps(method)
        def checked(self: S, caller: Caller, /, *args: P.args, **kwargs: P.kwargs) -> R:
            demand(caller, permission)
            return method(self, caller, *args, **kwargs)

        return _declare(checked, permission)

    return mark


def by_side(
    method: Callable[Concatenate[S, Asker | PeerSeat, P], R],
) -> Callable[Concatenate[S, Asker | PeerSeat, P], R]:
    """Mark a method for the two people of a hand-over: the employee proves it by token, the peer needs TALK and must hold it."""

    @wraps(method)
    def checked(self: S, side: Asker | PeerSeat, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if isinstance(side, PeerSeat):
            demand(side.caller, Permission.TALK)
        return method(self, side, *args, **kwargs)

    return _declare(checked, Permission.TALK)


def for_anyone(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a method that needs no account: an anonymous employee's, one that proves itself by a token, or a sign-in."""
    return lambda method: _declare(method, permission)


def declared_permission(method: object) -> Permission | None:
    """Return the permission a method declares; None when it was forgotten."""
    found = getattr(method, "declared_permission", None)
    return found if isinstance(found, Permission) else None


def _declare(method: Callable[P, R], permission: Permission) -> Callable[P, R]:
    method.declared_permission = permission  # type: ignore[attr-defined]
    return method
