"""Browsers without a screen: they speak Streamlit's protocol over a real websocket, as many as a bench or a test wants.

Each keeps what its page would show (the elements by key) and every byte that it received, so that a test can look for what should not be there.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from companion.errors import CompanionError

_ACCEPT, _TYPED = "accept", "typed"
"""Keys of the notice's button and of the chat's input in the program's pages."""
_KEY = re.compile(r"-([^-].*)$")
_PATIENCE_S = 60.0
NUDGE_AFTER_S = 20.0
"""A page without a screen that draws nothing for so long is drawn anew, as somebody would tap it; each time is counted."""


class BrowserStuck(CompanionError):
    """Report a page that did not come to what was waited for."""


@dataclass
class PagelessBrowser:
    """Be one open page.

    url: of the websocket, e.g. "ws://127.0.0.1:8501/_stcore/stream". received: all frames, oldest first, when `keeps_frames`.
    patience_s: seconds to wait for anything. nudges: how often the page stood still and was drawn anew, or its message sent again. resent: how often the
    latter, since the message had not arrived.
    """

    url: str
    keeps_frames: bool = False
    patience_s: float = _PATIENCE_S
    nudges: int = 0
    resent: int = 0
    received: list[bytes] = field(default_factory=list, repr=False)
    _socket: ClientConnection | None = None
    _session_id: str = ""
    _page_hash: str = ""
    _widgets: dict[str, str] = field(default_factory=dict)
    _turns: dict[str, dict[str, object]] = field(default_factory=dict)
    _ticks: dict[str, float] = field(default_factory=dict)
    _next_tick: float = 0.0

    async def __aenter__(self) -> PagelessBrowser:
        await self.open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def open(self) -> None:
        """Load the page, or load on after a lost connection: the server knows the session again. Raises: BrowserStuck."""
        # The second entry is the place of the token against cross-site requests, which a server without a sign-in does not ask for.
        protocols = ["streamlit", "none", self._session_id] if self._session_id else ["streamlit"]
        self._socket = await connect(self.url, subprotocols=protocols, max_size=None, open_timeout=self.patience_s)  # type: ignore[arg-type]
        await self._rerun()
        await self._until(lambda: self._is_drawn, "the page")

    async def close(self) -> None:
        """Close the tab, or lose the connection."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def see_notice(self) -> None:
        """Wait until the first page can be used: the notice stands there with its button. Raises: BrowserStuck."""
        await self._until(lambda: _ACCEPT in self._widgets, "the notice")

    async def accept_notice(self) -> None:
        """Press the button of the notice and wait for the chat. Raises: BrowserStuck."""
        await self.see_notice()
        await self._press(_ACCEPT)
        await self._until(lambda: _TYPED in self._widgets, "the chat")

    async def say(self, text: str) -> float:
        """Send a message and return the seconds until its reply was whole. Raises: BrowserStuck."""
        before, known, began = len(self.answered), len(self._turns), time.perf_counter()

        async def nudge() -> None:
            if len(self._turns) > known:
                await self._rerun()  # it is being answered: look at the page anew
            else:
                self.resent += 1
                await self._type(text)  # it never arrived: send it again, as a person would

        await self._type(text)
        await self._until(lambda: len(self.answered) > before, "a reply", nudge)
        return time.perf_counter() - began

    async def _type(self, text: str) -> None:
        message = self._back()
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id = self._widgets[_TYPED]
        widget.chat_input_value.data = text
        await self._send(message)

    async def idle(self, seconds: float) -> None:
        """Stay open for a while, as somebody who reads: frames are taken in and fragments rerun. Raises: BrowserStuck."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await self._read(min(1.0, max(0.01, until - time.monotonic())))

    @property
    def answered(self) -> list[dict[str, object]]:
        """Return the turns whose reply is whole, oldest first, as the page's component gets them."""
        return [turn for turn in self._turns.values() if turn.get("state") == "done"]

    async def _press(self, key: str) -> None:
        message = self._back()
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id, widget.trigger_value = self._widgets[key], True
        await self._send(message)

    async def _rerun(self, fragment: str = "") -> None:
        message = self._back()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        await self._send(message)

    def _back(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.page_script_hash = self._page_hash
        return message

    async def _send(self, message: BackMsg) -> None:
        if self._socket is None:
            raise BrowserStuck("the page is closed.")
        self._is_drawn = False
        try:
            await self._socket.send(message.SerializeToString())
        except ConnectionClosed as exc:
            raise BrowserStuck("the server closed the connection.") from exc

    async def _until(self, is_there: Callable[[], bool], what: str, nudge: Callable[[], Awaitable[None]] | None = None) -> None:
        """Read frames, and rerun fragments when the page would, until something is there; nudge the page when it is still for long."""
        give_up, next_nudge = time.monotonic() + self.patience_s, time.monotonic() + NUDGE_AFTER_S
        while not is_there():
            now = time.monotonic()
            if now > give_up:
                raise BrowserStuck(f"{what} did not come within {self.patience_s:.0f} s.")
            if now > next_nudge:
                self.nudges, next_nudge = self.nudges + 1, now + NUDGE_AFTER_S
                await (nudge or self._rerun)()
            await self._read(0.05)

    async def _read(self, timeout_s: float) -> None:
        if self._socket is None:
            raise BrowserStuck("the page is closed.")
        try:
            self._take(await asyncio.wait_for(self._socket.recv(), timeout_s))
        except TimeoutError:
            await self._tick()
        except ConnectionClosed as exc:
            raise BrowserStuck("the server closed the connection.") from exc

    async def _tick(self) -> None:
        """Rerun the quickest fragment when its time has come."""
        if self._ticks and self._is_drawn and time.monotonic() >= self._next_tick:
            fragment = min(self._ticks, key=lambda name: self._ticks[name])
            self._next_tick = time.monotonic() + self._ticks[fragment]
            await self._rerun(fragment)

    def _take(self, frame: str | bytes) -> None:
        content = frame.encode() if isinstance(frame, str) else frame
        if self.keeps_frames:
            self.received.append(content)
        message = ForwardMsg()
        message.ParseFromString(content)
        match message.WhichOneof("type"):
            case "new_session":
                self._session_id = message.new_session.initialize.session_id or self._session_id
                self._page_hash = message.new_session.page_script_hash
            case "auto_rerun":
                self._ticks[message.auto_rerun.fragment_id] = message.auto_rerun.interval
                self._next_tick = min(self._next_tick or float("inf"), time.monotonic() + message.auto_rerun.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._ticks.pop(fragment, None)
            case "script_finished":
                self._is_drawn = message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN  # then it is drawn once more
            case "delta":
                self._draw(message)
            case _:
                pass

    def _draw(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "button":
                self._widgets[_key_of(element.button.id)] = element.button.id
            case "chat_input":
                self._widgets[_key_of(element.chat_input.id)] = element.chat_input.id
            case "bidi_component":
                key = _key_of(element.bidi_component.id)
                if key.startswith("turn-"):
                    self._turns[key] = json.loads(element.bidi_component.json or "{}")
            case _:
                pass

    _is_drawn: bool = False


def _key_of(element_id: str) -> str:
    """Return the key that the program gave to an element, which stands behind the hash in its id."""
    found = _KEY.search(element_id.removeprefix("$$ID-"))
    return found[1] if found else ""
