"""Show a text as a person reads it: hidden characters gone, wide and stylish letters plain, numbers and addresses written out as words set right.

A stdlib-only leaf. The output guard and the linter look at what this returns, so that a number is a number however it was written.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn"}
_ENCLOSING_OR_STYLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u20dd-\u20e4\u3164\ufe00-\ufe0f\uffa0]")
_KEEPS_ITS_FORM = "\u2026\u00bd\u00bc\u00be\u00b2\u00b3"
"""Signs that NFKC would spell out though every reader knows them."""
_LAST_PLAIN_LETTER = "\u024f"
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc\u00b4\u2032]")

_SMALL = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
        range(20),
        strict=True,
    )
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_SCALES = {"hundred": 100, "thousand": 1000}
_VALUES = {**_SMALL, **_TENS, "nought": 0, "oh": 0, "ought": 0}
_ONE_WORD = "|".join(sorted({*_SMALL, *_TENS, "nought"}, key=len, reverse=True))
_RUN = re.compile(
    rf"\b(?:{_ONE_WORD}|(?:double|triple)(?=[\s-]+(?:{_ONE_WORD})\b))(?:(?:[\s,./*_-]+)(?:and\s+(?=(?:{_ONE_WORD})\b))?(?:{_ONE_WORD}|oh|hundred|thousand|double|triple)\b)*",
    re.IGNORECASE,
)
"""Numbers written as words, in a row; "oh" counts only after another one."""
_ENDING = "(?:com|org|net|io|co|uk|de|info|gov|edu|app|me|ai|xyz|site|online|example|test|fr|es|it|nl|pt|in|ru|cn|us|eu|biz)"
_SPELLED_SIGN = (
    (re.compile(rf"\s*[\[({{<]\s*(?:dot|punkt|punto|point)\s*[\])}}>]\s*|\s+(?:dot|punto|punkt)\s+(?={_ENDING}\b)", re.IGNORECASE), "."),
    (re.compile(r"\s*[\[({<]\s*at\s*[\])}>]\s*|(?<=\w)\s+at\s+(?=[\w-]+\.\w{2,})", re.IGNORECASE), "@"),
    (re.compile(r"\bh(?:xx|tt|\*\*)ps?\b", re.IGNORECASE), "http"),
    (re.compile(r"\s*(?<=\w)\s+slash\s+(?=\w)", re.IGNORECASE), "/"),
)
_SPACED_LETTERS = re.compile(r"(?<!\w)(?:[^\W\d_][ ._*-]){3,}[^\W\d_](?!\w)")
_LETTERS_FOR_DIGITS = re.compile(r"(?<![A-Za-z])(?=[\dOoIl|]*\d[\dOoIl|]*)(?=[\d]*[OoIl|])[\dOoIl|]{3,}(?![A-Za-z])")
_AS_DIGITS = str.maketrans("OoIl|", "00111")


def as_shown(text: str) -> str:
    """Return a text without characters that nobody sees, and with wide, raised or stylish letters and digits in their plain form."""
    if text.isascii() and text.isprintable():
        return text
    parts = re.split(f"([{_KEEPS_ITS_FORM}])", _ENCLOSING_OR_STYLE.sub("", text))
    plain = "".join(part if part in _KEEPS_ITS_FORM else unicodedata.normalize("NFKC", part) for part in parts)
    return "".join(char for char in plain if char in "\n\t" or unicodedata.category(char) not in _INVISIBLE)


def odd_characters(text: str) -> str:
    """Return the characters of a text that plain English needs not: letters and digits of other scripts, pictures, stray marks."""
    return "".join(dict.fromkeys(char for char in text if not char.isascii() and _is_odd(char)))


def _is_odd(char: str) -> bool:
    kind = unicodedata.category(char)
    if kind[0] == "L":
        return char > _LAST_PLAIN_LETTER
    return kind[0] == "M" or kind in {"Nd", "Nl", "So", "Sk", "Co", "Cn"} and char not in "\u00b0\u00a9\u00ae\u2122"


def straight(text: str) -> str:
    """Return a text with every apostrophe straight; models write them curly, rules are written straight."""
    return _APOSTROPHES.sub("'", text)


def unmasked(text: str) -> str:
    """Return a text with numbers as digits and addresses as addresses: "nine eight eight" → "988", "help at evil dot com" → "help@evil.com".

    Three or more single digits in a row are joined; other numbers stay apart: "twenty five minutes" → "25 minutes".
    """
    for pattern, sign in _SPELLED_SIGN:
        text = pattern.sub(sign, text)
    text = _SPACED_LETTERS.sub(lambda match: re.sub(r"[ ._*-]", "", match[0]), text)
    text = _LETTERS_FOR_DIGITS.sub(lambda match: match[0].translate(_AS_DIGITS), text)
    return _RUN.sub(lambda match: _in_digits(match[0]), text)


def _in_digits(run: str) -> str:
    numbers: list[int] = []
    takes_unit = repeat = 0
    for word in re.findall(r"[a-z]+", run.casefold()):
        if word in {"double", "triple"}:
            repeat = 2 if word == "double" else 3
        elif word in _SCALES and numbers:
            numbers[-1] *= _SCALES[word]
            takes_unit = _SCALES[word]
        elif word in _VALUES:
            value = _VALUES[word]
            if takes_unit > value > 0:
                numbers[-1] += value
                takes_unit = 10 if word in _TENS else 0
            else:
                numbers += [value] * max(1, repeat)
                takes_unit = 10 if word in _TENS else 0
            repeat = 0
    if len(numbers) < 3:
        return " ".join(map(str, numbers))
    if all(after - before == 1 for before, after in pairwise(numbers)):
        return run  # "one two three" counts, it names no number
    return ("" if all(number < 10 for number in numbers) else " ").join(map(str, numbers))
