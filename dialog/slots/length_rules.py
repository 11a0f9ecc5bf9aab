"""Rules of lengths: "to og en halv time", "om fjorten dager", "for tre uker siden", "de neste tre dagene"."""

from datetime import date, datetime, timedelta

from dialog.slots.calendar_days import Span, add_days, add_months, monday_of, next_weekday
from dialog.slots.day_rules import days
from dialog.slots.time_grammar import rule
from dialog.slots.time_values import Days, Instant, Length, Scene, Stretch

DAY_SECONDS = 24 * 3600
LONGEST_SECONDS = 400 * DAY_SECONDS
LARGEST_NUMBER = 100_000


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
    """So many days, today among them; where they end is for the caller to say."""
    after = _from(scene.today, length, 1)
    if after is None or after <= scene.today:
        return None
    return Days((Span(scene.today, after - timedelta(days=1), "range"),), sure=False)


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
