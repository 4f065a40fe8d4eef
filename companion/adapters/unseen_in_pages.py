"""Take everything out of a web page that the eye does not see: what a style hides, what is drawn in the colour of its ground or off the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from companion.adapters.unseen_colours import PAPER, Colour, colour_of, is_unseen_on

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_NEVER_SHOWN = (
    "script", "style", "template", "noscript", "noframes", "iframe", "object", "embed", "applet", "svg", "math", "canvas", "audio", "video",
    "form", "input", "textarea", "select", "option", "datalist", "button", "nav", "img", "picture", "map", "area", "head", "title", "link",
    "meta", "param", "rp",
)  # fmt: skip
_UNITS = r"(?:px|pt|em|rem|ex|ch|cm|mm|in|%|v[wh])?"
_HIDING = re.compile(
    r"(?<![\w-])(?:"
    r"display\s*:\s*none|(?:content-)?visibility\s*:\s*(?:hidden|collapse)"
    r"|font(?:-size)?\s*:[^;]*?(?<![\w.#-])(?:0+(?:\.0+)?(?![.\d])" + _UNITS + r"|0*[012](?:\.\d+)?p[xt]|0*\.[012]\d*r?em)(?![\w.%])"
    r"|opacity\s*:\s*0*(?:\.0\d*|0)(?![.\d])"
    r"|(?:text-indent|left|right|top|bottom|margin(?:-\w+)?)\s*:[^;]*?(?<!\w)-\d{3,}"
    r"|(?:max-)?(?:height|width)\s*:\s*(?:0" + _UNITS + r"|1px)(?![.\d\w%])"
    r"|clip(?:-path)?\s*:\s*(?:rect\(|inset\((?:50|100)%|circle\(0)|transform\s*:[^;]*(?:scale(?:[xy])?\(\s*0(?![.\d])|translate\w*\([^)]*-\s*\d{3,})"
    r"|color\s*:\s*(?:transparent|rgba\([^)]*[,/]\s*0(?:\.0+)?\s*\)|#[0-9a-f]{6}00\b|#[0-9a-f]{3}0\b(?![0-9a-f]))"
    r")",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?<![\w-])(?:-webkit-text-fill-)?color\s*:\s*([^;!]+)", re.IGNORECASE)
_GROUND = re.compile(r"(?<![\w-])background(?:-color|-image)?\s*:\s*([^;!]+)", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NAMED = re.compile(r"[.#]([\w-]+)")
_REMARK = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)


def without_unseen(soup: BeautifulSoup) -> BeautifulSoup:
    """Return the same page without what nobody sees."""
    from bs4.element import PreformattedString

    for note in soup.find_all(string=lambda text: isinstance(text, PreformattedString)):
        note.extract()  # comments, and what a browser takes for one
    styles = _styles(soup)
    for tag in soup.find_all(_NEVER_SHOWN):
        tag.decompose()
    unseen = [tag for tag in soup.find_all(True) if _is_unseen(tag, styles)]
    for tag in unseen:
        if not tag.decomposed:
            tag.decompose()
    return soup


def _styles(soup: BeautifulSoup) -> dict[int, str]:
    """Return the declarations of each styled element by its identity, those of style sheets before its own."""
    written: dict[int, list[str]] = {}
    for selector, declarations in _rules(soup):
        for tag in _selected(soup, selector):
            written.setdefault(id(tag), []).append(declarations)
    for tag in soup.find_all(True):
        old_ways = (("color", tag.get("color")), ("background", tag.get("bgcolor")))
        own = [str(tag.get("style", "")), *(f"{name}:{value}" for name, value in old_ways if value)]
        written.setdefault(id(tag), []).extend(own)
    return {place: "; ".join(filter(None, parts)) for place, parts in written.items()}


def _rules(soup: BeautifulSoup) -> Iterator[tuple[str, str]]:
    names = _names(soup)
    for sheet in soup.find_all("style"):
        for before, declarations in _RULE.findall(_REMARK.sub("", sheet.get_text())):
            selector = before.rsplit(";", 1)[-1].strip()
            is_about_sight = _HIDING.search(declarations) or _COLOUR.search(declarations) or _GROUND.search(declarations)
            if is_about_sight and _may_apply(selector, names):
                yield selector, declarations


def _names(soup: BeautifulSoup) -> frozenset[str]:
    """Return every class and id of a page: most rules of a style sheet speak of others, and looking for those takes time."""
    tags = soup.find_all(True)
    return frozenset(name for tag in tags for name in (*tag.get_attribute_list("class"), tag.get("id")) if isinstance(name, str))


def _may_apply(selector: str, names: frozenset[str]) -> bool:
    return ":" in selector or any(names.issuperset(_NAMED.findall(part)) for part in selector.split(","))


def _selected(soup: BeautifulSoup, selector: str) -> list[Tag]:
    from soupsieve import SelectorSyntaxError

    try:
        return list(soup.select(selector))
    except (SelectorSyntaxError, NotImplementedError):
        return []  # such as ::before, which holds no words of the page


def _is_unseen(tag: Tag, styles: dict[int, str]) -> bool:
    if tag.has_attr("hidden") or tag.get("aria-hidden") == "true" or (tag.name == "dialog" and not tag.has_attr("open")):
        return True
    style = styles.get(id(tag), "")
    if _HIDING.search(style):
        return True
    letters = colour_of(_COLOUR.findall(style)[-1]) if _COLOUR.search(style) else None
    return letters is not None and is_unseen_on(letters, _ground(tag, styles) or PAPER)


def _ground(tag: Tag, styles: dict[int, str]) -> Colour | None:
    """Return the colour behind an element; a picture counts as grey, on which letters are seen."""
    for place in (tag, *tag.parents):
        found = _GROUND.findall(styles.get(id(place), ""))
        if found and found[-1].strip().casefold() not in {"none", "transparent", "inherit", "initial"}:
            first = re.split(r"\s+(?![^(]*\))", found[-1].strip())[0]
            return colour_of(first) or (0.5, 0.5, 0.5)
    return None
