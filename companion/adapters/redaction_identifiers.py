"""Find identifiers that are written in a pattern: addresses of machines and people, ids after a cue, secrets, plates, dates of birth.

The patterns stand in `redaction_words/patterns.yaml`. Every one starts at a fixed sign or a token's start and repeats only with bounds,
so that time grows linearly with the text.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from companion.adapters.redaction_lexicon import WORD_LISTS, Lexicon
from companion.adapters.redaction_reading import MessageReading
from companion.errors import RedactionFailed
from companion.library.quick_yaml import quick_load
from companion.models import EntityType
from companion.ports import FoundEntity

_NO_TICKET = re.compile(
    r"(?:covid|gpt|phq|gad|cov|sars|b|mp|top|iso|utf|form|type|level|grade|band|step|tier|sha|aes|day|week|part|phase|who|icd)-\d",
    re.IGNORECASE,
)
_SECRET_CUE = re.compile(
    r"""\b (?: pass[ ]?word | pass[ ]?code | passphrase | passwd | pwd | pw | pin (?: [ ]code | [ ]number )? | api[ _-]?key
    | access[ _-]?key
    | secret (?: [ _-]?key )? | token | (?: door | gate | alarm | keypad | security | entry | login ) [ ]code | cvv | otp | one[ -]time[ ]code
    | credentials? ) (?P<link> (?: \s (?: is | was | are | to )\b | \s?[:=] )? \s{0,2} ) ["'`]? (?P<it> [^\s"'`]{3,200} )""",
    re.IGNORECASE | re.VERBOSE,
)
_SECRET_FOR = re.compile(
    r"""\b (?: pass[ ]?word | pass[ ]?code | pin | code | login ) [ ] (?: for | to | of ) [ ] (?: [a-z']{2,20} [ ] ){1,4} (?: is [ ] | : [ ]? | = [ ]? )?
    ["'`]? (?P<it> (?= [^\s"'`]{0,30} \d ) (?! \d{1,2} (?:am|pm|:|%|h|st|nd|rd|th) ) [^\s"'`]{4,60} )""",
    re.IGNORECASE | re.VERBOSE,
)
_DOMAIN = re.compile(
    r"""(?<![\w@.-]) (?: [a-z0-9] (?: [a-z0-9-]{0,61}[a-z0-9] )? \. ){1,5}
    (?: com | org | net | io | co | uk | edu | gov | de | fr | es | nl | br | ca | au | sg | in | eu | info | biz | app | dev | ai | me | us | ie
    | za | ng )
    (?P<path> /[^\s<>"']{0,2000} )? (?![\w@-])""",
    re.IGNORECASE | re.VERBOSE,
)
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w.]\w)")
_IPV6 = re.compile(r"(?<![\w:])[0-9a-f:]{2,39}(?:%\w{1,10})?(?![\w:])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """Hold one pattern of `patterns.yaml`. digits: how many digits a match must hold at least."""

    type: EntityType
    score: float
    pattern: re.Pattern[str]
    example: str
    digits: int = 0

    def find(self, text: str) -> Iterator[FoundEntity]:
        """Yield what the pattern hides."""
        named = "it" in self.pattern.groupindex
        for match in self.pattern.finditer(text):
            start, end = match.span("it") if named and match.group("it") is not None else match.span()
            if self.digits and sum(c.isdigit() for c in text[start:end]) < self.digits:
                continue
            if self.type is EntityType.TICKET and _NO_TICKET.match(text, start):
                continue
            yield FoundEntity(start, _trim(text, end), self.type, self.score)


def load_shape_rules(path: Path = WORD_LISTS / "patterns.yaml") -> tuple[ShapeRule, ...]:
    """Return the rules of a pattern file, compiled.

    Raises: RedactionFailed when the file is missing or holds a pattern that cannot be compiled.
    """
    try:
        loaded = quick_load(path.read_text(encoding="utf-8"))
        fragments: dict[str, str] = loaded["fragments"]
        return tuple(_rule(row, fragments) for row in loaded["patterns"])
    except (OSError, yaml.YAMLError, re.error, KeyError, ValueError) as exc:
        raise RedactionFailed(f"{path.name}: a pattern of redaction cannot be used: {exc}") from exc


def _rule(row: dict[str, object], fragments: dict[str, str]) -> ShapeRule:
    pattern = str(row["pattern"])
    while any(f"<{name}>" in pattern for name in fragments):
        for name, fragment in fragments.items():
            pattern = pattern.replace(f"<{name}>", fragment)
    flags = re.VERBOSE | (re.NOFLAG if row.get("case") else re.IGNORECASE)
    kind, score, digits = EntityType(str(row["type"])), float(str(row["score"])), int(str(row.get("digits", 0)))
    return ShapeRule(kind, score, re.compile(pattern, flags), str(row["example"]), digits)


class IdentifierFinder:
    """Find identifiers by their shape."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._rules = load_shape_rules()

    def find(self, reading: MessageReading) -> Iterator[FoundEntity]:
        """Yield every identifier that a pattern or a cue gives away."""
        for rule in self._rules:
            reading.deadline.check()
            yield from rule.find(reading.text)
        yield from self._find_secrets(reading.text)
        yield from _find_machines(reading.text)
        yield from self._find_domains(reading.text)

    def _find_secrets(self, text: str) -> Iterator[FoundEntity]:
        for match in _SECRET_CUE.finditer(text):
            value = match.group("it")
            bare = value.strip(".,;:!?()").casefold()
            looks_secret = any(c.isdigit() or c in "@#$%^&*_" for c in bare)
            is_given = match.group("link").strip() in {"is", ":", "="}
            if (looks_secret or is_given) and not self._lexicon.cue("secret_states", bare):
                yield FoundEntity(match.start("it"), match.start("it") + len(value.rstrip(".,;:?)")), EntityType.SECRET, 0.97)

        for match in _SECRET_FOR.finditer(text):
            yield FoundEntity(match.start("it"), match.start("it") + len(match.group("it").rstrip(".,;:?)")), EntityType.SECRET, 0.9)

    def _find_domains(self, text: str) -> Iterator[FoundEntity]:
        for match in _DOMAIN.finditer(text):
            labels = match.group().casefold().split("/")[0].split(".")
            # "tired.me" and "late.in" are a full stop without a space; a public body's own page gives nobody away.
            is_slip = self._lexicon.cue("domains_as_words", labels[-1]) and labels[0] in self._lexicon.english
            if match.group("path") or not (is_slip or labels[0] in self._lexicon.never):
                yield FoundEntity(match.start(), _trim(text, match.end()), EntityType.URL, 0.9)


def _trim(text: str, end: int) -> int:
    while end > 0 and text[end - 1] in ".,;:!?)]}'’- ":
        end -= 1
    return end


def _find_machines(text: str) -> Iterator[FoundEntity]:
    for match in _IPV4.finditer(text):
        if all(int(part) < 256 for part in match.group().split("/")[0].split(".")):
            yield FoundEntity(match.start(), match.end(), EntityType.IP_ADDRESS, 1.0)
    for match in _IPV6.finditer(text):
        if match.group().count(":") < 2 or not any(c.isalnum() for c in match.group()):
            continue
        try:
            ipaddress.IPv6Address(match.group())
        except ValueError:
            continue
        yield FoundEntity(match.start(), match.end(), EntityType.IP_ADDRESS, 1.0)
