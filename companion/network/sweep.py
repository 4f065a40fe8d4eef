"""Timers and outbox: what must happen by itself, done by any running instance, at most once each.

Every step is conditional in the store, so two instances that sweep at the same moment do not disturb each other.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from companion.errors import CompanionError, NotFound, NotifierFailed
from companion.logs import kind_of
from companion.models_duty import PeerDeed, PeerRecord
from companion.models_people import Act, Audience, Handover, Notice
from companion.network.escalation import OPEN, UNCLAIMED, UNOFFERED, EscalationTimes, Move, change, overdue_act
from companion.network.safety_alerts import STAYS_OPEN, last_repeat, untaken
from companion.network.staff import ABSOLUTE_LIMIT, LONGEST_BLOCK
from companion.network.turns import Turns
from companion.ports import Clock
from companion.ports_people import AccessLog, HandoverStore, Notifier

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 5.0
"""Chosen by us: short against the shortest step of two minutes."""
LEASE = timedelta(seconds=20)
"""Longer than the notifier's limit of 10 s, so that a notice on its way is not sent by a second instance."""
LONGEST_RETRY_S = 60
ACCESS_LOG_RETENTION = timedelta(days=365)
"""One year, DESIGN 5."""
PEER_RECORDS_RETENTION = timedelta(days=60)
"""Chosen by us: two months of load are enough to see who carries too much."""
DRILL_EVERY = timedelta(hours=24)
"""PROMISES, escalation: a synthetic notice every day proves the path."""
_SHORTEST_OFFER = timedelta(seconds=60)
"""Chosen by us: less is no fair chance to read and answer."""
_TIDY_EVERY = timedelta(hours=1)
_BATCH = 100


@dataclass(frozen=True, slots=True)
class SweepCount:
    """Count what one sweep did."""

    moved: int = 0
    offered: int = 0
    erased: int = 0
    forgotten: int = 0
    sent: int = 0
    failed: int = 0


@dataclass
class Sweeper:
    """Carry out due timers, send due notices, and delete what has passed its retention.

    forget: further things that pass their retention; each takes the time and returns how many it deleted.
    """

    store: HandoverStore
    turns: Turns
    access_log: AccessLog
    notifier: Notifier
    clock: Clock
    times: EscalationTimes
    forget: tuple[Callable[[datetime], int], ...] = ()
    _woken: threading.Event = field(default_factory=threading.Event)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _tidied_at: datetime | None = None

    def sweep(self) -> SweepCount:
        """Do everything that is due now and return what was done. Raises: StoreUnavailable."""
        moved, erased = self._run_timers()
        offered = self._offer()
        sent, failed = self._send_notices()
        self._repeat_dangers()
        self._drill()
        return SweepCount(moved, offered, erased, self._tidy(), sent, failed)

    def wake(self) -> None:
        """Let the background thread sweep at once; returns immediately."""
        self._woken.set()

    def start(self) -> None:
        """Sweep every 5 s in a daemon thread until `stop`; a second call changes nothing."""
        if self._thread is None or not self._thread.is_alive():
            self._stopped.clear()
            self._thread = threading.Thread(target=self._run, name="companion-sweeper", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the background thread and wait for it, at most 15 s."""
        self._stopped.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout=15)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                self.sweep()
            except CompanionError as exc:
                log.warning("sweep postponed: %s", kind_of(exc))
            except Exception as exc:  # noqa: BLE001 - timers that end in silence would leave people waiting; the next sweep tries again
                log.error("a sweep broke: %s", kind_of(exc))
            self._woken.wait(SWEEP_EVERY_S)

    def _run_timers(self) -> tuple[int, int]:
        now = self.clock.now()
        moved, ended = 0, []
        for handover in self.store.due(now, _BATCH):
            act = overdue_act(handover, now, self.times)
            if act is None:
                ended.append(handover.id)
            elif self.store.apply((change(handover, Move(act, now, excluded_peer=handover.peer_id), self.times),)):
                moved += 1
        return moved, self.store.erase(ended) if ended else 0

    def _offer(self) -> int:
        """Offer each calm request that is new in the queue to the peer whose turn it is; urgent ones are open to everybody at once."""
        now, offered = self.clock.now(), 0
        for handover in self.store.waiting():
            until = self._offer_ends(handover, now)
            peer_id = self.turns.next_to_ask(handover, now) if until is not None else None
            if peer_id is not None:
                offer = Move(Act.OFFER, now, offered_to=peer_id, offered_until=until)
                offered += self.store.apply((change(handover, offer, self.times),))
        return offered

    def _offer_ends(self, handover: Handover, now: datetime) -> datetime | None:
        """Return until when a request may be offered to one peer, None when it is open to all: urgent, reminded, or soon to be."""
        if handover.urgent or handover.reminders or handover.state not in UNOFFERED:
            return None
        first_step = handover.waiting_since + self.times.patience(urgent=False).steps[0]
        until = min(now + self.turns.rules.offer_for, first_step)
        return until if until - now >= _SHORTEST_OFFER else None

    def _send_notices(self) -> tuple[int, int]:
        sent = failed = 0
        for notice in self.store.notices_due(self.clock.now(), _BATCH):
            handover = self._wanted(notice)
            if handover is None:
                self.store.settle_notice(notice.key)
            elif self.store.lease_notice(notice, self.clock.now() + LEASE):
                is_sent = self._send(notice)
                sent, failed = sent + is_sent, failed + (not is_sent)
        return sent, failed

    def _send(self, notice: Notice) -> bool:
        try:
            self.notifier.send(notice.audience, urgent=notice.urgent, idempotency_key=notice.key)
        except NotifierFailed:
            self.store.postpone_notice(notice.key, self.clock.now() + retry_after(notice))
            self.turns.book.note_notice(self.clock.now(), is_delivered=False)
            return False
        self.store.settle_notice(notice.key)
        self.turns.book.note_notice(self.clock.now(), is_delivered=True)
        self._note_delivery(notice)
        return True

    def _note_delivery(self, notice: Notice) -> None:
        """Let the employee see that a notice left; if somebody was quicker, there is nothing left to note."""
        handover = self._wanted(notice)
        if handover is None or handover.state not in UNCLAIMED or handover.notified_at is not None:
            return
        act = Act.NOTIFY if handover.state in UNOFFERED else Act.REACH
        self.store.apply((change(handover, Move(act, self.clock.now()), self.times),))

    def _wanted(self, notice: Notice) -> Handover | None:
        """Return the hand-over of a notice while it still waits for a peer; of a peer's alarm, while it is open at all."""
        try:
            handover = self.store.get(notice.handover_id)
        except NotFound:
            return None
        return handover if handover.state in (OPEN if notice.audience is Audience.DANGER else UNCLAIMED) else None

    def _repeat_dangers(self) -> None:
        """Tell the coordinators again of each safety button that nobody has taken, by whichever instance comes first."""
        now = self.clock.now()
        for staff_id, pressed_at in untaken(self.turns.book.records(now - STAYS_OPEN)).items():
            at = last_repeat(pressed_at, now, self.times)
            if at is not None and self.turns.book.add_once(PeerRecord(staff_id, PeerDeed.DANGER_AGAIN, at)):
                is_delivered = True
                try:
                    self.notifier.send(Audience.DANGER, urgent=True, idempotency_key=f"danger-{staff_id}-{at:%Y-%m-%d-%H-%M-%S}")
                except NotifierFailed:
                    is_delivered = False  # the next repeat tries again
                self.turns.book.note_notice(now, is_delivered=is_delivered)

    def _drill(self) -> None:
        """Test the notice path once a day, by whichever instance comes first; what came of it is on the coordinators' page."""
        now, before = self.clock.now(), self.turns.book.notice_health().drilled_at
        if before is not None and now - before < DRILL_EVERY:
            return
        if not self.turns.book.begin_drill(before, now):
            return
        try:
            self.notifier.send(Audience.DRILL, urgent=False, idempotency_key=f"drill-{now:%Y-%m-%d-%H-%M}")
        except NotifierFailed:
            self.turns.book.note_notice(now, is_delivered=False)
            return
        self.turns.book.note_notice(now, is_delivered=True)

    def _tidy(self) -> int:
        now = self.clock.now()
        if self._tidied_at is not None and now - self._tidied_at < _TIDY_EVERY:
            return 0
        self._tidied_at = now
        self.turns.book.forget_before(now - PEER_RECORDS_RETENTION)
        self.turns.staff.forget_stale(sessions_before=now - ABSOLUTE_LIMIT, attempts_before=now - 4 * LONGEST_BLOCK)
        self.access_log.forget_before(now - ACCESS_LOG_RETENTION)
        return sum(forget(now) for forget in self.forget)


def retry_after(notice: Notice) -> timedelta:
    """Return the wait after a failed try: 1, 2, 4 … 60 s, and up to a quarter more, so that many notices do not come at once.

    notice.attempts: tries before the one that failed.
    """
    base = min(2 ** min(notice.attempts, 6), LONGEST_RETRY_S)
    share = sha256(notice.key.encode()).digest()[0] / 255
    return timedelta(seconds=base * (1 + share / 4))
