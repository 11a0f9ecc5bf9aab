"""What the patterns say for what they find: one function per kind of value."""

import re
import unicodedata
from collections.abc import Callable

from speech.spoken_forms.codes import in_groups, speak_address, speak_code, speak_groups, speak_phone
from speech.spoken_forms.rules import Context, Day, Rules, month_names
from speech.spoken_forms.ukrainian_numbers import ordinal_by_ending
from speech.spoken_forms.values import is_day, parse_day, parse_number, parse_time

Speak = Callable[[re.Match[str], Rules, Context], str | None]
"""The words for a match, or None to leave it for the patterns behind."""

_UPPER_CASE_UNITS = {"w", "v", "a"}
_LONGEST_COUNT = 7
"""A bare row of this many digits is a code, not a count."""

_OFTEN_LAST = frozenset(
    ("og så videre", "og så vidare", "og lignende", "og liknande", "med mer", "med flere", "med fleire", "et cetera")
    + ("AM", "PM", "kroner", "moms", "måneder", "månader", "гривень", "годин", "хвилин", "так далі", "тому подібне")
)
"""Abbreviations that end a sentence when a capital letter follows."""


def read_address(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    return speak_address(match.group(), rules) or None


def read_iso_day(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    day = parse_day(match.group())
    if day is None:
        return None
    words = rules.date(day, context)
    _, _, time = match.group().partition("T")
    clock = parse_time(time) if time else None
    return f"{words}, {rules.clock(*clock, Context())}" if clock else words


def read_named_day(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    full, short = month_names(rules.code)
    name = match["month"].lower()
    month = (full.index(name) if name in full else short.index(name)) + 1
    day = Day(int(match["day"]), month, int(match["year"]) if match["year"] else None)
    if not is_day(day):
        return None
    words = rules.date(day, context)
    start = match.groupdict().get("from")
    if start is None or not is_day(Day(int(start), month)):
        return words
    return _span(rules.date(Day(int(start), month), context), rules.date(day, Context()), rules, context)


def read_numeric_day(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    day = parse_day(re.sub(r"\s", "", match.group()))
    if day is None:
        return None
    last = match.end() == len(match.string) and match.group().endswith(".")
    return rules.date(day, context) + ("." if last else "")


def _span(start: str, end: str, rules: Rules, context: Context) -> str:
    first, second = rules.span
    opening = f"{first} " if first and context.before not in (first, "від", "із", "зі") else ""
    return f"{opening}{start} {second} {end}"


def read_phone(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    return speak_phone(match.group(), rules)


def read_account(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    return speak_groups(in_groups(re.sub(r"\D", "", match.group()), (4, 2, 5)), rules)


def read_organisation(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    return speak_groups(in_groups(re.sub(r"\D", "", match.group()), (3, 3, 3)), rules)


def read_time(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    time = parse_time(match["time"])
    if time is None:
        return None
    hour, minute = time
    half = match.groupdict().get("half")
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    return rules.clock(hour, minute, context)


def read_time_span(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    start, end = (parse_time(part.strip()) for part in re.split("[–—-]", match.group()))
    if start is None or end is None:
        return None
    first, second = rules.span
    before = Context(first, context.after) if first else context
    spoken = rules.clock(*start, before), rules.clock(*end, Context(second, context.after))
    return _span(*spoken, rules, context)


def read_around_the_clock(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    return rules.symbols["24/7"]


def read_range(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    return rules.range_joint


def read_money(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    written = match.groupdict().get("currency") or "kr"
    currency = rules.currencies.get(written.lower().rstrip("."))
    amount = parse_number(match["number"], rules.decimal_comma)
    if amount is None or currency is None:
        return None
    # The written currency, too, may show a case: "1 крону".
    return rules.money(amount, currency, Context(context.before, written.lower()))


def read_quantity(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    unit = match["unit"]
    if len(unit) == 1 and unit.isalpha() and unit.isupper() != (unit.lower() in _UPPER_CASE_UNITS):
        return None
    number = parse_number(match["number"], rules.decimal_comma)
    return None if number is None else rules.quantity(number, rules.units[unit.lower()], context)


def read_ordinal(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    number = int(match[1])
    if not number:
        return None
    if rules.code == "uk":
        return ordinal_by_ending(number, match[2])
    return rules.ordinal(number, context)


def read_code(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    """An order number; "20-årsjubileum" and "5-romsleilighet" are a number and a word."""
    parts = re.split("[-_]", match.group())
    if any(part.isalpha() and not part.isupper() for part in parts):
        return None
    return speak_code(match.group(), rules) or None


def read_number(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    text = match["number"]
    if match["suffix"] and re.fullmatch(r"[12]\d{3}", text):
        return rules.year(int(text), Context(after="року")) + " року"
    words = _number_words(text, rules, context)
    return words + (match["suffix"] or "")


def _number_words(text: str, rules: Rules, context: Context) -> str:
    if text.isdecimal():
        if len(text) >= _LONGEST_COUNT or (text.startswith("0") and len(text) > 1):
            return speak_groups(in_groups(text), rules)
        if re.fullmatch(r"1[1-9]\d\d|20\d\d", text) and _is_year(rules, context):
            return rules.year(int(text), context)
    number = parse_number(text, rules.decimal_comma)
    if number is None:
        return speak_groups(in_groups(re.sub(r"\D", "", text)), rules)
    return rules.decimal(number, context)


def _is_year(rules: Rules, context: Context) -> bool:
    if rules.code == "uk":
        return context.after in ("року", "році", "рік", "роком")
    return context.before in rules.year_after or any(context.before in names for names in month_names(rules.code))


def read_per(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    unit = match["unit"].lower()
    return " " + rules.per(rules.per_words.get(unit) or rules.units[unit])


def saying(words: str) -> Speak:
    def speak(match: re.Match[str], rules: Rules, context: Context) -> str | None:
        """The words of an abbreviation; a stop that also ends the sentence is given back."""
        behind = match.string[match.end() :]
        ends = not behind.strip() or (words in _OFTEN_LAST and re.match(r"\s+[A-ZÆØÅА-ЯІЇЄҐ]", behind) is not None)
        capital = match.group()[0].isupper() and not match.group().isupper()
        said = words[0].upper() + words[1:] if capital else words
        return f"{said}." if ends and match.group().endswith(".") else said

    return speak


def read_sign(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    sign = match.group()
    if sign == "№" or sign == "#" and match.end() < len(match.string) and match.string[match.end()].isalnum():
        sign = "number"
    return f" {rules.symbols[sign]} "


def read_exotic_digit(match: re.Match[str], rules: Rules, context: Context) -> str | None:
    """Superscripts, circled digits and the like, which no number pattern takes."""
    return f" {rules.whole(unicodedata.digit(match.group()), Context())} "
