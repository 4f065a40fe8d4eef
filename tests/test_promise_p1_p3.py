"""Promises P1 and P3: no direct identifier leaves the machine, and when redaction fails nothing does.

Canaries are made by rule, with right check digits, in the ways people type them; every message is fresh, none comes from a dataset.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr
from scripted_llm import Ok, ScriptedLLM
from small_companion import companion_with, failing

from companion.adapters import presidio_redactor
from companion.adapters import redaction_numbers as numbers
from companion.adapters.openai_writer import Endpoint, OpenAIWriter
from companion.adapters.presidio_redactor import PresidioRedactor
from companion.bootstrap import App
from companion.errors import RedactionFailed
from companion.models import RawMessage
from companion.prompts import load_prompt
from companion.session import ChatSession
from companion.settings import ROOT
from companion.stages.redaction import redact

MESSAGES_PER_KIND = 125
THROUGH_THE_MODEL = 5


@pytest.fixture(scope="module")
def redactor() -> PresidioRedactor:
    return PresidioRedactor(deadline_s=5.0)


# --- canaries ---------------------------------------------------------------------------------------------------------


def digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def until(make: Callable[[], str], is_right: Callable[[str], bool]) -> str:
    """Return the first made string that is right; check digits are right in about one of ten to one of ninety-seven."""
    return next(made for made in iter(make, None) if is_right(made))


def email(chance: random.Random) -> str:
    who, where = chance.choice(["k.oduya", "m_hassan", "lena-b", "jo.o'neil"]), chance.choice(["mail.example.org", "trust.example.nhs.uk"])
    return f"{who}{digits(chance, 3)}@{where}"


def phone(chance: random.Random) -> str:
    tail = digits(chance, 3)
    return chance.choice(
        [
            f"07700 900{tail}",
            f"+447700900{tail}",
            f"+91 98765 43{tail}",
            f"(212) 555-0{tail}",
            f"+49 151 23456{tail}",
            f"+234 803 555 0{tail}",
        ]
    )


def card(chance: random.Random) -> str:
    number = until(lambda: "4" + digits(chance, 15), numbers.is_card)
    return chance.choice(
        [number, " ".join(number[i : i + 4] for i in range(0, 16, 4)), "-".join(number[i : i + 4] for i in range(0, 16, 4))]
    )


def iban(chance: random.Random) -> str:
    country, rest = chance.choice([("DE", 18), ("NL", 0), ("ES", 20)])

    def make() -> str:
        body = f"ABNA{digits(chance, 10)}" if country == "NL" else digits(chance, rest)
        return f"{country}{digits(chance, 2)}{body}"

    number = until(make, lambda made: numbers.iban_length(made) == len(made))
    return chance.choice([number, " ".join(number[i : i + 4] for i in range(0, len(number), 4))])


def national(chance: random.Random) -> str:
    def nric() -> str:
        return "S" + digits(chance, 7) + chance.choice("ABCDEFGHIZJ")

    return chance.choice(
        [
            lambda: f"{chance.randint(101, 665)}-{chance.randint(10, 98)}-{chance.randint(1000, 9998)}",
            lambda: f"AB{digits(chance, 6)}C",
            lambda: until(lambda: "2" + digits(chance, 11), numbers.is_national_digits),
            lambda: until(lambda: digits(chance, 8) + chance.choice("TRWAGMYFPD"), numbers.is_spanish),
            lambda: until(nric, numbers.is_nric),
        ]
    )()


def link(chance: random.Random) -> str:
    return f"{chance.choice(['https://', 'http://', 'www.'])}example.org/people/k-oduya-{digits(chance, 4)}"


def ip_address(chance: random.Random) -> str:
    return chance.choice([f"10.{chance.randint(0, 255)}.{chance.randint(0, 255)}.17", f"2001:db8:85a3::{digits(chance, 4)}:7334"])


def employee_number(chance: random.Random) -> str:
    number = digits(chance, 6)
    return chance.choice(
        [f"staff no {number}", f"employee id {number}", f"badge B{number}", f"EMP-{number}", f"payroll number is {number}"]
    )


KINDS = {f.__name__: f for f in (email, phone, card, iban, national, link, ip_address, employee_number)}
FRAMES = (
    "they used {} again and im so tired of it",
    "i wrote {} on the form, now hr has it and my manager laughs",
    "{}\nthats what they sent round, cant sleep since",
    'my boss read it out: "{}"',
    "Please help. {}. I feel watched all day.",
    "its ({}) btw, ward is short again tonight",
    "IT WAS {} AND EVERYBODY SAW IT",
    "no idea who has it now - {} - and nobody cares",
)


def messages(kind: str, count: int) -> Iterator[tuple[str, str]]:
    """Yield messages with their canary, in all frames and in the cases people type in."""
    chance = random.Random(f"{kind}-7")
    for number in range(count):
        canary = KINDS[kind](chance)
        text = FRAMES[number % len(FRAMES)].format(canary)
        case = (str, str.lower, str.upper)[number // len(FRAMES) % 3]
        is_bound_to_case = kind in {"link", "email"} and case is str.upper
        yield (text, canary) if is_bound_to_case else (case(text), case(canary))


def leaks(canary: str, seen: str) -> bool:
    """Tell whether what is left of a message still shows a telling part of its canary."""
    return any(part in seen.casefold() or part in re.sub(r"\D", "", seen) for part in tell_tale(canary))


def tell_tale(canary: str) -> set[str]:
    """Return what of a canary would give it away: its runs of four characters or more that hold a digit, and the digits as one run."""
    runs = re.findall(r"\w{4,}", canary.casefold())
    return {run for run in runs if any(c.isdigit() for c in run)} | {re.sub(r"\D", "", canary)[-6:]}


@pytest.mark.parametrize("kind", KINDS)
def test_p1_no_canary_of_a_guaranteed_kind_survives_redaction(kind: str, redactor: PresidioRedactor) -> None:
    typed = list(messages(kind, MESSAGES_PER_KIND))

    leaking = [text for text, canary in typed if leaks(canary, redact(RawMessage(text), ChatSession(), redactor).text)]

    assert len(typed) == MESSAGES_PER_KIND
    assert leaking == []


@pytest.mark.parametrize("kind", KINDS)
def test_p1_the_proof_notices_a_message_that_was_left_as_typed(kind: str) -> None:
    assert all(leaks(canary, text) for text, canary in messages(kind, 24))


def test_p1_no_canary_reaches_the_language_model(app: App, scripted_llm: ScriptedLLM) -> None:
    scripted_llm.will(Ok("It sounds as if you feel watched. What is hardest about it?"))
    endpoint = Endpoint(scripted_llm.base_url, SecretStr("k"), "m", connect_s=1, first_token_s=2, first_sentence_s=2, total_s=5)
    writer = OpenAIWriter(endpoint, load_prompt(ROOT / "prompts", "reply"))
    companion = companion_with(app, model_writer=lambda: writer)
    canaries = []

    for kind in KINDS:
        session = ChatSession()  # later messages carry the earlier ones along as history
        for text, canary in messages(kind, THROUGH_THE_MODEL):
            companion.respond(text, session)
            canaries.append(canary)

    sent = b"".join(request.raw for request in scripted_llm.requests).decode().casefold()
    assert len(scripted_llm.requests) > len(canaries) / 2
    assert [canary for canary in canaries if canary.casefold() in sent or re.sub(r"\D", "", canary)[-9:] in re.sub(r"\D", "", sent)] == []


NAMES = (
    *(
        "Wanjiku",
        "Siobhan",
        "Parminder",
        "Agnieszka",
        "Thandiwe",
        "Yusuf",
        "Xiaoming",
        "Javier",
        "Oluwaseun",
        "Rukhsana",
        "Gudrun",
        "Haruka",
    ),
    *(
        "Priya Sharma",
        "Ahmed El-Sayed",
        "Maria de la Cruz",
        "Liam O'Connor",
        "Nguyen Thi Lan",
        "Chidi Okafor",
        "Ji-woo Park",
        "Bogdan Popescu",
    ),
)
ABOUT = ("my manager {} shouted at me", "{} said i was slow", "i told {} about it and she laughed", "it was {} who changed the rota")


@pytest.mark.parametrize(("case", "bar"), [(str, 0.99), (str.lower, 0.95), (str.upper, 0.95)], ids=["as written", "lower", "upper"])
def test_p1_names_are_hidden_in_every_case(case: Callable[[str], str], bar: float, redactor: PresidioRedactor) -> None:
    hidden = [
        case(name).split()[0] not in redact(RawMessage(case(frame.format(name))), ChatSession(), redactor).text
        for name in NAMES
        for frame in ABOUT
    ]

    assert sum(hidden) / len(hidden) >= bar


# --- P3: a redactor that fails sends nothing ----------------------------------------------------------------------------


class SlowFinder:
    """Use up the time that a message may take, as a recogniser on hostile text would."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, *_: object) -> list[object]:
        end = time.thread_time() + self._seconds
        while time.thread_time() < end:
            pass
        return []


def with_slow_recogniser(monkeypatch: pytest.MonkeyPatch) -> PresidioRedactor:
    monkeypatch.setattr(presidio_redactor, "find_digits", SlowFinder(0.0))
    slow = PresidioRedactor(deadline_s=0.02)
    monkeypatch.setattr(presidio_redactor, "find_digits", SlowFinder(0.05))
    return slow


def test_p3_a_recogniser_beyond_the_deadline_fails_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = with_slow_recogniser(monkeypatch)

    with pytest.raises(RedactionFailed, match="too long"):
        slow.find(RawMessage("told priya"))


def test_p3_a_recogniser_that_raises_fails_the_message(redactor: PresidioRedactor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise IndexError("priya")

    monkeypatch.setattr(presidio_redactor, "find_names", broken)

    with pytest.raises(RedactionFailed) as caught:
        redactor.find(RawMessage("told priya"))

    assert "priya" not in str(caught.value)


def test_p3_a_missing_language_model_fails_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presidio_redactor, "_MODEL", "no_such_model")

    with pytest.raises(RedactionFailed, match="make setup"):
        PresidioRedactor()


@pytest.mark.parametrize("way", ["slow", "missing"])
def test_p3_then_nothing_is_sent_and_lines_are_shown(
    way: str, app: App, scripted_llm: ScriptedLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = Endpoint(scripted_llm.base_url, SecretStr("k"), "m", connect_s=1, first_token_s=1, first_sentence_s=1, total_s=3)
    writer = OpenAIWriter(endpoint, load_prompt(ROOT / "prompts", "reply"))
    slow = with_slow_recogniser(monkeypatch) if way == "slow" else None
    part = (lambda: slow) if slow else failing(RedactionFailed("the language model is missing"))

    turn = companion_with(app, redactor=part, model_writer=lambda: writer).respond("told priya on 07700 900461", ChatSession())

    assert scripted_llm.requests == []
    assert turn.message.text == ""
    assert turn.crisis_lines is not None
