"""Tell whether letters of one colour can be seen on another, in what documents and style sheets write about colours."""

from __future__ import annotations

import re

Colour = tuple[float, float, float]
"""Red, green, blue, each 0 to 1."""

PAPER: Colour = (1.0, 1.0, 1.0)
MIN_POINTS = 3.0
"""Letters below this height are not read by anybody; leaflets print their small print at 6 or 7 points. Chosen by us."""
_CLOSE = 0.09
"""Letters whose red, green and blue all lie closer to the ground than this are not seen. Chosen by us; pale grey print lies at 0.3."""
_NAMES: dict[str, Colour] = {
    "white": PAPER,
    "snow": (1.0, 0.98, 0.98),
    "ivory": (1.0, 1.0, 0.94),
    "ghostwhite": (0.97, 0.97, 1.0),
    "floralwhite": (1.0, 0.98, 0.94),
    "whitesmoke": (0.96, 0.96, 0.96),
    "mintcream": (0.96, 1.0, 0.98),
    "azure": (0.94, 1.0, 1.0),
    "aliceblue": (0.94, 0.97, 1.0),
    "black": (0.0, 0.0, 0.0),
    "red": (1.0, 0.0, 0.0),
    "navy": (0.0, 0.0, 0.5),
    "blue": (0.0, 0.0, 1.0),
    "green": (0.0, 0.5, 0.0),
    "gray": (0.5, 0.5, 0.5),
    "grey": (0.5, 0.5, 0.5),
    "yellow": (1.0, 1.0, 0.0),
}
_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})(?:[0-9a-f]{2})?\Z")
_NUMBERS = re.compile(r"rgba?\(\s*([\d.]+%?)[\s,]+([\d.]+%?)[\s,]+([\d.]+%?)")


def colour_of(text: str) -> Colour | None:
    """Return the colour that a style sheet or a Word file names, or None when it is none that is known here."""
    name = text.strip().casefold()
    if name in _NAMES:
        return _NAMES[name]
    found = _HEX.match(name)
    if found:
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        return _colour([int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)])
    parts = _NUMBERS.match(name)
    return _colour([_part(part) for part in parts.groups()]) if parts else None


def is_unseen_on(letters: Colour, ground: Colour) -> bool:
    """Tell whether letters of a colour vanish on a ground."""
    return all(abs(one - other) < _CLOSE for one, other in zip(letters, ground, strict=True))


def _part(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text) / 255


def _colour(parts: list[float]) -> Colour:
    red, green, blue = parts
    return red, green, blue
