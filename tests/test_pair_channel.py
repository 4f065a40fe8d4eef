"""A mentoring pair writes to one another: the two alone read it, sealed at rest, erased seven days after they part or at once with either."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from companion.adapters.in_memory import SetClock
from companion.adapters.sql_tables import metadata, pair_channels
from companion.bootstrap import App
from companion.bootstrap_meetings import Meetings, open_meetings
from companion.bootstrap_people import People, open_people
from companion.errors import InputRefused, NotFound, WrongState
from companion.models_mentoring import Side, Step
from companion.models_staff import OPERATOR, Role
from companion.network.pair_channel import KEPT_DAYS, MAX_PAIR_MESSAGE_CHARS, PairChannelService
from companion.network.permissions import GRANTS, Permission

SAID = "my mother is ill and I have told nobody at work"


class Pairs:
    """Hold the services over a real database, with a clock that can be set."""

    def __init__(self, people: People, meetings: Meetings, clock: SetClock) -> None:
        self.people, self.clock = people, clock
        self.mentoring = meetings.mentoring
        self.channel = meetings.pair_channel

    def meeting(self, *names: str) -> tuple[str, str]:
        names = names or ("Lark", "Wren")
        mentor, mentee = (self.mentoring.join(name, side, ("sleep",)) for name, side in zip(names, (Side.MENTOR, Side.MENTEE), strict=True))
        for code in (mentor, mentee):
            self.mentoring.answer(code, 4)
        return mentor, mentee

    def read(self, code: str) -> list[str]:
        return [message.text for message in self.channel.read(code).messages]

    def sweep(self) -> None:
        for forget in self.people.sweeper.forget:
            forget(self.clock.now())

    def rows(self) -> list[str]:
        with self.people.database.read() as connection:
            return [str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]

    def channels(self) -> int:
        with self.people.database.read() as connection:
            return len(connection.execute(select(pair_channels)).all())


@pytest.fixture
def pairs(app: App, tmp_path: Path) -> Iterator[Pairs]:
    clock = SetClock()
    people = open_people(app.settings.model_copy(update={"state_dir": tmp_path}), clock)
    before, app.clock = app.clock, clock
    yield Pairs(people, open_meetings(app, people), clock)
    app.clock = before
    people.close()


# --- the two ------------------------------------------------------------------------------------------------------------


def test_each_reads_what_the_other_wrote_in_order(pairs: Pairs) -> None:
    mentor, mentee = pairs.meeting()
    pairs.channel.post(mentee, "Tuesday at noon?")
    pairs.channel.post(mentor, "Yes, by phone.")

    seen = pairs.channel.read(mentor)

    assert [(message.is_mine, message.text) for message in seen.messages] == [(False, "Tuesday at noon?"), (True, "Yes, by phone.")]
    assert [message.text for message in pairs.channel.read(mentee, after=1).messages] == ["Yes, by phone."]
    assert seen.can_write


def test_a_message_sent_again_is_there_once(pairs: Pairs) -> None:
    mentor, mentee = pairs.meeting()

    for _ in range(3):
        pairs.channel.post(mentor, SAID, "the same key")

    assert pairs.read(mentee) == [SAID]


@pytest.mark.parametrize(("text", "reason"), [("  ", "empty"), ("x" * (MAX_PAIR_MESSAGE_CHARS + 1), "too_long")])
def test_what_is_no_message_is_refused(pairs: Pairs, text: str, reason: str) -> None:
    mentor, _ = pairs.meeting()

    with pytest.raises(InputRefused) as refused:
        pairs.channel.post(mentor, text)

    assert refused.value.reason == reason


def test_nobody_writes_before_both_said_yes(pairs: Pairs) -> None:
    mentor, mentee = (pairs.mentoring.join(name, side, ("sleep",)) for name, side in (("Lark", Side.MENTOR), ("Wren", Side.MENTEE)))
    pairs.mentoring.answer(mentor, 4)

    for code in (mentor, mentee):
        with pytest.raises(WrongState):
            pairs.channel.post(code, SAID)
        assert not pairs.channel.read(code).can_write


# --- nobody else --------------------------------------------------------------------------------------------------------


def test_another_pair_and_a_made_up_code_read_nothing(pairs: Pairs) -> None:
    mentor, _ = pairs.meeting()
    pairs.channel.post(mentor, SAID)
    others = pairs.meeting("Tern", "Finch")

    assert [pairs.read(code) for code in others] == [[], []]
    for act in (lambda: pairs.channel.read("no such code"), lambda: pairs.channel.post("no such code", SAID)):
        with pytest.raises(NotFound):
            act()


def test_no_role_of_the_staff_has_a_way_in() -> None:
    public = [name for name in vars(PairChannelService) if not name.startswith("_")]

    assert {name for name in public if callable(getattr(PairChannelService, name))} == {"post", "read"}
    assert {role for role, granted in GRANTS.items() if Permission.JOIN_GROUP in granted} == {Role.EMPLOYEE}


def test_what_they_write_lies_sealed(pairs: Pairs, tmp_path: Path) -> None:
    mentor, _ = pairs.meeting()
    pairs.channel.post(mentor, SAID)

    assert pairs.channels() == 1
    assert not [row for row in pairs.rows() if "mother" in row]
    assert not [path.name for path in tmp_path.rglob("*") if path.is_file() and b"mother" in path.read_bytes()]


def test_a_message_cannot_be_moved_to_the_other_side(pairs: Pairs) -> None:
    mentor, mentee = pairs.meeting()
    pairs.channel.post(mentor, SAID)

    with pairs.people.database.write() as connection:
        connection.exec_driver_sql("UPDATE pair_messages SET side = 'mentee'")

    with pytest.raises(Exception, match="altered"):
        pairs.read(mentee)


def test_a_new_server_key_reseals_what_they_wrote(pairs: Pairs) -> None:
    mentor, mentee = pairs.meeting()
    pairs.channel.post(mentor, SAID)

    assert pairs.people.keys.rotate(OPERATOR)["pair_channels"] == 0
    assert pairs.read(mentee) == [SAID]


# --- the end ------------------------------------------------------------------------------------------------------------


def test_after_parting_both_read_for_seven_days_and_nobody_writes(pairs: Pairs) -> None:
    mentor, mentee = pairs.meeting()
    pairs.channel.post(mentor, SAID)
    pairs.mentoring.part(mentee)
    pairs.sweep()

    talk = pairs.channel.read(mentee)
    assert (talk.can_write, [message.text for message in talk.messages]) == (False, [SAID])
    assert talk.until == pairs.clock.now().date() + timedelta(days=KEPT_DAYS)
    with pytest.raises(WrongState):
        pairs.channel.post(mentor, "one more")

    pairs.clock.advance(timedelta(days=KEPT_DAYS))
    pairs.sweep()
    assert pairs.read(mentor) == [SAID]
    pairs.clock.advance(timedelta(days=1))
    assert pairs.read(mentor) == []  # gone for both even before the sweep has come by
    pairs.sweep()
    assert pairs.channels() == 0


def test_the_last_meeting_ends_it_as_well(pairs: Pairs) -> None:
    mentor, mentee = pairs.meeting()
    pairs.channel.post(mentor, SAID)
    for number in range(4):
        if pairs.mentoring.mine(mentor).step is Step.HALF_TIME:
            pairs.mentoring.go_on(mentor)
            pairs.mentoring.go_on(mentee)
        pairs.mentoring.note_session(mentor if number % 2 else mentee)
        pairs.clock.advance(timedelta(days=1))

    pairs.sweep()
    pairs.clock.advance(timedelta(days=KEPT_DAYS + 1))
    pairs.sweep()

    assert pairs.channels() == 0


def test_whoever_is_forgotten_takes_what_the_two_wrote_along_at_once(pairs: Pairs) -> None:
    mentor, mentee = pairs.meeting()
    pairs.channel.post(mentee, SAID)
    assert pairs.channels() == 1

    pairs.mentoring.leave(mentor)

    assert pairs.channels() == 0
    assert pairs.read(mentee) == []


def test_a_pair_that_goes_on_is_not_touched_by_the_sweep(pairs: Pairs) -> None:
    mentor, mentee = pairs.meeting()
    pairs.channel.post(mentor, SAID)

    pairs.clock.advance(timedelta(days=30))
    pairs.sweep()

    assert pairs.read(mentee) == [SAID]


def test_after_a_new_pair_has_begun_the_old_words_are_not_shown_there(pairs: Pairs) -> None:
    mentor, mentee = pairs.meeting()
    pairs.channel.post(mentor, SAID)
    pairs.mentoring.part(mentor)
    pairs.mentoring.look_again(mentor)
    third = pairs.mentoring.join("Finch", Side.MENTEE, ("sleep",))
    for code in (mentor, third):
        pairs.mentoring.answer(code, 4)

    assert (pairs.read(mentor), pairs.read(third)) == ([], [])
    pairs.channel.post(third, "hello")
    assert pairs.read(mentor) == ["hello"]
    assert pairs.read(mentee) == [SAID]
