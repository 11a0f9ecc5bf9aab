"""Money and plain numbers."""

import pytest

from dialog.slots.catalogue import slot_type
from tests.dialog.slots.said import context

AMOUNT, NUMBER = slot_type("amount", {}), slot_type("number", {})


@pytest.mark.parametrize(
    ("said", "language", "value"),
    [
        ("499 kroner og 50 øre", "nb", "499.50"),
        ("kr 1 499,50", "nb", "1499.50"),
        ("499,-", "nb", "499.00"),
        ("femten hundre kroner", "nb", "1500.00"),
        ("femti øre", "nb", "0.50"),
        ("nittini komma femti", "nb", "99.50"),
        ("to og et halvt tusen", "nb", "2500.00"),
        ("halvannen", "nb", "1.50"),
        ("en tusenlapp", "nb", "1000.00"),
        ("fire nittini", "nb", "499.00"),
        ("to kroner 23", "nb", "2.23"),
        ("regninga er på eitt tusen og fem kroner", "nn", "1005.00"),
        ("jeg betalte 200 kroner den 5. mai", "nb", "200.00"),
        ("fire hundre, nei, fem hundre", "nb", "500.00"),
        ("twenty euros", "en", "20.00 EUR"),
        ("two hundred and fifty kroner", "en", "250.00"),
        ("£9", "en", "9.00 GBP"),
        ("сто двадцять гривень", "uk", "120.00 UAH"),
        ("п'ятсот крон п'ятдесят ере", "uk", "500.50"),
        ("10 svenske kroner", "nb", "10.00 SEK"),
    ],
)
def test_an_amount(said, language, value):
    assert AMOUNT.parse(said, context(language)).value == value


@pytest.mark.parametrize(
    ("said", "language", "values"),
    [
        ("300 eller 400 kroner", "nb", ("300.00", "400.00")),
        ("ti cent", "nb", ("0.10 EUR", "0.10 USD")),
        ("four ninety-nine", "en", ("4.99", "499.00")),
        ("nittini nitti", "nb", ("99.90", "9990.00")),
    ],
)
def test_an_amount_that_may_be_two(said, language, values):
    assert AMOUNT.parse(said, context(language)).alternatives == values


def test_a_number_that_counts_something_else_is_read_back():
    assert AMOUNT.parse("500", context()).sure
    assert not AMOUNT.parse("20 stykker", context()).sure


def test_in_passing_an_amount_needs_its_currency():
    passing = context(expected=False)
    assert AMOUNT.parse("jeg fikk en regning på 499 kroner", passing).value == "499.00"
    assert not AMOUNT.parse("jeg har ringt 3 ganger", passing)


def test_an_amount_is_held_to_its_limits_and_read_back_with_its_mark():
    assert slot_type("amount", {"max": 1000}).parse("1500 kroner", context()).fault == "range"
    assert AMOUNT.read_back("499.50", "nb") == "{499.50|nok}"
    assert AMOUNT.read_back("20.00 EUR", "en") == "{20.00|eur}"


def test_keys_take_kroner_and_after_a_star_ore():
    assert AMOUNT.keys("499*50#", context()).value == "499.50"
    assert AMOUNT.keys("499", context()).partial == "499"
    assert NUMBER.keys("12*5#", context()).value == "12.5"


def test_another_amount_behind_a_no():
    assert AMOUNT.correct("500.00", "nei, femten hundre", context()).value == "1500.00"
    assert not AMOUNT.correct("500.00", "ja, det stemmer", context())


@pytest.mark.parametrize(
    ("said", "language", "value"),
    [
        ("tolv komma fem", "nb", "12.5"),
        ("fjerde etasje", "nb", "4"),
        ("vi er fire personer", "nb", "4"),
        ("en", "nb", "1"),
        ("minus tre", "nb", "-3"),
        ("et dusin", "nb", "12"),
        ("vi blir 10 den 24.12.2026 klokka 18:30", "nb", "10"),
        ("2,5 millioner", "nb", "2500000"),
        ("нас троє", "uk", "3"),
        ("about forty two", "en", "42"),
        ("четвертий", "uk", "4"),
    ],
)
def test_a_number(said, language, value):
    assert NUMBER.parse(said, context(language)).value == value


def test_a_part_of_a_whole_is_no_number():
    assert not NUMBER.parse("en tredjedel", context())
    assert not NUMBER.parse("tre kvart", context())


def test_a_number_outside_its_limits():
    assert slot_type("number", {"min": 1, "max": 8}).parse("tolv", context()).fault == "range"
    assert NUMBER.parse("to eller tre", context()).alternatives == ("2", "3")
    assert NUMBER.correct("2", "nei, ikke to, men tre", context()).value == "3"
