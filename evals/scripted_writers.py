"""Two language models written by hand: one that keeps to the rules and cites its passages, and one that breaks them at every turn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import yaml

from companion.library.chunks import split_sentences
from evals.errors import DatasetError

WORDS = Path(__file__).resolve().parent / "scripted_writers.yaml"
_PASSAGE = re.compile(r"^\[(\d+)\] [^\n]*?: (.+)$", re.MULTILINE)
_LIST_MARK = re.compile(r"^[-*] +")
"""A model that copies it has its sentence kept back as markup, and the reply is the curated writer's then: nothing of the model is measured."""
_OFFER = '"Talk to a person"'
_VICES_PER_REPLY = 3
"""Several at once, so that a guard which stops after its first find is noticed."""


@dataclass(frozen=True, slots=True)
class ScriptedWords:
    """Hold what the two writers say around their passages. vices: sentences that no person may be shown."""

    openings: tuple[str, ...]
    questions: tuple[str, ...]
    offer: str
    not_covered: str
    vices: tuple[str, ...]


@cache
def scripted_words(path: Path = WORDS) -> ScriptedWords:
    """Return the words of a file.

    Raises: DatasetError when the file is missing or malformed.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        careful = entries["careful"]
        openings, questions = tuple(careful["openings"]), tuple(careful["questions"])
        return ScriptedWords(openings, questions, careful["offer"], careful["not_covered"], tuple(entries["careless"]))
    except (OSError, yaml.YAMLError, KeyError, TypeError) as exc:
        raise DatasetError(f"{path}: {exc!r}. Compare with the version in the repository.") from exc


def careful(messages: Sequence[Mapping[str, str]]) -> str:
    """Return one reflecting line, a sentence of each of the first two passages with its mark, and one question or offer."""
    words, asked = scripted_words(), messages[-1]["content"]
    advice = _advice(asked) or [words.not_covered]
    closing = words.offer if _OFFER in asked else _one_of(words.questions, asked)
    return " ".join([_one_of(words.openings, asked), *advice, closing])


def careless(messages: Sequence[Mapping[str, str]]) -> str:
    """Return a reply with three vices among sound sentences; which ones depends on the message alone."""
    words, asked = scripted_words(), messages[-1]["content"]
    first = crc32(asked.encode()) % len(words.vices)
    vices = [words.vices[(first + step) % len(words.vices)] for step in range(_VICES_PER_REPLY)]
    return " ".join([vices[0], *_advice(asked), *vices[1:], _one_of(words.questions, asked)])


def _advice(asked: str) -> list[str]:
    numbered = [(found[1], split_sentences(_LIST_MARK.sub("", found[2]))) for found in _PASSAGE.finditer(asked)]
    return [f"{sentences[0].rstrip('.')} [{number}]." for number, sentences in numbered[:2] if sentences]


def _one_of(choices: Sequence[str], asked: str) -> str:
    return choices[crc32(asked.encode()) % len(choices)]
