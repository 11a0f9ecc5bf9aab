"""When a caller wants to be called: inside the hours, to come, and the nearest opening for what is neither."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.hours import Hours, week
from dialog.slots.callback_time import CallbackTime, first_and_last, was_moved
from dialog.slots.slot_type import Parsed, SlotContext

OSLO = ZoneInfo("Europe/Oslo")
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=OSLO)
HOURS = Hours("Europe/Oslo", week([(day, ((8 * 60, 16 * 60),)) for day in range(5)]))


def parse(said: str, language: str = "nb", now: datetime = TUESDAY, hours: Hours | None = HOURS) -> Parsed:
    return CallbackTime().parse(said, SlotContext(language, now, hours=hours))


@pytest.mark.parametrize(
    ("language", "said", "value"),
    [
        ("nb", "i morgen etter to", "2026-11-25T14:00/2026-11-25T16:00"),
        ("nb", "i morgen", "2026-11-25T08:00/2026-11-25T16:00"),
        ("nb", "fredag klokka ti", "2026-11-27T10:00"),
        ("nb", "i dag", "2026-11-24T10:00/2026-11-24T16:00"),
        ("nb", "mellom ett og tre i ettermiddag", "2026-11-24T13:00/2026-11-24T15:00"),
        ("nb", "onsdag før lunsj", "2026-11-25T09:00/2026-11-25T12:00"),
        ("nb", "så fort som mulig", "soon"),
        ("nb", "når som helst", "soon"),
        ("nn", "i morgon etter klokka to", "2026-11-25T14:00/2026-11-25T16:00"),
        ("nn", "så fort som råd", "soon"),
        ("en", "tomorrow between ten and eleven", "2026-11-25T10:00/2026-11-25T11:00"),
        ("en", "Thursday at two in the afternoon", "2026-11-26T14:00"),
        ("en", "as soon as possible", "soon"),
        ("uk", "завтра після другої", "2026-11-25T14:00/2026-11-25T16:00"),
        ("uk", "якнайшвидше", "soon"),
    ],
)
def test_a_time_is_found_in_words(language: str, said: str, value: str) -> None:
    found = parse(said, language)
    assert (found.value, found.sure) == (value, True)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("på søndag", "2026-11-30T08:00/2026-11-30T16:00/nearest"),
        ("i kveld klokka ti", "2026-11-25T08:00/2026-11-25T16:00/nearest"),
        ("fredag klokka seks om morgenen", "2026-11-27T08:00/2026-11-27T16:00/nearest"),
    ],
)
def test_outside_the_hours_the_nearest_opening_is_offered(said: str, value: str) -> None:
    found = parse(said)
    assert (found.value, found.sure) == (value, False)
    assert was_moved(found.value)


def test_what_has_been_and_what_is_too_far_ahead_is_refused() -> None:
    assert parse("i går klokka to").fault == "past"
    assert parse("24. desember 2027").fault == "range"


def test_a_department_that_never_opens_has_no_time() -> None:
    assert parse("i morgen", hours=Hours("Europe/Oslo", week([]))).fault == "closed"


def test_without_hours_any_time_to_come_will_do() -> None:
    assert parse("søndag klokka 23", hours=None).value == "2026-11-29T23:00"


@pytest.mark.parametrize("said", ["jeg har en retur", "ring meg", "9224 3711", ""])
def test_where_no_time_was_named_none_is_found_in_passing(said: str) -> None:
    assert not CallbackTime().parse(said, SlotContext("nb", TUESDAY, hours=HOURS, expected=False))


def test_a_clock_time_alone_mends_the_hour_and_keeps_the_day() -> None:
    context = SlotContext("nb", TUESDAY, hours=HOURS)
    kind = CallbackTime()
    assert kind.correct("2026-11-27T10:00", "nei, klokka elleve", context).value == "2026-11-27T11:00"
    assert kind.correct("2026-11-27T10:00", "nei, så fort som mulig", context).value == "soon"


@settings(max_examples=100, deadline=None)
@given(
    day=st.sampled_from(["i dag", "i morgen", "på mandag", "på lørdag", "neste uke", "fredag", ""]),
    clock=st.sampled_from(["", "etter to", "klokka ti", "før ni", "klokka tre", "mellom sju og elleve", "om en time"]),
    minute=st.integers(0, 7 * 24 * 60 - 1),
)
def test_what_is_taken_lies_ahead_and_inside_the_hours(day: str, clock: str, minute: int) -> None:
    now = datetime(2026, 11, 23 + minute // 1440, minute % 1440 // 60, minute % 60, tzinfo=OSLO)
    first, last = first_and_last(parse(f"{day} {clock}", now=now).value)
    if not first:
        return
    begin = datetime.fromisoformat(first).replace(tzinfo=OSLO)
    assert begin >= now and HOURS.is_open(begin)
    assert not last or last > first
