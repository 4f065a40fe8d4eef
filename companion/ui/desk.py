"""What the parts of the peer desk share: who is signed in, which talk is open, and how an act is carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from companion.errors import CompanionError, NotAllowed, WrongState
from companion.models_duty import Hindrance
from companion.models_people import Message
from companion.models_staff import Caller
from companion.ui.staff_sign_in import demand_signed_in
from companion.ui.text import Words
from companion.ui.unsent import Sending

if TYPE_CHECKING:
    from companion.bootstrap import App
    from companion.bootstrap_people import People


@dataclass(slots=True)
class DeskState:
    """Hold which talk is open on this page and what of it has been fetched. debrief_asked_for: whose missed debrief was looked for here."""

    open_id: str | None = None
    letter: str | None = field(default=None, repr=False)
    messages: list[Message] = field(default_factory=list, repr=False)
    problem: str | None = None
    asks_to_close: bool = False
    chosen: tuple[str, str] = field(default=("", ""), repr=False)
    """A mark of its own, and words from beside the talk that the browser puts into the box."""
    asks_not_today: bool = False
    debriefs: bool = False
    debrief_asked_for: str | None = None
    sending: Sending = field(default_factory=Sending, repr=False)

    def open(self, handover_id: str | None) -> None:
        """Open a talk, or the queue with None."""
        self.open_id, self.letter, self.chosen, self.asks_to_close = handover_id, None, ("", ""), False
        self.messages.clear()
        self.sending = Sending()


@dataclass(frozen=True, slots=True)
class Desk:
    """Hold what the desk needs while it is drawn."""

    app: App
    people: People
    retention_days: int
    words: Words
    caller: Caller
    state: DeskState


def attempt(desk: Desk, act: Callable[[], object]) -> bool:
    """Carry out an act; note kind words when it fails, and tell whether it went well."""
    try:
        demand_signed_in(desk.people)
        act()
    except WrongState:
        desk.state.problem = "peer.claimed_by_other"
    except NotAllowed as refused:
        reason = str(refused)
        is_known = reason in set(Hindrance)
        desk.state.problem = f"peer.hindrances.{reason}" if is_known else "peer.not_allowed"
    except CompanionError:
        desk.state.problem = "peer.failed"
    return desk.state.problem is None


def act_on_click(desk: Desk, act: Callable[[], object]) -> None:
    """Carry out an act when a button is pressed; what fails is said at the top of the page."""
    attempt(desk, act)
