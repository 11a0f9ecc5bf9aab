"""Rules that need what other rules found: weekdays, lengths from a day, from one day to another."""

from datetime import date, datetime, timedelta

from dialog.slots.calendar_days import (
    Span,
    add_days,
    add_months,
    last_weekday,
    monday_of,
    next_weekday,
    one_day,
    real_date,
    week_of,
    yearless,
)
from dialog.slots.day_rules import asked_month, day_number, days
from dialog.slots.time_grammar import rule
from dialog.slots.time_values import Days, Instant, Length, Scene, Stretch

DAY_SECONDS = 24 * 3600
LONGEST_SECONDS = 400 * DAY_SECONDS
LARGEST_NUMBER = 100_000
JUST_PASSED_DAYS = 60
"""A weekday and a date without a year may fit a day so long past better than the next one."""


def _length(number: float, unit: str) -> Length | None:
    if not 0 <= number <= LARGEST_NUMBER:
        return None
    whole = int(number)
    if unit in ("second", "minute", "hour"):
        return Length(seconds=round(number * {"second": 1, "minute": 60, "hour": 3600}[unit]), grain=unit)
    if unit == "year" and number != whole:
        return Length(months=round(number * 12), grain="month")
    if number != whole:
        hours = {"day": 24, "week": 168}.get(unit)
        return Length(seconds=round(number * hours * 3600), grain="hour") if hours else None
    sizes = {"day": (0, 1), "week": (0, 7), "fortnight": (0, 14), "month": (1, 0), "quarter": (3, 0), "year": (12, 0)}
    if unit not in sizes:
        return None
    months, single_days = sizes[unit]
    return Length(months * whole, single_days * whole, 0, unit)


def _number_unit(scene: Scene, number: int, unit: str) -> Length | None:
    return _length(number, unit)


def _amount_unit(scene: Scene, amount: float, unit: str) -> Length | None:
    return _length(amount, unit)


def _and_a_half(scene: Scene, number: int, unit: str) -> Length | None:
    return _length(number + 0.5, unit)


def _half_unit(scene: Scene, unit: str) -> Length | None:
    return _length(0.5, unit)


def _one_and_a_half(scene: Scene, unit: str) -> Length | None:
    return _length(1.5, unit)


def _word(scene: Scene, number: int | None, seconds: int) -> Length | None:
    return Length(seconds=seconds * (1 if number is None else number), grain="minute") if (number or 1) < 100 else None


def _hours_and_word(scene: Scene, hours: int, seconds: int) -> Length | None:
    """ "to og en halvtime" is two and a half hours."""
    return Length(seconds=hours * 3600 + seconds, grain="minute") if hours < 100 and seconds < 3600 else None


def _sum(scene: Scene, first: Length, second: Length) -> Length:
    return first + second


def _from(day: date, length: Length, sign: int) -> date | None:
    if length.seconds or abs(length.months) > 12 * 200:
        return None
    return add_days(add_months(day, sign * length.months), sign * length.days)


def _shifted(scene: Scene, length: Length, sign: int) -> Days | None:
    found = days(_from(scene.today, length, sign))
    if found is None:
        return None
    weeks = length.days // 7 if length.grain in ("week", "fortnight") and sign > 0 else 0
    return Days(found.spans, weeks=weeks)


def _in(scene: Scene, length: Length) -> Days | None:
    return _shifted(scene, length, 1)


def _ago(scene: Scene, length: Length) -> Days | None:
    return _shifted(scene, length, -1)


def _instant(scene: Scene, length: Length, sign: int) -> Instant | None:
    if not length.seconds or length.seconds > LONGEST_SECONDS:
        return None
    day = _from(scene.today, Length(length.months, length.days), sign)
    if day is None:
        return None
    return Instant(datetime.combine(day, scene.now.time()) + sign * timedelta(seconds=length.seconds))


def _instant_in(scene: Scene, length: Length) -> Instant | None:
    return _instant(scene, length, 1)


def _instant_ago(scene: Scene, length: Length) -> Instant | None:
    return _instant(scene, length, -1)


def _now(scene: Scene) -> Instant | None:
    return Instant(scene.now) if scene.expected else None


def _one(scene: Scene, unit: str) -> Length | None:
    # Ukrainian leaves the one out: "через тиждень", "годину тому".
    return _length(1, unit) if scene.language == "uk" else None


def _in_one(scene: Scene, unit: str) -> Days | None:
    length = _one(scene, unit)
    return _in(scene, length) if length else None


def _one_ago(scene: Scene, unit: str) -> Days | None:
    length = _one(scene, unit)
    return _ago(scene, length) if length else None


def _instant_in_one(scene: Scene, unit: str) -> Instant | None:
    length = _one(scene, unit)
    return _instant_in(scene, length) if length else None


def _length_from(scene: Scene, length: Length, start: Days) -> Days | None:
    return days(_from(start.spans[0].first, length, 1)) if len(start.spans) == 1 else None


def _length_from_weekday(scene: Scene, length: Length, weekday: int) -> Days | None:
    return days(_from(next_weekday(scene.today, weekday), length, 1))


def _within(scene: Scene, length: Length) -> Days | None:
    last = _from(scene.today, length, 1)
    return Days((Span(scene.today, last, "range"),), sure=False) if last and last > scene.today else None


def _whole(scene: Scene, length: Length, ahead: bool) -> Days | None:
    """So many whole days, weeks, months or years behind or ahead of the one that is now."""
    today = scene.today
    begin = {"day": today, "week": monday_of(today), "fortnight": monday_of(today)}.get(length.grain)
    begin = begin or today.replace(day=1, month=1 if length.grain == "year" else today.month)
    step = _length(1, "week" if length.grain == "fortnight" else length.grain)
    start = _from(begin, step, 1) if ahead and step else begin
    end = _from(start, length, 1 if ahead else -1) if start else None
    if start is None or end is None or end == start:
        return None
    first, last = min(start, end), max(start, end) - timedelta(days=1)
    return Days((Span(first, last, "range"),))


def _recent(scene: Scene, length: Length) -> Days | None:
    return _whole(scene, length, ahead=False)


def _ahead(scene: Scene, length: Length) -> Days | None:
    return _whole(scene, length, ahead=True)


def _number_ahead(scene: Scene, number: int, unit: str) -> Days | None:
    length = _length(number, unit)
    return _whole(scene, length, ahead=True) if length else None


def _number_recent(scene: Scene, number: int, unit: str) -> Days | None:
    length = _length(number, unit)
    return _whole(scene, length, ahead=False) if length else None


def _stretch(scene: Scene, length: Length, ahead: bool) -> Stretch | None:
    if not 0 < length.seconds <= LONGEST_SECONDS or length.days or length.months:
        return None
    now = scene.now.replace(microsecond=0)
    if length.grain != "second":
        now = now.replace(second=0, minute=0 if length.grain == "hour" else now.minute)
    if not ahead:
        return Stretch(now - timedelta(seconds=length.seconds), now)
    begin = now + timedelta(seconds={"hour": 3600, "minute": 60}.get(length.grain, 1))
    return Stretch(begin, begin + timedelta(seconds=length.seconds))


def _recent_stretch(scene: Scene, length: Length) -> Stretch | None:
    return _stretch(scene, length, ahead=False)


def _stretch_ahead(scene: Scene, length: Length) -> Stretch | None:
    return _stretch(scene, length, ahead=True)


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


def _days_part(scene: Scene, found: Days, part: str) -> Days:
    return Days(found.spans, part, found.loose, found.weeks, found.sure)


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


LENGTH_RULES = (
    rule("=NUMBER =UNIT", "LENGTH", _number_unit),
    rule("=AMOUNT =UNIT", "LENGTH", _amount_unit),
    rule("=NUMBER AND NUMBER? (HALF|HALF_AFTER) =UNIT", "LENGTH", _and_a_half),
    rule("=NUMBER =UNIT AND NUMBER? (HALF|HALF_AFTER)", "LENGTH", _and_a_half),
    rule("NUMBER? HALF =UNIT", "LENGTH", _half_unit),
    rule("ONE_AND_A_HALF =UNIT", "LENGTH", _one_and_a_half),
    rule("=NUMBER? =LENGTH_WORD", "LENGTH", _word),
    rule("=NUMBER AND NUMBER? =LENGTH_WORD", "LENGTH", _hours_and_word),
)
"""A number and a unit."""

NOW_RULES = (rule("NOW", "INSTANT", _now),)
"""The last resort: nothing else of time was said."""

SUM_RULES = (rule("=LENGTH AND? =LENGTH", "LENGTH", _sum),)
"""Two lengths are one; applied as often as there may be units."""

RELATIVE_RULES = (
    rule("IN =LENGTH", "DAYS", _in),
    rule("=LENGTH (FROM_NOW|AHEAD)", "DAYS", _in),
    rule("AFTER =LENGTH", "DAYS", _in),
    rule("=LENGTH AGO", "DAYS", _ago),
    rule("IN =UNIT", "DAYS", _in_one),
    rule("=UNIT AGO", "DAYS", _one_ago),
    rule("IN =UNIT", "INSTANT", _instant_in_one),
    rule("IN =LENGTH", "INSTANT", _instant_in),
    rule("=LENGTH FROM_NOW", "INSTANT", _instant_in),
    rule("=LENGTH AGO", "INSTANT", _instant_ago),
    rule("=LENGTH (FROM|AFTER|ON) =DAYS", "DAYS", _length_from),
    rule("=LENGTH (FROM|ON) =WEEKDAY", "DAYS", _length_from_weekday),
    rule("WITHIN =LENGTH", "DAYS", _within),
    rule("ON? RECENT =LENGTH", "DAYS", _recent),
    rule("ON? AHEAD =LENGTH", "DAYS", _ahead),
    rule("=NUMBER RECENT =UNIT", "DAYS", _number_recent),
    rule("=NUMBER AHEAD =UNIT", "DAYS", _number_ahead),
    rule("ON? RECENT =LENGTH", "STRETCH", _recent_stretch),
    rule("ON? AHEAD =LENGTH", "STRETCH", _stretch_ahead),
)
"""Lengths counted from a day."""

WEEKDAY_RULES = (
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
)
"""Weekdays, and what is left of months and day numbers."""

RANGE_RULES = (
    rule("FROM? =DAYS (UNTIL|DASH) ON? =DAYS", "DAYS", _range),
    rule("BETWEEN =DAYS AND =DAYS", "DAYS", _range),
    rule("(FROM|ON)* =DAY_NUMBER (UNTIL|DASH) ON? =DAYS", "DAYS", _number_to_days),
    rule("BETWEEN ON? =DAY_NUMBER AND ON? =DAYS", "DAYS", _number_to_days),
    rule("(FROM|ON)* =DAYS (UNTIL|DASH) ON? =DAY_NUMBER", "DAYS", _days_to_number),
    rule("=DAYS (OF|ON|AT)* =PART", "DAYS", _days_part),
)
"""From one day to another."""
