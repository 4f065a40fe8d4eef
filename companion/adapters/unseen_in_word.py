"""Take everything out of a Word file that its reader does not see: hidden runs and rows, letters as pale as their ground or too small to read.

Names are compared without their namespace and parts by what stands in them, since a file may write both in more than one way.
"""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from companion.adapters.unseen_colours import MIN_POINTS, PAPER, Colour, colour_of, is_unseen_on

_TEXTS = {"document", "footnotes", "endnotes", "comments"}
_OFF = {"0", "false", "off"}
_BEGINNINGS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")


def without_unseen(content: bytes) -> bytes:
    """Return the same Word file without what nobody sees. Raises: what a damaged file makes the parser raise."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(out, "w") as seen:
        parts = {name: package.read(name) for name in package.namelist()}
        roots = {name: _root(part) for name, part in parts.items() if part.lstrip().startswith(_BEGINNINGS)}
        hidden = frozenset(style for root in roots.values() if _kind(root) == "styles" for style in _hidden_styles(root))
        for root in roots.values():
            _take_out(root, hidden, PAPER)
        read = {name: ElementTree.tostring(root, encoding="utf-8") for name, root in roots.items() if _kind(root) in _TEXTS}
        for name, part in parts.items():
            seen.writestr(name, read.get(name, part))
    return out.getvalue()


def _root(part: bytes) -> Element:
    return ElementTree.fromstring(part)  # noqa: S314 - `document_worker` has refused entities, and may use little memory and time


def _take_out(element: Element, hidden_styles: frozenset[str], ground: Colour) -> None:
    """Remove what is not seen below an element. ground: the colour behind it."""
    for child in list(element):
        behind = _ground(child, ground)
        if _is_unseen(child, hidden_styles, behind):
            element.remove(child)
        else:
            _take_out(child, hidden_styles, behind)


def _is_unseen(element: Element, hidden_styles: frozenset[str], ground: Colour) -> bool:
    kind = _kind(element)
    if kind == "AlternateContent":
        return _words(element, "Choice") != _words(element, "Fallback")  # Word shows the first, readers of the file take the second
    if kind == "tr":
        return _is_on(_below(element, "trPr", "hidden"))
    if kind == "p":
        return _value(_below(element, "pPr", "pStyle")) in hidden_styles
    look = _below(element, "rPr") if kind == "r" else None
    return look is not None and (_value(_below(look, "rStyle")) in hidden_styles or _hides(look, ground))


def _hides(look: Element, ground: Colour) -> bool:
    """Tell whether a run that looks like this is not seen."""
    if _is_on(_below(look, "vanish")) or _is_on(_below(look, "webHidden")):
        return True
    half_points, letters = _value(_below(look, "sz")), colour_of(_value(_below(look, "color")))
    is_tiny = half_points.isdecimal() and int(half_points) < 2 * MIN_POINTS
    return is_tiny or (letters is not None and is_unseen_on(letters, ground))


def _ground(element: Element, around: Colour) -> Colour:
    """Return the colour behind an element: its own shading or marking, else what lies behind the element around it."""
    marked = _value(_below(element, "rPr", "highlight"))
    if marked not in {"", "none"}:
        return colour_of(marked) or (0.5, 0.5, 0.5)
    for kind in ("tcPr", "pPr", "rPr"):
        fill = _value(_below(element, kind, "shd"), "fill")
        if fill not in {"", "auto"}:
            return colour_of(fill) or around
    return around


def _hidden_styles(sheet: Element) -> frozenset[str]:
    """Return the ids of styles that hide what is written in them, by themselves or by the style they rest on."""
    styles = {_value(style, "styleId"): style for style in sheet if _kind(style) == "style"}
    looks = {name: _below(style, "rPr") for name, style in styles.items()}
    hidden = {name for name, look in looks.items() if look is not None and _hides(look, PAPER)}
    for _ in styles:  # a style may rest on one that stands after it
        resting = {name for name, style in styles.items() if _value(_below(style, "basedOn")) in hidden}
        if resting <= hidden:
            break
        hidden |= resting
    return frozenset(hidden)


def _words(element: Element, kind: str) -> str:
    parts = [child for child in element if _kind(child) == kind]
    return "".join(text.text or "" for part in parts for text in part.iter() if _kind(text) == "t")


def _kind(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _below(element: Element, *path: str) -> Element | None:
    """Return the first element along a path of kinds."""
    found: Element | None = element
    for kind in path:
        found = next((child for child in found if _kind(child) == kind), None) if found is not None else None
    return found


def _value(element: Element | None, name: str = "val") -> str:
    attributes = element.items() if element is not None else ()
    return next((value for key, value in attributes if key.rsplit("}", 1)[-1] == name), "")


def _is_on(switch: Element | None) -> bool:
    return switch is not None and _value(switch) not in _OFF
