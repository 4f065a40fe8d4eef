"""Stage 1 of a turn: clean what was typed, and replace personal details by placeholders before anything else sees it.

Fails closed: whatever goes wrong in a redactor leaves here as RedactionFailed, and nothing may then be sent or stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from companion.errors import InputRefused, RedactionFailed
from companion.fixed_answers import FixedAnswer, is_part_of_a_question
from companion.models import Entity, EntityType, RawMessage, RedactedMessage
from companion.ports import FoundEntity, Redactor
from companion.session import ChatSession

_BINARY_SHARE = 0.1
"""Chosen by us: a text with more unreadable characters than this is a file, not a message."""

_JOINERS = "\u200c\u200d"

_EVERYDAY_NAME_PARTS = frozenset(
    re.findall(
        r"\w+",
        "will may mark grace hope rose amber bill grant chase drew rob sue pat nick jack art april june august summer dawn joy "
        "faith love long young day king price rice banks stone wood hill field park brown white black green gray grey baker "
        "cook ward cross best little short sharp bright hunter mason parker walker turner carter cooper miller bishop knight "
        "page street church lane bell hall north west east fox wolf lamb bird frost snow star rich frank dean guy max ray jay "
        "happy lucky van von der del bin ben abu and the dos das",
    )
)
"""Parts of names that later stand for the person only when written with a capital inside a sentence."""


def clean_input(text: str, max_chars: int) -> RawMessage:
    """Return a typed text in NFC without control, invisible and direction-changing characters; line breaks, tabs and emoji stay.

    max_chars: the most characters a message may have, after cleaning.
    Raises: InputRefused with reason "too_long", "binary" or "empty".
    """
    if len(text) > 4 * max_chars:
        raise InputRefused("too_long")
    unreadable = sum(
        character == "\ufffd" or (unicodedata.category(character) in {"Cc", "Cs"} and not character.isspace()) for character in text
    )
    if unreadable > max(3, _BINARY_SHARE * len(text)):
        raise InputRefused("binary")
    cleaned = "".join(character for character, _, _ in _cleaned(text)).rstrip()
    if len(cleaned) > max_chars:
        raise InputRefused("too_long")
    if not cleaned.strip():
        raise InputRefused("empty")
    return RawMessage(cleaned)


def in_given_text(given: str, entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return the entities of a cleaned message with offsets into the text as it was given to `clean_input`."""
    places = [(start, end) for _, start, end in _cleaned(given)]
    return tuple(replace(entity, start=places[entity.start][0], end=places[entity.end - 1][1]) for entity in entities)


def _cleaned(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each character of the cleaned text with the span of the given text (0-based, end exclusive) that it stands for."""
    cluster, start, end = "", 0, 0
    for character, index in _readable(text):
        if cluster and not _joins_the_one_before(character):
            yield from ((composed, start, end) for composed in unicodedata.normalize("NFC", cluster))
            cluster = ""
        if not cluster:
            start = index
        cluster, end = cluster + character, index + 1
    yield from ((composed, start, end) for composed in unicodedata.normalize("NFC", cluster))


def _joins_the_one_before(character: str) -> bool:
    # Combining marks, and the vowels and finals of Hangul, compose with the character before them.
    return unicodedata.combining(character) > 0 or "\u1160" <= character <= "\u11ff"


def _readable(text: str) -> Iterator[tuple[str, int]]:
    """Yield the characters to keep with their places. Joiners stay inside emoji and scripts that need them, never between Latin letters."""
    before = ""
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if character in "\n\t" or category not in {"Cc", "Cf", "Cs"}:
            before = character
            yield character, index
        elif character == "\r" and text[index + 1 : index + 2] == "\n":
            continue
        elif character in "\r\x0b\x0c\x85":
            yield "\n", index
        elif character in _JOINERS and before and ord(before) > 0x058F:
            yield character, index


def redact(raw: RawMessage, session: ChatSession, redactor: Redactor, questions: Sequence[FixedAnswer] = ()) -> RedactedMessage:
    """Return the message with every personal detail replaced by the placeholder that it keeps for the whole session.

    questions: those with a fixed answer; their own words ("Eres", "Sei", "Ben je") are no names where somebody asks them.
    The person's own choices count: `session.hidden_words` are always hidden (type HIDDEN), `session.kept_words` stay readable.
    Names found earlier in the session are found again by each of their parts, in any case.
    Raises: RedactionFailed when the redactor fails in any way.
    """
    text = raw.text
    found = [f for f in _find(raw, redactor) if not is_part_of_a_question(text, f.start, f.end, questions)]
    found += _find_hidden(text, session.hidden_words)
    known = [text[f.start : f.end] for f in found if f.type is EntityType.PERSON]
    found += _find_known(text, (*session.placeholders.known_names(), *known))
    spans = _settle(text, (f for f in found if f.type is EntityType.HIDDEN or not _is_kept(text[f.start : f.end], session.kept_words)))
    entities = tuple(
        Entity(span.start, span.end, span.type, session.placeholders.for_detail(span.type, text[span.start : span.end])) for span in spans
    )
    return RedactedMessage(_replace(text, entities), entities)


def _find(raw: RawMessage, redactor: Redactor) -> list[FoundEntity]:
    try:
        found = list(redactor.find(raw))
    except RedactionFailed:
        raise
    except Exception as exc:  # noqa: BLE001 - fail closed: no error of a redactor, whatever its kind, may let a raw message through
        # The cause is not chained: a vendor's message may quote the person's words.
        raise RedactionFailed(f"the redactor failed with {type(exc).__name__}; nothing was passed on") from None
    if any(not 0 <= f.start < f.end <= len(raw.text) for f in found):
        raise RedactionFailed("the redactor gave offsets outside the message; nothing was passed on")
    return found


def _find_hidden(text: str, hidden: Iterable[str]) -> list[FoundEntity]:
    return [
        FoundEntity(match.start(), match.end(), EntityType.HIDDEN, 1.0)
        for word in sorted(hidden)
        if word.strip()
        for match in re.finditer(rf"(?<!\w){re.escape(word.strip())}(?!\w)", text, re.IGNORECASE)
    ]


def _find_known(text: str, names: Iterable[str]) -> list[FoundEntity]:
    """Find bare mentions of people already known ("whitfield again", "SARAH")."""
    parts = {part for name in names for part in re.findall(r"[^\W\d_]+", name.casefold()) if len(part) > 2}
    if not parts:
        return []
    return [
        FoundEntity(match.start(), match.start() + length, EntityType.PERSON, 0.8)
        for match in re.finditer(r"[^\W\d_]+", text)
        if (length := _known_length(match.group().casefold(), parts))
        and (match.group().casefold() not in _EVERYDAY_NAME_PARTS or _is_capital_inside(text, match.start()))
    ]


def _known_length(word: str, parts: Collection[str]) -> int:
    """Return how many letters of a word are a known name: all, all but the s of an owner without apostrophe ("rajs desk"), or none."""
    if word in parts:
        return len(word)
    owner = word[:-1] if word.endswith("s") else ""
    return len(owner) if owner in parts and owner not in _EVERYDAY_NAME_PARTS else 0


def _is_capital_inside(text: str, start: int) -> bool:
    before = text[:start].rstrip(" ")
    return text[start].isupper() and bool(before) and before[-1] not in ".!?\n" and not text[start : start + 3].isupper()


def _is_kept(surface: str, kept: Iterable[str]) -> bool:
    words = {word.casefold() for word in kept}
    folded = surface.casefold()
    parts = re.findall(r"\w+", folded)
    return folded in words or (bool(parts) and all(part in words for part in parts))


def _settle(text: str, found: Iterable[FoundEntity]) -> list[FoundEntity]:
    """Return spans in order without overlap: the person's own choice, then the longer, then the surer wins.

    What sticks out of the loser is hidden too.
    """
    chosen: list[FoundEntity] = []
    owner: list[int] = [-1] * len(text)
    for span in sorted(found, key=lambda f: (f.type is EntityType.HIDDEN, f.end - f.start, f.score), reverse=True):
        free = [place for place in range(span.start, span.end) if owner[place] < 0]
        if not any(text[place].isalnum() for place in free):
            continue
        for place in free:
            owner[place] = len(chosen)
        chosen.append(span)
    return list(_runs(text, owner, chosen))


def _runs(text: str, owner: list[int], chosen: list[FoundEntity]) -> Iterator[FoundEntity]:
    start = 0
    for place in range(1, len(owner) + 1):
        if place < len(owner) and owner[place] == owner[start]:
            continue
        if owner[start] >= 0:
            surface = text[start:place]
            left = start + len(surface) - len(surface.lstrip())
            right = place - (len(surface) - len(surface.rstrip()))
            if any(c.isalnum() for c in surface):
                yield replace(chosen[owner[start]], start=left, end=right)
        start = place


def _replace(text: str, entities: Iterable[Entity]) -> str:
    pieces, at = [], 0
    for entity in entities:
        pieces += [text[at : entity.start], entity.placeholder]
        at = entity.end
    return "".join(pieces) + text[at:]
