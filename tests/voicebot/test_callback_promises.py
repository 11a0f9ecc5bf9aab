"""What is promised in opening hours, and what callers and agents read and hear of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.callback_rules import CallbackRules
from dialog.hours import Hours, read_intervals, week
from telephony.twilio.twiml import check_rest_size
from tests.dialog.conftest import OSLO, TUESDAY_MORNING
from tests.voicebot.records.talks import small_bot
from voicebot.callbacks.asking import may_be_called
from voicebot.callbacks.promises import LATE_AFTER, MOST_TRIES, deadline_of, next_try, tried_out, within
from voicebot.callbacks.words import call_words, missed_text, promise_text
from voicebot.records.callbacks import CallbackRow

DAY_HOURS = Hours("Europe/Oslo", week((day, read_intervals("08:00-16:00")) for day in range(5)), holidays="NO")
NIGHT_SHIFT = Hours("Europe/Oslo", week((day, read_intervals("22:00-06:00")) for day in range(7)))
NEVER = Hours("Europe/Oslo", week([]))
FRIDAY = datetime(2026, 11, 27, 15, 30, tzinfo=OSLO)
ROW = CallbackRow(
    "c" * 32, "d" * 32, "callback", "desk", "nb", "fakturaen for oktober!", "+4792243711",
    None, None, FRIDAY, "taken", 0, None, "ada", TUESDAY_MORNING, True, "+4721000000", "",
)  # fmt: skip


def oslo(moment: datetime) -> str:
    return f"{moment.astimezone(OSLO):%a %d.%m. %H:%M}"


def test_a_try_promises_what_a_call_would() -> None:
    bot, rules = replace(small_bot(), hours=DAY_HOURS), CallbackRules(deadline_hours=8, sms=True)
    soon = tried_out(bot, rules, {"department": "gone"}, TUESDAY_MORNING)
    assert oslo(datetime.fromisoformat(soon["until"])) == "Wed 25.11. 10:00" and soon["sms"] == "yes"
    at_nine = {"wanted": "2026-11-27T09:00:00+01:00"}
    assert datetime.fromisoformat(tried_out(bot, rules, at_nine, TUESDAY_MORNING)["until"]) == (
        datetime.fromisoformat(at_nine["wanted"]) + LATE_AFTER
    )
    span = {**at_nine, "until": "2026-11-27T11:00:00+01:00"}
    assert tried_out(bot, rules, span, TUESDAY_MORNING)["until"] == span["until"]


def test_a_deadline_counts_the_hours_in_which_somebody_is_there() -> None:
    assert oslo(deadline_of(DAY_HOURS, TUESDAY_MORNING, 8)) == "Wed 25.11. 10:00"
    assert oslo(deadline_of(DAY_HOURS, FRIDAY, 8)) == "Mon 30.11. 15:30", "the weekend does not count"
    christmas = datetime(2026, 12, 24, 15, 0, tzinfo=OSLO)
    assert oslo(deadline_of(DAY_HOURS, christmas, 2)) == "Mon 28.12. 09:00", "nor do public holidays"
    assert deadline_of(None, FRIDAY, 8) == FRIDAY + timedelta(hours=8)


def test_an_hour_that_summer_time_takes_away_or_gives_is_counted_as_it_is() -> None:
    spring = datetime(2027, 3, 27, 23, 0, tzinfo=OSLO)  # the clock goes from 02:00 to 03:00 in that night
    assert oslo(deadline_of(NIGHT_SHIFT, spring, 5)) == "Sun 28.03. 05:00"
    autumn = datetime(2026, 10, 24, 23, 0, tzinfo=OSLO)
    assert oslo(deadline_of(NIGHT_SHIFT, autumn, 5)) == "Sun 25.10. 03:00"


def test_a_time_outside_the_hours_becomes_the_next_opening() -> None:
    assert within(DAY_HOURS, TUESDAY_MORNING) == TUESDAY_MORNING
    assert oslo(within(DAY_HOURS, FRIDAY + timedelta(hours=4))) == "Mon 30.11. 08:00"
    assert within(NEVER, FRIDAY) == FRIDAY, "who is never open has promised something else"


def test_it_is_tried_again_in_half_an_hour_then_in_two_then_it_is_given_up() -> None:
    assert next_try(DAY_HOURS, 1, TUESDAY_MORNING) == TUESDAY_MORNING + timedelta(minutes=30)
    assert oslo(next_try(DAY_HOURS, 2, FRIDAY) or FRIDAY) == "Mon 30.11. 08:00"
    assert next_try(DAY_HOURS, MOST_TRIES, FRIDAY) is None


@settings(max_examples=60)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),
    st.integers(1, 80),
    st.sampled_from([DAY_HOURS, NIGHT_SHIFT]),
)
def test_so_many_open_hours_lie_before_a_deadline_and_it_is_open_then(now: datetime, hours: int, when: Hours) -> None:
    end = deadline_of(when, now, hours)
    worked = sum((min(last, end) - first for first, last in when.openings(now, 90) if first < end), timedelta())
    assert worked == timedelta(hours=hours)
    assert when.is_open(end - timedelta(minutes=1))


@settings(max_examples=60)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)))
def test_openings_are_open_and_between_them_it_is_closed(now: datetime) -> None:
    end = now
    for first, last in NIGHT_SHIFT.openings(now, 3):
        assert end <= first < last
        assert NIGHT_SHIFT.is_open(first)
        assert not NIGHT_SHIFT.is_open(last)
        end = last


@pytest.mark.parametrize(
    ("number", "callable_"),
    [
        ("+4792243711", True),
        ("+4722000011", True),
        ("+47580000000000", False),
        ("+4782012345", False),
        ("+4781512345", False),
        ("+4702012", False),
        ("+46701234567", True),
        ("+881600000000", False),
        ("92243711", False),
        ("", False),
    ],
)
def test_numbers_that_cost_whoever_rings_them_are_not_called(number: str, callable_: bool) -> None:
    assert may_be_called(number, ("+47", "+46")) is callable_


def test_a_message_to_the_caller_says_what_was_promised_and_nothing_of_what_they_said() -> None:
    bot = small_bot()
    assert promise_text(bot, ROW) == (
        "Hei! Lysverket ringer deg innen fredag 27.11. kl. 15.30. Trenger du det ikke lenger, ring oss på +4721000000."
    )
    wanted = replace(ROW, wanted=TUESDAY_MORNING, language="en", called="")
    assert promise_text(bot, wanted) == (
        "Hello! Lysverket will call you Tuesday 24/11 at 10:00. If that no longer suits you, please call us."
    )
    for language in ("nb", "nn", "en", "uk"):
        for row in (replace(ROW, language=language), replace(ROW, language=language, kind="message")):
            for text in (promise_text(bot, row), missed_text(bot, row)):
                assert "faktura" not in text
                assert len(text) <= 160 if language != "uk" else len(text) <= 201, "two parts of a message at most"
                check_rest_size(text)


def test_what_the_agent_hears_before_the_key_gives_nobody_away_and_after_it_says_what_and_for_whom() -> None:
    bot = small_bot()
    row = replace(ROW, tries=2, own=False, language="uk", wanted=TUESDAY_MORNING)
    words = call_words(bot, row)
    assert words.whisper.text == (
        "Oppringing fra Lysverket. Trykk 1 for å høre hva det gjelder og ringe kunden. Trykk 2 for å la være."
    )
    assert words.brief.text == (
        "Kunden har bedt om å bli ringt opp. Det gjelder: fakturaen for oktober. Avtalt tid er tirsdag klokka 10:00. "
        "Vi har prøvd 2 ganger før. Nummeret er et annet enn det kunden ringte fra. Kunden snakker ukrainsk. "
        "Nå ringer vi kunden. Trykk stjerne for å legge på hvis en telefonsvarer svarer."
    )
    assert call_words(bot, replace(ROW, language="en")).brief.language == "en"
