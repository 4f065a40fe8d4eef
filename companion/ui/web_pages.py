"""The pages that need neither Streamlit nor JavaScript: the shell around the chat, the crisis page, the page after leaving."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

import streamlit

from companion.errors import CompanionError
from companion.insight.referrals import YearOfReferrals
from companion.library.catalogue import CrisisLines, load_crisis_lines
from companion.models import CountryLines, CrisisLine
from companion.ui.text import Words

FRONTEND = Path(__file__).parent / "frontend"
_HEAD_PARTS = re.compile(r'<script type="module"[^>]*></script>|<link rel="(?:modulepreload|stylesheet)"[^>]*>')

_REGION = re.compile(r"\b[a-zA-Z]{2,3}(?:-[a-zA-Z]{4})?-([A-Z]{2})\b")
"""The country of a language tag, such as GB of "en-GB" (RFC 5646)."""
_TEXT_TO = re.compile(r"(?:\b(\S+) to )?\b(\d{3,})\b")
"""Such as "text HOME to 741741" or "text 988"."""


@dataclass(frozen=True, slots=True)
class WebPages:
    """Build pages as HTML text; every value is escaped.

    country: ISO 3166-1 alpha-2 of most employees, or None.
    """

    words: Words
    knowledge_dir: Path
    prompts_dir: Path
    country: str | None

    def shell(self, title: str) -> str:
        """Return the page that surrounds Streamlit: header, crisis lines and leaving work before it has loaded.

        title: key of the words below `page`; "title" is the employees' chat, the others are pages of staff.
        """
        template = Template((FRONTEND / "shell.html").read_text(encoding="utf-8"))
        phrases = self._shell_phrases(title)
        return template.substitute(
            {name: escape(phrase) for name, phrase in phrases.items()},
            streamlit_head="\n    ".join(_HEAD_PARTS.findall(_streamlit_index())),
            someone_else=self._someone_else(),
            known=self._known(),
            person_hidden="" if title == "title" else "hidden",
        )

    def crisis(self, accepted_languages: str = "") -> str:
        """Return the crisis page, whole without JavaScript; with the file of lines broken it still names the directory.

        accepted_languages: what the browser asks for (RFC 9110, `Accept-Language`). Where no country is set, the countries named in it come
        first, folded as all are: it is a guess, and shows nobody a number.
        """
        lines = read_lines(self.knowledge_dir)
        is_own_known = lines is not None and lines.for_country(self.country) is not None
        likely = _REGION.findall(accepted_languages)
        own, others = (
            _countries(lines, self.country, likely, self.words) if lines else (f"<p>{escape(self.words('crisis.fallback'))}</p>", "")
        )
        directory = (
            f'<p>{escape(self.words("crisis.directory"))}: <a href="https://findahelpline.com" rel="noopener noreferrer">'
            f"{escape(self.words('crisis.directory_name'))}</a></p>"
        )
        return Template((FRONTEND / "crisis.html").read_text(encoding="utf-8")).substitute(
            language=escape(self.words("language")),
            title=escape(self.words("crisis.title")),
            intro=escape(self.words("crisis.intro")),
            own=own,
            someone_else=self._someone_else(),
            # Nobody without a country set should scroll past fifty of them for it.
            others=others if is_own_known else directory + others,
            directory=directory if is_own_known else "",
            protocol=escape(self.words("protocol.title")),
        )

    def protocol(self, years: Sequence[YearOfReferrals] | None) -> str:
        """Return the published crisis protocol, whole without JavaScript. years: newest first; None when they cannot be read."""
        from companion.bootstrap_words import protocol_html

        try:
            body = protocol_html(self.prompts_dir)
        except CompanionError:
            body = f"<p>{escape(self.words('protocol.unreadable'))}</p>"
        return Template((FRONTEND / "protocol.html").read_text(encoding="utf-8")).substitute(
            language=escape(self.words("language")),
            title=escape(self.words("protocol.title")),
            body=body,
            counts_title=escape(self.words("protocol.counts")),
            counts=_counts(years, self.words),
            lines=escape(self.words("crisis.title")),
        )

    def leave(self) -> str:
        """Return the neutral page that replaces the chat."""
        return (FRONTEND / "leave.html").read_text(encoding="utf-8")

    def _someone_else(self) -> str:
        """Return the folded part for people who worry about somebody else; nothing when its words cannot be read: the lines never wait for it."""
        from companion.bootstrap_words import someone_else_html

        try:
            body = someone_else_html(self.prompts_dir)
        except CompanionError:
            return ""
        return f'<details id="someone-else"><summary>{escape(self.words("crisis.someone_else"))}</summary>{body}</details>'

    def _shell_phrases(self, title: str) -> dict[str, str]:
        words = self.words
        return {
            "language": words("language"),
            "title": words(f"page.{title}"),
            "brand": words(f"page.{title}"),
            "skip": words("page.skip"),
            "always": words("header.label"),
            "person": words("header.person"),
            "lines": words("header.lines"),
            "leave": words("header.leave"),
            "leave_help": words("header.leave_help"),
            "lines_title": words("crisis.title"),
            "lines_intro": words("crisis.intro"),
            "open_page": words("crisis.open_page"),
            "close": words("crisis.close"),
            "noscript": words("page.noscript"),
            "noscript_link": words("page.noscript_link"),
            "connection_lost": words("page.connection_lost"),
            "load_again": words("page.load_again"),
            "starting": words("page.starting"),
            "starting_help": words("page.starting_help"),
        }

    def _known(self) -> str:
        lines = read_lines(self.knowledge_dir)
        known = {
            "words": self.words.branch("crisis") | {"main": self.words("chat.title")},
            "leave_title": self.words("leave.title"),
            "country": self.country,
            "countries": [country_for_browser(country, self.words) for country in lines.countries] if lines else [],
        }
        return json.dumps(known, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")


def read_lines(knowledge_dir: Path) -> CrisisLines | None:
    """Return the crisis lines, or None when their file cannot be used; the page then says so and names the directory."""
    path = knowledge_dir / "crisis_lines.yaml"
    try:
        return _read_lines_once(path, path.stat().st_mtime_ns)
    except (CompanionError, OSError):
        return None


@lru_cache(maxsize=4)
def _read_lines_once(path: Path, _changed_at_ns: int) -> CrisisLines:
    return load_crisis_lines(path)


def country_for_browser(country: CountryLines, words: Words) -> dict[str, object]:
    """Return a country's lines as plain values for the browser."""
    return {
        "code": country.code,
        "country": country.country,
        "emergency": country.emergency,
        "lines": [_line_for_browser(line, words) for line in country.lines],
    }


def _line_for_browser(line: CrisisLine, words: Words) -> dict[str, object]:
    return {
        "name": line.name,
        "dial": line.dial,
        "tel_uri": line.tel_uri,
        "text": line.text,
        "text_alone": _sentence(line.text or ""),
        "text_uri": text_uri(line),
        "more": _about(line, words),
        "confirmed": _confirmed(line, words),
    }


def _confirmed(line: CrisisLine, words: Words) -> str | None:
    return words("crisis.confirmed", date=line.confirmed_on.isoformat()) if line.confirmed_on else None


def _about(line: CrisisLine, words: Words) -> str:
    """Return for whom, when and in which languages a line answers, in words."""
    names = words.branch("crisis.languages")
    spoken = ", ".join(str(names.get(code, code)) for code in line.languages)
    return ". ".join([_sentence(line.audience), words("crisis.hours", hours=line.hours), spoken])


def _countries(lines: CrisisLines, country: str | None, likely: Sequence[str], words: Words) -> tuple[str, str]:
    """Return the organisation's own country as an open section, and all others as folded ones; without an own one the likely ones first."""
    own = lines.for_country(country)
    others = [entry for entry in lines.countries if entry is not own]
    if own is None:
        others.sort(key=lambda entry: likely.index(entry.code) if entry.code in likely else len(likely))
    first = _country_section(own, words, is_open=True) if own else f"<p>{escape(words('crisis.no_country'))}</p>"
    return first, "".join(_country_section(entry, words, is_open=False) for entry in others)


def _country_section(country: CountryLines, words: Words, *, is_open: bool) -> str:
    number = re.sub(r"[^0-9+*#]", "", country.emergency)
    items = "".join(_line_item(line, words) for line in country.lines)
    return (
        f'<details{" open" if is_open else ""} id="{escape(country.code)}"><summary>{escape(country.country)}</summary>'
        f'<p>{escape(words("crisis.emergency"))}: <a class="line-call" href="tel:{escape(number)}">'
        f"{escape(words('crisis.emergency_call', number=country.emergency))}</a></p>"
        f'<ul class="line-list">{items}</ul></details>'
    )


def _line_item(line: CrisisLine, words: Words) -> str:
    contact = _contact(line, words)
    state = _confirmed(line, words)
    return (
        f'<li class="line"><span class="line-name">{escape(line.name)}</span>'
        f'<span class="line-contact">{contact}</span><span class="line-more">{escape(_about(line, words))}</span>'
        f'<span class="{"line-confirmed" if state else "line-unconfirmed"}">{escape(state or words("crisis.unconfirmed"))}</span></li>'
    )


def _counts(years: Sequence[YearOfReferrals] | None, words: Words) -> str:
    if not years:
        return f"<p>{escape(words('protocol.counts_none' if years is not None else 'protocol.counts_unread'))}</p>"
    rows = "".join(
        f"<tr><td>{year.year}</td><td>{escape(words(f'protocol.kinds.{kind}'))}</td><td>{escape(_at_least(number, words))}</td></tr>"
        for year in years
        for kind, number in year.at_least.items()
    )
    return f"<table>{rows}</table>"


def _at_least(number: int, words: Words) -> str:
    return words("protocol.at_least", number=number) if number else words("protocol.few")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _contact(line: CrisisLine, words: Words) -> str:
    by_text = text_uri(line)
    if not line.tel_uri.startswith("tel:"):
        return _link(by_text or line.tel_uri, _sentence(line.text or line.dial))
    calling = _link(line.tel_uri, words("crisis.call", dial=line.dial))
    if line.text is None:
        return calling
    texting = _sentence(line.text)
    return calling + (_link(by_text, texting) if by_text else f'<span class="line-text">{escape(texting)}</span>')


def _link(address: str, label: str) -> str:
    return f'<a class="line-call line-text" href="{escape(address)}">{escape(label)}</a>'


def text_uri(line: CrisisLine) -> str | None:
    """Return the address (RFC 5724) that opens a text message to a line with its word filled in, or None when it takes no texts.

    The number is the one that stands in `text`; `catalogue` lets no more than one in.
    """
    found = _TEXT_TO.search(line.text or "")
    if found is None:
        return line.tel_uri if line.tel_uri.startswith("sms:") else None
    word, number = found.groups()
    return f"sms:{number}?body={quote(word)}" if word else f"sms:{number}"


def _streamlit_index() -> str:
    return (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
