"""Which days a slot takes: behind or ahead, from and until, only days that somebody works."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialog.hours import Hours
from dialog.slots.calendar_days import add_days
from dialog.slots.options import flag
from dialog.slots.slot_type import SlotContext, SlotOptionsInvalid
from dialog.slots.time_values import Scene
from dialog.slots.time_words import lexicon_language

FURTHEST_DAYS = 366 * 200
USUAL_REACH_DAYS = 366
"""Without `max`, a day further ahead is read back."""

DAY_OPTIONS = frozenset({"past", "future", "min", "max", "open"})
"""Options of the slots that hold a day."""


@dataclass(frozen=True, slots=True)
class DayLimits:
    """Limits of a slot that holds a day.

    Args:
        past: days before today are taken; None: they are, but read back.
        future: days after today are taken.
        least: a date, or days from today.
        most: likewise.
        open: only days with opening hours.
    """

    past: bool | None = None
    future: bool = True
    least: date | int | None = None
    most: date | int | None = None
    open: bool = False

    @property
    def far(self) -> bool:
        """True when the year must be said back to the caller: it need not be the next such day."""
        return bool(self.past) or self.most is not None

    def fault(self, day: date, today: date, hours: Hours | None) -> str:
        """What is wrong with a day: "past", "range", "closed", or "" for nothing."""
        if day < today and self.past is False:
            return "past"
        if day > today and not self.future:
            return "range"
        least, most = _day(self.least, today), _day(self.most, today)
        if (least and day < least) or (most and day > most):
            return "range"
        return "closed" if self.open and hours is not None and not opens_on(hours, day) else ""

    def doubtful(self, day: date, today: date) -> bool:
        """True for a day that is taken, but is more likely misheard than meant."""
        if self.past is None and day < today:
            return True
        return not self.past and self.most is None and day > today + timedelta(days=USUAL_REACH_DAYS)


def day_limits(options: Mapping[str, object]) -> DayLimits:
    """Limits from the options of a slot; raises SlotOptionsInvalid."""
    past = flag(options, "past", False) if "past" in options else None
    future = flag(options, "future", not past)
    limits = DayLimits(past, future, _limit(options, "min"), _limit(options, "max"), flag(options, "open", False))
    if limits.past is False and not limits.future:
        raise SlotOptionsInvalid("past: false and future: false leave only today", "write past: true or future: true")
    return limits


def _limit(options: Mapping[str, object], key: str) -> date | int | None:
    value = options.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) <= FURTHEST_DAYS):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise SlotOptionsInvalid(
            f"{key}: {value} is neither a date nor a number of days from today", f"write {key}: 2026-12-24 or {key}: 90"
        ) from None


def _day(limit: date | int | None, today: date) -> date | None:
    return add_days(today, limit) if isinstance(limit, int) else limit


def opens_on(hours: Hours, day: date) -> bool:
    """True when the doors open on that day."""
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(hours.timezone))
    opening = hours.next_opening(midnight - timedelta(seconds=1))
    return opening is not None and opening.date() == day


def scene_of(said: str, context: SlotContext, ahead: bool = True, clock: bool = False, day: bool = False) -> Scene:
    """What the rules may depend on, in the time zone of the opening hours, or of `context.now` without them."""
    now = context.now.astimezone(ZoneInfo(context.hours.timezone)) if context.hours else context.now
    offset = now.utcoffset() or timedelta()
    return Scene(
        now.replace(tzinfo=None, microsecond=0),
        int(offset.total_seconds() // 60),
        lexicon_language(said, context.language),
        ahead,
        clock and context.expected,
        day and context.expected,
        context.expected,
    )
