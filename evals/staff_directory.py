"""A made-up directory of 300 staff, messages that its people might write, and somebody who tries to find out who wrote them.

Everything is drawn with a fixed seed; no such people exist. The words for an attribute are chosen here without looking at
`knowledge/giveaway.yaml`, so that the guard meets phrases that it was not written for, too.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

N_STAFF = 300
_FIRST = (
    "Amina Bruno Chidi Dana Elif Farid Greta Hana Ivan Jonas Kemi Lucia Mirek Nadia Oskar Priya Quentin Rosa Samir Tove Umar Vera".split()
)
_LAST = (
    "Adeyemi Bakker Castellano Dvorak Eriksen Fofana Grabowski Haddad Iqbal Jansen Kowalczyk Lindqvist Moreau Novak Okafor Petrov".split()
)
_COMMON_TEN = ("nurse", "healthcare assistant", "porter", "cleaner", "receptionist", "junior doctor")
_RARE = (
    "pharmacist midwife chaplain dietitian radiographer physiotherapist interpreter librarian gardener electrician anaesthetist podiatrist "
    "audiologist phlebotomist psychologist statistician archivist baker carpenter solicitor"
).split()
_VALUES: Mapping[str, tuple[tuple[str, int], ...]] = {
    "role": (*((role, 8) for role in _COMMON_TEN), *((role, 1) for role in _RARE)),
    "site": (("Leeds", 6), ("Bristol", 4), ("Dundee", 2), ("Swansea", 2), ("Exeter", 1), ("Hull", 1)),
    "team": (("cardiology", 3), ("oncology", 3), ("paediatrics", 2), ("theatres", 2), ("radiology", 1), ("the night desk", 1), ("A&E", 4)),
    "shift": (("days", 6), ("nights", 3), ("weekends", 1)),
    "leave": (("", 24), ("maternity leave", 2), ("sick leave", 2), ("adoption leave", 1), ("a sabbatical", 1), ("bereavement leave", 1)),
    "family": (("", 14), ("twins", 1), ("a single parent", 2), ("widowed", 1), ("pregnant", 1), ("three girls", 1)),
    "origin": (("", 14), ("Polish", 2), ("Nigerian", 2), ("Filipino", 2), ("Somali", 1), ("Brazilian", 1), ("Ukrainian", 1)),
    "age": (("20s", 2), ("30s", 4), ("40s", 4), ("50s", 3), ("60s", 1)),
}
_SAID: Mapping[str, tuple[str, ...]] = {
    "role": ("I work as a {}", "I'm a {} here", "being a {} wears me down", "as a {} I see too much"),
    "site": ("in {}", "at the {} site", "over here in {}", "at our {} hospital"),
    "team": ("I am in {}", "on the {} team", "I belong to {}", "they moved me to {}"),
    "shift": ("I mostly do {}", "on {} again", "{} only"),
    "years": ("I've been here for {} years", "{} years in the job", "I came {} years ago", "after {} years here"),
    "leave": ("I am just back from {}", "since my return from {} nothing fits", "{} ended in spring and I am not ready"),
    "origin": ("I'm {}", "they call me the {} one", "as a {} person I stand out"),
    "age": ("in my {}", "I'm in my {} now"),
}
_FAMILY_SAID: Mapping[str, tuple[str, ...]] = {
    "twins": ("with twins at home", "my twins do not sleep"),
    "a single parent": ("as a single parent", "I bring up my son alone"),
    "widowed": ("I am widowed", "since my wife died I am alone with it"),
    "pregnant": ("I'm pregnant", "I am expecting in June"),
    "three girls": ("with three girls to feed", "my three girls wait for me"),
}
_FAMILY_MARKS = {
    "twins": "twins",
    "a single parent": r"single parent|alone\b",
    "widowed": "widow|wife died",
    "pregnant": "pregnant|expecting",
}
_TROUBLES = (
    "and I cannot switch off after work",
    "and nobody asks how I am",
    "and the rota changes every week",
    "and I dread Mondays",
    "and I cried in the car again",
    "and I do not know whom to tell",
)
_SIGNED = ("It's {name}, by the way.", "Reach me at {mail}.", "My staff number is {number}.", "{name}")


@dataclass(frozen=True, slots=True)
class Person:
    """Hold one made-up employee. facts: attribute → value; "" for none."""

    number: str
    name: str
    mail: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Letter:
    """Hold a message and the number of the person who wrote it."""

    text: str
    wrote: str


@cache
def directory(seed: int) -> tuple[Person, ...]:
    """Return 300 people, the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - made-up people, no secret
    return tuple(_person(draw, place) for place in range(N_STAFF))


def _person(draw: random.Random, place: int) -> Person:
    facts = {name: draw.choices([v for v, _ in values], [w for _, w in values])[0] for name, values in _VALUES.items()}
    facts["years"] = str(draw.choice([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 17, 21]))
    name = f"{draw.choice(_FIRST)} {draw.choice(_LAST)}"
    return Person(f"EMP-{20_000 + place * 7}", name, f"{name.lower().replace(' ', '.')}{place}@northgate.example", facts)


def letters(seed: int, count: int) -> tuple[Letter, ...]:
    """Return messages of `count` different people, each telling three to five facts; two in five also carry a direct identifier."""
    draw = random.Random(seed + 1)  # noqa: S311 - made-up messages, no secret
    return tuple(_letter(draw, person, place) for place, person in enumerate(draw.sample(directory(seed), count)))


def _letter(draw: random.Random, person: Person, place: int) -> Letter:
    told = [name for name, value in person.facts.items() if value]
    chosen = draw.sample(told, min(len(told), draw.choice([3, 4, 4, 5])))
    parts = [_said(draw, name, person.facts[name]) for name in chosen]
    is_only = "role" in chosen and "site" in chosen and _is_only(person)
    text = ", ".join([*(["I'm the only one of my kind here"] if is_only else []), *parts]) + f" {draw.choice(_TROUBLES)}."
    text = text[:1].upper() + text[1:]
    if place % 5 < 2:
        text += " " + draw.choice(_SIGNED).format(name=person.name, mail=person.mail, number=person.number)
    return Letter(text.lower() if draw.random() < 0.3 else text, person.number)


def _said(draw: random.Random, name: str, value: str) -> str:
    return draw.choice(_FAMILY_SAID[value] if name == "family" else _SAID[name]).replace("{}", value)


def _is_only(person: Person) -> bool:
    return person.facts["role"] in _RARE


def found_out(text: str, wrote: str, staff: Sequence[Person]) -> float:
    """Return the chance, 0 to 1, that a reader with the directory names the writer at the first try.

    The reader takes every fact that stands in the text, weighs it by how rare it is, and picks the best match; among equals by lot.
    """
    lowered = text.casefold()
    named = [person for person in staff if any(mark.casefold() in lowered for mark in (person.number, person.mail, person.name))]
    if len(named) == 1:
        return 1.0 if named[0].number == wrote else 0.0
    stated = {name: seen for name in (*_VALUES, "years") if (seen := _stated(name, lowered))}
    weights = {name: _weights(name, staff) for name in stated}
    scores = {
        person.number: sum(weights[name][value] if (value := person.facts[name]) in seen else -1.0 for name, seen in stated.items())
        for person in (named or staff)
    }
    best = max(scores.values())
    top = [number for number, score in scores.items() if math.isclose(score, best)]
    return 1 / len(top) if wrote in top else 0.0


def _weights(name: str, staff: Sequence[Person]) -> Mapping[str, float]:
    counts = Counter(person.facts[name] for person in staff)
    return {value: math.log(len(staff) / count) for value, count in counts.items()}


def _stated(name: str, lowered: str) -> frozenset[str]:
    """Return the values of one attribute that a careful reader sees in a text."""
    if name == "years":
        return frozenset(re.findall(r"(?<![\d-])(\d{1,2}) years", lowered))
    marks = {
        value: _FAMILY_MARKS.get(value, re.escape(value.removeprefix("the ").removeprefix("a ").casefold())) for value, _ in _VALUES[name]
    }
    return frozenset(value for value, mark in marks.items() if value and re.search(rf"(?<!\w)(?:{mark})(?!\w)", lowered))
