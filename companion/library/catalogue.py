"""Load crisis lines, doors, peer groups and topics from `knowledge/`, checked field by field.

Every loader raises KnowledgeError with all mistakes of a file, one per line, each naming file, line, entry, field and remedy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from companion.errors import KnowledgeError
from companion.group_facets import FACETS, telling_words
from companion.library.lint_patterns import planted_in
from companion.library.meeting_dates import WEEKDAYS
from companion.library.yaml_entries import Entry, build_all, read_entries, read_entry
from companion.models import CountryLines, CrisisLine, Door
from companion.models_groups import PeerGroup, Rhythm
from companion.phrases import Phrases

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_SLUG = re.compile(r"[a-z][a-z_]*")
_GROUP_ID = re.compile(r"[^\W_A-Z][\w-]{0,79}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_URL = re.compile(r"https://[\w.-]+(/\S*)?")
_DIALLED = re.compile(r"\*?\d[\d -]*")
_TEL_URI = re.compile(r"(?:tel|sms):(\*?\d+)")
_LINE_FIELDS = (
    "name", "dial", "tel_uri", "text", "url", "hours", "timezone", "languages", "audience", "source", "confidence",
    "confirmed_on", "confirmed_by",
)  # fmt: skip
_SIGN = re.compile(r"[^\w\s'’-]")
_OFFERS = ("listen", "ideas", "practical")
_MOST_FACETS, _MOST_FACET_WORDS = 12, 6
"""Chosen by us: reasons name facets as they stand, and a longer one would hardly be said word by word."""
_SHOWN_OF_A_GROUP = ("name", "description", "for_whom", "facilitator_role", "location", "way_in")
_GROUP_FIELDS = (
    "name", "description", "topics", "for_whom", "rhythm", "format", "location", "capacity", "members", "language",
    "facilitator_role", "status", "asked_as", "only_when_said", "id", "way_in", "offers", "kind",
    *FACETS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """Hold one topic that articles, groups and evals share. label: its name as people read it."""

    slug: str
    description: str
    label: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Hold the international directory that is shown when a country has no lines here."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class CrisisLines:
    """Hold the crisis lines of all countries.

    countries: in alphabetical order of their names.
    """

    countries: tuple[CountryLines, ...]
    directory: Directory

    def for_country(self, code: str | None) -> CountryLines | None:
        """Return the lines of one country, or None when it is unknown: never another country's lines.

        code: ISO 3166-1 alpha-2 in either case, or None.
        """
        wanted = (code or "").strip().upper()
        return next((country for country in self.countries if country.code == wanted), None)


def load_crisis_lines(path: Path) -> CrisisLines:
    """Load `crisis_lines.yaml`.

    Raises: KnowledgeError.
    """
    root = read_entry(path)
    root.allow_only(("directory", "countries"))
    directory = root.entry("directory")
    directory.allow_only(("name", "url"))
    countries = build_all(root.entries("countries", "country"), _country)
    _refuse_twice(path.name, "country code", [country.code for country in countries])
    return CrisisLines(
        countries=tuple(sorted(countries, key=lambda country: country.country)),
        directory=Directory(directory.text("name"), _url(directory, "url") or ""),
    )


def load_doors(path: Path) -> tuple[Door, ...]:
    """Load `doors.yaml`, in file order.

    Raises: KnowledgeError.
    """
    doors = build_all(read_entries(path, "id"), _door)
    _refuse_twice(path.name, "id", [door.id for door in doors])
    return doors


def load_groups(path: Path) -> tuple[PeerGroup, ...]:
    """Load `groups.yaml`, in file order.

    Raises: KnowledgeError.
    """
    groups = build_all(read_entries(path, "name"), _group)
    _refuse_twice(path.name, "name", [group.name for group in groups])
    _refuse_twice(path.name, "id", [group.key for group in groups])
    return groups


def load_topics(path: Path) -> tuple[Topic, ...]:
    """Load `topics.yaml`, in file order.

    Raises: KnowledgeError.
    """
    topics = build_all(read_entries(path, "slug"), _topic)
    _refuse_twice(path.name, "slug", [topic.slug for topic in topics])
    return topics


def _topic(entry: Entry) -> Topic:
    entry.allow_only(("slug", "label", "description"))
    slug = _matching(entry, "slug", _SLUG, "lower case words joined by _")
    return Topic(slug, entry.text("description"), entry.optional("label") or slug.replace("_", " "))


def _country(entry: Entry) -> CountryLines:
    entry.allow_only(("code", "country", "emergency", "lines"))
    return CountryLines(
        code=_matching(entry, "code", _COUNTRY, "the two capital letters of ISO 3166, such as GB"),
        country=entry.text("country"),
        emergency=_matching(entry, "emergency", re.compile(r"\d{2,5}"), "one short number exactly as dialled there, digits only"),
        lines=build_all(entry.entries("lines", "name"), _line),
    )


def _line(entry: Entry) -> CrisisLine:
    entry.allow_only(_LINE_FIELDS)
    confirmed_on, confirmed_by = entry.optional_day("confirmed_on"), entry.optional("confirmed_by")
    if (confirmed_on is None) != (confirmed_by is None):
        entry.refuse("confirmed_on", "and confirmed_by belong together; fill both once you have called or checked the official site")
    dial, tel_uri = _dialled(entry)
    return CrisisLine(
        name=entry.text("name"),
        dial=dial,
        tel_uri=tel_uri,
        hours=entry.text("hours"),
        languages=tuple(_language(entry, "languages", code) for code in entry.texts("languages")),
        audience=entry.text("audience"),
        source=entry.text("source"),
        confidence=entry.one_of("confidence", ("A", "B")),
        timezone=_timezone(entry, "timezone") if entry.optional("timezone") else None,
        text=entry.optional("text"),
        url=_url(entry, "url"),
        confirmed_on=confirmed_on,
        confirmed_by=confirmed_by,
    )


def _dialled(entry: Entry) -> tuple[str, str]:
    """Return dial and tel_uri. A wrong number is the worst thing this program can show, so the two must agree digit by digit."""
    dial = _matching(entry, "dial", _DIALLED, "the number as dialled inside the country, never with + and a country code")
    tel_uri = _matching(entry, "tel_uri", _TEL_URI, "`tel:` (or `sms:` for a line that only takes texts) and the digits of `dial`")
    if re.sub(r"[ -]", "", dial) != tel_uri[4:]:
        entry.refuse("tel_uri", "has other digits than `dial`; copy the digits of `dial` without spaces")
    text = entry.optional("text")
    if tel_uri.startswith("sms:") and text is None:
        entry.refuse("text", "is needed for a line that only takes texts, such as `text: text HOME to 741741`")
    numbers_in_text = re.findall(r"\d+", text or "")
    if numbers_in_text and (len(numbers_in_text) > 1 or (tel_uri.startswith("sms:") and numbers_in_text[0] != tel_uri[4:])):
        entry.refuse("text", "must name one number, and for an `sms:` line the same as `dial`")
    return dial, tel_uri


def _door(entry: Entry) -> Door:
    entry.allow_only(("id", "name", "can_do", "keeps_secret", "must_report", "how", "topics"))
    return Door(
        id=_matching(entry, "id", _SLUG, "lower case words joined by _"),
        name=entry.text("name"),
        can_do=entry.text("can_do"),
        keeps_secret=entry.text("keeps_secret"),
        must_report=entry.text("must_report"),
        how=entry.text("how"),
        topics=entry.texts("topics", required=False),
    )


def _group(entry: Entry) -> PeerGroup:
    entry.allow_only(_GROUP_FIELDS)
    capacity = entry.whole_number("capacity", low=2, high=500)
    members = entry.optional_whole_number("members", low=0, high=500)
    if members is not None and members > capacity:
        entry.refuse("members", "are more than `capacity`; correct one of the two")
    meets_as, location = entry.one_of("format", ("remote", "onsite", "hybrid")), entry.optional("location")
    if meets_as != "remote" and location is None:
        entry.refuse("location", "is needed for a group that meets onsite or hybrid; say where, in words people there use")
    for name in _SHOWN_OF_A_GROUP:
        planted = planted_in(entry.optional(name) or "")
        if planted is not None:
            entry.refuse(name, f"cannot be shown to people: {planted.problem.replace('an article', 'it')} Take it out")
    return PeerGroup(
        name=entry.text("name"),
        description=entry.text("description"),
        topics=entry.texts("topics"),
        for_whom=entry.text("for_whom"),
        rhythm=_rhythm(entry.entry("rhythm")),
        format=meets_as,
        capacity=capacity,
        language=_language(entry, "language", entry.text("language")),
        facilitator_role=entry.text("facilitator_role"),
        status=entry.one_of("status", ("open", "closed", "full", "paused")),
        members=members,
        location=location,
        asked_as=entry.texts("asked_as", required=False),
        only_when_said=_phrases(entry, "only_when_said"),
        id=_matching(entry, "id", _GROUP_ID, "lower case words joined by -, at most 80 characters") if entry.optional("id") else None,
        way_in=entry.optional("way_in"),
        offers=_offers(entry),
        is_sample=entry.optional("kind") is not None and entry.one_of("kind", ("sample",)) == "sample",
        roles=_facets(entry, "roles"),
        goals=_facets(entry, "goals"),
        projects=_facets(entry, "projects"),
    )


def _facets(entry: Entry, field: str) -> tuple[str, ...]:
    facets = entry.texts(field, required=False)
    if len(facets) > _MOST_FACETS:
        entry.refuse(field, f"holds more than {_MOST_FACETS}; keep those that people say most")
    for each in facets:
        if planted_in(each) is not None or _SIGN.search(each):
            entry.refuse(
                field, f"holds '{each}', which cannot be shown to people; write plain words without signs, such as `night porters`"
            )
        if not telling_words(each):
            entry.refuse(field, f"holds '{each}', which nobody could be heard to say; write a word that tells, such as `night porters`")
        if len(each.split()) > _MOST_FACET_WORDS:
            entry.refuse(field, f"holds '{each}'; write at most {_MOST_FACET_WORDS} words, such as `night porters`, and one entry for each")
    _refuse_equal(entry, field, [each.casefold() for each in facets])
    return facets


def _refuse_equal(entry: Entry, field: str, written: list[str]) -> None:
    twice = next((each for each in written if written.count(each) > 1), None)
    if twice is not None:
        entry.refuse(field, f"holds '{twice}' twice; keep one of the two")


def _offers(entry: Entry) -> tuple[str, ...]:
    offers = entry.texts("offers", required=False)
    if set(offers) - set(_OFFERS):
        entry.refuse("offers", f"may hold {', '.join(_OFFERS)}; take out what is none of them")
    return offers


def _phrases(entry: Entry, field: str) -> tuple[str, ...]:
    phrases = entry.texts(field, required=False)
    try:
        Phrases(phrases)
    except ValueError as exc:
        entry.refuse(field, f"cannot be understood ({exc}); write words as people say them, such as `my (mum|dad)` or `night*`")
    return phrases


def _rhythm(entry: Entry) -> Rhythm:
    entry.allow_only(("every", "weekday", "time", "timezone", "minutes", "starts_on"))
    weekday, starts_on = entry.one_of("weekday", WEEKDAYS), entry.optional_day("starts_on")
    if starts_on is not None and WEEKDAYS[starts_on.weekday()] != weekday:
        entry.refuse("starts_on", f"is a {WEEKDAYS[starts_on.weekday()]}, but `weekday` is {weekday}; correct one of the two")
    return Rhythm(
        every=entry.one_of("every", ("week", "two weeks", "month")),
        weekday=weekday,
        time=_matching(entry, "time", _CLOCK, "a time from 00:00 to 23:59, such as 07:45"),
        timezone=_timezone(entry, "timezone"),
        minutes=entry.whole_number("minutes", low=10, high=240),
        starts_on=starts_on,
    )


def _matching(entry: Entry, field: str, pattern: re.Pattern[str], form: str) -> str:
    written = entry.text(field)
    if not pattern.fullmatch(written):
        entry.refuse(field, f"must be {form}")
    return written


def _language(entry: Entry, field: str, code: str) -> str:
    if not _LANGUAGE.fullmatch(code):
        entry.refuse(field, "must be a language code in small letters, such as en or fr")
    return code


def _timezone(entry: Entry, field: str) -> str:
    zone = entry.text(field)
    if zone not in _timezones():
        entry.refuse(field, "must be a time zone such as Europe/London")
    return zone


@cache
def _timezones() -> frozenset[str]:
    """Return the names of all time zones; finding them walks through a folder, so once is enough."""
    return frozenset(available_timezones())


def _url(entry: Entry, field: str) -> str | None:
    return _matching(entry, field, _URL, "a whole address that begins with https://") if entry.optional(field) else None


def _refuse_twice(file: str, what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise KnowledgeError(f"{file}: {what} {', '.join(twice)} stands more than once; merge the entries or rename one.")
