"""Marked values: `{92243711|phone}` in a template says what the number is, so nobody has to guess.

Kinds: nok (kr), eur, usd, gbp, sek, dkk, uah; phone, id, date, day (with its weekday, without a year), time,
datetime, email, url, orgnr, account, kid, digits, postcode, percent, number, ordinal, year, spell; any unit the
language knows ("kwh", "km"). An unknown kind, or a value that does not fit its kind, is read like running text.
"""

import re
from collections.abc import Callable
from datetime import datetime

from speech.spoken_forms.codes import (
    digits_one_by_one,
    in_groups,
    letters_one_by_one,
    speak_address,
    speak_code,
    speak_groups,
    speak_phone,
)
from speech.spoken_forms.rules import Context, Day, Rules, weekday_name
from speech.spoken_forms.values import parse_day, parse_iso_date, parse_time, parse_value

MARK = re.compile(r"\{(?P<value>[^{}|]*)\|(?P<kind>[^{}|]*)\}")

CURRENCIES = {
    "nok": "NOK",
    "kr": "NOK",
    "eur": "EUR",
    "usd": "USD",
    "gbp": "GBP",
    "sek": "SEK",
    "dkk": "DKK",
    "uah": "UAH",
}


def speak_mark(value: str, kind: str, rules: Rules, context: Context) -> str | None:
    """The words of a marked value, or None when the kind is unknown or the value does not fit it."""
    kind = kind.strip().lower()
    value = value.strip()
    if kind in CURRENCIES:
        amount = parse_value(value)
        return None if amount is None else rules.money(amount, CURRENCIES[kind], context)
    if kind in _SPEAKERS:
        return _SPEAKERS[kind](value, rules, context)
    unit = rules.units.get("%" if kind == "percent" else kind)
    number = parse_value(value)
    return None if unit is None or number is None else rules.quantity(number, unit, context)


def _phone(value: str, rules: Rules, context: Context) -> str | None:
    return speak_phone(value, rules) if _only_digits(value) else None


def _code(value: str, rules: Rules, context: Context) -> str | None:
    return speak_code(value, rules) or None


def _address(value: str, rules: Rules, context: Context) -> str | None:
    return speak_address(value, rules) or None


def _date(value: str, rules: Rules, context: Context) -> str | None:
    day = parse_day(value)
    return None if day is None else rules.date(day, context)


def _weekday(value: str, rules: Rules, context: Context) -> str | None:
    iso = parse_iso_date(value)
    if iso is None:
        return _date(value, rules, context)
    return f"{weekday_name(rules.code, iso)} {rules.date(Day(iso.day, iso.month), Context())}"


def _time(value: str, rules: Rules, context: Context) -> str | None:
    time = parse_time(value)
    return None if time is None else rules.clock(*time, context)


def _datetime(value: str, rules: Rules, context: Context) -> str | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    day = rules.date(Day(moment.day, moment.month, moment.year), context)
    return f"{day}, {rules.clock(moment.hour, moment.minute, Context())}"


def _number(value: str, rules: Rules, context: Context) -> str | None:
    number = parse_value(value)
    return None if number is None else rules.decimal(number, context)


def _ordinal(value: str, rules: Rules, context: Context) -> str | None:
    number = parse_value(value.rstrip("."))
    if number is None or number != int(number) or not 0 < number < 1_000_000:
        return None
    return rules.ordinal(int(number), context)


def _year(value: str, rules: Rules, context: Context) -> str | None:
    return rules.year(int(value), context) if re.fullmatch(r"[12]\d{3}", value, re.ASCII) else None


def _spell(value: str, rules: Rules, context: Context) -> str | None:
    runs = re.findall(r"\d|[^\W\d_]", value)
    named = [digits_one_by_one(run, rules) if run.isdecimal() else letters_one_by_one(run, rules) for run in runs]
    return ", ".join(named) or None


def _grouped(*sizes: int) -> Callable[[str, Rules, Context], str | None]:
    def speak(value: str, rules: Rules, context: Context) -> str | None:
        if not _only_digits(value):
            return None
        digits = re.sub(r"\D", "", value)
        fits = not sizes or len(digits) == sum(sizes)
        return speak_groups(in_groups(digits, sizes if fits else ()), rules)

    return speak


def _only_digits(value: str) -> bool:
    return re.fullmatch(r"\+?[\d \u00a0.()\-]*\d[\d \u00a0.()\-]*", value, re.ASCII) is not None


_SPEAKERS: dict[str, Callable[[str, Rules, Context], str | None]] = {
    "phone": _phone,
    "id": _code,
    "date": _date,
    "day": _weekday,
    "time": _time,
    "datetime": _datetime,
    "email": _address,
    "url": _address,
    "orgnr": _grouped(3, 3, 3),
    "account": _grouped(4, 2, 5),
    "kid": _grouped(),
    "digits": _grouped(),
    "postcode": _grouped(2, 2),
    "number": _number,
    "ordinal": _ordinal,
    "year": _year,
    "spell": _spell,
}
