"""What the voice says of a number, a caller may say too: every kind hears its own read-back."""

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from dialog.slots.catalogue import slot_type
from dialog.slots.checksums import is_account, is_kid, is_national_id, is_organisation
from speech.spoken_forms import spell_out
from tests.dialog.slots.said import LANGUAGES, context

languages = st.sampled_from(LANGUAGES)
digits = st.text("0123456789", min_size=4, max_size=10)
amounts = st.decimals(1, 10**6, places=2)


def heard(kind: str, value: str, language: str, **options: object) -> str:
    """The value that is heard in a value's own read-back."""
    slot = slot_type(kind, options)
    return slot.parse(spell_out(slot.read_back(value, language), language), context(language)).value


@given(digits, languages)
def test_digits(value: str, language: str) -> None:
    assert heard("digits", value, language, length=len(value)) == value
    assert heard("digits", value, language, min_length=4, max_length=12) == value


@given(st.from_regex(r"[2-9][0-9]{7}", fullmatch=True), languages)
def test_a_phone_number(value: str, language: str) -> None:
    assert heard("phone", f"+47{value}", language) == f"+47{value}"


@given(st.from_regex(r"[A-Z]{2}[0-9]{4}", fullmatch=True), languages)
@example("AB1111", "nb").via("four of a word that is an article as well")
@example("EN1111", "en")
def test_a_code(value: str, language: str) -> None:
    assert heard("code", value, language, length=6, pattern=r"[A-Z]{2}\d{4}") == value


@given(amounts, languages, st.sampled_from(["", " EUR", " UAH"]))
def test_an_amount(value: Decimal, language: str, currency: str) -> None:
    assert heard("amount", f"{value}{currency}", language) == f"{value}{currency}"


@given(
    st.integers(-(10**6), 10**9).map(str) | st.from_regex(r"[1-9][0-9]{0,3}\.[0-9]?[1-9]", fullmatch=True), languages
)
def test_a_number(value: str, language: str) -> None:
    assert heard("number", value, language) == value


@given(st.text("0123456789", min_size=4, max_size=24), languages)
def test_numbers_with_check_digits(start: str, language: str) -> None:
    for kind, length, passes in (("kid", 25, is_kid), ("orgnr", 9, is_organisation), ("account", 11, is_account)):
        ends = (start[: length - 1] + end for end in "0123456789")
        for value in (each for each in ends if passes(each) and not is_national_id(each)):
            assert heard(kind, value, language) == value
