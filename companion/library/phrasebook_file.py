"""Load `knowledge/phrasebook.yaml`: what people say, and the plain words that the library uses for it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from companion.errors import KnowledgeError
from companion.library.quick_yaml import quick_load
from companion.phrasebook import Phrasebook

_PHRASE = re.compile(r"[^\W_]+(?:[ -][^\W_]+){0,7}")
_MAX_PLAIN_CHARS = 80


def load_phrasebook(path: Path) -> Phrasebook:
    """Return the phrasebook; an empty one when there is no such file, since a library works without it.

    Raises: KnowledgeError naming the entry that cannot be used.
    """
    if not path.exists():
        return Phrasebook({})
    says = _mapping(path).get("says")
    if not isinstance(says, dict):
        raise KnowledgeError(f"{path.name}: `says` is missing. Write one line per phrase below it, such as `knackered: exhausted`.")
    wrong = [_mistake(phrase, plain) for phrase, plain in says.items()]
    mistakes = [f"{path.name}: says: {mistake}" for mistake in wrong if mistake]
    if mistakes:
        raise KnowledgeError("\n".join(mistakes))
    return Phrasebook(says)


def _mistake(phrase: object, plain: object) -> str | None:
    if not isinstance(phrase, str) or not isinstance(plain, str):
        return f"{phrase}: both sides must be words. Put quotes around numbers, and around yes, no, on and off."
    if phrase != phrase.lower() or not _PHRASE.fullmatch(phrase):
        return f"{phrase}: write the phrase in lower case, letters and digits only, without apostrophes, at most eight words."
    if len(plain) > _MAX_PLAIN_CHARS:
        return f"{phrase}: its plain words are longer than {_MAX_PLAIN_CHARS} characters. An empty text leaves the phrase out."
    return None


def _mapping(path: Path) -> dict[str, object]:
    try:
        text = path.read_text("utf-8")
        read = quick_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise KnowledgeError(f"{path.name}: cannot be read ({' '.join(str(exc).split())}). Correct the file.") from exc
    return read if isinstance(read, dict) else {}
