"""Dates, spans of days, clock times and moments: what callers say, in four languages, on Monday 23 November 2026."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from dialog.hours import Hours
from dialog.slots import Parsed, SlotContext, SlotOptionsInvalid
from dialog.slots.catalogue import slot_type

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Oslo"))
OFFICE = Hours("Europe/Oslo", (((8 * 60, 16 * 60),),) * 5 + ((), ()))
ANY_DAY: dict[str, object] = {"past": True, "future": True}


def parse(kind: str, said: str, language: str = "nb", **options: object) -> Parsed:
    return slot_type(kind, options).parse(said, SlotContext(language, NOW))


def reading(found: Parsed) -> str:
    return found.value or "|".join(found.alternatives) or found.partial or found.fault


DATES = {
    "nb": {
        "i dag": "2026-11-23", "i morgen": "2026-11-24", "i morra tidlig": "2026-11-24", "i overmorgen": "2026-11-25",
        "på torsdag": "2026-11-26", "førstkommende torsdag": "2026-11-26", "torsdag i neste uke": "2026-12-03",
        "neste torsdag": "2026-11-26|2026-12-03", "torsdag om en uke": "2026-12-03",
        "om en uke på torsdag": "2026-12-03",
        "mandag": "2026-11-30", "neste mandag": "2026-11-30", "om fjorten dager": "2026-12-07",
        "om to uker": "2026-12-07",
        "den tredje mars": "2027-03-03", "tredje i tredje": "2027-03-03", "tredje tredje": "2027-03-03",
        "17. mai": "2027-05-17", "24.12.": "2026-12-24", "24/12": "2026-12-24", "24.12.2026": "2026-12-24",
        "tjuefjerde i tolvte": "2026-12-24", "fireogtyvende desember": "2026-12-24", "tjuefire tolv": "2026-12-24",
        "den femtende": "2026-12-15", "julaften": "2026-12-24", "nyttårsaften": "2026-12-31",
        "langfredag": "2027-03-26",
        "annen juledag": "2026-12-26", "første mandag i desember": "2026-12-07", "siste fredag i januar": "2027-01-29",
        "fredag, nei torsdag": "2026-11-26", "ikke torsdag, men fredag": "2026-11-27",
        "torsdag 26. november": "2026-11-26", "torsdag den tjuesjette": "2026-11-26",
        "torsdag 27. november": "2026-11-26|2026-11-27", "mandag i uke 50": "2026-12-07",
        "neste uke": "2026-11-30/2026-12-06", "onsdag eller fredag": "2026-11-25|2026-11-27",
        "søndag åtte dager": "2026-12-06", "onsdag før påske": "2027-03-17", "dagen etter i morgen": "2026-11-25",
        "26. i 11.": "2026-11-26", "i mårå tidlig": "2026-11-24", "hver mandag": "",
        "siste dag i måneden": "2026-11-30",
        "kan man det": "",
        "den 15. i neste måned": "2026-12-15", "kommende lørdag": "2026-11-28", "1/12-26": "2026-12-01",
        "29. februar": "2028-02-29", "31. april": "range", "den 32. november": "range", "i går": "past",
        "hva som helst": "",
    },
    "nn": {
        "i morgon": "2026-11-24", "laurdag": "2026-11-28", "sundag om ei veke": "2026-12-06", "tysdag": "2026-11-24",
        "om tre dagar": "2026-11-26", "den fyrste desember": "2026-12-01", "neste veke": "2026-11-30/2026-12-06",
    },
    "en": {
        "tomorrow": "2026-11-24", "the day after tomorrow": "2026-11-25", "next Thursday": "2026-11-26|2026-12-03",
        "Thursday next week": "2026-12-03", "a week on Thursday": "2026-12-03", "in a fortnight": "2026-12-07",
        "March the third": "2027-03-03", "the third of March": "2027-03-03", "Christmas Eve": "2026-12-24",
        "the twenty-first of December": "2026-12-21", "December 21st, 2026": "2026-12-21", "this Friday": "2026-11-27",
        "Friday the 4th": "2026-12-04", "three days from now": "2026-11-26",
        "the last Friday of January": "2027-01-29", "Monday week": "2026-12-07", "12/31/2026": "2026-12-31",
        "yesterday": "past",
    },
    "uk": {
        "завтра": "2026-11-24", "післязавтра": "2026-11-25", "у четвер": "2026-11-26", "через два тижні": "2026-12-07",
        "наступного четверга": "2026-11-26|2026-12-03", "третього березня": "2027-03-03", "24 грудня": "2026-12-24",
        "двадцять четвертого грудня": "2026-12-24", "за три дні": "2026-11-26",
        "п'ятниця 27-го листопада": "2026-11-27",
        "в суботу наступного тижня": "2026-12-05", "вчора": "past", "через тиждень": "2026-11-30",
        "двадцять п'ятого": "2026-11-25",
    },
}  # fmt: skip


@pytest.mark.parametrize(("language", "said", "wanted"), [(key, *pair) for key in DATES for pair in DATES[key].items()])
def test_a_date_as_callers_say_it(language: str, said: str, wanted: str) -> None:
    assert reading(parse("date", said, language, past=False)) == wanted


def test_a_day_that_may_be_misheard_is_read_back() -> None:
    assert parse("date", "i går") == Parsed("2026-11-22", words="i går", sure=False)
    assert not parse("date", "om to år").sure
    assert parse("date", "i går", past=True).sure


@pytest.mark.parametrize(
    ("said", "language", "wanted"),
    [
        ("tossdag", "nb", "2026-11-26"),
        ("den tredje desembær", "nb", "2026-12-03"),
        ("på tårsdag", "nb", "2026-11-24|2026-11-26"),
        ("satterday", "en", "2026-11-28"),
        ("четверх", "uk", "2026-11-26"),
        ("bursdag", "nb", ""),
        ("vanligvis", "nb", ""),
    ],
)
def test_a_misheard_day_is_asked_about_or_read_back(said: str, language: str, wanted: str) -> None:
    found = parse("date", said, language)
    assert reading(found) == wanted
    assert not found.value or not found.sure


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("24. desember 1985", "1985-12-24"),
        ("tredje mars nitten åttifem", "1985-03-03"),
        ("13. juli", "2026-07-13"),
        ("forrige onsdag", "2026-11-18"),
        ("for tre uker siden", "2026-11-02"),
        ("2. 4. 85", "1985-04-02"),
        ("tolvte i tredje nittenåttifem", "1985-03-12"),
        ("i morgen", "range"),
    ],
)
def test_a_date_behind_us_is_the_last_one(said: str, wanted: str) -> None:
    assert reading(parse("date", said, past=True)) == wanted


def test_a_day_is_found_in_the_week_that_was_named_before() -> None:
    week = parse("date", "en gang i neste uke")
    thursday = slot_type("date", {}).parse("torsdag", SlotContext("nb", NOW, partial=week.partial))
    assert thursday.value == "2026-12-03"


def test_days_outside_the_limits_have_their_fault() -> None:
    assert parse("date", "om to uker", max=7).fault == "range"
    assert parse("date", "i morgen", min=2).fault == "range"
    closed = slot_type("date", {"open": True}).parse("lørdag", SlotContext("nb", NOW, hours=OFFICE))
    assert closed.fault == "closed"
    assert parse("date", "om to år", max=366).fault == "range"


@pytest.mark.parametrize(
    "options", [{"min": "tomorrow"}, {"past": "yes"}, {"past": False, "future": False}, {"open": 1}]
)
def test_options_that_cannot_be_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(SlotOptionsInvalid):
        slot_type("date", options)


def test_a_date_on_the_keypad() -> None:
    slot, context = slot_type("date", {}), SlotContext("nb", NOW)
    assert slot.keys("2412", context).partial == "2412"
    assert slot.keys("2412#", context).value == "2026-12-24"
    assert slot.keys("24122026", context).value == "2026-12-24"
    assert slot.keys("3113#", context).fault == "range"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("nei, fredag", "2026-11-27"), ("nei, den sekstende", "2026-12-16"), ("nei, i januar", "2027-01-24"), ("ja", "")],
)
def test_a_date_is_corrected(said: str, wanted: str) -> None:
    assert reading(slot_type("date", {}).correct("2026-12-24", said, SlotContext("nb", NOW))) == wanted


RANGES = {
    "nb": {
        "fra mandag til onsdag": "2026-11-30/2026-12-02", "neste uke": "2026-11-30/2026-12-06",
        "i helga": "2026-11-28/2026-11-29", "til helga": "2026-11-28/2026-11-29", "uke 50": "2026-12-07/2026-12-13",
        "denne måneden": "2026-11-01/2026-11-30", "3. til 5. mars": "2027-03-03/2027-03-05",
        "fra tredje til femte mars": "2027-03-03/2027-03-05", "mellom 3. mars og 2. april": "2027-03-03/2027-04-02",
        "fra 28. desember til 3. januar": "2026-12-28/2027-01-03", "i januar": "2027-01-01/2027-01-31",
        "fra torsdag": "2026-11-26/", "fra den 3. til den 5. mars": "2027-03-03/2027-03-05",
        "uke 50 og 51": "2026-12-07/2026-12-20",
        "mellom jul og nyttår": "2026-12-27/2026-12-30", "20.12-3.1": "2026-12-20/2027-01-03",
    },
    "en": {"from Monday to Wednesday": "2026-11-30/2026-12-02", "next month": "2026-12-01/2026-12-31",
           "the weekend": "2026-11-28/2026-11-29",
           "from the 3rd to the 5th of March": "2027-03-03/2027-03-05", "March 3rd to 5th": "2027-03-03/2027-03-05"},
    "uk": {"з понеділка до середи": "2026-11-30/2026-12-02", "на вихідних": "2026-11-28/2026-11-29",
           "з 3 до 5 березня": "2027-03-03/2027-03-05", "наступного тижня": "2026-11-30/2026-12-06"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said", "wanted"), [(key, *pair) for key in RANGES for pair in RANGES[key].items()]
)
def test_a_span_of_days_as_callers_say_it(language: str, said: str, wanted: str) -> None:
    assert reading(parse("date_range", said, language)) == wanted


def test_a_span_of_days_said_in_two_parts() -> None:
    slot = slot_type("date_range", {})
    begin = slot.parse("fra torsdag", SlotContext("nb", NOW))
    assert slot.parse("til mandag", SlotContext("nb", NOW, partial=begin.partial)).value == "2026-11-26/2026-11-30"


@given(st.dates(date(1920, 1, 1), date(2080, 12, 31)), st.sampled_from(["nb", "nn", "en", "uk"]))
def test_every_date_in_full_is_read_back_to_itself(day: date, language: str) -> None:
    written = format_date(day, "full", locale={"en": "en_GB"}.get(language, language))
    assert parse("date", written, language, **ANY_DAY).value == str(day)


@given(st.text(max_size=80), st.sampled_from(["nb", "nn", "en", "uk"]), st.sampled_from(["date", "date_range"]))
def test_any_text_gives_a_canonical_date_or_none(said: str, language: str, kind: str) -> None:
    found = parse(kind, said, language, **ANY_DAY)
    for value in (found.value, *found.alternatives):
        for day in value.split("/") if value else ():
            assert str(date.fromisoformat(day)) == day
    assert found == parse(kind, said, language, **ANY_DAY)
