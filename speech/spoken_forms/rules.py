"""What the patterns and marks need to know of a language; one class per language knows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from babel import Locale


@dataclass(frozen=True, slots=True)
class Context:
    """The words on both sides of a number, which decide gender, case, and whether "klokka" was said already.

    Args:
        before: the word before, lower case, "" when there is none.
        after: the word after, likewise.
    """

    before: str = ""
    after: str = ""


ALONE = Context()


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar, perhaps without its year."""

    day: int
    month: int
    year: int | None = None


class Rules(Protocol):
    """How one language says things. Every method returns words only: no digit, no symbol.

    Attributes:
        code: nb, nn, en or uk.
        decimal_comma: 12,5 rather than 12.5.
        range_joint: between two numbers: "to til tre".
        span: words before the first and the second end of a span of times or days: ("", "til"), ("з", "до").
        year_after: words after which four digits are a year.
        per_words: what may stand behind the slash of a price, and its spoken form: "mnd" -> "måned".
        letters: names of the letters.
        symbols: names of signs, and of a few ideas ("number", "minus", "or").
        phrases: abbreviations as regular expressions, and their words.
        currencies: how a currency is written (lower case) -> its ISO 4217 code.
        units: how a unit is written (lower case) -> the name that `quantity` takes.
        phone_in_pairs: "nittito, tjuefire" rather than "nine two, two four".
        phone_cues: what stands before a number that is dialled, its space included.
        clock_cues: what stands before an hour without minutes.
    """

    @property
    def code(self) -> str: ...
    @property
    def decimal_comma(self) -> bool: ...
    @property
    def range_joint(self) -> str: ...
    @property
    def span(self) -> tuple[str, str]: ...
    @property
    def year_after(self) -> frozenset[str]: ...
    @property
    def per_words(self) -> Mapping[str, str]: ...
    @property
    def letters(self) -> Mapping[str, str]: ...
    @property
    def symbols(self) -> Mapping[str, str]: ...
    @property
    def phrases(self) -> Sequence[tuple[str, str]]: ...
    @property
    def currencies(self) -> Mapping[str, str]: ...
    @property
    def units(self) -> Mapping[str, str]: ...
    @property
    def phone_in_pairs(self) -> bool: ...
    @property
    def phone_cues(self) -> Sequence[str]: ...
    @property
    def clock_cues(self) -> Sequence[str]: ...

    def whole(self, number: int, context: Context) -> str:
        """Cardinal, 0 <= number < 10**12."""

    def decimal(self, number: Decimal, context: Context) -> str:
        """Any number of at most twelve digits before the comma."""

    def ordinal(self, number: int, context: Context) -> str:
        """Ordinal, 0 < number < 10**6."""

    def year(self, number: int, context: Context) -> str:
        """A year of four digits."""

    def date(self, day: Day, context: Context) -> str:
        """A day; the year is said when it is there."""

    def clock(self, hour: int, minute: int, context: Context) -> str:
        """A time of day, 0..24 and 0..59."""

    def money(self, amount: Decimal, currency: str, context: Context) -> str:
        """An amount; `currency` is one of the values of `currencies`."""

    def quantity(self, number: Decimal, unit: str, context: Context) -> str:
        """A number with its unit; `unit` is one of the values of `units`."""

    def per(self, unit: str) -> str:
        """What follows a price: "per kilowattime"; `unit` is one of the values of `units` or `per_words`."""

    def finish(self, text: str) -> str:
        """A last look at words that the language's voice cannot pronounce."""


@lru_cache
def month_names(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the twelve months as they stand in a date: in full, and short without their stop."""
    months = Locale.parse(language).months["format"]
    wide, short = ([str(months[width][n]) for n in range(1, 13)] for width in ("wide", "abbreviated"))
    return tuple(name.lower() for name in wide), tuple(name.lower().rstrip(".") for name in short)


def month_in_date(language: str, month: int) -> str:
    """The month as it is written in a date: "desember", "December", "грудня"."""
    return str(Locale.parse(language).months["format"]["wide"][month])


def weekday_name(language: str, day: date) -> str:
    """The day of the week as it is written in running text."""
    return str(Locale.parse(language).days["format"]["wide"][day.weekday()])


def whole_and_cents(amount: Decimal) -> tuple[int, int] | None:
    """Split an amount into its two coins, or None when it is finer than that ("0,4567 kr")."""
    cents = amount * 100
    if cents != cents.to_integral_value():
        return None
    major, minor = divmod(int(cents), 100)
    return major, minor


def decimals_of(number: Decimal) -> str:
    """The digits behind the comma as they were written, "" when there are none."""
    return f"{number:f}".partition(".")[2]
