"""Find places of work, organisations, projects and addresses, and the words that a deployer listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_reading import MessageReading, Shape, fold
from companion.models import EntityType
from companion.ports import FoundEntity

_I = re.IGNORECASE
_WARD = re.compile(
    r"\b(?:ward|unit|bay|theatre|building|bldg|block|store|depot|branch|warehouse|site|plant|terminal|gate|hangar|dock|line|cell|wing|station|room|"
    r"rm|floor|level|desk|hub|dc|fc)\s(?:no\.?\s?|number\s|#)?(?P<it>(?=[a-z]{0,3}-?\d)[a-z]{0,3}-?\d{1,5}[a-z]{0,2})(?!\w)",
    _I,
)
_WARD_GENERIC = re.compile(r"(?:level|floor|line|bay|cell|gate|desk|station|room|rm|wing|block|dock|hub)\b", _I)
_WORK_AT = re.compile(
    r"""\b (?: (?: works? | worked | working | job | temping | temp | temped | subcontract | subcontracting
    | shifts? | employed | employer | contract | contracted | internship | placement | joined | interview
    | left | quit | hired | nurse | engineer | picker | driver | manager ) \s (?: here \s )? (?: at | for | by | with ) \s
    | (?: company | firm | employer | agency | startup | business ) \s (?: is \s )? (?: called | named ) \s
    | (?: joined | left | quit | leaving | joining ) \s
    | (?: at | for ) \s (?= [A-Z][a-z]{1,30}[ ] (?: Group | Bank | Foods | Systems | Services | Energy | Health | Care )\b ) )
    (?P<it> [\w&'’.-]{2,40} )""",
    _I | re.VERBOSE,
)
_CLIENT = re.compile(
    r"\b(?:client|customer|account|vendor|supplier|contractor|agency)(?:\s(?:is\s)?(?:called|named)|\sis|\s?[,:])?\s(?P<it>[\w&'’-]{2,40})|"
    r"\bthe\s(?P<that>[\w&'’-]{2,40})\s(?:account|contract|tender|rollout|roll-out|migration|audit)\b",
    _I,
)
_PROJECT = re.compile(
    r"\b(?P<lead>(?:on|for|from|of|to|off|onto|in|under|by|via|joined|left|called|running|run|with|about|leading|under|codename[d]?)\s)?"
    r"(?P<all>(?:project|operation|programme|codename[d]?|code name[d]?)\s(?:called\s|named\s)?(?P<it>[\w'-]{3,40}))",
    _I,
)
_STREETS = r"street|str|road|rd|avenue|ave|lane|crescent|cres|terrace|boulevard|blvd|highway|hwy|mews|gardens|gdns"
_WEAK_STREETS = r"st|dr|drive|ln|close|court|ct|way|place|pl|square|sq|park|grove|row|walk|parade|hill|rise|green|view|road"
_STREET = re.compile(
    rf"(?<![\w.])(?:(?:flat|apartment|apt|unit|no)\.? ?\d{{1,5}}[a-z]?,? )?\d{{1,5}}[a-z]?,? (?P<name>(?:[^\W\d]+[.'’]?[^\W\d]* ){{1,4}}?)"
    rf"(?:(?P<strong>{_STREETS})|(?P<weak>{_WEAK_STREETS}))\b\.?(?:,? (?:apt|apartment|flat|unit|#) ?\w{{1,5}})?"
    rf"(?:,? (?:[^\W\d]{{3,20}},? ){{0,2}}[a-z]{{1,2}}\d[a-z\d]? ?\d[a-z]{{2}}(?!\w))?",
    _I,
)


class PlaceFinder:
    """Find places, organisations and projects. listed: the deployer's own words by kind, folded to lower case."""

    def __init__(self, lexicon: Lexicon, listed: Mapping[EntityType, tuple[str, ...]]) -> None:
        self._lexicon = lexicon
        self._listed = tuple(
            (kind, re.compile(r"(?<!\w)(?:" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + r")(?!\w)", _I))
            for kind, names in listed.items()
            if names
        )

    def find(self, reading: MessageReading) -> Iterator[FoundEntity]:
        """Yield every place, organisation, project and address."""
        for kind, pattern in self._listed:
            for match in pattern.finditer(reading.text):
                yield FoundEntity(match.start(), match.end(), kind, 1.0)
        reading.deadline.check()
        yield from self._find_sites(reading)
        reading.deadline.check()
        yield from self._find_addresses(reading.text)
        yield from self._find_cued(reading.text)
        yield from self._find_towns(reading)

    def _is_proper(self, surface: str) -> bool:
        """Tell whether a word can be a proper name: a capital, or no English word; never a word to keep."""
        key = fold(surface.strip(".'’"))
        lexicon = self._lexicon
        if key in lexicon.never or key in lexicon.common or key in lexicon.countries or lexicon.cue("not_a_site", key):
            return False
        return surface[0].isupper() or lexicon.is_unknown(key) or key in lexicon.last or key in lexicon.places

    def _is_person(self, key: str) -> bool:
        return self._lexicon.is_first(key) or key in self._lexicon.ambiguous or self._lexicon.is_surname_only(key)

    def _find_sites(self, reading: MessageReading) -> Iterator[FoundEntity]:
        words = reading.words
        for index, word in enumerate(words):
            pair = f"{word.key} {words[index + 1].key}" if index + 1 < len(words) else ""
            is_pair = self._lexicon.cue("site_pairs", pair)
            if not (is_pair or self._lexicon.cue("site_kinds", word.key) or self._lexicon.cue("firm_kinds", word.key)):
                continue
            first = index
            while first and index - first < 4 and reading.gap(first - 1) in {" ", ". ", " & "} and self._belongs(reading, first - 1):
                first -= 1
            if first == index or not any(self._names_site(reading, i) for i in range(first, index)):
                continue
            end = words[index + 1].end if is_pair else word.end
            kind = EntityType.ORGANISATION if self._lexicon.cue("firm_kinds", word.key) else EntityType.LOCATION
            yield FoundEntity(words[first].start, end, kind, 0.9)

    def _belongs(self, reading: MessageReading, index: int) -> bool:
        """Tell whether the word may stand inside a site's name."""
        word = reading.words[index]
        key = word.key
        if self._lexicon.cue("site_parts", key):
            return True
        return (
            word.shape is Shape.TITLE
            and not self._lexicon.cue("not_a_site", key)
            and key not in self._lexicon.common
            or self._names_site(reading, index)
        )

    def _names_site(self, reading: MessageReading, index: int) -> bool:
        word = reading.words[index]
        surface = reading.text[word.start : word.end]
        if self._lexicon.cue("not_a_site", word.key) or word.key in self._lexicon.never:
            return False
        if word.shape is Shape.TITLE and not reading.starts_sentence(index) and reading.capitals_mean_names:
            return True
        named = word.key in self._lexicon.places or self._lexicon.is_surname_only(word.key) or self._lexicon.is_first(word.key)
        return named or (self._lexicon.is_unknown(fold(surface)) and len(surface) > 4)

    def _find_addresses(self, text: str) -> Iterator[FoundEntity]:
        for match in _STREET.finditer(text):
            names = match.group("name").split()
            if any(self._lexicon.cue("not_in_streets", fold(name)) for name in names):
                continue
            if match.group("weak") and not any(
                n[0].isupper() or not self._lexicon.is_known(fold(n)) or fold(n) in self._lexicon.last for n in names
            ):
                continue
            yield FoundEntity(match.start(), match.end(), EntityType.ADDRESS, 0.95)

    def _find_cued(self, text: str) -> Iterator[FoundEntity]:
        for match in _WARD.finditer(text):
            if not (_WARD_GENERIC.match(match.group()) and match.group("it").isdigit() and len(match.group("it")) < 3):
                yield FoundEntity(match.start(), match.end(), EntityType.LOCATION, 0.8)
        for match in _WORK_AT.finditer(text):
            surface = match.group("it").rstrip(".'’")
            is_firm = text[match.end("it") : match.end("it") + 3] == " & " or not self._is_person(fold(surface))
            if self._is_proper(surface) and is_firm:
                end = match.start("it") + len(surface)
                yield FoundEntity(
                    match.start("it"), _capitals_end(text, end) if surface[0].isupper() else end, EntityType.ORGANISATION, 0.9
                )
        for match in _CLIENT.finditer(text):
            group = "it" if match.group("it") else "that"
            surface = match.group(group)
            key = fold(surface)
            is_firm = text[match.end(group) : match.end(group) + 3] == " & " or not self._lexicon.is_first(key)
            if self._is_proper(surface) and is_firm and (surface[0].isupper() or self._lexicon.is_unknown(key)):
                yield FoundEntity(
                    match.start(group), _capitals_end(text, match.end(group)), EntityType.ORGANISATION, 0.9 if group == "that" else 0.8
                )
        for match in _PROJECT.finditer(text):
            name = match.group("it")
            key = fold(name)
            acts = text[match.end("all") : match.end("all") + 12].split(" ")[1:2]
            sure = name[0].isupper() or key not in self._lexicon.english or match.group("lead") or "code" in match.group("all").casefold()
            sure = sure or (bool(acts) and self._lexicon.cue("project_acts", acts[0]) and not self._lexicon.english.is_past(key))
            if sure and not self._lexicon.cue("after_project", key) and key not in self._lexicon.common and key not in self._lexicon.never:
                yield FoundEntity(match.start("all"), match.end("all"), EntityType.PROJECT, 0.9)

    def _find_towns(self, reading: MessageReading) -> Iterator[FoundEntity]:
        for index, word in enumerate(reading.words):
            if word.key not in self._lexicon.places:
                continue
            cued = index > 0 and reading.gap(index - 1) == " " and self._lexicon.cue("before_town", reading.words[index - 1].key)
            common = self._lexicon.cue("towns_as_words", word.key)
            if (cued and (not common or word.shape is Shape.TITLE)) or (reading.is_capital(index) and not common):
                yield FoundEntity(word.start, word.end, EntityType.LOCATION, 0.6)


def _capitals_end(text: str, end: int) -> int:
    """Return where a name of several capitalised words ends that reaches `end`."""
    more = re.compile(r"(?: (?:& )?[A-Z][\w&'’-]{1,30}){0,3}").match(text, end)
    return more.end() if more else end
