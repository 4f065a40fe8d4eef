"""Mentoring: offered by shared goals, answered blind, four to six sessions, a look at half-time, a good close, and no blame."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from companion.adapters.in_memory import SetClock
from companion.adapters.in_memory_meetings import MemoryMentoringStore
from companion.errors import FormRefused, InputRefused, NotFound, WrongState
from companion.models_meetings import PseudonymLook
from companion.models_mentoring import PairState, Side, Step
from companion.network.mentoring import MentoringService
from companion.network.pairing import OFFER_DAYS


@dataclass
class Lounge:
    """Hold the service over a store in memory, with a clock that can be set."""

    clock: SetClock = field(default_factory=SetClock)
    look: PseudonymLook = PseudonymLook.FINE

    def __post_init__(self) -> None:
        self.store = MemoryMentoringStore()
        self.service = MentoringService(self.store, self.clock, lambda _: self.look)

    def mentor(self, name: str = "Lark", *goals: str) -> str:
        return self.service.join(name, Side.MENTOR, goals or ("sleep", "grief"))

    def mentee(self, name: str = "Wren", *goals: str) -> str:
        return self.service.join(name, Side.MENTEE, goals or ("sleep",))

    def meeting(self, sessions: int = 4) -> tuple[str, str]:
        codes = self.mentor(), self.mentee()
        for code in codes:
            self.service.answer(code, sessions)
        return codes

    def step(self, code: str) -> Step:
        return self.service.mine(code).step

    def next_day(self) -> None:
        self.clock.advance(timedelta(days=1))


@pytest.fixture
def lounge() -> Lounge:
    return Lounge()


# --- being offered -----------------------------------------------------------------------------------------------------


def test_two_who_share_a_goal_are_offered_to_each_other_under_their_names(lounge: Lounge) -> None:
    mentor, mentee = lounge.mentor(), lounge.mentee()

    place = lounge.service.mine(mentee)

    assert (place.step, place.other, place.shared) == (Step.ASKED, "Lark", ("sleep",))
    assert lounge.service.mine(mentor).other == "Wren"


def test_who_shares_most_goals_comes_first_and_nobody_is_offered_twice(lounge: Lounge) -> None:
    many, few = lounge.mentee("Tern", "sleep", "grief"), lounge.mentee("Wren", "sleep")

    mentor = lounge.mentor("Lark", "sleep", "grief")

    assert lounge.service.mine(mentor).other == "Tern"
    assert lounge.step(few) is Step.LOOKING
    assert lounge.step(many) is Step.ASKED


@pytest.mark.parametrize(("side", "goals"), [(Side.MENTOR, ("sleep",)), (Side.MENTEE, ("burnout",))])
def test_two_of_one_side_or_without_a_shared_goal_are_not_offered(lounge: Lounge, side: Side, goals: tuple[str, ...]) -> None:
    mentor = lounge.mentor()

    other = lounge.service.join("Tern", side, goals)

    assert [lounge.step(code) for code in (mentor, other)] == [Step.LOOKING, Step.LOOKING]


def test_a_name_that_is_taken_or_leads_to_somebody_is_refused(lounge: Lounge) -> None:
    lounge.mentor("Lark")
    with pytest.raises(FormRefused):
        lounge.mentee("LARK ")
    lounge.look = PseudonymLook.DETAIL

    with pytest.raises(InputRefused):
        lounge.mentee("a.b@c.example")


@pytest.mark.parametrize("goals", [(), ("a", "b", "c", "d")])
def test_there_are_one_to_three_goals(lounge: Lounge, goals: tuple[str, ...]) -> None:
    with pytest.raises(FormRefused):
        lounge.service.join("Wren", Side.MENTEE, goals)


# --- answering blind ---------------------------------------------------------------------------------------------------


def test_two_yeses_make_a_pair_with_the_smaller_number_of_sessions(lounge: Lounge) -> None:
    mentor, mentee = lounge.mentor(), lounge.mentee()

    lounge.service.answer(mentor, 6)
    place = lounge.service.answer(mentee, 4)

    assert (place.step, place.planned, place.held) == (Step.MEETING, 4, 0)


def test_a_no_looks_to_the_other_exactly_like_silence(lounge: Lounge) -> None:
    mentor, mentee = lounge.mentor(), lounge.mentee()
    lounge.service.answer(mentor, 5)
    silent = lounge.service.mine(mentor)

    lounge.service.answer(mentee, 0)

    assert lounge.service.mine(mentor) == silent
    lounge.clock.advance(timedelta(days=OFFER_DAYS))
    assert lounge.step(mentor) is Step.WAITING
    lounge.next_day()
    assert lounge.step(mentor) is Step.LOOKING


def test_an_answer_is_not_changed_by_a_second_one(lounge: Lounge) -> None:
    mentor, mentee = lounge.mentor(), lounge.mentee()
    lounge.service.answer(mentor, 0)
    lounge.service.answer(mentor, 5)

    lounge.service.answer(mentee, 5)

    assert lounge.step(mentee) is Step.WAITING


@pytest.mark.parametrize("sessions", [-1, 1, 3, 7])
def test_a_yes_names_four_to_six_sessions(lounge: Lounge, sessions: int) -> None:
    mentor, _ = lounge.mentor(), lounge.mentee()

    with pytest.raises(FormRefused):
        lounge.service.answer(mentor, sessions)


def test_those_whose_offer_came_to_nothing_are_never_offered_to_each_other_again(lounge: Lounge) -> None:
    mentor, mentee = lounge.mentor(), lounge.mentee()
    lounge.service.answer(mentee, 0)

    lounge.clock.advance(timedelta(days=OFFER_DAYS + 1))

    assert [lounge.step(code) for code in (mentor, mentee)] == [Step.LOOKING, Step.LOOKING]
    another = lounge.mentor("Tern")
    assert lounge.service.mine(another).other == "Wren"


# --- meeting and parting -----------------------------------------------------------------------------------------------


def test_at_half_time_they_say_how_it_goes_before_they_meet_again(lounge: Lounge) -> None:
    mentor, mentee = lounge.meeting(4)
    for _ in range(2):
        lounge.service.note_session(mentor)
        lounge.next_day()

    assert [lounge.step(code) for code in (mentor, mentee)] == [Step.HALF_TIME, Step.HALF_TIME]
    with pytest.raises(WrongState):
        lounge.service.note_session(mentee)
    assert lounge.service.go_on(mentee).step is Step.CHECKED
    assert lounge.service.go_on(mentee).step is Step.CHECKED  # a second tap of the same person is no second voice
    with pytest.raises(WrongState):
        lounge.service.note_session(mentee)
    assert lounge.step(mentor) is Step.HALF_TIME
    assert lounge.service.go_on(mentor).step is Step.MEETING
    assert lounge.service.note_session(mentee).held == 3


def test_a_session_that_both_note_on_one_day_counts_once(lounge: Lounge) -> None:
    mentor, mentee = lounge.meeting()

    lounge.service.note_session(mentor)

    assert lounge.service.note_session(mentee).held == 1


def test_the_last_session_ends_the_pair_well_and_both_rest(lounge: Lounge) -> None:
    mentor, mentee = lounge.meeting(4)
    for number in range(4):
        if number == 2:
            lounge.service.go_on(mentor)
            lounge.service.go_on(mentee)
        lounge.service.note_session(mentor)
        lounge.next_day()

    assert [lounge.step(code) for code in (mentor, mentee)] == [Step.RESTING, Step.RESTING]
    assert lounge.service.look_again(mentor).step is Step.LOOKING


def test_parting_early_looks_the_same_as_parting_at_the_end_to_both(lounge: Lounge) -> None:
    mentor, mentee = lounge.meeting()

    parted = lounge.service.part(mentee)

    assert (parted.step, lounge.step(mentor)) == (Step.RESTING, Step.RESTING)
    assert [pair.state for pair in lounge.store.book().pairs] == [PairState.PARTED]


def test_after_parting_they_look_again_and_find_somebody_else(lounge: Lounge) -> None:
    mentor, mentee = lounge.meeting()
    lounge.service.part(mentor)
    for code in (mentor, mentee):
        lounge.service.look_again(code)

    assert lounge.step(mentee) is Step.LOOKING
    lounge.mentor("Tern")
    assert lounge.service.mine(mentee).other == "Tern"


def test_who_leaves_is_forgotten_and_the_other_rests(lounge: Lounge) -> None:
    mentor, mentee = lounge.meeting()

    lounge.service.leave(mentee)
    lounge.service.leave(mentee)

    assert lounge.step(mentor) is Step.RESTING
    assert lounge.store.book().pairs == ()
    with pytest.raises(NotFound):
        lounge.service.mine(mentee)


def test_outside_a_pair_there_is_nothing_to_note_answer_or_end(lounge: Lounge) -> None:
    mentor = lounge.mentor()

    for act in (lounge.service.note_session, lounge.service.go_on, lounge.service.part, lambda code: lounge.service.answer(code, 4)):
        with pytest.raises(WrongState):
            act(mentor)
