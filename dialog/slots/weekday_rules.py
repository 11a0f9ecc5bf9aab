"""Rules of weekdays, alone and beside other days, and from one day to another."""

from datetime import timedelta

from dialog.slots.calendar_days import (
    Span,
    add_days,
    last_weekday,
    monday_of,
    monthless,
    next_weekday,
    one_day,
    real_date,
    week_of,
    yearless,
)
from dialog.slots.day_rules import asked_month, day_number, days
from dialog.slots.period_rules import last_day_of_days
from dialog.slots.time_grammar import rule
from dialog.slots.time_values import Days, Length, Scene

JUST_PASSED_DAYS = 60
"""A weekday and a date without a year may fit a day so long past better than the next one."""


def _weekday(scene: Scene, weekday: int) -> Days:
    found = next_weekday(scene.today, weekday) if scene.ahead else last_weekday(scene.today, weekday)
    return Days((one_day(found),), loose="week")


def _coming_weekday(scene: Scene, weekday: int) -> Days:
    return Days((one_day(next_weekday(scene.today, weekday)),), loose="week")


def _this_weekday(scene: Scene, weekday: int) -> Days:
    return Days((one_day(monday_of(scene.today) + timedelta(days=weekday)),))


def _next_weekday(scene: Scene, weekday: int) -> Days:
    """Both readings while this week's is still to come: half of the callers mean the one, half the other."""
    coming = next_weekday(scene.today, weekday)
    if monday_of(coming) == monday_of(scene.today):
        return Days((one_day(coming), one_day(coming + timedelta(days=7))))
    return Days((one_day(coming),))


def _latest_weekday(scene: Scene, weekday: int) -> Days:
    return Days((one_day(last_weekday(scene.today, weekday)),))


def _previous_weekday(scene: Scene, weekday: int) -> Days:
    latest = last_weekday(scene.today, weekday)
    if monday_of(latest) == monday_of(scene.today):
        return Days((one_day(latest - timedelta(days=7)), one_day(latest)))
    return Days((one_day(latest),))


def _weekday_of(scene: Scene, weekday: int, found: Days) -> Days | None:
    """A weekday beside days: one of a week or month, so many weeks ahead, or a check of a date."""
    if found.weeks:
        base = next_weekday(scene.today - timedelta(days=1), weekday)
        return days(add_days(base, 7 * found.weeks))
    if found.spans[0].grain in ("week", "weekend"):
        return Days(
            tuple(one_day(span.first + timedelta(days=(weekday - span.first.weekday()) % 7)) for span in found.spans)
        )
    if any(span.grain != "day" for span in found.spans):
        return None
    fits = tuple(span for span in found.spans if span.first.weekday() == weekday)
    if fits:
        return Days(fits, part=found.part)
    day = found.spans[0].first
    if found.loose == "year":
        other = yearless(scene.today, day.month, day.day, not scene.ahead)
        if other and other.weekday() == weekday and abs((other - scene.today).days) <= JUST_PASSED_DAYS:
            return Days((one_day(other),))
    nearest = min((day + timedelta(days=step) for step in range(-3, 4)), key=lambda near: near.weekday() != weekday)
    year_after = real_date(day.year + 1, day.month, day.day) if found.loose == "year" else None
    fits_later = (year_after,) if year_after and year_after.weekday() == weekday else ()
    return Days(tuple(one_day(one) for one in (day, nearest, *fits_later)), part=found.part)


def _days_weekday(scene: Scene, found: Days, weekday: int) -> Days | None:
    return _weekday_of(scene, weekday, found) if found.weeks or found.spans[0].grain == "week" else None


def _written_ordinal(scene: Scene, day: int) -> Days | None:
    """ "For the 23rd" is a day whatever was asked for."""
    found = monthless(scene.today, day, scene.ahead)
    return Days((one_day(found),), loose="year") if found else None


def _weekday_number(scene: Scene, weekday: int, day: int) -> Days | None:
    found = day_number(scene, day)
    return _weekday_of(scene, weekday, found) if found else None


def _number_of_month(scene: Scene, day: int, month: Days) -> Days | None:
    """ "the 30th of this month"."""
    if len(month.spans) != 1 or month.spans[0].grain != "month":
        return None
    first = month.spans[0].first
    return days(real_date(first.year, first.month, day))


def _weekday_beside(scene: Scene, weekday: int, found: Days, ahead: bool) -> Days | None:
    if len(found.spans) != 1:
        return None
    span = found.spans[0]
    return days(next_weekday(span.last, weekday) if ahead else last_weekday(span.first, weekday))


def _weekday_after(scene: Scene, weekday: int, found: Days) -> Days | None:
    return _weekday_beside(scene, weekday, found, ahead=True)


def _weekday_before(scene: Scene, weekday: int, found: Days) -> Days | None:
    return _weekday_beside(scene, weekday, found, ahead=False)


def _unit_beside(unit: str, found: Days, step: int) -> Days | None:
    """The day or week after or before days."""
    if len(found.spans) != 1 or unit not in ("day", "week"):
        return None
    span = found.spans[0]
    if unit == "day":
        return days((span.last if step > 0 else span.first) + timedelta(days=step))
    return Days((week_of((span.last if step > 0 else span.first) + timedelta(days=7 * step)),))


def _unit_after(scene: Scene, unit: str, found: Days) -> Days | None:
    return _unit_beside(unit, found, 1)


def _unit_before(scene: Scene, unit: str, found: Days) -> Days | None:
    return _unit_beside(unit, found, -1)


def _weekday_and_length(scene: Scene, weekday: int, length: Length) -> Days | None:
    """ "søndag åtte dager", "søndag fjorten dager": Sunday, and so much later; eight days are a week."""
    later = 7 if length.days == 8 else length.days
    if later % 7 or not later or length.months or length.seconds:
        return None
    return days(add_days(next_weekday(scene.today - timedelta(days=1), weekday), later))


def _day_and_length(scene: Scene, start: Days, length: Length) -> Days | None:
    if length.days not in (8, 14) or len(start.spans) != 1 or length.months or length.seconds:
        return None
    return days(add_days(start.spans[0].first, 7 if length.days == 8 else 14))


def _weekday_week(scene: Scene, weekday: int, unit: str) -> Days | None:
    """ "Monday week", in English."""
    return days(next_weekday(scene.today, weekday) + timedelta(days=7)) if unit == "week" else None


def range_of(first: Days, last: Days) -> Days | None:
    """From one day to another; an open week or year of the end follows the beginning."""
    if len(first.spans) != 1 or len(last.spans) != 1:
        return None
    begin, end = first.spans[0].first, last.spans[0].last
    if last.loose == "week":
        end = begin + timedelta(days=(end - begin).days % 7 or 7)
    elif last.loose == "year" and end < begin:
        end = yearless(begin, end.month, end.day, ahead=True) or end
    if first.loose == "year" and not last.loose and begin > end:
        begin = yearless(end, begin.month, begin.day, ahead=False) or begin
    return Days((Span(begin, end, "range"),), sure=first.sure and last.sure) if begin <= end else None


def _range(scene: Scene, first: Days, last: Days) -> Days | None:
    return range_of(first, last)


def _number_to_days(scene: Scene, number: int, last: Days) -> Days | None:
    if len(last.spans) != 1 or last.spans[0].grain != "day":
        return None
    end = last.spans[0].first
    begin = real_date(end.year, end.month, number)
    return Days((Span(begin, end, "range"),)) if begin and begin <= end else None


def _days_to_number(scene: Scene, first: Days, number: int) -> Days | None:
    if len(first.spans) != 1 or first.spans[0].grain != "day":
        return None
    begin = first.spans[0].first
    end = real_date(begin.year, begin.month, number)
    return Days((Span(begin, end, "range"),)) if end and begin <= end else None


WEEKDAY_RULES = (
    rule("ON* LAST_ONE =UNIT (OF|ON|AT)* =DAYS", "DAYS", last_day_of_days),
    rule("(ON|AT)* =DAY_NUMBER (OF|ON)* =DAYS", "DAYS", _number_of_month),
    rule("(OF|ON|AT)* =WEEKDAY (OF|ON|AT)* =DAYS", "DAYS", _weekday_of),
    rule("=DAYS (OF|ON|AT)* =WEEKDAY", "DAYS", _days_weekday),
    rule("(OF|ON|AT)* =WEEKDAY ON* =ORDINAL", "DAYS", _weekday_number),
    rule("(OF|ON|AT)* =WEEKDAY AFTER ON? =DAYS", "DAYS", _weekday_after),
    rule("(OF|ON|AT)* =WEEKDAY BEFORE ON? =DAYS", "DAYS", _weekday_before),
    rule("(OF|ON|AT)* =WEEKDAY AFTER", "DAYS", _next_weekday),
    rule("(OF|ON|AT)* =UNIT AFTER =DAYS", "DAYS", _unit_after),
    rule("(OF|ON|AT)* =UNIT BEFORE =DAYS", "DAYS", _unit_before),
    rule("(OF|ON|AT)* =WEEKDAY =LENGTH", "DAYS", _weekday_and_length),
    rule("(OF|ON|AT)* =WEEKDAY =UNIT", "DAYS", _weekday_week),
    rule("=DAYS =LENGTH", "DAYS", _day_and_length),
    rule("(OF|ON|AT)* COMING =WEEKDAY", "DAYS", _coming_weekday),
    rule("(OF|ON|AT)* =WEEKDAY COMING", "DAYS", _coming_weekday),
    rule("(OF|ON|AT)* THIS =WEEKDAY", "DAYS", _this_weekday),
    rule("(OF|ON|AT)* NEXT =WEEKDAY", "DAYS", _next_weekday),
    rule("(OF|ON|AT)* PREVIOUS =WEEKDAY", "DAYS", _previous_weekday),
    rule("(OF|ON|AT)* LAST =WEEKDAY", "DAYS", _latest_weekday),
    rule("(OF|ON|AT)* =WEEKDAY", "DAYS", _weekday),
    rule("(IN|OF|ON|AT)* =MONTH =YEAR?", "DAYS", asked_month),
    rule("ON =ORDINAL", "DAYS", day_number),
    rule("ON+ =WRITTEN_ORDINAL", "DAYS", _written_ordinal),
)
"""Weekdays, and what is left of months and day numbers."""

NUMBER_RANGE_RULES = (
    rule("(FROM|ON)* =DAY_NUMBER (UNTIL|DASH) ON? =DAYS", "DAYS", _number_to_days),
    rule("BETWEEN ON? =DAY_NUMBER AND ON? =DAYS", "DAYS", _number_to_days),
    rule("(FROM|ON)* =DAYS (UNTIL|DASH) ON? =DAY_NUMBER", "DAYS", _days_to_number),
)
"""From one day of a month to another; before the numbers become days by themselves."""

RANGE_RULES = (
    rule("FROM? =DAYS PART? (UNTIL|DASH) ON? =DAYS", "DAYS", _range),
    rule("BETWEEN =DAYS AND =DAYS", "DAYS", _range),
)
"""From one day to another."""
