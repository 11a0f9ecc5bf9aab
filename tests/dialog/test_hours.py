"""Opening hours: intervals, holidays, nights, and the two days a year with 23 and 25 hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.hours import Hours, HoursUnreadable, read_days, read_intervals, week

OSLO = ZoneInfo("Europe/Oslo")
OFFICE = Hours("Europe/Oslo", week((day, ((480, 960),)) for day in range(5)), frozenset({date(2026, 12, 24)}), "NO")
NIGHT = Hours("Europe/Oslo", week((day, ((1320, 1800),)) for day in (4, 5)))


def at(text: str) -> datetime:
    """A time in Oslo."""
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("text", "days"),
    [("mon", (0,)), ("mon-fri", (0, 1, 2, 3, 4)), ("fri-mon", (4, 5, 6, 0)), ("tue, thu", (1, 3)), ("Sunday", (6,))],
)
def test_days_are_read(text: str, days: tuple[int, ...]):
    assert read_days(text) == days


@pytest.mark.parametrize(
    ("text", "intervals"),
    [
        ("08:00-16:00", ((480, 960),)),
        ("8-16", ((480, 960),)),
        ("13:00-16:00, 08:00-12:00", ((480, 720), (780, 960))),
        ("22:00-06:00", ((1320, 1800),)),
        ("00:00-24:00", ((0, 1440),)),
        ("closed", ()),
    ],
)
def test_intervals_are_read(text: str, intervals: tuple[tuple[int, int], ...]):
    assert read_intervals(text) == intervals


@pytest.mark.parametrize(
    "text", ["", "08:00", "8-25", "08:60-09:00", "08:00-08:00", "24:00-25:00", "8-12, 11-13", "a-b"]
)
def test_what_is_no_interval_is_refused(text: str):
    with pytest.raises(HoursUnreadable):
        read_intervals(text)


@pytest.mark.parametrize("text", ["", "monkey", "mon-", "lør"])
def test_what_is_no_day_is_refused(text: str):
    with pytest.raises(HoursUnreadable):
        read_days(text)


@pytest.mark.parametrize(
    ("now", "is_open", "opening"),
    [
        ("2026-11-24T08:00", True, "2026-11-25T08:00"),
        ("2026-11-24T15:59", True, "2026-11-25T08:00"),
        ("2026-11-24T16:00", False, "2026-11-25T08:00"),
        ("2026-11-24T07:59", False, "2026-11-24T08:00"),
        ("2026-11-27T17:00", False, "2026-11-30T08:00"),
        ("2026-12-24T12:00", False, "2026-12-28T08:00"),  # closed day, two holidays, a weekend
        ("2027-05-17T12:00", False, "2027-05-18T08:00"),
    ],
)
def test_the_office_is_open_on_working_days(now: str, is_open: bool, opening: str):
    assert OFFICE.is_open(at(now)) is is_open
    assert OFFICE.next_opening(at(now)) == at(opening)


def test_a_night_reaches_into_the_next_day():
    assert NIGHT.is_open(at("2026-11-27T23:00"))
    assert NIGHT.is_open(at("2026-11-28T05:59"))
    assert not NIGHT.is_open(at("2026-11-28T06:00"))
    assert not NIGHT.is_open(at("2026-11-27T05:00"))


def test_a_time_of_another_zone_is_understood():
    assert OFFICE.is_open(datetime(2026, 11, 24, 7, 30, tzinfo=UTC))
    assert not OFFICE.is_open(datetime(2026, 11, 24, 15, 30, tzinfo=UTC))


def test_a_house_that_never_opens_has_no_next_opening():
    assert Hours("Europe/Oslo", week([])).next_opening(at("2026-11-24T08:00")) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))
def test_at_its_next_opening_it_is_open_and_a_minute_before_it_is_not_newly_open(moment: datetime):
    now = moment.replace(tzinfo=OSLO)
    opening = OFFICE.next_opening(now)
    assert opening is not None
    assert opening > now
    assert OFFICE.is_open(opening)
    assert not OFFICE.is_open(opening - timedelta(minutes=1))
