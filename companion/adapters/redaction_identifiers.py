"""Find identifiers that are written in a pattern: addresses of machines and people, ids after a cue, secrets, plates, dates of birth.

Every pattern starts at a fixed sign or a token's start and repeats only with bounds, so that time grows linearly with the text.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_reading import MessageReading
from companion.models import EntityType
from companion.ports import FoundEntity

_I = re.IGNORECASE
_IS = r"(?:\s{0,2}(?:is|was|are|=|:|#|-|no\.?|number|num|nr|code|n°)){0,3}\s{0,2}"
_CODE = r"(?P<it>[#A-Za-z]{0,6}[-/]?\d[\dA-Za-z]*(?:[-/][\dA-Za-z]+){0,4})"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]{0,6}"
_DATE = (
    rf"(?:\d{{1,4}}[./\- ]\d{{1,2}}[./\- ]\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ .-]{_MONTH}[ .,-]{{0,2}}(?:\d{{4}}|\d{{2}}\b)?"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|\d{{8}}|\d{{6}})"
)

_RULES: tuple[tuple[EntityType, float, re.Pattern[str]], ...] = tuple(
    (kind, score, re.compile(pattern, flags))
    for kind, score, pattern, flags in (
        (EntityType.EMAIL, 1.0, r"(?<![\w.+%-])[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", 0),
        (
            EntityType.EMAIL,
            0.9,
            r"(?<![\w.+-])[\w.+-]{1,64} ?(?:\(at\)|\[at\]|\{at\}| at |@) ?[\w-]{1,40}"
            r"(?: ?(?:\(dot\)|\[dot\]|\{dot\}| dot |\.) ?[\w-]{1,30}){0,3} ?(?:\(dot\)|\[dot\]|\{dot\}| dot |\.) ?"
            r"(?:com|org|net|co|uk|edu|gov|io|in|de|fr|es|it|nl|br|ca|au|sg|nhs)\b",
            _I,
        ),
        (EntityType.URL, 1.0, r"(?:\bhttps?://|\bftp://|\bwww\.)[^\s<>\"']{2,2000}", _I),
        (EntityType.MAC_ADDRESS, 1.0, r"(?<![\w:-])(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w:-])", _I),
        (EntityType.MAC_ADDRESS, 1.0, r"(?<![\w.])[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![\w.])", _I),
        (EntityType.HANDLE, 0.9, r"(?<![\w@.])@(?P<it>[\w](?:[\w.-]{0,62}\w)?)", 0),
        (EntityType.HANDLE, 0.9, r"(?<![\w/])(?:/?u/)(?P<it>\w[\w-]{2,30})", _I),
        (
            EntityType.HANDLE,
            0.9,
            r"\b(?:(?:slack|discord|insta|instagram|ig|twitter|tiktok|teams|telegram|snapchat|snap|skype|linkedin|facebook|github|gitlab|reddit|"
            r"signal)(?:\s(?:handle|user|username|account|name|id|nick|tag))?|handle|username|user name|screen name|login name|user id|userid|login)"
            r"(?:\s(?:is|was)|\s?[:=]){1,2}\s?(?P<it>[\w][\w.#-]{2,40})",
            _I,
        ),
        (
            EntityType.HANDLE,
            0.85,
            r"\b(?:handle|username|github user|slack user|discord user|gamertag)\s(?P<it>\w*[\d_.#-]\w[\w.#-]{0,30})",
            _I,
        ),
        (EntityType.HANDLE, 0.8, r"(?<![\w@./-])(?P<it>[a-z]{2,20}_[a-z0-9_]{1,20}|[a-z]{2,20}#\d{4})(?![\w@./-])", _I),
        (
            EntityType.EMPLOYEE_ID,
            0.95,
            r"\b(?:employee|staff|emp|badge|payroll|personnel|clock(?:-in)?|colleague|worker|associate|personal|works?|hr|operator|agent|driver|crew|nurse|"
            r"pin|nmc|gmc|hcpc|licen[cs]e|registration|union|member(?:ship)?)\s?[-_]?(?:id|ids|no\.?|nos|number|num|nr|code|card|badge|pin|#)?"
            + _IS
            + _CODE
            + r"(?![\w])",
            _I,
        ),
        (EntityType.EMPLOYEE_ID, 0.9, r"\b(?:my|her|his|their|work|login|the)\s(?:id|badge)" + _IS + _CODE + r"(?!\w)", _I),
        (EntityType.EMPLOYEE_ID, 0.9, r"(?<![\w-])(?:id|ID)(?:\s?[:#=]|\snumber|\sno\.?|\sis){1,2}\s?" + _CODE + r"(?!\w)", _I),
        (EntityType.EMPLOYEE_ID, 0.9, r"(?<![\w-])(?P<it>(?:emp|empl|staff|ee|usr|pers|stf|wid|eid|mitarb)[-_# ]?\d{3,10})(?![\w])", _I),
        (EntityType.EMPLOYEE_ID, 0.8, r"(?<![\w-])(?P<it>[A-Za-z]{1,2}\d{5,8})(?![\w-])", 0),
        (
            EntityType.TICKET,
            0.95,
            r"\b(?:ticket|case|incident|jira|request|complaint|grievance|claim|reference|ref|datix|issue|docket|order|invoice|job|bug|sr|report)"
            r"(?:\s(?:ref|reference|id))?\.?" + _IS + r"(?P<it>#?(?:[A-Za-z]{1,10}[-/]?)?(?:\d{2,4}[-/])?\d{3,12}(?:[-/]\d{1,6})?)(?!\w)",
            _I,
        ),
        (EntityType.TICKET, 0.9, r"(?<![\w-])(?P<it>(?:inc|req|ritm|chg|task|sctask|prb|cs|srv|hd|cas|tkt)[-_ ]?\d{4,12})(?!\w)", _I),
        (EntityType.TICKET, 0.85, r"(?<![\w-])(?P<it>[A-Z][A-Z0-9]{1,9}-\d{2,7})(?![\w-])", 0),
        (EntityType.TICKET, 0.85, r"(?<![\w-])(?P<it>[a-z]{2,8}-\d{3,7})(?![\w-])", 0),
        (EntityType.TICKET, 0.85, r"(?<!\w)(?P<it>#\d{3,10})(?!\w)", 0),
        (
            EntityType.MEDICAL_RECORD,
            1.0,
            r"\b(?:mrn|m\.r\.n\.?|nhs(?: no\.?| number| num)|(?:hospital|patient|chart|medical record|record|unit|hosp|pt|chi|clinic|resident|case note)"
            r"[\s-]?(?:id|no\.?|number|num|#|nr))" + _IS + r"(?P<it>[A-Za-z]{0,4}-?\d[\dA-Za-z]*(?:[ -]\d[\dA-Za-z]*){0,4})(?!\w)",
            _I,
        ),
        (
            EntityType.DATE_OF_BIRTH,
            0.95,
            rf"\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|born(?: on)?(?: the)?|birthday|b-?day|geboren am|nacido el|née? le)(?:\s(?:is|was|on|the|=)|\s?[:=])"
            rf"{{0,2}}\s?(?P<it>{_DATE})(?!\w)",
            _I,
        ),
        (
            EntityType.NATIONAL_ID,
            0.95,
            r"\b(?:ssn|social security|social|ni|n\.i\.|national insurance|nino|passport|aadhaar|aadhar|pan|tax id|tin|itin|tfn|sin|bsn|cpf|nric|fin|dni|nie|"
            r"nir|steuer-?id|codice fiscale|medicare|national id|identity card|id card|driving licen[cs]e|driver'?s licen[cs]e|visa)"
            r"(?:\s(?:card|no\.?|number|num|nr|code|security))?"
            + _IS
            + r"(?P<it>[A-Za-z]{0,3}[ -]?\d[\dA-Za-z]{2,}(?:[ .-]\d[\dA-Za-z]*){0,5}(?:[ -]?[A-Za-z])?)(?!\w)",
            _I,
        ),
        (EntityType.PLATE, 0.9, r"(?<!\w)(?P<it>[A-Z]{2}\d{2} ?[A-Z]{3})(?!\w)", 0),
        (
            EntityType.PLATE,
            0.9,
            r"\b(?:number ?plate|licen[cs]e plate|plates?|car reg|vehicle reg|reg(?:istration)?(?: plate| number)?|vrn|rego)"
            + _IS
            + r"(?P<it>(?=[\w -]{0,9}\d)[A-Za-z0-9]{1,4}(?:[ -]?[A-Za-z0-9]{1,4}){1,2})(?!\w)",
            _I,
        ),
    )
)

_SECRET_SHAPES = re.compile(
    r"(?<![\w-])(?:sk-[\w-]{12,200}|gh[pousr]_\w{20,200}|github_pat_\w{20,200}|AKIA[0-9A-Z]{12,20}|xox[abprs]-[\w-]{8,200}|glpat-[\w-]{10,100}|"
    r"AIza[\w-]{30,60}|eyJ[\w-]{8,2000}\.[\w-]{4,2000}(?:\.[\w-]{0,2000})?|hf_\w{20,100})|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,4000}"
)
_SECRET_CUE = re.compile(
    r"\b(?:pass ?word|pass ?code|passphrase|passwd|pwd|pw|pin(?: code| number)?|api[ _-]?key|access[ _-]?key|secret(?:[ _-]?key)?|token|door code|gate code|"
    r"alarm code|keypad code|security code|cvv|otp|one[ -]time code|login code|credentials?)(?P<link>(?:\s(?:is|was|are|to)\b|\s?[:=])?\s{0,2})"
    r"[\"'`]?(?P<it>[^\s\"'`]{3,200})",
    re.IGNORECASE,
)
_SECRET_STATES = frozenset(
    "expired expiring wrong incorrect not being locked reset required too always still the a an never invalid stupid so shared weak good broken changed "
    "gone lost compromised just no been that what due going my our on in for at and but all ridiculous impossible stuck forgotten different correct "
    "fine working unknown public private safe secret needed saved stored written out about because which where as this his her their your it".split()
)
_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}(?:com|org|net|io|co|uk|edu|gov|de|fr|es|nl|br|ca|au|sg|in|eu|info|biz|app|dev|ai|me|us|ie|za|ng)"
    r"(?:/[^\s<>\"']{0,2000})?(?![\w@-])",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w.]\w)")
_IPV6 = re.compile(r"(?<![\w:])[0-9a-f:]{2,39}(?:%\w{1,10})?(?![\w:])", re.IGNORECASE)
_NO_TICKET = re.compile(
    r"(?:covid|gpt|phq|gad|cov|sars|b|mp|top|iso|utf|form|type|level|grade|band|step|tier|sha|aes|day|week|part|phase|who|icd)-\d",
    re.IGNORECASE,
)


def find_identifiers(reading: MessageReading, lexicon: Lexicon) -> Iterator[FoundEntity]:
    """Yield every identifier that a pattern or a cue gives away."""
    text = reading.text
    for kind, score, pattern in _RULES:
        reading.deadline.check()
        for match in pattern.finditer(text):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            if kind is EntityType.HANDLE and text[start - 1 : start] == "@":
                start -= 1
            if kind is EntityType.TICKET and _NO_TICKET.match(text, start):
                continue
            yield FoundEntity(start, _trim(text, end), kind, score)
    yield from _find_secrets(text)
    yield from _find_machines(text)
    yield from _find_domains(text, lexicon)


def _trim(text: str, end: int) -> int:
    while end > 0 and text[end - 1] in ".,;:!?)]}'’-":
        end -= 1
    return end


def _find_secrets(text: str) -> Iterator[FoundEntity]:
    for match in _SECRET_SHAPES.finditer(text):
        yield FoundEntity(match.start(), match.end(), EntityType.SECRET, 1.0)
    for match in _SECRET_CUE.finditer(text):
        value = match.group("it")
        bare = value.strip(".,;:!?()").casefold()
        looks_secret = any(c.isdigit() or c in "@#$%^&*_" for c in bare)
        if bare in _SECRET_STATES or not (looks_secret or match.group("link").strip() not in {"", "to", "are", "was"}):
            continue
        yield FoundEntity(match.start("it"), match.start("it") + len(value.rstrip(".,;:?)")), EntityType.SECRET, 0.95)


def _find_machines(text: str) -> Iterator[FoundEntity]:
    for match in _IPV4.finditer(text):
        if all(int(part) < 256 for part in match.group().split("/")[0].split(".")):
            yield FoundEntity(match.start(), match.end(), EntityType.IP_ADDRESS, 1.0)
    for match in _IPV6.finditer(text):
        if match.group().count(":") < 2 or not any(c.isalnum() for c in match.group()):
            continue
        try:
            ipaddress.IPv6Address(match.group())
        except ValueError:
            continue
        yield FoundEntity(match.start(), match.end(), EntityType.IP_ADDRESS, 1.0)


def _find_domains(text: str, lexicon: Lexicon) -> Iterator[FoundEntity]:
    for match in _DOMAIN.finditer(text):
        labels = match.group().casefold().split("/")[0].split(".")
        # "tired.me" and "late.in" are a full stop without a space, and a public body's own page gives nobody away.
        if labels[0] in lexicon.never or (
            labels[-1] in {"me", "in", "us", "co", "io", "ai", "app", "es", "de"} and labels[0] in lexicon.english
        ):
            continue
        yield FoundEntity(match.start(), _trim(text, match.end()), EntityType.URL, 0.9)
