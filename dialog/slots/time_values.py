"""What was said of time, before it becomes a slot's value: days, clock times, lengths."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from dialog.slots.calendar_days import Span

DAY_MINUTES = 24 * 60
HALF_DAY_MINUTES = 12 * 60


@dataclass(frozen=True, slots=True)
class Scene:
    """What the rules may depend on.

    Args:
        now: in the caller's own time zone, without its name.
        utc_offset_minutes: of that time zone, for callers who say "GMT".
        language: nb, en or uk: whose words are spoken.
        ahead: a date without a year is the next one; False: the last one.
        clock: a clock time was asked for, so figures alone may be one.
        day: a day was asked for, so figures alone may be one.
        expected: something of time was asked for at all.
    """

    now: datetime
    utc_offset_minutes: int
    language: str
    ahead: bool = True
    clock: bool = False
    day: bool = False
    expected: bool = True

    @property
    def today(self) -> date:
        """The day of `now`."""
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Days:
    """Days that the caller named.

    Args:
        spans: one, or several equally good readings.
        part: part of the day named in the same word ("i kveld"), or "".
        loose: what is left open: "year" ("3. mars"), "week" ("torsdag"), or "" when nothing is.
        weeks: how many weeks ahead, for "om to uker", which a weekday beside it makes exact.
        sure: False when the bot should read it back.
    """

    spans: tuple[Span, ...]
    part: str = ""
    loose: Literal["", "year", "week"] = ""
    weeks: int = 0
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time.

    Args:
        minute: of the day, 0..1439.
        either_half: it may as well be twelve hours later or earlier ("halv to").
        grain: the least that was named.
        sure: False when the bot should read it back.
        bound: "after" or "before" when only that was said, else "".
        literal: in figures, as timetables write it ("9:30"): rather the half of the day that is written.
    """

    minute: int
    either_half: bool = False
    grain: Literal["hour", "minute"] = "minute"
    sure: bool = True
    literal: bool = False
    bound: Literal["", "after", "before"] = ""


@dataclass(frozen=True, slots=True)
class Clocks:
    """From one clock time to another."""

    first: Clock
    last: Clock


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time; months are not a number of days."""

    months: int = 0
    days: int = 0
    seconds: int = 0
    grain: str = "day"

    def __add__(self, other: "Length") -> "Length":
        return Length(self.months + other.months, self.days + other.days, self.seconds + other.seconds, other.grain)


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment counted from now ("om en halvtime")."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hours, minutes or seconds up to now or from now on ("de neste tre timene")."""

    first: datetime
    last: datetime
