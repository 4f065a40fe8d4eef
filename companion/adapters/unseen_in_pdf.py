"""Read the words of a PDF page that its reader sees: not those drawn without ink, in the colour of paper, too small, or off the page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pypdf.generic import DictionaryObject

from companion.adapters.unseen_colours import MIN_POINTS, PAPER, Colour, is_unseen_on

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_BLACK: Colour = (0.0, 0.0, 0.0)
_WITHOUT_INK = {3, 7}
"""Text rendering modes (ISO 32000-1, 9.3.6): neither fill nor stroke; also what text recognition lays under a scanned picture."""
_MARGIN = 2.0
_CLEAR = 0.05
_FILLING, _OF_SPACE, _OUTLINE = {b"g", b"rg", b"k", b"sc", b"scn"}, {b"sc", b"scn"}, {b"G", b"RG", b"K"}
_MIXING = {"/DeviceGray", "/DeviceRGB", "/DeviceCMYK", "/CalGray", "/CalRGB", "/ICCBased", "/G", "/RGB", "/CMYK"}
_UPRIGHT = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]


def seen_text(page: PageObject, reader: PdfReader) -> str:
    """Return the words of a page that are seen on it."""
    pen = _Pen(page, _switched_off(reader))
    return page.extract_text(visitor_operand_before=pen.before, visitor_operand_after=pen.after)


@dataclass(frozen=True, slots=True)
class _Ink:
    """Hold how letters are drawn now."""

    filling: Colour = _BLACK
    outline: Colour = _BLACK
    mixes: bool = True
    mode: int = 0
    size: float = 12.0
    alpha: float = 1.0

    @property
    def used(self) -> tuple[Colour, ...]:
        """Return the colours that letters show; none when they are drawn without ink."""
        if self.mode in _WITHOUT_INK:
            return ()
        return {0: (self.filling,), 1: (self.outline,)}.get(self.mode % 4, (self.filling, self.outline))


@dataclass(slots=True)
class _Pen:
    """Follow the drawing of a page, and empty each piece of text that nobody sees before it is read."""

    page: PageObject
    switched_off: frozenset[int]
    ink: _Ink = field(default_factory=_Ink)
    kept: list[_Ink] = field(default_factory=list)
    around: list[tuple[_Ink, list[float]]] = field(default_factory=list)
    layers: list[bool] = field(default_factory=list)

    def before(self, operator: bytes, operands: Any, cm: list[float], tm: list[float]) -> None:
        """Note what an operator changes; called by pypdf before it obeys. Operands of a text that is not seen are emptied."""
        if operator in {b"Tj", b"TJ", b"'", b'"'} and operands and self._is_unseen(cm, tm):
            operands[-1] = type(operands[-1])()
        elif operator == b"q":
            self.kept.append(self.ink)
        elif operator == b"Q" and self.kept:
            self.ink = self.kept.pop()
        elif operator == b"Do":
            self.around.append((self.ink, _times(cm, self.around[-1][1] if self.around else _UPRIGHT)))
            self.layers.append(self._is_off(self._named("/XObject", operands), "/OC"))
        elif operator in {b"BDC", b"BMC"}:
            of_layer = len(operands) > 1 and operands[0] == "/OC" and isinstance(operands[1], str)
            self.layers.append(of_layer and self._is_off(self._resources("/Properties"), operands[1]))
        elif operator == b"EMC" and self.layers:
            self.layers.pop()
        else:
            self._dip(operator, operands)

    def after(self, operator: bytes, _operands: Any, _cm: list[float], _tm: list[float]) -> None:
        """Take up the ink again that was used before a form was drawn."""
        if operator == b"Do" and self.around:
            self.ink, _ = self.around.pop()
            del self.layers[-1:]

    def _dip(self, operator: bytes, operands: Any) -> None:
        numbers = [float(part) for part in operands if isinstance(part, (int, float))]
        if operator == b"Tr" and numbers:
            self.ink = replace(self.ink, mode=int(numbers[0]))
        elif operator == b"Tf" and numbers:
            self.ink = replace(self.ink, size=numbers[0])
        elif operator in _FILLING and numbers:
            mixes = self.ink.mixes or operator not in _OF_SPACE
            self.ink = replace(self.ink, filling=_in_red_green_blue(numbers) if mixes else _BLACK, mixes=mixes)
        elif operator in _OUTLINE and numbers:
            self.ink = replace(self.ink, outline=_in_red_green_blue(numbers))
        elif operator == b"cs":
            self.ink = replace(self.ink, filling=_BLACK, mixes=self._mixes(operands))
        elif operator == b"gs":
            alpha = _entry(self._named("/ExtGState", operands), "/ca")
            self.ink = self.ink if alpha is None else replace(self.ink, alpha=float(alpha))

    def _is_unseen(self, cm: list[float], tm: list[float]) -> bool:
        ink = self.ink
        if any(self.layers) or ink.alpha < _CLEAR or not any(not is_unseen_on(colour, PAPER) for colour in ink.used):
            return True
        place = _times(_times(tm, cm), self.around[-1][1] if self.around else _UPRIGHT)
        height = abs(ink.size) * (place[2] ** 2 + place[3] ** 2) ** 0.5
        return height < MIN_POINTS or (not self.around and self._is_off_page(place[4], place[5]))

    def _is_off_page(self, x: float, y: float) -> bool:
        box = self.page.cropbox
        return not (
            float(box.left) - _MARGIN <= x <= float(box.right) + _MARGIN and float(box.bottom) - _MARGIN <= y <= float(box.top) + _MARGIN
        )

    def _is_off(self, owner: DictionaryObject, name: str) -> bool:
        """Tell whether what an entry names is a layer that is switched off, or only layers that are."""
        if name not in owner:
            return False
        entry = owner.raw_get(name)
        if getattr(entry, "idnum", None) in self.switched_off:
            return True
        several = _below(owner, name).get("/OCGs")
        members = several if isinstance(several, list) else [several]
        return all(getattr(member, "idnum", None) in self.switched_off for member in members)

    def _mixes(self, operands: Any) -> bool:
        """Tell whether a colour space mixes light or ink, so that its numbers say how pale a colour is; spot colours and patterns do not."""
        name = operands[0] if operands else ""
        space = _entry(self._resources("/ColorSpace"), name) or name
        return (space[0] if isinstance(space, list) and space else space) in _MIXING

    def _resources(self, kind: str) -> DictionaryObject:
        return _below(_below(self.page, "/Resources"), kind)

    def _named(self, kind: str, operands: Any) -> DictionaryObject:
        return _below(self._resources(kind), operands[0]) if operands else DictionaryObject()


def _entry(owner: DictionaryObject, name: str) -> Any:
    """Return what an entry holds or points at; `get` alone would return the pointer."""
    found = owner.get(name)
    return found.get_object() if found is not None and hasattr(found, "get_object") else found


def _below(owner: DictionaryObject, name: str) -> DictionaryObject:
    """Return the dictionary that an entry holds or points at; an empty one when there is none."""
    found = _entry(owner, name)
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _switched_off(reader: PdfReader) -> frozenset[int]:
    """Return the object numbers of the layers that are not shown when the file is opened."""
    settings = _below(_below(_below(reader.trailer, "/Root"), "/OCProperties"), "/D")
    return frozenset(layer.idnum for layer in _entry(settings, "/OFF") or [] if hasattr(layer, "idnum"))


def _in_red_green_blue(numbers: list[float]) -> Colour:
    if len(numbers) >= 4:
        cyan, magenta, yellow, black = numbers[:4]
        return (1 - min(1, cyan + black), 1 - min(1, magenta + black), 1 - min(1, yellow + black))
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else (numbers[0], numbers[0], numbers[0])


def _times(first: list[float], second: list[float]) -> list[float]:
    """Return the matrix that applies `first`, then `second` (ISO 32000-1, 8.3.4)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m]
