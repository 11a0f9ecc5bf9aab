"""What the example company looks up and does, in a database that is really written."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dialog.actions import load_actions
from dialog.identity import Identity

NORDLYS = Path(__file__).parent.parent / "bots" / "nordlys"
THURSDAY, SATURDAY, SUNDAY = date(2026, 11, 26), date(2026, 11, 28), date(2026, 11, 29)
PHONE = "+4792243711"


@pytest.fixture
def do() -> Callable[..., Any]:
    """Runs an action by its name; each test has a database of its own, as each start of the program has."""
    actions = load_actions(NORDLYS, [])
    return lambda name, *values: actions[name].function(*values)


def test_reading_the_actions_opens_nothing():
    home = load_actions(NORDLYS, [])["find_order"].function.__globals__["_home"]
    assert home.cache_info().currsize == 0


def test_an_order_is_found_by_its_number_and_its_post_code_together(do):
    assert do("find_order", "402713", "0155").status == "sent"
    assert do("find_order", "402713", "9008").status == "not_found"
    assert do("find_order", "499999", "0155").status == "not_found"


def test_a_parcel_on_its_way_arrives_later_and_a_delivered_one_came_earlier(do):
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    assert do("find_order", "402713", "0155").day > yesterday
    assert do("find_order", "402745", "7010").day < yesterday


def test_an_order_is_cancelled_once_and_stays_cancelled(do):
    assert do("cancel_order", "402720", "9008").status == "cancelled"
    assert do("find_order", "402720", "9008").status == "cancelled"
    assert do("cancel_order", "402720", "9008").status == "too_late"


@pytest.mark.parametrize(("order", "post_code"), [("402713", "0155"), ("402738", "5003"), ("402720", "0155")])
def test_what_is_packed_sent_or_somebody_elses_is_not_cancelled(do, order, post_code):
    before = do("find_order", order, post_code)
    assert do("cancel_order", order, post_code).status == "too_late"
    assert do("find_order", order, post_code) == before


@pytest.mark.parametrize(
    ("order", "post_code", "status"),
    [
        ("402790", "7010", "registered"),
        ("402769", "9008", "too_late"),
        ("402713", "0155", "not_delivered"),
        ("402790", "0155", "not_found"),
    ],
)
def test_a_return_needs_a_parcel_that_came_within_thirty_days(do, order, post_code, status):
    assert do("register_return", order, post_code, "lamp", "regret").status == status


def test_every_case_gets_a_six_digit_number_of_its_own(do):
    numbers = [do("open_case", "power", "Måleren piper", PHONE).number for _ in range(3)]
    assert len(set(numbers)) == 3
    assert all(len(number) == 6 and number.isdigit() for number in numbers)


def test_a_time_is_booked_once_and_the_next_free_one_is_offered(do):
    assert do("book_meeting", THURSDAY, time(10), "Kari Nordmann", PHONE).status == "booked"
    assert do("book_meeting", THURSDAY, time(10, 30), "Kari Nordmann", PHONE).status == "booked"
    taken = do("book_meeting", THURSDAY, time(10), "Ola Nordmann", PHONE)
    assert (taken.status, taken.at) == ("taken", time(11))
    assert do("book_meeting", THURSDAY, taken.at, "Ola Nordmann", PHONE).status == "booked"


def test_the_last_half_hour_of_a_day_has_no_next_one(do):
    assert do("book_meeting", THURSDAY, time(15, 30), "Kari Nordmann", PHONE).status == "booked"
    assert do("book_meeting", THURSDAY, time(15, 30), "Ola Nordmann", PHONE).status == "full"


@pytest.mark.parametrize(
    ("day", "at"), [(SATURDAY, time(11)), (SUNDAY, time(11)), (THURSDAY, time(7)), (date(2027, 5, 17), time(11))]
)
def test_advisers_do_not_work_in_weekends_at_night_or_on_holidays(do, day, at):
    assert do("book_meeting", day, at, "Kari Nordmann", PHONE).status == "closed"


def test_a_meter_never_runs_backwards(do):
    assert do("save_reading", "71503482", 45300).status == "saved"
    low = do("save_reading", "71503482", 45299)
    assert (low.status, low.before) == ("too_low", 45300)
    assert do("save_reading", "12345678", 1).status == "not_found"


def test_an_address_changes_only_by_the_link_sent_to_it(do):
    assert do("change_email", "100234", "0155", "ny@example.no").status == "asked"
    assert do("change_email", "100234", "0155", "kari@example.no").status == "same"
    assert do("change_email", "100234", "9008", "ny@example.no").status == "not_found"


def test_an_invoice_is_found_by_its_amount_however_the_ore_are_written(do):
    assert do("send_invoice", "100241", Decimal("899.5")).status == "sent"
    assert do("send_invoice", "100234", Decimal("899.50")).status == "not_found"


def test_a_payment_is_postponed_once_and_not_too_far(do):
    due = do("send_invoice", "100234", Decimal(1249)).due
    long = do("postpone_payment", "2341001267", due + timedelta(days=15))
    assert (long.status, long.latest) == ("too_long", due + timedelta(days=14))
    moved = do("postpone_payment", "2341001267", long.latest)
    assert (moved.status, moved.due, moved.amount) == ("moved", long.latest, Decimal(1249))
    assert do("send_invoice", "100234", Decimal(1249)).due == long.latest
    assert do("postpone_payment", "2341001267", due).status == "already"


@pytest.mark.parametrize(("kid", "status"), [("2341000947", "overdue"), ("2581001266", "already"), ("1", "not_found")])
def test_some_payments_cannot_be_postponed(do, kid, status):
    assert do("postpone_payment", kid, date(2026, 12, 1)).status == status


def test_the_newsletter_is_stopped_once(do):
    assert [do("stop_newsletter", customer).status for customer in ("100234", "100234", "999999")] == [
        "stopped",
        "already",
        "not_found",
    ]


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (THURSDAY, (time(8), time(16))),
        (SATURDAY, (time(10), time(14))),
        (SUNDAY, (None, None)),
        (date(2026, 12, 24), (None, None)),
        (date(2027, 5, 17), (None, None)),
    ],
)
def test_opening_hours_know_holidays(do, day, hours):
    found = do("find_opening", day)
    assert (found.opens, found.closes) == hours
    assert found.status == ("open" if hours[0] else "closed")


def test_calls_at_the_same_time_share_one_database(do):
    with ThreadPoolExecutor(4) as threads:
        cases = list(threads.map(lambda _: do("open_case", "item", "Lampa blinker", PHONE).number, range(12)))
    assert len(set(cases)) == 12


def test_only_the_customer_whose_number_it_is_may_change_where_money_goes(do):
    kari = Identity("sms", "low", "+4799999999", "+4799999999")
    nobody = (Identity("sms", "low", PHONE, PHONE), Identity("id.example.com", "high", "person-1", None))
    assert do("find_payout", kari).ending == "7947"
    for other in nobody:
        assert do("find_payout", other).status == "unknown"
        with pytest.raises(LookupError):
            do("change_payout", "97101234561", other)
    assert do("change_payout", "97101234561", kari).status == "changed"
    assert do("change_payout", "97101234561", kari).status == "same"
    assert do("find_payout", kari).ending == "4561"
