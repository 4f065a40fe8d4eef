"""Joining a group: a pseudonym, a place or a line, a code to come back with, and leaving without a reason."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from companion.adapters.in_memory import SetClock
from companion.adapters.in_memory_meetings import MemoryMembershipStore
from companion.adapters.sql_cards import SqlCardStore
from companion.adapters.sql_meetings import SqlMembershipStore
from companion.bootstrap import App
from companion.bootstrap_meetings import Meetings, open_meetings
from companion.bootstrap_people import open_people
from companion.errors import FormRefused, InputRefused, NotFound, RedactionFailed, TooSoon, WrongState
from companion.library.catalogue import load_groups
from companion.models_groups import group_key
from companion.models_keeping import CodeTries
from companion.models_meetings import HelpCard, Membership, PseudonymLook, Seats, Standing
from companion.models_staff import SealedKey
from companion.network.meetings import MembershipService
from companion.network.register import OFFER_DAYS, kept_until
from companion.settings import ROOT, Settings

GROUP = "night-circle"


@dataclass
class Circle:
    """Hold a group of which the seats can be changed, with the service on top."""

    seats: Seats = field(default_factory=lambda: Seats(2, takes_people=True, has_list=True))
    clock: SetClock = field(default_factory=SetClock)
    look: PseudonymLook = PseudonymLook.FINE

    def __post_init__(self) -> None:
        self.store = MemoryMembershipStore()
        self.service = MembershipService(self.store, self.clock, lambda _: self.seats, lambda _: 3, lambda _: self.look)

    def join(self, *pseudonyms: str) -> list[str]:
        return [self.service.join(GROUP, each).code for each in pseudonyms]

    def standing(self, code: str) -> Standing:
        return self.service.mine(code).membership.standing


@pytest.fixture
def circle() -> Circle:
    return Circle()


def test_whoever_joins_gets_a_place_and_a_code_that_proves_it(circle: Circle) -> None:
    (code,) = circle.join("Heron")

    own = circle.service.open(code.lower().replace("-", " "), CodeTries())

    assert (own.membership.pseudonym, own.membership.standing, own.in_line) == ("Heron", Standing.MEMBER, None)


def test_those_who_came_without_companion_count_as_well(circle: Circle) -> None:
    circle.join("Heron")

    places = circle.service.places(GROUP)

    assert (places.taken, places.capacity, places.can_join) == (4, 5, True)


def test_a_full_group_gives_a_place_in_line(circle: Circle) -> None:
    codes = circle.join("Heron", "Otter", "Finch", "Badger")

    assert [circle.service.mine(code).in_line for code in codes] == [None, None, 1, 2]
    assert not circle.service.places(GROUP).can_join


@pytest.mark.parametrize("again", ["heron", "He ron", "HERON!", "Ｈeron"])
def test_a_pseudonym_belongs_to_one_in_the_group(circle: Circle, again: str) -> None:
    circle.join("Heron")

    with pytest.raises(FormRefused):
        circle.join(again)


@pytest.mark.parametrize(("pseudonym", "reason"), [("  ", "empty"), ("---", "empty"), ("x" * 31, "too_long")])
def test_a_pseudonym_that_cannot_be_read_is_refused(circle: Circle, pseudonym: str, reason: str) -> None:
    with pytest.raises(InputRefused) as refused:
        circle.join(pseudonym)

    assert refused.value.reason == reason


def test_a_direct_identifier_is_never_stored_as_a_pseudonym(circle: Circle) -> None:
    circle.look = PseudonymLook.DETAIL

    with pytest.raises(InputRefused):
        circle.join("s.whitfield@ward.example")

    assert circle.store.register(GROUP).memberships == ()


def test_a_paused_or_closed_group_takes_nobody(circle: Circle) -> None:
    circle.seats = Seats(2, takes_people=False, has_list=False)

    with pytest.raises(WrongState):
        circle.join("Heron")


def test_a_group_that_is_called_full_has_a_line_although_places_are_left(circle: Circle) -> None:
    circle.seats = Seats(2, takes_people=False, has_list=True)

    (code,) = circle.join("Heron")

    assert circle.standing(code) is Standing.WAITING
    circle.seats = Seats(2, takes_people=True, has_list=True)
    assert circle.standing(code) is Standing.OFFERED


# --- a place becomes free ----------------------------------------------------------------------------------------------


def test_a_place_that_becomes_free_is_offered_to_the_first_in_line(circle: Circle) -> None:
    heron, _, finch, badger = circle.join("Heron", "Otter", "Finch", "Badger")

    circle.service.leave(heron)

    assert (circle.standing(finch), circle.standing(badger)) == (Standing.OFFERED, Standing.WAITING)
    assert circle.service.accept(finch).membership.standing is Standing.MEMBER


def test_nobody_overtakes_those_who_wait(circle: Circle) -> None:
    heron, *_ = circle.join("Heron", "Otter", "Finch")
    circle.service.leave(heron)

    (late,) = circle.join("Wren")

    assert circle.standing(late) is Standing.WAITING


def test_an_offer_that_nobody_takes_goes_to_the_next(circle: Circle) -> None:
    heron, _, finch, badger = circle.join("Heron", "Otter", "Finch", "Badger")
    circle.service.leave(heron)

    circle.clock.advance(timedelta(days=OFFER_DAYS + 1))

    assert circle.standing(badger) is Standing.OFFERED
    assert circle.service.mine(finch).in_line == 1
    with pytest.raises(WrongState):
        circle.service.accept(finch)


def test_a_group_made_smaller_puts_nobody_out(circle: Circle) -> None:
    codes = circle.join("Heron", "Otter")
    circle.seats = replace(circle.seats, total=1)

    circle.service.leave(codes[0])
    (late,) = circle.join("Wren")

    assert [circle.standing(code) for code in (codes[1], late)] == [Standing.MEMBER, Standing.WAITING]


# --- leaving, coming back, being forgotten -----------------------------------------------------------------------------


def test_who_has_left_is_gone_and_leaving_twice_is_well(circle: Circle) -> None:
    (code,) = circle.join("Heron")

    circle.service.leave(code)
    circle.service.leave(code)

    with pytest.raises(NotFound):
        circle.service.mine(code)
    circle.join("Heron")


def test_wrong_codes_are_slowed_down(circle: Circle) -> None:
    tries = CodeTries()
    for _ in range(3):
        with pytest.raises((NotFound, TooSoon)):
            circle.service.open("0000-0000-0000-0000-0000", tries)

    with pytest.raises(TooSoon):
        circle.service.open(circle.join("Heron")[0], tries)


def test_coming_back_keeps_the_place_and_tells_no_day(circle: Circle) -> None:
    (code,) = circle.join("Heron")
    circle.clock.advance(timedelta(days=40))

    until = circle.service.mine(code).membership.until

    assert until == kept_until(circle.clock.now().date())
    assert (until + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("today", "until"),
    [(date(2026, 11, 1), date(2027, 5, 31)), (date(2026, 11, 30), date(2027, 5, 31)), (date(2026, 8, 31), date(2027, 2, 28))],
)
def test_a_place_is_kept_for_half_a_year_to_the_end_of_the_month(today: date, until: date) -> None:
    assert kept_until(today) == until


def test_a_member_keeps_no_place_in_the_order_of_joining(circle: Circle) -> None:
    heron, _, finch = circle.join("Heron", "Otter", "Finch")
    circle.service.leave(heron)
    circle.service.accept(finch)

    assert [each.place for each in circle.store.register(GROUP).memberships] == [None, None]


# --- with the real program ---------------------------------------------------------------------------------------------


@pytest.fixture
def meetings(app: App, tmp_path: Path) -> Meetings:
    return open_meetings(app, open_people(replace_state(app, tmp_path)))


def replace_state(app: App, folder: Path) -> Settings:
    return app.settings.model_copy(update={"state_dir": folder})


@pytest.mark.parametrize(
    ("pseudonym", "look"),
    [
        ("Heron", PseudonymLook.FINE),
        ("Quiet river", PseudonymLook.FINE),
        ("Sarah Whitfield", PseudonymLook.NAME),
        ("sarah whitfield", PseudonymLook.NAME),
        ("s.whitfield@ward.org", PseudonymLook.DETAIL),
        ("07700 900123", PseudonymLook.DETAIL),
        ("Call nine eight eight", PseudonymLook.DETAIL),
        ("[rest](//evil)", PseudonymLook.DETAIL),
        ("evil-login.example", PseudonymLook.DETAIL),
        ("Her\u200bon", PseudonymLook.DETAIL),
    ],
)
def test_redaction_looks_at_a_pseudonym(meetings: Meetings, pseudonym: str, look: PseudonymLook) -> None:
    assert meetings.memberships.look_at(pseudonym) is look


def test_with_redaction_down_nothing_is_stored(circle: Circle) -> None:
    def broken(_: str) -> PseudonymLook:
        raise RedactionFailed("down")

    service = replace(circle.service, look=broken)

    with pytest.raises(RedactionFailed):
        service.join(GROUP, "Heron")
    assert circle.store.register(GROUP).memberships == ()


def test_the_database_holds_a_pseudonym_and_no_code(meetings: Meetings, app: App, tmp_path: Path) -> None:
    group = next(each for each in app.catalogue.groups if each.status == "open")
    code = meetings.memberships.join(group.key, "Grey heron").code

    kept = b"".join(path.read_bytes() for path in tmp_path.glob("companion.db*"))

    assert b"Grey heron" in kept
    assert code.encode() not in kept
    assert code.replace("-", "").encode() not in kept


def test_a_group_that_is_listed_no_more_can_still_be_left(meetings: Meetings) -> None:
    with pytest.raises(WrongState):
        meetings.memberships.join("no-such-group", "Heron")

    assert not meetings.memberships.places("no-such-group").can_wait


# --- the key of a group ------------------------------------------------------------------------------------------------


def test_a_group_is_known_by_its_id_or_its_name() -> None:
    assert group_key("After the Night Shift!") == "after-the-night-shift"
    assert group_key("Équipe de nuit") == "équipe-de-nuit"


def test_every_group_of_the_shipped_list_has_a_key_of_its_own() -> None:
    groups = load_groups(ROOT / "knowledge" / "groups.yaml")

    assert len({group.key for group in groups}) == len(groups)
    assert all(group.key for group in groups)


def test_the_sweep_forgets_places_that_nobody_came_back_to_and_cards_that_nobody_read(app: App, tmp_path: Path) -> None:
    clock = SetClock()
    people = open_people(replace_state(app, tmp_path), clock)
    memberships, cards = SqlMembershipStore(people.database), SqlCardStore(people.database)
    register, today = memberships.register(GROUP), clock.now().date()
    place = Membership("1" * 32, GROUP, "a" * 64, "Heron", Standing.MEMBER, kept_until(today))
    memberships.replace(register, replace(register, memberships=(place,)))
    cards.add(HelpCard("2" * 32, f"{today:%Y-%m}", "sleep", SealedKey("key", b"sealed"), b"sealed words"))

    people.sweeper.sweep()
    assert (memberships.find("a" * 64), len(cards.all())) == (place, 1)
    clock.advance(timedelta(days=220))
    people.sweeper.sweep()

    assert (memberships.find("a" * 64), cards.all()) == (None, ())
    people.close()
