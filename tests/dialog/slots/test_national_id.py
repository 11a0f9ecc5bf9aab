"""Fødselsnummer and D-numbers: recognised in any answer, refused, cut out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.slots.catalogue import slot_type
from dialog.slots.national_id import holds_national_id, without_national_ids
from tests.dialog.slots.said import context, national_id, number_words, one_by_one

OPEN_KINDS = ("digits", "phone", "amount", "number", "meter_reading", "text", "yes_no")
CHECKED_KINDS = ("kid", "account", "orgnr")

numbers_of_people = st.builds(
    lambda birth, individual: national_id(birth, individual),
    st.dates().map(lambda day: day.strftime("%d%m%y")),
    st.integers(0, 999),
).filter(bool)
d_numbers = st.builds(
    lambda birth, individual: national_id(f"{int(birth[0]) + 4}{birth[1:]}", individual),
    st.dates().map(lambda day: day.strftime("%d%m%y")),
    st.integers(0, 999),
).filter(bool)


def spoken(digits: str, way: int) -> str:
    """Figures, figures in two groups, digit by digit, or in pairs."""
    pairs = [digits[place : place + 2] for place in range(0, 10, 2)]
    ways = (
        digits,
        f"{digits[:6]} {digits[6:]}",
        one_by_one(digits, "nb"),
        ", ".join(one_by_one(p, "nb") if p[0] == "0" else number_words(int(p), "nb") for p in [*pairs, digits[10]]),
    )
    return ways[way]


@given(numbers_of_people | d_numbers, st.integers(0, 3), st.sampled_from(OPEN_KINDS), st.sampled_from(["", "det er "]))
def test_it_is_never_a_value(digits, way, kind, before):
    found = slot_type(kind, {}).parse(before + spoken(digits, way), context())
    assert found.fault == "national_id" or (kind == "yes_no" and not found)


@given(numbers_of_people | d_numbers, st.integers(0, 3), st.sampled_from(OPEN_KINDS + CHECKED_KINDS))
def test_with_its_name_it_is_refused_by_every_kind(digits, way, kind):
    found = slot_type(kind, {}).parse(f"fødselsnummeret mitt er {spoken(digits, way)}", context())
    assert found.fault == "national_id" or (kind == "yes_no" and not found)


@given(numbers_of_people, st.integers(0, 3))
def test_it_is_cut_out_of_any_sentence(digits, way):
    kept, found = without_national_ids(f"Hei, jeg heter Kari og er {spoken(digits, way)}, takk", "nb")
    assert found
    assert kept == "Hei, jeg heter Kari og er …, takk"


@given(numbers_of_people)
def test_it_is_refused_from_the_keypad(digits):
    assert slot_type("digits", {"length": 11}).keys(digits, context()).fault == "national_id"


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("personnummeret er en to tre fire fem", "nb"),
        ("my national identity number ends in 12345", "en"),
        ("ідентифікаційний номер один два три чотири п'ять", "uk"),
    ],
)
def test_its_last_five_digits_are_it_when_they_are_called_so(said, language):
    assert holds_national_id(said, language)


@pytest.mark.parametrize(
    "said",
    ["ordrenummer 402713", "jeg har ikke personnummer, men ordrenummer 402713", "01019012345", "hva er et D-nummer"],
)
def test_other_numbers_stay(said):
    assert without_national_ids(said, "nb") == (said, False)
