"""Find places of work, organisations, projects and addresses, and the words that a deployer listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_reading import MessageReading, Shape, fold
from companion.models import EntityType
from companion.ports import FoundEntity

_I = re.IGNORECASE
_SITE_KINDS = frozenset(
    "hospital infirmary clinic surgery hospice school academy college university hotel campus depot warehouse station airport plant prison barracks "
    "nursery library museum theatre church mosque temple refinery mill brewery shipyard quarry".split()
)
_SITE_PAIRS = frozenset(
    {"medical centre", "medical center", "health centre", "health center", "care home", "nursing home", "business park", "fulfilment centre",
     "fulfillment center", "distribution centre", "distribution center", "industrial estate", "call centre", "call center", "shopping centre",
     "leisure centre", "general hospital", "primary school", "high school", "community hospital", "care centre", "retail park"}
)  # fmt: skip
_FIRM_KINDS = frozenset(
    "ltd limited inc llc llp gmbh plc corp corporation holdings bv nv oy ab sarl pty logistics consulting solutions industries partners".split()
)
_GENERIC = frozenset(
    "the a an my our your their his her this that local new old big small main general private public primary secondary high nhs nursing community "
    "teaching mental children's childrens cottage day night field psychiatric maternity eye dental animal vet outpatient walk-in gp city county busy "
    "same another different first second next last previous whole every each any some no one two and or of in at to from for with on by is was "
    "boarding medical law business middle grammar art drama nursery power train bus fire police gas petrol coach water movie cinema".split()
)
_WARD = re.compile(
    r"\b(?:ward|unit|bay|theatre|building|bldg|block|store|depot|branch|warehouse|site|plant|terminal|gate|hangar|dock|line|cell|wing|station|room|"
    r"rm|floor|level|desk|hub|dc|fc)\s(?:no\.?\s?|number\s|#)?(?P<it>(?=[a-z]{0,3}-?\d)[a-z]{0,3}-?\d{1,5}[a-z]{0,2})(?!\w)",
    _I,
)
_WARD_GENERIC = re.compile(r"(?:level|floor|line|bay|cell|gate|desk|station)\b", _I)
_WORK_AT = re.compile(
    r"\b(?:(?:work|works|worked|working|job|shift|shifts|employed|employer|contract|contracted|internship|placement|joined|interview|left|quit|company called|"
    r"firm called|agency called|hired|nurse|engineer|picker|driver|manager)\s(?:here\s)?(?:at|for|by|with)\s|(?:company|firm|employer|agency|startup|business)"
    r"\s(?:is\s)?(?:called|named)\s|\b(?:at|for)\s(?=[A-Z][a-z]+ (?:Group|Bank|Foods|Systems|Services|Energy|Health|Care)\b))(?P<it>[\w&'’.-]{2,40})",
    _I,
)
_CLIENT = re.compile(
    r"\b(?:client|customer|account|vendor|supplier|contractor|agency)(?:\s(?:is\s)?(?:called|named)|\s?[,:])?\s(?P<it>[\w&'’-]{2,40})|"
    r"\bthe\s(?P<that>[\w&'’-]{2,40})\s(?:account|contract|tender|rollout|roll-out|migration|audit)\b",
    _I,
)
_PROJECT = re.compile(
    r"\b(?P<lead>(?:on|for|from|of|to|joined|left|called|running|run|with|about|leading|under|codename[d]?)\s)?"
    r"(?P<all>(?:project|operation|programme|codename[d]?|code name[d]?)\s(?:called\s|named\s)?(?P<it>[\w'-]{3,40}))",
    _I,
)
_PROJECT_NEXT = frozenset(
    "manager managers management plan plans planning team teams work works lead leads deadline deadlines meeting meetings is was will has had that "
    "which and or but board budget scope sponsor owner owners office the due went got gets keeps again today now with for from to at on in this "
    "hours staff update updates review reviews start started ends ended launch delivery itself because phase director coordinator theatre "
    "tracker timeline kickoff documentation based room after before since when while alone again over status coming starts needs failed fails".split()
)
_STREETS = r"street|str|road|rd|avenue|ave|lane|crescent|cres|terrace|boulevard|blvd|highway|hwy|mews|gardens|gdns"
_WEAK_STREETS = r"st|dr|drive|ln|close|court|ct|way|place|pl|square|sq|park|grove|row|walk|parade|hill|rise|green|view|road"
_STREET = re.compile(
    rf"(?<![\w.])(?:(?:flat|apartment|apt|unit|no)\.? ?\d{{1,5}}[a-z]?,? )?\d{{1,5}}[a-z]?,? (?P<name>(?:[^\W\d]+[.'’]?[^\W\d]* ){{1,4}}?)"
    rf"(?:(?P<strong>{_STREETS})|(?P<weak>{_WEAK_STREETS}))\b\.?(?:,? (?:apt|apartment|flat|unit|#) ?\w{{1,5}})?",
    _I,
)
_FOREIGN_STREET = re.compile(
    r"(?<!\w)(?:\d{1,4}(?: bis| ter)?,? (?:rue|avenue|boulevard|impasse|chemin|allée) (?:[^\W\d]+[ '’-]?){1,5}|(?:calle|avenida|avda|plaza|paseo|via|viale|"
    r"piazza|corso|rua|travessa|ulica|ul\.) (?:[^\W\d]+ ){1,4}\d{1,4}|[^\W\d]{3,30}(?:straße|strasse|weg|gasse|platz|allee|laan|straat|gracht|plein|vej|"
    r"gatan|gata) \d{1,4}[a-z]?)(?!\w)",
    _I,
)
_POSTCODE = re.compile(
    r"(?<!\w)(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d)(?!\w)|"
    r"(?<=, )[A-Z]{2} \d{5}(?:-\d{4})?(?!\w)|(?:(?<=zip )|(?<=zip code )|(?<=postcode )|(?<=post code )|(?<=pincode ))[\w]{3,8}(?: \d[a-z]{2})?",
    _I,
)
_NOT_IN_STREETS = frozenset(
    "in a of the to my per hour hours hr hrs minute minutes min mins day days night nights week weeks month months year years mile miles km more times "
    "shift shifts people person of on at is was and or with from for than until till going different steps foot feet staff patients beds long percent "
    "other new each every all both out up down back off i we they she he it".split()
)
_IN_TOWN = frozenset({"in", "at", "from", "near", "to", "around", "outside", "our", "the", "based", "leaving", "of", "via"})


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
        if key in lexicon.never or key in lexicon.common or key in lexicon.countries or key in _GENERIC:
            return False
        return surface[0].isupper() or lexicon.is_unknown(key) or key in lexicon.last or key in lexicon.places

    def _find_sites(self, reading: MessageReading) -> Iterator[FoundEntity]:
        words = reading.words
        for index, word in enumerate(words):
            pair = f"{word.key} {words[index + 1].key}" if index + 1 < len(words) else ""
            is_pair = pair in _SITE_PAIRS
            if not (is_pair or word.key in _SITE_KINDS or word.key in _FIRM_KINDS):
                continue
            first = index
            while first and index - first < 4 and reading.gap(first - 1) in {" ", ". ", " & "} and self._belongs(reading, first - 1):
                first -= 1
            if first == index or not any(self._names_site(reading, i) for i in range(first, index)):
                continue
            end = words[index + 1].end if is_pair else word.end
            kind = EntityType.ORGANISATION if word.key in _FIRM_KINDS else EntityType.LOCATION
            yield FoundEntity(words[first].start, end, kind, 0.9)

    def _belongs(self, reading: MessageReading, index: int) -> bool:
        """Tell whether the word may stand inside a site's name."""
        word = reading.words[index]
        key = word.key
        if key in {"st", "saint", "royal", "queen", "king", "north", "south", "east", "west", "general", "memorial", "children's"}:
            return True
        return word.shape is Shape.TITLE and key not in _GENERIC and key not in self._lexicon.common or self._names_site(reading, index)

    def _names_site(self, reading: MessageReading, index: int) -> bool:
        word = reading.words[index]
        surface = reading.text[word.start : word.end]
        if word.key in _GENERIC or word.key in self._lexicon.never:
            return False
        if word.shape is Shape.TITLE and not reading.starts_sentence(index) and reading.capitals_mean_names:
            return True
        named = word.key in self._lexicon.places or self._lexicon.is_surname_only(word.key) or self._lexicon.is_first(word.key)
        return named or (self._lexicon.is_unknown(fold(surface)) and len(surface) > 4)

    def _find_addresses(self, text: str) -> Iterator[FoundEntity]:
        for match in _STREET.finditer(text):
            names = match.group("name").split()
            if any(fold(name) in _NOT_IN_STREETS for name in names):
                continue
            if match.group("weak") and not any(
                n[0].isupper() or not self._lexicon.is_known(fold(n)) or fold(n) in self._lexicon.last for n in names
            ):
                continue
            yield FoundEntity(match.start(), match.end(), EntityType.ADDRESS, 0.95)
        for pattern in (_FOREIGN_STREET, _POSTCODE):
            for match in pattern.finditer(text):
                yield FoundEntity(match.start(), match.end(), EntityType.ADDRESS, 0.9)

    def _find_cued(self, text: str) -> Iterator[FoundEntity]:
        for match in _WARD.finditer(text):
            if not (_WARD_GENERIC.match(match.group()) and match.group("it").isdigit()):
                yield FoundEntity(match.start(), match.end(), EntityType.LOCATION, 0.8)
        for match in _WORK_AT.finditer(text):
            surface = match.group("it").rstrip(".'’")
            if self._is_proper(surface) and not self._lexicon.is_first(fold(surface)):
                yield FoundEntity(match.start("it"), match.start("it") + len(surface), EntityType.ORGANISATION, 0.8)
        for match in _CLIENT.finditer(text):
            group = "it" if match.group("it") else "that"
            surface = match.group(group)
            key = fold(surface)
            if self._is_proper(surface) and not self._lexicon.is_first(key) and (surface[0].isupper() or self._lexicon.is_unknown(key)):
                yield FoundEntity(match.start(group), match.end(group), EntityType.ORGANISATION, 0.8)
        for match in _PROJECT.finditer(text):
            name = match.group("it")
            key = fold(name)
            sure = name[0].isupper() or key not in self._lexicon.english or match.group("lead") or "code" in match.group("all").casefold()
            if sure and key not in _PROJECT_NEXT and key not in self._lexicon.common and key not in self._lexicon.never:
                yield FoundEntity(match.start("all"), match.end("all"), EntityType.PROJECT, 0.9)

    def _find_towns(self, reading: MessageReading) -> Iterator[FoundEntity]:
        for index, word in enumerate(reading.words):
            if word.key not in self._lexicon.places:
                continue
            cued = index > 0 and reading.gap(index - 1) == " " and reading.words[index - 1].key in _IN_TOWN
            common = word.key in {
                "reading",
                "nice",
                "bath",
                "essex",
                "derby",
                "bolton",
                "hull",
                "perth",
                "bern",
                "orlando",
                "austin",
                "charlotte",
            }
            if (cued and (not common or word.shape is Shape.TITLE)) or (reading.is_capital(index) and not common):
                yield FoundEntity(word.start, word.end, EntityType.LOCATION, 0.6)
