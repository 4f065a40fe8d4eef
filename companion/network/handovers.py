"""The one service that the pages call for everything around a hand-over."""

from __future__ import annotations

from companion.network.asking import Asking
from companion.network.peer_desk import PeerDesk
from companion.network.talk import Talk


class HandoverService(Asking, PeerDesk, Talk):
    """Bring an employee and a peer together and carry their words: asking, the peer's desk, the talk."""
