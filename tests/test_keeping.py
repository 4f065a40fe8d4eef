"""A chat kept under a return code: only the code opens it, a wrong one learns nothing, and erased means gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from companion.adapters.argon2_code_box import Argon2CodeBox
from companion.adapters.in_memory import RecordingNotifier, SetClock
from companion.adapters.in_memory_keeping import MemoryKeptChatStore
from companion.bootstrap_people import People, open_people
from companion.errors import CompanionError, NotFound, TooSoon
from companion.events import SentenceReady
from companion.models import Citation, Entity, EntityType, Exchange, Passage, RedactedMessage, TriageLevel
from companion.models_keeping import CodeTries, KeptChat, KeptCopy, KeptDetail, KeptPage, KeptRequest, KeptTurn
from companion.models_people import Asker, HandoverState, Wish
from companion.network.keeping import ALPHABET, WRONG_CODES_A_MINUTE, KeepingService, bare_code, new_code
from companion.settings import load_settings
from companion.ui.chat_state import ChatState
from companion.ui.kept_page import page_to_keep, restore_page

TYPED = "sarah whitfield keeps adding shifts"
MESSAGE = RedactedMessage("[Person A] keeps adding shifts", (Entity(0, 15, EntityType.PERSON, "[Person A]"),))
PASSAGE = Passage("p1", "night-shift", "Night shifts", "What helps", "Dim the light.", ("sleep",), 0.5)
PAGE = KeptPage(
    country="GB",
    turns=(KeptTurn(TYPED, MESSAGE, (SentenceReady("That is a lot."), SentenceReady("Dim the light.", (Citation(1, PASSAGE),), True))),),
    exchanges=(Exchange(MESSAGE, "That is a lot. Dim the light."),),
    typed=(TYPED,),
    details=(KeptDetail(EntityType.PERSON, "sarah whitfield", "[Person A]"),),
    surfaces=(("[Person A]", "sarah whitfield"),),
    request=KeptRequest("token-9b1c", "Dear peer", urgent=True, asked_at=None),
    form=2,
)
NEW_FIELDS = {"form", "stays_after", "stays_for_another"}
WRONG = "0000-0000-0000-0000-0000"


class CountingCodes(Argon2CodeBox):
    """Derive quickly, and note every piece of work."""

    def __init__(self) -> None:
        super().__init__(memory_kib=64, passes=1)
        self.work: list[str] = []

    def place(self, code: str) -> str:
        self.work.append("place")
        return super().place(code)

    def key(self, code: str, salt: bytes) -> bytes:
        self.work.append(f"key {len(salt)}")
        return super().key(code, salt)

    def open(self, key: bytes, sealed: bytes, place: str) -> str | None:
        self.work.append("open")
        return super().open(key, sealed, place)


@dataclass
class Desk:
    """Hold the service in memory with a clock that a test sets."""

    service: KeepingService
    store: MemoryKeptChatStore
    codes: CountingCodes
    clock: SetClock

    def work_of(self, code: str) -> tuple[list[str], str]:
        """Return what opening a code did and how it was refused, on a fresh page."""
        self.codes.work.clear()
        with pytest.raises(CompanionError) as caught:
            self.service.open(code, CodeTries())
        return list(self.codes.work), f"{type(caught.value).__name__}: {caught.value}"


@pytest.fixture
def desk() -> Desk:
    store, codes, clock = MemoryKeptChatStore(), CountingCodes(), SetClock()
    return Desk(KeepingService(store, codes, clock), store, codes, clock)


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    people = open_people(load_settings(state_dir=tmp_path), SetClock(), RecordingNotifier())
    yield replace(people, keeping=replace(people.keeping, codes=Argon2CodeBox(memory_kib=64, passes=1)))
    people.close()


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("companion.db*")))


# --- the code ------------------------------------------------------------------------------------------------------


def test_a_code_carries_a_hundred_random_bits_in_groups_that_can_be_written_down() -> None:
    codes = {new_code() for _ in range(200)}

    assert len(codes) == 200
    assert len(ALPHABET) ** len(bare_code(codes.pop())) >= 2**100
    assert all([len(group) for group in code.split("-")] == [4] * 5 for code in codes)


@pytest.mark.parametrize("typed", ["7kq2-m4tx-09ab-c3de-fgh1", "7KQ2 M4TX O9AB C3DE FGHL", " 7kq2m4txo9abc3defghi "])
def test_a_code_may_be_typed_in_any_way_a_person_copies_it(typed: str) -> None:
    assert bare_code(typed) == "7KQ2M4TX09ABC3DEFGH1"


# --- keeping and coming back ---------------------------------------------------------------------------------------


def test_the_code_brings_the_whole_page_back_on_another_device(desk: Desk) -> None:
    code = desk.service.keep(PAGE).code

    page, _ = desk.service.open(code.lower(), CodeTries())

    assert page == PAGE


def test_a_page_goes_on_where_it_was_left() -> None:
    chat = ChatState()

    restore_page(chat, PAGE, _copy())

    assert page_to_keep(chat) == PAGE
    assert chat.session.placeholders.for_detail(EntityType.PERSON, "Sarah") == "[Person A]"
    assert chat.session.placeholders.for_detail(EntityType.PERSON, "Kim Example") == "[Person B]"


def test_the_crisis_lines_of_a_turn_stand_again_but_its_level_is_not_kept(desk: Desk) -> None:
    chat = ChatState()

    restore_page(chat, replace(PAGE, turns=(replace(PAGE.turns[0], with_lines=True),)), _copy())

    turn = chat.turns[0].stream.turn
    assert turn is not None
    assert turn.triage.level.is_at_risk
    assert "imminent" not in str(page_to_keep(chat))


@pytest.mark.parametrize("for_another", [False, True])
def test_a_page_kept_after_crisis_words_still_stands_after_them(desk: Desk, for_another: bool) -> None:
    chat, back = ChatState(), ChatState()
    chat.session.stay(TriageLevel.HARM_BY_OTHER, for_another=for_another)

    restore_page(back, desk.service.open(desk.service.keep(page_to_keep(chat)).code, CodeTries())[0], _copy())

    assert (back.session.staying_after, back.session.stays_for_another) == (TriageLevel.HARM_BY_OTHER, for_another)


@pytest.mark.parametrize(("with_lines", "after"), [(True, TriageLevel.RISK), (False, None)])
def test_a_page_kept_before_there_was_such_a_note_still_opens_and_its_last_lines_speak(
    desk: Desk, with_lines: bool, after: TriageLevel | None
) -> None:
    page = asdict(replace(PAGE, turns=(replace(PAGE.turns[0], with_lines=with_lines),), form=1))
    old = TypeAdapter(KeptPage).validate_python({name: value for name, value in page.items() if name not in NEW_FIELDS})
    chat = ChatState()

    restore_page(chat, desk.service.open(desk.service.keep(old).code, CodeTries())[0], _copy())

    assert chat.session.staying_after is after
    assert len(chat.turns) == 1


def test_a_kept_place_finds_the_request_to_a_person_again(people: People) -> None:
    asked = people.handovers.request("I would like to talk.", urgent=False, country=None, wish=Wish.UNSURE)
    code = people.keeping.keep(KeptPage(request=KeptRequest(asked.token, "I would like to talk.", False, None))).code

    page, _ = people.keeping.open(code, CodeTries())

    assert page.request is not None
    assert people.handovers.status(Asker(page.request.token)).state is HandoverState.FALLBACK_SHOWN


def test_a_copy_is_renewed_under_the_same_code_for_the_whole_time(desk: Desk) -> None:
    kept = desk.service.keep(PAGE)
    desk.clock.advance(timedelta(days=20))

    copy = desk.service.renew(kept.copy, replace(PAGE, country="IE"))
    page, _ = desk.service.open(kept.code, CodeTries())

    assert page.country == "IE"
    assert copy.expires_on == desk.clock.now().date() + timedelta(days=30)


def test_a_chat_that_has_ended_forgets_how_to_read_its_copy_but_can_erase_it(desk: Desk) -> None:
    chat, kept = ChatState(), desk.service.keep(PAGE)
    chat.kept = kept.copy

    chat.erase()

    assert chat.kept.key is None
    with pytest.raises(NotFound):
        desk.service.renew(chat.kept, PAGE)
    desk.service.erase(chat.kept)
    assert desk.store.count() == 0


@pytest.mark.parametrize("days", [7, 30, 400])
def test_no_copy_outlives_thirty_days(days: int, desk: Desk) -> None:
    service = replace(desk.service, days=days)

    expires_on = service.keep(PAGE).copy.expires_on

    assert expires_on - desk.clock.now().date() == timedelta(days=min(days, 30))


# --- wrong codes ---------------------------------------------------------------------------------------------------


def test_unknown_wrong_expired_altered_and_odd_codes_get_the_same_answer_for_the_same_work(desk: Desk) -> None:
    kept, altered = desk.service.keep(PAGE), desk.service.keep(PAGE)
    found = desk.store.find(altered.copy.place)
    assert found is not None
    desk.store.replace(replace(found, sealed=found.sealed[:-1] + bytes([found.sealed[-1] ^ 1])))
    slip = kept.code[:-1] + ("0" if kept.code[-1] != "0" else "1")

    refusals = [desk.work_of(code) for code in (WRONG, slip, altered.code, "", "not a code", "9" * 5000)]
    desk.clock.advance(timedelta(days=31))
    refusals.append(desk.work_of(kept.code))

    assert {str(refusal) for refusal in refusals} == {str((["place", "key 16", "open"], "NotFound: no kept chat belongs to this code."))}


def test_after_two_slips_a_page_waits_longer_each_time_and_the_code_is_not_looked_at(desk: Desk) -> None:
    code, tries, waits = desk.service.keep(PAGE).code, CodeTries(), []
    for _ in range(7):
        with pytest.raises(NotFound):
            desk.service.open(WRONG, tries)
        try:
            desk.codes.work.clear()
            desk.service.open(code, replace(tries))
        except TooSoon as refused:
            assert desk.codes.work == []
            waits.append(refused.wait_s)
            desk.clock.advance(timedelta(seconds=refused.wait_s))

    assert waits == [5, 10, 20, 40, 60]


def test_fresh_pages_do_not_get_around_the_limit_of_the_whole_server(desk: Desk) -> None:
    code = desk.service.keep(PAGE).code
    for _ in range(WRONG_CODES_A_MINUTE):
        desk.work_of(WRONG)

    work, refusal = desk.work_of(code)
    desk.clock.advance(timedelta(seconds=60))

    assert (work, refusal.partition(":")[0]) == ([], "TooSoon")
    assert desk.service.open(code, CodeTries())[0] == PAGE


def test_right_codes_are_never_slowed(desk: Desk) -> None:
    code, tries = desk.service.keep(PAGE).code, CodeTries()

    opened = [desk.service.open(code, tries)[0] for _ in range(2 * WRONG_CODES_A_MINUTE)]

    assert opened == [PAGE] * 2 * WRONG_CODES_A_MINUTE


# --- what the server knows -----------------------------------------------------------------------------------------


def test_neither_the_words_nor_the_code_stand_in_the_database_files(people: People, tmp_path: Path) -> None:
    code = people.keeping.keep(PAGE).code

    kept = bytes_on_disk(tmp_path).lower()

    assert b"kept_chats" in kept
    for secret in (b"sarah", b"whitfield", b"keeps adding", b"token-9b1c", code.lower().encode(), bare_code(code).lower().encode()):
        assert secret not in kept


def test_the_key_of_the_server_opens_no_kept_chat_and_its_loss_loses_none(people: People) -> None:
    code = people.keeping.keep(PAGE).code

    elsewhere = KeepingService(people.keeping.store, Argon2CodeBox(memory_kib=64, passes=1), people.keeping.clock)

    assert elsewhere.open(code, CodeTries())[0] == PAGE


def test_a_record_cannot_be_moved_to_another_place(desk: Desk) -> None:
    mine, other = desk.service.keep(PAGE), desk.service.keep(KeptPage(country="FR"))
    stolen = desk.store.find(other.copy.place)
    assert stolen is not None

    desk.store.replace(replace(stolen, place=mine.copy.place))

    assert desk.work_of(mine.code)[1].startswith("NotFound")


def test_the_size_of_a_record_does_not_tell_a_short_chat_from_a_shorter_one(desk: Desk) -> None:
    sizes = {len(_sealed(desk, page)) for page in (KeptPage(), PAGE)}

    assert len(sizes) == 1


def test_a_record_names_days_and_no_time(desk: Desk) -> None:
    found = desk.store.find(desk.service.keep(PAGE).copy.place)

    assert isinstance(found, KeptChat)
    assert not any(hasattr(day, "hour") for day in (found.kept_on, found.expires_on))


@pytest.mark.parametrize("way", ["erase", "expiry"])
def test_after_erasure_not_even_the_sealed_bytes_are_left(way: str, people: People, tmp_path: Path) -> None:
    kept = people.keeping.keep(PAGE)
    found = people.keeping.store.find(kept.copy.place)
    assert found is not None
    traces = [found.sealed[:48], found.sealed[-48:], found.salt, found.place.encode()]  # pages of the file part the middle
    assert all(trace in bytes_on_disk(tmp_path) for trace in traces)
    if way == "erase":
        people.keeping.erase(kept.copy)
    else:
        people.sweeper.clock.advance(timedelta(days=31))  # type: ignore[attr-defined]
        people.sweeper.sweep()

    left = bytes_on_disk(tmp_path)
    assert not any(trace in left for trace in traces)


def _copy() -> KeptCopy:
    return KeepingService(MemoryKeptChatStore(), CountingCodes(), SetClock()).keep(PAGE).copy


def _sealed(desk: Desk, page: KeptPage) -> bytes:
    found = desk.store.find(desk.service.keep(page).copy.place)
    assert found is not None
    return found.sealed
