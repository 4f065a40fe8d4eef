"""Find numbers that point at one person: phones, cards, bank accounts, national identity numbers, and long numbers without a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import phonenumbers

from companion.adapters import redaction_numbers as numbers
from companion.adapters.redaction_reading import MessageReading
from companion.models import EntityType
from companion.ports import FoundEntity

PHONE_REGIONS = (
    *("GB", "US", "IN", "DE", "ES", "FR", "IT", "NL", "BR", "AU", "SG", "IE", "NG", "ZA", "KE", "GH", "PH", "PK", "BD", "AE", "PL", "PT"),
    *("RO", "TR", "SE", "CH", "AT", "BE", "MX", "JP", "KR", "CN", "HK", "MY", "ID", "VN", "TH", "IL", "EG", "GR", "DK", "NO", "FI", "CZ", "HU", "UA"),
)  # fmt: skip
"""Countries in whose national form a number without "+" is tried; with "+" every country counts."""

_MAX_PARSED = 12
"""A message with more numbers than this is not a person's: the rest is hidden unparsed. Chosen by us for time."""

_RUN = re.compile(r"(?<![\w.,£$€/-])(?:\+|00)?[(]?\d(?:[ \u00a0()./\u2010-\u2015-]{0,2}\d){4,21}(?![\w])")
_DATE_OR_TIME = re.compile(
    r"(?:(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})|\d{1,2}[./]\d{1,2}\s?-\s?\d{1,2}[./]\d{1,2}|"
    r"\d{4}\s?[-–—]\s?\d{4}|\d{1,2}[-–]\d{1,2}(?: \d{1,2}[-–]\d{1,2})*|\d{1,3}(?: \d{1,2}){1,4}|\d{4} \d{4}|\d{1,2}([-/ ]\d{1,2}){2,6})"
)
_ROUND = re.compile(r"[1-9]\d{0,2}(?: \d{3})* ?000")
"""A round count or sum, such as "1 250 000"."""
_PHONE_CUE = re.compile(
    r"""(?: call (?: ed | ing )? | phone | phoned | mobile | cell | tel | telephone | text (?: ed )? | whatsapp | ring | rang | reach | fax | contact
    | landline | number[ ]is | number's | no[ ]is | dial | handy | m[oó]vil | teléfono | num )\b [^.\n]{0,24} $""",
    re.IGNORECASE | re.VERBOSE,
)
_EXTENSION = re.compile(
    r"\b(?:ext(?:ension|n)?\.?|x|bleep|pager|bleeper|dect)\s?(?:is\s|no\.?\s|number\s|:\s?|#)?(?P<it>\d{3,6})(?!\w)", re.IGNORECASE
)
_BANK = re.compile(r"\b(?:sort code|account|acct|a/c|routing|bank)\b[^.\n]{0,24}$", re.IGNORECASE)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){10,32}", re.IGNORECASE)


def _has_the_shape(number: str) -> bool:
    return bool(number)


_LETTERED: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"(?<!\w)[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d](?!\w)", re.IGNORECASE), numbers.is_nino),
    (re.compile(r"(?<!\w)(?:\d{8}|[xyz]-?\d{7})[ -]?[a-z](?!\w)", re.IGNORECASE), numbers.is_spanish),
    (re.compile(r"(?<!\w)[a-z]{6}\d{2}[a-ehlmprst]\d{2}[a-z]\d{3}[a-z](?!\w)", re.IGNORECASE), numbers.is_codice_fiscale),
    (re.compile(r"(?<!\w)[stfgm]\d{7}[a-z](?!\w)", re.IGNORECASE), numbers.is_nric),
    (re.compile(r"(?<!\w)[a-z]{3}[abcfghljpt][a-z]\d{4}[a-z](?!\w)", re.IGNORECASE), _has_the_shape),
    (re.compile(r"(?<!\w)\d{2}[0-3]\d[01]\d{3}[a-z]\d{3}(?!\w)", re.IGNORECASE), _has_the_shape),
)
_PUBLIC_NUMBERS = frozenset({"116123", "18002738255", "0800585858"})
"""Crisis lines that people mention having called: they point at nobody."""


def find_digits(reading: MessageReading) -> Iterator[FoundEntity]:
    """Yield phones, cards, bank accounts, national numbers, and any other run of seven or more digits."""
    text = reading.text
    yield from _find_ibans(text)
    for pattern, is_valid in _LETTERED:
        for match in pattern.finditer(text):
            if is_valid(re.sub(r"[ -]", "", match.group()).upper()):
                yield FoundEntity(match.start(), match.end(), EntityType.NATIONAL_ID, 1.0)
    for match in _EXTENSION.finditer(text):
        yield FoundEntity(match.start("it"), match.end("it"), EntityType.PHONE, 0.9)
    for count, match in enumerate(_RUN.finditer(text)):
        reading.deadline.check()
        kind = _kind_of_run(text, match, may_parse=count < _MAX_PARSED)
        if kind is not None:
            yield FoundEntity(match.start(), match.end(), kind, 0.92)


def _find_ibans(text: str) -> Iterator[FoundEntity]:
    for match in _IBAN.finditer(text):
        compact = re.sub(r"[ -]", "", match.group()).upper()
        length = numbers.iban_length(compact)
        if not length:
            continue
        seen = 0
        for end, character in enumerate(match.group(), start=1):
            seen += character not in " -"
            if seen == length:
                yield FoundEntity(match.start(), match.start() + end, EntityType.IBAN, 1.0)
                break


def _kind_of_run(text: str, match: re.Match[str], *, may_parse: bool) -> EntityType | None:
    run = match.group()
    digits = re.sub(r"\D", "", run)
    before = text[max(0, match.start() - 40) : match.start()]
    has_cue = _PHONE_CUE.search(before) is not None
    if _ROUND.fullmatch(run) and not has_cue:
        return None
    if digits in _PUBLIC_NUMBERS or (_DATE_OR_TIME.fullmatch(run) and not has_cue) or _is_repeated(run):
        return None
    if numbers.is_card(digits):
        return EntityType.CARD
    if len(digits) == 15 and numbers.is_national_digits(digits):
        return EntityType.NATIONAL_ID
    if numbers.is_nhs_number(digits) and run.count(" ") == 2 and digits[0] != "0" and not has_cue:
        return EntityType.MEDICAL_RECORD
    if re.fullmatch(r"\d{3}-\d{2}-\d{4}", run):
        return EntityType.NATIONAL_ID
    if run[0] == "+" or (has_cue and 5 <= len(digits) <= 15):
        return EntityType.PHONE
    if _BANK.search(before):
        return EntityType.IBAN
    if len(digits) < 7:
        return None
    if len(digits) <= 15 and may_parse and _is_phone(run, digits):
        return EntityType.PHONE
    return EntityType.NATIONAL_ID if numbers.is_national_digits(digits) or len(digits) >= 11 else EntityType.EMPLOYEE_ID


def _is_repeated(run: str) -> bool:
    """Tell whether the run is single figures with spaces ("1 2 3 4 5"), a score or a count rather than a number of somebody."""
    return len(run) > 6 and all(len(part) == 1 for part in run.split())


def _is_phone(run: str, digits: str) -> bool:
    international = run.startswith("00")
    if len(digits) == 9 and run.isdigit() and digits[0] != "0" and numbers.is_national_digits(digits):
        return False
    if len(digits) == 11 and numbers.is_national_digits(digits) and digits[0] not in "01":
        return False
    if len(digits) == 12 and numbers.is_national_digits(digits):
        return False
    for region in PHONE_REGIONS[:1] if international else PHONE_REGIONS:
        try:
            parsed = phonenumbers.parse(run, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return True
    return False
