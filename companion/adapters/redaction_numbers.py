"""Check digits of cards, bank accounts and national identity numbers.

Rules: ISO/IEC 7812 (Luhn), ISO 13616 (IBAN), and each issuer's published check. Every function takes a string without separators,
letters in upper case, and tells whether it is well formed; none can fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

_IBAN_LENGTHS: Mapping[str, int] = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT",
        26: "IS TR",
        27: "FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB PL",
        29: "BR EG PS QA UA",
        30: "JO KW MU",
        31: "MT SC",
    }.items()
    for country in countries.split()
}


_CARD_SHAPES = re.compile(r"4\d{12}(?:\d{3}){0,2}|(?:2[2-7]|5\d)\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|(?:6\d|5[06-8])\d{11,17}")
"""First digits and lengths of the card networks (ISO/IEC 7812; Visa, Mastercard, Amex, Diners, JCB, Maestro, Discover, UnionPay, RuPay)."""


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def passes_luhn(number: str) -> bool:
    """Tell whether the last digit fits by the Luhn rule."""
    doubled = [int(d) * (2 - i % 2) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(number), start=1)]
    return number.isdigit() and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def is_card(number: str) -> bool:
    """Tell whether 13 to 19 digits are a payment card: a network's first digits, and Luhn."""
    fits = _CARD_SHAPES.fullmatch(number) is not None
    return fits and len(set(number)) > 1 and passes_luhn(number)


def iban_length(number: str) -> int:
    """Return how many leading characters form a valid IBAN, or 0."""
    length = _IBAN_LENGTHS.get(number[:2], 0)
    iban = number[:length]
    if not length or len(iban) < length:
        return 0
    digits = "".join(str(int(c, 36)) for c in iban[4:] + iban[:4])
    return length if int(digits) % 97 == 1 else 0


def _is_us(n: str) -> bool:
    return n[:3] not in {"000", "666"} and n[0] != "9" and n[3:5] != "00" and n[5:] != "0000"


def _is_nhs(n: str) -> bool:
    check = 11 - _weighted(n, range(10, 1, -1)) % 11
    return check != 10 and check % 11 == int(n[9])


def _dihedral(a: int, b: int) -> int:
    """Multiply in the dihedral group of order ten."""
    turn = (a + b if a < 5 else a - b) % 5
    return turn + (5 if (a < 5) != (b < 5) else 0)


def _verhoeff_permute(digit: int, times: int) -> int:
    for _ in range(times % 8):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit


def _is_aadhaar(n: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(n)):
        check = _dihedral(check, _verhoeff_permute(int(digit), place))
    return n[0] not in "01" and check == 0


def _is_de_tax(n: str) -> bool:
    product = 10
    for digit in n[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return n[0] != "0" and (11 - product) % 10 == int(n[10])


def _is_bsn(n: str) -> bool:
    return _weighted(n, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def _cpf_digit(n: str) -> int:
    rest = _weighted(n, range(len(n) + 1, 1, -1)) * 10 % 11
    return rest % 10


def _is_cpf(n: str) -> bool:
    return len(set(n)) > 1 and _cpf_digit(n[:9]) == int(n[9]) and _cpf_digit(n[:10]) == int(n[10])


def _is_tfn(n: str) -> bool:
    return _weighted(n, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def _is_medicare_au(n: str) -> bool:
    return n[0] in "23456" and _weighted(n[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(n[8])


def _is_nir(n: str) -> bool:
    return n[0] in "12" and 97 - int(n[:13]) % 97 == int(n[13:])


DIGIT_CHECKS: Mapping[int, tuple[Callable[[str], bool], ...]] = {
    9: (_is_us, _is_bsn, passes_luhn, _is_tfn),
    10: (_is_nhs, _is_medicare_au),
    11: (_is_de_tax, _is_cpf),
    12: (_is_aadhaar,),
    15: (_is_nir,),
}
"""Checks of all-digit national numbers by length: US, NL, CA, AU (9), UK NHS, AU Medicare (10), DE, BR (11), IN (12), FR (15)."""


def is_national_digits(number: str) -> bool:
    """Tell whether a run of digits passes a national number's check."""
    return any(check(number) for check in DIGIT_CHECKS.get(len(number), ()))


def is_nhs_number(number: str) -> bool:
    """Tell whether ten digits are a UK NHS number."""
    return len(number) == 10 and number.isdigit() and _is_nhs(number)


def is_nino(n: str) -> bool:
    """Tell whether "AB123456C" is a well-formed UK National Insurance number (letters by HMRC's rule; it has no check digit)."""
    return n[0] not in "DFIQUV" and n[1] not in "DFIOQUV" and n[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


def is_spanish(n: str) -> bool:
    """Tell whether a DNI "12345678Z" or NIE "X1234567L" has the right letter."""
    digits = n[:-1].translate(str.maketrans("XYZ", "012"))
    return digits.isdigit() and n[-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]


def is_codice_fiscale(n: str) -> bool:
    """Tell whether a 16-character Italian tax code has the right last letter."""
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    ranks = [int(c) if c.isdigit() else ord(c) - 65 for c in n[:15]]
    total = sum(odd[rank] if place % 2 == 0 else rank for place, rank in enumerate(ranks))
    return n[15] == chr(65 + total % 26)


def is_nric(n: str) -> bool:
    """Tell whether a Singapore NRIC or FIN "S1234567D" has the right letter."""
    total = _weighted(n[1:8], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(n[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}[n[0]]
    rest = total % 11
    return n[8] == (letters[10 - rest] if n[0] == "M" else letters[rest])
