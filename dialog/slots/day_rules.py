"""Rules of the calendar: "den tredje mars", "24.12.", "onsdag i neste uke", "om fjorten dager", "другий вівторок"."""

from datetime import date

from dialog.slots.calendar_days import (
    Span,
    add_days,
    feast,
    month_of,
    monthless,
    nth_weekday,
    one_day,
    real_date,
    week_of,
    yearless,
)
from dialog.slots.time_grammar import rule
from dialog.slots.time_values import Days, Scene

YEARS_AHEAD_OF_TWO_FIGURES = 20
"""A year of two figures is at most so many years ahead, else in the century before."""


def days(found: date | None) -> Days | None:
    """Exactly one day."""
    return None if found is None else Days((one_day(found),))


def _two_figures(scene: Scene, year: int) -> int:
    century = scene.today.year // 100 * 100
    return century + year - (100 if century + year > scene.today.year + YEARS_AHEAD_OF_TWO_FIGURES else 0)


def _ymd(scene: Scene, text: str) -> Days | None:
    year, month, day = (int(part) for part in text.replace("/", "-").replace(".", "-").split("-"))
    return days(real_date(year, month, day))


def _dmy(scene: Scene, text: str) -> Days | None:
    day, month, year = (int(part) for part in text.replace("/", "-").replace(".", "-").split("-"))
    if month > 12 >= day and scene.language == "en":
        day, month = month, day  # as Americans write it
    return days(real_date(year if year > 99 else _two_figures(scene, year), month, day))


def _pair(scene: Scene, text: str, year: int | None) -> Days | None:
    day, month = (int(part) for part in text.rstrip(".").replace("/", "-").replace(".", "-").split("-"))
    return month_day(scene, day, month, year)


def month_day(scene: Scene, day: int, month: int, year: int | None = None) -> Days | None:
    """A day of a month, of the year that was named or the nearest one."""
    if year is not None:
        return days(real_date(year, month, day))
    found = yearless(scene.today, month, day, scene.ahead)
    return None if found is None else Days((one_day(found),), loose="year")


def _month_first(scene: Scene, month: int, day: int, year: int | None) -> Days | None:
    return month_day(scene, day, month, year)


def _two_years(scene: Scene, day: int, month: int, century: int, year: int) -> Days | None:
    # "nitten åttifem", "twenty twenty six"
    fits = century in (19, 20) and 0 <= year <= 99 and month <= 12
    return month_day(scene, day, month, century * 100 + year) if fits else None


def _short_year(scene: Scene, day: int, month: int, year: int) -> Days | None:
    # "12. mars 18" may go on with the clock.
    fits = 24 < year < 100 and month <= 12
    return month_day(scene, day, month, _two_figures(scene, year)) if fits else None


def _short_year_named(scene: Scene, day: int, month: int, year: int) -> Days | None:
    return month_day(scene, day, month, _two_figures(scene, year)) if year < 100 else None


def _of_month(scene: Scene, day: int, month: int, year: int | None) -> Days | None:
    return month_day(scene, day, month, year) if month <= 12 else None


def _day_unit_of_month(scene: Scene, day: int, unit: str, month: int, year: int | None) -> Days | None:
    if unit == "week":
        return _week_of_month(scene, day, month, year)
    return month_day(scene, day, month, year) if unit == "day" else None


def _last_unit_of_month(scene: Scene, unit: str, month: int, year: int | None) -> Days | None:
    if unit == "week":
        return _week_of_month(scene, -1, month, year)
    whole = whole_month(scene, month, year)
    return days(whole.spans[0].last) if whole and unit == "day" else None


def _week_of_month(scene: Scene, number: int, month: int, year: int | None) -> Days | None:
    """The week of the month's first, second ... Monday; the last one is the last that lies wholly in it."""
    whole = whole_month(scene, month, year)
    if whole is None:
        return None
    first = whole.spans[0].first
    if number == -1:
        sunday = nth_weekday(first.year, first.month, 6, -1)
        return Days((week_of(sunday),)) if sunday else None
    monday = nth_weekday(first.year, first.month, 0, number)
    return Days((week_of(monday),)) if monday else None


def whole_month(scene: Scene, month: int, year: int | None) -> Days | None:
    """A month of the year that was named, or the nearest one."""
    if year is not None:
        first = real_date(year, month, 1)
    else:
        this = scene.today.replace(day=1)
        first = yearless(this, month, 1, scene.ahead)
    return None if first is None else Days((month_of(first),), loose="" if year else "year")


def _relative(scene: Scene, ahead: int) -> Days | None:
    return days(add_days(scene.today, ahead))


def _no_such_day(scene: Scene, year: int | None) -> bool:
    # Tried behind the rules for real dates: "31. april".
    return True


def _today_part(scene: Scene, part: str) -> Days:
    return Days((one_day(scene.today),), part=part)


def _feast(scene: Scene, name: str, year: int | None) -> Days | None:
    if year is not None:
        return days(feast(name, year))
    today = scene.today
    near = [feast(name, today.year + step) for step in (-1, 0, 1)]
    found = [day for day in near if day is not None and (day >= today if scene.ahead else day <= today)]
    return days(found[0] if scene.ahead else found[-1]) if found else None


def _feast_span(scene: Scene, name: str, year: int | None) -> Days | None:
    first, _, last = name.partition("/")
    years = [year] if year else [scene.today.year + step for step in (-1, 0, 1)]
    both = [(feast(first, one), feast(last, one)) for one in years]
    spans = [Span(begin, end, "range") for begin, end in both if begin and end]
    fits = [span for span in spans if year or (span.last >= scene.today if scene.ahead else span.first <= scene.today)]
    # Nobody agrees where Christmas begins.
    return Days((fits[0] if scene.ahead else fits[-1],), sure=False) if fits else None


def _nth_weekday(scene: Scene, number: int, weekday: int, month: int, year: int | None) -> Days | None:
    if year is not None:
        return days(nth_weekday(year, month, weekday, number))
    near = [nth_weekday(scene.today.year + step, month, weekday, number) for step in (-1, 0, 1)]
    found = [day for day in near if day and (day >= scene.today if scene.ahead else day <= scene.today)]
    return days(found[0] if scene.ahead else found[-1]) if found else None


def _last_weekday_of(scene: Scene, weekday: int, month: int, year: int | None) -> Days | None:
    return _nth_weekday(scene, -1, weekday, month, year)


def day_number(scene: Scene, day: int) -> Days | None:
    """The nearest day with that number."""
    found = monthless(scene.today, day, scene.ahead) if scene.expected else None
    return None if found is None else Days((one_day(found),), loose="year")


def _lone_number(scene: Scene, day: int) -> Days | None:
    found = day_number(scene, day)
    return None if found is None else Days(found.spans, loose="year", sure=False)


def _lone_ordinal(scene: Scene, day: int) -> Days | None:
    # "the second", "den andre" may be something else in a row.
    return day_number(scene, day) if day > 2 else _lone_number(scene, day)


def _typed(scene: Scene, text: str) -> Days | None:
    day, month, year = int(text[:2]), int(text[2:4]), int(text[4:])
    return days(real_date(year if year > 99 else _two_figures(scene, year), month, day))


def _typed_four(scene: Scene, text: str) -> Days | None:
    return month_day(scene, int(text[:2]), int(text[2:]))


def asked_month(scene: Scene, month: int, year: int | None) -> Days | None:
    """A month alone; without a year only when something of time was asked for ("may" is a verb too)."""
    return whole_month(scene, month, year) if scene.expected or year else None


YEAR = "(=YEAR YEAR_WORD?)?"

DATE_RULES = (
    rule("=YMD", "DAYS", _ymd),
    rule("=DMY YEAR_WORD?", "DAYS", _dmy),
    rule("(ON|AT)? =PAIR =YEAR?", "DAYS", _pair),
    rule(f"(ON|AT)* =DAY_NUMBER (OF|ON)? =MONTH {YEAR}", "DAYS", month_day),
    rule("(ON|AT)* =DAY_NUMBER (OF|ON)? =MONTH =NUMBER =NUMBER", "DAYS", _two_years),
    rule("(ON|AT)* =DAY_NUMBER (OF|ON)? =MONTH =NUMBER", "DAYS", _short_year),
    rule("(ON|AT)* =DAY_NUMBER =MONTH =ORDINAL YEAR_WORD", "DAYS", _short_year_named),
    rule(f"(ON|AT)* =MONTH ON? =DAY_NUMBER {YEAR}", "DAYS", _month_first),
    rule("=DAY_NUMBER =UNIT (OF|ON)? =MONTH =YEAR?", "DAYS", _day_unit_of_month),
    rule("LAST_ONE =UNIT (OF|ON)? =MONTH =YEAR?", "DAYS", _last_unit_of_month),
    rule(f"(ON|AT)* =ORDINAL (OF|ON)* =ORDINAL {YEAR}", "DAYS", _of_month),
    rule(f"(ON|AT)* =ORDINAL =WEEKDAY (OF|ON)? =MONTH {YEAR}", "DAYS", _nth_weekday),
    rule("(ON|AT)* LAST_ONE =WEEKDAY (OF|ON)? =MONTH =YEAR?", "DAYS", _last_weekday_of),
    rule("(ON|AT)* =ORDINAL (OF|ON)* =ORDINAL =NUMBER", "DAYS", _short_year),
    rule("(ON|AT)* =ORDINAL (OF|ON)* =ORDINAL =NUMBER =NUMBER", "DAYS", _two_years),
    rule(f"(ON|AT)* (DAY_NUMBER|NUMBER|ORDINAL) (OF|ON)? MONTH {YEAR}", "NO_SUCH_DAY", _no_such_day),
    rule("=RELATIVE", "DAYS", _relative),
    rule("=TODAY_PART", "DAYS", _today_part),
    rule("THIS =PART", "DAYS", _today_part),
    rule("(OF|ON)* =HOLIDAY =YEAR?", "DAYS", _feast),
    rule("(OF|ON)* =HOLIDAY_SPAN =YEAR?", "DAYS", _feast_span),
)
"""Dates by their figures or names."""

ASKED_DATE_RULES = (
    rule("=DAY_NUMBER (OF|ON)? =DAY_NUMBER =YEAR?", "DAYS", _of_month),
    rule("=ROW", "DAYS", _typed),
    rule("=FOUR", "DAYS", _typed_four),
)
"""Figures that are a date when a day was asked for."""

LONE_NUMBER_RULES = (
    rule("=ORDINAL $", "DAYS", _lone_ordinal),
    rule("=DAY_NUMBER $", "DAYS", _lone_number),
)
"""The last resort when a day was asked for and no other was found."""
