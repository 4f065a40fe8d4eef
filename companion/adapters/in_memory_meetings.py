"""Groups that meet, in memory: for tests. They pass the same contracts as the database."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from companion.models_meetings import Counted, HeldMeeting, HelpCard, Membership, Register, Taps, UseQuestion
from companion.models_mentoring import MentoringBook


class MemoryMembershipStore:
    """Keep who is in which group in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._registers: dict[str, Register] = {}
        self._lock = threading.Lock()

    def register(self, group_key: str) -> Register:
        """Return all memberships of a group."""
        return self._registers.get(group_key, Register(group_key))

    def replace(self, before: Register, after: Register) -> bool:
        """Store all differences, or none when it has been changed."""
        with self._lock:
            if self.register(before.group_key).version != before.version:
                return False
            self._registers[before.group_key] = replace(after, version=before.version + 1)
            return True

    def find(self, token_hash: str) -> Membership | None:
        """Return the membership of a code, or None."""
        everybody = (each for register in self._registers.values() for each in register.memberships)
        return next((each for each in everybody if each.token_hash == token_hash), None)

    def forget_before(self, day: date) -> int:
        """Delete memberships that were kept until before a day; return how many."""
        gone = 0
        with self._lock:
            for key, register in self._registers.items():
                kept = tuple(each for each in register.memberships if each.until >= day)
                gone += len(register.memberships) - len(kept)
                self._registers[key] = replace(register, memberships=kept)
        return gone


class MemoryFacilitationStore:
    """Keep all around leading a group in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._leaders: dict[tuple[str, str], date] = {}
        self._meetings: dict[tuple[str, date], HeldMeeting] = {}
        self._taps: dict[tuple[str, str, UseQuestion], list[bool]] = {}

    def assign(self, group_key: str, staff_id: str, day: date) -> bool:
        """Let somebody lead a group from a day on; False when they do already."""
        is_new = (group_key, staff_id) not in self._leaders
        self._leaders.setdefault((group_key, staff_id), day)
        return is_new

    def unassign(self, group_key: str, staff_id: str) -> bool:
        """Let somebody lead a group no more; False when they did not."""
        return self._leaders.pop((group_key, staff_id), None) is not None

    def leaders(self, group_key: str) -> Mapping[str, date]:
        """Return who leads a group, as staff id → since when."""
        return {staff_id: since for (key, staff_id), since in self._leaders.items() if key == group_key}

    def led_by(self, staff_id: str) -> tuple[str, ...]:
        """Return the keys of the groups that somebody leads, in alphabetical order."""
        return tuple(sorted(key for key, leader in self._leaders if leader == staff_id))

    def note_meeting(self, group_key: str, meeting: HeldMeeting) -> None:
        """Store how many came on a day, in place of an earlier note of that day."""
        self._meetings[(group_key, meeting.day)] = meeting

    def drop_meeting(self, group_key: str, day: date) -> None:
        """Forget the note of a day."""
        self._meetings.pop((group_key, day), None)

    def meetings(self, group_key: str, limit: int) -> tuple[HeldMeeting, ...]:
        """Return at most `limit` meetings, newest first."""
        own = [meeting for (key, _), meeting in self._meetings.items() if key == group_key]
        return tuple(sorted(own, key=lambda meeting: meeting.day, reverse=True)[:limit])

    def tap(self, group_key: str, quarter: str, question: UseQuestion, *, is_yes: bool) -> None:
        """Count one answer."""
        self._taps.setdefault((group_key, quarter, question), []).append(is_yes)

    def taps(self, group_key: str, step: int) -> tuple[Taps, ...]:
        """Return the counts as of the last full step of five or ten answers, newest quarter first; none below one step."""
        shown = []
        for (key, quarter, question), answers in self._taps.items():
            full = answers[: len(answers) // step * step]
            if key == group_key and full:
                shown.append(Taps(quarter, question, sum(full), len(full)))
        return tuple(sorted(sorted(shown, key=lambda taps: taps.question), key=lambda taps: taps.quarter, reverse=True))


class MemoryCardStore:
    """Keep cards in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._cards: dict[str, HelpCard] = {}

    def add(self, card: HelpCard) -> None:
        """Store a new one."""
        self._cards[card.id] = card

    def all(self) -> tuple[HelpCard, ...]:
        """Return all, oldest month first, within a month by random id."""
        return tuple(sorted(self._cards.values(), key=lambda card: (card.month, card.id)))

    def remove(self, card_id: str) -> bool:
        """Delete one; False when it was gone."""
        return self._cards.pop(card_id, None) is not None

    def forget_before(self, month: str) -> int:
        """Delete those of months before one; return how many."""
        gone = [card.id for card in self._cards.values() if card.month < month]
        return sum(self.remove(card_id) for card_id in gone)


class MemoryGroupCounts:
    """Count by month in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._counts: Counter[tuple[Counted, str, str]] = Counter()

    def add(self, kind: Counted, ref: str, month: str) -> None:
        """Count one."""
        self._counts[(kind, ref, month)] += 1

    def total(self, kind: Counted, ref: str) -> int:
        """Return how many there are of all months."""
        return self.totals(kind).get(ref, 0)

    def totals(self, kind: Counted) -> Mapping[str, int]:
        """Return ref → how many there are of all months."""
        totals: Counter[str] = Counter()
        for (counted, ref, _), count in self._counts.items():
            if counted is kind:
                totals[ref] += count
        return totals


class MemoryMentoringStore:
    """Keep mentoring in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._book = MentoringBook()
        self._lock = threading.Lock()

    def book(self) -> MentoringBook:
        """Return everybody and every pair."""
        return self._book

    def replace(self, before: MentoringBook, after: MentoringBook) -> bool:
        """Store all differences, or none when the book has been changed."""
        with self._lock:
            if self._book.version != before.version:
                return False
            self._book = replace(after, version=before.version + 1)
            return True

    def forget_before(self, day: date) -> int:
        """Delete people who were kept until before a day, with their pairs; return how many people."""
        gone = [each.id for each in self._book.seekers if each.until < day]
        seekers = tuple(each for each in self._book.seekers if each.id not in gone)
        pairs = tuple(pair for pair in self._book.pairs if not any(pair.has(each) for each in gone))
        self._book = replace(self._book, seekers=seekers, pairs=pairs)
        return len(gone)
