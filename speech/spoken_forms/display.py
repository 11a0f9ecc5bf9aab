"""The same values for eyes: what a transcript, a chat window or an SMS shows."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from speech.spoken_forms.codes import in_groups, phone_groups
from speech.spoken_forms.marks import CURRENCIES, MARK
from speech.spoken_forms.rules import Day, decimals_of, month_in_date, weekday_name
from speech.spoken_forms.values import parse_day, parse_iso_date, parse_time, parse_value

_UNIT_SIGNS = {"kwh": "kWh", "mwh": "MWh", "kw": "kW", "w": "W", "v": "V", "a": "A", "gb": "GB", "mb": "MB"}


def display(text: str, language: str) -> str:
    """Write marked values as people write them: `{499.50|nok}` becomes "499,50 kr".

    Args:
        text: perhaps with marks; text without marks comes back unchanged.
        language: nb, nn, en or uk.
    """
    return MARK.sub(lambda mark: _shown(mark["value"].strip(), mark["kind"].strip().lower(), language), text)


def _shown(value: str, kind: str, language: str) -> str:
    if kind in CURRENCIES:
        return _amount(value, CURRENCIES[kind], language)
    if kind in _SHOWN:
        return _SHOWN[kind](value, language)
    number = parse_value(value)
    if kind == "percent" and number is not None:
        return _number(value, language) + ("%" if language == "en" else " %")
    is_unit = number is not None and kind in _UNIT_SIGNS
    return f"{_number(value, language)} {_UNIT_SIGNS[kind]}" if is_unit else value


def _amount(value: str, currency: str, language: str) -> str:
    amount = parse_value(value)
    if amount is None:
        return value
    if len(decimals_of(amount)) == 1:
        amount = amount.quantize(Decimal("0.01"))
    figure = _figure(amount, language)
    if language == "en":
        return f"{currency} {figure}"
    return f"{figure} {'kr' if currency == 'NOK' and language in ('nb', 'nn') else currency}"


def _number(value: str, language: str) -> str:
    number = parse_value(value)
    return value if number is None else _figure(number, language)


def _figure(number: Decimal, language: str) -> str:
    """Thousands in threes from five digits on, as Norwegian and Ukrainian do; English has its commas."""
    if language == "en":
        return f"{number:,f}"
    grouped = f"{number:,f}" if abs(number) >= 10_000 else f"{number:f}"
    return grouped.replace(",", " ").replace(".", ",")


def _phone(value: str, language: str) -> str:
    if not re.fullmatch(r"\+?[\d ().-]+", value, re.ASCII):
        return value
    country, groups = phone_groups(value)
    return " ".join([country, *groups] if country else groups)


def _date(value: str, language: str) -> str:
    day = parse_day(value)
    return value if day is None else _written_day(day, language)


def _written_day(day: Day, language: str) -> str:
    stop = "" if language in ("en", "uk") else "."
    words = f"{day.day}{stop} {month_in_date(language if language in ('nb', 'nn', 'uk') else 'en', day.month)}"
    return words if day.year is None else f"{words} {day.year}"


def _weekday(value: str, language: str) -> str:
    iso = parse_iso_date(value)
    if iso is None:
        return _date(value, language)
    return f"{weekday_name(language, iso)} {_written_day(Day(iso.day, iso.month), language)}"


def _time(value: str, language: str) -> str:
    time = parse_time(value)
    return value if time is None else f"{time[0]:02}:{time[1]:02}"


def _datetime(value: str, language: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    day = _written_day(Day(moment.day, moment.month, moment.year), language)
    return f"{day}, {moment.hour:02}:{moment.minute:02}"


def _ordinal(value: str, language: str) -> str:
    number = value.rstrip(".")
    if not number.isdecimal():
        return value
    if language == "en":
        teen = number[-2:] in ("11", "12", "13")
        return number + ("th" if teen else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th"))
    return number + ("-й" if language == "uk" else ".")


def _grouped(*sizes: int) -> Callable[[str, str], str]:
    def show(value: str, language: str) -> str:
        digits = re.sub(r"[ .]", "", value)
        return " ".join(in_groups(digits, sizes)) if len(digits) == sum(sizes) else value

    return show


_SHOWN: dict[str, Callable[[str, str], str]] = {
    "phone": _phone,
    "date": _date,
    "day": _weekday,
    "time": _time,
    "datetime": _datetime,
    "number": _number,
    "ordinal": _ordinal,
    "orgnr": _grouped(3, 3, 3),
    "account": _grouped(4, 2, 5),
}
