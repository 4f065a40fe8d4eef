"""What protects crisis lines: numbers typed twice, confirmations that fall with the number, and the list of lines to check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from companion.errors import FormRefused
from companion.models import CountryLines, CrisisLine
from companion.models_catalogue import Fields

CHECK_AGAIN_AFTER = timedelta(days=183)
"""Chosen by us: helplines change hours and numbers about once a year; half of that."""
NOT_CHECKED = "not checked"
TEXTS_ONLY = "sms:"
_SPACING = re.compile(r"[\s-]")


class CheckReason(StrEnum):
    """Say why somebody should check a line."""

    NEVER_CONFIRMED = "never_confirmed"
    CONFIRMED_LONG_AGO = "confirmed_long_ago"
    HOURS_UNKNOWN = "hours_unknown"
    LESS_CERTAIN = "less_certain"


@dataclass(frozen=True, slots=True)
class LineToCheck:
    """Hold a line that somebody should dial or look up, and why."""

    country: CountryLines
    line: CrisisLine
    reasons: tuple[CheckReason, ...]


def lines_to_check(countries: Iterable[CountryLines], own: str | None, today: date) -> tuple[LineToCheck, ...]:
    """Return the lines that want checking: the deployment's own country first, then by country; within one, as they stand.

    own: ISO 3166-1 alpha-2 of most employees, or None.
    """
    wanted = [
        LineToCheck(country, line, reasons) for country in countries for line in country.lines if (reasons := reasons_to_check(line, today))
    ]
    return tuple(sorted(wanted, key=lambda item: (item.country.code != own, item.country.country)))


def reasons_to_check(line: CrisisLine, today: date) -> tuple[CheckReason, ...]:
    """Return why a line should be checked, weightiest first; empty for one that was checked in full not long ago."""
    reasons = []
    if line.confirmed_on is None:
        reasons.append(CheckReason.NEVER_CONFIRMED)
    elif today - line.confirmed_on > CHECK_AGAIN_AFTER:
        reasons.append(CheckReason.CONFIRMED_LONG_AGO)
    if line.hours.strip().casefold() == NOT_CHECKED:
        reasons.append(CheckReason.HOURS_UNKNOWN)
    if line.confidence != "A" and line.confirmed_on is None:
        reasons.append(CheckReason.LESS_CERTAIN)
    return tuple(reasons)


def digits_of(number: str) -> str:
    """Return a number as a telephone dials it, without spaces and hyphens."""
    return _SPACING.sub("", number)


def demand_same_number(field: str, number: str, typed_again: str) -> None:
    """Pass when a number was typed twice alike; spaces and hyphens do not count.

    Raises: FormRefused.
    """
    if digits_of(number) != digits_of(typed_again):
        raise FormRefused(field, "is not the same both times. Read it again from the official site and type it twice.")


def with_number(fields: Fields, *, texts_only: bool) -> Fields:
    """Return a line's fields with the link for tapping made from the number, so that the two cannot differ.

    Raises: FormRefused when there is no number.
    """
    digits = digits_of(str(fields.get("dial", "")))
    if not digits:
        raise FormRefused("dial", "is missing. Write the number as people dial it in that country.")
    return {**fields, "tel_uri": (TEXTS_ONLY if texts_only else "tel:") + digits}


def without_confirmation(fields: Fields) -> Fields:
    """Return a line's fields as not confirmed."""
    return {name: value for name, value in fields.items() if name not in {"confirmed_on", "confirmed_by"}}


def confirmed(fields: Fields, *, by: str, today: date) -> Fields:
    """Return a line's fields as confirmed today.

    by: role or name that is kept in the file and shown to nobody but coordinators.

    Raises: FormRefused while the hours are unknown, since people in need would rely on them.
    """
    if not by.strip():
        raise FormRefused("confirmed_by", "is missing. Write your role, such as coordinator.")
    if str(fields.get("hours", "")).strip().casefold() in {"", NOT_CHECKED}:
        raise FormRefused("hours", "must be known before a line is confirmed. Write them as the official site gives them.")
    return {**fields, "confirmed_on": today.isoformat(), "confirmed_by": by.strip()}
