"""What the voice says of a value, a caller may say too: each kind hears its own read-back."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.slots import SlotContext
from dialog.slots.catalogue import slot_type
from speech.spoken_forms import spell_out

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Oslo"))
LANGUAGES = st.sampled_from(["nb", "nn", "en", "uk"])


def heard(kind: str, value: str, language: str, **options: object) -> tuple[str, ...]:
    """The readings of a value's own read-back."""
    slot = slot_type(kind, options)
    found = slot.parse(spell_out(slot.read_back(value, language), language), SlotContext(language, NOW))
    return found.alternatives or (found.value,)


@given(st.dates(date(1930, 1, 1), date(2079, 12, 31)), LANGUAGES)
def test_a_date_with_its_year(day: date, language: str) -> None:
    assert heard("date", str(day), language, past=True, future=True) == (str(day),)


@given(st.integers(0, 360).map(lambda ahead: NOW.date() + timedelta(days=ahead)), LANGUAGES)
def test_a_day_with_its_weekday(day: date, language: str) -> None:
    assert heard("date", str(day), language, past=False) == (str(day),)


@given(st.integers(0, 24 * 60 - 1), LANGUAGES)
def test_a_clock_time(minute: int, language: str) -> None:
    clock = f"{minute // 60:02}:{minute % 60:02}"
    assert clock in heard("time", clock, language)


@given(st.integers(0, 360), st.integers(1, 24 * 60 - 1), LANGUAGES)
def test_a_moment(ahead: int, minute: int, language: str) -> None:
    moment = f"{datetime(2026, 11, 24) + timedelta(days=ahead, minutes=minute):%Y-%m-%dT%H:%M}"
    assert moment in heard("date_time", moment, language, past=False)


@given(st.integers(0, 200), st.integers(1, 100), LANGUAGES)
def test_a_span_of_days(ahead: int, length: int, language: str) -> None:
    first = NOW.date() + timedelta(days=ahead)
    value = f"{first}/{first + timedelta(days=length)}"
    assert heard("date_range", value, language, past=False) == (value,)


@given(st.integers(1, 59), st.integers(1, 23), LANGUAGES)
def test_a_length_of_time(minutes: int, hours: int, language: str) -> None:
    value = f"PT{hours}H{minutes}M"
    assert heard("duration", value, language) == (value,)


@given(st.integers(1, 9991).map(lambda code: f"{code:04}"), LANGUAGES)
def test_a_post_code(code: str, language: str) -> None:
    assert heard("post_code", code, language) == (code,)


NAMES = st.lists(st.sampled_from("ka ri no la mi san bor vel tu".split()), min_size=2, max_size=4).map("".join)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@given(NAMES, st.sampled_from(["", ".", "_", "-"]), NAMES, st.sampled_from(["example.com", "gmail.com", "online.no"]))
def test_an_email_address(language: str, first: str, sign: str, last: str, domain: str) -> None:
    address = f"{first}{sign}{last}@{domain}"
    spoken = spell_out(f"{{{address}|email}}", language)
    found = slot_type("email", {}).parse(spoken, SlotContext(language, NOW))
    assert address in (found.value, *found.alternatives)
