"""Reading the values themselves: numbers, days and times as people and programs write them."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from speech.spoken_forms.rules import Day

LARGEST = 10**12
"""Numbers from here on are read digit by digit."""

_COMMA_NUMBER = re.compile(r"[-−]?(\d{1,3}([   .]\d{3})+|\d+)(,\d+)?|[-−]?\d+\.\d+")
_POINT_NUMBER = re.compile(r"[-−]?(\d{1,3}([,   ]\d{3})+|\d+)(\.\d+)?")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?")
_EUROPEAN_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./]?(\d{4})?")


def plain_signs(text: str) -> str:
    """Turn decimal digits of any script into 0-9 and control characters into spaces; soft hyphens and the like go."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_plain_sign, text))


def _plain_sign(sign: str) -> str:
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    category = unicodedata.category(sign)
    return "" if category == "Cf" else " " if category in ("Cc", "Cs") else sign


def parse_number(text: str, decimal_comma: bool) -> Decimal | None:
    """A number as written in running text, or None.

    Args:
        text: "1 499,50", "1.499,50", "12,5" with a decimal comma; "1,499.50" without.
        decimal_comma: how the language writes. A program's "499.50" is understood everywhere.
    """
    text = text.strip()
    pattern = _COMMA_NUMBER if decimal_comma else _POINT_NUMBER
    if not pattern.fullmatch(text):
        return None
    plain = re.sub(r"[   ]", "", text.replace("−", "-"))
    if not decimal_comma:
        plain = plain.replace(",", "")
    elif "," in plain or re.fullmatch(r"-?\d{1,3}(\.\d{3})+", plain):
        plain = plain.replace(".", "").replace(",", ".")
    return _in_range(plain)


def parse_value(text: str) -> Decimal | None:
    """A number as a program writes it into a mark ("499.50", "-3"), or a person ("1 499,50"); None if neither."""
    plain = text.strip().replace("−", "-")
    if re.fullmatch(r"[-]?\d+(\.\d+)?", plain, re.ASCII):
        return _in_range(plain)
    return parse_number(plain, decimal_comma=True) or parse_number(plain, decimal_comma=False)


def _in_range(plain: str) -> Decimal | None:
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if abs(number) < LARGEST else None


def parse_time(text: str) -> tuple[int, int] | None:
    """Hour 0..24 and minute of "14:30", "14.30" or "8:00:00", or None."""
    found = _TIME.fullmatch(text.strip())
    if found is None and re.fullmatch(r"\d{1,2}", text.strip(), re.ASCII):
        hour, minute = int(text), 0
    elif found is not None:
        hour, minute = int(found[1]), int(found[2])
    else:
        return None
    return (hour, minute) if (hour < 24 and minute < 60) or (hour, minute) == (24, 0) else None


def parse_day(text: str) -> Day | None:
    """A day from "2026-12-24", "24.12.2026", "24.12." or "24/12/2026", or None when there is no such day."""
    text = text.strip()
    iso = parse_iso_date(text)
    if iso is not None:
        return Day(iso.day, iso.month, iso.year)
    found = _EUROPEAN_DAY.fullmatch(text)
    if found is None:
        return None
    day = Day(int(found[1]), int(found[2]), int(found[3]) if found[3] else None)
    return day if is_day(day) else None


def parse_iso_date(text: str) -> date | None:
    """ISO 8601 date, a time behind it ignored, or None."""
    try:
        return datetime.fromisoformat(text).date() if len(text) >= 10 and text[4] == "-" else None
    except ValueError:
        return None


def is_day(day: Day) -> bool:
    """Whether the calendar has such a day; without a year, 29 February counts."""
    try:
        date(day.year if day.year is not None else 2024, day.month, day.day)
    except ValueError:
        return False
    return day.year is None or 1_000 <= day.year < 3_000
