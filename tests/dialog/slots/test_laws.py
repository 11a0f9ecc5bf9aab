"""What holds for every number and every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.slots import Parsed
from dialog.slots.catalogue import SLOT_KINDS, slot_type
from dialog.slots.checksums import is_account, is_kid, is_organisation
from dialog.slots.spoken_numbers import digit_strings, numbers
from tests.dialog.slots.said import LANGUAGES, context, in_groups, number_words, old_counting, one_by_one

OPTIONS: dict[str, dict[str, object]] = {
    "choice": {"choices": {"a": {"nb": ["strøm"]}, "b": {"nb": ["nett"]}}},
    "code": {"pattern": r"[A-Z]*\d+"},
}
WORDS = (
    "null en to tre fire fem ni ti tolv tjue førti nittito toogtyve hundre tusen og komma halv dobbel ganger nuller "
    "nei ikke siste slutten kroner øre + 402 713 0 07 12,5 . , - one for to сто два п'ять personnummer ja ² ٣"
).split()

languages = st.sampled_from(LANGUAGES)
digit_rows = st.text("0123456789", min_size=1, max_size=12)
sayings = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=60)
CHECKED = {"kid": is_kid, "account": is_account, "orgnr": is_organisation}


@given(digit_rows, languages)
def test_digits_said_one_by_one_are_heard(digits, language):
    assert digit_strings(one_by_one(digits, language), language)[0] == digits


@given(st.lists(st.text("0123456789", min_size=1, max_size=3), min_size=1, max_size=5), languages)
def test_digits_said_in_groups_are_heard(groups, language):
    assert digit_strings(in_groups(groups, language), language)[0] == "".join(groups)


@given(st.integers(0, 10**9 - 1), languages)
def test_a_number_in_words_is_heard(value, language):
    assert [found.value for found in numbers(number_words(value, language), language)] == [value]


@given(st.integers(21, 99).filter(lambda value: value % 10), st.booleans())
def test_the_old_way_of_counting(value, apart):
    said = old_counting(value).replace("og", " og ") if apart else old_counting(value)
    assert digit_strings(said, "nb")[0] == str(value)


@given(st.text("0123456789", min_size=2, max_size=10), st.data(), languages)
def test_a_number_in_two_parts_is_the_number(digits, data, language):
    kind = slot_type("digits", {"length": len(digits)})
    cut = data.draw(st.integers(1, len(digits) - 1))
    first = kind.parse(one_by_one(digits[:cut], language), context(language))
    assert first.partial == digits[:cut]
    whole = kind.parse(one_by_one(digits[cut:], language), context(language, first.partial))
    assert whole.value == digits


@given(st.text("0123456789", min_size=3, max_size=10), st.data())
def test_a_digit_mended_by_its_place(digits, data):
    place = data.draw(st.sampled_from([0, -1]))
    new = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    said = f"nei, {one_by_one(new, 'nb')} {'på slutten' if place else 'først'}"
    mended = slot_type("digits", {"length": len(digits)}).correct(digits, said, context())
    assert mended.value == (digits[:-1] + new if place else new + digits[1:])


@given(
    st.sampled_from(sorted(SLOT_KINDS)),
    sayings,
    sayings,
    languages,
    st.booleans(),
    st.text("0123456789*#+", max_size=12),
)
def test_no_words_and_no_keys_raise(kind, said, partial, language, expected, pressed):
    one = slot_type(kind, OPTIONS.get(kind, {}))
    moment = context(language, partial, expected)
    for found in (one.parse(said, moment), one.keys(pressed, moment), one.correct("402713", said, moment)):
        assert isinstance(found, Parsed)
        assert sum(map(bool, (found.value, found.alternatives, found.partial, found.fault))) <= 1
        assert len(found.alternatives) != 1
        if found.value:
            assert one.read_back(found.value, language)
    one.listen(partial)


@pytest.mark.parametrize("kind", sorted(CHECKED))
@given(said=sayings | digit_rows | st.text("0123456789", min_size=9, max_size=11), language=languages)
def test_check_digits_are_right_in_every_value(kind, said, language):
    one = slot_type(kind, {})
    for found in (
        one.parse(said, context(language)),
        one.keys(said, context(language)),
        one.correct("974760673", said, context()),
    ):
        assert all(CHECKED[kind](value) for value in (found.value, *found.alternatives) if value)


def test_a_caller_who_cannot_decide_costs_no_recursion():
    for kind in sorted(SLOT_KINDS):
        slot_type(kind, OPTIONS.get(kind, {})).parse("nei 1 " * 200, context())
