"""The rules R that a reply must keep, each a small question to a finished turn. The words and limits stand in `reply_rules.yaml`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import textstat
import yaml

from companion.library.chunks import split_sentences
from companion.models import HumanOffer, Reply, Turn
from evals.errors import DatasetError

RULES = Path(__file__).resolve().parent / "reply_rules.yaml"
_MARK = re.compile(r"\s*\[\d+\]")
_QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """Hold the compiled rules."""

    max_words: int
    max_reflection_words: int
    max_reading_age: float
    human_by_turn: int
    advice: re.Pattern[str]
    offer: re.Pattern[str]
    banned: re.Pattern[str]
    number: re.Pattern[str]
    link: re.Pattern[str]


@cache
def reply_rules(path: Path = RULES) -> ReplyRules:
    """Return the rules of a file.

    Raises: DatasetError when the file is missing or malformed.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        return ReplyRules(
            max_words=int(entries["max_words"]),
            max_reflection_words=int(entries["max_reflection_words"]),
            max_reading_age=float(entries["max_reading_age"]),
            human_by_turn=int(entries["human_by_turn"]),
            advice=_any_of(entries["advice"]),
            offer=_any_of(entries["offer"]),
            banned=_any_of(entries["banned"]),
            number=_any_of([entries["number"]]),
            link=_any_of([entries["link"]]),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, re.error) as exc:
        raise DatasetError(f"{path}: {exc!r}. Compare with the version in the repository.") from exc


def spoken(reply: Reply) -> str:
    """Return the reply without citation marks."""
    return _MARK.sub("", reply.text).strip()


def word_count(reply: Reply) -> int:
    """Return how many words a reply has, citation marks not counted."""
    return len(spoken(reply).split())


def reading_age(reply: Reply) -> float:
    """Return the age in years at which a reply can be read: automated readability index (by textstat, no word lists) plus 5.

    Source: Senter and Smith, Automated Readability Index, 1967: the index approximates the US school grade, which starts at age 6.
    """
    text = spoken(reply).replace("\n", " ")
    return float(textstat.automated_readability_index(text)) + 5 if text else 0.0


def uncited_sentences(reply: Reply) -> tuple[str, ...]:
    """Return the sentences that cite nothing, in order."""
    blocks = [_MARK.sub("", sentence.text) for sentence in reply.sentences if not sentence.passage_ids]
    return tuple(sentence for block in blocks for sentence in split_sentences(block))


def opens_with_reflection(reply: Reply, rules: ReplyRules) -> bool:
    """Tell whether the first sentence mirrors, in one short line, rather than asks, offers or advises."""
    if not reply.sentences or reply.sentences[0].passage_ids:
        return False
    first = next(iter(uncited_sentences(reply)), "")
    is_short = 0 < len(first.split()) <= rules.max_reflection_words
    return is_short and "?" not in first and not rules.offer.search(first) and not rules.advice.search(first)


def leaves_one_way_on(reply: Reply, rules: ReplyRules) -> bool:
    """Tell whether there is a question or an offer, and at most one question. Questions inside quotation marks are words to use."""
    sentences = [_QUOTED.sub("", sentence) for sentence in uncited_sentences(reply)]
    questions = sum("?" in sentence for sentence in sentences)
    offers = sum(bool(rules.offer.search(_MARK.sub("", sentence.text))) for sentence in reply.sentences if not sentence.passage_ids)
    return questions <= 1 and questions + offers >= 1


def uncited_advice(reply: Reply, rules: ReplyRules) -> tuple[str, ...]:
    """Return the sentences that advise without citing; an offer is no advice."""
    return tuple(s for s in uncited_sentences(reply) if rules.advice.search(s) and not rules.offer.search(s))


def cites_what_it_says(reply: Reply) -> bool:
    """Tell whether at least one passage is cited and every mark in the text has its citation."""
    marks = {int(mark) for mark in re.findall(r"\[(\d+)\]", reply.text)}
    return bool(marks) and marks == {citation.number for citation in reply.citations}


def banned_phrases(reply: Reply, rules: ReplyRules) -> tuple[str, ...]:
    """Return the banned phrases that occur."""
    return tuple(match.group(0) for match in rules.banned.finditer(spoken(reply)))


def unknown_contacts(reply: Reply, known_text: str, rules: ReplyRules) -> tuple[str, ...]:
    """Return phone numbers, figures and links of a reply that stand nowhere in the knowledge folder."""
    text = spoken(reply)
    known_numbers = _known_numbers(known_text, rules)
    numbers = [found.group(0) for found in rules.number.finditer(text) if _digits(found.group(0)) not in known_numbers]
    links = [found.group(0).rstrip(".,;)") for found in rules.link.finditer(text)]
    return tuple(numbers + [link for link in links if link.casefold() not in known_text.casefold()])


def returned_names(reply: Reply, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, or parts of names, that come back in a reply."""
    text = spoken(reply)
    parts = {part for name in names for part in name.split() if len(part) > 2}
    return tuple(sorted(part for part in parts if re.search(rf"\b{re.escape(part)}\b", text)))


def missing_points(reply: Reply, points: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the points that a reply does not touch. An alternative is met where a word of the reply begins with it, any case."""
    text = spoken(reply)
    return tuple("/".join(point) for point in points if not any(re.search(rf"\b{re.escape(word)}", text, re.IGNORECASE) for word in point))


def has_way_to_a_human(turn: Turn) -> bool:
    """Tell whether a peer or a group is on the table."""
    return turn.human is not HumanOffer.NONE or bool(turn.groups)


@cache
def _known_numbers(known_text: str, rules: ReplyRules) -> frozenset[str]:
    return frozenset(_digits(found.group(0)) for found in rules.number.finditer(known_text))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE | re.MULTILINE)
