"""Order numbers and their like: heard whole, in parts, mended, typed."""

import pytest

from dialog.slots import Parsed
from dialog.slots.catalogue import slot_type
from tests.dialog.slots.said import context

ORDER = slot_type("digits", {"length": 6})


@pytest.mark.parametrize(
    "said",
    [
        "402 713",
        "4027 1 3",
        "fire null to sju en tre",
        "Ordrenummeret er fire hundre og to, sju hundre og tretten.",
        "det er 402713 tror jeg",
        "altså 40 eh 27 eh 13",
        "fire null to, nei, fire null to sju en tre",
        "fire null åtte nei to sju en tre",
        "fire null to sju en åtte, nei, tre",
        "402 713, unnskyld, 713",
        "402718, nei, tre på slutten",
        "402713, altså fire null to sju en tre",
        "fir null to, sjau ein tre",
    ],
)
def test_an_order_number_however_it_is_said(said):
    assert ORDER.parse(said, context()).value == "402713"


def test_the_length_chooses_among_readings_and_asks_to_be_sure():
    assert ORDER.parse("førti to syv tretten", context()) == Parsed(
        value="402713", words="førti to syv tretten", sure=False
    )


def test_two_numbers_that_fit_are_two_answers():
    assert ORDER.parse("402713 eller 555666", context()).alternatives == ("402713", "555666")


@pytest.mark.parametrize(
    "said", ["jeg har bestilt to pakker i forrige uke", "jeg har to ordre", "et øyeblikk", "hva mener du", ""]
)
def test_other_words_are_no_number(said):
    assert ORDER.parse(said, context()) == Parsed()


def test_a_number_said_in_three_turns():
    partial = ORDER.parse("det begynner på fire null", context()).partial
    partial = ORDER.parse("to og så sju", context(partial=partial)).partial
    assert partial == "4027"
    assert ORDER.listen(partial) == ("digits", 2)
    assert ORDER.parse("tretten", context(partial=partial)).value == "402713"


def test_who_begins_anew_is_not_taken_for_going_on():
    assert ORDER.parse("402713", context(partial="402")).value == "402713"


def test_too_many_digits_are_a_fault():
    assert ORDER.parse("4027134", context()).fault == "too_long"


def test_in_passing_only_the_unmistakable_counts():
    passing = context(expected=False)
    assert ORDER.parse("hvor er ordre 402713", passing).value == "402713"
    assert not ORDER.parse("jeg ringte 402 ganger", passing)
    assert not slot_type("digits", {"length": 4}).parse("jeg bestilte i 2026", passing)
    assert not slot_type("digits", {"length": 8}).parse("jeg bestilte 24.12.2026", passing)
    assert not slot_type("digits", {"length": 8}).parse("mobilen min er 92243711", passing)


def test_two_numbers_in_one_breath_leave_each_other_alone():
    said = "402713, postnummer 0155"
    assert ORDER.parse(said, context()).words == "402713"
    assert slot_type("post_code", {}).parse(said, context(expected=False)).value == "0155"


def test_an_amount_is_no_part_of_a_number():
    assert not ORDER.parse("den kostet 499 kroner", context())


def test_a_prefix_may_be_said_or_left_out():
    order = slot_type("digits", {"length": 4, "prefix": "AB"})
    assert order.parse("AB1234", context()).value == "AB1234"
    assert order.parse("tolv trettifire", context()).value == "AB1234"
    assert order.read_back("AB1234", "nb") == "{AB1234|id}"


def test_a_pattern_refuses_what_does_not_match():
    order = slot_type("digits", {"length": 6, "pattern": r"4\d{5}"})
    assert order.parse("402713", context()).value == "402713"
    assert order.parse("502713", context()).fault == "pattern"


@pytest.mark.parametrize(
    ("said", "language", "value"),
    [
        ("nei, sju på slutten", "nb", "405717"),
        ("det siste er en åtte", "nb", "405718"),
        ("det siste sifferet er åtte", "nb", "405718"),
        ("nei, det begynner med sju", "nb", "705713"),
        ("ikke 13, men 31", "nb", "405731"),
        ("sju, ikke fem", "nb", "407713"),
        ("not five, nine", "en", "409713"),
        ("not five nine", "en", "409713"),
        ("change the five to nine", "en", "409713"),
        ("the last two are one five", "en", "405715"),
        ("det tredje sifferet er ni", "nb", "409713"),
        ("nest siste er null", "nb", "405703"),
        ("остання цифра вісім", "uk", "405718"),
        ("не п'ять, а дев'ять", "uk", "409713"),
        ("nei, sju en fire", "nb", "405714"),
        ("de siste tre er 714", "nb", "405714"),
        ("de to siste skal være en fire", "nb", "405714"),
        ("nei, tretten skal være fjorten", "nb", "405714"),
        ("du sa 405713, det er 405714", "nb", "405714"),
        ("nei, fire null fem sju en fire", "nb", "405714"),
        ("det skal vere ein åtte på slutten", "nn", "405718"),
    ],
)
def test_a_correction(said, language, value):
    mended = ORDER.correct("405713", said, context(language))
    assert (mended.value, mended.sure) == (value, False)


def test_a_correction_that_fits_twice_asks_which():
    assert ORDER.correct("405753", "ikke fem, ni", context()).alternatives == ("409753", "405793")


@pytest.mark.parametrize("said", ["nei", "ja det stemmer", "har dere åpent til fem", "kan du gjenta det", "fire"])
def test_what_is_no_correction(said):
    assert ORDER.correct("405713", said, context()) == Parsed()


def test_keys_end_at_the_length_or_the_hash():
    assert ORDER.keys("402", context()) == Parsed(partial="402")
    assert ORDER.keys("402713", context()).value == "402713"
    assert ORDER.keys("402#", context()).fault == "too_short"
    assert ORDER.keys("99*402713", context()).value == "402713"
    assert ORDER.keys("713#", context(partial="402")).value == "402713"


def test_check_digits_choose_the_reading():
    orgnr = slot_type("orgnr", {})
    assert orgnr.parse("974 760 673", context()).value == "974760673"
    assert orgnr.parse("ni sju fire, sju seksti, seks sju tre", context()).value == "974760673"
    assert orgnr.parse("974 760 674", context()).fault == "checksum"
    assert orgnr.read_back("974760673", "nb") == "{974760673|orgnr}"


def test_a_kid_by_either_rule():
    assert slot_type("kid", {}).parse("98 76 54 1", context()).value == "9876541"
    assert slot_type("kid", {}).parse("98 76 54 5", context()).value == "9876545"
    assert slot_type("kid", {"modulus": 10}).parse("9876545", context()).fault == "checksum"
    assert slot_type("kid", {"modulus": 11}).parse("9876541", context()).fault == "checksum"


def test_a_meter_reading_is_a_number_too():
    meter = slot_type("meter_reading", {"length": 5, "min": 12000})
    assert meter.parse("tolv tusen tre hundre og førtifem kilowattimer", context()).value == "12345"
    assert meter.parse("en to tre fire fem", context()).value == "12345"
    assert meter.parse("11 999", context()).fault == "range"
    assert slot_type("meter_reading", {}).parse("12 345,6 kWh", context()).value == "12345"
