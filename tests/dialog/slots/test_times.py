"""Clock times and moments, on Monday 23 November 2026 at ten."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.hours import Hours
from dialog.slots import Parsed, SlotContext
from dialog.slots.catalogue import slot_type

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Oslo"))
OFFICE = Hours("Europe/Oslo", (((8 * 60, 16 * 60),),) * 5 + ((), ()))


def parse(kind: str, said: str, language: str = "nb", hours: Hours | None = None) -> Parsed:
    return slot_type(kind, {}).parse(said, SlotContext(language, NOW, hours=hours))


def reading(found: Parsed) -> str:
    return found.value or "|".join(found.alternatives) or found.partial or found.fault


TIMES = {
    "nb": {
        "halv to": "01:30|13:30", "kvart på tre": "02:45|14:45", "kvart over tre": "03:15|15:15",
        "ti på halv fem": "04:20|16:20", "fem over halv sju": "06:35|18:35", "fem på tolv": "11:55|23:55",
        "klokka to": "02:00|14:00", "to": "02:00|14:00", "klokka fjorten": "14:00", "fjorten tretti": "14:30",
        "kl. 14.30": "14:30", "14:30": "14:30", "1430": "14:30", "klokka åtte om kvelden": "20:00",
        "åtte om morgenen": "08:00", "tre på ettermiddagen": "15:00", "klokka tolv": "12:00", "midnatt": "00:00",
        "om en halvtime": "10:30", "om et kvarter": "10:15", "om to og en halv time": "12:30",
        "om en og en halv time": "11:30", "null åtte tretti": "08:30", "på kvelden": "evening",
        "i tretida": "15:00", "07:30 om kvelden": "19:30", "vi er tre stykker": "", "om en time": "11:00",
        "halv åtta": "07:30|19:30", "mellom ni og elleve": "", "før elleve": "11:00",
    },
    "nn": {"halv åtte om morgonen": "07:30", "kvart over sju om kvelden": "19:15", "klokka sytten": "17:00"},
    "en": {
        "half past two": "02:30|14:30", "quarter to five": "04:45|16:45", "five pm": "17:00", "8:30 a.m.": "08:30",
        "ten past six in the evening": "18:10", "noon": "12:00", "three o'clock": "03:00|15:00", "12 am": "00:00",
        "fourteen thirty": "14:30", "half six": "06:30|18:30", "in an hour": "11:00",
        "twenty minutes before noon": "11:40", "530": "05:30|17:30", "eight oh five in the morning": "08:05",
    },
    "uk": {
        "о пів на другу": "01:30|13:30", "чверть на третю": "02:15|14:15", "за чверть шоста": "05:45|17:45",
        "о п'ятнадцятій тридцять": "15:30", "десята тридцять ранку": "10:30", "о восьмій вечора": "20:00",
        "опівдні": "12:00", "п'ять хвилин на сьому": "06:05|18:05", "о 15 годині": "15:00",
    },
}  # fmt: skip


@pytest.mark.parametrize(("language", "said", "wanted"), [(key, *pair) for key in TIMES for pair in TIMES[key].items()])
def test_a_clock_time_as_callers_say_it(language: str, said: str, wanted: str) -> None:
    assert reading(parse("time", said, language)) == wanted


def test_opening_hours_choose_the_half_of_the_day_and_it_is_read_back() -> None:
    found = parse("time", "halv to", hours=OFFICE)
    assert (found.value, found.sure) == ("13:30", False)
    assert parse("time", "halv ni", hours=OFFICE).value == "08:30"


MOMENTS = {
    "nb": {
        "i morgen klokka halv to": "2026-11-24T01:30|2026-11-24T13:30", "torsdag klokka fjorten": "2026-11-26T14:00",
        "klokka ni i kveld": "2026-11-23T21:00", "neste torsdag klokka 14": "2026-11-26T14:00|2026-12-03T14:00",
        "om en halvtime": "2026-11-23T10:30", "24.12. kl. 16.00": "2026-12-24T16:00", "på torsdag": "2026-11-26",
        "klokka fjorten": "2026-11-23T14:00", "klokka null åtte": "2026-11-24T08:00",
    },
    "en": {"tomorrow at 5 pm": "2026-11-24T17:00", "noon on Thursday": "2026-11-26T12:00"},
    "uk": {"завтра о 15 годині": "2026-11-24T15:00", "сьогодні о 8 вечора": "2026-11-23T20:00"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said", "wanted"), [(key, *pair) for key in MOMENTS for pair in MOMENTS[key].items()]
)
def test_a_moment_as_callers_say_it(language: str, said: str, wanted: str) -> None:
    assert reading(parse("date_time", said, language)) == wanted


RANGES = {
    "nb": {
        "i morgen mellom ni og elleve": "2026-11-24T09:00/2026-11-24T11:00", "torsdag": "2026-11-26",
        "torsdag fra ni til fem": "2026-11-26T09:00/2026-11-26T17:00",
        "etter klokka to": "2026-11-23T14:00/2026-11-24T00:00",
        "9:30 - 11:00 på torsdag": "2026-11-26T09:30/2026-11-26T11:00",
        "torsdag ettermiddag": "2026-11-26T12:00/2026-11-26T18:00",
    },
    "uk": {"18:30ч - 19:00ч": "2026-11-23T18:30/2026-11-23T19:00",
           "у четвер з 9 до 11": "2026-11-26T09:00/2026-11-26T11:00"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said", "wanted"), [(key, *pair) for key in RANGES for pair in RANGES[key].items()]
)
def test_hours_of_a_day_as_callers_say_them(language: str, said: str, wanted: str) -> None:
    assert reading(parse("time_range", said, language)) == wanted


def test_hours_are_moved_to_another_day() -> None:
    slot, context = slot_type("time_range", {}), SlotContext("nb", NOW)
    moved = slot.correct("2026-11-26T09:00/2026-11-26T11:00", "nei, fredag", context)
    assert moved.value == "2026-11-27T09:00/2026-11-27T11:00"


LENGTHS = {
    "nb": {"to timer og tretti minutter": "PT2H30M", "halvannen time": "PT1H30M", "fjorten dager": "P14D",
           "en og en halv time": "PT1H30M", "to år": "P24M", "et kvarter": "PT15M", "fire": ""},
    "nn": {"ti minutt": "PT10M"},
    "en": {"two and a half hours": "PT2H30M", "three weeks": "P21D"},
    "uk": {"2 роки і 3 місяці": "P27M", "пів години": "PT30M", "1 рік, 2 дня, 3 години і 4 секунди": "P12M2DT3H4S"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said", "wanted"), [(key, *pair) for key in LENGTHS for pair in LENGTHS[key].items()]
)
def test_a_length_of_time_as_callers_say_it(language: str, said: str, wanted: str) -> None:
    assert reading(parse("duration", said, language)) == wanted


def test_a_length_is_said_back_in_the_callers_language() -> None:
    slot = slot_type("duration", {})
    assert [slot.read_back("PT2H30M", language) for language in ("nb", "nn", "en", "uk")] == [
        "2 timer og 30 minutter", "2 timar og 30 minutt", "2 hours and 30 minutes", "2 години і 30 хвилин",
    ]  # fmt: skip


def test_a_moment_said_in_two_parts() -> None:
    slot = slot_type("date_time", {})
    day = slot.parse("på torsdag", SlotContext("nb", NOW))
    assert slot.parse("halv to", SlotContext("nb", NOW, day.partial, OFFICE)).value == "2026-11-26T13:30"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("nei, klokka fjorten", "2026-11-26T14:00"), ("nei, fredag", "2026-11-27T12:00"), ("nei", "")],
)
def test_half_a_moment_is_corrected(said: str, wanted: str) -> None:
    assert reading(slot_type("date_time", {}).correct("2026-11-26T12:00", said, SlotContext("nb", NOW))) == wanted


def test_the_other_half_of_the_day_is_a_correction() -> None:
    assert slot_type("time", {}).correct("08:30", "nei, om kvelden", SlotContext("nb", NOW)).value == "20:30"


def test_a_value_comes_with_its_own_words_so_that_the_rest_can_be_read_for_others() -> None:
    said = "på måndag klokka ni om morgonen"
    assert (parse("date", said, "nn").words, parse("time", said, "nn").words) == ("på måndag", "klokka ni om morgonen")


def test_a_row_of_numbers_is_no_clock_time() -> None:
    assert not parse("time", "nittito tjuefire trettisju elleve")


def test_a_time_on_the_keypad() -> None:
    slot, context = slot_type("time", {}), SlotContext("nb", NOW)
    assert slot.keys("1330", context).value == "13:30"
    assert slot.keys("9#", context).value == "09:00"
    assert slot.keys("2560", context).fault == "range"


def test_in_passing_only_what_is_unmistakable_counts() -> None:
    passing = SlotContext("nb", NOW, expected=False)
    assert not slot_type("time", {}).parse("jeg har to barn og en hund", passing)
    assert not slot_type("time", {}).parse("can we sit at a table", SlotContext("en", NOW, expected=False))
    assert not slot_type("date", {}).parse("it would be nice if we sat outside", SlotContext("en", NOW, expected=False))
    assert not slot_type("date", {}).parse("jeg fikk fem pakker", passing)
    assert slot_type("date", {}).parse("kan dere komme på torsdag", passing).value == "2026-11-26"


@given(st.times(), st.sampled_from(["nb", "nn", "en", "uk"]))
def test_every_time_in_figures_is_read_back_to_itself(moment: object, language: str) -> None:
    text = f"{moment:%H:%M}"
    assert text in reading(parse("time", f"kl. {text}" if language in ("nb", "nn") else text, language))


@given(
    st.text(max_size=80),
    st.sampled_from(["nb", "nn", "en", "uk"]),
    st.sampled_from(["time", "date_time", "time_range", "duration"]),
)
def test_any_text_gives_a_canonical_time_or_none(said: str, language: str, kind: str) -> None:
    found = parse(kind, said, language)
    for value in (found.value, *found.alternatives):
        for part in value.split("/") if value else ():
            assert re.fullmatch(r"(\d{4}-\d\d-\d\dT)?([01]\d|2[0-3]):[0-5]\d|P[0-9MDTHS]+", part)
