"""Canaries: texts that exist nowhere else, every form in which one could lie in a file, and a search of everything a server writes.

- `CanaryMaker` makes names, addresses, numbers and free secrets, each unique.
- `forms_of` gives the bytes a canary may have become: as it is, UTF-16, base64 at every offset, hexadecimal, escaped for URL, JSON or HTML.
- `files_below` and `cells_of` give everything that a search looks through, as (place, bytes).
- `find` searches in time linear in the bytes, whatever the number of canaries.

`companion/audit` makes and looks for canaries of its own, in its own way, on purpose: the tests must not share the eyes of what they judge.
"""

from __future__ import annotations

import base64
import html
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, quote_plus

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import metadata

KEY_BYTES = 8
"""The search looks for the first eight bytes of each form and then compares the rest; so no form may be shorter."""
_CHUNK_BYTES = 4_000_000
_OFFSETS_IN_BASE64 = 3
_SYLLABLES = "qua zor vim tek lun pax rho bey jun dax fiv gol hup kez mij nuw".split()


class Kind(StrEnum):
    """Name what a canary looks like."""

    NAME = "name"
    EMAIL = "e-mail"
    PHONE = "phone"
    EMPLOYEE = "employee number"
    CARD = "card"
    SECRET = "free secret"


@dataclass(frozen=True, slots=True)
class Canary:
    """Hold one unique text and what it looks like."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Say where a canary was found, and in which form."""

    canary: Canary
    form: str
    place: str


class CanaryMaker:
    """Make canaries. seed: the same seed gives the same ones; different seeds never share one by chance."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._made: set[str] = set()

    def make(self, kind: Kind) -> Canary:
        """Return a fresh canary of a kind; names come in lower case, Title Case and UPPER CASE in turn."""
        while True:
            text = self._text(kind)
            if text.casefold() not in self._made:
                self._made.add(text.casefold())
                return Canary(kind, text)

    def one_of_each(self) -> tuple[Canary, ...]:
        """Return a fresh canary of every kind."""
        return tuple(self.make(kind) for kind in Kind)

    def _text(self, kind: Kind) -> str:
        digits = "".join(self._random.choice("123456789") for _ in range(9))
        match kind:
            case Kind.NAME:
                case_of = (str.lower, str.title, str.upper)[len(self._made) % 3]
                return case_of(f"{self._word(2)} {self._word(3)}")
            case Kind.EMAIL:
                return f"{self._word(2)}.{self._word(2)}@{self._word(3)}.example"
            case Kind.PHONE:
                return f"+44 79{digits[:2]} {digits[2:8]}"
            case Kind.EMPLOYEE:
                return f"E-{digits}"
            case Kind.CARD:
                return _with_luhn("453201" + digits)
            case Kind.SECRET:
                return f"the {self._word(3)} under the {self._word(3)}"

    def _word(self, syllables: int) -> str:
        return "".join(self._random.choice(_SYLLABLES) for _ in range(syllables))


def _with_luhn(digits: str) -> str:
    total = sum(sum(divmod(int(d) * (2 if place % 2 == 0 else 1), 10)) for place, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


# --- forms -----------------------------------------------------------------------------------------------------------


def forms_of(canary: Canary) -> Mapping[str, bytes]:
    """Return the bytes by form. Of every form but base64 the search ignores case."""
    text = canary.text
    forms = {"as it is": text.encode()}
    for form, encoding in (("UTF-16 LE", "utf-16-le"), ("UTF-16 BE", "utf-16-be")):
        forms[form] = text.encode(encoding)
    forms |= {"URL": quote(text).encode(), "URL with plus": quote_plus(text).encode()}
    forms |= {"JSON": json.dumps(text)[1:-1].encode(), "HTML": html.escape(text).encode(), "hexadecimal": text.encode().hex().encode()}
    forms["without blanks"] = text.replace(" ", "").encode()
    forms |= {f"base64 at {offset}": _inside_base64(text.encode(), offset) for offset in range(_OFFSETS_IN_BASE64)}
    return {form: found for form, found in forms.items() if len(found) >= KEY_BYTES}


def _inside_base64(text: bytes, offset: int) -> bytes:
    """Return the characters that a text certainly becomes when it starts `offset` bytes into a group of three."""
    encoded = base64.b64encode(bytes(offset) + text)
    first = -(-offset * 8 // 6)
    whole = (offset + len(text)) // 3 * 4
    return encoded[first:whole]


# --- what a server writes ----------------------------------------------------------------------------------------------


def files_below(*folders: Path, besides: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield every file below the folders with its bytes: databases with their logs and free pages, indexes, caches, keys; and its name.

    besides: glob of files that are left out, such as the 90 MB of a model's weights.
    """
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not (besides and path.match(besides)):
                place = str(path.relative_to(folder))
                yield place, place.encode() + b"\0" + path.read_bytes()


def cells_of(database: Database) -> Iterator[tuple[str, bytes]]:
    """Yield every cell of every table, for a database whose files cannot be read."""
    with database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                for column, value in zip(table.c.keys(), row, strict=True):
                    yield f"{table.name}.{column}", bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


# --- the search ----------------------------------------------------------------------------------------------------------


def find(canaries: Iterable[Canary], places: Iterable[tuple[str, bytes]]) -> tuple[Hit, ...]:
    """Return where any canary lies, in any form; each canary, form and place once."""
    wanted = tuple((canary, form, found) for canary in canaries for form, found in forms_of(canary).items())
    exact = _Patterns((canary, form, found) for canary, form, found in wanted if form.startswith("base64"))
    any_case = _Patterns((canary, form, found.lower()) for canary, form, found in wanted if not form.startswith("base64"))
    hits: dict[Hit, None] = {}
    for place, content in places:
        for canary, form in (*exact.within(content), *any_case.within(content.lower())):
            hits[Hit(canary, form, place)] = None
    return tuple(hits)


class _Patterns:
    """Find many byte strings at once: places where the first three bytes of any begin are looked at closely, all others are passed over."""

    def __init__(self, wanted: Iterable[tuple[Canary, str, bytes]]) -> None:
        self._by_key: dict[bytes, list[tuple[bytes, Canary, str]]] = defaultdict(list)
        self._begins = np.zeros(1 << 24, dtype=bool)
        for canary, form, pattern in wanted:
            self._by_key[pattern[:KEY_BYTES]].append((pattern, canary, form))
            self._begins[int.from_bytes(pattern[:3], "little")] = True

    def within(self, content: bytes) -> Iterator[tuple[Canary, str]]:
        """Yield what is found, as often as it is found."""
        for start in range(0, len(content), _CHUNK_BYTES):
            for at in np.flatnonzero(self._begins[_threes(content[start : start + _CHUNK_BYTES + 2])]):
                place = start + int(at)
                for pattern, canary, form in self._by_key.get(content[place : place + KEY_BYTES], ()):
                    if content.startswith(pattern, place):
                        yield canary, form


def _threes(content: bytes) -> NDArray[np.uint32]:
    """Return the little-endian number of every three bytes in a row."""
    octets = np.frombuffer(content, dtype=np.uint8).astype(np.uint32)
    if len(octets) < 3:
        return np.zeros(0, dtype=np.uint32)
    threes: NDArray[np.uint32] = octets[:-2] | octets[1:-1] << np.uint32(8) | octets[2:] << np.uint32(16)
    return threes
