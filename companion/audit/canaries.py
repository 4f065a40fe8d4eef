"""Canaries: invented personal details, each unique, so that one found where it must not be tells which way it took."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

import yaml

_NAMES = Path(__file__).with_name("names.yaml")
_SYLLABLES = "ba ce di fo gu ka le mi no pu ra se ti vo zu".split()


class CanaryKind(StrEnum):
    """Name what a canary looks like. A secret is a word that only its writer knows, such as a password."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    EMPLOYEE_ID = "employee_id"
    CARD = "card"
    IBAN = "iban"
    SECRET = "secret"  # noqa: S105 - a kind of canary


@dataclass(frozen=True, slots=True)
class Canary:
    """Hold one invented detail and a sentence in which a person would type it. number: from 0, unique within an audit."""

    number: int
    kind: CanaryKind
    value: str
    sentence: str


_SENTENCES = {
    CanaryKind.NAME: (
        "my charge nurse {value} keeps changing my shifts and i cannot sleep",
        "i had a row with {value} about the rota, what do i say tomorrow",
        "{value} takes the credit for my work again and again",
    ),
    CanaryKind.EMAIL: ("she writes to me at {value} every night and i cannot switch off", "you can reach me at {value}, i am so tired"),
    CanaryKind.PHONE: ("my manager rings me on {value} on my day off", "they gave out my number {value} and now customers shout at me"),
    CanaryKind.EMPLOYEE_ID: ("my employee number is {value} and they moved me again", "staff id {value}, too much work for one person"),
    CanaryKind.CARD: ("i paid for the team with my card {value} and nobody pays me back",),
    CanaryKind.IBAN: ("my wages went to {value} and now i am short of money",),
    CanaryKind.SECRET: ("my password is {value} and my boss asked me for it", "password: {value} they made me share it"),
}


def make_canaries(count: int, seed: int) -> tuple[Canary, ...]:
    """Return `count` canaries, the kinds in turn, the same ones for the same seed."""
    drawn = random.Random(seed)  # noqa: S311 - invented details, no secrets
    names = yaml.safe_load(_NAMES.read_text(encoding="utf-8"))
    people = [f"{first} {last}" for first in names["first"] for last in names["last"]]
    drawn.shuffle(people)
    kinds = tuple(CanaryKind)
    return tuple(_canary(number, kinds[number % len(kinds)], people[number % len(people)], drawn) for number in range(count))


def _canary(number: int, kind: CanaryKind, person: str, drawn: random.Random) -> Canary:
    word = "".join(drawn.choice(_SYLLABLES) for _ in range(4))
    digits = f"{drawn.randrange(10**9):09d}"
    match kind:
        case CanaryKind.NAME:
            value = (person, person.lower(), person.upper())[number % 3]
        case CanaryKind.EMAIL:
            value = f"{word}.{digits[:4]}@mail-{word[:4]}.example.org"
        case CanaryKind.PHONE:
            value = (f"+4477009{digits[:5]}", f"077009{digits[:5]}", f"+49 151 2{digits[:3]} {digits[3:7]}")[number % 3]
        case CanaryKind.EMPLOYEE_ID:
            value = f"EMP-{digits[:7]}"
        case CanaryKind.CARD:
            value = _with_luhn(f"400000{digits}")
        case CanaryKind.IBAN:
            value = _with_check(f"NWBK{digits[:6]}{digits[:8]}")
        case CanaryKind.SECRET:
            value = f"{word.capitalize()}!{digits[:5]}"
    return Canary(number, kind, value, drawn.choice(_SENTENCES[kind]).format(value=value))


def _with_luhn(digits: str) -> str:
    """Return card digits with their check digit (ISO/IEC 7812-1, annex B)."""
    total = sum(int(d) if place % 2 else sum(divmod(2 * int(d), 10)) for place, d in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def _with_check(account: str) -> str:
    """Return a British IBAN with its check digits (ISO 13616)."""
    as_number = "".join(str(int(character, 36)) for character in f"{account}GB00")
    return f"GB{98 - int(as_number) % 97:02d}{account}"


def forms_of(canary: Canary) -> Iterator[bytes]:
    """Yield the forms in which a canary could hide: as typed, without spaces, UTF-16, Base64 in its three shifts, URL-encoded, JSON, hex.

    Letters count in any case except in Base64 and hex, which are yielded for the case as typed.
    """
    value = canary.value
    spellings = {value, re.sub(r"[\s.-]+", "", value)}
    if canary.kind is CanaryKind.NAME:
        spellings.add(value.split()[1])  # a family name alone is a leak as well
    for spelling in spellings:
        plain = spelling.encode()
        yield plain
        yield spelling.encode("utf-16-le")
        yield quote(spelling, safe="").encode()
        yield plain.hex().encode()
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + plain)
            yield encoded[(0, 2, 3)[shift] : len(encoded) - 4]  # the parts that do not depend on what stands around it


def forms_by_canary(canaries: Sequence[Canary], least_bytes: int) -> dict[bytes, Canary]:
    """Return form in lower case → canary; forms too short to be told from chance are left out."""
    return {form.lower(): canary for canary in canaries for form in forms_of(canary) if len(form) >= least_bytes}
