"""Rules of weeks, months, quarters, years: "neste uke", "uke 50", "denne måneden", "останній тиждень вересня"."""

from datetime import date, timedelta

from dialog.slots.calendar_days import (
    Span,
    add_days,
    add_months,
    monday_of,
    month_of,
    quarter_of,
    real_date,
    week_number,
    week_of,
    weekend_of,
    year_of,
    yearless,
)
from dialog.slots.day_rules import days, whole_month
from dialog.slots.time_grammar import rule
from dialog.slots.time_values import Days, Scene


def _next_month(scene: Scene, month: int) -> Days:
    after = add_months(scene.today.replace(day=1), 1)
    return Days((month_of(add_months(after, (month - after.month) % 12)),))


def _last_month(scene: Scene, month: int) -> Days:
    before = add_months(scene.today.replace(day=1), -1)
    return Days((month_of(add_months(before, -((before.month - month) % 12))),))


def _this_month(scene: Scene, month: int) -> Days | None:
    return whole_month(scene, month, scene.today.year)


def _year(scene: Scene, year: int) -> Days | None:
    first = real_date(year, 1, 1)
    return Days((year_of(first),)) if first else None


def _quarter_of_year(scene: Scene, number: int, unit: str, year: int | None) -> Days | None:
    first = real_date(year or scene.today.year, number * 3 - 2, 1) if unit == "quarter" and number <= 4 else None
    return Days((quarter_of(first),)) if first else None


def _period(scene: Scene, unit: str, step: int) -> Days | None:
    today = scene.today
    if unit in ("week", "weekend"):
        near = add_days(monday_of(today), 7 * step)
        return None if near is None else Days((week_of(near) if unit == "week" else weekend_of(near),))
    if unit == "month":
        return Days((month_of(add_months(today, step)),))
    if unit == "quarter":
        return Days((quarter_of(add_months(today, 3 * step)),))
    if unit == "year":
        return Days((year_of(add_months(today, 12 * step)),))
    return days(add_days(today, step)) if unit == "day" else None


def _relative_year(scene: Scene, step: int) -> Days | None:
    return _period(scene, "year", step)


def _this_period(scene: Scene, unit: str) -> Days | None:
    return _period(scene, unit, 0)


def _next_period(scene: Scene, unit: str) -> Days | None:
    return _period(scene, unit, 1)


def _last_period(scene: Scene, unit: str) -> Days | None:
    # "siste dag" is the last of something, not yesterday.
    return _period(scene, unit, -1) if unit != "day" else None


def _last_day_of(scene: Scene, unit: str, whole: str) -> Days | None:
    found = _period(scene, whole, 0) if unit == "day" and whole != "day" else None
    return days(found.spans[0].last) if found else None


def last_day_of_days(scene: Scene, unit: str, whole: Days) -> Days | None:
    """ "Siste dag i neste måned"."""
    return days(whole.spans[0].last) if unit == "day" and len(whole.spans) == 1 else None


def _this_weekend(scene: Scene, _: object = None) -> Days | None:
    return _period(scene, "weekend", 0)


def _numbered_week(scene: Scene, unit: str, number: int, year: int | None) -> Days | None:
    if unit != "week" or number > 53:
        return None
    today = scene.today if year is None else date(year, 1, 4)
    found = week_number(today, number, scene.ahead or year is not None)
    return Days((found,)) if found else None


def _numbered_weeks(scene: Scene, unit: str, first: int, last: int) -> Days | None:
    begin, end = _numbered_week(scene, unit, first, None), _numbered_week(scene, unit, last, None)
    if begin is None or end is None or begin.spans[0].first > end.spans[0].last:
        return None
    return Days((Span(begin.spans[0].first, end.spans[0].last, "range"),))


def _season(scene: Scene, month: int) -> Days | None:
    first = yearless(add_months(scene.today.replace(day=1), -2), month, 1, scene.ahead)
    return None if first is None else Days((Span(first, add_months(first, 3) - timedelta(days=1), "season"),))


def _no_day(scene: Scene) -> bool:
    # "hver mandag" is no day.
    return True


PERIOD_RULES = (
    rule("=RELATIVE_YEAR", "DAYS", _relative_year),
    rule("EVERY ORDINAL? (WEEKDAY|UNIT|PART)", "RECURRING", _no_day),
    rule("(OF|ON|AT)* THIS =UNIT", "DAYS", _this_period),
    rule("(OF|ON|AT)* (NEXT|COMING) =UNIT", "DAYS", _next_period),
    rule("(OF|ON|AT)* LAST =UNIT", "DAYS", _last_period),
    rule("(OF|ON|AT)* THIS =MONTH", "DAYS", _this_month),
    rule("(OF|ON|AT)* NEXT =MONTH", "DAYS", _next_month),
    rule("(OF|ON|AT)* LAST =MONTH", "DAYS", _last_month),
    rule("(OF|ON|AT)* =UNIT =NUMBER =YEAR?", "DAYS", _numbered_week),
    rule("(OF|ON|AT)* =UNIT =NUMBER (AND|UNTIL|DASH) =NUMBER", "DAYS", _numbered_weeks),
    rule("ON* LAST_ONE =UNIT (OF|ON|AT)* =UNIT", "DAYS", _last_day_of),
    rule("=ORDINAL =UNIT =YEAR?", "DAYS", _quarter_of_year),
    rule("(OF|ON|AT|UNTIL)* =UNIT HERE", "DAYS", _this_period),
    rule("THIS_WEEKEND", "DAYS", _this_weekend),
    rule("(OF|ON|AT|THIS)* =SEASON", "DAYS", _season),
)
"""Weeks, months, quarters, years."""
