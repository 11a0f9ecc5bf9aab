"""Opening hours: weekly intervals, public holidays, single closed days, in the company's own time zone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays as public_holidays

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MINUTES = 24 * 60
LOOK_AHEAD_DAYS = 31

Interval = tuple[int, int]
"""Minutes from local midnight: start in 0..1439, end greater than start; above 1440 it reaches into the next day."""


class HoursUnreadable(ValueError):
    """A day or an interval that cannot be read; says what in plain words."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody answers.

    Args:
        timezone: IANA name.
        weekly: seven tuples of intervals, Monday first.
        closed: single closed days.
        holidays: ISO 3166 country whose public holidays are closed days, or None.
    """

    timezone: str
    weekly: tuple[tuple[Interval, ...], ...]
    closed: frozenset[date] = frozenset()
    holidays: str | None = None

    def is_open(self, now: datetime) -> bool:
        """True when somebody answers at `now` (timezone-aware)."""
        local = now.astimezone(ZoneInfo(self.timezone))
        minute = local.hour * 60 + local.minute
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        return any(start <= minute < end for start, end in self._on(today)) or any(
            minute + DAY_MINUTES < end for _, end in self._on(yesterday)
        )

    def next_opening(self, now: datetime) -> datetime | None:
        """The next time the doors open after `now`, in the company's time zone; None when not within a month."""
        zone = ZoneInfo(self.timezone)
        local = now.astimezone(zone)
        for ahead in range(LOOK_AHEAD_DAYS):
            day = local.date() + timedelta(days=ahead)
            for start, _ in self._on(day):
                opening = datetime.combine(day, time(start // 60, start % 60), tzinfo=zone)
                if opening > local:
                    return opening
        return None

    def openings(self, since: datetime, days: int = LOOK_AHEAD_DAYS) -> Iterator[tuple[datetime, datetime]]:
        """When the doors are open from `since` on: begin and end of each time in UTC, none of them overlapping.

        Args:
            since: timezone-aware; a time that has begun before begins here.
            days: how many days to look ahead.
        """
        zone = ZoneInfo(self.timezone)
        first = since.astimezone(zone).date() - timedelta(days=1)  # yesterday's may reach into today
        after = since.astimezone(UTC)
        for day in (first + timedelta(days=ahead) for ahead in range(days + 2)):
            for minutes in self._on(day):
                begin, end = (_moment(day, minute, zone) for minute in minutes)
                if end > after:
                    yield max(begin, after), end
                    after = end

    def spans(self, first: date, last: date) -> tuple[tuple[datetime, datetime], ...]:
        """Opening and closing times from one day to another, both included, as the clock on the wall shows them."""
        found: list[tuple[datetime, datetime]] = []
        for ahead in range((last - first).days + 1):
            midnight = datetime.combine(first + timedelta(days=ahead), time())
            found += [
                (midnight + timedelta(minutes=start), midnight + timedelta(minutes=end))
                for start, end in self._on(midnight.date())
            ]
        return tuple(found)

    def _on(self, day: date) -> tuple[Interval, ...]:
        if day in self.closed or (self.holidays and day in holidays_of(self.holidays, day.year)):
            return ()
        return self.weekly[day.weekday()]


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """A minute of a local day, up to two days on, in UTC: spans of time are added up there, where no hour is lost."""
    day += timedelta(days=minute // DAY_MINUTES)
    return datetime.combine(day, time(minute % DAY_MINUTES // 60, minute % 60), tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=64)
def holidays_of(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country in a year; raises NotImplementedError for a country the library does not know."""
    # In Norway the library counts only real public holidays, not every Sunday, unless asked to.
    return frozenset(public_holidays.country_holidays(country, years=year))


def read_days(text: str) -> tuple[int, ...]:
    """Week days named by "mon", "mon-fri", "fri-mon" or "mon, wed"; raises HoursUnreadable."""
    found: list[int] = []
    for part in text.lower().split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        begin = _day(first)
        end = _day(last) if dash else begin
        found.extend((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return tuple(found)


def _day(text: str) -> int:
    for index, day in enumerate(DAYS):
        if text in (day, day[:3]):
            return index
    raise HoursUnreadable(f'"{text}" is not a day of the week')


def read_intervals(text: str) -> tuple[Interval, ...]:
    """Intervals in "08:00-16:00", "08:00-12:00, 13:00-16:00", "22:00-06:00" or "closed"; raises HoursUnreadable."""
    if text.strip().lower() == "closed":
        return ()
    found = sorted(_interval(part) for part in text.split(","))
    for (_, end), (start, _) in zip(found, found[1:], strict=False):
        if start < end:
            raise HoursUnreadable(f'the times in "{text}" overlap')
    return tuple(found)


def _interval(text: str) -> Interval:
    parts = text.strip().replace("–", "-").split("-")
    if len(parts) != 2:
        raise HoursUnreadable(f'"{text.strip()}" is not a span of time')
    start, end = (_minutes(part.strip()) for part in parts)
    if start >= DAY_MINUTES:
        raise HoursUnreadable(f'"{text.strip()}" starts after midnight')
    if start == end:
        raise HoursUnreadable(f'"{text.strip()}" is no time at all')
    return start, end if end > start else end + DAY_MINUTES


def _minutes(text: str) -> int:
    hour, colon, minute = text.partition(":")
    if not (hour.isdecimal() and len(hour) <= 2 and (not colon or (minute.isdecimal() and len(minute) == 2))):
        raise HoursUnreadable(f'"{text}" is not a time of day')
    total = int(hour) * 60 + int(minute or 0)
    if total > DAY_MINUTES or int(minute or 0) > 59:
        raise HoursUnreadable(f'"{text}" is not a time of day')
    return total


def week(days: Iterable[tuple[int, tuple[Interval, ...]]]) -> tuple[tuple[Interval, ...], ...]:
    """Seven tuples of intervals, Monday first, from (day, intervals) pairs; a day not named is closed."""
    found: list[tuple[Interval, ...]] = [()] * 7
    for day, intervals in days:
        found[day] = intervals
    return tuple(found)
