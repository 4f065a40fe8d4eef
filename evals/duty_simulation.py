"""Months of requests and peers in seconds: the program's turns against queues in which whoever looks first takes it.

A discrete-event simulation. What is real: `network/assignment.py` and `DutyRules`, as the server uses them, with offers, declines, lapses, caps
and rests. What is invented, and named here: when people ask (more in the evening and at night), how long talks last (log-normal, median 35
minutes), how often one is heavy (15 %), who is on duty when, and that some peers look at the desk ten times as eagerly as others. The naive
queues have the same people, shifts and requests: one keeps the caps and rests but knows no turns, the other knows no limits at all.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import numpy as np

from companion.models_duty import DutyRules, PeerDeed, PeerLoad, PeerRecord
from companion.models_staff import DutyStatus, Role, StaffMember
from companion.network.assignment import Need, in_turn, load_of

START = datetime(2026, 1, 5, tzinfo=UTC)
_HOURLY = np.asarray([8, 8, 7, 6, 5, 4, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 9, 9], dtype=float)
"""Relative number of requests by the hour."""
_MEDIAN_TALK_MIN, _TALK_SPREAD, _HEAVY_SHARE = 35.0, 0.6, 0.15
_DECLINES, _MISSES = 0.05, 0.15
"""Of offers: declined, and not seen before they run out."""
_ANSWER_MIN = 0.7
"""Mean minutes until a peer at the desk answers an offer."""
_GIVE_UP_MIN = 12 * 60.0


class Matcher(StrEnum):
    """Name how requests find a peer."""

    TURNS = "turns"
    FIRST_COME = "first_come"
    NO_LIMITS = "no_limits"


@dataclass(frozen=True, slots=True)
class Season:
    """Hold one simulated stretch. requests_a_day: mean; urgent_share: 0 to 1; hours_a_week: of each peer on duty."""

    seed: int
    peers: int = 20
    days: int = 182
    requests_a_day: float = 12.0
    urgent_share: float = 0.1
    hours_a_week: float = 20.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what came of a season. over_cap: moments at which a peer was above a cap. waits: minutes of the requests that were taken.

    gini: of talks for each hour on duty, 0 is even; broke_rest: talks taken within the rest after a heavy one.
    """

    taken: int
    given_up: int
    over_cap: int
    broke_rest: int
    gini: float
    waits: tuple[float, ...]

    @property
    def mean_wait(self) -> float:
        """Return the mean wait in minutes."""
        return float(np.mean(self.waits)) if self.waits else 0.0


def simulate(season: Season, matcher: Matcher, rules: DutyRules = DutyRules()) -> Outcome:  # noqa: B008 - frozen
    """Return what a season brings with the program's turns, or in one of the naive queues."""
    return _Run(season, rules, matcher).outcome()


def gini(values: np.ndarray) -> float:
    """Return Gini's coefficient of non-negative values: 0 when all are equal, towards 1 when one has all (mean absolute difference / 2 means)."""
    if values.sum() == 0:
        return 0.0
    ordered, n = np.sort(values), len(values)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


@dataclass
class _Request:
    number: int
    at: float
    is_urgent: bool
    talk_min: float
    is_heavy: bool
    asked: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    is_taken: bool = False


class _Run:
    """Run one season. Moments are minutes since START."""

    def __init__(self, season: Season, rules: DutyRules, matcher: Matcher) -> None:
        self.season, self.rules, self.matcher = season, rules, matcher
        world = np.random.default_rng(season.seed)  # the same people, shifts and requests for all matchers
        self.chance = np.random.default_rng(season.seed + 1)
        self.ids = [f"p{number:02d}" for number in range(season.peers)]
        self.eagerness = dict(zip(self.ids, np.exp(world.uniform(0.0, np.log(10.0), season.peers)), strict=True))
        self.shifts = {peer: _shifts(world, season) for peer in self.ids}
        self.requests = _requests(world, season)
        self.events: list[tuple[float, int, str, object]] = []
        self.order = itertools.count()
        self.held: dict[str, int] = defaultdict(int)
        self.records: dict[str, deque[PeerRecord]] = {peer: deque() for peer in self.ids}
        self.taken_by: dict[str, int] = defaultdict(int)
        self.taken_at: dict[str, list[float]] = defaultdict(list)
        self.taxed_at: dict[str, list[float]] = defaultdict(list)
        self.waiting: dict[int, _Request] = {}
        self.waits: list[float] = []
        self.over_cap = self.broke_rest = self.given_up = 0

    def outcome(self) -> Outcome:
        for request in self.requests:
            self._at(request.at, "asks", request)
        while self.events:
            now, _, what, subject = heapq.heappop(self.events)
            getattr(self, f"_{what}")(now, subject)
        hours = np.asarray([sum(end - start for start, end in self.shifts[peer]) / 60 for peer in self.ids])
        talks = np.asarray([self.taken_by[peer] for peer in self.ids])
        return Outcome(len(self.waits), self.given_up, self.over_cap, self.broke_rest, gini(talks / hours), tuple(self.waits))

    # --- events --------------------------------------------------------------------------------------------------------

    def _asks(self, now: float, request: _Request) -> None:
        self.waiting[request.number] = request
        self._at(now + _GIVE_UP_MIN, "gives_up", request)
        self._seek(now, request)

    def _gives_up(self, _now: float, request: _Request) -> None:
        if self.waiting.pop(request.number, None) is not None:
            self.given_up += 1

    def _answers(self, now: float, offer: tuple[_Request, str, str]) -> None:
        request, peer, answer = offer
        if request.number not in self.waiting:
            return
        if answer == "takes" and peer in self._able(now, request):
            self._take(now, request, peer)
            return
        if answer == "declines":
            request.declined.add(peer)
        self._seek(now, request)

    def _looks(self, now: float, look: tuple[_Request, str]) -> None:
        request, peer = look
        if request.number in self.waiting and peer in self._able(now, request):
            self._take(now, request, peer)
        elif request.number in self.waiting:
            self._seek(now, request)

    def _ends(self, now: float, talk: tuple[str, _Request]) -> None:
        peer, request = talk
        self.held[peer] -= 1
        deed = PeerDeed.ENDED_URGENT if request.is_urgent else PeerDeed.HEAVY if request.is_heavy else PeerDeed.ENDED
        self._note(peer, deed, now)
        if deed is not PeerDeed.ENDED:
            self.taxed_at[peer].append(now)

    # --- steps ---------------------------------------------------------------------------------------------------------

    def _seek(self, now: float, request: _Request) -> None:
        """Offer a request to the peer whose turn it is; to everybody when it is urgent, was offered three times, or in a naive queue."""
        able = self._able(now, request)
        if not able:
            self._at(now + 5.0, "looks", (request, ""))  # somebody comes on duty, is rested, or has ended a talk
            return
        fresh = [peer for peer in able if peer not in request.asked]
        has_turns = self.matcher is Matcher.TURNS and not request.is_urgent
        if has_turns and fresh and len(request.asked) < self.rules.max_offers:
            request.asked.add(fresh[0])
            self._offer(now, request, fresh[0])
            return
        looks = {peer: float(self.chance.exponential(10.0 / self.eagerness[peer])) for peer in able}
        first = min(looks, key=lambda peer: looks[peer])
        self._at(now + looks[first], "looks", (request, first))

    def _offer(self, now: float, request: _Request, peer: str) -> None:
        draw, runs_out = float(self.chance.random()), self.rules.offer_for.total_seconds() / 60
        answers_in = float(self.chance.exponential(_ANSWER_MIN))
        if draw < _MISSES or answers_in > runs_out:
            self._at(now + runs_out, "answers", (request, peer, "lapses"))
        else:
            self._at(now + answers_in, "answers", (request, peer, "declines" if draw < _MISSES + _DECLINES else "takes"))

    def _able(self, now: float, request: _Request) -> tuple[str, ...]:
        moment = START + timedelta(minutes=now)
        members = [self._member(peer, now) for peer in self.ids if self._is_on(peer, now)]
        if self.matcher is Matcher.NO_LIMITS:
            return tuple(member.id for member in members)
        loads = self._loads(members, moment)
        return in_turn(members, loads, Need(excluded=frozenset(request.declined)), now=moment, rules=self.rules)

    def _take(self, now: float, request: _Request, peer: str) -> None:
        del self.waiting[request.number]
        self.waits.append(now - request.at)
        self.held[peer] += 1
        self.taken_by[peer] += 1
        self.taken_at[peer] = [at for at in self.taken_at[peer] if at > now - 1440] + [now]
        self.over_cap += self.held[peer] > self.rules.max_held or len(self.taken_at[peer]) > self.rules.max_per_day
        rest = self.rules.cool_down.total_seconds() / 60
        self.broke_rest += any(now - rest < at < now for at in self.taxed_at[peer][-3:])
        self._note(peer, PeerDeed.CLAIMED, now)
        self._at(now + request.talk_min, "ends", (peer, request))

    def _loads(self, members: list[StaffMember], moment: datetime) -> Mapping[str, PeerLoad]:
        return {m.id: load_of(m.id, self.held[m.id], self.records[m.id], now=moment, rules=self.rules) for m in members}

    def _note(self, peer: str, deed: PeerDeed, now: float) -> None:
        moment, mine = START + timedelta(minutes=now), self.records[peer]
        mine.append(PeerRecord(peer, deed, moment))
        while mine and mine[0].at < moment - timedelta(days=self.rules.recent_days) - self.rules.cool_down:
            mine.popleft()

    def _is_on(self, peer: str, now: float) -> bool:
        return any(start <= now < end for start, end in self.shifts[peer])

    def _member(self, peer: str, now: float) -> StaffMember:
        moment = START + timedelta(minutes=now)
        return replace(_ANYBODY, id=peer, status_since=moment - timedelta(hours=1))

    def _at(self, moment: float, what: str, subject: object) -> None:
        heapq.heappush(self.events, (moment, next(self.order), what, subject))


_ANYBODY = StaffMember("", "", "", frozenset({Role.PEER}), date(2025, 1, 1), DutyStatus.ON_DUTY, START)


def _shifts(world: np.random.Generator, season: Season) -> list[tuple[float, float]]:
    """Return the shifts of one peer over the season: the same four-hour blocks every week, drawn by when people ask."""
    blocks = max(1, round(season.hours_a_week / 4))
    by_block = _HOURLY.reshape(6, 4).sum(axis=1)
    weekly = world.choice(42, size=min(blocks, 42), replace=False, p=np.tile(by_block / by_block.sum() / 7, 7))
    starts = [week * 10080 + int(block) // 6 * 1440 + int(block) % 6 * 240 for week in range(season.days // 7 + 1) for block in weekly]
    return [(float(start), float(start + 240)) for start in sorted(starts)]


def _requests(world: np.random.Generator, season: Season) -> list[_Request]:
    rates = _HOURLY / _HOURLY.sum() * season.requests_a_day
    found: list[_Request] = []
    for day, hour in itertools.product(range(season.days), range(24)):
        for _ in range(int(world.poisson(rates[hour]))):
            at = day * 1440 + hour * 60 + float(world.uniform(0, 60))
            talk_min = float(_MEDIAN_TALK_MIN * np.exp(world.normal(0, _TALK_SPREAD)))
            drawn = world.random(2)
            found.append(_Request(len(found), at, bool(drawn[0] < season.urgent_share), talk_min, bool(drawn[1] < _HEAVY_SHARE)))
    return sorted(found, key=lambda request: request.at)
