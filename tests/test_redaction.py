"""What is hidden, what stays readable, and that nothing passes when redaction fails."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from companion.adapters import redaction_numbers as numbers
from companion.adapters.presidio_redactor import PresidioRedactor
from companion.adapters.redaction_identifiers import load_shape_rules
from companion.adapters.redaction_lists import RedactionLists, load_redaction_lists
from companion.errors import InputRefused, KnowledgeError, RedactionFailed
from companion.models import EntityType, RawMessage
from companion.ports import FoundEntity, Redactor
from companion.session import ChatSession
from companion.stages.redaction import clean_input, redact

ROOT = Path(__file__).resolve().parent.parent


class FixedRedactor:
    """Report given spans, or raise."""

    def __init__(self, *spans: FoundEntity, error: Exception | None = None) -> None:
        self._spans, self._error = spans, error

    def find(self, raw: RawMessage) -> tuple[FoundEntity, ...]:
        if self._error:
            raise self._error
        return self._spans


@pytest.fixture(scope="module")
def redactor() -> PresidioRedactor:
    return PresidioRedactor(deadline_s=5.0)


def hidden(text: str, redactor: Redactor) -> dict[str, str]:
    return {text[e.start : e.end]: e.type.value for e in redact(RawMessage(text), ChatSession(), redactor).entities}


# --- names ----------------------------------------------------------------------------------------------------------


def test_the_sentence_of_the_first_light_walk(redactor: PresidioRedactor) -> None:
    text = "i have 3 shifts in a row and my charge nurse sarah whitfield keeps adding more, can't switch off"

    message = redact(RawMessage(text), ChatSession(), redactor)

    assert message.text == "i have 3 shifts in a row and my charge nurse [Person A] keeps adding more, can't switch off"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        # lower case after a role, a verb of telling, or before one of speaking
        ("my manager sarah keeps adding shifts", "sarah"),
        ("raj said im too slow", "raj"),
        ("told priya i cant do it", "priya"),
        ("it came from dave in payroll", "dave"),
        ("dr okafor shouted at me", "okafor"),
        # in no list at all
        ("my supervisor qilantha keeps phoning me", "qilantha"),
        ("vrondak said i was lazy", "vrondak"),
        # everyday words that are a name here
        ("my manager mark keeps shouting", "mark"),
        ("grace said i should go", "grace"),
        ("Yesterday I told Will everything.", "Will"),
        # several words, particles, hyphens, apostrophes, cases
        ("maria de la cruz hates me", "maria de la cruz"),
        ("i sat with Ji-woo Park", "Ji-woo Park"),
        ("it was liam o'connor again", "liam o'connor"),
        ("I AM DONE WITH KAREN TODAY", "KAREN"),
        ("sarahs attitude is bad", "sarah"),
        # everyday words that act, stand bare or are taken up again; rare names by their letters; slips
        ("mark took the credit for my deck", "mark"),
        ("did cliff tell you", "cliff"),
        ("i sit next to joy and shes anything but", "joy"),
        ("nicks covering for me", "nick"),
        ("they gave zorvanka a warning", "zorvanka"),
        ("told natahsa im leaving", "natahsa"),
        # other languages and scripts
        ("mi jefe javier morales no me deja descansar", "javier morales"),
        ("李伟 said no", "李伟"),
        ("my manager Иван keeps cutting my hours", "Иван"),
    ],
)
def test_names_are_hidden(redactor: PresidioRedactor, text: str, name: str) -> None:
    assert hidden(text, redactor) == {name: "PERSON"}


@pytest.mark.parametrize(
    "text",
    [
        # roles, institutions and tools
        "my manager keeps moving the deadline and hr never answers",
        "i rang samaritans on 116 123, then acas, then the nhs line",
        "Email never stops. Teams pings all night. Excel crashed, Slack and Jira too.",
        # everyday words that can be names
        "i may quit, i hope it will get better, mark my words",
        "the bill came, rose early, a ray of hope, frank talk, rich people",
        "victoria line was late, rose tinted glasses, a bit of grace, the robin sings, i will rob the bank",
        "rob peter to pay paul, murphys law, every tom dick and harry, my dad has parkinsons",
        # days, months, numbers and amounts
        "we sold 1 250 000 units",
        "on monday 12/03/2025 at 17:00 i had 3 shifts in a row and 12 hour days in may",
        "paid £1,250 and 23,500 a year, 8/10 on the audit, phq-9 was 17, covid-19",
        # crisis words, feelings, medicine
        "everyone would be better off without me",
        "im on sertraline and feel numb",
        # other languages and slips
        "no puedo más con este trabajo, estoy agotada",
        "feel bad sayin no, boss whatsapps at 10pm",
        "password expired again and my pin is lost",
    ],
)
def test_what_points_at_nobody_stays_readable(redactor: PresidioRedactor, text: str) -> None:
    assert hidden(text, redactor) == {}


# --- direct identifiers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", load_shape_rules(), ids=lambda rule: f"{rule.type.value}:{rule.example[:24]}")
def test_every_pattern_finds_its_own_example(rule) -> None:
    assert list(rule.find(rule.example))


@pytest.mark.parametrize(
    ("text", "detail", "kind"),
    [
        ("mail sarah.w@trust.nhs.uk", "sarah.w@trust.nhs.uk", "EMAIL"),
        ("its sam.taylor at gmail dot com", "sam.taylor at gmail dot com", "EMAIL"),
        ("call 07700 900461", "07700 900461", "PHONE"),
        ("text +91 98765 43210", "+91 98765 43210", "PHONE"),
        ("my employee id is 48213", "48213", "EMPLOYEE_ID"),
        ("dm @night_owl", "@night_owl", "HANDLE"),
        ("ticket OPS-4412 again", "OPS-4412", "TICKET"),
        ("mrn 00451298 died", "00451298", "MEDICAL_RECORD"),
        ("my password is hunter2", "hunter2", "SECRET"),
        ("card 4111 1111 1111 1111", "4111 1111 1111 1111", "CARD"),
        ("pay DE89370400440532013000", "DE89370400440532013000", "IBAN"),
        ("from 192.168.14.201", "192.168.14.201", "IP_ADDRESS"),
        ("on 00:1B:44:11:3A:B7", "00:1B:44:11:3A:B7", "MAC_ADDRESS"),
        ("born 3 May 1991", "3 May 1991", "DATE_OF_BIRTH"),
        ("i live at 14 church lane", "14 church lane", "ADDRESS"),
        ("my car AB12 CDE", "AB12 CDE", "PLATE"),
        ("at St Mary's Hospital", "St Mary's Hospital", "LOCATION"),
        ("on project bluebird", "project bluebird", "PROJECT"),
    ],
)
def test_direct_identifiers_are_hidden(redactor: PresidioRedactor, text: str, detail: str, kind: str) -> None:
    assert hidden(text, redactor) == {detail: kind}


@pytest.mark.parametrize(
    "text",
    [
        "536-90-4399",
        "AB 12 34 56 C",
        "2341 2341 2346",
        "86095742719",
        "12345678Z",
        "255081416802538",
        "RSSMRA85T10A562S",
        "111222333",
        "529.982.247-25",
        "046-454-286",
        "S1234567D",
    ],
)
def test_national_ids_are_hidden_without_a_cue(redactor: PresidioRedactor, text: str) -> None:
    assert text in hidden(f"they wrote {text} on the board", redactor)


@pytest.mark.parametrize(
    ("check", "good"),
    [
        (numbers.passes_luhn, "4111111111111111"),
        (numbers.is_national_digits, "2341 2341 2346"),
        (numbers.is_spanish, "12345678Z"),
        (numbers.is_codice_fiscale, "RSSMRA85T10A562S"),
        (numbers.is_nric, "S1234567D"),
        (numbers.iban_length, "GB82WEST12345698765432"),
    ],
)
def test_check_digits_refuse_a_slip(check, good: str) -> None:
    good = good.replace(" ", "")
    place = next(i for i in range(len(good) - 2, 0, -1) if good[i].isdigit())
    slipped = good[:place] + str((int(good[place]) + 1) % 10) + good[place + 1 :]

    assert check(good)
    assert not check(slipped)


# --- the session ----------------------------------------------------------------------------------------------------


def test_a_person_keeps_one_placeholder_through_the_session(redactor: PresidioRedactor) -> None:
    session = ChatSession()

    first = redact(RawMessage("my manager sarah whitfield shouted"), session, redactor)
    later = redact(RawMessage("WHITFIELD again, and Sarah laughed. tom saw it"), session, redactor)

    assert first.text == "my manager [Person A] shouted"
    assert later.text == "[Person A] again, and [Person A] laughed. [Person B] saw it"


@pytest.mark.parametrize(
    ("messages", "seen"),
    [
        (
            ["my manager Raj shouts", "raj again", "RAJ's mood", "rajs desk"],
            ["", "[Person A] again", "[Person A]'s mood", "[Person A]s desk"],
        ),
        (["priya sharma left", "priya laughed", "SHARMA again"], ["", "[Person A] laughed", "[Person A] again"]),
        (["priya hates me", "its priya sharma", "then priya patel came"], ["", "its [Person A]", "then [Person B] came"]),
        (["told sergei", "Sergei’s face"], ["", "[Person A]’s face"]),
    ],
    ids=["cases and owners", "parts of a full name", "two people of one given name", "curly apostrophe"],
)
def test_a_person_typed_in_another_way_keeps_the_placeholder(messages: list[str], seen: list[str], redactor: PresidioRedactor) -> None:
    session = ChatSession()

    texts = [redact(RawMessage(message), session, redactor).text for message in messages]

    assert texts[1:] == seen[1:]


def test_an_everyday_part_of_a_name_stays_readable_later(redactor: PresidioRedactor) -> None:
    session = ChatSession()
    redact(RawMessage("i told Will Okafor about it"), session, redactor)

    later = redact(RawMessage("will it get better"), session, redactor)

    assert later.entities == ()


def test_words_the_person_hides_are_hidden_in_any_case(redactor: PresidioRedactor) -> None:
    session = ChatSession(hidden_words={"bakery"})

    message = redact(RawMessage("the Bakery, not the bakeryman"), session, redactor)

    assert [(e.start, e.end, e.type) for e in message.entities] == [(4, 10, EntityType.HIDDEN)]


def test_words_the_person_keeps_stay_readable(redactor: PresidioRedactor) -> None:
    session = ChatSession(kept_words={"sarah"})

    message = redact(RawMessage("my dog Sarah is fine, tom is not"), session, redactor)

    assert message.text == "my dog Sarah is fine, [Person A] is not"


def test_overlapping_spans_give_one_type_and_leave_nothing_open() -> None:
    text = "ask sarah.w@example.org now"
    spans = (FoundEntity(4, 9, EntityType.PERSON, 0.9), FoundEntity(4, 23, EntityType.EMAIL, 1.0), FoundEntity(15, 27, EntityType.URL, 0.5))

    message = redact(RawMessage(text), ChatSession(), FixedRedactor(*spans))

    assert [(e.start, e.end, e.type) for e in message.entities] == [(4, 23, EntityType.EMAIL), (24, 27, EntityType.URL)]


# --- failing closed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [RedactionFailed("late"), ValueError("secret words"), MemoryError(), RuntimeError()])
def test_any_error_of_a_redactor_is_a_failed_redaction(error: Exception) -> None:
    with pytest.raises(RedactionFailed) as caught:
        redact(RawMessage("told priya"), ChatSession(), FixedRedactor(error=error))

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("span", [(-1, 3), (2, 2), (0, 99)])
def test_impossible_offsets_are_a_failed_redaction(span: tuple[int, int]) -> None:
    with pytest.raises(RedactionFailed):
        redact(RawMessage("told priya"), ChatSession(), FixedRedactor(FoundEntity(*span, EntityType.PERSON, 1.0)))


def test_a_passed_deadline_is_a_failed_redaction(redactor: PresidioRedactor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redactor, "_deadline_s", -1.0)

    with pytest.raises(RedactionFailed):
        redact(RawMessage("told priya"), ChatSession(), redactor)


HOSTILE = ["a." * 2000, "a-" * 2000, "1 " * 2000, "😀" * 4000, "a" * 4000, "\u05d0\u05d1 " * 1300, "www." * 1000, "a@" * 2000, "aa:" * 1333]
HOSTILE += ["my id is " * 440, "dr " * 1333, "password " * 440, "+1" * 2000, "a" + "\u0301" * 3990, "1 a b c d " * 400, "o'" * 2000]
HOSTILE += [
    "jo s and " * 440,
    "mark and rob " * 300,
    "qzvorn " * 570,
    "parkinsons " * 360,
    "\u0645\u062d\u0645\u062f " * 800,
    "raj\u202e " * 800,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:8]))
def test_hostile_text_ends_within_the_deadline_that_is_the_default(text: str) -> None:
    patient = _default_redactor()

    redact(clean_input(text, 4000), ChatSession(), patient)


def test_four_thousand_characters_of_prose_are_read_within_the_default_deadline() -> None:
    sentence = "My manager Sarah Whitfield moved the deadline again and told Priya that nobody leaves before six. "

    message = redact(clean_input(sentence * 40, 4000), ChatSession(), _default_redactor())

    assert message.text.count("[Person A]") == 40


_DEFAULT: list[PresidioRedactor] = []


def _default_redactor() -> PresidioRedactor:
    if not _DEFAULT:
        _DEFAULT.append(PresidioRedactor())
    return _DEFAULT[0]


# --- cleaning -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("so\r\ntired\x07", "so\ntired"),
        ("sa\u200brah \u202etold me", "sarah told me"),
        ("cafe\u0301", "café"),
        ("😭 👩\u200d⚕️ ok  ", "😭 👩\u200d⚕️ ok"),
        ("\tone\n\ttwo", "\tone\n\ttwo"),
    ],
)
def test_invisible_characters_go_and_layout_and_emoji_stay(typed: str, cleaned: str) -> None:
    assert clean_input(typed, 4000).text == cleaned


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("\u200b\u202e", "empty"),
        ("a" * 4001, "too_long"),
        ("a" * 100000, "too_long"),
        ("\U0001f600" * 10_000, "too_long"),
        ("a." * 500_000, "too_long"),
        ("\x00\x01\x02\x03\x04PNG", "binary"),
        ("�" * 40 + "abc", "binary"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(InputRefused) as caught:
        clean_input(typed, 4000)

    assert caught.value.reason == reason


# --- the deployer's lists -------------------------------------------------------------------------------------------


def test_a_deployers_own_words_are_hidden_and_kept() -> None:
    lists = RedactionLists(
        hide={EntityType.LOCATION: ("Oak Wing",), EntityType.ORGANISATION: ("bluefin",)}, keep=frozenset({"robin"}), id_shapes=("Q-AA-999",)
    )

    found = hidden("robin on oak wing lost q-xy-123 in Bluefin", PresidioRedactor(lists=lists, deadline_s=5.0))

    assert found == {"oak wing": "LOCATION", "q-xy-123": "EMPLOYEE_ID", "Bluefin": "ORGANISATION"}


def test_the_shipped_lists_are_readable() -> None:
    assert load_redaction_lists(ROOT / "knowledge" / "redaction.yaml").keep == frozenset()


@pytest.mark.parametrize("content", ["hide: [", "hide:\n  pets: [rex]", "keep: yes", "sites: [a]", "hide:\n  sites: [x]"])
def test_a_wrong_list_is_named_with_its_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "redaction.yaml"
    path.write_text(content)

    with pytest.raises(KnowledgeError, match=r"redaction\.yaml"):
        load_redaction_lists(path)


# --- what loading it does -------------------------------------------------------------------------------------------

_OFFLINE = """
import socket, sys
def refuse(*_, **__): raise AssertionError("a socket was asked for")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from companion.adapters.presidio_redactor import PresidioRedactor
from companion.models import RawMessage
found = PresidioRedactor(deadline_s=30).find(RawMessage("sarah, mail a.b@example.co.uk, see https://example.org, ring 07700 900461"))
assert len(found) >= 4
print("torch" in sys.modules, "transformers" in sys.modules, "tldextract" in sys.modules and "requests" in sys.modules)
"""


def test_loading_it_needs_neither_torch_nor_a_network() -> None:
    run = subprocess.run([sys.executable, "-c", _OFFLINE], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.stderr == ""
    assert run.stdout.split()[:2] == ["False", "False"]


# --- the dataset ----------------------------------------------------------------------------------------------------


def test_every_label_of_the_dataset_marks_trimmed_words() -> None:
    rows = [json.loads(line) for line in (ROOT / "evals" / "datasets" / "redaction.jsonl").read_text(encoding="utf-8").splitlines()]

    marked = [(row["id"], row["text"][e["start"] : e["end"]]) for row in rows for e in row["entities"]]

    assert len(rows) >= 240
    assert all(surface and surface == surface.strip() for _, surface in marked)
    assert {row["split"] for row in rows} == {"dev", "test"}


# --- other languages ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "ich will sterben",
        "no quiero seguir viva",
        "mein mann schlägt mich, ich habe angst vor heute abend",
        "ik ben op, ik kan niet meer slapen",
        "j'ai peur de rentrer chez moi ce soir",
        "ho le pastiglie qui sul sedile e non torno a casa",
        "zindagi ka koi matlab nahi, bas thak gaya hoon",
        "só quero dormir e não acordar",
    ],
)
def test_everyday_words_of_other_languages_are_not_hidden_as_names(text: str, redactor: PresidioRedactor) -> None:
    assert hidden(text, redactor) == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("je travaille avec sophie lambert et elle ne me parle plus", "sophie lambert"),
        ("meine kollegin jana schulz hat gekündigt", "jana schulz"),
        ("con garcia no se puede hablar, es el encargado", "garcia"),
        ("mijn baas pieter de vries luistert nooit", "pieter de vries"),
        ("mera manager rahul sharma hamesha chillata hai", "rahul sharma"),
        ("la mia collega giulia bianchi mi ignora", "giulia bianchi"),
    ],
)
def test_names_in_small_letters_in_other_languages_are_hidden(text: str, name: str, redactor: PresidioRedactor) -> None:
    assert hidden(text, redactor) == {name: "PERSON"}
