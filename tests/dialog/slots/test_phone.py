"""Phone numbers as callers give them."""

import pytest

from dialog.slots import Parsed
from dialog.slots.catalogue import slot_type
from tests.dialog.slots.said import context

PHONE = slot_type("phone", {})


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("nitti to, tjuefire, trettisju elleve", "nb"),
        ("92 24 37 11", "nb"),
        ("+47 922 43 711", "nb"),
        ("0047 92243711", "nb"),
        ("pluss førti sju ni to to fire tre sju elleve", "nb"),
        ("nummeret mitt er ni to to fire tre sju en en", "nb"),
        ("to og nitti, fire og tyve, sju og tredve, elleve", "nb"),
        ("nine double two four three seven double one", "en"),
        ("дев'яносто два, двадцять чотири, тридцять сім, одинадцять", "uk"),
    ],
)
def test_a_norwegian_number(said, language):
    assert PHONE.parse(said, context(language)).value == "+4792243711"


def test_a_foreign_number_is_read_back_first():
    assert PHONE.parse("+46 70 123 45 67", context()) == Parsed(
        value="+46701234567", words="46 70 123 45 67", sure=False
    )
    assert PHONE.parse("нуль шістдесят сім 123 45 67", context("uk")).value == "+380671234567"


def test_half_a_number_waits_for_the_rest():
    partial = PHONE.parse("922 43", context()).partial
    assert PHONE.listen(partial) == ("digits", 3)
    assert PHONE.parse("sju elleve", context(partial=partial)).value == "+4792243711"


@pytest.mark.parametrize(("said", "fault"), [("12345678", "pattern"), ("922437119", "too_long")])
def test_what_is_no_phone_number(said, fault):
    assert PHONE.parse(said, context()).fault == fault


def test_an_order_number_in_passing_is_no_phone_number():
    assert not PHONE.parse("hvor er ordre 40012345", context(expected=False))
    assert PHONE.parse("ring meg på 40012345", context(expected=False)).value == "+4740012345"


def test_a_correction_keeps_the_country():
    assert PHONE.correct("+4792243711", "nei, tolv på slutten", context()).value == "+4792243712"


def test_keys():
    assert PHONE.keys("9224371", context()) == Parsed(partial="9224371")
    assert PHONE.keys("92243711", context()).value == "+4792243711"
    assert PHONE.keys("004692243711#", context()).value == "+4692243711"
    assert PHONE.keys("9224#", context()).fault == "too_short"


def test_the_country_code_is_not_read_back_to_norwegians():
    assert PHONE.read_back("+4792243711", "nb") == "{92243711|phone}"
    assert PHONE.read_back("+46701234567", "nb") == "{+46701234567|phone}"
