"""Days of the calendar: spans of days, the next such weekday or date, feasts that move with Easter."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Grain = Literal["day", "weekend", "week", "month", "quarter", "season", "year", "range"]
"""How much the caller named; "range" is from one day to another."""

YEARS_TO_SEARCH = 8
"""29 February comes at the latest after eight years."""

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years callers speak of; beyond them something was misheard."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from first to last, both included."""

    first: date
    last: date
    grain: Grain = "day"


def one_day(day: date) -> Span:
    """A single day."""
    return Span(day, day)


def real_date(year: int, month: int, day: int) -> date | None:
    """The date, or None when there is none such, or nobody speaks of that year."""
    if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]:
        return date(year, month, day)
    return None


def yearless(today: date, month: int, day: int, ahead: bool) -> date | None:
    """The next such date from today on, or with ahead=False the last one up to today."""
    for step in range(YEARS_TO_SEARCH + 1):
        found = real_date(today.year + (step if ahead else -step), month, day)
        if found is not None and (found >= today if ahead else found <= today):
            return found
    return None


def monthless(today: date, day: int, ahead: bool) -> date | None:
    """The next day with that number from today on, or with ahead=False the last one up to today."""
    for step in range(12):
        first = add_months(today.replace(day=1), step if ahead else -step)
        found = real_date(first.year, first.month, day)
        if found is not None and (found >= today if ahead else found <= today):
            return found
    return None


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on, or that month's last day; stays within the years there are."""
    index = min(max(day.year * 12 + day.month - 1 + months, 12), 9999 * 12 + 11)
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_days(day: date, days: int) -> date | None:
    """So many days on, or None outside the years people speak of."""
    if abs(days) > 366 * 200:
        return None
    found = day + timedelta(days=days)
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def next_weekday(today: date, weekday: int) -> date:
    """The first such weekday after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def last_weekday(today: date, weekday: int) -> date:
    """The latest such weekday before today."""
    return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def week_of(day: date) -> Span:
    """Monday to Sunday around a day."""
    monday = monday_of(day)
    return Span(monday, monday + timedelta(days=6), "week")


def weekend_of(day: date) -> Span:
    """Saturday and Sunday of the day's week."""
    monday = monday_of(day)
    return Span(monday + timedelta(days=5), monday + timedelta(days=6), "weekend")


def month_of(day: date) -> Span:
    """The day's whole month."""
    return Span(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]), "month")


def quarter_of(day: date) -> Span:
    """The day's whole quarter."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Span(first, add_months(first, 3) - timedelta(days=1), "quarter")


def year_of(day: date) -> Span:
    """The day's whole year."""
    return Span(date(day.year, 1, 1), date(day.year, 12, 31), "year")


def week_number(today: date, number: int, ahead: bool) -> Span | None:
    """The next ISO week with that number that is not over, or with ahead=False the last one that has begun."""
    for step in range(YEARS_TO_SEARCH):
        try:
            monday = date.fromisocalendar(today.year + (step if ahead else -step), number, 1)
        except ValueError:  # no such week in that year
            continue
        found = week_of(monday)
        if found.last >= today if ahead else found.first <= today:
            return found
    return None


def easter(year: int) -> date:
    """Easter Sunday of the western churches. Source: the anonymous Gregorian algorithm (Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def orthodox_easter(year: int) -> date:
    """Easter Sunday of the eastern churches in the civil calendar, 1900 to 2099. Source: Meeus' Julian algorithm."""
    d = (19 * (year % 19) + 15) % 30
    e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)


def feast(name: str, year: int) -> date | None:
    """A feast of a year.

    Args:
        name: "12-24" (month and day), "easter-3", "orthodox+0" (days from Easter) or "sunday-2-11" (the second
            Sunday of November).
        year: of the civil calendar.
    """
    moved = re.fullmatch(r"(easter|orthodox)([+-]\d+)", name)
    if moved:
        return add_days(easter(year) if moved[1] == "easter" else orthodox_easter(year), int(moved[2]))
    sunday = re.fullmatch(r"sunday-(\d)-(\d+)", name)
    if sunday:
        return nth_weekday(year, int(sunday[2]), 6, int(sunday[1]))
    month, _, day = name.partition("-")
    return real_date(year, int(month), int(day))


def nth_weekday(year: int, month: int, weekday: int, number: int) -> date | None:
    """The first, second ... such weekday of a month; -1 is the last."""
    length = monthrange(year, month)[1]
    days = [date(year, month, day) for day in range(1, length + 1) if date(year, month, day).weekday() == weekday]
    if number == -1:
        return days[-1]
    return days[number - 1] if 1 <= number <= len(days) else None
